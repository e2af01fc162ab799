# SPDX-License-Identifier: Apache-2.0
"""How long a fault is there before /metrics says so, at a pace as in production."""

import random
import re
import statistics
import time

import table
import test_faults
import world
import worlds
from model import wait
from rows import Pace

PACE = Pace("10s", "5s", "5s", confirm=2)
WORLDS = 3
FAULTS = (
    "firewall-drops", "firewall-drops-answers", "firewall-prohibits-udp",
    "firewall-resets", "inspection-swallows", "nothing-listens", "routing-loop",
    "mtu-blackhole", "one-address-of-two", "no-default-route", "link-down",
    "name-server-drops", "name-server-stopped", "tls-expired", "tls-wrong-host",
    "tls-silent", "http-503", "captive-portal", "http-drips", "time-server-stopped",
    "time-kiss-of-death", "sip-503", "sip-server-stopped", "xmpp-server-stopped",
    "ldap-silent", "stun-blocked", "banned-by-the-pbx", "internet-uplink-cut",
)
STATE = 'starface_requirement_state{{.*requirement="{}".*state="ok".*}} 0'
FIRST = 'starface_check_cause{{.*requirement="{}".*}} 1'


def watched(fault):
    """The row whose state is awaited: the first that the fault strikes."""
    for (row, _), value in fault.expected.items():
        if value and value[0] != "ok" and row != "*":
            return row
    return "web"


def seconds_until(net, expression, begun, most=60, **more):
    found = re.compile(expression, re.MULTILINE)
    wait(expression, lambda: found.search(net.get("/metrics")), most, **more)
    return time.monotonic() - begun


def detect(net, fault, chance):
    """(seconds to the first run that says so, to the confirmed state)"""
    test_faults.start(net, PACE, {})
    time.sleep(chance.uniform(0, 10))
    row = watched(fault)
    with fault.change(net):
        begun = time.monotonic()
        first = seconds_until(net, FIRST.format(row), begun)
        confirmed = seconds_until(net, STATE.format(row), begun)
    net.model.stop("daemon")
    return first, confirmed


def one_world(part):
    chance = random.Random(part)
    with world.enter() as net:
        for name in FAULTS[part::WORLDS]:
            times = detect(net, table.FAULTS[name][0], chance)
            print(f"{name}: {times[0]:.1f} s, confirmed {times[1]:.1f} s", flush=True)
            worlds.tell(times)
    return 0


def measure():
    if worlds.part() is not None:
        return one_world(worlds.part())
    times = worlds.collect(WORLDS)
    for what, values in zip(("first run", "confirmed"), zip(*times)):
        print(f"{what}: {len(values)} faults, median {statistics.median(values):.1f} s, "
              f"largest {max(values):.1f} s")
    return 0
