#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Small partners and askers that run inside a namespace of the model network.

usage: tool.py listen READY PORT ...    tcp:N accepts and waits, udp:N echoes
       tool.py ntp ADDRESS              prints leap and stratum of a time server
       tool.py ntp-server HOW ADDRESS   kod, offset, bad-origin
       tool.py dns-server HOW ADDRESS   garbage, bad-id, truncated
       tool.py tcp HOW ADDRESS PORT     silent, close, reset, truncated, framing,
                                    drip, garbage, ssh
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

NTP_EPOCH = 2208988800


def done(path):
    with open(path, "w", encoding="utf-8"):
        pass


def sip_answer(data):
    """RFC 3261, 8.2.6.2: the answer carries these headers of the request."""
    if not data.startswith(b"OPTIONS "):
        return None
    kept = (b"via:", b"from:", b"to:", b"call-id:", b"cseq:")
    lines = [line for line in data.split(b"\r\n") if line.lower().startswith(kept)]
    return b"\r\n".join([b"SIP/2.0 200 OK", *lines, b"Content-Length: 0", b"", b""])


class Echo(asyncio.DatagramProtocol):
    def connection_made(self, transport):
        self.transport = transport

    def datagram_received(self, data, addr):
        self.transport.sendto(sip_answer(data) or data, addr)


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
    sock.bind((address, port))
    return sock


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


def stamp(seconds):
    whole = int(seconds)
    return struct.pack("!II", (whole + NTP_EPOCH) & 0xFFFFFFFF,
                       int((seconds - whole) * 2**32))


def ntp_reply(how, question):
    now = time.time() + (30 if how == "offset" else 0)
    origin = question[40:48] if how != "bad-origin" else os.urandom(8)
    if how == "kod":
        head = struct.pack("!BBbb", 0xE4, 0, 6, -20) + bytes(8) + b"DENY"
    else:
        head = struct.pack("!BBbb", 0x24, 2, 6, -20) + bytes(8) + b"\x7f\x00\x00\x01"
    return head + stamp(now) + origin + stamp(now) + stamp(now)


def dns_reply(how, question):
    flags = {"truncated": 0x8380}.get(how, 0x8180)
    if how == "garbage":
        return question[:2] + b"\xff" * 9
    identity = struct.unpack("!H", question[:2])[0] ^ (0x5555 if how == "bad-id" else 0)
    end = question.index(b"\0", 12) + 5
    return struct.pack("!HHHHHH", identity, flags, 1, 0, 0, 0) + question[12:end]


def udp_server(reply, how, address, port):
    sock = udp_socket(address, port)
    print("ready", flush=True)
    while True:
        question, peer = sock.recvfrom(4096)
        sock.sendto(reply(how, question), peer)


def ntp_server(how, address):
    udp_server(ntp_reply, how, address, 123)


def dns_server(how, address):
    udp_server(dns_reply, how, address, 53)


def train(address, port, count, gap):
    """Numbered datagrams of 100 octets; the numbers and delays of what came back."""
    count, gap, back, sent = int(count), float(gap), [], []
    filler = bytes(range(96))
    with socket.socket(family_of(address), socket.SOCK_DGRAM) as sock:
        sock.connect((address, int(port)))
        sock.setblocking(False)

        def hear(until):
            while (left := until - time.monotonic()) > 0:
                if not select.select([sock], [], [], left)[0]:
                    return
                data, now = sock.recv(2048), time.monotonic()
                number = struct.unpack("!I", data[:4])[0]
                back.append((number, data[4:] == filler,
                             now - sent[number] if number < len(sent) else -1))
        begun = time.monotonic()
        for number in range(count):
            sent.append(time.monotonic())
            sock.send(struct.pack("!I", number) + filler)
            hear(begun + (number + 1) * gap)
        hear(time.monotonic() + 0.5)
    print(json.dumps(back))


SAID = {"garbage": b"\x00\xff\x13\x37" * 16, "ssh": b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n"}


async def _misbehave(how, reader, writer):
    if how == "reset":
        sock = writer.get_extra_info("socket")
        await reader.read(1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    elif how == "silent":
        while await reader.read(4096):
            pass
    elif how == "close":
        await reader.read(4096)
    elif how == "truncated":
        await reader.read(4096)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nshort")
    elif how == "framing":
        await reader.read(4096)
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzebra\r\n")
    elif how == "drip":
        await reader.read(4096)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        while not reader.at_eof():
            writer.write(b".")
            await asyncio.sleep(0.2)
    else:
        writer.write(SAID[how])
        await reader.read(4096)
    try:
        await writer.drain()
    except ConnectionError:
        pass
    writer.close()


async def _tcp(how, address, port):
    async def serve(reader, writer):
        try:
            await _misbehave(how, reader, writer)
        except ConnectionError:
            writer.close()
    await asyncio.start_server(serve, address, int(port))
    print("ready", flush=True)
    await asyncio.Event().wait()


def tcp(how, address, port):
    asyncio.run(_tcp(how, address, port))


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


VERBS = {"listen": listen, "train": train, "ntp": ntp, "ntp-server": ntp_server,
         "dns-server": dns_server, "tcp": tcp, "webhook": webhook}


def main():
    # The first process of a namespace ignores what has no handler.
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    if len(sys.argv) < 3 or sys.argv[1] not in VERBS:
        sys.exit(__doc__)
    return VERBS[sys.argv[1]](*sys.argv[2:])


if __name__ == "__main__":
    sys.exit(main())
