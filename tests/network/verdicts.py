# SPDX-License-Identifier: Apache-2.0
"""What the program says of every check, held against what a fault must make it say."""

import time

from prometheus_client.parser import text_string_to_metric_families

import rows
from fault import ABSENT
from model import Failed, wait

# A silent name server is given up after 4.5 s, a neighbour by the kernel after 3.
SETTLES = 25.0
WELL = ("ok", "none", None)


class Verdicts:
    """What the program says of each check now, by JSON and by metrics."""

    def __init__(self, net):
        self.checks = {}
        self.status = net.status()
        for site in self.status["sites"]:
            for requirement in site["requirements"]:
                for check in requirement["checks"]:
                    self.checks[requirement["id"], check["family"]] = check
        self.success, self.causes = None, {}

    def read_metrics(self, net):
        """A second request: what has passed since may differ."""
        self.success = {}
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

    def common(self):
        """The causes that several checks have in common, as the program names them, and
        the requirements that each explains."""
        found = {}
        for common in self.status["common_causes"]:
            # Two PBXs may be off.
            found.setdefault(common["common_cause"], set()).update(
                common["requirements"])
        return found

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
        return None if self.success is None else self.metrics_differ(key, *now[:2])

    def metrics_differ(self, key, verdict, cause):
        success = {"ok": 1, "degraded": 1, "failed": 0}.get(verdict)
        # The series is of the last run, which need not agree with a confirmed state.
        if cause == "flapping" or self.checks[key]["last_run"]["cause"] != cause:
            return None
        if self.success.get(key) != success:
            return f"{key}: starface_check_success is {self.success.get(key)}"
        if self.causes.get(key, "none") != cause:
            return f"{key}: starface_check_cause is {self.causes.get(key)}"
        return None


def expectation(keys, fault):
    """Of every check: as the fault says, and well for those it does not name."""
    rest = fault.expected.get(("*", "*"))
    if rest is None and fault.others:
        rest = WELL
    every = {key: rest for key in keys if rest is not None}
    every.update((key, value) for key, value in fault.expected.items() if key[0] != "*")
    return every


def explained(fault):
    """What the fault's common cause must explain, no more and no less: where it does not
    say, each requirement of which a check is expected not to be well."""
    if not fault.common:
        return {}
    covers = fault.covers
    if covers is None:
        every = expectation([(row, family) for row, spec in rows.ROWS.items()
                             for family in families_of(spec[1])], fault)
        covers = {row for (row, _), value in every.items()
                  if value is not ABSENT and value[0] != "ok"}
    return {fault.common: set(covers)}


def common_differs(now, expected):
    """How the common causes and what they explain differ from what was expected."""
    if set(now) != set(expected):
        yield f"common causes are {sorted(now)}, not {sorted(expected) or 'none'}"
        return
    for name, rows_expected in expected.items():
        for rest, word in ((now[name] - rows_expected, "explains, beyond what it should"),
                           (rows_expected - now[name], "does not explain")):
            if rest:
                yield f"{name} {word}: {' '.join(sorted(rest))}"


def differences(net, expected_of, common=(), last_run=True):
    verdicts = Verdicts(net)
    expected = expected_of(verdicts).items()
    found = [verdicts.differs(*one) for one in expected]
    found += common_differs(verdicts.common(), dict(common))
    if last_run and not any(found):
        verdicts.read_metrics(net)
        found = [verdicts.differs(*one) for one in expected]
    return [difference for difference in found if difference]


def agree(net, what, expected_of, common=()):
    """Waits until the program says what is expected, or says how it differs."""
    last = []

    def happened():
        last[:] = differences(net, expected_of, common)
        time.sleep(0.1)
        return not last
    try:
        wait(what, happened, SETTLES)
    except Failed as failure:
        raise Failed("\n  ".join([str(failure), *last])) from None


def remain(net, what, expected_of, seconds):
    """The program must go on saying so; a single run may go wrong."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        last = differences(net, expected_of, last_run=False)
        if last:
            raise Failed("\n  ".join([f"{what}: no longer", *last]))
        time.sleep(0.3)


def families_of(host):
    if host.startswith("$"):
        return ("ipv6",) if ":" in rows.VARIABLES[host[1:]] else ("ipv4",)
    return "ipv4", "ipv6"


def all_well(more):
    """Every check of the usual rows and of these."""
    return {(row, family): WELL for row, spec in {**rows.ROWS, **more}.items()
            for family in families_of(spec[1])}


def healthy(net, more):
    agree(net, "all healthy", lambda _: all_well(more))
