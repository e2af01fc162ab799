# SPDX-License-Identifier: Apache-2.0
"""The model network with a reflector on the PBX, and the program that asks its ports."""

import fnmatch
import json
import os
import re
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass

import changes
import rows
import sandbox
import world
from model import PBX, PROBER, Failed, ipv4, ipv6, persist

FIRST, LAST = 10000, 10999
RANGE = frozenset(range(FIRST, LAST + 1))
CONTROL = 862

# Both families ask all ports in each run; at this pace that takes 50 ms.
ALL = {"mode": "stamp", "ports_per_run": 65535, "packets_per_second": 20000}
FAMILIES = {"v4": ipv4, "v6": ipv6}

# A run that must ask blocked ports three times takes about three seconds.
PACE = rows.Pace("30s", "25s")


@dataclass(frozen=True)
class Port:
    """What the program says of a port."""
    state: str
    cause: str = None      # of a refused one …
    offender: str = None   # … who said so


OPEN = Port("open")


def ranges(ports):
    """"10000-10002 10007": for people."""
    text, ports = [], sorted(ports)
    while ports:
        last = next((i for i, port in enumerate(ports) if port != ports[0] + i),
                    len(ports)) - 1
        text.append(f"{ports[0]}-{ports[last]}" if last else str(ports[0]))
        ports = ports[last + 1:]
    return " ".join(text)


def nft_set(ports):
    """Ports as nft writes them."""
    return "{ " + ", ".join(ranges(ports).split()) + " }"


class Run:
    """The last run of one check: its verdict, its ports one by one, its figures."""

    def __init__(self, check):
        run = check["last_run"]
        self.verdict, self.cause = run["verdict"], run["cause"]
        self.evidence = run["evidence"] or {}
        self.values = run["values"]
        self.ports = {}
        for one in (check["ports"] or {"ranges": []})["ranges"]:
            port = Port(one["state"], one["cause"],
                        (one["evidence"] or {}).get("offender"))
            self.ports.update(dict.fromkeys(range(one["first"], one["last"] + 1), port))
        self.blocked = [(one["first"], one["last"])
                        for one in (check["ports"] or {"blocked": []})["blocked"]]

    def value(self, name):
        """Of a gauge, with its labels behind it: "rtp_loss_ratio forward"."""
        value = self.values
        for part in name.split():
            value = value[part]
        return value

    def differs(self, case):
        """How verdict, words and figures are not what a case expects."""
        words = self.evidence.get("detail") or ""
        if self.verdict not in case.verdict.split("|") or \
                self.cause not in case.causes.split("|"):
            yield f"{self.verdict}, {self.cause}, {words}"
        if case.words not in words:
            yield f"evidence is {words}, not {case.words}"
        for name, (least, most) in case.figures.items():
            value = self.value(name)
            if value is None or not least <= value <= most:
                yield f"{name} is {value}, not {least:.4g} to {most:.4g}"

    def told(self):
        """Port: numbers, for each of what is said of them."""
        found = {}
        for port, said in self.ports.items():
            found.setdefault(said, set()).add(port)
        return found


class RtpWorld(world.World):
    """Without the servers of the other tests: a network, a reflector, and us."""

    def __enter__(self):
        self.model.build()
        return self

    @contextmanager
    def reflector(self, *flags, where=PBX, ports=f"{FIRST}-{LAST}", key=None):
        """Serves all of these ports before the block begins; in the end says how many
        packets it answered, and how many not, in the dictionary it gives."""
        name, counts = f"reflector-{where}", {}
        how = [f"--reflector.key-file={key}"] if key else ["--reflector.open"]
        self.model.start(name, where, self.program, "reflector", *how,
                         f"--reflector.ports={ports}", *flags,
                         ready=lambda: "state=held" in self.model.log(name))
        try:
            yield counts
        finally:
            self.model.stop(name)
            ended = re.search(r"answered=(\d+) dropped=(\d+)", self.model.log(name))
            os.remove(self.model.path(f"{name}.log"))
            if ended:
                counts.update(answered=int(ended[1]), dropped=int(ended[2]))

    def configure(self, options, kind="rtp", host=PBX, ports=f"{FIRST}-{LAST}",
                  pace=PACE, families=tuple(FAMILIES)):
        """A row for each family."""
        variables = {name: address(host) for name, address in FAMILIES.items()
                     if name in families}
        catalogue = self.model.write("test.catalogue", rows.catalogue(
            {f"rtp-{name}": (kind, f"${name}", f'"{ports}"', "udp", options)
             for name in variables}, variables, pace))
        return self.model.write("test.conf", rows.configuration(
            catalogue, "/etc/ssl/certs/ca-certificates.crt", variables))

    def key(self, name="rtp.key"):
        """The path of a secret of the program's making."""
        path = self.model.path(name)
        if not os.path.exists(path):
            self.model.run(PROBER, self.program, "generate-key", path)
        return path

    def known(self, name):
        """What the daemon knows of a row's one check."""
        answer = json.loads(self.get(f"/api/v1/requirements/{name}"))
        return answer["sites"][0]["requirement"]["checks"][0]

    def asked(self, options, *flags, **more):
        """What `check` finds, which asks once: a Run for each family."""
        code, said = self.model.says(
            PROBER, self.program, "check", "--output=json", *flags,
            f"--config.file={self.configure(options, **more)}")
        if code not in (0, 1, 2, 3) or not said.startswith("{"):
            raise Failed(f"check ends with {code}: {said}")
        return {row["id"].split("-")[1]: Run(row["checks"][0])
                for row in json.loads(said)["sites"][0]["requirements"]}


def enter():
    sandbox.enter("iptables", "ip6tables", "conntrack")
    return RtpWorld(sys.argv[1])


def try_case(net, case, try_once, attempts):
    """Whether it went as expected; says so. More than one attempt is for figures."""
    begun = time.monotonic()
    try:
        persist(lambda: try_once(net, case), attempts)
    except Failed as failure:
        print(f"not ok {failure}", flush=True)
        return False
    print(f"ok {case.name} ({time.monotonic() - begun:.1f} s)", flush=True)
    return True


def is_possible(case):
    """Not everywhere: without libnetfilter_queue, or as root of a user namespace alone,
    who may load no program into the kernel."""
    if getattr(case.change, "func", None) is changes.impaired:
        return changes.impair_program() is not None
    return "--reflector.steer" not in getattr(case, "flags", ()) or os.geteuid() == 0


def wanted(cases):
    """Those that the command line names, and this machine can do."""
    found = [case for name, case in cases.items() if is_possible(case) and
             any(fnmatch.fnmatch(name, pattern) for pattern in sys.argv[2:] or "*")]
    if not found:
        sys.exit("no such case")
    return found
