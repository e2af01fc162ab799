# SPDX-License-Identifier: Apache-2.0
"""A server process and the clients that the tests of this folder ask it with.

usage of each test: test_NAME.py SERVER
$WEB_TEST_WRAPPER runs the server, for instance "valgrind -q --error-exitcode=9".
"""
import os
import shlex
import socket
import subprocess
import sys
import time
import unittest

SERVER = os.path.abspath(sys.argv[1])
WRAPPER = shlex.split(os.environ.get("WEB_TEST_WRAPPER", ""))
SLOWER = 4 if WRAPPER else 1


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Server:
    """A server process; leaves the with block only if it ended cleanly."""

    def __init__(self, *addresses, pass_fds=(), prefix=(), **limits):
        environment = dict(os.environ, **{k: str(v) for k, v in limits.items()})
        self.process = subprocess.Popen(
            [*WRAPPER, *prefix, SERVER, *(addresses or ["127.0.0.1:0"])],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env=environment, pass_fds=pass_fds)
        self.first_line = self.process.stdout.readline().strip()

    def __enter__(self):
        self.ports = [int(port) for port in self.first_line.split()]
        self.port = self.ports[0]
        return self

    def __exit__(self, *error):
        code = self.stop()
        if error[0] is None and code != 0:
            raise AssertionError(f"the server ended with {code}")

    def stop(self):
        self.process.stdin.close()
        try:
            return self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise
        finally:
            self.process.stdout.close()

    def connect(self):
        client = socket.create_connection(("127.0.0.1", self.port), timeout=20)
        return client

    def curl(self, path, *options, host="127.0.0.1", port=None):
        """Status, headers (lower-case names) and body bytes of one request."""
        url = f"http://{host}:{port or self.port}{path}"
        done = subprocess.run(["curl", "-sS", "-g", "-i", "-m", "20", *options, url],
                              capture_output=True, check=True)
        return parse(done.stdout)

    def statistics(self):
        return [int(word) for word in self.curl("/statistics")[2].split()]


def parse(message):
    head, _, body = message.partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    headers = {}
    for line in lines[1:]:
        name, _, value = line.partition(":")
        headers[name.lower()] = value.strip()
    return int(lines[0].split()[1]), headers, body


def request(path="/small", extra=""):
    return f"GET {path} HTTP/1.1\r\nHost: test\r\n{extra}\r\n".encode()


def read_to_end(client):
    data = b""
    try:
        while piece := client.recv(65536):
            data += piece
    except ConnectionResetError:
        pass
    return data


def read_response(client):
    """One response with a Content-Length from a connection kept alive."""
    data = b""
    while b"\r\n\r\n" not in data:
        piece = client.recv(65536)
        if not piece:
            return None
        data += piece
    head = data.partition(b"\r\n\r\n")[0]
    length = parse(data)[1].get("content-length", "0")
    while len(data) < len(head) + 4 + int(length):
        data += client.recv(65536)
    return data


def wait_until(condition, seconds=10):
    end = time.monotonic() + seconds * SLOWER
    while not condition():
        if time.monotonic() > end:
            raise AssertionError("waited in vain")
        time.sleep(0.02)


def main():
    unittest.main(argv=[sys.argv[0], *sys.argv[2:]])
