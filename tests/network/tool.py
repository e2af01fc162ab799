#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Small listeners and askers that run inside a namespace of the model network.

usage: tool.py listen READY PORT ...    tcp:N accepts and waits, udp:N echoes
       tool.py ntp ADDRESS              prints leap and stratum of a time server
       tool.py train ADDRESS PORT COUNT GAP   numbered datagrams to an echo, every GAP
                                    seconds; what came back, as JSON
       tool.py webhook READY ADDRESS PORT   prints each body posted, one a line
"""

import asyncio
import http.server
import json
import os
import select
import signal
import socket
import struct
import sys
import time


def done(path):
    with open(path, "w", encoding="utf-8"):
        pass


class Echo(asyncio.DatagramProtocol):
    def connection_made(self, transport):
        self.transport = transport

    def datagram_received(self, data, addr):
        self.transport.sendto(data, addr)


async def _accept(reader, writer):
    while await reader.read(4096):
        pass
    writer.close()


async def _listen(ready, ports):
    loop = asyncio.get_running_loop()
    for kind, _, port in (port.partition(":") for port in ports):
        if kind == "tcp":
            await asyncio.start_server(_accept, "::", int(port))
            await asyncio.start_server(_accept, "0.0.0.0", int(port))
        else:
            for host in ("::", "0.0.0.0"):
                sock = udp_socket(host, int(port))
                await loop.create_datagram_endpoint(Echo, sock=sock)
    done(ready)
    await asyncio.Event().wait()


def family_of(address):
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def udp_socket(address, port):
    sock = socket.socket(family_of(address), socket.SOCK_DGRAM)
    if ":" in address:
        sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    enlarge(sock)
    sock.bind((address, port))
    return sock


def enlarge(sock):
    """A busy machine may let a reader wait while hundreds of datagrams come."""
    sock.setsockopt(socket.SOL_SOCKET, 33, 4 << 20)  # SO_RCVBUFFORCE, <asm/socket.h>


def listen(ready, *ports):
    asyncio.run(_listen(ready, ports))


def ntp(address):
    with socket.socket(family_of(address), socket.SOCK_DGRAM) as sock:
        sock.settimeout(1)
        sock.sendto(b"\x23" + bytes(39) + os.urandom(8), (address, 123))
        try:
            answer = sock.recv(100)
        except OSError:
            return 1
    print(answer[0] >> 6, answer[1])
    return 0


def train(address, port, count, gap):
    """Numbered datagrams of 100 octets; the numbers and delays of what came back."""
    count, gap, back, sent = int(count), float(gap), [], []
    filler = bytes(range(96))
    with socket.socket(family_of(address), socket.SOCK_DGRAM) as sock:
        enlarge(sock)
        sock.connect((address, int(port)))
        sock.setblocking(False)

        def hear(until, quiet=0):
            """Until then, and on for as long as there is something to hear within a
            quiet time: a busy machine may be seconds behind."""
            while (left := max(until - time.monotonic(), quiet)) > 0:
                if not select.select([sock], [], [], left)[0]:
                    return
                try:
                    data, now = sock.recv(2048), time.monotonic()
                except BlockingIOError:  # its checksum was wrong
                    continue
                number = struct.unpack("!I", data[:4])[0]
                back.append((number, data[4:] == filler,
                             now - sent[number] if number < len(sent) else -1))
        begun = time.monotonic()
        for number in range(count):
            sent.append(time.monotonic())
            sock.send(struct.pack("!I", number) + filler)
            hear(begun + (number + 1) * gap)
        hear(time.monotonic(), quiet=1)
    print(json.dumps(back))


class Hook(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        print(body.decode().replace("\n", " "), flush=True)
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_):
        pass


def webhook(ready, address, port):
    server = http.server.HTTPServer((address, int(port)), Hook)
    done(ready)
    server.serve_forever()


VERBS = {"listen": listen, "train": train, "ntp": ntp, "webhook": webhook}


def main():
    # The first process of a namespace ignores what has no handler.
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    if len(sys.argv) < 3 or sys.argv[1] not in VERBS:
        sys.exit(__doc__)
    return VERBS[sys.argv[1]](*sys.argv[2:])


if __name__ == "__main__":
    sys.exit(main())
