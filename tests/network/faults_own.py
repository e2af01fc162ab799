# SPDX-License-Identifier: Apache-2.0
"""Trouble of the prober's own host, which is never the target's."""

from functools import partial

import changes
from fault import ANYONE, Fault, curl, dig, every, said, silent_neighbour
from model import CLOUD, PROBER, RESOLVER, address_of, ipv4, ipv6
from rows import ROWS

LICENSE = address_of("license.starface.de")
TIME = address_of("pool.ntp.org")
NAME_SERVER = ipv4(CLOUD, RESOLVER)
ROUTES_GONE = ["-4 route delete default", "-6 route delete default"]


# An IPv6 address that is no name is reached without IPv4's name server.
LITERAL6 = {(row, "ipv6"): ("ok", "none", ANYONE)
            for row, spec in ROWS.items() if spec[1] == "$pbx6"}


def ours(cause):
    """The way out of the own network is gone, to the name servers as well."""
    return {("*", "*"): ("unknown", cause, ANYONE),
            ("on-link", "ipv4"): ("ok", "none", ANYONE)}


OWN = [
    Fault("no-default-route", "The prober has no default route",
          partial(changes.prober, commands=["ip " + line for line in ROUTES_GONE]),
          said("unreachable", "ip", "route", "get", LICENSE),
          ours("local-no-route"), common="own-route"),
    Fault("link-down", "The prober's cable is pulled",
          partial(changes.prober, commands=["ip link set eth0 down"]),
          said("state DOWN", "ip", "link", "show", "eth0"),
          every("unknown", "local-link-down|local-no-route"), common="own-link"),
    Fault("gateway-silent", "The prober's gateway is dead",
          partial(changes.prober, commands=[
              f"ip -4 route replace default via {ipv4(PROBER, 254)}",
              f"ip -6 route replace default via {ipv6(PROBER, 'fe')}"]),
          silent_neighbour(ipv4(PROBER, 254), f"http://{LICENSE}/"),
          ours("local-arp-failed"), common="own-gateway"),
    Fault("address-lost", "The prober has lost its IPv4 address",
          partial(changes.prober, commands=["ip -4 address flush dev eth0"]),
          said("unreachable", "ip", "route", "get", LICENSE),
          {**every("unknown", "local-no-route"), **LITERAL6}, common="own-route"),
    Fault("route-prohibited", "A route of the prober's forbids one address",
          partial(changes.prober, commands=[f"ip route add prohibit {LICENSE}/32"],
                  undo=[f"ip route delete prohibit {LICENSE}/32"]),
          curl(7, f"http://{LICENSE}/"),
          {("web", "ipv4"): ("unknown", "local-no-route", ANYONE)}),
    Fault("own-firewall-denies", "The prober's own firewall forbids NTP",
          partial(changes.own_firewall, line=f"ip daddr {TIME} udp dport 123 drop"),
          dig("", f"@{TIME}", "-p", "123", "x"),
          {("time", "ipv4"): ("unknown", "local-denied", ANYONE)}),
    Fault("own-firewall-denies-dns", "The prober's own firewall forbids to ask names",
          partial(changes.own_firewall,
                  line=f"ip daddr {NAME_SERVER} udp dport 53 drop"),
          dig("", "siptrunk.de"),
          {("names-udp", "ipv4"): ("unknown", "local-denied", ANYONE)}, others=False),
]
