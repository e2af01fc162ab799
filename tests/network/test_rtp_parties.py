#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""More than one of ours: several senders at one reflector, each with an address of its
own or all behind one; and a reflector that is not ours, which cannot tell what arrived.
"""

import json
import os
import re
import subprocess
import sys
from contextlib import contextmanager

import changes
import rtp_world
from model import CLOUD, PBX, PROBER, Failed, ipv4, ipv6
from rtp_cases import BLOCKED, FEW, LOST, RETURN, loss
from rtp_world import ALL, FIRST, OPEN, Run, nft_set, ranges

HERE = os.path.dirname(os.path.abspath(__file__))
SLOWER = {**ALL, "packets_per_second": 2000}

# As the firewall sees packets on their way, before and behind its translation.
OURS = {PROBER: (ipv4(PROBER), ipv6(PROBER)), PBX: (ipv4(PBX), ipv6(PBX))}
TRANSLATED = """
table inet extra {
	chain post {
		type nat hook postrouting priority 100;
		oifname "wan0" masquerade fully-random;
	}
}
"""


def drop(ports, who, way):
    """Of one sender, there or back: "daddr" and "sport" of the answers."""
    side, port = ("saddr", "dport") if way == "there" else ("daddr", "sport")
    return [f"{family} {side} {address} udp {port} {nft_set(ports)} drop"
            for family, address in zip(("ip", "ip6"), OURS[who])]


def lose_tenth(who):
    return [f"{family} saddr {address} udp dport {FIRST}-{rtp_world.LAST} "
            "numgen random mod 10 == 0 drop"
            for family, address in zip(("ip", "ip6"), OURS[who])]


def asked_at_once(net, options):
    """{sender: {family: Run}} of senders that ask the same ports at the same time."""
    senders = {}
    for where, own in options.items():
        path = net.configure(own, host=CLOUD)
        kept = net.model.path(f"{where}.conf")
        with open(path, encoding="utf-8") as file:
            text = file.read()
        catalogue = net.model.path(f"{where}.catalogue")
        os.replace(net.model.path("test.catalogue"), catalogue)
        with open(kept, "w", encoding="utf-8") as file:
            file.write(text.replace("test.catalogue", f"{where}.catalogue"))
        senders[where] = subprocess.Popen(
            net.model.inside(where, [net.program, "check", "--output=json",
                                     f"--config.file={kept}"]),
            stdout=subprocess.PIPE, text=True)
    answers = {where: json.loads(process.communicate()[0])
               for where, process in senders.items()}
    return {where: {row["id"].split("-")[1]: Run(row["checks"][0])
                    for row in answer["sites"][0]["requirements"]}
            for where, answer in answers.items()}


def expect(what, run, verdict, ports, figures=None):
    """Of all that were asked the ports are said to be what is expected, all others open;
    and figures lie between two bounds."""
    told = run.told()
    wanted = {state: set(numbers) for state, numbers in ports.items()}
    wanted[OPEN] = set(run.ports).difference(*wanted.values())
    if (run.verdict, run.cause) != verdict:
        raise Failed(f"{what}: {run.verdict}, {run.cause}, {run.evidence}")
    for state in {*told, *wanted}:
        if told.get(state, set()) != wanted.get(state, set()):
            raise Failed(f"{what}: {state} is said of {ranges(told.get(state, ()))}, not "
                         f"{ranges(wanted.get(state, ()))}")
    for name, bounds in (figures or {}).items():
        value = run.value(name)
        if value is None or not bounds[0] <= value <= bounds[1]:
            raise Failed(f"{what}: {name} is {value}, not {bounds}")


def two_senders(net, what):
    """One misses some ports there, the other some back and a tenth of all packets: each
    is told its own, though both send to the same ports at the same time."""
    there, back = set(range(10100, 10200)), set(range(10150, 10300))
    lines = [*drop(there, PROBER, "there"), *drop(back, PBX, "back")]
    with net.reflector(where=CLOUD), changes.rules(net, lines):
        runs = asked_at_once(net, {PROBER: SLOWER, PBX: SLOWER})
    for family in ("v4", "v6"):
        expect(f"{what}, prober, {family}", runs[PROBER][family],
               ("degraded", "rtp-partial"), {LOST: there}, loss(FEW, FEW))
        expect(f"{what}, PBX, {family}", runs[PBX][family],
               ("degraded", "rtp-partial"), {RETURN: back}, loss(FEW, FEW))
    with net.reflector(where=CLOUD), changes.rules(net, lose_tenth(PBX)):
        runs = asked_at_once(net, {PROBER: SLOWER, PBX: SLOWER})
    for family in ("v4", "v6"):
        expect(f"{what}, a tenth lost of the other, {family}", runs[PROBER][family],
               ("ok", "none"), {}, loss(FEW, FEW))
        expect(f"{what}, a tenth lost, {family}", runs[PBX][family],
               ("degraded", "loss"), {}, loss((0.06, 0.14), FEW))
    print(f"ok {what}", flush=True)


LIMITED = """catalogue = "none.catalogue"; sites = ( { name = "model"; } );
reflector = { ports = "10000-10999"; open = true; source_rate = 300; };
"""
NO_ROWS = "features = ( ); variables = ( ); requirements = ( );\n"


def own_limits(net):
    """Who asks more than the reflector gives to one address takes nothing from others."""
    slow = {"mode": "stamp", "ports_per_run": 200, "packets_per_second": 100}
    net.model.write("none.catalogue", NO_ROWS)
    net.model.start("limited", CLOUD, net.program, "reflector",
                    f"--config.file={net.model.write('limited.conf', LIMITED)}",
                    ready=lambda: "state=held" in net.model.log("limited"))
    runs = asked_at_once(net, {PROBER: ALL, PBX: slow})
    net.model.stop("limited")
    dropped = re.search(r"dropped=(\d+)", net.model.log("limited"))
    if not dropped or int(dropped[1]) < 100:
        raise Failed(f"limits: {net.model.log('limited')}")
    for family, run in runs[PBX].items():
        expect(f"limits, {family}", run, ("ok", "none"), {}, loss(FEW, FEW))
    print("ok limits", flush=True)


FOREIGN = "10000-10199"
THERE, BACK = set(range(10021, 10058)), set(range(10103, 10139))
UNKNOWN = loss(None, None)


@contextmanager
def foreign_reflector(net, manner, behind):
    net.model.start("foreign", PBX, sys.executable,
                    os.path.join(HERE, "plain_reflector.py"), FOREIGN, manner, behind,
                    ipv4(PBX), ipv6(PBX),
                    ready=lambda: "ready" in net.model.log("foreign"))
    try:
        yield
    finally:
        net.model.stop("foreign")


def foreign_runs(net, what, lines, **more):
    """Of each family; what such a reflector cannot tell is not told in any of them."""
    with changes.rules(net, lines):
        runs = net.asked({**SLOWER, **more}, ports=FOREIGN)
    for family, run in runs.items():
        words = run.evidence.get("detail") or ""
        told = {state.state for state in run.told()}
        if "forward" in words or "backward" in words or not told <= {"open", "blocked"} \
                or any(run.value(name) is not None for name in UNKNOWN):
            raise Failed(f"{what}, {family}: {words}, {told}, {run.values}")
        yield f"{what}, {family}", run


def foreign(net, manner, behind):
    name = f"a foreign reflector, {manner}, {behind}"
    every = set(range(10000, 10200))
    dropped = [f"udp dport {nft_set(THERE)} drop", f"udp sport {nft_set(BACK)} drop"]
    with foreign_reflector(net, manner, behind):
        for what, run in foreign_runs(net, f"{name}, all pass", []):
            expect(what, run, ("ok", "none"), {})
        for what, run in foreign_runs(net, f"{name}, some blocked", dropped):
            expect(what, run, ("degraded", "rtp-partial"), {BLOCKED: THERE | BACK})
        # it counts each port by itself, so its numbers say nothing of all of them
        for what, run in foreign_runs(net, f"{name}, a sample", dropped,
                                      ports_per_run=20):
            if run.cause != "rtp-partial" or run.blocked != [
                    (min(ports), max(ports)) for ports in (THERE, BACK)]:
                raise Failed(f"{what}: {run.cause}, {run.evidence}, {run.blocked}")
        for what, run in foreign_runs(net, f"{name}, none passes",
                                      [f"udp sport {FOREIGN} drop"]):
            expect(what, run, ("failed", "rtp-all-blocked"), {BLOCKED: every})
        for what, run in foreign_runs(
                net, f"{name}, a tenth lost",
                [f"udp sport {FOREIGN} numgen random mod 10 == 0 drop"]):
            # one in a thousand is lost three times in a row
            if run.cause not in ("loss", "rtp-partial"):
                raise Failed(f"{what}: {run.cause}, {run.evidence}")
    print(f"ok {name}", flush=True)


def twice(part, *arguments):
    """Once more: a machine that is busy loses packets of its own."""
    try:
        part(*arguments)
    except Failed as failure:
        print(f"again: {failure}", flush=True)
        part(*arguments)


def main():
    with rtp_world.enter() as net:
        foreign(net, "stateless", "cut")
        foreign(net, "stateful", "copied")
        twice(two_senders, net, "two senders")
        with changes.table(net, TRANSLATED):
            twice(two_senders, net, "two senders behind one address")
        twice(own_limits, net)
    return 0


if __name__ == "__main__":
    sys.exit(main())
