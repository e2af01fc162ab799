#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Bodies that are too large to be packed on the loop."""
import gzip
import os
import select
import threading
import unittest

from serving import WRAPPER, Server, main, parse, read_to_end, request, wait_until

LINES = 20000 if WRAPPER else 400000
LARGE = f"/large?lines={LINES}"
BODY = "".join(f"line {i} of the large body\n" for i in range(LINES)).encode()
GZIP = "Accept-Encoding: gzip\r\n"


def threads(server):
    return len(os.listdir(f"/proc/{server.process.pid}/task"))


def await_request(server, path=LARGE):
    """A client whose request is in the server's hands."""
    client = server.connect()
    before = server.statistics()[1]
    client.sendall(request(path, GZIP + "Connection: close\r\n"))
    count = [before]

    def has_come():
        count[0] += 1
        return server.statistics()[1] > count[0]
    wait_until(has_come)
    return client


class Packing(unittest.TestCase):
    """Bodies that are too large to be packed on the loop."""

    def test_arrives_whole_and_packed(self):
        with Server() as server:
            for _ in range(3):
                _, headers, body = server.curl(LARGE, "-H", GZIP.strip())
                self.assertEqual(headers["content-encoding"], "gzip")
                self.assertEqual(int(headers["content-length"]), len(body))
                self.assertEqual(gzip.decompress(body), BODY)

    def test_head_has_the_length_of_get(self):
        with Server() as server:
            got = server.curl(LARGE, "-H", GZIP.strip())
            head = server.curl(LARGE, "-H", GZIP.strip(), "-I")
            self.assertEqual(head[1]["content-length"], got[1]["content-length"])

    def test_small_bodies_need_no_thread(self):
        with Server() as server:
            before = threads(server)
            server.curl("/large?lines=5000", "-H", GZIP.strip())
            server.curl("/large?lines=20000")
            self.assertEqual(threads(server), before)
            server.curl("/large?lines=20000", "-H", GZIP.strip())
            # The thread sanitizer begins one of its own with the first of ours.
            self.assertGreater(threads(server), before)

    @unittest.skipIf(WRAPPER, "valgrind runs one thread at a time")
    def test_others_are_served_meanwhile(self):
        with Server() as server, await_request(server) as client:
            self.assertEqual(server.curl("/small")[0], 200)
            self.assertEqual(select.select([client], [], [], 0)[0], [],
                             "the large answer was there first")
            _, headers, body = parse(read_to_end(client))
            self.assertEqual(headers["content-encoding"], "gzip")
            self.assertEqual(gzip.decompress(body), BODY)

    def test_without_a_thread_it_is_sent_as_it_is(self):
        with Server(NO_THREADS=1) as server:
            for _ in range(2):
                _, headers, body = server.curl(LARGE, "-H", GZIP.strip())
                self.assertNotIn("content-encoding", headers)
                self.assertEqual(body, BODY)

    def test_many_at_once(self):
        """Each gets the whole body; whoever finds the queue full gets it as it is."""
        path = "/large?lines=20000"
        with Server() as server:
            plain = server.curl(path)[2]
            answers = []

            def ask():
                answers.append(server.curl(path, "-H", GZIP.strip()))
            clients = [threading.Thread(target=ask) for _ in range(12)]
            for client in clients:
                client.start()
            for client in clients:
                client.join()
            self.assertEqual(len(answers), 12)
            for _, headers, body in answers:
                packed = headers.get("content-encoding") == "gzip"
                self.assertEqual(gzip.decompress(body) if packed else body, plain)

    def test_pipelined(self):
        path = "/large?lines=20000"
        with Server() as server, server.connect() as client:
            client.sendall(request(path, GZIP) * 3 + request(
                "/small", "Connection: close\r\n"))
            answers = read_to_end(client)
            self.assertEqual(answers.count(b"Content-Encoding: gzip"), 3)
            self.assertTrue(answers.endswith(b"small\n"))

    def test_client_leaves_meanwhile(self):
        with Server() as server:
            for _ in range(3):
                await_request(server).close()
            wait_until(lambda: server.statistics()[0] == 1)
            self.assertEqual(server.curl("/small")[0], 200)

    def test_server_ends_meanwhile(self):
        """Whoever waits is told so; the thread, and what waited for it, is gone."""
        server = Server().__enter__()
        with await_request(server) as first, await_request(server) as second:
            self.assertEqual(server.stop(), 0)
            for client in first, second:
                answer = read_to_end(client)
                self.assertIn(parse(answer)[0] if answer else 503, (200, 503))


if __name__ == "__main__":
    main()
