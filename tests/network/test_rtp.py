#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A sender outside the firewall, a reflector behind it, and what becomes of the ports.

Each case of rtp_cases.py over IPv4 and IPv6. They are dealt out to worlds of their own
that run side by side: a world mostly waits for answers that do not come.

usage: test_rtp.py PROGRAM [PATTERN ...]    of their names, such as 'loss-*'
"""

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
ATTEMPTS = 2  # of figures


def ports_differ(run, expected, everything):
    told = run.told()
    wanted = {**expected, OPEN: RANGE.difference(*expected.values())}
    for what in {*told, *wanted}:
        got, due = told.get(what, set()), set(wanted.get(what, ()))
        if got - due:
            yield f"{what} is said of {ranges(got - due)}"
        if everything and due - got:
            yield f"{what} is not said of {ranges(due - got)}"


def differences(case, family, run):
    yield from run.differs(case)
    asked_all = case.options.get("ports_per_run", len(RANGE)) >= len(RANGE)
    yield from ports_differ(run, case.of(family), asked_all)


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


def one_world(cases):
    with rtp_world.enter() as net:
        good = [rtp_world.try_case(net, case, try_once, ATTEMPTS if case.figures else 1)
                for case in cases]
    return 0 if all(good) else 1


def all_worlds(cases):
    """Each case in one of the worlds, which are processes of this program."""
    begun = time.monotonic()
    names = [case.name for case in cases]
    worlds = [subprocess.Popen([sys.executable, *sys.argv[:2], *names[part::WORLDS]],
                               env={**os.environ, PART: str(part)})
              for part in range(WORLDS)]
    codes = [process.wait() for process in worlds]
    if sandbox.SKIPPED in codes:
        return sandbox.SKIPPED
    print(f"{len(names)} cases in {time.monotonic() - begun:.0f} s")
    return 1 if any(codes) else 0


def main():
    cases = rtp_world.wanted(rtp_cases.CASES)
    if PART not in os.environ and len(cases) > WORLDS:
        return all_worlds(cases)
    return one_world(cases)


if __name__ == "__main__":
    sys.exit(main())
