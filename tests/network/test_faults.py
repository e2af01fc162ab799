#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Healthy, then each fault: proved by a tool, named by the program, taken back, healthy.

The faults are dealt out to worlds of their own that run side by side: a world mostly
waits. Each fault meets a new process, for what happened a minute ago is remembered.

usage: test_faults.py PROGRAM [PATTERN ...]    of their names, such as 'sip-*'
"""

import fnmatch
import json
import os
import sys
import time

import changes
import rows
import sandbox
import table
import world
import worlds
from model import Failed, persist, wait
from verdicts import Verdicts, agree, expectation, explained, healthy, remain

WORLDS = 4
SETTLED = 2.3  # every check has run since a server started anew
DESCRIPTORS = "out-of-descriptors"  # ours, and judged by counters …
DESCRIPTORS_GONE = 3.0  # … after so many seconds
RECORD = "STARFACE_RECORD"  # the file of what was said


def start(net, pace, more):
    catalogue = net.model.write("test.catalogue", rows.catalogue(
        {**rows.ROWS, **more}, rows.VARIABLES, pace))
    net.start_daemon(net.model.write("test.conf", rows.configuration(
        catalogue, net.authority.root, rows.VARIABLES)))
    healthy(net, more)


def record(net, fault, path):
    """Appends what was expected of each check and what is said, for the figures."""
    verdicts = Verdicts(net)
    pairs = []
    for key, expected in expectation(verdicts.checks, fault).items():
        said = verdicts.said(key)
        causes = expected[1].split("|") if expected else ["absent"]
        cause = said[1] if said else "absent"
        pairs.append((cause if cause in causes else causes[0], cause))
    with open(path, "a", encoding="utf-8") as file:
        file.write(json.dumps({"fault": fault.name, "pairs": pairs,
                               "common": (fault.common, sorted(verdicts.common()))})
                   + "\n")


def strike(net, fault):
    """Seconds from the fault's proof until the program has named it."""
    with fault.change(net):
        fault.proof(net)
        begun = time.monotonic()

        def expected_of(verdicts):
            return expectation(verdicts.checks, fault)
        if fault.steady:
            time.sleep(SETTLED)
        try:
            agree(net, fault.name, expected_of, explained(fault))
        finally:
            if RECORD in os.environ:
                record(net, fault, os.environ[RECORD])
        if fault.steady:
            remain(net, fault.name, expected_of, fault.steady)
        return time.monotonic() - begun - fault.steady


def attempts(net):
    """Of each check: how many runs ended for want of something of our own, or else not
    well."""
    counts = {}
    for key, check in Verdicts(net).checks.items():
        failures = check["failures"]
        counts[key] = failures.get("local-resource", 0), sum(failures.values())
    return counts


def out_of_descriptors(net):
    """Without one descriptor left: our own trouble, no busy loop, well again after.
    Seconds as with the others."""
    start(net, rows.QUICK, {})
    before, spent = attempts(net), net.processor_seconds()
    with changes.no_descriptors(net):
        time.sleep(DESCRIPTORS_GONE)
        spent = net.processor_seconds() - spent
    wait("it answers again", lambda: net.get("/-/ready", check=False), 10)
    after = attempts(net)
    for key, (own, all_of) in after.items():
        if own - before[key][0] < 1 or own - before[key][0] != all_of - before[key][1]:
            raise Failed(f"{DESCRIPTORS}: {key}: {before[key]} -> {after[key]}")
    if spent > 1.5:
        raise Failed(f"{DESCRIPTORS}: {spent} s of processor time in "
                     f"{DESCRIPTORS_GONE:g} s")
    return DESCRIPTORS_GONE


def try_once(net, name):
    """Seconds until the fault was named; well again after."""
    more = {}
    try:
        if name == DESCRIPTORS:
            named = out_of_descriptors(net)
        else:
            fault, group = table.FAULTS[name]
            more = fault.more
            start(net, group.pace, more)
            named = strike(net, fault)
        healthy(net, more)
        net.stop_daemon()
    finally:
        net.model.stop("daemon")
    return named


def try_fault(net, name):
    """Whether all went as expected; says so."""
    begun = time.monotonic()
    # For the figures each word counts, and the first.
    times = 1 if RECORD in os.environ else 2
    try:
        named = persist(lambda: try_once(net, name), times)
    except Failed as failure:
        print(f"not ok {name}: {failure}", flush=True)
        return False
    print(f"ok {name} ({named:.1f} s, of {time.monotonic() - begun:.1f} s)", flush=True)
    return True


def one_world(names):
    with world.enter() as net:
        good = [try_fault(net, name) for name in names]
    return 0 if all(good) else 1


def all_worlds(wanted):
    """Each fault in one of the worlds, which are processes of this program."""
    begun = time.monotonic()
    codes = worlds.side_by_side([[*sys.argv[:2], *wanted[part::WORLDS]]
                                 for part in range(WORLDS)])
    if sandbox.SKIPPED in codes:
        return sandbox.SKIPPED
    print(f"{len(wanted)} faults in {time.monotonic() - begun:.0f} s")
    return 1 if any(codes) else 0


def main():
    wanted = [name for name in (*table.FAULTS, DESCRIPTORS)
              if any(fnmatch.fnmatch(name, pattern) for pattern in sys.argv[2:] or "*")]
    if not wanted:
        sys.exit("no such fault")
    if worlds.part() is None and len(wanted) > WORLDS:
        return all_worlds(wanted)
    return one_world(wanted)


if __name__ == "__main__":
    sys.exit(main())
