# SPDX-License-Identifier: GPL-2.0-or-later
"""Type at an interactive bash with bash-completion, and look at what it makes of it.

A line of stdin is KEYS|LINE: what is typed before a tab, and the line that must come of
it.  Each is awaited for 20 s at most; the exit status is 1 where one does not come.
"""
import os
import pty
import re
import select
import sys
import time

PROMPT = "ready> "
SETUP = "bind 'set enable-bracketed-paste off'; . /usr/share/bash-completion/bash_completion"


def await_text(fd, text):
    """Return: is it there in time, and what came."""
    seen = ""
    end = time.monotonic() + 20
    while text not in seen and time.monotonic() < end:
        if select.select([fd], [], [], 0.2)[0]:
            piece = os.read(fd, 4096).decode(errors="replace")
            seen += re.sub(r"\x1b\[[0-9;?]*[A-Za-z]|\x07", "", piece)
    return text in seen, seen


pid, fd = pty.fork()
if pid == 0:
    os.environ.update(TERM="dumb", PS1=PROMPT, INPUTRC="/dev/null", LC_ALL="C")
    os.execvp("bash", ["bash", "--norc", "--noprofile", "-i"])
fine = True
os.write(fd, f"{SETUP}; echo all\\ set\n".encode())
wanted = [(None, "\nall set\r\n" + PROMPT)]
wanted += [line.split("|") for line in sys.stdin.read().splitlines()]
for keys, line in wanted:
    if keys is not None:
        os.write(fd, keys.encode() + b"\t")
    came, seen = await_text(fd, line)
    if not came:
        print(f"{keys!r} became {seen!r} and not {line!r}")
        fine = False
    os.write(fd, b"\x15\n")
    await_text(fd, "\n" + PROMPT)
os.write(fd, b"exit\n")
sys.exit(not fine)
