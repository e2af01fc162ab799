#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Debian's Prometheus scrapes the program; what its API says follows what happens.

usage: test_prometheus.py PROGRAM
"""

import os
import subprocess
import sys

import sandbox
import world
from model import PROBER, Failed, wait
from monitoring import CONF, HERE, PROMETHEUS, query, start_prometheus, \
    vendor_configuration, wait_values

ROW = "license-8383"
SUCCESS = f'starface_check_success{{requirement="{ROW}"}}'


def families(series):
    return {labels["family"] for labels, _ in series}


def stopped_and_back(net):
    found = wait_values(net, SUCCESS, 1)
    assert families(found) == {"ipv4", "ipv6"}, found
    print("ok 1 while the server serves")
    cloud = net.servers.cloud
    cloud.closed.add(("license.starface.de", 8383))
    cloud.restart()
    net.tool(("curl", "-sS", "https://license.starface.de:8383/"), code=7)
    wait_values(net, SUCCESS, 0)
    cause = query(net, f'starface_check_cause{{requirement="{ROW}"}} == 1')
    assert {labels["cause"] for labels, _ in cause} == {"refused"}, cause
    # Both families must be confirmed; until then the row is degraded.
    wait_values(net, f'starface_requirement_state{{requirement="{ROW}",state="failed"}}',
                1)
    print("ok 0 with cause refused after it stopped")
    cloud.closed.clear()
    cloud.restart()
    wait_values(net, SUCCESS, 1)
    assert not query(net, f'starface_check_cause{{requirement="{ROW}"}} == 1')
    print("ok 1 again")


def up_and_clean(net):
    assert [value for _, value in query(net, "up")] == [1], query(net, "up")
    done = subprocess.run(["promtool", "check", "metrics"], text=True,
                          input=net.get("/metrics"), capture_output=True, check=False)
    if done.returncode != 0:
        raise Failed(f"promtool check metrics: {done.stdout}{done.stderr}")
    print("ok promtool check metrics")


def dashboard(net):
    """Each query of the dashboard, run for real."""
    wait("a time server is measured", lambda: query(net, "starface_ntp_offset_seconds"))
    script = os.path.join(HERE, "..", "monitoring", "dashboard_queries.py")
    print(net.model.run(PROBER, sys.executable, script, f"http://127.0.0.1:{PROMETHEUS}",
                        os.path.join(CONF, "grafana", "overview.json")).strip())


def main():
    sandbox.enter(*world.TOOLS, "prometheus",
                  "promtool")
    net = world.World(sys.argv[1])
    with net:
        net.start_daemon(vendor_configuration(net, {ROW: "1s", "ntp": "1s"}))
        start_prometheus(net)
        for step in (stopped_and_back, up_and_clean, dashboard):
            step(net)
        net.stop_daemon()
    return 0


if __name__ == "__main__":
    sys.exit(main())
