#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Streams of voice to a reflector over paths that are made bad, and what is said of them.

usage: test_voice.py PROGRAM [PATTERN ...]    of the names in voice_cases.py
"""

import re
import sys

import rtp_world
import voice_cases
from model import Failed
from rows import Pace

PACE = Pace("30s", "25s")
ATTEMPTS = 2
TOLD = re.compile(r"packets (\d+) lost (\d+)")


def injected(net, case):
    """How many packets of the stream impair has taken, by its own count."""
    told = TOLD.findall(net.model.log("impair-0"))
    return int(told[-1][1])


def measure(net, case):
    """(the run of each family, what impair took of them)"""
    options = {}
    key = None
    if case.keyed:
        key = net.key()
        options["key_file"] = key
    with net.reflector(key=key):
        with case.change(net):
            runs = net.asked(options, kind="voice", pace=PACE)
        return runs, injected(net, case) if case.lost else 0


def lost_of(runs, way):
    """Packets that are said to be lost this way, of all families together."""
    return sum(round(run.value(f"rtp_loss_ratio {way}") *
                     run.value("rtp_stream_packets")) for run in runs.values())


def count_differs(case, runs, taken):
    """To the packet, but for those that close a window, and three of a busy machine."""
    if not case.lost:
        return
    lost = lost_of(runs, case.lost)
    if abs(lost - taken) > voice_cases.FAMILIES + 3:
        yield f"{lost} lost {case.lost}, and impair took {taken}"


def try_once(net, case):
    runs, taken = measure(net, case)
    found = [f"{family}: {difference}" for family, run in runs.items()
             for difference in run.differs(case)]
    found += count_differs(case, runs, taken)
    if found or len(runs) != voice_cases.FAMILIES:
        raise Failed("\n  ".join([f"{case.name}: {case.what}", *found]))


def main():
    cases = rtp_world.wanted(voice_cases.CASES)
    with rtp_world.enter() as net:
        good = [rtp_world.try_case(net, case, try_once, ATTEMPTS) for case in cases]
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
