#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Partners that misbehave on command, inside a namespace of the model network.

usage: hostile.py udp PROTOCOL HOW ADDRESS PORT     dns, ntp, sip, stun, any
       hostile.py tcp PROTOCOL HOW ADDRESS PORT     http, ldap, sip, xmpp, any

HOW is a word of hostile_words.py or hostile_talk.py; over UDP another-port:HOW and
another-address:HOW answer from elsewhere. "ready" is printed when the port is open.
"""

import asyncio
import os
import signal
import socket
import struct
import sys
import time

import hostile_talk
import hostile_words as words

PEERLESS = {"dns": words.dns, "ntp": words.ntp, "any": words.stranger}
NEIGHBOUR = {"198.51.100.20": "198.51.100.21", "203.0.113.26": "203.0.113.27",
             "203.0.113.53": "203.0.113.54"}


def udp_socket(address, port):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_DGRAM)
    if family == socket.AF_INET6:
        sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    if address in NEIGHBOUR.values():
        # An address that nobody has configured may speak too.
        sock.setsockopt(socket.SOL_IP, 19, 1)  # IP_TRANSPARENT, <linux/in.h>
    sock.bind((address, port))
    return sock


def answers_of(protocol, how, question, peer):
    if how in words.STRANGERS and protocol != "dns":
        return words.stranger(how, question)
    if protocol in PEERLESS:
        return PEERLESS[protocol](how, question)
    return getattr(words, protocol)(how, question, peer)


def udp(protocol, how, address, port):
    sock = from_sock = udp_socket(address, int(port))
    where, _, rest = how.partition(":")
    if where == "another-port":
        from_sock, how = udp_socket(address, int(port) + 1000), rest
    elif where == "another-address":
        from_sock, how = udp_socket(NEIGHBOUR[address], int(port)), rest
    print("ready", flush=True)
    while True:
        question, peer = sock.recvfrom(4096)
        if how == "silent":
            continue
        for data, wait in answers_of(protocol, how, question, peer):
            time.sleep(wait)
            from_sock.sendto(data, peer)


def reset_at_close(writer):
    writer.get_extra_info("socket").setsockopt(
        socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


async def _tcp(protocol, how, address, port):
    async def serve(reader, writer):
        try:
            await hostile_talk.talk(protocol, how, reader, writer)
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        if how == "reset":
            reset_at_close(writer)
        writer.close()
    await asyncio.start_server(serve, address, int(port))
    print("ready", flush=True)
    await asyncio.Event().wait()


def tcp(protocol, how, address, port):
    asyncio.run(_tcp(protocol, how, address, port))


def main():
    # The first process of a namespace ignores what has no handler.
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    verbs = {"udp": udp, "tcp": tcp}
    if len(sys.argv) != 6 or sys.argv[1] not in verbs:
        sys.exit(__doc__)
    verbs[sys.argv[1]](*sys.argv[2:])


if __name__ == "__main__":
    main()
