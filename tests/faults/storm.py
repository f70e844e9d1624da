#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: GPL-2.0-or-later
"""storm.py - many calls of the bridge at once, at bad moments

  storm.py RELOAD many N       N first ADDs at once, then N DELs at once; between them a CHECK
                               of each tenth, where nobody takes our table away
  storm.py RELOAD deletes ROUNDS N
                               N DELs of one attachment at once, ROUNDS times
  storm.py RELOAD overlap ROUNDS
                               an ADD that a DEL of the same attachment meets, then one DEL;
                               until that many have met
  storm.py RELOAD chaos CYCLES WORKERS
                               attachments come and go; half of the ADDs are killed at a
                               random moment, half of the namespaces are gone before the DEL

All of it while others, in a loop, make and remove links and nft tables and reload the
firewall.  RELOAD is "flush", by a flush of the ruleset, which takes our table, too, or
"own", their own tables alone: what we leave in ours is there to be seen.  The last line
is the figures; exit status 1 when anything was left, given twice or had to be tried
again.  SEED=N repeats the random choices.
"""

import collections
import json
import multiprocessing
import os
import random
import resource
import signal
import socket
import struct
import subprocess
import sys
import time

import runtime
from runtime import Call, call

SEED = int(os.environ.get("SEED", time.time_ns() % 1000000))
CONF = {
    "cniVersion": "1.1.0",
    "name": "net",
    "type": "bridge",
    "bridge": "fb0",
    "isDefaultGateway": True,
    "ipMasq": True,
    "macspoofchk": True,
    "ipam": {
        "type": "host-local",
        "ranges": [[{"subnet": "10.1.0.0/16"}], [{"subnet": "fd00:1::/64"}]],
    },
}
STDIN = json.dumps(CONF).encode()
SO_RCVBUFFORCE = 33
RTMGRP_LINK = 1
IFLA_ADDRESS = 1
IFLA_IFNAME = 3
CLAIMS = "/run/claims"
OVERTAKEN = (11, 100)  # the codes with which an ADD fails that a DEL overtook (README.md)


class Wrong(Exception):
    """What must not happen."""


def insist(true, *words):
    if not true:
        raise Wrong(" ".join(map(str, words)))


def is_quiet(ended):
    return ended.status == 0 and not ended.out


# --- the others


LINKS = """
link add churn0 type veth peer name churn1
link add churn2 type bridge
link del churn0
link del churn2
"""

TABLES = """
add table inet churn
add set inet churn s { type ipv4_addr; }
add element inet churn s { 10.1.0.2 }
delete table inet churn
"""

RELOADS = {
    "flush": "flush ruleset",
    "own": "table inet filter; delete table inet filter; table ip nat; delete table ip nat",
}

FIREWALL = """
table inet filter {
	set admins { type ipv4_addr; elements = { 192.0.2.1, 192.0.2.2 }; }
	chain input { type filter hook input priority 0; ip saddr @admins accept; }
}
table ip nat {
	chain prerouting { type nat hook prerouting priority -100; }
}
"""


def again_and_again(command, text, over, rounds):
    while not over.wait(0.02):
        ended = subprocess.run(command, check=False, text=True, capture_output=True, input=text)
        rounds.value += ended.returncode == 0


class Others:
    """Whoever else works on the host; ended with the block, in which each got something done."""

    def __init__(self, reload):
        nft = ["nft", "-f", "-"]
        self.todo = {
            "links": (["ip", "-batch", "-"], LINKS),
            "tables": (nft, TABLES),
            "firewall": (nft, RELOADS[reload] + FIREWALL),
        }
        self.over = multiprocessing.Event()
        self.rounds = {what: multiprocessing.Value("Q", lock=False) for what in self.todo}
        self.processes = [multiprocessing.Process(target=again_and_again, daemon=True,
                                                  args=(*todo, self.over, self.rounds[what]))
                          for what, todo in self.todo.items()]

    def __enter__(self):
        for command, text in self.todo.values():
            subprocess.run(command, check=True, text=True, input=text)
        for process in self.processes:
            process.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        for process in self.processes:
            process.join()

    def figures(self):
        """The rounds that went well, the first ones aside."""
        done = {what: rounds.value for what, rounds in self.rounds.items()}
        insist(all(done.values()), "others got nothing done:", done)
        return "others meanwhile: " + ", ".join(f"{n} times {what}" for what, n in done.items())


# --- judgement


def claim(result, owner):
    """Nobody else may hold what this ADD was given.  Return: the claims."""
    claims = [f"{CLAIMS}/{ip['address'].split('/')[0]}" for ip in result["ips"]]
    for path in claims:
        try:
            os.symlink(owner, path)
        except FileExistsError:
            raise Wrong(f"{path} is {owner}'s and {os.readlink(path)}'s") from None
    return claims


def given(ended):
    insist(ended.status == 0, ended)
    documents = ended.documents()
    insist(documents is not None and len(documents) == 1 and len(documents[0]["ips"]) == 2, ended)
    return documents[0]


def given_to(pod):
    """An ADD that must succeed."""
    ended = call("ADD", pod, STDIN)
    given(ended)
    return ended


def insist_nothing_left():
    found = runtime.left_at_last()
    insist(not found, f"{len(found)} left:", *found[:20])
    insist_nobody_left()


def insist_nobody_left():
    """What a plugin leaves behind, running or dead, is our child: see adopt()."""
    helpers = {process.pid for process in multiprocessing.active_children()}
    found = {pid: what for pid, what in runtime.children().items() if pid not in helpers}
    insist(not found, "processes left:", found)


def usual_span():
    """What an ADD takes on a host that has seen one, s."""
    runtime.netns_add("usual")
    for _ in range(2):
        span = given_to("usual").took
        insist(is_quiet(call("DEL", "usual", STDIN)))
    runtime.netns_del("usual")
    return span


# --- the storms


class Held(Call):
    """A call that has begun and waits for the end of its configuration: go() gives it."""

    def __init__(self, verb, pod, **more):
        stdin, self.gate = os.pipe()
        os.write(self.gate, STDIN)
        super().__init__(verb, pod, stdin, **more)
        os.close(stdin)

    def go(self):
        self.began = time.monotonic()
        os.close(self.gate)


def is_over(calling, seconds):
    """Has it ended by itself within that time?"""
    try:
        calling.process.wait(seconds)
        return True
    except subprocess.TimeoutExpired:
        return False


def at_once(verb, pods):
    """One call for each pod, all at one moment.  Return: how they ended, and the seconds."""
    held = [Held(verb, pod) for pod in pods]
    began = time.monotonic()
    for each in held:
        each.go()
    return [each.end() for each in held], time.monotonic() - began


def check(ended, pod):
    """What this ADD made must stand."""
    stdin = json.dumps(CONF | {"prevResult": given(ended)}).encode()
    checked = call("CHECK", pod, stdin)
    insist(is_quiet(checked), checked)


def many(reload, n):
    pods = [f"m{i}" for i in range(n)]
    for pod in pods:
        runtime.netns_add(pod)
    monitor = Monitor("fb0")
    added, adding = at_once("ADD", pods)
    for each, pod in zip(added, pods):
        claim(given(each), pod)
        insist("eth0" in runtime.netns_links(pod), pod, "has no eth0")
    sample = range(0, n, 10) if reload == "own" else ()
    for i in sample:
        check(added[i], pods[i])
    deleted, deleting = at_once("DEL", pods)
    for each in deleted:
        insist(is_quiet(each), each)
    macs = monitor.macs()
    insist(len(macs) == 1, "the bridge was seen with the MACs", *macs)
    return (f"{n} ADDs at once in {adding:.1f} s, {len(sample)} CHECKs, {n} DELs in {deleting:.1f} s, " +
            "1 MAC of the bridge")


class Monitor:
    """Notes every MAC that a link is seen with from now on: the kernel keeps all news for us."""

    def __init__(self, link):
        self.link = link.encode() + b"\0"
        self.news = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_NONBLOCK, socket.NETLINK_ROUTE)
        # what the kernel's own limit allows is too little for a storm
        self.news.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 1 << 28)
        self.news.bind((0, RTMGRP_LINK))

    def macs(self):
        """All of them; Wrong, should any news have been lost."""
        found = set()
        while news := self.next():
            about = attributes(news)
            if about.get(IFLA_IFNAME) == self.link and IFLA_ADDRESS in about:
                found.add(about[IFLA_ADDRESS].hex(":"))
        return found

    def next(self):
        try:
            return self.news.recv(1 << 16)
        except BlockingIOError:
            return None
        except OSError as e:
            raise Wrong(f"news of links were lost: {e}") from None


def attributes(message):
    """Those of a message of rtnetlink about a link: {type: value}"""
    found, at = {}, 32  # headers of 16 bytes each
    while at + 4 <= len(message):
        length, kind = struct.unpack_from("=HH", message, at)
        found[kind] = message[at + 4:at + length]
        at += (length + 3) & ~3
    return found


def deletes(rounds, n):
    runtime.netns_add("a")
    for _ in range(rounds):
        given_to("a")
        for each in at_once("DEL", ["a"] * n)[0]:
            insist(is_quiet(each), each)
        insist_nothing_left()
    return f"{rounds} times {n} DELs of one attachment at once: 0 failed"


def insist_whole_or_failed(adding):
    """Return: is it whole?  Overtaken by a DEL it may fail, and must say why."""
    if adding.status == 0:
        given(adding)
        return True
    documents = adding.documents()
    insist(adding.status == 1 and documents is not None and len(documents) == 1, adding)
    insist(documents[0].get("code") in OVERTAKEN, adding)
    return False


def meet(i, chance, span):
    """One ADD and one DEL.  Return: the ADD; was it still at work when the DEL had begun; is it whole?"""
    # with the namespace a DEL waits for the ADD; without, it cuts in
    waits = i // 2 % 4 == 0
    adding, deleting = Held("ADD", "a"), Held("DEL", "a", netns=None if waits else "")
    adding.go()
    over = is_over(adding, chance.uniform(0, 1.2 * span))
    deleting.go()
    met = adding.process.poll() is None
    adding.end()
    deleting.end()
    insist(is_quiet(deleting), deleting)
    whole = insist_whole_or_failed(adding)
    insist(whole or not (waits or over), "nothing overtook", adding)
    return adding, met, whole


def overlap(rounds, chance):
    span = usual_span()
    runtime.netns_add("a")
    tries, met, whole = 0, 0, 0
    # a DEL that comes too late does not count; one in six is meant to
    while met < rounds:
        insist(tries < 8 * rounds, "only", met, "of", tries, "DELs met the ADD")
        adding, meets, is_whole = meet(tries, chance, span)
        met += meets
        whole += meets and is_whole
        # down at once, up slowly: else a busy moment makes the DELs of a quiet one late
        span = span + (adding.took - span) / 8 if meets else min(span, adding.took)
        last = call("DEL", "a", STDIN, netns="" if tries % 2 else None)
        insist(is_quiet(last), last)
        insist_nothing_left()
        tries += 1
    return (f"{rounds} ADDs that met a DEL: {whole} whole, {rounds - whole} failed; " +
            f"{tries - rounds} that were over before; one more DEL each")


class Chaos:
    """One worker's part of the chaos."""

    def __init__(self, number, cycles, took):
        self.chance = random.Random(f"{SEED} {number}")
        self.number, self.cycles = number, cycles
        self.figures = collections.Counter()
        self.took = took  # what an ADD takes, s

    def run(self):
        for i in range(self.cycles):
            self.cycle(f"c{self.number}-{i}")
        return self.figures

    def cycle(self, pod):
        runtime.netns_add(pod)
        claims = self.add(pod)
        gone = self.chance.random() < 0.5
        if gone:
            runtime.netns_del(pod)
        for path in claims:
            os.unlink(path)
        ended = call("DEL", pod, STDIN, netns=self.chance.choice([None, ""]) if gone else None)
        insist(is_quiet(ended), ended, "(the netns was gone)" if gone else "")
        if not gone:
            insist(runtime.netns_links(pod) == {"lo"} or ended.status != 0, pod, "has", runtime.netns_links(pod))
            runtime.netns_del(pod)
        self.figures["netns gone before DEL"] += gone
        self.figures["DELs"] += 1

    def add(self, pod):
        """Return: the claims on what it was given."""
        adding = Call("ADD", pod, STDIN)
        if self.chance.random() < 0.5:
            self.figures["kills"] += 1
            if not is_over(adding, self.chance.uniform(0, 1.2 * self.took)):
                adding.kill()
            adding.end()
            if adding.status == -signal.SIGKILL:
                self.figures["ADDs killed"] += 1
                return []
        result = given(adding.end())
        self.took += (adding.took - self.took) / 8
        self.figures["ADDs"] += 1
        return claim(result, pod)


def work(number, cycles, took, results):
    try:
        results.put(Chaos(number, cycles, took).run())
    except Exception as e:  # pylint: disable=broad-except
        results.put(f"worker {number}: {e!r}")


def insist_bad_moments(sums):
    """It was a storm: in at least a quarter of the cycles, and a quarter of the kills met an ADD.

    Of 104 cycles with half a chance each fewer than a quarter are drawn once in millions of runs.
    One kill in six is meant to come too late; three in four do only if ADDs take less than a
    third of what those before them took.
    """
    for part, whole in (("kills", "DELs"), ("netns gone before DEL", "DELs"), ("ADDs killed", "kills")):
        insist(4 * sums[part] >= sums[whole] > 0, "only", sums[part], part, "of", sums[whole], whole)


def chaos(cycles, workers):
    results, took = multiprocessing.Queue(), usual_span()
    processes = [multiprocessing.Process(target=work, args=(i, cycles // workers, took, results))
                 for i in range(workers)]
    began = time.monotonic()
    for process in processes:
        process.start()
    outcomes = [results.get() for _ in processes]
    for process in processes:
        process.join()
    wrong = [each for each in outcomes if isinstance(each, str)]
    insist(not wrong, *wrong)
    sums = sum(outcomes, collections.Counter())
    insist_bad_moments(sums)
    return (f"{sums['DELs']} cycles in {time.monotonic() - began:.0f} s: " +
            ", ".join(f"{n} {what}" for what, n in sorted(sums.items())) +
            ", 0 DELs that failed, 0 duplicates")


STORMS = {
    "many": many,
    "deletes": lambda _, *numbers: deletes(*numbers),
    "overlap": lambda _, rounds: overlap(rounds, random.Random(SEED)),
    "chaos": lambda _, *numbers: chaos(*numbers),
}


def main():
    reload, storm, numbers = sys.argv[1], STORMS[sys.argv[2]], map(int, sys.argv[3:])
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
    os.mkdir(CLAIMS)
    runtime.adopt()
    print(f"SEED={SEED}", flush=True)
    try:
        with Others(reload) as others:
            figures = storm(reload, *numbers)
            insist_nothing_left()
        figures += "; " + others.figures()
    except Wrong as e:
        print(f"{sys.argv[2]}: {e}")
        sys.exit(1)
    print(figures + ", nothing left")


main()
