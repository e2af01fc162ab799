# SPDX-License-Identifier: Apache-2.0
"""One loopback with real servers, and both probers on it; what each costs, from /proc."""

import http.client
import os
import sys
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..",
                                "tests", "network"))
# pylint: disable=wrong-import-position
import sandbox  # noqa: E402
from authority import Authority  # noqa: E402
from model import Model, wait  # noqa: E402

TICKS = os.sysconf("SC_CLK_TCK")
HOSTS = 50  # loopback addresses, so that no cap per host slows the daemon down
NAME = "bench.example.com"
DAEMON_PORT, BLACKBOX_PORT = 29115, 9115
TCP, HTTP, HTTPS, DNS = 7001, 8080, 8443, 53

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
  https: {{prober: http, timeout: 5s, http: {{preferred_ip_protocol: ip4,
         tls_config: {{ca_file: {ca}, server_name: {name}}}}}}}
"""

# kind: what blackbox is asked for, at one of the addresses
TARGETS = {
    "tcp": "{host}:%d" % TCP,
    "http": "http://{host}:%d/" % HTTP,
    "dns": "{host}:%d" % DNS,
    "tls": "{host}:%d" % HTTPS,
    "https": "https://{host}:%d/" % HTTPS,
}


def hosts(count=HOSTS):
    return [f"127.{i // 62500}.{i // 250 % 250 + 1}.{i % 250 + 1}" for i in range(count)]


def names(count=HOSTS):
    return [f"h{i}.example.com" for i in range(count)]


def processor_seconds(pid):
    """User and system time of the process and of its children that ended."""
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return sum(int(field) for field in fields[11:15]) / TICKS


def resident_bytes(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        for line in file:
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
    return 0


def fetch(port, path, headers=None):
    """(seconds, body) of one GET on a connection of its own."""
    begun = time.perf_counter()
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", path, headers=headers or {})
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    if answer.status != 200:
        raise RuntimeError(f"GET {path}: {answer.status} {body[:200]}")
    return time.perf_counter() - begun, body


class Lab(Model):
    """Everything in the sandbox's own namespace."""

    @staticmethod
    def inside(_, command):
        return list(map(str, command))

    def build(self):
        self.run("", "ip", "link", "set", "lo", "up")
        authority = Authority(self.path("authority"))
        self.root = authority.root
        chain, key = authority.certificate("*.example.com")
        folder = self.path("nginx")
        os.makedirs(folder)
        config = self.write("nginx.conf", NGINX.format(
            folder=folder, chain=chain, key=key, tcp=TCP, http=HTTP, https=HTTPS))
        self.start("nginx", "", "nginx", "-c", config, "-p", folder,
                   ready=lambda: os.path.exists(folder + "/nginx.pid"))
        config = self.write("unbound.conf", UNBOUND.format(folder=self.folder))
        self.start("unbound", "", "unbound", "-d", "-c", config, ready=lambda: self.says(
            "", "dig", "+tries=1", "+time=1", "@127.0.0.1", NAME)[0] == 0)
        sandbox.replace("/etc/resolv.conf", "nameserver 127.0.0.1\n")

    def __exit__(self, *_):
        for name in reversed(list(self.running)):
            self.stop(name)

    def start_blackbox(self):
        config = self.write("blackbox.yml", BLACKBOX.format(name=NAME, ca=self.root))
        address = f"127.0.0.1:{BLACKBOX_PORT}"
        return self.start("blackbox", "", "prometheus-blackbox-exporter",
                          f"--config.file={config}", f"--web.listen-address={address}",
                          "--log.level=error", ready=lambda: self._up(BLACKBOX_PORT))

    def start_daemon(self, program, configuration):
        config = self.write("bench.conf", configuration)
        return self.start("daemon", "", program, f"--config.file={config}",
                          f"--web.listen-address=127.0.0.1:{DAEMON_PORT}",
                          "--log.level=error", ready=lambda: self._up(DAEMON_PORT),
                          seconds=60)

    @staticmethod
    def _up(port):
        try:
            return fetch(port, "/-/healthy")
        except (OSError, RuntimeError):
            return None


def blackbox_burst(kind, seconds, clients=8):
    """Probes one after another from several clients; the number done."""
    done = [0] * clients
    end = time.monotonic() + seconds

    def client(number):
        connection = http.client.HTTPConnection("127.0.0.1", BLACKBOX_PORT, timeout=10)
        names = hosts()[number::clients]
        while time.monotonic() < end:
            target = TARGETS[kind].format(host=names[done[number] % len(names)])
            connection.request("GET", f"/probe?module={kind}&target={target}")
            body = connection.getresponse().read()
            if b"\nprobe_success 1\n" not in body:
                raise RuntimeError(f"blackbox failed on {target}: {body.decode()[-600:]}")
            done[number] += 1

    threads = [threading.Thread(target=client, args=(number,))
               for number in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(done)


__all__ = ["DAEMON_PORT", "Lab", "NAME", "TARGETS", "blackbox_burst", "fetch", "hosts",
           "names", "processor_seconds", "resident_bytes", "sandbox", "wait"]
