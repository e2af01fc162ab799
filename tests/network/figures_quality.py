# SPDX-License-Identifier: Apache-2.0
"""How far what is said of a stream is from what was injected: loss, delay, jitter."""

import random
import statistics

import rtp_world
import test_voice
import voice_cases
from voice_cases import Case, impaired, measured, spread

RUNS = 3  # of each case, of both families: six streams

WAYS = {"forward": "dport", "backward": "sport"}
LOSSES = (["--loss", "1"], ["--loss", "5"], ["--loss", "20"],
          ["--loss", "10", "--burst", "5"])
DELAYS = (20, 50, 150)
JITTERS = (5, 20, 60)


def streams(net, case):
    """(runs of both families, what impair took of them), RUNS times."""
    for _ in range(RUNS):
        yield test_voice.measure(net, case)


def case_of(options, way, lost=""):
    return Case("figure", "", impaired(*options, way=WAYS[way]), "", "", lost=lost)


def losses(net):
    for options in LOSSES:
        for way in WAYS:
            taken = said = other = 0
            for runs, count in streams(net, case_of(options, way, way)):
                taken += count
                said += test_voice.lost_of(runs, way)
                other += sum(test_voice.lost_of(runs, name)
                             for name in WAYS if name != way)
            yield (f"{' '.join(options)} {way}: {taken} packets taken, {said} told "
                   f"{way}, {other} the other way")


def values(net, case, name):
    return [run.value(name) * 1000 for runs, _ in streams(net, case)
            for run in runs.values()]


def delays(net):
    calm = Case("figure", "", voice_cases.calm, "", "")
    base = statistics.median(values(net, calm, "rtp_round_trip_seconds"))
    yield f"round trip of the path itself: {base:.2f} ms"
    for delay in DELAYS:
        told = values(net, case_of(["--delay", str(delay)], "forward"),
                      "rtp_round_trip_seconds")
        errors = [value - base - delay for value in told]
        yield (f"--delay {delay}: {min(errors):+.2f} to {max(errors):+.2f} ms off, "
               f"median {statistics.median(errors):+.2f}")


def expected(most):
    """Means of what a slow measure finds on the same path, played."""
    chance = random.Random(1)
    runs = [measured([spread(most)(chance) for _ in
                      range(voice_cases.PACKETS)]) for _ in range(500)]
    return {name: statistics.mean(run[name] for run in runs) * 1000 for name in runs[0]}


def jitters(net):
    shown = {"rtp_jitter_seconds": "RFC 3550",
             "rtp_delay_variation_seconds 50": "median variation",
             "rtp_delay_variation_seconds 99": "99th percentile"}
    for most in JITTERS:
        due = expected(most)
        case = case_of(["--delay", str(most + 10), "--jitter", str(most)], "forward")
        runs = [run for both, _ in streams(net, case) for run in both.values()]
        words = []
        for name, title in shown.items():
            gauge, _, label = name.partition(" ")
            told = statistics.mean(
                run.value(f"{gauge} forward {label}") * 1000
                for run in runs)
            words.append(f"{title} {told:.1f} of {due[name]:.1f}")
        yield f"--jitter {most}: {', '.join(words)} ms"


def measure():
    with rtp_world.enter() as net:
        for part in (losses, delays, jitters):
            for line in part(net):
                print(line, flush=True)
    return 0
