# SPDX-License-Identifier: Apache-2.0
"""One thing that is wrong, and many requirements that fail for it: named once."""

from functools import partial

import changes
from fault import ANYONE, Fault, all_proofs, both, curl, dig, handshake, http_status, said
from model import (BESIDE, CLOUD, FIREWALL, NETWORKS, PBX, PROBER, RESOLVER, address_of,
                   ipv4, ipv6)
from rows import BESIDE_PBX, OTHER_TIME, ROWS, VERSIONS
from servers import SITES

WAN, PBX_LINK = NETWORKS[CLOUD][0], NETWORKS[PBX][0]
NAME_SERVER = ipv4(CLOUD, RESOLVER)
LICENSE = address_of("license.starface.de")
LICENSE6 = address_of("license.starface.de", 6)
UPDATE = address_of("update.starface.de")
WALL = ipv4(PROBER, 1)
OF_PBX = {(row, family) for row, spec in ROWS.items()
          for host, family in (("$pbx4", "ipv4"), ("$pbx6", "ipv6")) if spec[1] == host}
# Silence of what owes no answer says nothing, and needs no explanation.
OWING = frozenset(row for row, _ in OF_PBX) - {"silent"}
WELL_PBX = {key: ("ok", "none", ANYONE) for key in OF_PBX}


def pbx(verdict, cause, silent=None):
    """Of all rows of the PBX; `silent` is the one that owes no answer."""
    rows = {(row, family): ("unknown" if row in VERSIONS else verdict, cause, ANYONE)
            for row, family in OF_PBX}
    rows["silent", "ipv4"] = silent or (verdict, cause, ANYONE)
    return rows


# Rows that need a name, those of the name server itself, and what else lies beyond.
BY_NAME = frozenset(row for row, spec in ROWS.items() if not spec[1].startswith("$"))
NAMES = BY_NAME | {"names-udp", "names-tcp"}
BEYOND = NAMES | {"stun", "stun-nat"}


OF_VENDOR = [row for row in BY_NAME if "starface" in ROWS[row][1]]
VENDOR = {word: sorted({address_of(ROWS[row][1], family) for row in OF_VENDOR})
          for word, family in (("ip", 4), ("ip6", 6))}


def secured(cause):
    """The rows that verify a cloud certificate."""
    return {key: value for row in ("secure", "secure-other", "web-secure")
            for key, value in both(row, "failed", cause).items()}


def intercepted(world):
    """A proxy in the middle shows certificates of its own authority for every host."""
    return changes.all_of(world, [
        partial(changes.site, name=name, certificates="untrusted")
        for name, (_, tls, _) in SITES.items() if tls])


def to(address, address6):
    return [("A", address), ("AAAA", address6)]


PORTAL = to(address_of("portal.example.com"), address_of("portal.example.com", 6))
CLOUD_WEB = ("license.starface.de", "iplookup.starface.com")


def portal(name, what, directives, status, lookup):
    """The name server sends every web name to a portal, as the one of a hotel does.
    Who knows what must be in the page is sure; the other sees a redirect or a page."""
    return Fault(name, what, lambda world: changes.all_of(world, [
        partial(changes.site, name="portal.example.com", bodies=directives),
        partial(changes.names, records={web: PORTAL for web in CLOUD_WEB})]),
        http_status(status, f"http://{CLOUD_WEB[0]}/"),
        {**both("web", "failed", "captive-portal"), **both("lookup", *lookup)},
        common="" if lookup[0] == "ok" else "captive-portal")


OF_UPDATE = ("secure", "web-secure")


def clock(name, what, how6, expected, common=""):
    """Time of three days ago by IPv4, and a certificate that ran out two days ago."""
    return Fault(name, what, lambda world: changes.all_of(world, [
        partial(changes.clocks, how4="three-days-behind", how6=how6),
        partial(changes.site, name="update.starface.de", certificates="expired")]),
        handshake("certificate has expired"), expected, common=common, more=OTHER_TIME)


COMMON = [
    Fault("internet-uplink-cut", "The router's line to the Internet is dead",
          partial(changes.link_down, where=FIREWALL, device=WAN),
          # The router says so to each asker once a second only, and is asked a lot.
          said("100% packet loss", "ping", "-c", "1", "-W", "1", LICENSE),
          WELL_PBX, others=False,
          common="internet-uplink", covers=BEYOND),
    Fault("internet-swallowed", "Everything towards the Internet vanishes",
          partial(changes.rules, lines=[f'oifname "{WAN}" drop']),
          curl(28, f"http://{LICENSE}/"), WELL_PBX, others=False,
          common="internet-uplink", covers=BEYOND),
    Fault("internet-uplink-ipv4-alone", "The line to the Internet passes no IPv6",
          partial(changes.rules, lines=[f'oifname "{WAN}" meta nfproto ipv6 drop']),
          all_proofs(curl(28, f"http://[{LICENSE6}]/"), curl(0, f"http://{LICENSE}/")),
          {(row, "ipv6"): ("failed", "timeout", ANYONE) for row in BY_NAME},
          common="internet-uplink"),
    Fault("vendor-gone", "No server of the vendor answers, and the rest of the Internet "
          "does",
          partial(changes.rules, lines=[
              f"{family} daddr {{ {', '.join(addresses)} }} drop"
              for family, addresses in VENDOR.items()]),
          all_proofs(curl(28, f"http://{LICENSE}/"), dig("ANSWER: 1", "siptrunk.de")),
          {key: value for row in OF_VENDOR
           for key, value in both(row, "failed", "timeout").items()},
          common="vendor-silent"),
    Fault("name-servers-dead", "The name server is dead, and addresses still answer",
          partial(changes.rules, lines=[f"ip daddr {NAME_SERVER} drop"]),
          all_proofs(dig("timed out", "siptrunk.de"), curl(0, f"http://{LICENSE}/")),
          {**WELL_PBX, ("web", "ipv4"): ("unknown", "dns-timeout", ANYONE),
           ("secure", "ipv4"): ("unknown", "dns-timeout", ANYONE)}, others=False,
          common="own-resolver", covers=NAMES),
    Fault("pbx-switched-off", "The PBX is off",
          partial(changes.link_down, where=PBX, device="eth0"),
          said("Destination Host Unreachable", "ping", "-c", "3", "-i", "0.3", ipv4(PBX)),
          pbx("failed", "icmp-host-unreachable|icmp6-addr-unreachable"),
          common="pbx-down"),
    Fault("banned-by-the-pbx", "The PBX drops whatever we send",
          partial(changes.pbx_drops, source=(ipv4(PROBER), ipv6(PROBER))),
          said("0 received", "ping", "-c", "1", "-W", "1", ipv4(PBX)),
          pbx("failed", "timeout", ("unknown", "timeout", ANYONE)),
          common="possible-ban", covers=OWING),
    Fault("tls-intercepted", "A proxy opens the encryption of every cloud host",
          intercepted, handshake("self-signed certificate in certificate chain"),
          secured("tls-intercepted"), common="tls-interception"),
    Fault("names-hijacked", "The name server gives private addresses for cloud names",
          partial(changes.names, records={
              name: to("10.99.99.99", "fd00::99")
              for name in (*CLOUD_WEB, "update.starface.de")}),
          dig("10.99.99.99", CLOUD_WEB[0]),
          {key: value for row in ("web", "lookup", "secure", "web-secure")
           for key, value in both(row, "failed", "dns-wrong-address").items()},
          common="dns-hijack"),
    portal("portal-by-names-200", "A portal in the place of every name answers 200",
           "location / { return 200 \"Please sign in.\\n\"; }", 200, ("ok", "none")),
    portal("portal-by-names-302", "A portal in the place of every name redirects",
           "location = /login { return 200 \"Please sign in.\\n\"; } "
           "location / { return 302 http://portal.example.com/login; }", 302,
           ("degraded", "captive-portal")),
    portal("portal-by-names-511", "A portal in the place of every name says 511",
           "location / { return 511; }", 511, ("failed", "captive-portal")),
    Fault("tunnel-to-the-pbx-down", "The tunnel to the PBX's network is down",
          partial(changes.rules, lines=[f'oifname "{PBX_LINK}" drop']),
          said("0 received", "ping", "-c", "1", "-W", "1", ipv4(PBX, BESIDE)),
          {**pbx("failed", "timeout", ("unknown", "timeout", ANYONE)),
           ("beside4", "ipv4"): ("failed", "timeout", ANYONE),
           ("beside6", "ipv6"): ("failed", "timeout", ANYONE)},
          common="pbx-silent", covers=OWING, more=BESIDE_PBX),
    # The model has one clock; what the program sees is the same.
    clock("own-clock-wrong", "The prober's clock is three days ahead, so that "
          "certificates look expired", "three-days-behind",
          {**both("time", "degraded", "ntp-offset"),
           **both("time-other", "degraded", "ntp-offset"),
           **{key: ("unknown", "local-clock", ANYONE) for row in OF_UPDATE
              for key in both(row, "", "")}}, common="own-clock"),
    clock("one-time-server-wrong", "A time server is three days behind, and a "
          "certificate has expired", "good",
          {**{(row, "ipv4"): ("degraded", "ntp-offset", ANYONE)
              for row in ("time", "time-other")},
           **{key: value for row in OF_UPDATE
              for key, value in both(row, "failed", "tls-expired").items()}}),
    Fault("one-device-refuses", "A firewall forbids the web servers of the cloud",
          partial(changes.rules, lines=[
              f"ip daddr {{ {LICENSE}, {address_of('iplookup.starface.com')}, "
              f"{UPDATE} }} reject with icmp admin-prohibited"]),
          curl(7, f"http://{LICENSE}/"),
          {(row, "ipv4"): ("failed", "icmp-admin-prohibited", WALL)
           for row in ("web", "lookup", "secure", "web-secure")},
          common="common-device"),
]
