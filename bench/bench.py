#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What a check costs, beside Debian's blackbox exporter, and what many checks need.

Both probers run on one loopback in a network namespace, in turns, against the same
servers. Absolute figures move with the machine by a third within an hour; ratios of one
run hold. The aims stand beside the figures; missing one is no error.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import time

import lab
import exchanges
import reflection
import sweeps
from lab import GZIP, Failed, Lab, Page, fetch, met, processor_seconds

MIB = 2.0 ** 20
KINDS = ["tcp", "http", "dns", "tls", "https"]
# How many times less processor time than blackbox; 1 = not more.
AIMS = {"tcp": 6, "http": 4, "dns": 10, "https": 1}
MEMORY_AIM = 16 * MIB  # at 1,000 checks
LAG_AIM = 0.020

# Checks a second in the pairs: enough to measure, not enough to fill the machine.
RATES = {"tcp": 500, "http": 500, "dns": 500, "tls": 200, "https": 200}
# Of five checks of a mixture; the shares of a real site are near to it.
MIXTURE = {"tcp": 2, "http": 1, "dns": 1, "https": 1}


class Bench:
    def __init__(self, network, options):
        self.network = network
        self.program = options.program
        self.rounds = options.rounds
        self.seconds = 1.0 if options.quick else 3.0
        self.minute = 10 if options.quick else 60
        self.sizes = [1000] if options.quick else [1000, 20000]

    def daemon(self, configuration):
        return self.network.start_daemon(self.program, configuration)

    def stop(self):
        self.network.stop("daemon")

    # Processor time for one check

    def _our_window(self, process, scrape):
        """Microseconds for one check, while nobody scrapes or as often as all ran."""
        runs, spent = Page().runs(), processor_seconds(process.pid)
        end = time.monotonic() + self.seconds
        while time.monotonic() < end:
            time.sleep(1)
            if scrape:
                fetch(lab.DAEMON_PORT, "/metrics", GZIP)
        spent = processor_seconds(process.pid) - spent
        return spent * 1e6 / (Page().runs() - runs)

    def _ours(self, kind):
        process = self.daemon(self.network.configuration({kind: 1}, RATES[kind], "1s",
                                                         "900ms"))
        time.sleep(1.5)
        figures = [self._our_window(process, scrape) for scrape in (False, True)]
        good = Page().total("starface_check_success")
        self.stop()
        if good != RATES[kind]:
            raise Failed(f"{kind}: {good:g} of {RATES[kind]} checks are ok")
        return figures

    def _theirs(self, process, kind):
        asker = lab.Asker(kind)
        asker.ask_for(0.3)
        spent = processor_seconds(process.pid)
        runs = asker.ask_for(self.seconds)
        return (processor_seconds(process.pid) - spent) * 1e6 / runs

    def pair(self, kind):
        """Both in turns, so that what slows the machine slows both."""
        theirs, ours, scraped = [], [], []
        process = self.network.start_blackbox()
        for _ in range(self.rounds):
            theirs.append(self._theirs(process, kind))
            alone, with_scrape = self._ours(kind)
            ours.append(alone)
            scraped.append(with_scrape)
        self.network.stop("blackbox")
        ratios = [their / our for their, our in zip(theirs, scraped)]
        return {"blackbox_us": statistics.median(theirs),
                "check_us": statistics.median(ours),
                "check_and_scrape_us": statistics.median(scraped),
                "ratio": statistics.median(ratios),
                "ratio_least": min(ratios), "ratio_most": max(ratios),
                "aim": AIMS.get(kind)}

    def pairs(self, kinds):
        print("processor time for one check in microseconds, which is milliseconds for "
              f"1000; median of {self.rounds} rounds in turns")
        print("with scrapes: our page is scraped (gzip) as often as each check runs")
        line = "{:8}{:>10}{:>8}{:>14}{:>8}{:>15}{:>8}{:>6}"
        print(line.format("kind", "blackbox", "ours", "with scrapes", "ratio", "spread",
                          "aim", "met"))
        figures = {}
        for kind in kinds:
            row = figures[kind] = self.pair(kind)
            aim = row["aim"]
            print(line.format(
                kind, f"{row['blackbox_us']:.0f}", f"{row['check_us']:.0f}",
                f"{row['check_and_scrape_us']:.0f}", f"{row['ratio']:.1f}",
                f"{row['ratio_least']:.1f} - {row['ratio_most']:.1f}",
                f">= {aim}" if aim else "-", met(row["ratio"] >= aim) if aim else ""),
                flush=True)
        return figures

    # Memory and scrapes

    def _all_ran(self, checks, seconds):
        end = time.monotonic() + seconds
        while Page().runs() < checks:
            if time.monotonic() > end:
                raise Failed(f"not all of {checks} checks ran in {seconds} s")
            time.sleep(1)

    def _scrape(self, process, headers):
        """Median wall and processor time and the size of one scrape."""
        walls, spent = [], []
        for _ in range(5):
            before = processor_seconds(process.pid)
            wall, body = fetch(lab.DAEMON_PORT, "/metrics", headers)
            spent.append(processor_seconds(process.pid) - before)
            walls.append(wall)
        return {"wall_s": statistics.median(walls),
                "processor_s": statistics.median(spent), "octets": len(body),
                "lines": None if headers else body.count(b"\n")}

    def _size(self, checks):
        process = self.daemon(self.network.configuration(MIXTURE, checks // 5, "60s"))
        at_start = lab.memory(process.pid)
        lab.forget_peak(process.pid)
        time.sleep(61)  # nobody asks meanwhile
        ran = lab.memory(process.pid)
        peak = lab.memory(process.pid, "VmHWM")
        self._all_ran(checks, 60)
        figures = {"start": at_start, "all_ran": ran, "most_while_running": peak,
                   "identity": self._scrape(process, None),
                   "gzip": self._scrape(process, GZIP)}
        figures["after_scrapes"] = lab.memory(process.pid)
        self.stop()
        return figures

    def _in_flight(self):
        """128 HTTPS runs, our most by default, that wait for a server's first octet."""
        process = self.daemon(self.network.configuration({"silent": 1}, 200, "5s", "5s"))
        time.sleep(4.5)  # all are begun and none has timed out
        if Page().total("starface_exporter_runs_in_flight") < 128:
            raise Failed("not 128 runs in flight")
        ours = lab.memory(process.pid, "VmHWM")
        self.stop()
        process = self.network.start_blackbox()
        idle = lab.memory(process.pid)
        lab.hang(128)
        time.sleep(3)
        theirs = lab.memory(process.pid, "VmHWM")
        self.network.stop("blackbox")
        return {"ours": ours, "blackbox_idle": idle, "blackbox": theirs}

    def memory(self):
        figures = {}
        for checks in self.sizes:
            row = figures[checks] = self._size(checks)
            print(f"{checks} mixed checks: {row['start'] / MIB:.1f} MiB resident at the "
                  f"start, {row['all_ran'] / MIB:.1f} after a run of each "
                  f"({row['most_while_running'] / MIB:.1f} at most), "
                  f"{row['after_scrapes'] / MIB:.1f} after scrapes")
            if checks == 1000:
                print(f"    aim <= {MEMORY_AIM / MIB:.0f} MiB: "
                      f"{met(row['after_scrapes'] <= MEMORY_AIM)}")
            for coding in ("identity", "gzip"):
                one = row[coding]
                lines = f", {one['lines']} lines" if one["lines"] else ""
                print(f"    a scrape ({coding}): {one['wall_s'] * 1e3:.0f} ms, "
                      f"{one['processor_s'] * 1e3:.0f} ms of processor, "
                      f"{one['octets'] / 1e6:.2f} MB{lines}", flush=True)
        row = figures["in_flight"] = self._in_flight()
        print(f"128 HTTPS runs in flight: {row['ours'] / MIB:.1f} MiB at most; blackbox "
              f"{row['blackbox'] / MIB:.1f}, idle {row['blackbox_idle'] / MIB:.1f}",
              flush=True)
        return figures

    # Start

    def start(self):
        figures = {}
        checks = self.sizes[-1]
        shapes = {"5 rows, many hosts": (MIXTURE, checks // 5),
                  "a row for each check": ({kind: copies * checks // 5
                                            for kind, copies in MIXTURE.items()}, 1)}
        for shape, (kinds, count) in shapes.items():
            configuration = self.network.configuration(kinds, count, "60s")
            begun = time.perf_counter()
            subprocess.run([self.program, f"--config.file={configuration}",
                            "--config.check"], check=True, stdout=subprocess.DEVNULL)
            check = time.perf_counter() - begun
            begun = time.perf_counter()
            self.daemon(configuration)
            serve = time.perf_counter() - begun
            self.stop()
            figures[shape] = {"config_check_s": check, "start_s": serve}
            print(f"{checks} checks ({shape}): --config.check {check:.2f} s, "
                  f"from start to serving {serve:.2f} s", flush=True)
        return figures

    # Loop lag

    def lag(self):
        checks, seconds = 5000, self.minute
        process = self.daemon(self.network.configuration(MIXTURE, checks // 5, "60s"))
        first = lab.go_first(process.pid)
        begun, spent = time.monotonic(), processor_seconds(process.pid)
        waited = lab.waited_seconds(process.pid)
        while time.monotonic() < begun + seconds:
            fetch(lab.DAEMON_PORT, "/metrics", GZIP)
            time.sleep(1)
        page = Page()
        spent = processor_seconds(process.pid) - spent
        waited = lab.waited_seconds(process.pid) - waited
        self.stop()
        most = page.total("starface_exporter_loop_lag_max_seconds")
        turns = page.total("starface_exporter_loop_lag_seconds_count")
        buckets = page.values("starface_exporter_loop_lag_seconds_bucket")
        shares = {bound: buckets[f'le="{bound}"'] / turns
                  for bound in ("0.001", "0.005", "0.01", "0.025")}
        print(f"{checks} mixed checks a minute and a scrape each second, {seconds} s: "
              f"largest loop lag {most * 1e3:.1f} ms")
        print(f"    aim <= {LAG_AIM * 1e3:.0f} ms: {met(most <= LAG_AIM)}; of "
              f"{turns:.0f} starts " + ", ".join(
                  f"{share:.2%} within {float(bound) * 1e3:g} ms"
                  for bound, share in shares.items()))
        print(f"    {page.runs():.0f} runs, {spent / seconds:.1%} of a core; waited "
              f"{waited:.2f} s for others that ran, at "
              f"{'real-time' if first else 'usual'} priority", flush=True)
        return {"max_s": most, "shares": shares, "runs": page.runs(),
                "waited_s": waited, "real_time": first}


def machine():
    model = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo")
                  if line.startswith("model name")), "unknown processor")
    return {"processor": model, "cores": os.cpu_count(), "kernel": os.uname().release}


PARTS = KINDS + list(exchanges.KINDS) + ["memory", "start", "lag", "reflector",
                                        "sweep"]


def arguments():
    parser = argparse.ArgumentParser(
        prog="./dev bench", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", help=argparse.SUPPRESS)
    parser.add_argument("parts", nargs="*", metavar="PART", choices=[[], *PARTS],
                        help=f"of {' '.join(PARTS)}; all unless given")
    parser.add_argument("--rounds", type=int, default=5, metavar="N",
                        help="of the pairs (5)")
    parser.add_argument("--quick", action="store_true",
                        help="shorter and smaller, to see whether it works")
    parser.add_argument("--json", metavar="FILE", help="the figures, for a machine")
    return parser.parse_intermixed_args()


def measure(options):
    figures = {"machine": machine(), "load_before": os.getloadavg()}
    wanted = options.parts or PARTS
    print("{processor}, {cores} cores, Linux {kernel}".format(**figures["machine"])
          + ", load {:.1f}".format(figures["load_before"][0]))
    with Lab() as network:
        bench = Bench(network, options)
        kinds = [kind for kind in KINDS if kind in wanted]
        if kinds:
            figures["pairs"] = bench.pairs(kinds)
        for part in ("memory", "start", "lag"):
            if part in wanted:
                figures[part] = getattr(bench, part)()
    kinds = [kind for kind in exchanges.KINDS if kind in wanted]
    if kinds:
        with exchanges.Exchanges(options) as network:
            figures["telephony"] = network.pairs(kinds)
    if "reflector" in wanted:
        with reflection.Reflection(options) as network:
            figures["reflector"] = network.report()
    if "sweep" in wanted:
        with sweeps.Sweeps(options) as network:
            figures["sweep"] = network.report()
    figures["load_after"] = os.getloadavg()
    print("load afterwards {:.1f}".format(figures["load_after"][0]))
    return figures


def main():
    options = arguments()
    lab.sandbox.enter("nginx", "unbound", "dig", "openssl", "kamailio", "turnserver",
                      "slapd", "prosody", "sipp", "nmap",
                      "prometheus-blackbox-exporter")
    try:
        figures = measure(options)
    except (Failed, OSError, subprocess.SubprocessError) as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    if options.json:
        with open(options.json, "w", encoding="utf-8") as file:
            json.dump(figures, file, indent=1)
    return 0


if __name__ == "__main__":
    sys.exit(main())
