#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Sends a reflector what it must not answer, and says what came back.

usage: rtp_hostile.py ADDRESS PORT SECRET-FILE|- OTHER-ADDRESS

By hand, apart from our own code. The last packet is in order, so that silence before it
is the reflector's and not the network's; OTHER-ADDRESS is a second reflector's, in whose
name a packet is sent, so that each would answer the other for ever if it did not look.
"""

import hashlib
import hmac
import json
import socket
import struct
import sys
import time

TO_1970 = 2208988800
PATIENCE = 0.3


class Sender:
    def __init__(self, address, port, secret):
        self.address, self.port, self.secret = address, port, secret
        self.sequence = 0
        self.socket = self.connected()

    def connected(self):
        one = socket.socket(socket.AF_INET6 if ":" in self.address else socket.AF_INET,
                            socket.SOCK_DGRAM)
        one.connect((self.address, self.port))
        one.settimeout(PATIENCE)
        return one

    def request(self, at=None, secret=None, middle=b""):
        """In order unless told: sent at another time, with another secret, with octets
        where zeros belong."""
        self.sequence += 1
        at = time.time() if at is None else at
        stamp = struct.pack(">IIHH", int(at) + TO_1970, int(at % 1 * 2**32), 1, 7)
        if not self.secret:
            return struct.pack(">I", self.sequence) + stamp + middle.ljust(28, b"\0")
        text = struct.pack(">I12x", self.sequence) + stamp + middle.ljust(68, b"\0")
        return text + hmac.new(secret or self.secret, text, hashlib.sha256).digest()[:16]

    def answered(self, packet, by=None):
        """How long the answer is; 0 if there is none."""
        by = by or self.socket
        by.send(packet)
        try:
            return len(by.recv(4096))
        except (TimeoutError, ConnectionRefusedError):
            return 0

    def reply(self):
        self.socket.send(self.request())
        return self.socket.recv(4096)


def spoofed(source, address, port, payload):
    """In the name of the same port of another address (IPv4; no UDP checksum)."""
    raw = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
    udp = struct.pack(">HHHH", port, port, 8 + len(payload), 0) + payload
    header = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 1, 0, 64, 17, 0,
                         socket.inet_aton(source), socket.inet_aton(address))
    raw.sendto(header + udp, (address, 0))


def main():
    address, port, secret, other = sys.argv[1:]
    if secret == "-":
        secret = None
    else:
        with open(secret, encoding="ascii") as file:
            secret = bytes.fromhex(file.read().strip())
    sender = Sender(address, int(port), secret)
    good = sender.request()
    said = {
        "empty": sender.answered(b""),
        "short": sender.answered(good[:-1]),
        "long": sender.answered(good.ljust(1281, b"\0")),
        "text": sender.answered(b"OPTIONS sip:reflector SIP/2.0\r\n\r\n" * 5),
        "reply": sender.answered(sender.reply()),
        "not zero": sender.answered(sender.request(middle=b"\0" * 9 + b"\1")),
    }
    if secret:
        said["other secret"] = sender.answered(sender.request(secret=b"x" * 32))
        said["yesterday's"] = sender.answered(sender.request(at=time.time() - 86400))
        recorded = sender.request()
        said["first"] = sender.answered(recorded)
        said["recorded"] = sender.answered(recorded, sender.connected())
    if ":" not in address:
        spoofed(other, address, int(port), sender.request())
        time.sleep(PATIENCE)
    said["good"] = sender.answered(sender.request())
    print(json.dumps(said))


if __name__ == "__main__":
    main()
