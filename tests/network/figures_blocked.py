# SPDX-License-Identifier: Apache-2.0
"""How long a single port of the vendor's range is blocked before the row says which."""

import math
import random
import re
import statistics
import time

import changes
import rtp_world
import vendor
import worlds
from figures_detection import FIRST, STATE, seconds_until
from model import PBX, Failed, ipv4

ROW = "rtp-in"
PORTS = (10000, 20000)

# As the row ships: a rotation visits every port once, 300 of them every 20 s.
INTERVAL = 20
ROTATION = math.ceil((PORTS[1] - PORTS[0] + 1) / 300) * INTERVAL
LONGEST = ROTATION + 3 * INTERVAL

CONFIGURATION = f"""catalogue = "{vendor.CATALOGUE}";
sites = ( {{ name = "hq"; pbx = "{ipv4(PBX)}"; }} );
requirements = ( {{ id = "{ROW}"; options = {{ mode = "stamp"; }}; }} );
"""


def seen(net, state, begun):
    return seconds_until(net, state.format(ROW), begun, LONGEST, every=1)


def trial(net, chance):
    """(the port, seconds to the first run that finds it, to the row's state)"""
    port = chance.randint(*PORTS)
    with net.reflector(ports="{}-{}".format(*PORTS)):
        net.start_daemon(net.model.write("test.conf", CONFIGURATION),
                         f"--requirement={ROW}")
        seen(net, 'requirement_state{{.*"{}".*state="ok".*}} 1', time.monotonic())
        time.sleep(chance.uniform(0, INTERVAL))
        with changes.rules(net, [f"udp dport {port} drop"]):
            begun = time.monotonic()
            found = [seen(net, state, begun) for state in (FIRST, STATE)]
            words = net.known(ROW)["last_run"]["evidence"]["detail"]
            if not re.search(rf"blocked: {port} forward$", words):
                raise Failed(f"port {port}: {words}")
        net.stop_daemon()
    return port, *found


def one_world():
    with rtp_world.enter() as net:
        port, first, confirmed = trial(net, random.Random())
    print(f"port {port}: {first:.0f} s, confirmed {confirmed:.0f} s", flush=True)
    worlds.tell((first, confirmed))
    return 0


def measure(trials):
    if worlds.part() is not None:
        return one_world()
    times = worlds.collect(trials)
    print(f"{len(times)} of {trials} ports found; by the rotation within {ROTATION} s")
    for what, values in zip(("first run", "confirmed"), zip(*times)):
        print(f"{what}: median {statistics.median(values):.0f} s, "
              f"largest {max(values):.0f} s")
    return len(times) < trials
