# SPDX-License-Identifier: Apache-2.0
"""What a check of SIP, STUN, LDAP and XMPP costs, beside a floor of its own.

No other prober speaks them all, so the peer is bench/floor.c: the same exchange with
fixed octets, nothing checked and nothing kept. For SIP sipp runs in the same rounds. The
servers are real ones (kamailio, coturn, slapd, prosody) on the lab's loopback: behind a
veth pair or a firewall the kernel would charge their work to whoever sends.
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

# kind: (port, transport, options, checks a second)
KINDS = {
    "sip": (5060, "udp", {}, 500),
    "stun": (3478, "udp", {}, 500),
    "ldap": (389, "tcp", {}, 500),
    "xmpp": (5222, "tcp", {"domain": DOMAIN}, 50),
}
AIMS = {"sip": 40}  # microseconds

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

    def _floor(self, kind, count):
        return float(self.run("", self.floor, kind, HERE, KINDS[kind][0], count))

    def _sipp(self, count):
        """sipp's own processor time for an exchange, at the rate of ours."""
        scenario = self.write("options.xml", SIPP)
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        self.run("", "sipp", "-sf", scenario, "-m", count, "-r", 500, "-nostdin", HERE,
                 env={**os.environ, "TERM": "dumb"})
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        spent = (after.ru_utime + after.ru_stime) - (before.ru_utime + before.ru_stime)
        return spent * 1e6 / count

    def _configuration(self, kind):
        port, transport, options, rate = KINDS[kind]
        catalogue = self.write("bench.catalogue", rows.catalogue(
            {f"{kind}-{row}": (kind, "$there", port, transport, options)
             for row in range(rate)}, ["there"], rows.Pace("1s", "900ms")))
        return self.write("bench.conf", rows.configuration(
            catalogue, self.root, {"there": HERE}, ipv6="off"))

    def _ours(self, kind):
        process = self.start_daemon(self.program, self._configuration(kind))
        time.sleep(2)
        figures = []
        for scrape in (False, True):
            runs, spent = Page().runs(), processor_seconds(process.pid)
            end = time.monotonic() + self.seconds
            while time.monotonic() < end:
                time.sleep(1)
                if scrape:
                    fetch(lab.DAEMON_PORT, "/metrics", GZIP)
            spent = processor_seconds(process.pid) - spent
            figures.append(spent * 1e6 / (Page().runs() - runs))
        good, wanted = Page().total("starface_check_success"), KINDS[kind][3]
        self.stop("daemon")
        if good != wanted:
            raise Failed(f"{kind}: {good:g} of {wanted} checks are ok")
        return figures

    def pair(self, kind):
        """All in turns, so that what slows the machine slows all."""
        floor, ours, scraped, sipp = [], [], [], []
        count = int(KINDS[kind][3] * self.seconds)
        for _ in range(self.rounds):
            floor.append(self._floor(kind, count))
            alone, with_scrape = self._ours(kind)
            ours.append(alone)
            scraped.append(with_scrape)
            if kind == "sip":
                sipp.append(self._sipp(count))
        return {"floor_us": statistics.median(floor), "check_us": statistics.median(ours),
                "check_and_scrape_us": statistics.median(scraped),
                "sipp_us": statistics.median(sipp) if sipp else None,
                "to_floor": statistics.median(
                    our / least for our, least in zip(ours, floor)),
                "aim_us": AIMS.get(kind)}

    def pairs(self, kinds):
        print(f"processor time for one check in microseconds; median of {self.rounds} "
              "rounds in turns; the floor checks and keeps nothing")
        line = "{:8}{:>8}{:>8}{:>8}{:>14}{:>10}{:>8}{:>6}"
        print(line.format("kind", "floor", "sipp", "ours", "with scrapes", "to floor",
                          "aim", "met"))
        figures = {}
        for kind in kinds:
            row = figures[kind] = self.pair(kind)
            aim, sipp = row["aim_us"], row["sipp_us"]
            print(line.format(
                kind, f"{row['floor_us']:.0f}", f"{sipp:.0f}" if sipp else "-",
                f"{row['check_us']:.0f}", f"{row['check_and_scrape_us']:.0f}",
                f"{row['to_floor']:.1f}", f"<= {aim}" if aim else "-",
                lab.met(row["check_us"] <= aim) if aim else ""), flush=True)
        return figures
