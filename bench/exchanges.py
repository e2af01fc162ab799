# SPDX-License-Identifier: Apache-2.0
"""What a check of SIP, STUN, LDAP and XMPP costs, beside a floor of its own.

No other prober speaks them all, so the peer is bench/floor.c: the same exchange with
fixed octets, nothing checked and nothing kept. For SIP sipp runs in the same rounds. The
servers are real ones (kamailio, coturn, slapd, prosody) on the lab's loopback: behind a
veth pair or a firewall the kernel would charge their work to whoever sends.

All are measured in two ways. In a row: the next exchange begins when the one before has
ended, as fast as it goes; so a floor is measured elsewhere, too. At a pace: so many a
second, with sleep between them, as a daemon works; to sleep and to be woken can then cost
more than the exchange, so the floor keeps the same pace.
"""

import os
import resource
import statistics
import time

import lab
import rows
import telephony
from lab import GZIP, Failed, Lab, Page, fetch, processor_seconds

HERE, DOMAIN = "127.0.0.1", "pbx.example.com"  # as floor.c says it

# kind: (port, transport, options, checks a second at a pace, and more than can be done)
KINDS = {
    "sip": (5060, "udp", {}, 500, 5000),
    "stun": (3478, "udp", {}, 500, 5000),
    "ldap": (389, "tcp", {}, 500, 4000),
    "xmpp": (5222, "tcp", {"domain": DOMAIN}, 50, 800),
}

# SIP is to take 40 us where the floor in a row takes 13 and sipp 24. Where the floor
# takes twice as much and more, as on other machines, only the ratios say something.
AIM_US, FLOOR_US, SIPP_US = 40, 13, 24
AIMS = {"sip": {"to_floor": AIM_US / FLOOR_US, "to_sipp": AIM_US / SIPP_US}}

SIPP = """<?xml version="1.0" encoding="UTF-8"?>
<scenario name="options">
  <send retrans="500"><![CDATA[
OPTIONS sip:pbx@[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch];rport
Max-Forwards: 70
From: <sip:sipp@[local_ip]:[local_port]>;tag=[call_number]
To: <sip:pbx@[remote_ip]>
Call-ID: [call_id]
CSeq: 1 OPTIONS
Content-Length: 0
]]></send>
  <recv response="200"/>
</scenario>
"""


class Exchanges(Lab):
    """The lab with servers of telephony."""

    def __init__(self, options):
        super().__init__()
        self.program = options.program
        self.floor = os.path.join(os.path.dirname(options.program), "..", "..", "bench",
                                  "floor")
        self.rounds, self.seconds = options.rounds, 1.0 if options.quick else 3.0

    def build(self):
        super().build()
        self._start_kamailio()
        self._start_slapd()
        self._start_prosody()
        self.start("coturn", "", "turnserver", "-n", "--stun-only", "--listening-ip",
                   HERE, "--no-tls", "--no-dtls", "--no-cli", "--log-file", "stdout",
                   "--pidfile", self.path("coturn.pid"), "--db", self.path("coturn.db"),
                   ready=lambda: self._answers("stun"), seconds=20)

    def _answers(self, kind):
        return self.says("", self.floor, kind, HERE, KINDS[kind][0], 1)[0] == 0

    def _serve(self, name, *command, ready):
        os.makedirs(self.path(name), exist_ok=True)
        self.start(name, "", *command, ready=lambda: self._answers(ready))

    def _start_kamailio(self):
        folder = self.path("kamailio")
        config = self.write("kamailio.cfg", telephony.KAMAILIO.format(
            listens=f"listen=udp:{HERE}:5060", options=telephony.OPTIONS,
            tls=self.write("kamailio.tls", telephony.KAMAILIO_TLS.format(
                method="TLSv1.2+", chain=self.chain, key=self.key, more=""))))
        self._serve("kamailio", "kamailio", "-DD", "-E", "-f", config, "-w", folder,
                    "-Y", folder, "-m", "32", "-M", "8", ready="sip")

    def _start_slapd(self):
        config = self.write("slapd.conf", telephony.SLAPD.format(
            folder=self.path("slapd"), tls="", more=""))
        self._serve("slapd", "slapd", "-d", "0", "-f", config, "-h", f"ldap://{HERE}/",
                    ready="ldap")

    def _start_prosody(self):
        config = self.write("prosody.cfg.lua", telephony.PROSODY.format(
            folder=self.path("prosody"), interfaces=f'"{HERE}"', domain=DOMAIN,
            chain=self.chain, key=self.key, modules=', "tls"', required="true", tls=""))
        self._serve("prosody", "prosody", "-F", "--config", config, ready="xmpp")

    def _floor(self, kind, count, rate=0):
        return float(self.run("", self.floor, kind, HERE, KINDS[kind][0], count, rate))

    def _sipp(self, count, rate):
        """sipp's own processor time for an exchange."""
        scenario = self.write("options.xml", SIPP)
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        self.run("", "sipp", "-sf", scenario, "-m", count, "-r", rate, "-nostdin", HERE,
                 env={**os.environ, "TERM": "dumb"})
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        spent = (after.ru_utime + after.ru_stime) - (before.ru_utime + before.ru_stime)
        return spent * 1e6 / count

    def _configuration(self, kind, checks):
        port, transport, options = KINDS[kind][:3]
        catalogue = self.write("bench.catalogue", rows.catalogue(
            {f"{kind}-{row}": (kind, "$there", port, transport, options)
             for row in range(checks)}, ["there"], rows.Pace("1s", "900ms")))
        return self.write("bench.conf", rows.configuration(
            catalogue, self.root, {"there": HERE}, ipv6="off"))

    def _window(self, process, scrape):
        """Processor time for one check. A page of thousands of checks takes a while, so
        what was spent and what ran are two rates."""
        (first, runs), begun = self._runs(), time.monotonic()
        spent = processor_seconds(process.pid)
        while time.monotonic() < begun + self.seconds:
            time.sleep(1)
            if scrape:
                fetch(lab.DAEMON_PORT, "/metrics", GZIP)
        spent = (processor_seconds(process.pid) - spent) / (time.monotonic() - begun)
        last, runs_then = self._runs()
        return spent * 1e6 * (last - first) / (runs_then - runs)

    @staticmethod
    def _runs():
        """When, and how many were done by then."""
        page = Page()
        return time.monotonic(), page.runs()

    def _ours(self, kind, checks, *scrapes):
        """One check of one host at a time, so more than can be done are done in a row."""
        process = self.start_daemon(self.program, self._configuration(kind, checks))
        time.sleep(2)
        figures = [self._window(process, scrape) for scrape in scrapes]
        failures = Page().total("starface_check_failures_total")
        self.stop("daemon")
        if failures:
            raise Failed(f"{kind}: {failures:g} checks were not ok")
        return figures

    def _round(self, kind):
        rate, flood = KINDS[kind][3:]
        count = int(rate * self.seconds)
        figures = {"floor": self._floor(kind, 4 * count)}
        figures["check"], = self._ours(kind, flood, False)
        figures["paced_floor"] = self._floor(kind, count, rate)
        figures["paced_check"], figures["paced_check_and_scrape"] = self._ours(
            kind, rate, False, True)
        if kind == "sip":
            figures["paced_sipp"] = self._sipp(count, rate)
            figures["to_sipp"] = figures["paced_check"] / figures["paced_sipp"]
        figures["to_floor"] = figures["check"] / figures["floor"]
        figures["to_paced_floor"] = figures["paced_check"] / figures["paced_floor"]
        return figures

    def pair(self, kind):
        """All in turns, so that what slows the machine slows all."""
        rounds = [self._round(kind) for _ in range(self.rounds)]
        row = {name: statistics.median(one[name] for one in rounds) for name in rounds[0]}
        row["met"] = {name: row[name] <= most
                      for name, most in AIMS.get(kind, {}).items()}
        if row["met"] and row["floor"] <= 2 * FLOOR_US:
            row["met"]["us"] = row["check"] <= AIM_US
        return row

    def pairs(self, kinds):
        print(f"processor time for one check in microseconds; median of {self.rounds} "
              "rounds in turns; the floor checks and keeps nothing")
        line = "{:6}{:>7}{:>7}{:>7} |{:>7}{:>7}{:>7}{:>9}{:>7}{:>7}"
        print(line.format("", "in a", "row", "", "at a", "pace", "", "", "", ""))
        print(line.format("kind", "floor", "ours", "ratio", "floor", "sipp", "ours",
                          "scraped", "ratio", "/sipp"))
        figures = {}
        for kind in kinds:
            row = figures[kind] = self.pair(kind)
            sipp = row.get("paced_sipp")
            print(line.format(
                kind, f"{row['floor']:.0f}", f"{row['check']:.0f}",
                f"{row['to_floor']:.1f}", f"{row['paced_floor']:.0f}",
                f"{sipp:.0f}" if sipp else "-", f"{row['paced_check']:.0f}",
                f"{row['paced_check_and_scrape']:.0f}", f"{row['to_paced_floor']:.1f}",
                f"{row['to_sipp']:.1f}" if sipp else "-"), flush=True)
            for name, is_met in row["met"].items():
                most = AIMS[kind].get(name, AIM_US)
                print(f"    aim {name.replace('_', ' ')} <= {most:.2g}: "
                      f"{lab.met(is_met)}")
        return figures
