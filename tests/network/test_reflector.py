#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The reflector as it is run: by its command and in the daemon, beyond a router."""

import contextlib
import hashlib
import hmac
import json
import os
import re
import signal
import socket
import struct
import subprocess
import sys
import time

import sandbox

sandbox.enter("ip")

# pylint: disable=wrong-import-position
from model import Failed, wait  # noqa: E402

PROGRAM = sys.argv[1]
FOLDER = sandbox.FOLDER
FIRST, LAST = 10000, 10999
HERE = {4: "192.0.2.1", 6: "2001:db8:1::1"}
THERE = {4: "198.51.100.1", 6: "2001:db8:2::1"}
WEB = 29115


def run(*command):
    subprocess.run([str(word) for word in command], check=True)


def build():
    """Here, a router, and there: a hop that counts the TTL down."""
    run("ip", "link", "set", "lo", "up")
    for name in ("router", "there"):
        run("ip", "netns", "add", name)
    for name, first, second, near, far in (
            ("here", None, "router", HERE, {4: "192.0.2.254", 6: "2001:db8:1::fe"}),
            ("far", "router", "there", {4: "198.51.100.254", 6: "2001:db8:2::fe"},
             THERE)):
        run("ip", "link", "add", f"{name}0", "type", "veth", "peer", "name", f"{name}1")
        for link, space, addresses in ((f"{name}0", first, near),
                                       (f"{name}1", second, far)):
            inside = ["nsenter", f"--net=/run/netns/{space}"] if space else []
            if space:
                run("ip", "link", "set", link, "netns", space)
            run(*inside, "ip", "link", "set", "lo", "up")
            run(*inside, "ip", "link", "set", link, "up")
            run(*inside, "ip", "addr", "add", f"{addresses[4]}/24", "dev", link)
            run(*inside, "ip", "addr", "add", f"{addresses[6]}/64", "dev", link, "nodad")
    run("ip", "route", "add", "default", "via", "192.0.2.254")
    run("ip", "-6", "route", "add", "default", "via", "2001:db8:1::fe")
    there = ["nsenter", "--net=/run/netns/there"]
    run(*there, "ip", "route", "add", "default", "via", "198.51.100.254")
    run(*there, "ip", "-6", "route", "add", "default", "via", "2001:db8:2::fe")
    run("nsenter", "--net=/run/netns/router", "sh", "-c",
        "echo 1 >/proc/sys/net/ipv4/ip_forward; "
        "echo 1 >/proc/sys/net/ipv6/conf/all/forwarding")


class Reflector:
    """A process there, with its log."""

    def __init__(self, *words):
        self.path = os.path.join(FOLDER, "reflector.log")
        with open(self.path, "ab") as log:
            log.truncate(0)
            self.process = subprocess.Popen(
                ["nsenter", "--net=/run/netns/there", PROGRAM, *words], stdout=log,
                stderr=log)

    def log(self):
        with open(self.path, encoding="utf-8") as file:
            return file.read()

    def says(self, words, seconds=10):
        def happened():
            if self.process.poll() is not None:
                raise Failed(f"it ended: {self.log()}")
            return words in self.log()
        wait(f"it says {words}: {self.log()}", happened, seconds)

    def reload(self, words):
        """Says this of it, after all that it said before."""
        with open(self.path, "r+", encoding="utf-8") as log:
            log.truncate()  # it appends
        self.process.send_signal(signal.SIGHUP)
        self.says(words)

    def stop(self, number=signal.SIGTERM):
        self.process.send_signal(number)
        self.process.wait(10)
        if self.process.returncode != 0:
            raise Failed(f"ended with {self.process.returncode}: {self.log()}")


def request(secret):
    """A plain STAMP packet by hand: number 7, of the session 5."""
    now = time.time() + 2208988800
    stamp = struct.pack("!IIHH", int(now), int(now % 1 * 2 ** 32), 0x8001, 5)
    if not secret:
        return struct.pack("!I", 7) + stamp + bytes(28)
    text = struct.pack("!I12x", 7) + stamp + bytes(68)
    return text + hmac.new(secret, text, hashlib.sha256).digest()[:16]


def ask(family, port, seconds=2.0, secret=None):
    """(reply, port it came from), or None."""
    kind = socket.AF_INET if family == 4 else socket.AF_INET6
    with socket.socket(kind, socket.SOCK_DGRAM) as client:
        client.settimeout(seconds)
        packet = request(secret)
        client.sendto(packet, (THERE[family], port))
        try:
            reply, source = client.recvfrom(2000)
        except (TimeoutError, ConnectionError):
            return None
    if source[0] != THERE[family] or len(reply) != len(packet):
        raise Failed(f"{len(reply)} octets from {source}")
    return reply, source[1]


def answers(family, port, secret=None):
    # more than one, for a busy machine loses some
    found = None
    for _ in range(3):
        found = found or ask(family, port, secret=secret)
    if not found or found[1] != port:
        raise Failed(f"port {port} of IPv{family}: {found}")
    layout = "!I12xQHH4xQ8xI28xB" if secret else "!IQHHQI12xB"
    _, sent, _, ssid, received, sequence, ttl = struct.unpack(
        layout, found[0][:struct.calcsize(layout)])
    if received >= sent or sequence != 7 or ssid != 5:
        raise Failed(f"reply of port {port}: {found[0].hex()}")
    return ttl  # the sender's


def descriptors(process):
    return len(os.listdir(f"/proc/{process.pid}/fd"))


def runs_alone():
    reflector = Reflector("reflector", f"--reflector.ports={FIRST}-{LAST}",
                          "--reflector.open")
    reflector.says("state=held ports=1001")
    for family in (4, 6):
        for port in (862, FIRST, FIRST + 333, LAST):
            if answers(family, port) != 63:
                raise Failed("the router is not seen in the TTL")
        if ask(family, LAST + 1, 0.3):
            raise Failed("an answer of a port beyond the range")
    with routed_by_source():
        for family in (4, 6):
            answers(family, LAST)
    # a terminal that is closed ends nothing
    reflector.process.send_signal(signal.SIGHUP)
    reflector.says("configuration reloaded")
    answers(4, FIRST)
    reflector.stop()
    told = re.search(r"msg=stopped answered=(\d+)", reflector.log())
    if not told or int(told[1]) < 9:
        raise Failed(reflector.log())


@contextlib.contextmanager
def routed_by_source():
    """As on a host with two uplinks: only who speaks from this address has a way."""
    there = ["nsenter", "--net=/run/netns/there", "ip"]
    ways = {4: ["-4", "198.51.100.254"], 6: ["-6", "2001:db8:2::fe"]}
    for family, (flag, router) in ways.items():
        run(*there, flag, "rule", "add", "from", THERE[family], "table", "100")
        run(*there, flag, "route", "replace", "default", "via", router,
            "table", "100")
        run(*there, flag, "route", "delete", "default")
    yield
    for family, (flag, router) in ways.items():
        run(*there, flag, "route", "add", "default", "via", router)
        run(*there, flag, "rule", "delete", "from", THERE[family], "table", "100")


def steers():
    """The kernel may not know it, or this user not be allowed to."""
    reflector = Reflector("reflector", "--reflector.ports=1025-65535", "--reflector.open",
                          "--reflector.steer", "--reflector.sources=192.0.2.0/24",
                          "--reflector.sources=2001:db8:1::/64")
    try:
        reflector.says("state=held ports=64512")
    except Failed:
        if "the right is missing" not in reflector.log():
            raise
        print("not steered: the right is missing")
        return
    for family in (4, 6):
        for port in (862, 1025, 5060, 40000, 65535):
            if answers(family, port) != 63:
                raise Failed("the router is not seen in the TTL")
    if descriptors(reflector.process) > 40:
        raise Failed("steering holds a descriptor a port")
    with routed_by_source():
        for family in (4, 6):
            answers(family, 40000)
    reflector.process.kill()
    reflector.process.wait()
    if ask(4, 40000, 0.3):
        raise Failed("the program in the kernel outlives who loaded it")


def configuration(ports, who="open = true"):
    for name, text in (
            ("reflector.catalogue",
             "features = ( ); variables = ( ); requirements = ( );\n"),
            ("reflector.conf",
             'catalogue = "reflector.catalogue";\nsites = ( { name = "hq"; } );\n'
             f'reflector = {{ ports = "{ports}"; {who}; }};\n')):
        with open(os.path.join(FOLDER, name), "w", encoding="utf-8") as file:
            file.write(text)
    return os.path.join(FOLDER, "reflector.conf")


def fetched(path):
    fetch = ("import urllib.request as u; print(u.urlopen("
             f"'http://127.0.0.1:{WEB}/{path}').read().decode())")
    return subprocess.run(["nsenter", "--net=/run/netns/there", sys.executable, "-c",
                           fetch], stdout=subprocess.PIPE, text=True, check=True).stdout


def reloads(reflector):
    """From FIRST-LAST to a range that has half of it, and to a faulty one; of the daemon
    and of the command the same."""
    before = descriptors(reflector.process)
    answers(4, FIRST)
    configuration(f"{FIRST + 500}-{LAST + 500}")
    reflector.reload("10500-11499")
    answers(6, LAST + 500)
    if ask(4, FIRST, 0.3):
        raise Failed("an answer of a port that is held no more")
    if descriptors(reflector.process) != before:
        raise Failed(f"{before} descriptors became {descriptors(reflector.process)}")
    configuration("no range")
    reflector.reload("the old one stays in force")
    if "is no range of ports" not in reflector.log():
        raise Failed(f"it does not say why: {reflector.log()}")
    answers(4, LAST)


def daemon_reloads():
    daemon = Reflector(f"--config.file={configuration(f'{FIRST}-{LAST}')}",
                       f"--web.listen-address=127.0.0.1:{WEB}")
    daemon.says("state=held ports=1001")
    reloads(daemon)
    page = fetched("metrics")
    for line in ('starface_reflector_ports{state="held"} 1001\n',
                 "starface_reflector_packets_total 3\n",
                 'starface_reflector_dropped_total{reason="short"} 0\n'):
        if line not in page:
            raise Failed(f"no {line} in {page[-4000:]}")
    told = json.loads(fetched("api/v1/status"))["reflector"]
    if (told["held"] != {"ports": 1001, "ranges_total": 2, "ranges": [
            {"first": 862, "last": 862}, {"first": FIRST + 500, "last": LAST + 500}]}
            or told["answered"] != 3 or told["keyed"] or told["error"]):
        raise Failed(f"the status says {told}")
    if "10500-11499" not in fetched(""):
        raise Failed("the page does not say which ports are held")
    daemon.stop()


def command_reloads():
    reflector = Reflector("reflector",
                          f"--config.file={configuration(f'{FIRST}-{LAST}')}")
    reflector.says("state=held ports=1001")
    reloads(reflector)
    # libconfig ends who parses this: a child does
    with open(os.path.join(FOLDER, "reflector.conf"), "w", encoding="utf-8") as file:
        file.write(f'@include "{FOLDER}"\n')
    reflector.reload("the old one stays in force")
    answers(4, LAST)
    reflector.stop()


def new_key():
    path = os.path.join(FOLDER, "changing.key")
    if os.path.exists(path):
        os.remove(path)
    run(PROGRAM, "generate-key", path)
    with open(path, encoding="ascii") as file:
        return bytes.fromhex(file.read())


def keys_change():
    """The same file with another secret; who has the old one gets no answer then."""
    path = os.path.join(FOLDER, "changing.key")
    old = new_key()
    words = f'key_file = "{path}"'
    for flags in ([f"--config.file={configuration(f'{FIRST}-{LAST}', words)}",
                   f"--web.listen-address=127.0.0.1:{WEB}"],
                  ["reflector", f"--config.file={FOLDER}/reflector.conf"],
                  ["reflector", f"--reflector.ports={FIRST}-{LAST}",
                   f"--reflector.key-file={path}"]):
        reflector = Reflector(*flags)
        reflector.says("state=held ports=1001")
        answers(4, FIRST, old)
        os.chmod(path, 0o644)
        reflector.reload("is open to everybody")
        answers(4, FIRST, old)
        secret = new_key()
        reflector.reload("configuration reloaded")
        answers(4, FIRST, secret)
        if ask(4, FIRST, 0.3, old):
            raise Failed(f"{flags}: an answer to who has the old key")
        reflector.stop()
        old = secret


def makes_keys():
    path = os.path.join(FOLDER, "rtp.key")
    run(PROGRAM, "generate-key", path)
    again = subprocess.run([PROGRAM, "generate-key", path], capture_output=True,
                           check=False)
    if os.stat(path).st_mode & 0o777 != 0o600 or again.returncode != 1:
        raise Failed("the key is open, or was overwritten")
    reflector = Reflector("reflector", f"--reflector.ports={FIRST}-{LAST}",
                          f"--reflector.key-file={path}")
    reflector.says("state=held ports=1001")
    if ask(4, FIRST, 0.3):
        raise Failed("an answer to who has no key")
    reflector.stop()
    os.chmod(path, 0o644)
    done = subprocess.run([PROGRAM, "reflector", "--reflector.ports=5004",
                           f"--reflector.key-file={path}"], capture_output=True,
                          text=True, check=False)
    if done.returncode != 1 or "is open to everybody" not in done.stderr:
        raise Failed(f"an open key file is taken: {done}")


def main():
    build()
    for part in (runs_alone, steers, daemon_reloads, command_reloads, keys_change,
                 makes_keys):
        part()
        print(f"{part.__name__}: ok", flush=True)


if __name__ == "__main__":
    main()
