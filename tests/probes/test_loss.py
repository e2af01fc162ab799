#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A path that loses one packet of twenty in each direction raises no alarm.

An exchange of two packets fails with 9.75 % then; three within the deadline with 0.09 %,
and two runs that agree, as a state needs, once in a million. Real servers on the loopback
of this sandbox, everything 25 times faster than by default. LOSS_RUNS says how many runs
of each kind; with 2000 it takes a minute and a half.
"""

import contextlib
import os
import socket
import subprocess
import sys
import threading

from asking import ask, network, until

import sandbox
from test_chrony import chronyd
from test_unbound import unbound

RUNS = int(os.environ.get("LOSS_RUNS", "400"))
LOST = 0.0975
ECHO, SIP = 7, 5060
TIMEOUT_MS = {"once": 50, "again": 200}
# kind, port, its usual wait of 1 s, 2 s, 500 ms divided by 25, more options
KINDS = (("dns", 53, "40ms", ()), ("ntp", 123, "80ms", ()), ("stun", 3478, "20ms", ()),
         ("sip", SIP, "20ms", ()),
         ("udp", ECHO, "40ms", ("owes_answer", "true", "payload", "?")))


def sip_answer(data):
    """RFC 3261, 8.2.6.2: the answer carries these headers of the request."""
    kept = (b"via:", b"from:", b"to:", b"call-id:", b"cseq:")
    lines = [line for line in data.split(b"\r\n") if line.lower().startswith(kept)]
    return b"\r\n".join([b"SIP/2.0 200 OK", *lines, b"Content-Length: 0", b"", b""])


def answer(port):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", port))
        while True:
            data, peer = server.recvfrom(2048)
            server.sendto(sip_answer(data) if port == SIP else data, peer)


@contextlib.contextmanager
def coturn():
    folder = sandbox.FOLDER
    command = ["turnserver", "-n", "--stun-only", "--no-cli", "--no-tcp", "--no-tls",
               "--no-dtls", "--no-auth", "--log-file=stdout", "--simple-log",
               f"--userdb={folder}/turndb", f"--pidfile={folder}/turnserver.pid",
               "--listening-ip=127.0.0.1"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL) as process:
        try:
            until(lambda: ask("stun", "127.0.0.1", 3478, timeout_ms=200)["verdict"]
                  == "ok", "coturn answers")
            yield
        finally:
            process.terminate()


def lose():
    lines = [f"udp {side}port {port} numgen random mod 20 0 drop"
             for _, port, _, _ in KINDS for side in "ds"]
    rules = "\n".join(lines)
    subprocess.run(["nft", "-f", "-"], check=True, text=True, input=f"""table inet t {{
        chain c {{
        type filter hook input priority 0
        {rules}
        }}
        }}""")


def run(how, kind, port, wait, more):
    done = ask(kind, "127.0.0.1", port, "repeat_after", wait, *more,
               timeout_ms=f"{TIMEOUT_MS[how]}x{RUNS}")
    good = int(done.pop("none", 0))
    return RUNS - good, done


def main():
    sandbox.enter("chronyd", "turnserver", "unbound")
    network("link set lo up", "addr add 192.0.2.53/32 dev lo")
    for port in (ECHO, SIP):
        threading.Thread(target=answer, args=(port,), daemon=True).start()
    with chronyd("local stratum 8"), unbound(), coturn():
        lose()
        for kind, port, wait, more in KINDS:
            once, _ = run("once", kind, port, "0s", more)
            failed, causes = run("again", kind, port, wait, more)
            print(f"{kind}: of {RUNS} runs {once} failed asked once, {failed} asked "
                  f"again {causes or ''}", flush=True)
            # five standard deviations around what chance allows
            spread = 5 * (RUNS * LOST * (1 - LOST)) ** 0.5
            assert abs(once - RUNS * LOST) < spread, "the loss is not there"
            assert failed <= 5 + RUNS // 200
    return 0


if __name__ == "__main__":
    sys.exit(main())
