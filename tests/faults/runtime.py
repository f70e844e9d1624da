# SPDX-License-Identifier: GPL-2.0-or-later
"""runtime.py - call plugins as a runtime does, and look at what they left

For the drivers beside it, which run in a box (tests/net/box) as the tests do.
"""

import contextlib
import ctypes
import glob
import hashlib
import json
import os
import re
import signal
import socket
import stat
import struct
import subprocess
import time

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BIN = os.environ.get("FOOTBRIDGE_BIN", TOP + "/build/bin")
NETNS = "/run/netns/"
STORE = "/var/lib/cni/networks"
HOST_VETH = re.compile(r"veth[0-9a-f]{11}$")

CLONE_NEWNET = 0x40000000
MS_BIND = 0x1000
MNT_DETACH = 2
PR_SET_CHILD_SUBREAPER = 36
NETLINK_NETFILTER = 12
NFT_MSG_GETGEN = 10 << 8 | 16
NLM_F_REQUEST = 1

libc = ctypes.CDLL(None, use_errno=True)


def refuse(word):
    raise ValueError(f"{word} is no JSON")


# Python takes NaN and Infinity, too
JSON = json.JSONDecoder(parse_constant=refuse)

with open(BIN + "/bridge", "rb") as plugin:
    # such a build needs memory beyond any limit
    SANITIZED = b"__asan_init" in plugin.read()


def kernel(result, what):
    if result < 0:
        errno = ctypes.get_errno()
        raise OSError(errno, os.strerror(errno), what)


# --- namespaces


def netns_add(name):
    """What `ip netns add` does, without a process."""
    path = NETNS + name
    own = os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.close(os.open(path, os.O_RDONLY | os.O_CREAT | os.O_EXCL, 0o600))
        kernel(libc.unshare(CLONE_NEWNET), "unshare")
        try:
            kernel(libc.mount(b"/proc/thread-self/ns/net", path.encode(), None, MS_BIND, None), path)
        finally:
            kernel(libc.setns(own, CLONE_NEWNET), "setns")
    finally:
        os.close(own)


def netns_del(name):
    kernel(libc.umount2((NETNS + name).encode(), MNT_DETACH), name)
    os.unlink(NETNS + name)


@contextlib.contextmanager
def inside(name):
    """What is done in the block is done in a namespace."""
    own = os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
    pod = os.open(NETNS + name, os.O_RDONLY | os.O_CLOEXEC)
    try:
        kernel(libc.setns(pod, CLONE_NEWNET), name)
        yield
    finally:
        kernel(libc.setns(own, CLONE_NEWNET), "setns")
        os.close(pod)
        os.close(own)


def netns_links(name):
    """The names of the links in a namespace."""
    with inside(name):
        return links()


def links():
    with open("/proc/thread-self/net/dev", encoding="ascii") as file:
        return {line.split(":")[0].strip() for line in file.readlines()[2:]}


# as in helpers.bash; what follows from a link's state comes and goes by itself
def network():
    """{fact: device}: links, addresses, routes and switches of this namespace."""
    asked = subprocess.run(["ip", "-d", "-j", "-batch", "-"], check=True, capture_output=True,
                           input=b"link\naddr\nroute show table all\n").stdout
    devices, addresses, routes = map(json.loads, asked.splitlines())
    facts = {}
    for link in devices:
        info = link.get("linkinfo", {})
        port = info.get("info_slave_data", {})
        known = [link.get(key) for key in ("address", "mtu", "master", "ifalias", "promiscuity")]
        known += [info.get("info_kind"), "UP" in link["flags"], port.get("hairpin"), port.get("isolated")]
        facts[f"link {link['ifname']} {known}"] = link["ifname"]
    for link in addresses:
        for each in [one for one in link["addr_info"] if one["scope"] != "link"]:
            known = [each.get(key) for key in ("local", "prefixlen", "broadcast")]
            facts[f"address {link['ifname']} {known}"] = link["ifname"]
    for route in [one for one in routes if not re.match("fe80|ff00", one["dst"])]:
        known = [route.get(key) for key in ("type", "dst", "gateway", "dev", "table", "metric")]
        facts[f"route {known}"] = route.get("dev")
    for path in glob.glob("/proc/sys/net/ipv[46]/conf/*/*"):
        try:
            with open(path, encoding="ascii") as file:
                facts[f"switch {path} {file.read().strip()}"] = path.split("/")[-2]
        except OSError:
            pass  # a secret that was never set
    return facts


# --- calls


def written(text):
    """A descriptor from which these bytes can be read."""
    fd = os.memfd_create("stdin")
    os.write(fd, text)
    os.lseek(fd, 0, os.SEEK_SET)
    return fd


class Call:
    """One call of a plugin, begun; ended by end()."""

    def __init__(self, verb, pod, stdin, plugin="bridge", ifname="eth0", netns=None, env=None, **popen):
        """stdin: the configuration as bytes, or a descriptor; env: more variables, None = unset."""
        self.name = f"{verb} of {pod}"
        variables = {
            "CNI_COMMAND": verb,
            "CNI_CONTAINERID": pod,
            "CNI_NETNS": NETNS + pod if netns is None else netns,
            "CNI_IFNAME": ifname,
            "CNI_PATH": "/nowhere",
        }
        variables |= {key: os.environ[key] for key in os.environ if key.endswith("SAN_OPTIONS")}
        variables |= env or {}
        variables = {key: value for key, value in variables.items() if value is not None}
        question = stdin if isinstance(stdin, int) else written(stdin)
        popen = {"stdin": question, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | popen
        self.began = time.monotonic()
        self.process = subprocess.Popen([f"{BIN}/{plugin}"], env=variables, **popen)
        if question is not stdin:
            os.close(question)

    def kill(self):
        self.process.send_signal(signal.SIGKILL)

    def end(self, patience=60):
        """Wait for it.  What takes longer than patience (s) is killed: status None."""
        try:
            out, err = self.process.communicate(timeout=patience)
            self.status = self.process.returncode
        except subprocess.TimeoutExpired:
            self.kill()
            out, err = self.process.communicate()
            self.status = None
        self.took = time.monotonic() - self.began
        self.out = out or b""
        self.err = (err or b"").decode(errors="replace")
        return self

    def documents(self):
        """The JSON documents on stdout; None when it is something else, if only in one byte."""
        found, blanks = [], " \t\r\n"
        try:
            rest = self.out.decode().strip(blanks)
            while rest:
                value, end = JSON.raw_decode(rest)
                found.append(value)
                rest = rest[end:].strip(blanks)
        except ValueError:
            return None
        return found

    def __str__(self):
        return f"{self.name}: exit {self.status} after {self.took:.2f} s: {self.out.decode(errors='backslashreplace')} {self.err}"


def call(*args, patience=60, **more):
    return Call(*args, **more).end(patience)


# --- what is there


def tree(top):
    """Everything below a folder: {path: what it is}; namespaces without their contents."""
    found = {}
    for folder, folders, files in os.walk(top):
        for name in folders + files:
            path = os.path.join(folder, name)
            try:
                found[path] = describe(path, os.lstat(path))
            except FileNotFoundError:
                pass
    return found


def describe(path, at):
    what = [stat.filemode(at.st_mode), at.st_uid, at.st_size if stat.S_ISREG(at.st_mode) else 0]
    if stat.S_ISLNK(at.st_mode):
        what.append(os.readlink(path))
    elif stat.S_ISREG(at.st_mode) and at.st_size < 1 << 20 and not path.startswith(NETNS):
        with open(path, "rb") as file:
            what.append(hashlib.sha256(file.read()).hexdigest())
    return what


NFTABLES = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_NETFILTER)


def generation():
    """The number of the nft ruleset: as long as it is the same, so is the ruleset."""
    NFTABLES.send(struct.pack("=IHHII4x", 20, NFT_MSG_GETGEN, NLM_F_REQUEST, 0, 0))
    # headers of 16 and 4 bytes; the first attribute is NFTA_GEN_ID
    return struct.unpack_from("!I", NFTABLES.recv(4096), 24)[0]


def elements():
    """The set elements of our table: [(set, element, comment)]."""
    return elements_of(ruleset())


def ruleset():
    text = subprocess.run(["nft", "-j", "list", "ruleset"], capture_output=True, check=True).stdout
    return json.loads(text)["nftables"]


def elements_of(rules):
    found = []
    for one in [item["set"] for item in rules if item.get("set", {}).get("table") == "footbridge"]:
        for element in one.get("elem", []):
            element = element.get("elem", element) if isinstance(element, dict) else {"val": element}
            found.append((one["name"], str(element.get("val")), element.get("comment")))
    return found


def leases(store=STORE):
    """{(network, address): holder's text}"""
    found = {}
    for path in tree(store):
        network, name = path.split("/")[-2:]
        if re.fullmatch(r"[0-9a-f.:]+", name) and os.path.isfile(path):
            with open(path, encoding="latin1") as file:
                found[network, name] = file.read()
    return found


def left():
    """What attachments have left on this host, as a list of words."""
    found = [f"link {name}" for name in links() if HOST_VETH.match(name)]
    found += [f"lease {address} of {text!r}" for (_, address), text in leases().items()]
    found += [f"element {element}" for element in elements()]
    return found


def left_at_last(seconds=10):
    """The same, when what the kernel still takes away in the background has gone."""
    deadline = time.monotonic() + seconds
    while (found := left()) and time.monotonic() < deadline:
        time.sleep(0.05)
    return found


def adopt():
    """From now on a process whose parent has ended becomes a child of this one, not init's."""
    kernel(libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0), "prctl")


def children():
    """Children of this process, those that nobody has waited for, too: {PID: name and state}"""
    found = {}
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/stat", encoding="latin1") as file:
                name, state, parent = re.match(r"\d+ \((.*)\) (\S) (\d+)", file.read()).groups()
            if int(parent) == os.getpid():
                found[int(pid)] = f"{name} ({state})"
        except (FileNotFoundError, ProcessLookupError):
            pass
    return found
