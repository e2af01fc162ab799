# SPDX-License-Identifier: Apache-2.0
"""A small catalogue for the fault tests: one row for each way a kind of probe can fail.

The vendor's own catalogue is tested unchanged elsewhere; here each fault must be able to
strike one row and leave the others well.
"""

from dataclasses import dataclass, replace

from model import (BESIDE, CLOUD, ON_LINK, PBX, PBX_NAME, PROBER, RESOLVER, STUN, ipv4,
                   ipv6)
from servers import ANY_TCP, CODES


VARIABLES = {
    "pbx4": ipv4(PBX),
    "pbx6": ipv6(PBX),
    "beside4": ipv4(PBX, BESIDE),
    "beside6": ipv6(PBX, BESIDE),
    "on_link": ipv4(PROBER, ON_LINK),
    "name_server": ipv4(CLOUD, RESOLVER),
    "stun4": ipv4(CLOUD, STUN[0]),
}
NAMED = {"server_name": PBX_NAME}  # in its certificate

# id: (kind, host, port, transport, options)
ROWS = {
    "web": ("http", "license.starface.de", 80, "tcp",
            {"status": "200-299", "redirects": 3, "contains": "ok"}),
    "web-secure": ("http", "update.starface.de", 443, "tcp",
                   {"tls": True, "redirects": 3}),
    "secure": ("tls", "update.starface.de", 443, "tcp", {}),
    "secure-other": ("tls", "meeting.starface-neon.com", 443, "tcp", {}),
    "lookup": ("http", "iplookup.starface.com", 80, "tcp", {}),
    "time": ("ntp", "pool.ntp.org", 123, "udp", {}),
    "names-udp": ("dns", "$name_server", 53, "udp", {"name": "siptrunk.de"}),
    "names-tcp": ("dns", "$name_server", 53, "tcp",
                  {"name": "siptrunk.de", "transport": "tcp"}),
    "two": ("tcp", "two.example.com", ANY_TCP, "tcp", {}),
    "on-link": ("tcp", "$on_link", ANY_TCP, "tcp", {}),
    "echo": ("udp", "$pbx4", 1902, "udp",
             {"payload": "ping", "reply": "ping", "owes_answer": True}),
    "silent": ("udp", "$pbx4", 3090, "udp", {"payload": "ping"}),
    "sip-udp": ("sip", "$pbx4", 5060, "udp", {}),
    "sip-udp6": ("sip", "$pbx6", 5060, "udp", {}),
    "sip-tcp": ("sip", "$pbx4", 5060, "tcp", {"transport": "tcp"}),
    "sip-tls": ("sip", "$pbx4", 5061, "tcp", {"transport": "tls", **NAMED}),
    "versions": ("tls-versions", "$pbx4", 50081, "tcp", {"forbid": "1.0", **NAMED}),
    "versions-ldap": ("tls-versions", "$pbx4", 636, "tcp", {"forbid": "1.0", **NAMED}),
    "xmpp": ("xmpp", "$pbx4", 5222, "tcp", {"domain": PBX_NAME}),
    "ldap": ("ldap", "$pbx4", 389, "tcp", {}),
    "ldap-bind": ("ldap", "$pbx4", 389, "tcp", {"operation": "bind"}),
    "ldap-starttls": ("ldap", "$pbx4", 389, "tcp", {"security": "starttls", **NAMED}),
    "ldaps": ("ldap", "$pbx4", 636, "tcp", {"security": "tls", **NAMED}),
    "stun-nat": ("stun", "$stun4", 3478, "udp", {"nat": "degrade"}),
    "stun": ("stun", "$stun4", 3478, "udp",
             {"compare": f"{ipv4(CLOUD, STUN[1])}:3478"}),
    **{f"code-{port}": ("tcp", "$pbx4" if port < 7107 else "$pbx6", port, "tcp", {})
       for port in CODES},
    **{f"name-{how}": ("tcp", f"{how}.example.net".replace("cname-loop", "a.cname-loop"),
                       ANY_TCP, "tcp", {})
       for how in ("nxdomain", "nodata", "servfail", "refused", "cname-loop")},
}

# What they measure is unknown where nothing is answered: that is another row's to say.
VERSIONS = frozenset(row for row, spec in ROWS.items() if spec[0] == "tls-versions")

# Only for the faults that they are there for: large requests by every way, neighbours of
# the PBX, another time server.
SIZES = {
    "size-udp": ("sip-size", "$pbx4", 5060, "udp", {"repeat_after": "80ms"}),
    "size-udp6": ("sip-size", "$pbx6", 5060, "udp", {"repeat_after": "80ms"}),
    "size-tcp": ("sip-size", "$pbx4", 5060, "tcp", {"transport": "tcp"}),
    "size-tls": ("sip-size", "$pbx4", 5061, "tcp", {"transport": "tls", **NAMED}),
}
BESIDE_PBX = {
    "beside4": ("tcp", "$beside4", 3090, "tcp", {}),
    "beside6": ("tcp", "$beside6", 3090, "tcp", {}),
}
OTHER_TIME = {"time-other": ("ntp", "ntp.example.com", 123, "udp", {})}

ROW = """	{{
		id = "{id}"; feature = "test"; direction = "{direction}";
		vantages = ( "lan" );
		host = "{host}"; port = {port}; transport = "{transport}";
		protocol = "{kind}"; severity = "critical";
		breaks = {{ en = "Nothing."; de = "Nichts."; }}; source = "test";
		probe = "{kind}"; options = {{ {options} }};
		interval = "{interval}"; timeout = "{timeout}"; confirm = {confirm};
		confirm_interval = "{confirm_interval}";
	}}"""

CATALOGUE = """features = ( "test" );
variables = (
{variables}
);
requirements = (
{rows}
);
"""

VARIABLE = """	{{ name = "{name}"; help = "An address."; }}"""

CONFIGURATION = """catalogue = "{catalogue}";
sites = ( {{ name = "model";
{variables}
}} );
in_flight = 1000;
per_host = 100;
ca_file = "{ca_file}";
ipv6 = "{ipv6}";
"""


def literal(value):
    """A value as libconfig writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return "( " + ", ".join(literal(item) for item in value) + " )"
    return f'"{value}"' if isinstance(value, str) else str(value)


@dataclass(frozen=True)
class Pace:
    interval: str
    timeout: str
    confirm_interval: str = "200ms"
    confirm: int = 1


QUICK = Pace("1s", "800ms")


def swept(pace):
    """For four handshakes a run, or as many requests."""
    seconds = "2s" if pace == QUICK else "6s"
    return replace(pace, interval=seconds, timeout=seconds)


def catalogue(rows, variables, given):
    """The text of a catalogue of these rows, which refer to these variables."""
    texts = []
    for name, (kind, host, port, transport, options) in rows.items():
        pace = swept(given) if kind in ("tls-versions", "sip-size") else given
        texts.append(ROW.format(
            id=name, kind=kind, host=host, port=port, transport=transport,
            direction="inbound" if host.startswith("$pbx") else "outbound",
            options=" ".join(f"{key} = {literal(value)};"
                             for key, value in options.items()),
            interval=pace.interval, timeout=pace.timeout, confirm=pace.confirm,
            confirm_interval=pace.confirm_interval))
    return CATALOGUE.format(
        rows=",\n".join(texts),
        variables=",\n".join(VARIABLE.format(name=name) for name in variables))


def configuration(catalogue_file, ca_file, variables, ipv6="auto"):
    """The text of a configuration with one site that sets these variables."""
    return CONFIGURATION.format(
        catalogue=catalogue_file, ca_file=ca_file, ipv6=ipv6,
        variables="\n".join(f"\t{name} = {literal(value)};"
                            for name, value in variables.items()))
