#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The program that makes paths bad does what its options say, on both families."""

import json
import re
import sys
from functools import partial
from itertools import accumulate

import changes
import sandbox
import world
from model import PBX, PROBER, Failed, ipv4, ipv6, persist
from servers import TOOL, Listeners

PORT, COUNT, GAP = 1902, 1500, 0.0004
BUSY = 60  # seconds: a busy machine may fall behind by as much
MATCH = (f"-p udp --dport {PORT}",)  # one way: what happens, happens once


class Network:
    """No more than a firewall between a tool and an echo."""

    def __init__(self, model):
        self.model = model


class Echo:
    def __init__(self, address, words):
        back = json.loads(words)
        self.numbers = [number for number, same, _ in back if same]
        self.changed = sum(not same for _, same, _ in back)
        self.delays = sorted(delay for _, same, delay in back if same)
        seen = set(self.numbers)
        self.lost = 1 - len(seen) / COUNT
        self.doubled = (len(self.numbers) - len(seen)) / COUNT
        # by any that was sent later (RFC 4737): those held back may come in a bunch
        pairs = zip(self.numbers, accumulate(self.numbers, max))
        self.overtaken = sum(number < last for number, last in pairs) / COUNT
        missing = [number not in seen for number in range(COUNT)]
        runs = sum(now and not last for last, now in zip([False, *missing], missing))
        self.burst = sum(missing) / runs if runs else 0
        self.address = address

    def between(self, name, least, most):
        value = getattr(self, name)
        if not least <= value <= most:
            raise Failed(f"{self.address}: {name} is {value}, not {least} to {most}")

    @property
    def median(self):
        return self.delays[len(self.delays) // 2] if self.delays else 0

    @property
    def spread(self):
        return self.delays[-len(self.delays) // 20] - self.delays[len(self.delays) // 20]


# options: what an echo's figures lie between: 4 sigma of 1500 packets either side. Times
# have a least only: a busy machine adds to them what it likes. What is overtaken is held
# back for longer than a busy machine pauses between two packets.
CASES = [
    ([], {"lost": (0, 0), "doubled": (0, 0), "overtaken": (0, 0)}),
    (["--loss", "20"], {"lost": (0.16, 0.24), "burst": (1.1, 1.45), "doubled": (0, 0)}),
    (["--loss", "20", "--burst", "5"], {"lost": (0.12, 0.29), "burst": (3.8, 6.5)}),
    (["--loss", "100"], {"lost": (1, 1)}),
    (["--delay", "30"], {"median": (0.03, BUSY), "lost": (0, 0), "overtaken": (0, 0)}),
    (["--delay", "100", "--jitter", "90"],
     {"median": (0.09, BUSY), "spread": (0.14, BUSY), "overtaken": (0.5, 1)}),
    (["--delay", "30", "--jitter", "20", "--keep-order"],
     {"overtaken": (0, 0), "lost": (0, 0)}),
    (["--reorder", "10", "--reorder-by", "100"],
     {"overtaken": (0.06, 0.14), "lost": (0, 0)}),
    (["--duplicate", "10"], {"doubled": (0.07, 0.13), "lost": (0, 0)}),
    # A receiver's checksum throws them away, unless it fits.
    (["--corrupt", "10"], {"lost": (0.07, 0.13), "changed": (0, 0)}),
    (["--corrupt", "10", "--mend"], {"changed": (100, 200)}),
    (["--every-other", "50"], {"lost": (0.4, 0.6), "burst": (80, 150)}),
]
TOLD = re.compile(r"packets (\d+) lost (\d+)")


def measure(model, address):
    words = model.run(PROBER, *TOOL, "train", address, PORT, COUNT, GAP)
    return Echo(address, words)


def try_case(model, options, limits):
    with changes.impaired(Network(model), options, MATCH):
        for address in (ipv4(PBX), ipv6(PBX)):
            echo = measure(model, address)
            for name, (least, most) in limits.items():
                echo.between(name, least, most)
    told = TOLD.search(model.log("impair-0").splitlines()[-1])
    if not told or int(told[1]) != 2 * COUNT:
        raise Failed(f"{options}: it tells {model.log('impair-0')}")
    print(f"ok {' '.join(options) or 'nothing'}", flush=True)


def large_ones_vanish(model):
    """100 octets are a packet of 128 over IPv4, of 148 over IPv6."""
    with changes.impaired(Network(model), ["--larger-than", "147"], MATCH):
        measure(model, ipv4(PBX)).between("lost", 0, 0)
        measure(model, ipv6(PBX)).between("lost", 1, 1)
    print("ok --larger-than 147")


def same_seed_same_losses(model):
    seen = []
    for seed in ("7", "7", "8"):
        with changes.impaired(Network(model), ["--loss", "30", "--seed", seed], MATCH):
            seen.append(measure(model, ipv4(PBX)).numbers)
    if seen[0] != seen[1] or seen[0] == seen[2]:
        raise Failed("the same seed does not give the same losses")
    print("ok the same seed gives the same losses")


def main():
    if not changes.impair_program():
        sandbox.skip("libnetfilter_queue is not here")
    sandbox.enter("iptables", "ip6tables")
    with world.Model() as model:
        Listeners(model, PBX, (), (PORT,)).start()
        for options, limits in CASES:
            persist(partial(try_case, model, options, limits))
        persist(partial(large_ones_vanish, model))
        persist(partial(same_seed_same_losses, model))
    return 0


if __name__ == "__main__":
    sys.exit(main())
