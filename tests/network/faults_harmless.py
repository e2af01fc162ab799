# SPDX-License-Identifier: Apache-2.0
"""What a usual path does, which must alarm nobody."""

from functools import partial

import changes
from fault import Fault, all_proofs, said, sniffed
from model import PBX, PROBER, address_of, ipv4
from rows import SIZES
from servers import ECHO_UDP, TOOL

LICENSE = address_of("license.starface.de")
SECONDS = 13  # four runs of each check and a bit


def bad_path(name, what, options, proof):
    """All packets of all hosts, both ways, of both families."""
    return Fault(name, what, partial(changes.impaired, options=options), proof, {},
                 steady=SECONDS)


def train(words):
    """Of 300 numbered datagrams and their echoes."""
    return said("yes", "sh", "-c", " ".join([
        *TOOL, "train", ipv4(PBX), str(ECHO_UDP[0]), "300", "0.002"]) +
        f" | python3 -c 'import json, sys; back = json.load(sys.stdin); "
        f"numbers = [number for number, _, _ in back]; print({words} and \"yes\")'")


HARMLESS = [
    bad_path("loss-of-5-percent", "One packet in twenty is lost", ["--loss", "5"],
             train("len(numbers) < 295")),
    bad_path("loss-in-bursts", "One packet in fifty is lost, three in a row",
             ["--loss", "2", "--burst", "3"], train("len(numbers) < 298")),
    bad_path("duplicates", "One packet in five comes twice", ["--duplicate", "20"],
             train("len(numbers) > 310")),
    bad_path("reordering", "One packet in ten is overtaken", ["--reorder", "10"],
             train("numbers != sorted(numbers)")),
    bad_path("corruption", "One packet in twenty-five arrives altered",
             ["--corrupt", "4"], train("len(numbers) < 298")),
    # XMPP takes seven round trips until it is through with TLS.
    bad_path("long-way", "150 ms more each way", ["--delay", "150"],
             all_proofs(train("min(delay for _, _, delay in back) > 0.28"),
                        said("0.", "curl", "-s", "-o", "/dev/null", "-w",
                             "%{time_connect}", f"http://{LICENSE}/"))),
    Fault("tunnel-that-says-so", "A router on the way takes 1300 octets, and says so",
          partial(changes.narrow, octets=1300),
          sniffed(f"ip saddr {ipv4(PROBER, 1)} icmp type 3 icmp code 4", "ping", "-c",
                  "1", "-W", "1", "-s", "1400", "-M", "probe", ipv4(PBX)),
          {}, more=SIZES, steady=SECONDS),
    bad_path("jitter", "Up to 60 ms more or less each way",
             ["--delay", "70", "--jitter", "60"],
             train("max(delay for _, _, delay in back) > 0.15")),
]
