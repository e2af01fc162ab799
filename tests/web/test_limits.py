#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Clients that hold what others need, and answers that come later."""
import socket
import subprocess
import time
import unittest

from serving import (SLOWER, WRAPPER, Server, cpu_seconds, main, parse, read_response,
                     read_to_end, request, wait_until)


def own_address():
    """An address of this host that is not loopback; traffic to it stays in the host."""
    done = subprocess.run(["ip", "-4", "-o", "address", "show", "up", "scope", "global"],
                          capture_output=True, text=True, check=False)
    words = done.stdout.split()
    return words[words.index("inet") + 1].partition("/")[0] if "inet" in words else None


class Limits(unittest.TestCase):
    """Clients that hold what others need."""

    def drip(self, client, least, most):
        began = time.monotonic()
        try:
            for byte in b"Host: test\r\nX: " + b"a" * 4000:
                client.sendall(bytes([byte]))
                time.sleep(0.05)
            self.fail("a dripping client was not cut")
        except (BrokenPipeError, ConnectionResetError):
            pass
        self.assertTrue(least <= time.monotonic() - began <= most * SLOWER)

    def test_dripping_client_is_cut_at_the_deadline(self):
        with Server(REQUEST_MS=500) as server:
            with server.connect() as client:
                client.sendall(b"GET /small HTTP/1.1\r\n")
                self.drip(client, 0.4, 2)
            with server.connect() as client:
                self.drip(client, 0.4, 2)
            self.assertEqual(server.statistics()[3], 2)

    def test_dripping_client_is_cut_in_its_second_request_too(self):
        with Server(REQUEST_MS=500, IDLE_MS=60000) as server:
            with server.connect() as client:
                client.sendall(request() + request().partition(b"Host")[0])
                read_response(client)
                self.drip(client, 0.3, 3)

    def test_client_that_does_not_read_is_cut(self):
        with Server(REQUEST_MS=500) as server:
            with server.connect() as client:
                client.sendall(request("/large?lines=300000"))
                wait_until(lambda: server.statistics()[3] == 1)
                self.assertLess(len(read_to_end(client)), 8000000)

    def test_deadline_begins_anew_with_each_request(self):
        with Server(REQUEST_MS=400, IDLE_MS=2000) as server, server.connect() as client:
            for _ in range(6):
                client.sendall(request())
                self.assertTrue(read_response(client).endswith(b"small\n"))
                time.sleep(0.2)
            self.assertEqual(server.statistics()[3], 0)

    def test_idle_client_is_closed(self):
        with Server(IDLE_MS=300) as server, server.connect() as client:
            client.sendall(request())
            self.assertIsNotNone(read_response(client))
            self.assertEqual(client.recv(1), b"")
            self.assertEqual(server.statistics()[3], 0)

    def test_forty_silent_clients_and_then_service(self):
        with Server(REQUEST_MS=700) as server:
            clients = [server.connect() for _ in range(40)]
            began = time.monotonic()
            self.assertEqual(server.curl("/small")[0], 200)
            self.assertLess(time.monotonic() - began, 5 * SLOWER)
            for client in clients:
                client.close()
            wait_until(lambda: server.statistics()[0] == 1)

    def test_never_deaf_after_the_limit(self):
        """At the limit libmicrohttpd's own listener went deaf in 3 of 12 such rounds."""
        for limit in 3, 4:
            with Server(CONNECTIONS=limit) as server:
                for _ in range(12):
                    clients = [server.connect() for _ in range(limit)]
                    for client in clients:
                        client.sendall(request())
                    for client in clients:
                        client.close()
                    self.assertEqual(server.curl("/small", "-m", "5")[0], 200)

    def test_idle_clients_give_way(self):
        with Server(CONNECTIONS=4) as server:
            clients = [server.connect() for _ in range(4)]
            for client in clients:
                client.sendall(request())
                read_response(client)
            began = time.monotonic()
            self.assertEqual(server.curl("/small")[0], 200)
            self.assertLess(time.monotonic() - began, 2 * SLOWER)
            self.assertEqual(clients[0].recv(1), b"", "the longest idle one goes first")
            for client in clients[1:]:
                client.sendall(request())
                self.assertIsNotNone(read_response(client), "and only that one")
            for client in clients:
                client.close()

    @unittest.skipIf(WRAPPER, "the wrapper needs descriptors of its own")
    def test_recovers_from_want_of_descriptors_without_spinning(self):
        with Server(prefix=["prlimit", "--nofile=40:40"], CONNECTIONS=200) as server:
            clients = [server.connect() for _ in range(60)]
            time.sleep(0.5)
            before = cpu_seconds(server.process.pid)
            time.sleep(1)
            self.assertLess(cpu_seconds(server.process.pid) - before, 0.3)
            for client in clients:
                client.close()
            self.assertEqual(server.curl("/small")[0], 200)

    def test_one_address_cannot_take_all(self):
        address = own_address()
        if not address:
            self.skipTest("this host has no address beside loopback")
        with Server("0.0.0.0:0", PER_ADDRESS=3) as server:
            clients = [socket.create_connection((address, server.port), 20)
                       for _ in range(5)]
            for client in clients[3:]:
                self.assertEqual(read_to_end(client), b"")
            clients[0].sendall(request())
            self.assertIsNotNone(read_response(clients[0]))
            self.assertEqual(server.statistics()[2], 2)
            for client in clients:
                client.close()

    def test_loopback_is_exempt(self):
        with Server(PER_ADDRESS=2) as server:
            clients = [server.connect() for _ in range(5)]
            for client in clients:
                client.sendall(request())
                self.assertIsNotNone(read_response(client))
                client.close()

    def test_at_rest_it_sleeps(self):
        with Server() as server, server.connect() as client:
            client.sendall(request())
            read_response(client)
            before = cpu_seconds(server.process.pid)
            time.sleep(1)
            self.assertLessEqual(cpu_seconds(server.process.pid) - before, 0.05 * SLOWER)


class Deferred(unittest.TestCase):
    """Answers that come after the handler has returned."""

    def test_later_and_at_once(self):
        with Server() as server:
            for path in "/defer?ms=100", "/defer":
                self.assertEqual(server.curl(path, "-X", "POST")[2], b"deferred\n")
                self.assertEqual(server.curl(path)[2], b"deferred\n")

    def test_others_are_served_meanwhile(self):
        with Server() as server, server.connect() as client:
            client.sendall(request("/defer?ms=never"))
            self.assertEqual(server.curl("/small")[0], 200)
            server.curl("/defer")
            self.assertTrue(read_response(client).endswith(b"deferred\n"))

    def test_deadline_stands_still(self):
        with Server(REQUEST_MS=200) as server:
            self.assertEqual(server.curl("/defer?ms=600")[2], b"deferred\n")
            self.assertEqual(server.statistics()[3], 0)

    def test_client_leaves_meanwhile(self):
        with Server() as server:
            for linger in False, True:
                client = server.connect()
                client.sendall(request("/defer?ms=300"))
                wait_until(lambda: server.statistics()[0] == 2)
                if linger:
                    client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                      b"\1\0\0\0\0\0\0\0")
                client.close()
                wait_until(lambda: server.statistics()[0] == 1)
            self.assertEqual(server.curl("/small")[0], 200)

    def test_server_ends_meanwhile(self):
        server = Server().__enter__()
        with server.connect() as client:
            client.sendall(request("/defer?ms=never"))
            wait_until(lambda: server.statistics()[0] == 2)
            self.assertEqual(server.stop(), 0)
            self.assertEqual(parse(read_to_end(client))[0], 503)


if __name__ == "__main__":
    main()
