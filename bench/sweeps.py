# SPDX-License-Identifier: Apache-2.0
"""What it takes to ask every port of a range, and what other checks notice of it.

Beside `check --sweep`, bench/sweep.c asks the same reflector, checks nothing and asks
nothing twice; nmap asks as many ports that send back what comes. All run at real-time
priority where that is allowed: a sweep is so short that what others do on the machine
would be most of it.
"""

import json
import os
import resource
import statistics
import subprocess
import time

import lab
import rows
from lab import Failed, Lab, Page

HERE, THERE = "127.0.0.1", "127.0.0.2"
NMAP = ("nmap", "-sU", "-n", "-Pn", "-T5", "--min-rate", 100000, "-oG", "-")
CATALOGUE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "conf",
                         "starface.catalogue")
REFLECTOR = ["--reflector.open", f"--reflector.address={THERE}"]

# name: (row, first port, last port, how the reflector has them, milliseconds at most)
RANGES = {
    "10,001 ports": ("rtp-in", 10000, 20000, [], 150),
    "64,511 ports": ("rtp-out", 1025, 65535,
                     ["--reflector.steer", f"--reflector.sources={HERE}"], 1000),
}

# The daemon's sweeps: each second one.
OTHERS, LAG_AIM = 500, 0.020
SWEEP = {"ports_per_run": 10001, "packets_per_second": 100000}


def children_seconds():
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime


class Sweeps(Lab):
    def __init__(self, options):
        super().__init__()
        self.program = options.program
        self.floor, self.echo = (
            os.path.join(os.path.dirname(options.program), "..", "..", "bench", name)
            for name in ("sweep", "echo"))
        self.rounds, self.seconds = options.rounds, 5 if options.quick else 30
        self.first = []

    def build(self):
        super().build()
        if self.says("", "chrt", "-f", 1, "true")[0] == 0:
            self.first = ["chrt", "-f", "1"]

    def _reflect(self, first, last, *how):
        with open(self.path("reflector.log"), "w", encoding="ascii"):
            pass  # of the one before
        self.start("reflector", "", *self.first, self.program, "reflector",
                   f"--reflector.ports={first}-{last}", *REFLECTOR, *how, seconds=60,
                   ready=lambda: f" ports={last - first + 2} " in self.log("reflector"))

    # A sweep

    def _floor(self, first, last):
        words = self.run("", *self.first, self.floor, THERE, first, last).split()
        return {"wall_ms": float(words[0]), "port_us": float(words[1]),
                "answered": int(words[2])}

    def _check(self, row, port):
        """(processor seconds, the run) of the command."""
        options = 'options = { mode = "stamp"; };'
        config = self.write("sweep.conf", "\n".join((
            f'catalogue = "{CATALOGUE}";',
            f'sites = ( {{ name = "hq"; pbx = "{THERE}"; rtp_partner = "{THERE}"; }} );',
            f'requirements = ( {{ id = "{row}"; port = {port}; {options} }} );')))
        before = children_seconds()
        text = subprocess.run(
            [*self.first, self.program, "check", "--sweep", f"--config.file={config}",
             "--requirement", row, "--output=json"], check=False, text=True,
            stdout=subprocess.PIPE).stdout
        spent = children_seconds() - before
        check = json.loads(text)["sites"][0]["requirements"][0]["checks"][0]
        return spent, check["last_run"]

    def _ours(self, row, first, last):
        spent, run = self._check(row, f'"{first}-{last}"')
        alone, _ = self._check(row, last)  # what the command costs without a sweep
        return {"wall_ms": run["duration_seconds"] * 1e3,
                "port_us": (spent - alone) * 1e6 / (last - first),
                "answered": int(run["values"]["rtp_ports"]["open"]),
                "again": int(run["values"]["retransmissions"])}

    def _range(self, name):
        row, first, last, how, aim = RANGES[name]
        self._reflect(first, last, *how)
        floors, ours = [], []
        for _ in range(self.rounds):
            floors.append(self._floor(first, last))
            ours.append(self._ours(row, first, last))
        self.stop("reflector")

        def middle(figures, key):
            return statistics.median(row[key] for row in figures)

        return {"floor_ms": middle(floors, "wall_ms"), "ms": middle(ours, "wall_ms"),
                "floor_us": middle(floors, "port_us"), "us": middle(ours, "port_us"),
                "lost": last - first + 1 - min(row["answered"] for row in ours),
                "again": max(row["again"] for row in ours), "aim_ms": aim}

    def ranges(self):
        print(f"a sweep by check --sweep, beside a plain one; median of {self.rounds} "
              f"rounds in turns, at {'real-time' if self.first else 'usual'} priority")
        line = "{:14}{:>9}{:>9}{:>8}{:>6}{:>7}{:>7}{:>14}{:>12}"
        print(line.format("", "ours", "plain", "aim", "met", "lost", "again",
                          "us of a port", "plain"))
        figures = {}
        for name in RANGES:
            row = figures[name] = self._range(name)
            print(line.format(
                name, f"{row['ms']:.0f} ms", f"{row['floor_ms']:.0f} ms",
                f"{row['aim_ms']} ms",
                lab.met(row["ms"] <= row["aim_ms"] and row["lost"] == 0), row["lost"],
                row["again"], f"{row['us']:.1f}", f"{row['floor_us']:.1f}"), flush=True)
        return figures

    def scanner(self):
        """nmap is for one round: it takes seconds. A port is open for it that says
        anything at all, so it asks an echo."""
        first, last = 10000, 20000
        self.start("echo", "", self.echo, "serve", first, last,
                   ready=lambda: "ready" in self.log("echo"))
        begun, spent = time.monotonic(), children_seconds()
        said = self.run("", *self.first, *NMAP, f"-p{first}-{last}", HERE)
        figures = {"ms": (time.monotonic() - begun) * 1e3,
                   "us": (children_seconds() - spent) * 1e6 / (last - first + 1),
                   "found": said.count("/open/")}
        self.stop("echo")
        print(f"nmap -sU, 10,001 ports of an echo: {figures['ms']:.0f} ms, "
              f"{figures['us']:.1f} us of a port, {figures['found']} found", flush=True)
        return figures

    # Other checks meanwhile

    def _daemon(self, sweeps):
        checks = {"tcp": lab.KINDS["tcp"]}
        variables = {"hosts": lab.hosts(OTHERS)}
        if sweeps:
            checks["sweep"] = ("rtp", "$partner", '"10000-20000"', "udp", SWEEP)
            variables["partner"] = [THERE]
        catalogue = self.write("lag.catalogue", rows.catalogue(
            checks, list(variables), rows.Pace("1s", "900ms")))
        process = self.start_daemon(self.program, self.write(
            "lag.conf", rows.configuration(catalogue, self.root, variables, "off")))
        lab.go_first(process.pid)
        time.sleep(self.seconds)
        page = Page()
        self.stop("daemon")
        connects = [value for labels, value in page.values(
            "starface_check_phase_seconds").items()
                    if 'phase="connect"' in labels and 'requirement="tcp"' in labels]
        if len(connects) != OTHERS:
            raise Failed(f"{len(connects)} of {OTHERS} checks connected")
        return {"lag_s": page.total("starface_exporter_loop_lag_max_seconds"),
                "connect_s": statistics.median(connects),
                "connect_most_s": max(connects),
                "asked": page.total("starface_rtp_ports_asked")}

    def others(self):
        self._reflect(10000, 20000)
        figures = {"without": self._daemon(False), "with": self._daemon(True)}
        self.stop("reflector")
        if figures["with"]["asked"] != 10001:
            raise Failed("the daemon did not sweep")
        print(f"a daemon with {OTHERS} TCP checks a second for {self.seconds} s, without "
              "sweeps and with one of 10,001 ports each second")
        for name, row in figures.items():
            print(f"    {name:8} largest loop lag {row['lag_s'] * 1e3:.1f} ms, connect "
                  f"{row['connect_s'] * 1e6:.0f} us (median), "
                  f"{row['connect_most_s'] * 1e6:.0f} us at most", flush=True)
        print(f"    aim of the lag <= {LAG_AIM * 1e3:.0f} ms: "
              f"{lab.met(figures['with']['lag_s'] <= LAG_AIM)}")
        return figures

    def report(self):
        return {"ranges": self.ranges(), "nmap": self.scanner(),
                "others": self.others()}
