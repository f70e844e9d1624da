#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Send an Ethernet frame with the addresses one likes.

forge.py DEVICE SOURCE DESTINATION [HEX]

HEX is what follows the addresses: type and payload; by default the type for
local experiments (IEEE 802) and nothing.
"""
import socket
import sys

device, source, destination = sys.argv[1:4]
rest = bytes.fromhex(sys.argv[4] if len(sys.argv) > 4 else "88b5")
addresses = bytes.fromhex((destination + source).replace(":", ""))
with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as s:
    s.bind((device, 0))
    s.send((addresses + rest).ljust(60, b"\0"))
