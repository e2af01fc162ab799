#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A sender outside the firewall, a reflector behind it, and what becomes of the ports.

Each case of rtp_cases.py over IPv4 and IPv6. They are dealt out to worlds of their own
that run side by side: a world mostly waits for answers that do not come.

usage: test_rtp.py PROGRAM [PATTERN ...]    of their names, such as 'loss-*'
"""

import fnmatch
import os
import subprocess
import sys
import time

import rtp_cases
import rtp_world
import sandbox
from model import Failed
from rtp_world import ALL, OPEN, RANGE, ranges

WORLDS = 3
PART = "STARFACE_WORLD"
ATTEMPTS = 2  # of figures: a machine that is busy loses packets of its own


def ports_differ(run, expected, everything):
    told = run.told()
    wanted = {**expected, OPEN: RANGE.difference(*expected.values())}
    for what in {*told, *wanted}:
        got, due = told.get(what, set()), set(wanted.get(what, ()))
        if got - due:
            yield f"{what} is said of {ranges(got - due)}"
        if everything and due - got:
            yield f"{what} is not said of {ranges(due - got)}"


def figures_differ(run, figures):
    for name, (least, most) in figures.items():
        gauge, _, label = name.partition(" ")
        value = run.values[gauge][label] if label else run.values[gauge]
        if value is None or not least <= value <= most:
            yield f"{name} is {value}, not {least:.4g} to {most:.4g}"


def differences(case, family, run):
    if run.verdict not in case.verdict.split("|") or \
            run.cause not in case.causes.split("|"):
        yield f"{run.verdict}, {run.cause}, {run.evidence.get('detail')}"
    if case.words not in (run.evidence.get("detail") or ""):
        yield f"evidence is {run.evidence.get('detail')}, not {case.words}"
    asked_all = case.options.get("ports_per_run", len(RANGE)) >= len(RANGE)
    yield from ports_differ(run, case.of(family), asked_all)
    yield from figures_differ(run, case.figures)


def try_once(net, case):
    options = {**ALL, **case.options}
    key = None
    if case.keyed:
        key = net.key()
        options["key_file"] = net.key("other.key") if case.other_key else key
    with case.change(net), net.reflector(*case.flags, key=key, **case.reflector):
        runs = net.asked(options)
    found = [f"{family}: {difference}" for family, run in runs.items()
             for difference in differences(case, family, run)]
    if found or len(runs) != 2:
        raise Failed("\n  ".join([f"{case.name}: {case.what}", *found]))


def try_case(net, case):
    attempts = ATTEMPTS if case.figures else 1
    begun = time.monotonic()
    for attempt in range(attempts):
        try:
            try_once(net, case)
            break
        except Failed as failure:
            if attempt + 1 == attempts:
                print(f"not ok {failure}", flush=True)
                return False
    print(f"ok {case.name} ({time.monotonic() - begun:.1f} s)", flush=True)
    return True


def one_world(names):
    with rtp_world.enter() as net:
        good = [try_case(net, rtp_cases.CASES[name]) for name in names]
    return 0 if all(good) else 1


def all_worlds(wanted):
    """Each case in one of the worlds, which are processes of this program."""
    begun = time.monotonic()
    worlds = [subprocess.Popen([sys.executable, *sys.argv[:2], *wanted[part::WORLDS]],
                               env={**os.environ, PART: str(part)})
              for part in range(WORLDS)]
    codes = [process.wait() for process in worlds]
    if sandbox.SKIPPED in codes:
        return sandbox.SKIPPED
    print(f"{len(wanted)} cases in {time.monotonic() - begun:.0f} s")
    return 1 if any(codes) else 0


def main():
    wanted = [name for name, case in rtp_cases.CASES.items()
              if any(fnmatch.fnmatch(name, pattern) for pattern in sys.argv[2:] or "*")
              and (PART in os.environ or rtp_cases.is_possible(case))]
    if not wanted:
        sys.exit("no such case")
    if PART not in os.environ and len(wanted) > WORLDS:
        return all_worlds(wanted)
    return one_world(wanted)


if __name__ == "__main__":
    sys.exit(main())
