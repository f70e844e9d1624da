#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Send an Ethernet frame with the addresses one likes.

forge.py DEVICE SOURCE DESTINATION [HEX]
forge.py DEVICE SOURCE router PREFIX

HEX is what follows the addresses: type and payload; by default the type for
local experiments (IEEE 802) and nothing.  A router tells all nodes that it is
one, and that PREFIX (a /64, without its length) is theirs.
"""
import socket
import struct
import sys

ROUTER = socket.inet_pton(socket.AF_INET6, "fe80::66")
ALL_NODES = socket.inet_pton(socket.AF_INET6, "ff02::1")


def checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def advertisement(prefix):
    """Type and payload: a router advertisement (RFC 4861), for half an hour each."""
    option = struct.pack("!BBBBIII", 3, 4, 64, 0xC0, 1800, 1800, 0)
    option += socket.inet_pton(socket.AF_INET6, prefix)
    rest = struct.pack("!BBHII", 64, 0, 1800, 0, 0) + option
    pseudo = ROUTER + ALL_NODES + struct.pack("!II", 4 + len(rest), socket.IPPROTO_ICMPV6)
    message = struct.pack("!BBH", 134, 0, checksum(pseudo + b"\x86\0\0\0" + rest)) + rest
    header = struct.pack("!IHBB", 6 << 28, len(message), socket.IPPROTO_ICMPV6, 255)
    return b"\x86\xdd" + header + ROUTER + ALL_NODES + message


device, source, destination = sys.argv[1:4]
if destination == "router":
    destination, rest = "33:33:00:00:00:01", advertisement(sys.argv[4])
else:
    rest = bytes.fromhex(sys.argv[4] if len(sys.argv) > 4 else "88b5")
addresses = bytes.fromhex((destination + source).replace(":", ""))
with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as s:
    s.bind((device, 0))
    s.send((addresses + rest).ljust(60, b"\0"))
