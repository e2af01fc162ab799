#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Holds /metrics of the fixture against the checkers of the Prometheus project.

promtool lints text 0.0.4; the strict parser of python3-prometheus-client reads
OpenMetrics; and both formats must show the same series with the same values.
"""

import subprocess
import sys

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


def main(program):
    text = subprocess.run([program, "text"], check=True, capture_output=True).stdout
    openmetrics = subprocess.run(
        [program, "openmetrics"], check=True, capture_output=True).stdout

    lint = subprocess.run(["promtool", "check", "metrics"], input=text,
                          capture_output=True)
    assert lint.returncode == 0 and not lint.stderr, lint.stderr.decode()

    families = list(parse_openmetrics(openmetrics.decode()))
    types = {family.name: family.type for family in families}
    assert types["starface_requirement"] == "info"
    assert types["starface_check_runs"] == "counter"
    assert types["starface_tls_version"] == "info"
    units = {family.name: family.unit for family in families}
    assert units["starface_check_duration_seconds"] == "seconds"
    assert units["starface_completeness_ratio"] == "ratio"

    left, right = series(parse_text(text.decode())), series(families)
    assert left == right, set(left.items()) ^ set(right.items())
    print(f"{len(families)} families, {len(left)} series, the same in both formats")


if __name__ == "__main__":
    main(sys.argv[1])
