#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The kind ntp against a real chronyd: synchronised and not."""

import contextlib
import os
import subprocess
import sys

from asking import ask, expect, network, until

import sandbox

CONFIG = """
port 123
{more}
allow all
cmdport 0
bindcmdaddress /
pidfile {folder}/chronyd.pid
"""


@contextlib.contextmanager
def chronyd(more):
    folder = sandbox.FOLDER
    path = os.path.join(folder, "chrony.conf")
    with open(path, "w", encoding="utf-8") as file:
        file.write(CONFIG.format(folder=folder, more=more))
    # -x: the clock of the machine is not ours; -d: in the foreground
    command = ["chronyd", "-x", "-d", "-u", "root", "-f", path]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL) as process:
        try:
            until(lambda: "ntp_stratum" in ask("ntp", "127.0.0.1", 123, timeout_ms=200),
                  "chronyd answers")
            yield
        finally:
            process.terminate()


def synchronised():
    for address in ("127.0.0.1", "::1"):
        outcome = ask("ntp", address, 123)
        expect(outcome, verdict="ok", cause="none", ntp_stratum=8, ntp_leap=0,
               retransmissions=0, ntp_arrival_stamped=1, stray_datagrams=0)
        # the server's clock is this host's; both stamps are of the same kernel
        assert abs(float(outcome["ntp_offset_seconds"])) < 0.005, outcome
        assert 0 <= float(outcome["ntp_delay_seconds"]) < 0.01, outcome
        assert float(outcome["ntp_root_delay_seconds"]) < 0.001, outcome


def unsynchronised():
    outcome = ask("ntp", "127.0.0.1", 123)
    expect(outcome, verdict="failed", cause="ntp-unsynchronised", evidence="ntp", code=3,
           type=16, ntp_leap=3, ntp_stratum=16, offender="127.0.0.1",
           ntp_offset_seconds=None)


def main():
    sandbox.enter("chronyd")
    network("link set lo up")
    for more, step in (("local stratum 8", synchronised), ("", unsynchronised)):
        with chronyd(more):
            step()
        print(f"ok {step.__name__}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
