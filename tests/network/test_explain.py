#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`explain` beside real servers and a real firewall: now, and as the daemon remembers it.

usage: test_explain.py PROGRAM
"""

import json
import subprocess
import sys

import sandbox
import world
from model import PROBER, Failed, wait
from monitoring import vendor_configuration

ROW = "license-80"
FORBID = "tcp dport 80 reject with icmpx type admin-prohibited"


def explain(net, configuration, *words):
    """(exit status, standard output and error)"""
    command = [net.program, f"--config.file={configuration}", "explain", *words]
    done = subprocess.run(net.model.inside(PROBER, command), capture_output=True,
                          text=True, timeout=60, check=False)
    return done.returncode, done.stdout + done.stderr


def expect(said, code, *words, absent=()):
    status, text = said
    missing = [word for word in words if word not in text]
    missing += [f"no {word}" for word in absent if word in text]
    if status != code or missing:
        raise Failed(f"exit {status}, not {code}; missing {missing} in:\n{text}")


def answers(net, configuration):
    """A row that is well shows what was said all the same."""
    expect(explain(net, configuration, ROW), 0, f"{ROW} at site", ": ok\n",
           "sent, ", "GET / HTTP/1.1\n", "received, ", "HTTP/1.1 200 OK\n",
           "Nothing has to be changed.", absent=("table inet",))
    expect(explain(net, configuration, "license-443"), 0, "TLS ClientHello sent",
           "  TLS 1.", "certificate of ", "HTTP/1.1 200 OK\n")


def forbidden(net, configuration):
    net.model.rule(FORBID)
    expect(explain(net, configuration, ROW), 2, ": failed\n",
           "Who said so: ICMP 3/13 from 192.0.2.1\n",
           "Change the rule on 192.0.2.1: it refuses license.starface.de:80/tcp from",
           "What breaks without it\n",
           f'tcp dport 80 counter accept comment "{ROW}"')
    expect(explain(net, configuration, ROW, "--language=de"), 2, ": ausgefallen\n",
           "Die Regel auf 192.0.2.1 ändern", "Was gesagt wurde\n", " an 203.0.113.",
           absent=("What", "Change"))
    net.model.no_rules()


def remembered(net, configuration):
    net.start_daemon(configuration)
    until(net, "ok")
    net.model.rule(FORBID)
    until(net, "failed")
    expect(explain(net, configuration, ROW, "--daemon"), 2, ": failed\n",
           "failed since 20",
           " → failed, icmp-admin-prohibited, license.starface.de:80 ipv",
           "The last runs that were not ok\n", "connect: icmp-admin-prohibited\n")
    net.model.no_rules()
    until(net, "ok")
    net.daemon.send_signal(1)  # SIGHUP: the memory survives a reload
    wait("reloaded", lambda: "reload" in net.model.log("daemon"), 10)
    expect(explain(net, configuration, ROW, "--daemon", "--language=de"), 0,
           ": in Ordnung\n", " → in Ordnung", " → ausgefallen, icmp", "unbekannt → ",
           "connect: icmp-admin-prohibited\n", "Wie sich ihr Zustand änderte\n",
           absent=("What", "The "))
    failed = place(net)["failed_runs"]
    assert failed and failed[0]["conversation"], failed
    states = [one["after"] for one in place(net)["history"]]
    assert states[0] == "ok" and "failed" in states, states
    assert "conversation" not in net.get("/api/v1/status")


def misspelt(net, configuration):
    expect(explain(net, configuration, "licence-80"), 3,
           'no requirement "licence-80"; did you mean "license-80"?')
    expect(explain(net, configuration, "licence-80", "--daemon"), 3,
           'no requirement "licence-80"; did you mean "license-80"?')
    for row in (ROW, "all"):
        expect(explain(net, configuration, row, "--daemon", "--site=nowhere"), 3,
               'there is no site "nowhere"; the daemon knows: ', absent=("status",))
    expect(explain(net, configuration), 0, "\nlicense-80 ")
    net.stop_daemon()
    expect(explain(net, configuration, ROW, "--daemon"), 3,
           "no daemon answers at http://127.0.0.1:29115: ", "running?")


def place(net):
    return json.loads(net.get(f"/api/v1/requirements/{ROW}"))["sites"][0]


def until(net, verdict):
    wait(f"{ROW} is {verdict}",
         lambda: place(net)["requirement"]["verdict"] == verdict, 30)


def main():
    sandbox.enter(*world.TOOLS)
    net = world.World(sys.argv[1])
    with net:
        configuration = vendor_configuration(net, {ROW: "1s"})
        for step in (answers, forbidden, remembered, misspelt):
            step(net, configuration)
            print(f"ok {step.__name__}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
