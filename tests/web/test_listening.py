#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Where the server listens, and what it says when it cannot."""
import os
import socket
import subprocess
import tempfile
import unittest

from serving import Server, main


class Listening(unittest.TestCase):
    """Where it listens, and what it says when it cannot."""

    def refused(self, *addresses):
        server = Server(*addresses)
        self.assertEqual(server.stop(), 0)
        return server.first_line

    def test_two_listeners(self):
        with Server("127.0.0.1:0", "127.0.0.1:0") as server:
            self.assertEqual(len(set(server.ports)), 2)
            for port in server.ports:
                self.assertEqual(server.curl("/small", port=port)[0], 200)

    @unittest.skipUnless(os.path.exists("/proc/net/if_inet6"), "no IPv6")
    def test_ipv6_and_dual_stack(self):
        with Server("[::1]:0", ":0", "[::]:0") as server:
            self.assertEqual(server.curl("/small", host="[::1]")[0], 200)
            with self.assertRaises(subprocess.CalledProcessError):
                server.curl("/small", host="127.0.0.1")
            for port in server.ports[1:]:
                for host in "127.0.0.1", "[::1]":
                    self.assertEqual(server.curl("/small", host=host, port=port)[0], 200)

    def test_unix_socket(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "web.sock")
            stale = socket.socket(socket.AF_UNIX)
            stale.bind(path)
            stale.close()
            with Server("unix:" + path) as server:
                self.assertEqual(server.port, 0)
                got = server.curl("/small", "--unix-socket", path, port=80)
                self.assertEqual(got[0], 200)
                self.assertIn("in use", self.refused("unix:" + path))
                self.assertTrue(os.path.exists(path))
            self.assertFalse(os.path.exists(path))

    def test_port_in_use(self):
        with Server() as server:
            line = self.refused(f"127.0.0.1:{server.port}")
            self.assertEqual(
                line, f'cannot listen on "127.0.0.1:{server.port}": Address already in '
                      "use; another program has it, `ss -ltnp` says which")

    def test_foreign_address(self):
        self.assertIn("no interface of this host", self.refused("192.0.2.1:0"))

    def test_what_is_no_address(self):
        for address in ("", "29115", "localhost:29115", "127.0.0.1", "127.0.0.1:",
                        "127.0.0.1:x", "127.0.0.1:65536", "127.0.0.1:-1", "::1:29115",
                        "[127.0.0.1]:1", "[::1]", "unix:", "unix:/" + "a" * 200,
                        "1" * 300 + ":1"):
            self.assertIn("write an address, not a name", self.refused(address), address)

    def test_handed_over_socket(self):
        with socket.create_server(("127.0.0.1", 0)) as listener:
            fd = listener.fileno()
            with Server(f"fd:{fd}", pass_fds=[fd]) as server:
                self.assertEqual(server.port, listener.getsockname()[1])
                self.assertEqual(server.curl("/small")[0], 200)

    def test_handed_over_nonsense(self):
        with socket.socket() as idle, tempfile.TemporaryFile() as file:
            for fd, wanted in ((idle.fileno(), "Invalid argument"),
                               (file.fileno(), "Socket operation on non-socket")):
                server = Server(f"fd:{fd}", pass_fds=[fd])
                self.assertEqual(server.stop(), 0)
                self.assertEqual(server.first_line, wanted)


if __name__ == "__main__":
    main()
