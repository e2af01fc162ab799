#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""`./dev run` as a newcomer types it, in a network where the vendor's names are served.

Every row of the vendor's page must stand in /metrics, in /api/v1/status and on /, with a
verdict, a cause and a sentence, within one interval; then the same with --pbx.

usage: test_default_run.py DEV
"""

import html
import os
import re
import sys
import time

import sandbox
import world
from model import PBX_NAME, PROBER, Failed, wait

INTERVAL = 60  # of cloud rows

# The vendor's page row by row. OPEN rows are what its text leaves blank.
PBX_ROWS = ("web-http", "rest-http", "web-https", "apps-https", "sip-udp", "sip-tcp",
            "sip-tls", "xmpp", "prov-http", "prov-tls")
CLOUD_ROWS = ("iplookup-80", "license-80", "license-443", "license-8383", "update-80",
              "update-443", "cdn-80", "cdn-443", "wwwcdn-80", "wwwcdn-443",
              "siptrunk-443", "dns-udp", "dns-tcp", "ntp", "connect-dns")
OTHER_ROWS = ("ldap", "ldaps", "ad-auth", "fed-tcp", "fed-udp", "tls10-rule",
              "mobile-dns", "connect", "connect-addresses", "neon", "yealink")
RTP_ROWS = ("rtp-in", "rtp-out")

# Additions: which versions of TLS those ports accept. Absent while there is no PBX.
CLOUD_SWEEPS = ("tls-license", "tls-license-8383", "tls-update", "tls-cdn", "tls-wwwcdn",
                "tls-siptrunk")
PBX_SWEEPS = ("tls-web", "tls-sip", "tls-xmpp", "tls-prov", "sip-udp-size",
              "sip-tls-size")

STATE = re.compile(r'^starface_requirement_state\{[^}]*requirement="([^"]+)",'
                   r'[^}]*state="(\w+)"[^}]*\} 1$', re.MULTILINE)

ROW = re.compile(r'<tr id="hq\.([^"]+)" class="(\w+)">(.*?)</tr>', re.DOTALL)


def verdict_of(rows, names, verdict, causes):
    for name in names:
        row = rows[name]
        if row["verdict"] != verdict or row["cause"] not in causes:
            yield f"{name}: {row['verdict']} {row['cause']}, not {verdict} {causes}"
        if not row["sentence"]:
            yield f"{name} has no sentence"


def rows_of(net):
    status = net.status()
    return {row["id"]: row for site in status["sites"] for row in site["requirements"]}


def not_yet(net, expected):
    """What is not as expected in the JSON; expected: (names, verdict, causes)."""
    rows = rows_of(net)
    missing = [name for names, _, _ in expected for name in names if name not in rows]
    if missing:
        return [f"no row {' '.join(missing)}"]
    return [line for names, verdict, causes in expected
            for line in verdict_of(rows, names, verdict, causes)]


def shown_everywhere(net):
    """The three views tell one story."""
    rows = rows_of(net)
    metrics = dict(STATE.findall(net.get("/metrics")))
    page = {name: (verdict, html.unescape(text))
            for name, verdict, text in ROW.findall(net.get("/"))}
    faults = []
    for name, row in rows.items():
        if metrics.get(name) != row["verdict"]:
            faults.append(f"/metrics says {metrics.get(name)} of {name}")
        verdict, text = page.get(name, ("nothing", ""))
        if verdict != row["verdict"]:
            faults.append(f"/ says {verdict} of {name}")
        faults += [f"/ does not show '{word}' of {name}"
                   for word in (row["cause"], row["sentence"]) if word not in text]
    return faults


def expect(net, what, expected):
    begun = time.monotonic()
    last = []

    def happened():
        last[:] = not_yet(net, expected)
        time.sleep(0.5)
        return not last
    try:
        wait(what, happened, INTERVAL + 10)
    except Failed as failure:
        raise Failed("\n  ".join([str(failure), *last])) from None
    faults = shown_everywhere(net)
    if faults:
        raise Failed("\n  ".join([what, *faults]))
    print(f"ok {what}, {time.monotonic() - begun:.0f} s after the start", flush=True)


def run(net, *arguments):
    net.daemon = net.model.start(
        "daemon", PROBER, net.program, "run", *arguments, seconds=400,
        ready=lambda: net.get("/-/ready", check=False) is not None)


def main():
    sandbox.enter(*world.TOOLS, "meson")
    net = world.World(sys.argv[1])
    blank = (OTHER_ROWS, "unknown", ("not-configured", "not-testable-here"))
    rtp = (RTP_ROWS, "unknown", ("not-configured", "not-testable-here"))
    cloud = (CLOUD_ROWS + CLOUD_SWEEPS, "ok", ("none",))
    with net:
        run(net)
        words = net.model.log("daemon")
        assert f"http://localhost:{world.PORT}/" in words, words
        expect(net, "every row of the page without a word of configuration",
               [cloud, blank, rtp, (PBX_ROWS, "unknown", ("not-configured",))])
        net.stop_daemon()
        run(net, "--pbx", PBX_NAME)
        expect(net, "and with --pbx",
               [cloud, blank, (("rtp-in",), "ok", ("none",)),
                (("rtp-out",), "unknown", ("not-configured",)),
                (PBX_ROWS + PBX_SWEEPS, "ok", ("none",))])
        net.stop_daemon()
    return 0


if __name__ == "__main__":
    os.environ.setdefault("LC_ALL", "C.UTF-8")
    sys.exit(main())
