#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What is answered: to curl, and to raw sockets that pipeline or send nonsense."""
import gzip
import socket
import tempfile
import time
import unittest

from serving import Server, main, parse, read_response, read_to_end, request


class Answers(unittest.TestCase):
    """What is answered to a well-behaved client."""

    @classmethod
    def setUpClass(cls):
        cls.server = Server().__enter__()

    @classmethod
    def tearDownClass(cls):
        cls.server.__exit__(None)

    def test_plain(self):
        status, headers, body = self.server.curl("/small")
        self.assertEqual((status, body), (200, b"small\n"))
        self.assertEqual(headers["content-type"], "text/plain; charset=utf-8")
        self.assertEqual(headers["cache-control"], "no-store")
        self.assertEqual(headers["x-content-type-options"], "nosniff")
        self.assertNotIn("content-security-policy", headers)

    def test_page_has_security_headers(self):
        _, headers, _ = self.server.curl("/page")
        self.assertEqual(
            headers["content-security-policy"],
            "default-src 'none'; style-src 'self'; img-src 'self' data:; "
            "form-action 'none'; base-uri 'none'; frame-ancestors 'none'")
        self.assertEqual(headers["referrer-policy"], "no-referrer")
        self.assertEqual(headers["x-frame-options"], "deny")
        self.assertEqual(headers["content-language"], "en")
        self.assertEqual(headers["vary"], "Accept-Encoding, Accept-Language")

    def test_head_is_get_without_body(self):
        for path in "/small", "/large", "/page", "/nothing":
            got, head = self.server.curl(path), self.server.curl(path, "-I")
            for _, headers, _ in got, head:
                headers.pop("date")
            self.assertEqual(head[:2], got[:2], path)
            self.assertEqual(head[2], b"")

    def test_unknown_path_and_method(self):
        self.assertEqual(self.server.curl("/nothing")[0], 404)
        self.assertEqual(self.server.curl("/smal")[0], 404)
        for method, path, allow in (("POST", "/small", "GET, HEAD"),
                                    ("DELETE", "/small", "GET, HEAD"),
                                    ("GET", "/post", "POST"),
                                    ("PUT", "/defer", "GET, HEAD, POST")):
            status, headers, _ = self.server.curl(path, "-X", method)
            self.assertEqual((status, headers["allow"]), (405, allow))

    def test_path_and_query_are_decoded(self):
        _, _, body = self.server.curl("/echo/a%20b/c?x=1&value=%C3%A4%26y", "-A", "me")
        self.assertEqual(body.decode(),
                         "path=/echo/a b/c\nrest=a b/c\nvalue=ä&y\nagent=me\n")
        self.assertIn(b"value=\n", self.server.curl("/echo/?value")[2])
        self.assertIn(b"value=(none)", self.server.curl("/echo/?values=1")[2])

    def test_hidden_nul_is_refused(self):
        self.assertEqual(self.server.curl("/small%00/secret")[0], 400)
        self.assertEqual(self.server.curl("/small?value=%00")[0], 400)

    def test_gzip(self):
        _, headers, plain = self.server.curl("/large")
        self.assertNotIn("content-encoding", headers)
        self.assertEqual(headers["vary"], "Accept-Encoding")
        accept = "Accept-Encoding: gzip"
        _, headers, packed = self.server.curl("/large", "-H", accept)
        self.assertEqual(headers["content-encoding"], "gzip")
        self.assertEqual(headers["vary"], "Accept-Encoding")
        self.assertEqual(gzip.decompress(packed), plain)
        self.assertLess(len(packed) * 4, len(plain))
        for path, accept in (("/large", "Accept-Encoding: gzip;q=0, *"),
                             ("/large", "Accept-Encoding: br"),
                             ("/small", "Accept-Encoding: gzip")):
            _, headers, body = self.server.curl(path, "-H", accept)
            self.assertNotIn("content-encoding", headers)
            self.assertIn(body, (plain, b"small\n"))

    def test_large_body_arrives_whole(self):
        _, headers, body = self.server.curl("/large?lines=300000")
        self.assertEqual(len(body), int(headers["content-length"]))
        self.assertTrue(body.endswith(b"line 299999 of the large body\n"))

    def test_metrics_negotiation(self):
        text = "text/plain; version=0.0.4; charset=utf-8"
        open_ = "application/openmetrics-text; version=1.0.0; charset=utf-8"
        for accept, wanted in (("Accept:", text),
                               ("Accept: application/openmetrics-text", open_)):
            _, headers, _ = self.server.curl("/metrics", "-H", accept)
            self.assertEqual(headers["content-type"], wanted)
            self.assertEqual(headers["vary"], "Accept-Encoding, Accept")

    def test_out_of_memory_is_500_not_half_a_body(self):
        status, _, body = self.server.curl("/failed")
        self.assertEqual((status, body), (500, b""))

    def test_post_bodies(self):
        for length, wanted in ((0, 200), (100, 200), (4096, 200), (4097, 413),
                               (1000000, 413)):
            with tempfile.NamedTemporaryFile() as body:
                body.write(b"x" * length)
                body.flush()
                status, _, _ = self.server.curl(
                    "/post", "-H", "Expect:", "--data-binary", "@" + body.name)
            self.assertEqual(status, wanted, length)

    def test_endless_chunked_body_is_cut(self):
        with self.server.connect() as client:
            client.sendall(b"POST /post HTTP/1.1\r\nHost: t\r\n"
                           b"Transfer-Encoding: chunked\r\n\r\n")
            with self.assertRaises((BrokenPipeError, ConnectionResetError)):
                for _ in range(1000):
                    client.sendall(b"400\r\n" + b"x" * 1024 + b"\r\n")
                    time.sleep(0.001)
        self.assertEqual(self.server.curl("/small")[0], 200)

    def test_path_that_is_none(self):
        with self.server.connect() as client:
            client.sendall(b"GET * HTTP/1.1\r\nHost: t\r\n\r\n")
            self.assertEqual(parse(read_response(client))[0], 404)


class Protocol(unittest.TestCase):
    """Clients that pipeline, keep alive, or send what is no HTTP."""

    @classmethod
    def setUpClass(cls):
        cls.server = Server().__enter__()

    @classmethod
    def tearDownClass(cls):
        cls.server.__exit__(None)

    def test_pipelined_requests_are_all_answered(self):
        for count in 5, 50:
            with self.server.connect() as client:
                for i in range(count - 1):
                    client.sendall(request(f"/echo/{i}"))
                client.sendall(request("/echo/last", "Connection: close\r\n"))
                answers = read_to_end(client)
            rests = [line[5:] for line in answers.decode().split("\n")
                     if line.startswith("rest=")]
            self.assertEqual(rests, [*map(str, range(count - 1)), "last"])

    def test_half_a_request_is_answered_when_the_rest_comes(self):
        whole = request("/echo/half")
        for cut in 1, 10, len(whole) - 1:
            with self.server.connect() as client:
                client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                client.sendall(whole[:cut])
                time.sleep(0.05)
                client.sendall(whole[cut:])
                self.assertIn(b"rest=half", read_response(client))

    def test_many_requests_on_one_connection(self):
        with self.server.connect() as client:
            for _ in range(500):
                client.sendall(request())
                self.assertTrue(read_response(client).endswith(b"small\n"))

    def test_http_1_0(self):
        with self.server.connect() as client:
            client.sendall(b"GET /small HTTP/1.0\r\n\r\n")
            self.assertTrue(read_to_end(client).endswith(b"small\n"))

    def test_no_http_is_refused(self):
        cases = {
            "no host": (b"GET /small HTTP/1.1\r\n\r\n", (400,)),
            "no version": (b"GET /small\r\n\r\n", (400, 505, None)),
            "binary": (bytes(range(1, 256)) * 4 + b"\r\n\r\n", (400, 505, None)),
            "tls": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\n\n",
                    (400, 505, None)),
            "long url": (b"GET /" + b"a" * 65536 + b" HTTP/1.1\r\n\r\n",
                         (414, 413, 431)),
            "long header": (b"GET / HTTP/1.1\r\nX: " + b"a" * 65536 + b"\r\n\r\n",
                            (413, 431)),
        }
        for name, (bytes_sent, wanted) in cases.items():
            with self.subTest(name), self.server.connect() as client:
                try:
                    client.sendall(bytes_sent)
                    client.shutdown(socket.SHUT_WR)
                except OSError:
                    pass
                answer = read_to_end(client)
                self.assertIn(parse(answer)[0] if answer else None, wanted)
            self.assertEqual(self.server.curl("/small")[0], 200)


if __name__ == "__main__":
    main()
