# SPDX-License-Identifier: Apache-2.0
"""Faults of names, TLS, HTTP and time."""

from functools import partial

import changes
from fault import (ABSENT, ANYONE, Fault, all_proofs, both, curl, dig, handshake,
                   http_status, said)
from model import CLOUD, PROBER, RESOLVER, address_of, ipv4
from servers import TOOL

SECURE = "update.starface.de"
WEB = "license.starface.de"
LOOKUP = "iplookup.starface.com"
TIME = address_of("pool.ntp.org")
NAME_SERVER = ipv4(CLOUD, RESOLVER)

LOOP_ZONE = """$ORIGIN cname-loop.example.net.
@ 60 IN SOA ns root 1 1 1 1 1
@ 60 IN NS ns
ns 60 IN A {server}
a 1 IN CNAME b
b 1 IN CNAME a
"""
MORE_ZONES = """
forward-zone:
	name: "servfail.example.net."
	forward-addr: 127.0.0.1@9
auth-zone:
	name: "cname-loop.example.net."
	zonefile: "{file}"
	for-downstream: yes
	for-upstream: yes
"""
ZONES = {
    "nxdomain.example.net": "always_nxdomain",
    "nodata.example.net": "always_nodata",
    "refused.example.net": "always_refuse",
    "servfail.example.net": "transparent",
    "cname-loop.example.net": "transparent",
    "a.cname-loop.example.net": "transparent",
}


def name_faults(world):
    """A real unbound that answers five names in the five ways a name can fail."""
    file = world.model.write("loop.zone", LOOP_ZONE.format(server=NAME_SERVER))
    return changes.names(world, zones=ZONES, more=MORE_ZONES.format(file=file))


def named(row, verdict):
    # Without an AAAA record there is nothing to check over IPv6.
    six = ABSENT if verdict == "failed" else (verdict, f"dns-{row}", ANYONE)
    return {(f"name-{row}", "ipv4"): (verdict, f"dns-{row}", ANYONE),
            (f"name-{row}", "ipv6"): six}


# What the name server says of the name is the name's fault; that it says nothing of use,
# or nothing, is the resolver's, and so not the target's.
DNS = [
    Fault("names-that-fail", name_faults,
          all_proofs(dig("NXDOMAIN", "nxdomain.example.net"),
                     dig("ANSWER: 0", "nodata.example.net"),
                     dig("SERVFAIL", "servfail.example.net"),
                     dig("REFUSED", "refused.example.net"),
                     dig("ANSWER: 2", "a.cname-loop.example.net")),
          {**named("nxdomain", "failed"), **named("nodata", "failed"),
           **named("cname-loop", "failed"), **named("servfail", "unknown"),
           **named("refused", "unknown")}),
    Fault("name-to-nowhere",
          partial(changes.names, records={"siptrunk.de": [("A", "127.0.0.1")]}),
          dig("127.0.0.1", "siptrunk.de"),
          {("names-udp", "ipv4"): ("failed", "dns-wrong-address", ANYONE),
           ("names-tcp", "ipv4"): ("failed", "dns-wrong-address", ANYONE)}),
    Fault("name-server-drops",
          partial(changes.rules, lines=[f"ip daddr {NAME_SERVER} drop"]),
          dig("timed out", "siptrunk.de"),
          {("names-udp", "ipv4"): ("failed", "dns-timeout|timeout", ANYONE),
           ("names-tcp", "ipv4"): ("failed", "dns-timeout|timeout", ANYONE)},
          others=False),
    Fault("name-server-stopped",
          partial(changes.stopped, servers=["unbound"]),
          dig("refused", "siptrunk.de"),
          {("names-udp", "ipv4"): ("failed", "dns-unreachable|icmp-port-unreachable",
                                   NAME_SERVER),
           ("names-tcp", "ipv4"): ("failed", "dns-unreachable|refused", NAME_SERVER)},
          others=False),
    Fault("answers-to-another-question",
          partial(changes.instead_of, server="unbound",
                  words=["dns-server", "bad-id", NAME_SERVER]),
          dig("ID mismatch", "siptrunk.de"),
          {("names-udp", "ipv4"): ("failed", "dns-bad-id", ANYONE)}, others=False),
    Fault("answers-that-are-no-dns",
          partial(changes.instead_of, server="unbound",
                  words=["dns-server", "garbage", NAME_SERVER]),
          dig("", "siptrunk.de"),
          {("names-udp", "ipv4"): ("failed", "dns-garbage", ANYONE)}, others=False),
    Fault("truncated-and-no-tcp",
          partial(changes.instead_of, server="unbound",
                  words=["dns-server", "truncated", NAME_SERVER]),
          dig("Truncated", "siptrunk.de"),
          {("names-udp", "ipv4"): ("failed", "dns-truncated-no-tcp", ANYONE)},
          others=False),
]


def certified(kind, words, verdict="failed"):
    """Another certificate of one server, seen by the TLS row and the HTTPS row."""
    cause = f"tls-{kind}"
    return Fault(cause, partial(changes.site, name=SECURE, certificates=kind),
                 handshake(words),
                 {**both("secure", verdict, cause), **both("web-secure", verdict, cause)})


def spoken(name, directives, words, cause, *more):
    """Other TLS settings of the same server."""
    return Fault(name, partial(changes.site, name=SECURE, tls=directives),
                 handshake(words, SECURE, *more),
                 {**both("secure", "failed", cause),
                  **both("web-secure", "failed", cause)})


TLS = [
    certified("expired", "certificate has expired"),
    certified("not-yet-valid", "certificate is not yet valid"),
    certified("wrong-host", "hostname mismatch"),
    certified("self-signed", "self-signed certificate"),
    certified("untrusted", "self-signed certificate in certificate chain"),
    certified("incomplete-chain", "unable to verify the first certificate"),
    certified("weak-key", "1024 bit", "degraded"),
    certified("expiring-soon", "Verification: OK", "degraded"),
    spoken("only-old-versions", "ssl_protocols TLSv1.1; ssl_ciphers ALL:@SECLEVEL=0;",
           "protocol version", "tls-protocol-version", "-no_tls1_1"),
    spoken("no-common-cipher", "ssl_protocols TLSv1.2; ssl_ciphers CAMELLIA256-SHA;",
           "handshake failure", "tls-handshake-failure"),
    spoken("handshake-rejected", "ssl_reject_handshake on;", "unrecognized name",
           "tls-handshake-failure"),
]


def answered(name, directives, status, cause, verdict="failed"):
    return Fault(name, partial(changes.site, name=WEB, bodies=directives),
                 http_status(status, f"http://{WEB}/"), both("web", verdict, cause))


def played(name, how, code, cause):
    """A partner in the place of one server's IPv4 address; the other one is closed."""
    return Fault(name, partial(changes.instead_of_site, name=LOOKUP, port=80,
                               address=address_of(LOOKUP), how=how),
                 curl(code, "-4", f"http://{LOOKUP}/"),
                 {("lookup", "ipv4"): ("failed", cause, ANYONE),
                  ("lookup", "ipv6"): ("failed", "refused", address_of(LOOKUP, 6))})


HTTP = [
    answered("http-503", "location / { return 503; }", 503, "http-status"),
    answered("http-redirect-loop", "location / { return 302 http://$host/; }", 302,
             "http-redirect-loop"),
    answered("captive-portal",
             "location / { return 302 http://portal.example.com/login; }", 302,
             "captive-portal"),
    Fault("http-redirect-to-plain",
          partial(changes.site, name=SECURE,
                  bodies="location / { return 302 http://license.starface.de/; }"),
          http_status(302, f"https://{SECURE}/"),
          both("web-secure", "failed", "http-redirect")),
    played("http-silent", "silent", 28, "no-answer"),
    played("http-closes", "close", 52, "http-empty-reply"),
    played("http-resets", "reset", 56, "reset"),
    played("http-truncated", "truncated", 18, "http-truncated"),
    played("http-drips", "drip", 28, "http-timeout"),
    played("http-chunk-without-length", "framing", 56, "http-bad-framing"),
    played("http-garbage", "garbage", 1, "garbage|http-bad-framing"),
    played("ssh-instead", "ssh", 1, "wrong-protocol"),
]


def timed(name, how, cause, verdict="failed"):
    """A partner in the place of chrony, on its IPv4 address."""
    return Fault(name, partial(changes.instead_of, server="chrony",
                               words=["ntp-server", how, TIME]),
                 said("", *TOOL, "ntp", TIME),
                 {("time", "ipv4"): (verdict, cause, ANYONE),
                  ("time", "ipv6"): ("failed", "icmp6-port-unreachable",
                                     address_of("pool.ntp.org", 6))})


NTP = [
    Fault("time-server-without-time",
          partial(changes.chrony_source, source=""),
          said("3 0", *TOOL, "ntp", TIME), both("time", "failed", "ntp-unsynchronised")),
    Fault("time-server-stopped", partial(changes.stopped, servers=["chrony"]),
          said("", "true"),
          {("time", "ipv4"): ("failed", "icmp-port-unreachable", TIME),
           ("time", "ipv6"): ("failed", "icmp6-port-unreachable",
                              address_of("pool.ntp.org", 6))}),
    timed("time-kiss-of-death", "kod", "ntp-kod"),
    timed("time-half-a-minute-off", "offset", "ntp-offset", "degraded"),
    timed("time-of-another-question", "bad-origin", "ntp-bad-origin"),
]
