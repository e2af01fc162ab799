#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Streams of voice to a reflector over paths that are made bad, and what is said of them.

usage: test_voice.py PROGRAM [PATTERN ...]    of the names in voice_cases.py
"""

import fnmatch
import re
import sys

import changes
import rtp_cases
import rtp_world
import voice_cases
from model import Failed
from rows import Pace

PACE = Pace("30s", "25s")
ATTEMPTS = 2  # a machine that is busy loses packets, and time, of its own
TOLD = re.compile(r"packets (\d+) lost (\d+)")


def value_of(run, name):
    gauge, *labels = name.split()
    value = run.values[gauge]
    for label in labels:
        value = value[label]
    return value


def injected(net, case):
    """How many packets of the stream impair has taken, by its own count."""
    told = TOLD.findall(net.model.log("impair-0"))
    return int(told[-1][1])


def measure(net, case):
    """(the run of each family, what impair took of them)"""
    options = {}
    key = None
    if case.keyed:
        key, _ = rtp_cases.keys(net)
        options["key_file"] = key
    with net.reflector(key=key):
        with case.change(net):
            runs = net.asked(options, kind="voice", pace=PACE)
        return runs, injected(net, case) if case.lost else 0


def differences(case, run):
    if run.verdict not in case.verdict.split("|") or \
            run.cause not in case.causes.split("|"):
        yield f"{run.verdict}, {run.cause}, {run.evidence.get('detail')}"
    if case.words not in (run.evidence.get("detail") or ""):
        yield f"evidence is {run.evidence.get('detail')}, not {case.words}"
    for name, (least, most) in case.figures.items():
        value = value_of(run, name)
        if value is None or not least <= value <= most:
            yield f"{name} is {value}, not {least:.4g} to {most:.4g}"


def lost_of(runs, way):
    """Packets that are said to be lost this way, of all families together."""
    return sum(round(value_of(run, f"rtp_loss_ratio {way}") *
                     value_of(run, "rtp_stream_packets")) for run in runs.values())


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
             for difference in differences(case, run)]
    found += count_differs(case, runs, taken)
    if found or len(runs) != voice_cases.FAMILIES:
        raise Failed("\n  ".join([f"{case.name}: {case.what}", *found]))


def try_case(net, case):
    for attempt in range(ATTEMPTS):
        try:
            try_once(net, case)
            print(f"ok {case.name}", flush=True)
            return True
        except Failed as failure:
            if attempt + 1 == ATTEMPTS:
                print(f"not ok {failure}", flush=True)
    return False


def main():
    able = changes.impair_program()
    wanted = [case for name, case in voice_cases.CASES.items()
              if any(fnmatch.fnmatch(name, pattern) for pattern in sys.argv[2:] or "*")
              and (able or not voice_cases.needs_impair(case))]
    if not wanted:
        sys.exit("no such case")
    with rtp_world.enter() as net:
        good = [try_case(net, case) for case in wanted]
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
