# SPDX-License-Identifier: Apache-2.0
"""What the reflector costs: a packet, a port, and the time until it holds them all.

Beside it bench/echo.c, which sends back what comes at the same ports and looks at none of
it. The same sender asks both, so that the kernel's part is the same.
"""

import datetime
import os
import re
import statistics

import lab
from lab import Failed, Model, processor_seconds

FIRST, LAST = 10000, 20000
PORTS = LAST - FIRST + 1
MODES = ["open", "keyed", "steer"]
PACKET_AIM = 7.0  # microseconds
MEMORY_AIM = 64 * 2.0 ** 20
OPEN_AIM = 1.0
STARTED = re.compile(r"^time=(\S+) .*msg=started", re.MULTILINE)
HELD = re.compile(r"^time=(\S+) .*state=held ports=(\d+)", re.MULTILINE)


def kernel_memory():
    """Octets of the kernel's own objects, sockets among them."""
    with open("/proc/meminfo", encoding="ascii") as file:
        return next(int(line.split()[1]) * 1024 for line in file
                    if line.startswith("Slab:"))


class Reflection(Model):
    """The sandbox's own loopback, without any server."""

    def __init__(self, options):
        super().__init__()
        self.program = options.program
        self.echo = os.path.join(os.path.dirname(options.program), "..", "..", "bench",
                                 "echo")
        self.rounds, self.times = options.rounds, 5 if options.quick else 20

    @staticmethod
    def inside(_, command):
        return list(map(str, command))

    def build(self):
        self.run("", "ip", "link", "set", "lo", "up")
        self.key = self.path("key")
        self.run("", self.program, "generate-key", self.key)

    def __exit__(self, *_):
        for name in reversed(list(self.running)):
            self.stop(name)

    def _forget_log(self, name):
        with open(self.path(f"{name}.log"), "w", encoding="ascii"):
            pass

    def _start_floor(self):
        self._forget_log("floor")
        return self.start("floor", "", self.echo, "serve", FIRST, LAST,
                          ready=lambda: "ready" in self.log("floor"))

    def _holds_all(self):
        held = HELD.findall(self.log("reflector"))
        return held and int(held[-1][1]) >= PORTS

    def _seconds_until_all_held(self):
        text = self.log("reflector")
        begun, done = (datetime.datetime.fromisoformat(stamp.rstrip("Z")) for stamp in (
            STARTED.findall(text)[0], HELD.findall(text)[-1][0]))
        return (done - begun).total_seconds()

    def _start(self, mode):
        more = {"open": ["--reflector.open"],
                "keyed": [f"--reflector.key-file={self.key}"],
                "steer": ["--reflector.open", "--reflector.steer",
                          "--reflector.sources=127.0.0.1"]}[mode]
        self._forget_log("reflector")
        return self.start("reflector", "", self.program, "reflector",
                          f"--reflector.ports={FIRST}-{LAST}",
                          "--reflector.control-port=0", *more, ready=self._holds_all)

    def _packet(self, process, *key):
        """Microseconds of the process for a packet; all must be answered."""
        spent = processor_seconds(process.pid)
        asked, answered = map(int, self.run("", self.echo, "send", FIRST, LAST,
                                            self.times, *key).split())
        spent = processor_seconds(process.pid) - spent
        if answered < asked:
            raise Failed(f"{asked - answered} of {asked} packets came not back")
        return spent * 1e6 / answered

    def _floor(self):
        figure = self._packet(self._start_floor())
        self.stop("floor")
        return figure

    def _ours(self, mode):
        before = kernel_memory()
        process = self._start(mode)
        figures = {"open_s": self._seconds_until_all_held(),
                   "kernel": kernel_memory() - before,
                   "resident": lab.memory(process.pid)}
        figures["packet_us"] = self._packet(
            process, *([self.key] if mode == "keyed" else []))
        self.stop("reflector")
        return figures

    def measure(self):
        """All in turns, so that what slows the machine slows all."""
        floors, rows = [], {mode: [] for mode in MODES}
        for _ in range(self.rounds):
            floors.append(self._floor())
            for mode in MODES:
                rows[mode].append(self._ours(mode))
        figures = {"floor_us": statistics.median(floors)}
        for mode in MODES:
            figures[mode] = {name: statistics.median(row[name] for row in rows[mode])
                             for name in rows[mode][0]}
            figures[mode]["to_floor"] = statistics.median(
                row["packet_us"] / floor for row, floor in zip(rows[mode], floors))
        return figures

    def report(self):
        figures = self.measure()
        print(f"a reflector of {PORTS} ports; median of {self.rounds} rounds in turns; "
              f"a plain echo takes {figures['floor_us']:.1f} us of processor a packet")
        line = "{:8}{:>10}{:>6}{:>10}{:>14}{:>6}{:>12}{:>6}"
        print(line.format("mode", "a packet", "met", "to floor", "memory", "met",
                          "all held", "met"))
        for mode in MODES:
            row = figures[mode]
            memory = row["resident"] + max(row["kernel"], 0)
            print(line.format(
                mode, f"{row['packet_us']:.1f} us",
                lab.met(row["packet_us"] <= PACKET_AIM), f"{row['to_floor']:.2f}",
                f"{memory / 2 ** 20:.1f} MiB", lab.met(memory <= MEMORY_AIM),
                f"{row['open_s'] * 1e3:.0f} ms", lab.met(row["open_s"] <= OPEN_AIM)))
        print(f"    aims: <= {PACKET_AIM:g} us, <= {MEMORY_AIM / 2 ** 20:g} MiB resident "
              f"and of the kernel, <= {OPEN_AIM:g} s from start until all are held",
              flush=True)
        return figures
