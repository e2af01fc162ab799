# SPDX-License-Identifier: Apache-2.0
"""One thing that is wrong, and many requirements that fail for it: named once."""

from functools import partial

import changes
from fault import ANYONE, Fault, all_proofs, both, curl, dig, handshake, http_status, said
from model import CLOUD, FIREWALL, NETWORKS, PBX, PROBER, RESOLVER, address_of, ipv4, ipv6
from rows import ROWS
from servers import SITES

WAN, PBX_LINK = NETWORKS[CLOUD][0], NETWORKS[PBX][0]
NAME_SERVER = ipv4(CLOUD, RESOLVER)
LICENSE = address_of("license.starface.de")
UPDATE = address_of("update.starface.de")
WALL = ipv4(PROBER, 1)
OF_PBX = {(row, family) for row, spec in ROWS.items()
          for host, family in (("$pbx4", "ipv4"), ("$pbx6", "ipv6")) if spec[1] == host}
WELL_PBX = {key: ("ok", "none", ANYONE) for key in OF_PBX}


def pbx(verdict, cause, silent=None):
    """Of all rows of the PBX; `silent` is the one that owes no answer."""
    rows = {key: (verdict, cause, ANYONE) for key in OF_PBX}
    rows["silent", "ipv4"] = silent or (verdict, cause, ANYONE)
    return rows


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


def portal(name, what, directives, status, cause, common=""):
    """The name server sends every name to a portal, as the one of a hotel does."""
    return Fault(name, what, lambda world: changes.all_of(world, [
        partial(changes.site, name="portal.example.com", bodies=directives),
        partial(changes.names, records={web: PORTAL for web in CLOUD_WEB})]),
        http_status(status, f"http://{CLOUD_WEB[0]}/"),
        both("web", "failed", cause), others=False, common=common)


COMMON = [
    Fault("internet-uplink-cut", "The router's line to the Internet is dead",
          partial(changes.link_down, where=FIREWALL, device=WAN),
          # The router says so to each asker once a second only, and is asked a lot.
          said("100% packet loss", "ping", "-c", "1", "-W", "1", LICENSE),
          WELL_PBX, others=False,
          common="internet-uplink"),
    Fault("internet-swallowed", "Everything towards the Internet vanishes",
          partial(changes.rules, lines=[f'oifname "{WAN}" drop']),
          curl(28, f"http://{LICENSE}/"), WELL_PBX, others=False,
          common="internet-uplink"),
    Fault("name-servers-dead", "The name server is dead, and addresses still answer",
          partial(changes.rules, lines=[f"ip daddr {NAME_SERVER} drop"]),
          all_proofs(dig("timed out", "siptrunk.de"), curl(0, f"http://{LICENSE}/")),
          {**WELL_PBX, ("web", "ipv4"): ("unknown", "dns-timeout", ANYONE),
           ("secure", "ipv4"): ("unknown", "dns-timeout", ANYONE)}, others=False,
          common="own-resolver"),
    Fault("pbx-switched-off", "The PBX is off",
          partial(changes.link_down, where=PBX, device="eth0"),
          said("Destination Host Unreachable", "ping", "-c", "3", "-i", "0.3", ipv4(PBX)),
          pbx("failed", "icmp-host-unreachable|icmp6-addr-unreachable"),
          common="pbx-down"),
    Fault("banned-by-the-pbx", "The PBX drops whatever we send",
          partial(changes.pbx_drops, source=(ipv4(PROBER), ipv6(PROBER))),
          said("0 received", "ping", "-c", "1", "-W", "1", ipv4(PBX)),
          pbx("failed", "timeout", ("unknown", "timeout", ANYONE)),
          common="possible-ban"),
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
           "location / { return 200 \"Please sign in.\\n\"; }", 200, "captive-portal"),
    portal("portal-by-names-302", "A portal in the place of every name redirects",
           "location = /login { return 200 \"Please sign in.\\n\"; } "
           "location / { return 302 http://portal.example.com/login; }", 302,
           "captive-portal"),
    portal("portal-by-names-511", "A portal in the place of every name says 511",
           "location / { return 511; }", 511, "captive-portal", "captive-portal"),
    Fault("one-device-refuses", "A firewall forbids the web servers of the cloud",
          partial(changes.rules, lines=[
              f"ip daddr {{ {LICENSE}, {address_of('iplookup.starface.com')}, "
              f"{UPDATE} }} reject with icmp admin-prohibited"]),
          curl(7, f"http://{LICENSE}/"),
          {(row, "ipv4"): ("failed", "icmp-admin-prohibited", WALL)
           for row in ("web", "lookup", "secure", "web-secure")},
          common="common-device"),
]
