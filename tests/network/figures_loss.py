# SPDX-License-Identifier: Apache-2.0
"""False alarms: the shipped catalogue, all healthy, one packet in twenty lost."""

import collections
import re
import time

import changes
import vendor
import world
from model import wait

CHANGE = re.compile(r'time=\S+ level=info msg="state changed".* before=(?!unknown).*')


# What cannot be tested, and UDP that owes no answer, is unknown on the best of paths.
SILENT = {"fed-udp", "ad-auth"}


def tested(net):
    return [row for site in net.status()["sites"] for row in site["requirements"]
            if row["cause"] not in ("not-configured", "not-testable-here") and
            row["id"] not in SILENT]


def settled(net):
    """Every row that can be tested is ok."""
    rows = tested(net)
    return rows and all(row["verdict"] == "ok" for row in rows)


def counts(net):
    """(checks, runs, runs that were not ok by cause)"""
    checks = runs = 0
    failures = collections.Counter()
    for site in net.status()["sites"]:
        for row in site["requirements"]:
            for check in row["checks"]:
                if check["runs"] and row["id"] not in SILENT:
                    checks += 1
                    runs += check["runs"]
                    failures.update({(row["id"], cause): count for cause, count
                                     in check["failures"].items()})
    return checks, runs, failures


def watch(net, seconds):
    """Seconds that each row was not ok, asked for each second."""
    bad = collections.Counter()
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        bad.update((row["id"], row["verdict"], row["cause"])
                   for row in tested(net) if row["verdict"] != "ok")
        time.sleep(1)
    return bad


def unwell_rows(net):
    return {row["id"]: (row["verdict"], row["cause"]) for site in net.status()["sites"]
            for row in site["requirements"] if row["verdict"] != "ok"}


def measure(seconds):
    with world.enter() as net:
        net.start_daemon(vendor.full_configuration(net, interval=10))
        try:
            wait("all rows are well", lambda: settled(net), 60)
        finally:
            print(f"not ok before: {unwell_rows(net)}", flush=True)
        _, before, failed_before = counts(net)
        spent, begun = net.processor_seconds(), time.monotonic()
        changes_before = len(CHANGE.findall(net.model.log("daemon", None)))
        with changes.impaired(net, ["--loss", "5", "--seed", "1"]):
            bad = watch(net, seconds)
        lost = net.model.log("impair-0").splitlines()[-1]
        checks, runs, failed = counts(net)
        failed.subtract(failed_before)
        told = CHANGE.findall(net.model.log("daemon", None))[changes_before:]
        print(f"{time.monotonic() - begun:.0f} s, {checks} checks, {runs - before} runs, "
              f"{sum(failed.values())} of them not ok, "
              f"{net.processor_seconds() - spent:.1f} s of processor time")
        print(f"impair: {lost}")
        print(f"runs not ok: {sorted((+failed).items())}")
        print(f"seconds not ok: {sorted(bad.items())}")
        print(f"state changes: {len(told)}")
        print("\n".join(told))
        net.stop_daemon()
    return 0
