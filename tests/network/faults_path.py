# SPDX-License-Identifier: Apache-2.0
"""Faults of the path."""

from functools import partial

import changes
from fault import (ANYONE, Fault, all_proofs, curl, dig, said, silent_neighbour,
                   sniffed)
from model import CLOUD, ON_LINK, PBX, PROBER, SECOND, address_of, ipv4, ipv6
from rows import SIZES
from servers import CODES

LICENSE = address_of("license.starface.de")
LICENSE6 = address_of("license.starface.de", 6)
UPDATE = address_of("update.starface.de")
TIME = address_of("pool.ntp.org")
WALL, WALL6 = ipv4(PROBER, 1), ipv6(PROBER, 1)
HOST, HOST6, LINK = ipv4(PBX), ipv6(PBX), ipv4(PROBER, ON_LINK)

# The codes a firewall may say, on a port each: RFC 792, RFC 1812, RFC 4443.

ICMP4 = (("net-unreachable", "icmp-net-unreachable", 0),
         ("host-unreachable", "icmp-host-unreachable", 1),
         ("prot-unreachable", "icmp-proto-unreachable", 2),
         ("port-unreachable", "icmp-port-unreachable", 3),
         ("net-prohibited", "icmp-net-prohibited", 9),
         ("host-prohibited", "icmp-host-prohibited", 10),
         ("admin-prohibited", "icmp-admin-prohibited", 13))
ICMP6 = (("no-route", "icmp6-no-route", 0),
         ("admin-prohibited", "icmp6-admin-prohibited", 1),
         ("addr-unreachable", "icmp6-addr-unreachable", 3),
         ("port-unreachable", "icmp6-port-unreachable", 4),
         ("policy-fail", "icmp6-policy-fail", 5),
         ("reject-route", "icmp6-reject-route", 6))


def codes():
    lines, proofs, expected = [], [], {}
    four, six = CODES[:len(ICMP4)], CODES[len(ICMP4):]
    for port, (word, cause, code) in zip(four, ICMP4):
        lines.append(f"ip daddr {HOST} tcp dport {port} reject with icmp {word}")
        proofs.append(sniffed(f"ip saddr {WALL} icmp type 3 icmp code {code}",
                              "curl", "--max-time", "1", f"http://{HOST}:{port}/"))
        expected[f"code-{port}", "ipv4"] = ("failed", cause, WALL)
    for port, (word, cause, code) in zip(six, ICMP6):
        lines.append(f"ip6 daddr {HOST6} tcp dport {port} reject with icmpv6 {word}")
        proofs.append(sniffed(f"ip6 saddr {WALL6} icmpv6 type 1 icmpv6 code {code}",
                              "curl", "--max-time", "1", f"http://[{HOST6}]:{port}/"))
        expected[f"code-{port}", "ipv6"] = ("failed", cause, WALL6)
    return Fault("every-icmp-code", "A firewall rejects by each ICMP and ICMPv6 code, "
                 "on a port each", partial(changes.rules, lines=lines),
                 all_proofs(*proofs), expected)


def unlistened():
    """Who is told apart from a firewall: the host itself says no."""
    return {**{(f"code-{port}", "ipv4"): ("failed", "refused", HOST)
               for port in CODES[:len(ICMP4)]},
            **{(f"code-{port}", "ipv6"): ("failed", "refused", HOST6)
               for port in CODES[len(ICMP4):]},
            ("echo", "ipv4"): ("failed", "icmp-port-unreachable", HOST),
            ("silent", "ipv4"): ("failed", "icmp-port-unreachable", HOST)}


FIREWALLS = [
    Fault("firewall-drops", "A firewall drops silently",
          partial(changes.rules, lines=[f"ip daddr {LICENSE} drop"]),
          curl(28, f"http://{LICENSE}/"),
          {("web", "ipv4"): ("failed", "timeout", ANYONE)}),
    Fault("firewall-drops-answers", "A firewall lets questions out and no answer in",
          partial(changes.rules, lines=[f"ip saddr {LICENSE} tcp sport 80 drop"]),
          curl(28, f"http://{LICENSE}/"),
          {("web", "ipv4"): ("failed", "timeout", ANYONE)}),
    Fault("firewall-forgot-ipv6", "The rule exists for IPv4 alone",
          partial(changes.rules, lines=[f"ip6 daddr {LICENSE6} tcp dport 80 drop"]),
          curl(28, "-6", f"http://[{LICENSE6}]/"),
          {("web", "ipv6"): ("failed", "timeout", ANYONE)}),
    codes(),
    Fault("firewall-prohibits-udp", "A firewall rejects UDP and says so",
          partial(changes.rules, lines=[
              f"ip daddr {HOST} udp dport 1902 reject with icmp admin-prohibited",
              f"ip daddr {TIME} udp dport 123 reject with icmp host-prohibited"]),
          all_proofs(
              sniffed(f"ip saddr {WALL} icmp type 3 icmp code 13",
                      "dig", "+tries=1", "+time=1", f"@{HOST}", "-p", "1902", "x"),
              sniffed(f"ip saddr {WALL} icmp type 3 icmp code 10",
                      "dig", "+tries=1", "+time=1", f"@{TIME}", "-p", "123", "x")),
          {("echo", "ipv4"): ("failed", "icmp-admin-prohibited", WALL),
           ("time", "ipv4"): ("failed", "icmp-host-prohibited", WALL)}),
    Fault("firewall-resets", "A firewall rejects by TCP reset in the server's name",
          partial(changes.rules, lines=[f"ip daddr {LICENSE} tcp dport 80 "
                                        "reject with tcp reset"]),
          curl(7, f"http://{LICENSE}/"),
          {("web", "ipv4"): ("failed", "refused", LICENSE)}),
    Fault("inspection-resets", "Deep inspection resets a connection at its first words",
          partial(changes.rules, lines=[
              f"ip daddr {UPDATE} tcp dport 443 tcp flags & psh == psh "
              "reject with tcp reset"]),
          curl(35, f"https://{UPDATE}/"),
          {(row, "ipv4"): ("failed", "reset", ANYONE)
           for row in ("secure", "web-secure")}),
    Fault("inspection-swallows", "Deep inspection lets a connection begin and swallows "
          "its first words",
          partial(changes.rules, lines=[
              f"ip daddr {UPDATE} tcp dport 443 tcp flags & psh == psh drop"]),
          curl(28, f"https://{UPDATE}/"),
          {(row, "ipv4"): ("failed", "no-answer", ANYONE)
           for row in ("secure", "web-secure")}),
]

HOSTS = [
    Fault("nothing-listens", "The services of a host are not running",
          partial(changes.stopped, servers=["listeners", "echo"]),
          curl(7, f"http://{HOST}:{CODES[0]}/"), unlistened()),
    Fault("udp-silence-is-not-open", "Silence over UDP, where an answer is owed and "
          "where none is",
          partial(changes.rules, lines=[
              f"ip daddr {HOST} udp dport {{ 1902, 3090 }} drop"]),
          dig("timed out", f"@{HOST}", "-p", "3090", "x"),
          {("echo", "ipv4"): ("failed", "timeout", ANYONE),
           ("silent", "ipv4"): ("unknown", "timeout", ANYONE)}),
    Fault("host-on-own-link-gone", "A host of the own network is switched off",
          partial(changes.gone_from_link, host=ON_LINK),
          silent_neighbour(LINK, f"http://{LINK}:7000/"),
          {("on-link", "ipv4"): ("failed", "arp-failed", ANYONE)}),
    Fault("one-address-of-two", "One of a name's IPv4 addresses is dead",
          partial(changes.rules, lines=[
              f"ip daddr {ipv4(CLOUD, SECOND)} reject with icmp host-unreachable"]),
          curl(7, f"http://{ipv4(CLOUD, SECOND)}:7000/"),
          {("two", "ipv4"): ("degraded", "address-partial", WALL)}),
    Fault("one-address-of-two-ipv6", "One of a name's IPv6 addresses is dead",
          partial(changes.rules, lines=[
              f"ip6 daddr {ipv6(CLOUD, SECOND)} reject with icmpv6 addr-unreachable"]),
          curl(7, f"http://[{ipv6(CLOUD, SECOND)}]:7000/"),
          {("two", "ipv6"): ("degraded", "address-partial", WALL6)}),
    Fault("both-addresses-of-two", "All of a name's addresses are dead",
          partial(changes.rules, lines=[
              f"{family} daddr {{ {one}, {two} }} tcp dport 7000 reject with tcp reset"
              for family, one, two in (
                  ("ip", address_of("two.example.com"), ipv4(CLOUD, SECOND)),
                  ("ip6", address_of("two.example.com", 6), ipv6(CLOUD, SECOND)))]),
          curl(7, f"http://{ipv4(CLOUD, SECOND)}:7000/"),
          {("two", "ipv4"): ("failed", "refused", ANYONE),
           ("two", "ipv6"): ("failed", "refused", ANYONE)}),
]

# Answers of another address or port. The PBX rewrites its own, which needs no NAT.
ELSEWHERE = """
table ip extra {{
	chain out {{
		type filter hook output priority 0;
		udp sport 1902 {};
	}}
}}
"""


# Before the kernel's own defragmentation, which comes at -400.
NO_FRAGMENTS = """
table inet extra {
	chain before {
		type filter hook prerouting priority -450;
		ip frag-off & 0x3fff != 0 drop
		exthdr frag exists drop
	}
}
"""


def elsewhere(name, what, statement, offender):
    return Fault(name, what,
                 partial(changes.table, text=ELSEWHERE.format(statement), where=PBX),
                 dig("timed out", f"@{HOST}", "-p", "1902", "x"),
                 {("echo", "ipv4"): ("failed", "wrong-source", offender)})


ROUTES = [
    Fault("routing-loop", "Two routers send packets to each other",
          partial(changes.loop_to, address=LICENSE),
          sniffed("icmp type 11", "curl", "--max-time", "1", f"http://{LICENSE}/"),
          {("web", "ipv4"): ("failed", "ttl-exceeded", ANYONE)}),
    Fault("mtu-blackhole", "Large packets vanish on the way back, without a word",
          partial(changes.impaired, options=["--larger-than", "700"],
                  match=[f"-s {UPDATE}"], families=[""]),
          all_proofs(said(" 1 received", "ping", "-c", "1", "-s", "100", UPDATE),
                     said(" 0 received", "ping", "-c", "1", "-W", "1", "-s", "1000",
                          "-M", "do", UPDATE),
                     curl(28, f"https://{UPDATE}/")),
          {(row, "ipv4"): ("failed", "mtu-blackhole", ANYONE)
           for row in ("secure", "web-secure")}),
    Fault("mtu-blackhole-of-requests", "Large packets vanish on the way to the PBX, "
          "without a word",
          partial(changes.impaired, options=["--larger-than", "1300"],
                  match=[f"-d {HOST}"], families=[""]),
          all_proofs(said(" 1 received", "ping", "-c", "1", "-s", "1200", HOST),
                     said(" 0 received", "ping", "-c", "1", "-W", "1", "-s", "1400",
                          "-M", "do", HOST)),
          {("size-udp", "ipv4"): ("degraded", "mtu-blackhole", HOST),
           ("size-tcp", "ipv4"): ("failed", "mtu-blackhole", ANYONE),
           ("size-tls", "ipv4"): ("failed", "mtu-blackhole", ANYONE)}, more=SIZES),
    Fault("fragments-vanish", "A firewall drops fragments silently",
          partial(changes.table, text=NO_FRAGMENTS),
          all_proofs(said(" 1 received", "ping", "-c", "1", "-s", "1400", HOST),
                     said(" 0 received", "ping", "-c", "1", "-W", "1", "-s", "2000",
                          HOST)),
          {("size-udp", "ipv4"): ("degraded", "mtu-blackhole", HOST),
           ("size-udp6", "ipv6"): ("degraded", "mtu-blackhole", HOST6)}, more=SIZES),
    Fault("flapping", "A service answers every other time",
          partial(changes.rules, lines=[
              f"ip daddr {LICENSE} tcp dport 80 tcp flags & (syn | ack) == syn "
              "numgen inc mod 2 == 0 reject with tcp reset"]),
          all_proofs(curl(0, f"http://{LICENSE}/"), curl(7, f"http://{LICENSE}/")),
          {("web", "ipv4"): ("degraded", "flapping", ANYONE)}),
    elsewhere("answers-from-another-port", "A NAT changes the port of answers",
              "udp sport set 1903", HOST),
    elsewhere("answers-from-another-address", "A host answers from its other address",
              "ip saddr set 198.51.100.21", "198.51.100.21"),
]

PATH = [*FIREWALLS, *HOSTS, *ROUTES]
