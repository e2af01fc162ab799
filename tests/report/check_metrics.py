#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Holds /metrics of the fixture against the checkers of the Prometheus project.

promtool lints text 0.0.4; the strict parser of python3-prometheus-client reads
OpenMetrics; and both formats must show the same series with the same values.
docs/metrics.md must list what is exported, neither more nor less, with queries that
Prometheus can parse.
"""

import pathlib
import re
import subprocess
import sys
import tempfile

from prometheus_client.openmetrics.parser import (
    text_string_to_metric_families as parse_openmetrics,
)
from prometheus_client.parser import text_string_to_metric_families as parse_text

# They move between two printings.
MOVING = ("process_cpu_seconds_total", "process_resident_memory_bytes",
          "process_virtual_memory_bytes", "process_open_fds")


def series(families):
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in families
        for sample in family.samples
        if sample.name not in MOVING
    }


# Of the fixture's own probe kinds; what these measure is listed with the kinds.
KINDS = re.compile("starface_(http|tls|ntp)_")

CHECK_LABELS = {"site", "requirement", "target", "family"}


def documented(page):
    metrics, labels_of_all = {}, set()
    for line in page.splitlines():
        if line.startswith("## "):
            labels_of_all = CHECK_LABELS if line == "## Checks" else set()
        row = re.match(r"\| `([a-z_]+)` \| (\w+) \| ([^|]*)\|", line)
        if row:
            labels = set(re.findall(r"`(\w+)`", row[3])) | labels_of_all
            metrics[row[1]] = (row[2], labels)
    return metrics


def exported(families):
    metrics = {}
    for family in families:
        suffix = {"counter": "_total", "info": "_info"}.get(family.type, "")
        labels = {label for sample in family.samples for label in sample.labels}
        if not KINDS.match(family.name):
            metrics[family.name + suffix] = (family.type, labels - {"le"})
    return metrics


def check_page(page, families):
    there, said = exported(families), documented(page)
    for name, metric in said.items():
        if name not in there:
            # a limit this machine may not have
            assert name in ("process_max_fds", "process_virtual_memory_max_bytes"), name
        else:
            assert metric == there[name], (name, metric, there[name])
    assert not set(there) - set(said), f"not on the page: {set(there) - set(said)}"


def check_queries(page):
    queries = re.findall(r"(?:^    .+\n)+", page, re.M)
    assert len(queries) > 5
    rules = "groups:\n- name: page\n  rules:\n"
    for index, query in enumerate(queries):
        rules += f"  - record: query:{index}\n    expr: |\n"
        rules += "".join(f"      {line.strip()}\n" for line in query.splitlines())
    with tempfile.NamedTemporaryFile("w", suffix=".yml") as file:
        file.write(rules)
        file.flush()
        subprocess.run(["promtool", "check", "rules", file.name], check=True,
                       stdout=subprocess.DEVNULL)


def check_formats(program, *scene):
    """Lints, parses and compares; returns the families and the number of series."""
    text = subprocess.run(
        [program, "text", *scene], check=True, capture_output=True).stdout
    openmetrics = subprocess.run(
        [program, "openmetrics", *scene], check=True, capture_output=True).stdout
    lint = subprocess.run(["promtool", "check", "metrics"], input=text,
                          capture_output=True)
    assert lint.returncode == 0 and not lint.stderr, lint.stderr.decode()
    families = list(parse_openmetrics(openmetrics.decode()))
    left, right = series(parse_text(text.decode())), series(families)
    assert left == right, set(left.items()) ^ set(right.items())
    return families, len(left)


def main(fixture, kinds, page):
    families, count = check_formats(fixture, "cut-off")
    types = {family.name: family.type for family in families}
    assert types["starface_requirement"] == "info"
    assert types["starface_check_runs"] == "counter"
    assert types["starface_tls_version"] == "info"
    units = {family.name: family.unit for family in families}
    assert units["starface_check_duration_seconds"] == "seconds"
    assert units["starface_completeness_ratio"] == "ratio"

    text_of_page = pathlib.Path(page).read_text(encoding="utf-8")
    check_page(text_of_page, families)
    check_queries(text_of_page)
    print(f"{len(families)} families, {count} series, the same in both formats")

    families, count = check_formats(kinds)
    print(f"with all kinds: {len(families)} families, {count} series")


if __name__ == "__main__":
    main(*sys.argv[1:])
