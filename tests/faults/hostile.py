#!/usr/bin/env -S python3 -B
# SPDX-License-Identifier: GPL-2.0-or-later
"""hostile.py - call the plugins with whatever nobody should call them with

  hostile.py FILE.jsonl...

Each line of a file is a question that is put to one verb or several.  However it is
put, the answer must come in time and be exactly one JSON document, or nothing where
success says nothing; and afterwards the host, the store and two containers, one of
them not concerned, must be as before: links, nft rules and files after each question,
addresses, routes and switches, which take longer to read, after each file.  An ADD
that succeeds is followed by a DEL, a DEL or CHECK preceded by an ADD, a GC by an ADD
whose container then dies: its list says that the other one lives.  A DEL or GC that
succeeds has left nothing of the container, a good DEL mends what one that fails has.
Prints what is wrong, and how many cases there were.
FULL=1: each line is put to all of its verbs; else to one, the next one in each line.

A line is an object:
  case        what it is about, for people
  ADD, DEL, CHECK, GC, STATUS, VERSION
              the verbs that are called, and what each must answer: 0 for success, an
              error code, a list of what will do; 127: the dynamic linker may give up
  says        a word of the error, or a list of them
  plugin      bridge, host-local or loopback
  conf        SINGLE, DUAL, LAYER2 (as in helpers.bash): what is sent, changed by
  set, drop   {"ipam.ranges.0.0.subnet": value}, ["a.key"]
  raw, hex    stdin itself, instead
  env         variables; null unsets one
  lay         [[PATH, KIND, MORE]...]: what lies in the store's network folder meanwhile;
              see the table KINDS
  goes        {VERB: [PATH...]}: what of it is gone or another after that verb, or may
              be after ADD; all else is as it was laid
  stdout      full, deaf (the reader is gone), stuck (it never reads)
  closed      descriptors that the plugin is started without
  limit       {"NOFILE": 4}: resource limits
  signals     blocked or ignored: all of them are
  umask       such a one
  within      seconds, 5
  plain       true: not for a build under ASan, which needs more
Where a text is wanted, a list will do: ["{", ["x", 1000], "}"] repeats the x.
"""

import copy
import json
import os
import resource
import shutil
import signal
import socket
import stat
import subprocess
import sys
import time

import runtime

CANARY = "/run/canary"
OWN = "10.1.0.200"  # the address of what is to go, where nothing is laid
NETWORK = runtime.STORE + "/net"
VERBS = ("ADD", "DEL", "CHECK", "GC", "STATUS", "VERSION")
FIELDS = set(VERBS) | {"case", "says", "plugin", "conf", "set", "drop", "raw", "hex", "env", "lay", "goes", "stdout",
                       "closed", "limit", "signals", "umask", "within", "plain"}
CRIPPLES = {"closed", "limit", "signals", "umask"}
SINGLE = {
    "cniVersion": "1.1.0",
    "name": "net",
    "type": "bridge",
    "bridge": "fb0",
    "isGateway": True,
    "ipMasq": True,
    "ipam": {
        "type": "host-local",
        "ranges": [[{"subnet": "10.1.0.0/24"}]],
        "routes": [{"dst": "0.0.0.0/0"}],
    },
}
DUAL = copy.deepcopy(SINGLE)
DUAL["ipam"]["ranges"].append([{"subnet": "fd00:1::/64"}])
LAYER2 = {key: SINGLE[key] for key in ("cniVersion", "name", "type", "bridge")}
LIST = "cni.dev/valid-attachments"
LIVING = [{"containerID": "b", "ifname": "eth0"}]
CONFS = {"SINGLE": SINGLE, "DUAL": DUAL, "LAYER2": LAYER2}


class Wrong(Exception):
    """What must not happen."""


def insist(true, *words):
    if not true:
        raise Wrong(" ".join(map(str, words)))


def as_list(value):
    return value if isinstance(value, list) else [value]


def text(value):
    return "".join(one if isinstance(one, str) else one[0] * one[1] for one in as_list(value))


# --- the question


def question(verb, case, attached):
    """The bytes for stdin."""
    if "hex" in case:
        return bytes.fromhex(case["hex"])
    if "raw" in case:
        return text(case["raw"]).encode("utf-8", "surrogatepass")
    conf = copy.deepcopy(CONFS[case.get("conf", "SINGLE")])
    if verb == "CHECK":
        conf["prevResult"] = attached
    if verb == "GC":
        conf[LIST] = LIVING
    for path, value in case.get("set", {}).items():
        inner, key = walk(conf, path)
        if isinstance(inner, list) and key == len(inner):
            inner.append(value)
        else:
            inner[key] = value
    for path in case.get("drop", []):
        inner, key = walk(conf, path)
        del inner[key]
    return json.dumps(conf).encode()


def walk(value, path):
    *way, last = [int(key) if key.isdigit() else key for key in path.split(".")]
    for key in way:
        value = value.setdefault(key, {}) if isinstance(value, dict) else value[key]
    return value, last


def variables(case):
    return {key: value if value is None else text(value) for key, value in case.get("env", {}).items()}


def process_of(case, passing):
    """How the process is started: arguments of Popen()."""
    how = {}
    if case.get("stdout") == "full":
        how["stdout"] = os.open("/dev/full", os.O_WRONLY)
    elif "stdout" in case:
        mouth, how["stdout"] = os.pipe()
        if case["stdout"] == "deaf":
            os.close(mouth)
        else:
            fill(how["stdout"])
            passing.append(mouth)
    if "stdout" in how:
        passing.append(how["stdout"])
    if CRIPPLES & case.keys():  # a fork is dear
        how |= {"preexec_fn": lambda: cripple(case), "restore_signals": "signals" not in case}
    return how


def fill(pipe):
    os.set_blocking(pipe, False)
    try:
        while True:
            os.write(pipe, bytes(4096))
    except BlockingIOError:
        os.set_blocking(pipe, True)


def cripple(case):
    """In the process that becomes the plugin."""
    if "umask" in case:
        os.umask(int(case["umask"], 8))
    for number in set(range(1, 65)) - {signal.SIGKILL, signal.SIGSTOP, 32, 33} if "signals" in case else ():
        if case["signals"] == "ignored":
            signal.signal(number, signal.SIG_IGN)
        else:
            signal.pthread_sigmask(signal.SIG_BLOCK, [number])
    for fd in case.get("closed", []):
        os.close(fd)
    for name, value in case.get("limit", {}).items():
        resource.setrlimit(getattr(resource, "RLIMIT_" + name), (value, value))


# --- what lies in the store


def lay_file(path, content=""):
    with open(path, "wb") as file:
        file.write(text(content).encode("latin1"))


def lay_sparse(path, size):
    lay_file(path)
    os.truncate(path, size)


def lay_socket(path):
    with socket.socket(socket.AF_UNIX) as one:
        one.bind(path)


def lay_many(path, n):
    os.mkdir(path)
    for i in range(n):
        os.close(os.open(f"{path}/{i}", os.O_CREAT | os.O_WRONLY))


def lay_owned(path, uid, content=""):
    lay_file(path, content)
    os.chmod(path, 0)
    os.chown(path, uid, uid)


KINDS = {
    "file": lay_file,                                   # TEXT
    "sparse": lay_sparse,                               # SIZE
    "owned": lay_owned,                                 # UID TEXT: his, and mode 0
    "dir": os.mkdir,
    "full": lay_many,                                   # N: a folder with so many files
    "link": lambda path, to: os.symlink(to, path),      # TARGET
    "fifo": os.mkfifo,
    "socket": lay_socket,
    "device": lambda path, major, minor: os.mknod(path, stat.S_IFCHR | 0o600, os.makedev(major, minor)),
}


def remove(path):
    if os.path.isdir(path) and not os.path.islink(path):
        shutil.rmtree(path)
    elif os.path.lexists(path):
        os.unlink(path)


def places(case):
    return {name: os.path.normpath(os.path.join(NETWORK, name)) for name, *_ in case.get("lay", [])}


def lay(case):
    """Return: what lies there, to be compared."""
    for name, kind, *more in case.get("lay", []):
        remove(places(case)[name])
        KINDS[kind](places(case)[name], *more)
    return lying(case)


def lying(case):
    return {name: describe(path) for name, path in places(case).items()}


def describe(path):
    if not os.path.lexists(path):
        return None
    return runtime.describe(path, os.lstat(path)), runtime.tree(path) if not os.path.islink(path) else {}


def clear(case):
    for path in places(case).values():
        remove(path)


def insist_lying(verb, case, laid):
    """What lay there does still, but for what had to go."""
    goes = case.get("goes", {}).get(verb, [])
    for name, now in lying(case).items():
        if name not in goes:
            insist(now == laid[name], "what lay at", name, laid[name], "is now", now)
        elif verb != "ADD":
            insist(now != laid[name], "what lay at", name, "is still there")


# --- what is there before and after


def bridges():
    return {name for name in runtime.links() if os.path.exists(f"/sys/class/net/{name}/bridge")}


def world(before=None, but=()):
    """All that must be as before; locks and hints may come.  but: what is of no account."""
    generation = runtime.generation()
    same = before and before["generation"] == generation
    rules = [] if same else runtime.ruleset()
    store = runtime.tree("/var/lib/cni") | runtime.tree("/run") | runtime.tree("/etc/cni")
    return {
        "links": sorted(runtime.links()),
        "links in a": sorted(runtime.netns_links("a")),
        "links in b": sorted(runtime.netns_links("b")),
        "elements": before["elements"] if same else sorted(map(str, runtime.elements_of(rules))),
        "foreign rules": before["foreign rules"] if same else
                         [item for item in rules if "footbridge" not in json.dumps(item)],
        "generation": generation,
        "files": {path: what for path, what in store.items() if not is_shared(path, what) and not is_in(path, but)},
    }


def networks():
    """{place: its facts}: what takes longer to read.  {fact: the device it is about}"""
    found = {"host": runtime.network()}
    for name in "a", "b":
        with runtime.inside(name):
            found[name] = runtime.network()
    return found


def insist_same_networks(before):
    """Nothing has gone or changed; what came is about bridges, which attachments share."""
    after = networks()
    for place, facts in before.items():
        shared = bridges() if place == "host" else ()
        gone = facts.keys() - after[place].keys()
        came = [fact for fact, device in after[place].items() if fact not in facts and device not in shared]
        insist(not gone and not came, f"{place}:", "gone:", *sorted(gone), "came:", *sorted(came))


def is_shared(path, what):
    name = os.path.basename(path)
    return (path.startswith("/run/footbridge") or what[0].startswith("d") and path != CANARY
            or name in ("lock", ".footbridge-sticky") or name.startswith("last_reserved_ip."))


def is_in(path, folders):
    return any(f"{path}/".startswith(f"{one}/") for one in folders)


def difference(before, after):
    return [f"{key}: {before[key]} is now {after[key]}" if not isinstance(before[key], dict) else
            f"{key}: " + ", ".join(f"{path} {before[key].get(path)} is now {after[key].get(path)}"
                                   for path in before[key].keys() | after[key].keys()
                                   if before[key].get(path) != after[key].get(path))
            for key in before if before[key] != after[key] and key != "generation"]


def insist_unchanged(before, but=()):
    deadline = time.monotonic() + 5
    while (changes := difference(before, after := world(before, but))) and time.monotonic() < deadline:
        time.sleep(0.05)  # the container's end follows the host's a moment later
    insist(not changes, *changes)
    before["generation"] = after["generation"]


# --- the answer


def judge(ended, wanted, case):
    """Is this one answer, of those that are wanted?"""
    insist(ended.status is not None, "it hangs:", ended)
    insist(ended.took < case.get("within", 5) or ended.took < case.get("within", 5) + 10 * nothing_takes(), "late:", ended)
    insist("Sanitizer" not in ended.err and "runtime error" not in ended.err, ended)
    insist(answer(ended, case) in as_list(wanted), "wanted", wanted, "of", ended)


def nothing_takes():
    """What a call that does nothing takes on this machine, now."""
    return runtime.call("VERSION", "none", b"").took


def answer(ended, case):
    """0, or the error's code; 127 where the dynamic linker gave up."""
    if ended.status == 127 and not ended.out:
        return ended.status
    insist(ended.status in (0, 1), ended)
    if "stdout" in case or 1 in case.get("closed", []):
        return ended.status
    documents = ended.documents()
    insist(documents is not None, "no JSON:", ended)
    if ended.status == 0:
        insist(len(documents) == (ended.name.split()[0] in ("ADD", "VERSION")), "documents:", ended)
        return 0
    insist(len(documents) == 1, "documents:", ended)
    error = documents[0]
    insist(isinstance(error.get("code"), int) and error["code"] > 0 and error.get("msg")
           and isinstance(error.get("cniVersion"), str), "no error object:", ended)
    for word in as_list(case.get("says", [])):
        insist(word in error["msg"] + error.get("details", ""), "no word of", word, "in", ended)
    return error["code"]


def good(verb, env=None):
    """A call as it should be.  Return: its result, if it has one."""
    ended = runtime.call(verb, "a", json.dumps(SINGLE).encode(), env=env)
    insist(ended.status == 0, ended)
    return ended.documents()[0] if ended.out else None


def attach(verb):
    """What the verb needs to be there.  Return: the result of ADD, or None."""
    if verb not in ("DEL", "CHECK", "GC"):
        return None
    attached = good("ADD", {"CNI_ARGS": "IP=" + OWN})
    if verb == "GC":  # nobody tells of its end
        subprocess.run(["ip", "-n", "a", "link", "del", "eth0"], check=True)
    return attached


def put(verb, case, stdin):
    """The call that is the case."""
    passing = []
    how = process_of(case, passing)
    ended = runtime.call(verb, "a", stdin, plugin=case.get("plugin", "bridge"), env=variables(case), patience=40, **how)
    for fd in passing:
        os.close(fd)
    return ended


def ask(verb, case, before):
    attached = attach(verb)
    laid = lay(case)
    stdin = question(verb, case, attached)
    ended = put(verb, case, stdin)
    judge(ended, case[verb], case)
    if verb == "ADD":  # attachments share bridges: made by one that fails, too, they stay
        before["links"] = sorted({*before["links"], *bridges()})
    if verb == "ADD" and ended.status == 0:
        put_back(ended, case, stdin)
    insist_lying(verb, case, laid)
    stays = attached and (verb == "CHECK" or ended.status != 0 or is_of_another(verb, case))
    if laid and not stays:
        insist_unchanged(before, places(case).values())
    clear(case)
    if stays:
        good("DEL")


def is_of_another(verb, case):
    """Is another attachment or network meant, or a part of it only?"""
    named = verb != "GC" and {"CNI_CONTAINERID", "CNI_IFNAME"} & case.get("env", {}).keys()
    return "plugin" in case or named or {"name", "ipam.dataDir"} & case.get("set", {}).keys()


def put_back(ended, case, stdin):
    """What was added goes, by a DEL that is asked the same."""
    deleted = runtime.call("DEL", "a", stdin, plugin=case.get("plugin", "bridge"), env=variables(case))
    insist(deleted.status == 0 and not deleted.out, deleted, "after", ended)


def try_case(verb, case, before):
    try:
        ask(verb, case, before)
        insist_unchanged(before)
    except Wrong as e:
        clear(case)
        runtime.call("DEL", "a", json.dumps(SINGLE).encode())
        return f"{verb}: {case['case']}: {e}"
    return None


def prepare():
    runtime.netns_add("a")
    runtime.netns_add("b")
    insist(runtime.call("ADD", "b", json.dumps(SINGLE).encode()).status == 0, "b cannot be attached")
    good("ADD")
    good("DEL")
    os.mkdir(CANARY)
    lay_file(CANARY + "/file", "a\r\neth0")
    os.mkdir(CANARY + "/folder")
    subprocess.run(["nft", "add table inet other; add set inet other s { type ipv4_addr; elements = { 10.1.0.3 }; }"],
                   check=True)
    # which is never turned off again
    with open("/proc/sys/net/ipv6/conf/all/forwarding", "w", encoding="ascii") as file:
        file.write("1")
    # the kernel gives lo its address once it is up, and leaves it there
    subprocess.run("ip -n a link set lo up; ip -n a link set lo down", shell=True, check=True)
    # with the links of this namespace
    subprocess.run(["mount", "-t", "sysfs", "sysfs", "/sys"], check=True)


def read_cases(path):
    with open(path, encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            case = json.loads(line)
            unknown = case.keys() - FIELDS
            if unknown:
                sys.exit(f"{path}:{number}: unknown fields {unknown}")
            if not (runtime.SANITIZED and case.get("plain")):
                yield case


def verbs_of(case, number):
    """All of its verbs, or one of them in turn."""
    verbs = [verb for verb in VERBS if verb in case]
    return verbs if os.environ.get("FULL") else [verbs[number % len(verbs)]]


def main():
    prepare()
    before, networks_before = world(), networks()
    n, wrong = 0, []
    for path in sys.argv[1:]:
        for number, case in enumerate(read_cases(path)):
            for verb in verbs_of(case, number):
                n += 1
                trouble = try_case(verb, case, before)
                if trouble:
                    wrong.append(trouble)
                    print(trouble, flush=True)
                    before = world()
            if len(wrong) > 20:
                print("too many are wrong to go on")
                sys.exit(1)
        try:
            insist_same_networks(networks_before)
        except Wrong as e:
            wrong.append(path)
            print(f"after {path}: {e}", flush=True)
    print(f"{n} cases, {len(wrong)} wrong")
    sys.exit(bool(wrong))


main()
