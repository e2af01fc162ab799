#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Somebody else's STAMP reflector: RFC 8762 in open mode, and no word of RFC 8972.

usage: plain_reflector.py FIRST-LAST stateless|stateful cut|copied ADDRESS ...

Stateless it numbers its answers as they were asked, stateful by each session of two
addresses and two ports (section 4). What is behind a base packet it cuts off, or copies.
"""

import selectors
import socket
import struct
import sys
import time

BASE, TO_1970 = 44, 2208988800


def stamp(at):
    return struct.pack(">IIHH", int(at) + TO_1970, int(at % 1 * 2**32), 1, 0)


def main():
    ports, manner, behind, *addresses = sys.argv[1:]
    first, last = map(int, ports.split("-"))
    ready, counts = selectors.DefaultSelector(), {}
    for address in addresses:
        for port in range(first, last + 1):
            one = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET,
                                socket.SOCK_DGRAM)
            one.bind((address, port))
            ready.register(one, selectors.EVENT_READ)
    print("ready", flush=True)
    while True:
        for key, _ in ready.select():
            packet, source = key.fileobj.recvfrom(4096)
            came, session = time.time(), (key.fd, source)
            if len(packet) < BASE:
                continue
            counts[session] = counts.get(session, -1) + 1
            number = struct.pack(">I", counts[session]) if manner == "stateful" \
                else packet[:4]
            reply = number + stamp(time.time()) + stamp(came)[:8] + packet[:14] + \
                bytes((0, 0, 255, 0, 0, 0))
            key.fileobj.sendto(
                reply + (packet[BASE:] if behind == "copied" else b""), source)


if __name__ == "__main__":
    main()
