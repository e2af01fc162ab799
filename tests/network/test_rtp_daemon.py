#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Over time, and over the whole range: the daemon's samples find what is blocked to the
port, `check --sweep` asks the vendor's 10,001 ports, and a reflector is silent to whoever
does not ask in order.
"""

import json
import os
import sys
import time

import changes
import rows
import rtp_world
from model import CLOUD, PBX, PROBER, Failed, ipv4, ipv6, wait
from rtp_world import FIRST, LAST, Run, ranges

HERE = os.path.dirname(os.path.abspath(__file__))
WHOLE = (10000, 20000)
PIECE = (10321, 10477)  # edges that no stratum of a sample has
SINGLE = 10733


def must(what, got, wanted):
    if got != wanted:
        raise Failed(f"{what}: {got}, not {wanted}")


def samples_find_the_edges(net):
    """250 ports a run, others every time; what is blocked is narrowed down to a port."""
    options = {"mode": "stamp", "ports_per_run": 250, "packets_per_second": 2000}
    pace = rows.Pace("3s", "3s", confirm=1)
    blocked = [f"udp dport {PIECE[0]}-{PIECE[1]} drop", f"udp dport {SINGLE} drop"]

    def stretches():
        check = net.known("rtp-v4")
        return Run(check).blocked if check["last_run"] else []

    with net.reflector():
        net.start_daemon(net.configure(options, pace=pace, families=("v4",)))
        wait("all ports are open",
             lambda: net.known("rtp-v4")["ports"] and
             net.known("rtp-v4")["ports"]["states"]["open"] == 1000, 60)
        with changes.rules(net, blocked):
            begun = time.monotonic()
            wait(f"{PIECE} is found, and {SINGLE}",
                 lambda: stretches() == [PIECE, (SINGLE, SINGLE)], 60)
            found = time.monotonic() - begun
            must("verdict", net.known("rtp-v4")["cause"], "rtp-partial")
        begun = time.monotonic()
        wait("all is open again", lambda: not stretches() and
             net.known("rtp-v4")["verdict"] == "ok", 60)
        print(f"ok samples: 157 ports and one found in {found:.1f} s, "
              f"open again {time.monotonic() - begun:.1f} s after", flush=True)
        net.stop_daemon()


def sweeps(net):
    """Every port of the vendor's range, with the options as they are shipped."""
    ports = f"{WHOLE[0]}-{WHOLE[1]}"
    blocked = {10001, 12345, 19999, *range(15000, 16000)}
    with net.reflector(ports=ports, key=net.key()):
        options = {"mode": "stamp", "key_file": net.key()}
        for what, lines in (("all open", []),
                            ("1003 blocked",
                             [f"udp dport {rtp_world.nft_set(blocked)} drop"])):
            begun = time.monotonic()
            with changes.rules(net, lines):
                runs = net.asked(options, "--sweep", ports=ports)
            for run in runs.values():
                lost = {port for port, said in run.ports.items() if said.state == "lost"}
                is_open = [said.state for said in run.ports.values()].count("open")
                must(f"sweep, {what}", ranges(lost), ranges(blocked if lines else ()))
                must(f"sweep, {what}: open", is_open, 10001 - len(lost))
            print(f"ok sweep of 2 x 10,001 ports, {what}: "
                  f"{time.monotonic() - begun:.1f} s", flush=True)


SILENT = ("empty", "short", "long", "text", "reply", "not zero", "other secret",
          "yesterday's", "recorded")


def strangers_get_no_answer(net, family, key):
    length = 112 if key else 44
    address, other = (ipv4, ipv6)[family == 6](PBX), ipv4(CLOUD)
    with net.reflector(key=key) as near, net.reflector(where=CLOUD, key=key) as far:
        code, said = net.model.says(
            PROBER, sys.executable, os.path.join(HERE, "rtp_hostile.py"), address,
            str(FIRST), key or "-", other)
    if code != 0:
        raise Failed(said)
    said = json.loads(said)
    for name, octets in said.items():
        must(f"{name}, IPv{family}", octets, 0 if name in SILENT else length)
    forged = 1 if family == 4 else 0
    # the reply it sent first, the spoofed one, "good", and in keyed mode "first"
    must("answered", near["answered"], 2 + forged + bool(key))
    must("dropped", near["dropped"], len(set(said) & set(SILENT)))
    # one that was not asked for, from a reflector: no answer, and so no end
    must("the other one", far, {"answered": 0, "dropped": forged})
    print(f"ok strangers, IPv{family}, {'keyed' if key else 'open'}", flush=True)


def main():
    with rtp_world.enter() as net:
        for family in (4, 6):
            for key in (None, net.key()):
                strangers_get_no_answer(net, family, key)
        sweeps(net)
        samples_find_the_edges(net)
    return 0


if __name__ == "__main__":
    sys.exit(main())
