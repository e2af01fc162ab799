# SPDX-License-Identifier: Apache-2.0
"""What is done to a stream of voice, and what must be said of it.

A figure is held between two bounds that come from what was injected: shares by four
standard deviations of a binomial, what is counted by impair itself to the packet, order
and jitter by playing the same path a thousand times. A busy machine adds to times, so
their upper bounds are wide; how near they are on a quiet one, figures_quality.py tells.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

import changes
from model import ipv4, ipv6, PBX
from rtp_world import FIRST, LAST

PACKETS, SPACING, BUFFER = 500, 20.0, 60.0  # milliseconds
FAMILIES = 2

# Of the stream alone: 172 octets behind the headers, unlike what looks for ports.
STREAM = "-p udp --{} %d:%d -m length --length 200:220" % (FIRST, LAST)


@dataclass(frozen=True)
class Case:
    name: str
    what: str                  # for readers
    change: Callable           # (world) a context: it is so while it lasts
    verdict: str
    causes: str                # one of them, as "none|loss"
    figures: dict = field(default_factory=dict)  # "name label ...": least, most
    lost: str = ""             # the way whose losses impair has counted
    words: str = ""            # in the evidence
    keyed: bool = False


def impaired(*options, way="dport"):
    return partial(changes.impaired, options=options, match=(STREAM.format(way),))


def around(share, packets=PACKETS):
    margin = 4 * (share * (1 - share) / packets) ** 0.5
    return max(0, share - margin), share + margin


NONE = (0, 0)
FEW = (0, 0.006)  # a busy machine may lose three


def loss(forward, backward):
    return {"rtp_loss_ratio forward": forward, "rtp_loss_ratio backward": backward}


# The slow measure of a path that is played: RFC 3550 (A.8) and RFC 4737 in order of
# arrival, RFC 5481 by rank.

def jitter_of(arrivals):
    jitter, before = 0.0, None
    for arrived, sent in arrivals:
        if before is not None:
            jitter += (abs(arrived - sent - before) - jitter) / 16
        before = arrived - sent
    return jitter


def reordered_of(arrivals):
    most, late = -1.0, 0
    for _, sent in arrivals:
        late += sent < most
        most = max(most, sent)
    return late / len(arrivals)


def measured(delays):
    arrivals = sorted((number * SPACING + delay, number * SPACING)
                      for number, delay in enumerate(delays))
    ranked = sorted(delays)
    return {"rtp_jitter_seconds": jitter_of(arrivals) / 1000,
            "rtp_reordered_ratio": reordered_of(arrivals),
            "rtp_discarded_ratio":
                sum(delay > ranked[0] + BUFFER for delay in delays) / PACKETS,
            **{f"rtp_delay_variation_seconds {share}":
               (ranked[PACKETS * share // 100 - 1] - ranked[0]) / 1000
               for share in (50, 95, 99)}}


# What a busy machine may add to a time; to the slowest of a hundred packets anything.
LATE = {"rtp_jitter_seconds": 0.015, "rtp_delay_variation_seconds 50": 0.015,
        "rtp_delay_variation_seconds 95": 0.05, "rtp_delay_variation_seconds 99": 1}
EARLY = 0.003  # the least delay of a stream may be late as well


def played(delay, streams=1000):
    """Bounds that one stream in five hundred is outside of, for each figure."""
    chance = random.Random(1)
    runs = [measured([delay(chance) for _ in range(PACKETS)]) for _ in range(streams)]
    bounds = {}
    for name in runs[0]:
        values = sorted(run[name] for run in runs)
        gauge, _, label = name.partition(" ")
        early, late = (EARLY, LATE[name]) if name in LATE else (FEW[1], 3 * FEW[1])
        bounds[f"{gauge} forward {label}".strip()] = (values[streams // 1000] - early,
                                                      values[-1] + late)
    return bounds


def held(share, by):
    return lambda chance: by if chance.random() < share else 0.0


def spread(most):
    return lambda chance: chance.uniform(-most, most)


def class_is_lost(world):
    return changes.rules(world, [f"ip daddr {ipv4(PBX)} udp dport {FIRST}-{LAST} "
                                 "ip dscp set cs0",
                                 f"ip6 daddr {ipv6(PBX)} udp dport {FIRST}-{LAST} "
                                 "ip6 dscp set cs0"])


def calm(net):
    return changes.rules(net, [])


# R of a way with this share lost, no delay (G.107; Bpl 25.1).
def rating(share):
    return 93.2 - 95 * 100 * share / (100 * share + 25.1)


def rated(share):
    least, most = around(share)
    return {"rtp_r_factor forward g711-plc": (rating(most) - 1, rating(least) + 0.5)}


CASES = {case.name: case for case in (
    Case("calm", "Nothing is wrong", calm, "ok", "none",
         {**loss(FEW, FEW), "rtp_duplicate_ratio forward": NONE,
          "rtp_duplicate_ratio backward": NONE, "rtp_corrupt_ratio": NONE,
          "rtp_dscp forward": (46, 46), "rtp_dscp backward": (46, 46),
          "rtp_jitter_seconds forward": (0, 0.01),
          "rtp_r_factor forward g711-plc": (91, 93.2),
          "rtp_mos forward g729a": (4.0, 4.11)}),
    Case("calm-keyed", "Likewise with a key", calm, "ok", "none",
         {**loss(FEW, FEW), "rtp_dscp forward": (46, 46), "rtp_dscp backward": (46, 46)},
         keyed=True),
    Case("loss-there", "5 % are lost on the way there", impaired("--loss", "5"),
         "degraded", "loss", {**loss(around(0.05), FEW), **rated(0.05)}, lost="forward"),
    Case("loss-back", "5 % are lost on the way back",
         impaired("--loss", "5", way="sport"), "degraded", "loss",
         loss(FEW, around(0.05)), lost="backward", keyed=True),
    # runs of ten: 5 of them in a stream, so their share is anything
    Case("bursts", "10 % are lost, ten in a row",
         impaired("--loss", "10", "--burst", "10"), "degraded|failed", "loss",
         {**loss((0.01, 0.4), FEW), "rtp_burst_ratio forward": (2.5, 40)},
         lost="forward"),
    Case("delay", "150 ms more on the way there", impaired("--delay", "150"),
         "degraded", "delay",
         {**loss(FEW, FEW), "rtp_round_trip_seconds": (0.15, 0.3),
          "rtp_mouth_to_ear_seconds forward": (0.155, 0.5)}, words="to the ear"),
    Case("jitter", "60 ms more or less", impaired("--delay", "70", "--jitter", "60"),
         "degraded|failed", "jitter", {**loss(FEW, FEW), **played(spread(60))}),
    Case("jitter-in-order", "8 ms more or less, none overtakes",
         impaired("--delay", "20", "--jitter", "8", "--keep-order"), "ok", "none",
         {**loss(FEW, FEW), **played(spread(8)),
          "rtp_discarded_ratio forward": FEW}),
    Case("reorder", "20 % are held back by 50 ms",
         impaired("--reorder", "20", "--reorder-by", "50"), "degraded",
         "reorder|jitter", {**loss(FEW, FEW), **played(held(0.2, 50.0)),
                            "rtp_discarded_ratio forward": (0, 0.3)}),  # if later yet
    Case("duplicate-there", "20 % come twice", impaired("--duplicate", "20"),
         "degraded", "duplicate",
         {**loss(FEW, FEW), "rtp_duplicate_ratio forward": around(0.2)}),
    Case("duplicate-all", "Each packet comes twice, and so does each answer",
         partial(changes.impaired, options=("--duplicate", "100"),
                 match=(STREAM.format("dport"), STREAM.format("sport"))),
         "degraded", "duplicate",
         {**loss(FEW, FEW), "rtp_duplicate_ratio forward": (0.99, 1),
          "rtp_duplicate_ratio backward": (0.99, 1), "rtp_corrupt_ratio": NONE}),
    Case("duplicate-back", "20 % of the answers come twice, with a key",
         impaired("--duplicate", "20", way="sport"), "degraded", "duplicate",
         {**loss(FEW, FEW), "rtp_duplicate_ratio backward": around(0.2),
          "rtp_duplicate_ratio forward": NONE}, keyed=True),
    Case("altered", "10 % of the answers are altered, with a checksum that fits",
         impaired("--corrupt", "10", "--mend", way="sport"), "degraded", "corruption",
         {"rtp_corrupt_ratio": around(0.1)}, words="came back altered"),
    Case("altered-lost", "10 % are altered, and thrown away for it",
         impaired("--corrupt", "10"), "degraded|failed", "loss",
         loss(around(0.1), FEW)),
    Case("rate-limit", "A firewall lets 30 a second pass",
         partial(changes.rules, lines=[f"udp dport {FIRST}-{LAST} meta length > 150 "
                                       "limit rate over 30/second burst 5 packets drop"]),
         "failed", "loss", {"rtp_loss_ratio backward": FEW}, words="R "),
    Case("class", "A router sets the class of service to 0", class_is_lost, "ok", "none",
         {"rtp_dscp forward": NONE, "rtp_dscp backward": (46, 46)}),
)}
