#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Healthy, then each fault: proved by a tool, named by the program, taken back, healthy.

usage: test_faults.py PROGRAM [FAULT ...]
"""

import sys
import time

from prometheus_client.parser import text_string_to_metric_families

import faults_path
import faults_service
import changes
import rows
import world
from fault import ABSENT
from model import Failed, wait

FAULTS = [*faults_path.PATH, *faults_path.OWN, *faults_service.DNS, *faults_service.TLS,
          *faults_service.HTTP, *faults_service.NTP]

# A silent name server is given up after 4.5 s, a neighbour by the kernel after 3.
SETTLES = 25.0


class Verdicts:
    """What the program says of each check now, by JSON and by metrics."""

    def __init__(self, net):
        self.checks = {}
        for site in net.status()["sites"]:
            for requirement in site["requirements"]:
                for check in requirement["checks"]:
                    self.checks[requirement["id"], check["family"]] = check
        self.success, self.causes = {}, {}
        for family in text_string_to_metric_families(net.get("/metrics")):
            for sample in family.samples:
                self._metric(sample)

    def _metric(self, sample):
        key = sample.labels.get("requirement"), sample.labels.get("family")
        if sample.name == "starface_check_success":
            self.success[key] = sample.value
        elif sample.name == "starface_check_cause" and sample.value == 1:
            self.causes[key] = sample.labels["cause"]

    def said(self, key):
        check = self.checks.get(key)
        if check is None:
            return ABSENT
        run = check["last_run"] or {}
        evidence = run.get("evidence") or {}
        return check["verdict"], check["cause"], evidence.get("offender")

    def differs(self, key, expected):
        """How the program's word differs from what was expected, or None."""
        now = self.said(key)
        if now is ABSENT or expected is ABSENT:
            return None if now is expected else f"{key}: {now}, not {expected}"
        verdict, cause, offender = expected
        if now[0] != verdict or now[1] not in cause.split("|"):
            return f"{key}: {now}, not {expected}"
        if offender is not None and now[2] != offender:
            return f"{key}: {now[2]} is blamed, not {offender}"
        return self.metrics_differ(key, verdict, now[1])

    def metrics_differ(self, key, verdict, cause):
        success = {"ok": 1, "degraded": 1, "failed": 0}.get(verdict)
        if self.success.get(key) != success:
            return f"{key}: starface_check_success is {self.success.get(key)}"
        if self.causes.get(key, "none") != cause:
            return f"{key}: starface_check_cause is {self.causes.get(key)}"
        return None


def expectation(verdicts, fault):
    """Of every check: as the fault says, and healthy for those it does not name."""
    rest = fault.expected.get(("*", "*"))
    if rest is None and fault.others:
        rest = ("ok", "none", None)
    every = {key: rest for key in verdicts.checks if rest is not None}
    every.update((key, value) for key, value in fault.expected.items() if key[0] != "*")
    return every


def differences(net, expected_of):
    verdicts = Verdicts(net)
    found = (verdicts.differs(key, value)
             for key, value in expected_of(verdicts).items())
    return [difference for difference in found if difference]


def agree(net, what, expected_of):
    """Waits until the program says what is expected, or says how it differs."""
    last = []

    def happened():
        last[:] = differences(net, expected_of)
        time.sleep(0.1)
        return not last
    try:
        wait(what, happened, SETTLES)
    except Failed as failure:
        raise Failed("\n  ".join([str(failure), *last])) from None


def healthy(net):
    agree(net, "all healthy",
          lambda verdicts: {(row, family): ("ok", "none", None)
                            for row, spec in rows.ROWS.items()
                            for family in families_of(spec[1])})


def families_of(host):
    if host.startswith("$"):
        return ("ipv6",) if ":" in rows.VARIABLES[host[1:]] else ("ipv4",)
    return "ipv4", "ipv6"


def try_fault(net, fault):
    begun = time.monotonic()
    try:
        with fault.change(net):
            fault.proof(net)
            agree(net, fault.name, lambda verdicts: expectation(verdicts, fault))
            named = time.monotonic() - begun
        healthy(net)
    except Failed as failure:
        print(f"not ok {fault.name}: {failure}", flush=True)
        return False
    print(f"ok {fault.name} ({named:.1f} s, well again after "
          f"{time.monotonic() - begun:.1f} s)", flush=True)
    return True


def attempts(net):
    """Of each check: how many runs ended for want of something of our own, or else not
    well."""
    counts = {}
    for key, check in Verdicts(net).checks.items():
        failures = check["failures"]
        counts[key] = failures.get("local-resource", 0), sum(failures.values())
    return counts


def out_of_descriptors(net):
    """Without one descriptor left: our own trouble, no busy loop, well again after."""
    before, spent = attempts(net), net.processor_seconds()
    with changes.no_descriptors(net):
        time.sleep(3)
        spent = net.processor_seconds() - spent
    wait("it answers again", lambda: net.get("/-/ready", check=False), 10)
    after = attempts(net)
    for key, (own, all_of) in after.items():
        if own - before[key][0] < 1 or own - before[key][0] != all_of - before[key][1]:
            raise Failed(f"out-of-descriptors: {key}: {before[key]} -> {after[key]}")
    if spent > 1.5:
        raise Failed(f"out-of-descriptors: {spent} s of processor time in 3 s")
    healthy(net)
    print("ok out-of-descriptors", flush=True)


def main():
    net = world.enter()
    wanted = [fault for fault in FAULTS if not sys.argv[2:] or fault.name in sys.argv[2:]]
    with net:
        catalogue = net.model.write("test.catalogue", rows.catalogue(
            rows.ROWS, rows.VARIABLES, rows.Pace("1s", "800ms")))
        net.start_daemon(net.model.write("test.conf", rows.configuration(
            catalogue, net.authority.root, rows.VARIABLES)))
        healthy(net)
        print("ok healthy", flush=True)
        failed = [fault.name for fault in wanted if not try_fault(net, fault)]
        if not sys.argv[2:]:
            out_of_descriptors(net)
        net.stop_daemon()
    print(f"{len(wanted) - len(failed)} faults named, {len(failed)} not")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
