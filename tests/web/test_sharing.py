#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Many clients of one report: what they may cost in memory and in printings."""
import gzip
import socket
import time
import unittest

from serving import WRAPPER, Server, main, parse, read_to_end, request, wait_until

LINES = 20000 if WRAPPER else 300000
REPORT = f"/report?lines={LINES}"
CLOSE = "Connection: close\r\n"
GZIP = "Accept-Encoding: gzip\r\n"
OLD = 0.6  # seconds; a body is shared for half of one


def resident(server):
    """Octets of memory at its peak."""
    with open(f"/proc/{server.process.pid}/status", encoding="ascii") as status:
        line = next(line for line in status if line.startswith("VmHWM:"))
    return int(line.split()[1]) * 1024


def ask(server, path=REPORT, extra=""):
    """A client that asks and does not read; nor does the kernel in its place."""
    client = socket.socket()
    client.settimeout(20)
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
    client.connect(("127.0.0.1", server.port))
    client.sendall(request(path, extra + CLOSE))
    return client


def printed(body):
    return int(body.partition(b"\n")[0].split()[1])


class Sharing(unittest.TestCase):
    """Many clients of one report."""

    @unittest.skipIf(WRAPPER, "the wrapper has memory of its own")
    def test_slow_clients_cost_one_body(self):
        with Server(CONNECTIONS=40) as server:
            first = server.curl(REPORT)[2]
            size, before = len(first), resident(server)
            time.sleep(OLD)
            clients = [ask(server) for _ in range(32)]
            wait_until(lambda: server.statistics()[1] >= 34)
            grown = resident(server) - before
            last = parse(read_to_end(clients[31]))[2]
            self.assertEqual(len(last), size)
            # One, two should its half second have ended; more where printing takes long.
            printings = printed(last) - printed(first)
            self.assertLessEqual(printings, 8)
            # A growing text takes twice its size.
            self.assertLess(grown, (printings + 3) * size)
            for client in clients:
                client.close()

    def test_is_packed_once(self):
        """Those who come while it is packed wait for it; others get it as it is."""
        with Server() as server:
            clients = [ask(server, extra=GZIP) for _ in range(8)]
            plain = ask(server)
            bodies = set()
            for client in clients:
                _, headers, body = parse(read_to_end(client))
                self.assertEqual(headers["content-encoding"], "gzip")
                bodies.add(body)
                client.close()
            self.assertEqual(len(bodies), 1 if not WRAPPER else len(bodies))
            _, headers, body = parse(read_to_end(plain))
            self.assertNotIn("content-encoding", headers)
            plain.close()
            lines = gzip.decompress(bodies.pop()).count(b"\n")
            self.assertEqual(lines, body.count(b"\n"))

    def test_is_printed_anew_when_it_is_old(self):
        with Server() as server:
            first = printed(server.curl("/report?lines=10")[2])
            time.sleep(OLD)
            self.assertEqual(printed(server.curl("/report?lines=10")[2]), first + 1)

    def test_is_printed_anew_when_it_is_forgotten(self):
        with Server() as server, server.connect() as client:
            pipelined = request("/report?lines=1") * 2 + request("/forget")
            client.sendall(pipelined + request("/report?lines=1", CLOSE))
            answers = read_to_end(client)
            self.assertEqual(answers.count(b"printed 1\n"), 2)
            self.assertEqual(answers.count(b"printed 2\n"), 1)

    def test_numbers_do_not_mix(self):
        with Server() as server, server.connect() as client:
            one, two, alone = ("/report?lines=1" + kind
                               for kind in ("", "&kind=b", "&kind=alone"))
            client.sendall(request(one) + request(two) + request(alone) * 2 +
                           request(two, CLOSE))
            answers = read_to_end(client)
            order = [int(part.split()[0]) for part in answers.split(b"printed ")[1:]]
            self.assertEqual(order, [1, 2, 3, 4, 2])

    def test_heads_in_a_row_cost_one_printing(self):
        with Server() as server, server.connect() as client:
            head = request("/report?lines=1").replace(b"GET", b"HEAD")
            client.sendall(head * 20 + request("/report?lines=1", CLOSE))
            self.assertTrue(b"printed 1\n" in read_to_end(client))

    @unittest.skipIf(WRAPPER, "its bodies fit into the sockets")
    def test_held_bodies_are_bounded(self):
        """Two generations fill the limit; then 503, until their clients are gone."""
        size = 0
        with Server() as server:
            size = len(server.curl(REPORT)[2])
        with Server(OCTETS=2 * size) as server:
            clients = []
            for _ in range(3):
                clients.append(ask(server))
                server.curl("/small")  # answered after it was printed
                time.sleep(OLD)
            status, headers, _ = server.curl(REPORT)
            self.assertEqual((status, headers["retry-after"]), (503, "1"))
            self.assertEqual(headers["content-type"], "text/plain; charset=utf-8")
            self.assertEqual(server.curl("/report?kind=alone")[0], 503)
            self.assertEqual(server.curl("/small")[0], 200)
            for client in clients:
                client.close()
            wait_until(lambda: server.curl(REPORT)[0] == 200)

    def test_a_failed_body_is_not_shared(self):
        with Server() as server:
            self.assertEqual(server.curl("/failed?share")[0], 500)
            self.assertEqual(server.curl("/report?lines=1")[0], 200)


if __name__ == "__main__":
    main()
