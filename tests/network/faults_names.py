# SPDX-License-Identifier: Apache-2.0
"""Faults of names and of time."""

from functools import partial

import changes
from fault import ABSENT, ANYONE, Fault, all_proofs, both, dig, said
from model import CLOUD, RESOLVER, address_of, ipv4
from servers import TOOL

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


def asked(verdict, udp, tcp=None):
    """The two rows that ask the name server itself; all others depend on it."""
    rows = {("names-udp", "ipv4"): (verdict, udp, ANYONE)}
    return {**rows, ("names-tcp", "ipv4"): (verdict, tcp, ANYONE)} if tcp else rows


def answered(name, what, how, words, cause):
    """A partner in the place of unbound, over UDP; nobody is there over TCP."""
    return Fault(name, what,
                 partial(changes.instead_of, server="unbound",
                         words=["udp", "dns", how, NAME_SERVER, "53"]),
                 dig(words, "siptrunk.de"), asked("failed", cause), others=False)


def told(name, what, how, words, cause):
    """The same over TCP."""
    return Fault(name, what,
                 partial(changes.instead_of, server="unbound",
                         words=["tcp", "dns", how, NAME_SERVER, "53"]),
                 dig(words, "+tcp", "siptrunk.de"),
                 {("names-tcp", "ipv4"): ("failed", cause, ANYONE)}, others=False)


# What the name server says of the name is the name's fault; that it says nothing of use,
# or nothing, is the resolver's, and so not the target's.
DNS = [
    Fault("names-that-fail", "Names that do not exist, have no address, loop; servers "
          "that fail or refuse", name_faults,
          all_proofs(dig("NXDOMAIN", "nxdomain.example.net"),
                     dig("ANSWER: 0", "nodata.example.net"),
                     dig("SERVFAIL", "servfail.example.net"),
                     dig("REFUSED", "refused.example.net"),
                     dig("ANSWER: 2", "a.cname-loop.example.net")),
          {**named("nxdomain", "failed"), **named("nodata", "failed"),
           **named("cname-loop", "failed"), **named("servfail", "unknown"),
           **named("refused", "unknown")}),
    Fault("name-to-nowhere", "A name leads to the asker's own host",
          partial(changes.names, records={"siptrunk.de": [("A", "127.0.0.1")]}),
          dig("127.0.0.1", "siptrunk.de"), asked("failed", *["dns-wrong-address"] * 2)),
    Fault("name-server-drops", "The name server stays silent",
          partial(changes.rules, lines=[f"ip daddr {NAME_SERVER} drop"]),
          dig("timed out", "siptrunk.de"),
          asked("failed", *["dns-timeout|timeout"] * 2), others=False),
    Fault("name-server-stopped", "The name server is not running",
          partial(changes.stopped, servers=["unbound"]), dig("refused", "siptrunk.de"),
          {("names-udp", "ipv4"): ("failed", "dns-unreachable|icmp-port-unreachable",
                                   NAME_SERVER),
           ("names-tcp", "ipv4"): ("failed", "dns-unreachable|refused", NAME_SERVER)},
          others=False),
    answered("answers-to-another-question", "The name server's answers have another id",
             "bad-id", "ID mismatch", "dns-bad-id"),
    answered("answers-to-another-name", "The name server answers for another name",
             "other-name", "", "dns-bad-id"),
    answered("answers-that-are-no-dns", "The name server answers garbage", "garbage", "",
             "dns-garbage"),
    answered("answers-that-are-empty", "The name server answers empty datagrams", "empty",
             "", "dns-garbage"),
    answered("answers-that-miscount", "The name server promises a record and sends none",
             "count", "", "dns-garbage"),
    answered("answers-that-point-to-themselves", "A name in an answer is a circle",
             "pointer-loop", "", "dns-garbage"),
    answered("answers-late", "The name server answers after the deadline", "late",
             "timed out", "dns-timeout|timeout"),
    answered("answers-of-a-spoofer", "The answers come from another port",
             "another-port:good", "timed out", "wrong-source"),
    answered("answers-not-implemented", "The name server does not implement questions",
             "notimp", "NOTIMP", "dns-servfail|dns-refused"),
    answered("truncated-and-no-tcp", "Truncated answers, and no TCP", "truncated",
             "Truncated", "dns-truncated-no-tcp"),
    told("dns-over-tcp-closes", "The name server hangs up over TCP", "close", "",
         "closed-early"),
    told("dns-over-tcp-silent", "The name server accepts TCP and stays silent", "silent",
         "", "no-answer|dns-timeout|timeout"),
    told("dns-over-tcp-malformed", "The name server answers garbage over TCP",
         "malformed", "", "dns-garbage"),
    told("dns-over-tcp-short", "The name server promises more over TCP than it sends",
         "garbage", "", "closed-early"),
    told("dns-over-tcp-is-ssh", "SSH listens on TCP port 53", "ssh", "",
         "wrong-protocol"),
]


def timed(name, what, how, cause, verdict="failed"):
    """A partner in the place of chrony, on its IPv4 address."""
    return Fault(name, what,
                 partial(changes.instead_of, server="chrony",
                         words=["udp", "ntp", how, TIME, "123"]),
                 said("", *TOOL, "ntp", TIME),
                 {("time", "ipv4"): (verdict, cause, ANYONE),
                  ("time", "ipv6"): ("failed", "icmp6-port-unreachable",
                                     address_of("pool.ntp.org", 6))})


NTP = [
    Fault("time-server-without-time", "The time server has no source of its own",
          partial(changes.server, name="chrony", source=""),
          said("3 0", *TOOL, "ntp", TIME), both("time", "failed", "ntp-unsynchronised")),
    Fault("time-server-stopped", "The time server is not running",
          partial(changes.stopped, servers=["chrony"]), said("", "true"),
          {("time", "ipv4"): ("failed", "icmp-port-unreachable", TIME),
           ("time", "ipv6"): ("failed", "icmp6-port-unreachable",
                              address_of("pool.ntp.org", 6))}),
    timed("time-kiss-of-death", "The time server wants to be left alone", "kod",
          "ntp-kod"),
    timed("time-half-a-minute-off", "The time server's clock is half a minute off",
          "offset", "ntp-offset", "degraded"),
    timed("time-of-another-question", "The time answers another question", "bad-origin",
          "ntp-bad-origin"),
    timed("time-cut-short", "The time server's answers are cut short", "short",
          "garbage"),
    timed("time-echoed", "Something sends our own question back", "client", "garbage"),
    timed("time-is-ssh", "SSH answers in the place of time", "ssh", "wrong-protocol"),
    timed("time-late", "The time comes after the deadline", "late", "timeout"),
    timed("time-from-another-port", "The time comes from another port",
          "another-port:good", "wrong-source"),
]
