#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""What a check costs, beside Debian's blackbox exporter, and what many checks need.

usage: bench.py PROGRAM [cost|memory|lag ...]

Both probers run on one loopback, one after the other within the same minute, against the
same servers; absolute figures move with the machine, the ratios are what counts.
"""

import re
import statistics
import sys
import time

import lab
import rows
from lab import DAEMON_PORT, Lab

ROUNDS, SECONDS = 5, 3.0

# kind: (kind of probe, where, port, transport, options, rows, interval). HTTPS needs the
# certificate's name; the resolver asks once a minute for it.
KINDS = {
    "tcp": ("tcp", "$hosts", lab.TCP, "tcp", {}, 2, "100ms"),
    "http": ("http", "$hosts", lab.HTTP, "tcp", {}, 2, "100ms"),
    "dns": ("dns", "$hosts", lab.DNS, "udp", {"name": lab.NAME}, 2, "100ms"),
    "tls": ("tls", "$hosts", lab.HTTPS, "tcp", {"server_name": lab.NAME}, 1, "200ms"),
    "https": ("http", "$names", lab.HTTPS, "tcp", {"tls": True}, 1, "200ms"),
}
AIMS = {"tcp": 6, "http": 4, "dns": 10, "https": 1}

SAMPLE = re.compile(r"^(\w+)(?:\{.*\})? (\S+)$", re.MULTILINE)


def configuration(network, kinds, hosts, pace):
    """A catalogue of `kinds` rows, each at all hosts; the file's text."""
    table = {}
    for name, copies in kinds.items():
        probe, where, port, transport, options, _, _ = KINDS[name]
        for copy in range(copies):
            table[f"{name}-{copy}"] = (probe, where, port, transport, options)
    variables = {"hosts": lab.hosts(hosts), "names": lab.names(hosts)}
    catalogue = network.write("bench.catalogue", rows.catalogue(table, variables, pace))
    return rows.configuration(catalogue, network.root, variables, ipv6="off")


def metric(name, body=None):
    """The sum of a metric's samples."""
    body = lab.fetch(DAEMON_PORT, "/metrics")[1] if body is None else body
    return sum(float(value) for found, value in SAMPLE.findall(body.decode())
               if found == name)


def successes(body):
    return metric("starface_check_success", body)


def daemon_cost(network, program, kind):
    """Seconds of processor time for each check, with a scrape each second."""
    *_, copies, interval = KINDS[kind]
    process = network.start_daemon(program, configuration(
        network, {kind: copies}, lab.HOSTS, rows.Pace(interval, interval)))
    time.sleep(0.5)
    runs, spent = metric("starface_check_runs_total"), lab.processor_seconds(process.pid)
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        time.sleep(1)
        body = lab.fetch(DAEMON_PORT, "/metrics")[1]
    spent = lab.processor_seconds(process.pid) - spent
    runs = metric("starface_check_runs_total", body) - runs
    wrong = copies * lab.HOSTS - successes(body)
    network.stop("daemon")
    if wrong:
        raise RuntimeError(f"{kind}: {wrong:g} checks are not ok")
    return spent / runs


def blackbox_cost(network, kind):
    process = network.start_blackbox()
    lab.blackbox_burst(kind, 0.5)
    spent = lab.processor_seconds(process.pid)
    runs = lab.blackbox_burst(kind, SECONDS)
    spent = lab.processor_seconds(process.pid) - spent
    network.stop("blackbox")
    return spent / runs


def cost(network, program):
    print("processor time for one check, microseconds, median of "
          f"{ROUNDS} rounds of {SECONDS:g} s")
    print(f"{'kind':8}{'blackbox':>10}{'daemon':>10}{'ratio':>8}{'aim':>8}")
    short = []
    for kind in KINDS:
        theirs, ours = [], []
        for _ in range(ROUNDS):
            theirs.append(blackbox_cost(network, kind) * 1e6)
            ours.append(daemon_cost(network, program, kind) * 1e6)
        their, our = statistics.median(theirs), statistics.median(ours)
        aim = AIMS.get(kind)
        print(f"{kind:8}{their:10.0f}{our:10.0f}{their / our:8.1f}"
              f"{f'>= {aim}' if aim else '':>8}", flush=True)
        if aim and their / our < aim:
            short.append(kind)
    if short:
        print(f"short of the aim: {' '.join(short)}")


# Rows of each kind for a mixture; the shares of a real site are near to it.
MIXTURE = {"tcp": 2, "http": 1, "dns": 1, "https": 1}


def memory(network, program):
    for hosts, checks in ((200, 1000), (4000, 20000)):
        process = network.start_daemon(program, configuration(
            network, MIXTURE, hosts, rows.Pace("60s", "5s")))
        begun = lab.resident_bytes(process.pid)
        time.sleep(62)  # every check ran once, and nobody asked yet
        rest = lab.resident_bytes(process.pid)
        runs = metric("starface_check_runs_total")
        if runs < checks:
            raise RuntimeError(f"only {runs:.0f} of {checks} checks ran")
        plain = sorted(lab.fetch(DAEMON_PORT, "/metrics")[0] for _ in range(5))
        packed = sorted(lab.fetch(DAEMON_PORT, "/metrics",
                                  {"Accept-Encoding": "gzip"})[0] for _ in range(5))
        size = len(lab.fetch(DAEMON_PORT, "/metrics")[1])
        resident = lab.resident_bytes(process.pid)
        print(f"{checks} checks: {begun / 2**20:.1f} MiB resident at the start, "
              f"{rest / 2**20:.1f} after a run of each, {resident / 2**20:.1f} after "
              f"scrapes; a scrape of {size / 1e6:.1f} MB takes "
              f"{plain[2] * 1e3:.0f} ms, by gzip {packed[2] * 1e3:.0f} ms",
              flush=True)
        network.stop("daemon")


def lag(network, program):
    process = network.start_daemon(program, configuration(
        network, MIXTURE, 1000, rows.Pace("60s", "5s")))
    begun, spent = time.monotonic(), lab.processor_seconds(process.pid)
    while time.monotonic() < begun + 65:
        lab.fetch(DAEMON_PORT, "/metrics", {"Accept-Encoding": "gzip"})
        time.sleep(1)
    body = lab.fetch(DAEMON_PORT, "/metrics")[1]
    spent = lab.processor_seconds(process.pid) - spent
    print(f"5000 mixed checks a minute and a scrape each second: largest loop lag "
          f"{metric('starface_exporter_loop_lag_max_seconds', body) * 1e3:.1f} ms, "
          f"{spent / (time.monotonic() - begun) * 100:.1f} % of a core, "
          f"{metric('starface_check_runs_total', body):.0f} runs, "
          f"{successes(body):.0f} of 5000 ok")
    network.stop("daemon")


PARTS = {"cost": cost, "memory": memory, "lag": lag}


def main():
    lab.sandbox.enter("nginx", "unbound", "dig", "openssl",
                      "prometheus-blackbox-exporter")
    wanted = sys.argv[2:] or list(PARTS)
    with Lab() as network:
        for part in wanted:
            PARTS[part](network, sys.argv[1])


if __name__ == "__main__":
    main()
