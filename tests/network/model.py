# SPDX-License-Identifier: Apache-2.0
"""The model network: where a prober stands, a PBX, a firewall, and the vendor's cloud.

	prober 192.0.2.10 --- .1 firewall .1 --- cloud 203.0.113.0/24 (vendor, DNS, NTP)
	                          .1
	                           '------------ pbx 198.51.100.20

Each is a network namespace of the sandbox, IPv4 and IPv6. The servers are real ones.
"""

import contextlib
import ctypes
import os
import shutil
import socket
import subprocess
import tempfile
import time

import sandbox

LIBC = ctypes.CDLL(None, use_errno=True)
CLONE_NEWNET = 0x40000000  # <linux/sched.h>

PROBER, FIREWALL, CLOUD, PBX = "prober", "firewall", "cloud", "pbx"

# namespace: the firewall's interface, and the first parts of its network
NETWORKS = {
    PROBER: ("lan0", "192.0.2.", "2001:db8:1::"),
    CLOUD: ("wan0", "203.0.113.", "2001:db8:3::"),
    PBX: ("pbx0", "198.51.100.", "2001:db8:2::"),
}
HOSTS = {PROBER: 10, CLOUD: 2, PBX: 20}

# Names of the vendor and its like: each has an address pair of its own in the cloud.
NAMES = {
    "license.starface.de": 10,
    "update.starface.de": 11,
    "starface-cdn.de": 12,
    "www.starface-cdn.de": 13,
    "iplookup.starface.com": 14,
    "siptrunk.de": 15,
    "cluster.starface-connect.com": 16,
    "meeting.starface-neon.com": 17,
    "connect.starface.de": 18,
    "pool.ntp.org": 20,
    "ntp.example.com": 20,
    "portal.example.com": 21,
    "two.example.com": 22,
    "stun.example.com": 26,
    **{f"{how}.example.net": 24 for how in
       ("nxdomain", "nodata", "servfail", "refused", "a.cname-loop")},
}
RESOLVER = 53
SECOND = 23   # the other address of two.example.com
STUN = 26, 27  # the STUN server's addresses
BESIDE = 22   # another host of the PBX's network, which is the PBX itself
ON_LINK = 99  # in the prober's own network; the firewall has it while nothing is wrong
PBX_NAME = "pbx.example.com"
HOSTS_OF = {PROBER: [10], PBX: [20, BESIDE],
            CLOUD: [2, *sorted({RESOLVER, SECOND, *STUN, *NAMES.values()})]}

SYSCTLS = {
    FIREWALL: {
        "net/ipv4/ip_forward": 1,
        "net/ipv6/conf/all/forwarding": 1,
        # A real router sends one ICMP error a second to a peer; each fault is to be
        # seen in the first run after it.
        "net/ipv4/icmp_ratelimit": 0,
        "net/ipv6/icmp/ratelimit": 0,
        # Who is switched off is known within one run.
        "net/ipv4/neigh/pbx0/retrans_time_ms": 100,
        "net/ipv6/neigh/pbx0/retrans_time_ms": 100,
    },
    PROBER: {"net/ipv4/neigh/eth0/retrans_time_ms": 200,
             "net/ipv6/neigh/eth0/retrans_time_ms": 200},
}

RULES = """
add table inet model
add chain inet model faults { type filter hook forward priority 0; policy accept; }
"""


def ipv4(namespace, host=None):
    return NETWORKS[namespace][1] + str(HOSTS[namespace] if host is None else host)


def ipv6(namespace, host=None):
    return NETWORKS[namespace][2] + str(HOSTS[namespace] if host is None else host)


def address_of(name, family=4):
    """Of a vendor's name."""
    return (ipv4 if family == 4 else ipv6)(CLOUD, NAMES[name])


def _enter(namespace):
    if LIBC.setns(namespace.fileno(), CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "setns")


class Failed(Exception):
    """A thing did not happen; says which."""


def wait(what, happened, seconds=10.0, every=0.05):
    """Asks until the answer is true, and returns it."""
    end = time.monotonic() + seconds
    while True:
        answer = happened()
        if answer:
            return answer
        if time.monotonic() > end:
            raise Failed(f"{what}: not within {seconds:g} s")
        time.sleep(every)


def persist(attempt, times=3):
    """What failed is tried again, and said: a machine that is busy adds to times, and to
    losses, of its own. What is broken fails every time."""
    for left in reversed(range(times)):
        try:
            return attempt()
        except (Failed, AssertionError) as failure:
            if left == 0:
                raise
            print(f"once more, for: {failure}", flush=True)


def manner(where, address):
    """Without duplicate address detection, which takes a second or two; and a host speaks
    from its own address, as the kernel has it for IPv4 alone."""
    if ":" not in address:
        return []
    own = where == FIREWALL or address == f"{ipv6(where)}/64"
    return ["nodad", *([] if own else ["preferred_lft", "0"])]


class Model:
    def __init__(self):
        self.folder = tempfile.mkdtemp(dir=sandbox.FOLDER)
        self.running = {}

    def path(self, *parts):
        return os.path.join(self.folder, *parts)

    def write(self, name, text):
        path = self.path(name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    # Commands

    @staticmethod
    def inside(namespace, command):
        # Not `ip netns exec`: it mounts /sys anew, which a user namespace in a container
        # may be refused.
        return ["nsenter", f"--net=/run/netns/{namespace}", "--", *map(str, command)]

    @contextlib.contextmanager
    def within(self, namespace):
        """This very thread is there meanwhile; a socket stays where it was made."""
        with open("/proc/thread-self/ns/net", "rb") as back, \
                open(f"/run/netns/{namespace}", "rb") as there:
            _enter(there)
            try:
                yield
            finally:
                _enter(back)

    def run(self, namespace, *command, check=True, **more):
        done = subprocess.run(self.inside(namespace, command), text=True, check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **more)
        if check and done.returncode != 0:
            raise Failed(f"{namespace}: {' '.join(map(str, command))}: {done.stdout}")
        return done.stdout

    def says(self, namespace, *command):
        """The exit code and the words of a tool, asked for evidence."""
        done = subprocess.run(self.inside(namespace, command), text=True, check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        return done.returncode, done.stdout

    def start(self, name, namespace, *command, ready=None, seconds=20, env=None):
        """A server in the foreground; ready() says when it serves."""
        with open(self.path(f"{name}.log"), "ab") as log:
            process = subprocess.Popen(self.inside(namespace, command), stdout=log,
                                       stderr=log, stdin=subprocess.DEVNULL,
                                       env={**os.environ, **(env or {})})
        self.running[name] = process
        if ready is not None:
            def happened():
                if process.poll() is not None:
                    raise Failed(f"{name} ended at once: {self.log(name)}")
                return ready()
            wait(f"{name} serves", happened, seconds)
        return process

    def stop(self, name, seconds=10):
        process = self.running.pop(name, None)
        if process is None:
            return
        process.terminate()
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def log(self, name, most=4000):
        """The last characters of it; all with most=None."""
        with open(self.path(f"{name}.log"), encoding="utf-8", errors="replace") as file:
            text = file.read()
        return text if most is None else text[-most:]

    # The network

    def _link(self, namespace):
        near, (far, _, _) = "eth0", NETWORKS[namespace]
        subprocess.run(["ip", "link", "add", near, "netns", namespace, "type", "veth",
                        "peer", "name", far, "netns", FIREWALL], check=True)
        for where, device, host in ((namespace, near, None), (FIREWALL, far, 1)):
            self.run(where, "ip", "link", "set", device, "up")
            self.address(where, device, ipv4(namespace, host) + "/24",
                         ipv6(namespace, host) + "/64")

    def address(self, where, device, *addresses):
        for address in addresses:
            self.run(where, "ip", "address", "add", address, "dev", device,
                     *manner(where, address))

    def route(self, namespace):
        """The default routes of a host."""
        for address in (ipv4(namespace, 1), ipv6(namespace, 1)):
            family = "-6" if ":" in address else "-4"
            self.run(namespace, "ip", family, "route", "replace", "default",
                     "via", address)

    def restore(self, where, device):
        """IPv6 addresses, which a link that goes down takes along; routes of a host."""
        hosts = [network for network in NETWORKS if where in (network, FIREWALL)
                 and device in ("eth0", NETWORKS[network][0])]
        for network in hosts:
            own = [1] if where == FIREWALL else HOSTS_OF[network]
            for host in own:
                address = f"{ipv6(network, host)}/64"
                self.run(where, "ip", "-6", "address", "replace", address, "dev",
                         device, *manner(where, address))
        if where != FIREWALL:
            self.route(where)

    def restore_prober(self):
        """Addresses and routes of the prober as build() made them."""
        self.run(PROBER, "ip", "link", "set", "eth0", "up")
        self.run(PROBER, "ip", "-4", "address", "replace", ipv4(PROBER) + "/24",
                 "dev", "eth0")
        self.restore(PROBER, "eth0")
        for family in ("-4", "-6"):
            self.run(PROBER, "ip", family, "neighbour", "flush", "dev", "eth0")

    def _sysctls(self, namespace):
        for name, value in SYSCTLS.get(namespace, {}).items():
            self.run(namespace, "sh", "-c", f"echo {value} >/proc/sys/{name}")

    def build(self):
        for namespace in (FIREWALL, *NETWORKS):
            subprocess.run(["ip", "netns", "add", namespace], check=True)
            self.run(namespace, "ip", "link", "set", "lo", "up")
        for namespace in NETWORKS:
            self._link(namespace)
            self.route(namespace)
        for namespace in (FIREWALL, *NETWORKS):
            self._sysctls(namespace)
        for namespace in (CLOUD, PBX):
            for host in HOSTS_OF[namespace][1:]:
                self.address(namespace, "eth0", ipv4(namespace, host) + "/24",
                             ipv6(namespace, host) + "/64")
        # IPv4 alone: the firewall's ICMPv6 errors would come from the later address.
        self.address(FIREWALL, NETWORKS[PROBER][0], ipv4(PROBER, ON_LINK) + "/24")
        self.run(FIREWALL, "nft", "-f", "-", input=RULES)
        sandbox.replace("/etc/resolv.conf", f"nameserver {ipv4(CLOUD, RESOLVER)}\n"
                        "options timeout:1 attempts:2\n")
        # The machine's own name, which slapd asks for as it starts, and waits seconds.
        sandbox.replace("/etc/hosts", f"127.0.0.1 localhost {socket.gethostname()}\n"
                        "::1 localhost\n")

    def trust(self, certificate):
        """Makes this certificate the one trusted root of the sandbox, as Debian does."""
        folder = "/etc/ssl/certs"
        sandbox.replace_folder(folder)
        shutil.copy(certificate, os.path.join(folder, "ca-certificates.crt"))
        shutil.copy(certificate, os.path.join(folder, "test.pem"))
        subprocess.run(["openssl", "rehash", folder], check=True, capture_output=True)

    # Faults on the way

    def rule(self, expression, where=FIREWALL):
        self.run(where, "nft", f"add rule inet model faults {expression}")

    def no_rules(self, where=FIREWALL):
        self.run(where, "nft", "flush chain inet model faults")

    def __enter__(self):
        self.build()
        return self

    def __exit__(self, *_):
        for name in reversed(list(self.running)):
            self.stop(name, 5)
        for namespace in (FIREWALL, *NETWORKS):
            subprocess.run(["ip", "netns", "delete", namespace], check=False)
