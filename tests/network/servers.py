# SPDX-License-Identifier: Apache-2.0
"""The servers of the model network: unbound, nginx, chrony, and plain listeners."""

import os
import sys

from model import (CLOUD, FIREWALL, NAMES, PBX, PBX_NAME, PROBER, RESOLVER, SECOND,
                   address_of, ipv4, ipv6)
from telephony import Coturn, Kamailio, Prosody, Slapd

HERE = os.path.dirname(os.path.abspath(__file__))
TOOL = (sys.executable, os.path.join(HERE, "tool.py"))

UNBOUND = """
server:
	interface: {v4}
	interface: {v6}
	port: 53
	access-control: 0.0.0.0/0 allow
	access-control: ::0/0 allow
	do-daemonize: no
	use-syslog: no
	logfile: ""
	username: ""
	chroot: ""
	directory: "{folder}"
	pidfile: ""
	module-config: "iterator"
	num-threads: 1
	minimal-responses: yes
{zones}
remote-control:
	control-enable: no
{more}
"""

NGINX = """
daemon off;
master_process off;
user root;
pid {folder}/nginx.pid;
error_log stderr notice;
events {{ worker_connections 512; }}
http {{
	access_log off;
	server_tokens off;
	default_type text/plain;
	client_body_temp_path {folder}/body;
	proxy_temp_path {folder}/proxy;
	fastcgi_temp_path {folder}/fastcgi;
	uwsgi_temp_path {folder}/uwsgi;
	scgi_temp_path {folder}/scgi;
	types {{ }}
{servers}
}}
"""

SERVER = """
	server {{
{listens}
		server_name {name};
{tls}
{body}
	}}
"""

CHRONY = """
{source}
port 123
bindaddress {address}
allow all
cmdport 0
bindcmdaddress /
pidfile {folder}/chronyd.pid
"""

WEAK = "ssl_ciphers DEFAULT:@SECLEVEL=0;"

PLAIN = "\t\tlocation / { return 200 \"ok\\n\"; }"

APPCAST = """
		location = /starface/clients/mac/appcast.xml {
			return 200 '<?xml version="1.0"?><rss version="2.0">
				<channel><item>
				<enclosure url="https://www.starface-cdn.de/x"/>
				</item></channel></rss>';
		}
""" + PLAIN

LOOKUP = "\t\tlocation / { return 200 \"192.0.2.1\\n\"; }"

PORTAL = "\t\tlocation / { return 200 \"Please sign in.\\n\"; }"

# name: (plain ports, TLS ports, what it serves)
SITES = {
    "license.starface.de": ((80,), (443, 8383), PLAIN),
    "update.starface.de": ((80,), (443,), PLAIN),
    "starface-cdn.de": ((80,), (443,), PLAIN),
    "www.starface-cdn.de": ((80,), (443,), APPCAST),
    "iplookup.starface.com": ((80,), (), LOOKUP),
    "siptrunk.de": ((), (443,), PLAIN),
    "cluster.starface-connect.com": ((), (443, 5061), PLAIN),
    "meeting.starface-neon.com": ((), (443,), PLAIN),
    "connect.starface.de": ((), (443,), PLAIN),
    "portal.example.com": ((80,), (), PORTAL),
}

PBX_PLAIN = (80, 50080)
PBX_TLS = (443, 9092, 50081)
ANY_TCP = 7000
CODES = tuple(range(7100, 7114))  # one for each ICMP code that a firewall may say
PBX_TCP = (3090, *CODES)
PBX_UDP = (3090,)
ECHO_UDP = (1902,)


class Unbound:
    """Serves every name of the model; a change starts it anew, which takes 50 ms."""

    def __init__(self, model):
        self.model = model
        self.records = {name: [("A", address_of(name)), ("AAAA", address_of(name, 6))]
                        for name in NAMES}
        self.records["two.example.com"] += [("A", ipv4(CLOUD, SECOND)),
                                            ("AAAA", ipv6(CLOUD, SECOND))]
        self.records[PBX_NAME] = [("A", ipv4(PBX)), ("AAAA", ipv6(PBX))]
        self.zones = {}  # name: unbound's kind of zone, instead of its records
        self.more = ""

    def _zones(self):
        parts = {name.split(".", name.count(".") - 1)[-1] for name in self.records}
        for zone in sorted(parts):
            yield f'local-zone: "{zone}." static'
            yield f'local-data: "{zone}. 60 IN SOA ns.{zone}. root.{zone}. 1 1 1 1 1"'
        for name, records in self.records.items():
            if name in self.zones:
                yield f'local-zone: "{name}." {self.zones[name]}'
            else:
                yield from (f'local-data: "{name}. 1 IN {kind} {value}"'
                            for kind, value in records)

    def start(self):
        config = self.model.write("unbound.conf", UNBOUND.format(
            folder=self.model.folder, v4=ipv4(CLOUD, RESOLVER), v6=ipv6(CLOUD, RESOLVER),
            zones="\n".join("\t" + line for line in self._zones()), more=self.more))
        self.model.start("unbound", CLOUD, "unbound", "-d", "-c", config,
                         ready=lambda: self.answers("license.starface.de"))

    def answers(self, name):
        code, words = self.model.says(CLOUD, "dig", f"@{ipv4(CLOUD, RESOLVER)}",
                                      "+time=1", "+tries=1", name, "A")
        return code == 0 and "status:" in words

    def stop(self):
        self.model.stop("unbound")

    def restart(self):
        self.stop()
        self.start()


class Nginx:
    """Web servers on one namespace's addresses."""

    def __init__(self, model, name, namespace, authority):
        self.model, self.name, self.namespace = model, name, namespace
        self.authority = authority
        self.bodies = {}        # site: directives instead of the usual ones
        self.certificates = {}  # site: kind of certificate
        self.tls = {}           # site: more directives for its TLS ports
        self.closed = set()     # (site, port) not listened on
        self.sites = {}         # site: (addresses, plain ports, TLS ports, body)

    def _server(self, site, ports, tls):
        addresses, _, _, body = self.sites[site]
        ports = [port for port in ports if (site, port) not in self.closed]
        if not ports:
            return ""
        flag = " ssl" if tls else ""
        listens = [f"\t\tlisten {f'[{address}]' if ':' in address else address}"
                   f":{port}{flag};" for port in ports for address in addresses]
        secure = ""
        if tls:
            kind = self.certificates.get(site, "good")
            chain, key = self.authority.certificate(site, kind)
            secure = f"\t\tssl_certificate {chain};\n\t\tssl_certificate_key {key};\n" \
                f"\t\t{self.tls.get(site, WEAK if kind.startswith('weak') else '')}"
        return SERVER.format(listens="\n".join(listens), name=site, tls=secure,
                             body=self.bodies.get(site, body))

    def start(self):
        folder = self.model.path(self.name)
        os.makedirs(folder, exist_ok=True)
        servers = "".join(self._server(site, plain, False) + self._server(site, tls, True)
                          for site, (_, plain, tls, _) in self.sites.items())
        config = self.model.write(f"{self.name}.conf", NGINX.format(
            folder=folder, servers=servers))
        pid = os.path.join(folder, "nginx.pid")
        self.model.start(self.name, self.namespace, "nginx", "-c", config, "-p", folder,
                         ready=lambda: os.path.exists(pid))

    def stop(self):
        self.model.stop(self.name)

    def restart(self):
        self.stop()
        self.start()


class Chrony:
    """A time server at pool.ntp.org's address; without `local` it has no time to give."""

    def __init__(self, model):
        self.model = model
        self.source = "local stratum 3"

    def start(self):
        folder = self.model.path("chrony")
        os.makedirs(folder, mode=0o750, exist_ok=True)
        for family in (4, 6):
            address = address_of("pool.ntp.org", family)
            config = self.model.write(f"chrony{family}.conf", CHRONY.format(
                source=self.source, address=address, folder=f"{folder}/{family}"))
            os.makedirs(f"{folder}/{family}", mode=0o750, exist_ok=True)
            self.model.start(
                f"chrony{family}", CLOUD, "chronyd", "-x", "-d", "-u", "root",
                "-f", config, ready=lambda a=address: ntp_answers(self.model, a))

    def stop(self):
        for family in (4, 6):
            self.model.stop(f"chrony{family}")

    def restart(self):
        self.stop()
        self.start()


def ntp_answers(model, address, namespace=CLOUD):
    """(leap, stratum) a time server gives, or None."""
    code, words = model.says(namespace, *TOOL, "ntp", address)
    return tuple(words.split()) if code == 0 else None


class Listeners:
    """Ports that no server of Debian's is needed for: TCP accepts, UDP echoes."""

    def __init__(self, model, namespace, tcp, udp=(), name="listeners"):
        self.model, self.namespace = model, namespace
        self.tcp, self.udp = tcp, udp
        self.name = f"{name}-{namespace}"

    def start(self):
        ports = [*(f"tcp:{port}" for port in self.tcp),
                 *(f"udp:{port}" for port in self.udp)]
        ready = self.model.path(f"{self.name}.ready")
        self.model.start(self.name, self.namespace, *TOOL, "listen", ready, *ports,
                         ready=lambda: os.path.exists(ready))

    def stop(self):
        self.model.stop(self.name)
        if os.path.exists(self.model.path(f"{self.name}.ready")):
            os.remove(self.model.path(f"{self.name}.ready"))

    def restart(self):
        self.stop()
        self.start()


class Servers:
    """All of them, started in a healthy state."""

    def __init__(self, model, authority):
        self.unbound = Unbound(model)
        self.cloud = Nginx(model, "nginx-cloud", CLOUD, authority)
        self.cloud.sites = {name: ([address_of(name), address_of(name, 6)], *site)
                            for name, site in SITES.items()}
        self.pbx = Nginx(model, "nginx-pbx", PBX, authority)
        self.pbx.sites = {PBX_NAME: ([ipv4(PBX), ipv6(PBX)], PBX_PLAIN, PBX_TLS, PLAIN)}
        self.chrony = Chrony(model)
        self.kamailio = Kamailio(model, authority)
        self.prosody = Prosody(model, authority)
        self.slapd = Slapd(model, authority)
        self.coturn = Coturn(model)
        self.listeners = Listeners(model, PBX, PBX_TCP, PBX_UDP)
        self.echo = Listeners(model, PBX, (), ECHO_UDP, "echo")
        self.more = [Listeners(model, CLOUD, (ANY_TCP,)),
                     Listeners(model, FIREWALL, (ANY_TCP,))]

    def start(self):
        for server in (self.unbound, self.cloud, self.pbx, self.chrony, self.kamailio,
                       self.prosody, self.slapd, self.coturn, self.listeners, self.echo,
                       *self.more):
            server.start()


def reach(model, url, *more, namespace=PROBER):
    """curl's exit code and what it says, as an ordinary user would ask."""
    return model.says(namespace, "curl", "-sS", "-o", "/dev/null", "-w", "%{http_code}",
                      "--max-time", "3", *more, url)
