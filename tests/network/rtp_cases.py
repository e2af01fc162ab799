# SPDX-License-Identifier: Apache-2.0
"""What is done to the ports between a sender and a reflector, and what must be found.

Ports are named one by one: an expectation is {what is said: ports}, and whoever is not in
it must be open. Figures are held against what was injected, four standard deviations of
it either way; times have a least only, for a busy machine adds to them what it likes.
"""

from collections.abc import Callable
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from functools import partial

import changes
from model import PBX, PROBER, ipv4, ipv6
from rtp_world import ALL, CONTROL, FIRST, LAST, RANGE, Port, nft_set
from servers import Listeners

LOST, RETURN, BLOCKED = Port("lost"), Port("return-lost"), Port("blocked")
BUSY, UNHELD, REST = Port("busy"), Port("unheld"), Port("resting")

RESTING = frozenset(port for port in RANGE if port // 2 % 2)  # a pair of two
HALF = frozenset(range(FIRST + 500, LAST + 1))
TENTH = frozenset(range(FIRST + 3, LAST + 1, 10))
ONE = frozenset({FIRST + 577})

# In the order of their codes.
CODES = {
    "v4": ("icmp", "ipv4", {
        "net-unreachable": "icmp-net-unreachable",
        "host-unreachable": "icmp-host-unreachable",
        "prot-unreachable": "icmp-proto-unreachable",
        "port-unreachable": "icmp-port-unreachable",
        "net-prohibited": "icmp-net-prohibited",
        "host-prohibited": "icmp-host-prohibited",
        "admin-prohibited": "icmp-admin-prohibited"}),
    "v6": ("icmpv6", "ipv6", {
        "no-route": "icmp6-no-route",
        "admin-prohibited": "icmp6-admin-prohibited",
        "addr-unreachable": "icmp6-addr-unreachable",
        "port-unreachable": "icmp6-port-unreachable",
        "policy-fail": "icmp6-policy-fail",
        "reject-route": "icmp6-reject-route"}),
}
FIREWALL = {"v4": ipv4(PROBER, 1), "v6": ipv6(PROBER, 1)}


@dataclass(frozen=True)
class Case:
    name: str
    what: str                    # for readers
    change: Callable             # (world) a context: it is so while it lasts
    verdict: str
    causes: str                  # one of them, as "none|loss"
    expected: dict = field(default_factory=dict)  # of both families, or by family
    figures: dict = field(default_factory=dict)   # name: least, most
    options: dict = field(default_factory=dict)
    reflector: dict = field(default_factory=dict)
    flags: tuple = ()            # of the reflector
    keyed: bool = False
    other_key: bool = False      # the sender has another one
    words: str = ""              # in the evidence

    def of(self, family):
        return self.expected.get(family, self.expected)


def nothing(_):
    return nullcontext()


def drop(ports, way="dport"):
    return partial(changes.rules, lines=[f"udp {way} {nft_set(ports)} drop"])


def code_ports(place):
    """Five ports for each code, ten apart."""
    return frozenset(range(FIRST + 10 * place, FIRST + 10 * place + 5))


def reject(world):
    """A firewall that says no in every way there is."""
    return changes.rules(world, [
        f"meta nfproto {family} udp dport {nft_set(code_ports(place))} "
        f"reject with {protocol} type {code}"
        for protocol, family, codes in CODES.values()
        for place, code in enumerate(codes)])


def rejected(name):
    _, _, codes = CODES[name]
    return {Port("refused", cause, FIREWALL[name]): code_ports(place)
            for place, cause in enumerate(codes.values())}


@contextmanager
def held_by_others(world, ports):
    """Another program has them; it sends back whatever comes."""
    echo = Listeners(world.model, PBX, (), sorted(ports), "others")
    echo.start()
    try:
        yield
    finally:
        echo.stop()


def impaired(*options, way="dport"):
    """One way only: what happens, happens once."""
    return partial(changes.impaired, options=options,
                   match=(f"-p udp --{way} {FIRST}:{LAST}",))


MASQUERADE = """
table inet extra {
	chain post {
		type nat hook postrouting priority 100;
		oifname "pbx0" masquerade fully-random;
	}
}
"""

# Each packet of a flow is a chance of its own: p, n packets, four deviations.
def around(share, packets=len(RANGE)):
    margin = 4 * (share * (1 - share) / packets) ** 0.5
    return share - margin, share + margin


def loss(forward, backward):
    return {"rtp_loss_ratio forward": forward, "rtp_loss_ratio backward": backward}


NONE = (0, 0)
FEW = (0, 0.004)  # what a busy machine may lose

EXACT = [
    Case("healthy", "Nothing is wrong", nothing, "ok", "none",
         figures=loss(FEW, FEW)),
    Case("all-there", "No port passes", drop(RANGE), "failed", "rtp-all-blocked",
         {LOST: RANGE}, words=f"port {CONTROL} of the reflector answers"),
    Case("half", "One half does not pass", drop(HALF), "degraded", "rtp-partial",
         {LOST: HALF}, words="blocked: 10500-10999 forward"),
    Case("every-tenth", "Every tenth port does not pass", drop(TENTH), "degraded",
         "rtp-partial", {LOST: TENTH}),
    Case("one", "A single port does not pass", drop(ONE), "degraded", "rtp-partial",
         {LOST: ONE}, words="blocked: 10577 forward"),
    Case("half-back", "Answers of one half do not come back", drop(HALF, "sport"),
         "degraded", "rtp-partial", {RETURN: HALF},
         words="blocked: 10500-10999 backward"),
    Case("all-back", "No answer comes back", drop(RANGE, "sport"), "failed",
         "rtp-all-blocked", {RETURN: RANGE}),
    Case("there-and-back", "Some do not arrive, others do not come back",
         lambda world: changes.all_of(world, [
             drop(range(10100, 10200)), drop(range(10150, 10300), "sport")]),
         "degraded", "rtp-partial", {LOST: frozenset(range(10100, 10200)),
                                     RETURN: frozenset(range(10200, 10300))}),
    Case("rejected", "A firewall rejects, with each code", reject, "degraded",
         "rtp-partial", {name: rejected(name) for name in CODES}),
    Case("no-control", "The control port does not pass, and half of the others",
         drop(HALF | {CONTROL}), "degraded", "rtp-partial", {LOST: HALF}),
    Case("nobody", "Nothing at all passes", drop(RANGE | {CONTROL}), "failed",
         "rtp-all-blocked", {BLOCKED: RANGE}, words="nothing answers"),
    Case("keyed", "With a key on both sides", drop(ONE), "degraded", "rtp-partial",
         {LOST: ONE}, keyed=True),
    Case("keyed-back", "Likewise, answers do not come back", drop(HALF, "sport"),
         "degraded", "rtp-partial", {RETURN: HALF}, keyed=True),
    Case("other-key", "The keys are not the same", nothing, "failed",
         "rtp-all-blocked", {BLOCKED: RANGE}, keyed=True, other_key=True),
    Case("fewer-held", "The reflector has fewer ports than are asked", nothing, "ok",
         "none", {UNHELD: HALF}, reflector={"ports": "10000-10499"}),
    Case("busy", "Other programs have some of the ports",
         partial(held_by_others, ports=TENTH), "ok", "none", {BUSY: TENTH}),
    Case("shared", "The reflector leaves half of the pairs to the PBX", nothing, "ok",
         "none", {REST: RESTING}, flags=("--reflector.share=half",)),
    Case("steered", "The reflector holds no port: its kernel hands packets over",
         drop(HALF), "degraded", "rtp-partial", {LOST: HALF},
         flags=("--reflector.steer", "--reflector.sources=192.0.2.0/24",
                "--reflector.sources=2001:db8:1::/64")),
    Case("translated", "A NAT gives each flow another port",
         partial(changes.table, text=MASQUERADE), "ok", "none"),
    Case("translated-back", "Likewise, and answers of one half do not come back",
         lambda world: changes.all_of(world, [
             partial(changes.table, text=MASQUERADE), drop(HALF, "sport")]),
         "degraded", "rtp-partial", {RETURN: HALF}),
]

SLOWER = {**ALL, "packets_per_second": 4000}
CORRUPT = ("--corrupt", "10")

FIGURES = [
    Case("loss-there", "5 % are lost on the way there", impaired("--loss", "5"),
         "ok|degraded", "none|loss", figures=loss(around(0.05), FEW), options=SLOWER),
    Case("loss-back", "5 % are lost on the way back",
         impaired("--loss", "5", way="sport"), "ok|degraded", "none|loss",
         figures=loss(FEW, around(0.05)), options=SLOWER),
    Case("bursts", "10 % are lost, eight in a row",
         impaired("--loss", "10", "--burst", "8"), "degraded", "loss",
         figures=loss(around(0.1, len(RANGE) / 15), FEW), options=SLOWER),
    Case("jitter", "60 ms more or less", impaired("--delay", "70", "--jitter", "60"),
         "ok", "none", figures={**loss(FEW, FEW), "rtp_round_trip_seconds": (0.06, 1)},
         options=SLOWER),
    Case("reorder", "20 % are overtaken", impaired("--reorder", "20"), "ok", "none",
         figures=loss(FEW, FEW), options=SLOWER),
    Case("duplicate", "20 % come twice", impaired("--duplicate", "20"), "ok", "none",
         figures=loss(FEW, FEW), options=SLOWER),
    Case("duplicate-back", "20 % of the answers come twice",
         impaired("--duplicate", "20", way="sport"), "ok", "none",
         figures=loss(FEW, FEW), options=SLOWER),
    Case("corrupt-lost", "10 % are altered, and thrown away for it", impaired(*CORRUPT),
         "degraded", "loss", figures=loss(around(0.1), FEW), options=SLOWER),
    Case("corrupt", "10 % of the answers are altered, with a checksum that fits",
         impaired(*CORRUPT, "--mend", way="sport"), "degraded", "corruption",
         figures={"rtp_corrupted_packets": (20, 150)}, options=SLOWER),
    Case("rate-limit", "A firewall lets 100 a second pass",
         partial(changes.rules, lines=[
             f"udp dport {FIRST}-{LAST} "
             "limit rate over 100/second burst 20 packets drop"]),
         "degraded", "rate-limit",
         options={"mode": "stamp", "ports_per_run": 300, "packets_per_second": 500}),
]

CASES = {case.name: case for case in (*EXACT, *FIGURES)}
