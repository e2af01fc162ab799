# SPDX-License-Identifier: Apache-2.0
"""Faults of the path and of the prober's own host."""

from functools import partial

import changes
from fault import (ANYONE, Fault, all_proofs, curl, dig, every, said,
                   silent_neighbour, sniffed)
from model import CLOUD, ON_LINK, PBX, PROBER, SECOND, address_of, ipv4, ipv6
from servers import CODES

LICENSE = address_of("license.starface.de")
TIME = address_of("pool.ntp.org")
WALL, WALL6 = ipv4(PROBER, 1), ipv6(PROBER, 1)
HOST, LINK = ipv4(PBX), ipv4(PROBER, ON_LINK)

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
        lines.append(f"ip6 daddr {ipv6(PBX)} tcp dport {port} reject with icmpv6 {word}")
        proofs.append(sniffed(f"ip6 saddr {WALL6} icmpv6 type 1 icmpv6 code {code}",
                              "curl", "--max-time", "1", f"http://[{ipv6(PBX)}]:{port}/"))
        expected[f"code-{port}", "ipv6"] = ("failed", cause, WALL6)
    return Fault("every-icmp-code", partial(changes.rules, lines=lines),
                 all_proofs(*proofs), expected)


PATH = [
    Fault("firewall-drops",
          partial(changes.rules, lines=[f"ip daddr {LICENSE} drop"]),
          curl(28, f"http://{LICENSE}/"),
          {("web", "ipv4"): ("failed", "timeout", ANYONE)}),
    codes(),
    Fault("firewall-prohibits-udp",
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
    Fault("firewall-resets",
          partial(changes.rules, lines=[f"ip daddr {LICENSE} tcp dport 80 "
                                        "reject with tcp reset"]),
          curl(7, f"http://{LICENSE}/"),
          {("web", "ipv4"): ("failed", "refused", LICENSE)}),
    Fault("nothing-listens",
          partial(changes.stopped, servers=["listeners"]),
          curl(7, f"http://{HOST}:{CODES[0]}/"),
          {**{(f"code-{port}", "ipv4"): ("failed", "refused", HOST)
              for port in CODES[:len(ICMP4)]},
           **{(f"code-{port}", "ipv6"): ("failed", "refused", ipv6(PBX))
              for port in CODES[len(ICMP4):]},
           ("echo", "ipv4"): ("failed", "icmp-port-unreachable", HOST),
           ("silent", "ipv4"): ("failed", "icmp-port-unreachable", HOST)}),
    Fault("udp-silence-is-not-open",
          partial(changes.rules, lines=[
              f"ip daddr {HOST} udp dport {{ 1902, 3090 }} drop"]),
          dig("timed out", f"@{HOST}", "-p", "3090", "x"),
          {("echo", "ipv4"): ("failed", "timeout", ANYONE),
           ("silent", "ipv4"): ("unknown", "timeout", ANYONE)}),
    Fault("routing-loop",
          partial(changes.loop_to, address=LICENSE),
          sniffed("icmp type 11", "curl", "--max-time", "1", f"http://{LICENSE}/"),
          {("web", "ipv4"): ("failed", "ttl-exceeded", ANYONE)}),
    Fault("one-address-of-two",
          partial(changes.rules, lines=[
              f"ip daddr {ipv4(CLOUD, SECOND)} reject with icmp host-unreachable"]),
          curl(7, f"http://{ipv4(CLOUD, SECOND)}:7000/"),
          {("two", "ipv4"): ("degraded", "address-partial", WALL)}),
    Fault("host-on-own-link-gone",
          partial(changes.gone_from_link, host=ON_LINK),
          silent_neighbour(LINK, f"http://{LINK}:7000/"),
          {("on-link", "ipv4"): ("failed", "arp-failed", ANYONE)}),
]



def ours(cause):
    """The way out of the own network is gone, to the name servers as well."""
    return {("*", "*"): ("unknown", cause, ANYONE),
            ("on-link", "ipv4"): ("ok", "none", ANYONE)}


ROUTES_GONE = ["-4 route delete default", "-6 route delete default"]

OWN = [
    Fault("no-default-route",
          partial(changes.prober, commands=["ip " + line for line in ROUTES_GONE]),
          said("unreachable", "ip", "route", "get", LICENSE),
          ours("local-no-route")),
    Fault("link-down",
          partial(changes.prober, commands=["ip link set eth0 down"]),
          said("state DOWN", "ip", "link", "show", "eth0"),
          every("unknown", "local-link-down|local-no-route")),
    Fault("gateway-silent",
          partial(changes.prober, commands=[
              f"ip -4 route replace default via {ipv4(PROBER, 254)}",
              f"ip -6 route replace default via {ipv6(PROBER, 'fe')}"]),
          silent_neighbour(ipv4(PROBER, 254), f"http://{LICENSE}/"),
          ours("local-arp-failed")),
    Fault("route-prohibited",
          partial(changes.prober, commands=[f"ip route add prohibit {LICENSE}/32"],
                  undo=[f"ip route delete prohibit {LICENSE}/32"]),
          curl(7, f"http://{LICENSE}/"),
          {("web", "ipv4"): ("unknown", "local-no-route", ANYONE)}),
    Fault("own-firewall-denies",
          partial(changes.own_firewall, line=f"ip daddr {TIME} udp dport 123 drop"),
          dig("", f"@{TIME}", "-p", "123", "x"),
          {("time", "ipv4"): ("unknown", "local-denied", ANYONE)}),
]
