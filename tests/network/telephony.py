# SPDX-License-Identifier: Apache-2.0
"""What a PBX and its neighbours run beside a web server: SIP, XMPP, LDAP, STUN."""

import os

from model import CLOUD, PBX, PBX_NAME, STUN, ipv4, ipv6

KAMAILIO = """#!KAMAILIO
debug=1
log_stderror=yes
children=1
tcp_children=1
enable_tls=yes
auto_aliases=no
# A server in the same sandbox answers for no name but addresses: nothing is looked up.
dns=no
rev_dns=no
{listens}
loadmodule "pv.so"
loadmodule "sl.so"
loadmodule "textops.so"
loadmodule "tls.so"
modparam("tls", "config", "{tls}")
request_route {{
	if (is_method("OPTIONS")) {{
{options}
		exit;
	}}
	sl_send_reply("404", "Not Found");
}}
"""

OPTIONS = """
		append_to_reply("Allow: INVITE, ACK, CANCEL, OPTIONS, BYE, REFER\\r\\n");
		sl_send_reply("200", "OK");
"""

KAMAILIO_TLS = """[server:default]
method = {method}
certificate = {chain}
private_key = {key}
verify_certificate = no
require_certificate = no
{more}
"""

PROSODY = """
run_as_root = true
pidfile = "{folder}/prosody.pid"
data_path = "{folder}"
interfaces = {{ {interfaces} }}
c2s_ports = {{ 5222 }}
modules_enabled = {{ "saslauth", "disco"{modules} }}
modules_disabled = {{ "s2s" }}
c2s_require_encryption = {required}
log = {{ info = "*console" }}
VirtualHost "{domain}"
	ssl = {{ certificate = "{chain}"; key = "{key}"; {tls} }}
"""

SLAPD = """
include /etc/ldap/schema/core.schema
pidfile {folder}/slapd.pid
{tls}
{more}
database ldif
suffix "dc=example,dc=com"
directory {folder}
"""

SLAPD_TLS = """
TLSCACertificateFile {ca}
TLSCertificateFile {chain}
TLSCertificateKeyFile {key}
TLSCipherSuite NORMAL:-VERS-ALL:{versions}
"""

PORTS = {"kamailio": 5060, "prosody": 5222, "slapd": 389}


class Server:
    """One on the PBX's addresses with a certificate in its name."""

    name = ""

    def __init__(self, model, authority):
        self.model, self.authority = model, authority
        self.kind = "good"   # of its certificate
        self.tls = ""        # more settings of its TLS
        self.more = ""       # more settings of its own
        self.folder = model.path(self.name)

    @property
    def certificate(self):
        return self.authority.certificate(PBX_NAME, self.kind)

    def listens(self):
        """Whether its port is taken in the PBX's namespace, without asking the server:
        ordinary TCP states of the kernel."""
        words = self.model.run(PBX, "ss", "-Hltn", f"sport = :{PORTS[self.name]}")
        return words.count("LISTEN") >= 2

    def launch(self, *command, ready=None, env=None):
        os.makedirs(self.folder, exist_ok=True)
        self.model.start(self.name, PBX, *command, ready=ready or self.listens, env=env)

    def stop(self):
        self.model.stop(self.name)

    def restart(self):
        self.stop()
        self.start()


class Kamailio(Server):
    """OPTIONS is answered 200; `options` says what instead."""

    name = "kamailio"

    def __init__(self, model, authority):
        super().__init__(model, authority)
        self.method = "TLSv1.2+"
        self.options = OPTIONS

    def start(self):
        chain, key = self.certificate
        tls = self.model.write("kamailio.tls", KAMAILIO_TLS.format(
            method=self.method, chain=chain, key=key, more=self.tls))
        listens = "\n".join(
            f"listen={way}:{address}:{port}"
            for address in (ipv4(PBX), f"[{ipv6(PBX)}]")
            for way, port in (("udp", 5060), ("tcp", 5060), ("tls", 5061)))
        config = self.model.write("kamailio.cfg", KAMAILIO.format(
            listens=listens, tls=tls, options=self.options))
        os.makedirs(self.folder, exist_ok=True)
        self.launch("kamailio", "-DD", "-E", "-f", config, "-w", self.folder,
                    "-Y", self.folder, "-m", "32", "-M", "8")


def sip_answers(model, namespace=PBX):
    _, words = model.says(namespace, "timeout", "1", "sipsak", "-vv", "-H",
                          ipv4(namespace), "-s", f"sip:{ipv4(PBX)}")
    return "received:\nSIP/2.0 " in words  # of whatever status


class Prosody(Server):
    """A chat server that insists on STARTTLS."""

    name = "prosody"

    def __init__(self, model, authority):
        super().__init__(model, authority)
        self.domain = PBX_NAME
        self.modules = ', "tls"'
        self.required = "true"

    def start(self):
        chain, key = self.certificate
        config = self.model.write("prosody.cfg.lua", PROSODY.format(
            folder=self.folder, interfaces=f'"{ipv4(PBX)}", "{ipv6(PBX)}"',
            domain=self.domain, chain=chain, key=key, modules=self.modules,
            required=self.required, tls=self.tls))
        self.launch("prosody", "-F", "--config", config)


class Slapd(Server):
    """A directory whose root anybody may read: 389 with StartTLS, and 636."""

    name = "slapd"

    def __init__(self, model, authority):
        super().__init__(model, authority)
        self.offers_tls = True
        self.versions = "+VERS-TLS1.2:+VERS-TLS1.3"

    def start(self):
        chain, key = self.certificate
        tls = SLAPD_TLS.format(ca=self.authority.root, chain=chain, key=key,
                               versions=self.versions)
        config = self.model.write("slapd.conf", SLAPD.format(
            folder=self.folder, tls=tls if self.offers_tls else "", more=self.more))
        urls = [f"{scheme}://{address}:{port}/"
                for scheme, port in (("ldap", 389), ("ldaps", 636))
                if scheme == "ldap" or self.offers_tls
                for address in (ipv4(PBX), f"[{ipv6(PBX)}]")]
        self.launch("slapd", "-d", "0", "-f", config, "-h", " ".join(urls))


class Coturn:
    """A STUN server with two address pairs, as RFC 5780 wants: a mapping that differs
    between them is a NAT's."""

    def __init__(self, model):
        self.model = model

    def start(self):
        listens = [word for host in STUN for address_in in (ipv4, ipv6)
                   for word in ("--listening-ip", address_in(CLOUD, host))]
        self.model.start(
            "coturn", CLOUD, "turnserver", "-n", "--stun-only", *listens, "--no-tls",
            "--no-dtls", "--no-cli", "--log-file", "stdout", "--simple-log",
            "--pidfile", self.model.path("coturn.pid"),
            "--db", self.model.path("coturn.db"),
            ready=lambda: stun_answers(self.model))

    def stop(self):
        self.model.stop("coturn")

    def restart(self):
        self.stop()
        self.start()


def stun_answers(model, host=STUN[0], namespace=CLOUD):
    """What turnutils_stunclient says, or None."""
    # The tool asks once, and waits for ever.
    code, words = model.says(namespace, "timeout", "0.3", "turnutils_stunclient",
                             ipv4(CLOUD, host))
    return words if code == 0 and "reflexive" in words else None

