# SPDX-License-Identifier: Apache-2.0
"""One loopback with real servers, and both probers on it; what each costs."""

import contextlib
import ctypes
import http.client
import os
import re
import socket
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..",
                                "tests", "network"))
# pylint: disable=wrong-import-position
import rows  # noqa: E402
import sandbox  # noqa: E402
from authority import Authority  # noqa: E402
from model import Failed, Model  # noqa: E402

LIBC = ctypes.CDLL(None, use_errno=True)
NAME = "bench.example.com"
DAEMON_PORT, BLACKBOX_PORT = 29115, 9115
TCP, HTTP, HTTPS, DNS, SILENT = 7001, 8080, 8443, 53, 7002
GZIP = {"Accept-Encoding": "gzip"}  # as Prometheus asks
SAMPLE = re.compile(r"^(\w+)(?:\{(.*)\})? (\S+)$", re.MULTILINE)

NGINX = """
daemon off;
user root;
worker_processes 1;
pid {folder}/nginx.pid;
error_log stderr;
events {{ worker_connections 4096; }}
http {{
	access_log off;
	keepalive_timeout 5;
	client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
	fastcgi_temp_path {folder}/fcgi; uwsgi_temp_path {folder}/uwsgi;
	scgi_temp_path {folder}/scgi;
	server {{
		listen {tcp} backlog=4096;
		listen {http} backlog=4096;
		listen {https} ssl backlog=4096;
		ssl_certificate {chain};
		ssl_certificate_key {key};
		ssl_session_tickets off;
		location / {{ return 200 "ok\\n"; }}
	}}
}}
"""

UNBOUND = """
server:
	interface: 0.0.0.0
	interface-automatic: yes
	access-control: 0.0.0.0/0 allow
	do-daemonize: no
	use-syslog: no
	logfile: ""
	username: ""
	chroot: ""
	directory: "{folder}"
	pidfile: ""
	module-config: "iterator"
	local-zone: "example.com." redirect
	local-data: "example.com. 3600 IN A 127.0.0.1"
remote-control:
	control-enable: no
"""

BLACKBOX = """modules:
  tcp: {{prober: tcp, timeout: 5s, tcp: {{preferred_ip_protocol: ip4}}}}
  http: {{prober: http, timeout: 5s, http: {{preferred_ip_protocol: ip4}}}}
  dns: {{prober: dns, timeout: 5s, dns: {{query_name: {name}, query_type: A,
         preferred_ip_protocol: ip4}}}}
  tls: {{prober: tcp, timeout: 5s, tcp: {{tls: true, preferred_ip_protocol: ip4,
         tls_config: {{ca_file: {ca}, server_name: {name}}}}}}}
  https: &https {{prober: http, timeout: 5s, http: {{preferred_ip_protocol: ip4,
         tls_config: {{ca_file: {ca}, server_name: {name}}}}}}}
  silent: *https
"""

CONFIGURATION = """catalogue = "{catalogue}";
sites = ( {{ name = "bench"; hosts = {hosts}; names = {names}; }} );
ca_file = "{ca_file}";
ipv6 = "off";
"""

# What blackbox is asked for, at one of the addresses.
TARGETS = {
    "tcp": f"{{host}}:{TCP}",
    "http": f"http://{{host}}:{HTTP}/",
    "dns": f"{{host}}:{DNS}",
    "tls": f"{{host}}:{HTTPS}",
    "https": f"https://{{host}}:{HTTPS}/",
    "silent": f"https://{{host}}:{SILENT}/",
}

# The same for us: (kind of probe, where, port, transport, options). HTTPS needs the
# certificate's name, which the resolver asks for once an hour.
KINDS = {
    "tcp": ("tcp", "$hosts", TCP, "tcp", {}),
    "http": ("http", "$hosts", HTTP, "tcp", {}),
    "dns": ("dns", "$hosts", DNS, "udp", {"name": NAME, "loopback": True}),
    "tls": ("tls", "$hosts", HTTPS, "tcp", {"server_name": NAME}),
    "https": ("http", "$names", HTTPS, "tcp", {"tls": True}),
    "silent": ("http", "$hosts", SILENT, "tcp", {"tls": True}),
}


def hosts(count):
    """Loopback addresses, many, so that no cap per host slows a prober down."""
    return [f"127.{i // 62500}.{i // 250 % 250 + 1}.{i % 250 + 1}" for i in range(count)]


def names(count):
    return [f"h{i}.example.com" for i in range(count)]


def processor_seconds(pid):
    """Processor time of a process with all its threads, to the nanosecond."""
    clock = ctypes.c_int()
    if LIBC.clock_getcpuclockid(pid, ctypes.byref(clock)) != 0:
        raise Failed(f"no processor clock of process {pid}")
    return time.clock_gettime(clock.value)


def go_first(pid):
    """Real-time priority, so that what others do here is no lag of ours; False: denied.

    Threads begun later do not inherit it: they would not run beside the loop in service.
    """
    try:
        os.sched_setscheduler(pid, os.SCHED_FIFO | os.SCHED_RESET_ON_FORK,
                              os.sched_param(1))
    except PermissionError:
        return False
    return True


def waited_seconds(pid):
    """How long the main thread was ready to run and the machine busy with others."""
    with open(f"/proc/{pid}/schedstat", encoding="ascii") as file:
        return int(file.read().split()[1]) / 1e9


def memory(pid, field="VmRSS"):
    """Resident octets: now (VmRSS), or the most (VmHWM) since forget_peak()."""
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        for line in file:
            if line.startswith(field + ":"):
                return int(line.split()[1]) * 1024
    raise Failed(f"process {pid} has no {field}")


def forget_peak(pid):
    with open(f"/proc/{pid}/clear_refs", "w", encoding="ascii") as file:
        file.write("5")  # proc(5)


def fetch(port, path, headers=None):
    """(seconds, body) of one GET on a connection of its own."""
    begun = time.perf_counter()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", path, headers=headers or {})
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    if answer.status != 200:
        raise Failed(f"GET {path}: {answer.status} {body[:200]}")
    return time.perf_counter() - begun, body


class Page:
    """One scrape of our metrics, read."""

    def __init__(self, text=None):
        if text is None:
            text = fetch(DAEMON_PORT, "/metrics")[1].decode()
        self.samples = SAMPLE.findall(text)

    def total(self, metric):
        return sum(float(value) for name, _, value in self.samples if name == metric)

    def values(self, metric):
        return {labels: float(value) for name, labels, value in self.samples
                if name == metric}

    def runs(self):
        return self.total("starface_check_runs_total")


class Lab(Model):
    """Everything in the sandbox's own namespace."""

    @staticmethod
    def inside(_, command):
        return list(map(str, command))

    def build(self):
        self.run("", "ip", "link", "set", "lo", "up")
        authority = Authority(self.path("authority"))
        self.root = authority.root
        self.chain, self.key = authority.certificate("*.example.com")
        folder = self.path("nginx")
        os.makedirs(folder)
        config = self.write("nginx.conf", NGINX.format(
            folder=folder, chain=self.chain, key=self.key, tcp=TCP, http=HTTP,
            https=HTTPS))
        self.start("nginx", "", "nginx", "-c", config, "-p", folder,
                   ready=lambda: os.path.exists(folder + "/nginx.pid"))
        config = self.write("unbound.conf", UNBOUND.format(folder=self.folder))
        self.start("unbound", "", "unbound", "-d", "-c", config, ready=lambda: self.says(
            "", "dig", "+tries=1", "+time=1", "@127.0.0.1", NAME)[0] == 0)
        sandbox.replace("/etc/resolv.conf", "nameserver 127.0.0.1\n")
        # Takes connections and says nothing: whoever speaks to it stays in flight.
        self.silent = socket.create_server(("0.0.0.0", SILENT), backlog=4096)

    def __exit__(self, *_):
        for name in reversed(list(self.running)):
            self.stop(name)
        self.silent.close()

    # Us

    def configuration(self, kinds, count, interval, timeout="5s"):
        """A file with so many rows of these kinds, each at so many hosts."""
        catalogue = self.write("bench.catalogue", rows.catalogue(
            {f"{kind}-{copy}": KINDS[kind]
             for kind, copies in kinds.items() for copy in range(copies)},
            ["hosts", "names"], rows.Pace(interval, timeout)))
        return self.write("bench.conf", CONFIGURATION.format(
            catalogue=catalogue, ca_file=self.root,
            hosts=rows.literal(hosts(count)), names=rows.literal(names(count))))

    def start_daemon(self, program, configuration):
        return self.start("daemon", "", program, f"--config.file={configuration}",
                          f"--web.listen-address=127.0.0.1:{DAEMON_PORT}",
                          "--log.level=error", ready=lambda: self._up(DAEMON_PORT),
                          seconds=120)

    # Them

    def start_blackbox(self):
        config = self.write("blackbox.yml", BLACKBOX.format(name=NAME, ca=self.root))
        address = f"127.0.0.1:{BLACKBOX_PORT}"
        return self.start("blackbox", "", "prometheus-blackbox-exporter",
                          f"--config.file={config}", f"--web.listen-address={address}",
                          "--log.level=error", ready=lambda: self._up(BLACKBOX_PORT))

    @staticmethod
    def _up(port):
        try:
            return fetch(port, "/-/healthy")
        except (OSError, Failed):
            return None


class Asker:
    """Has blackbox probe, on one connection that stays, as Prometheus does."""

    def __init__(self, kind):
        self.kind = kind
        self.hosts = hosts(50)
        self.done = 0
        self.connection = http.client.HTTPConnection("127.0.0.1", BLACKBOX_PORT,
                                                     timeout=30)

    def ask(self):
        target = TARGETS[self.kind].format(host=self.hosts[self.done % len(self.hosts)])
        self.connection.request("GET", f"/probe?module={self.kind}&target={target}")
        self.done += 1
        return self.connection.getresponse().read()

    def ask_for(self, seconds):
        """Probes done one after another in this time; each must succeed."""
        before, end = self.done, time.monotonic() + seconds
        while time.monotonic() < end:
            body = self.ask()
            if b"\nprobe_success 1\n" not in body:
                raise Failed(f"blackbox: {self.kind}: {body.decode()[-600:]}")
        return self.done - before


def met(is_met):
    return "yes" if is_met else "NO"


def hang(count):
    """Has blackbox hold so many probes that nobody answers."""
    def ask():
        with contextlib.suppress(OSError, http.client.HTTPException):
            Asker("silent").ask()  # until blackbox is stopped

    for _ in range(count):
        threading.Thread(target=ask, daemon=True).start()
