# SPDX-License-Identifier: Apache-2.0
"""What can be done to the model network, each for as long as its `with` block lasts."""

import os
import sys
import time
from contextlib import contextmanager

from model import CLOUD, FIREWALL, NETWORKS, PBX, PROBER, ipv4
from servers import TOOL

OWN_RULES = """
add table inet own
add chain inet own out { type filter hook output priority 0; policy accept; }
add rule inet own out """


@contextmanager
def rules(world, lines, where=FIREWALL):
    for line in lines:
        world.model.rule(line, where)
    try:
        yield
    finally:
        world.model.no_rules(where)


@contextmanager
def prober(world, commands, undo=()):
    """Commands on the prober; its own addresses and routes come back after."""
    for line in commands:
        world.model.run(PROBER, *line.split())
    try:
        yield
    finally:
        for line in undo:
            world.model.run(PROBER, *line.split())
        world.model.restore_prober()


@contextmanager
def own_firewall(world, line):
    """A rule on the prober's own way out."""
    world.model.run(PROBER, "nft", "-f", "-", input=OWN_RULES + line + "\n")
    try:
        yield
    finally:
        world.model.run(PROBER, "nft", "delete table inet own")


@contextmanager
def loop_to(world, address):
    """The firewall and the PBX send it to each other until its hop limit."""
    forward = "echo {} >/proc/sys/net/ipv4/ip_forward"
    world.model.run(PBX, "sh", "-c", forward.format(1))
    world.model.run(FIREWALL, "ip", "route", "add", f"{address}/32", "via", ipv4(PBX))
    try:
        yield
    finally:
        world.model.run(FIREWALL, "ip", "route", "delete", f"{address}/32")
        world.model.run(PBX, "sh", "-c", forward.format(0))


@contextmanager
def gone_from_link(world, host):
    """A host of the prober's own network is switched off."""
    device, address = NETWORKS[PROBER][0], ipv4(PROBER, host)
    world.model.run(FIREWALL, "ip", "address", "delete", f"{address}/24", "dev", device)
    world.model.run(PROBER, "ip", "neighbour", "flush", "to", address)
    try:
        yield
    finally:
        world.model.address(FIREWALL, device, f"{address}/24")
        world.model.run(PROBER, "ip", "neighbour", "flush", "to", address)


def impair_program():
    """The test helper, or None where it was not built."""
    path = os.environ.get("STARFACE_IMPAIR") or \
        os.path.join(os.path.dirname(sys.argv[1]), "../../tests/network/impair")
    return path if os.access(path, os.X_OK) else None


@contextmanager
def impaired(world, options, match=("",), families=("", "6"), number=0):
    """Packets on their way through the firewall that fit one of these iptables matches
    meet what impair does to them; both families, unless said."""
    model = world.model
    tables = [f"ip{family}tables" for family in families]
    model.start(f"impair-{number}", FIREWALL, impair_program(),
                "--queue", number, *options,
                ready=lambda: "ready" in model.log(f"impair-{number}"))
    # With the legacy tables a rule of nftables' own stays what it is.
    rules = [(table, ["FORWARD", *words.split(), "-j", "NFQUEUE",
                      "--queue-num", number, "--queue-bypass"])
             for table in tables for words in match]
    for table, rule in rules:
        model.run(FIREWALL, table, "-w", "-t", "mangle", "-A", *rule)
    try:
        yield
    finally:
        for table, rule in rules:
            model.run(FIREWALL, table, "-w", "-t", "mangle", "-D", *rule)
        model.stop(f"impair-{number}")


@contextmanager
def stopped(world, servers):
    for server in servers:
        getattr(world.servers, server).stop()
    try:
        yield
    finally:
        for server in servers:
            getattr(world.servers, server).start()


@contextmanager
def site(world, name, **settings):
    """bodies, certificates or tls of one of nginx's sites."""
    nginx = world.servers.cloud
    for table, value in settings.items():
        getattr(nginx, table)[name] = value
    nginx.restart()
    try:
        yield
    finally:
        for table in settings:
            del getattr(nginx, table)[name]
        nginx.restart()


@contextmanager
def partner(world, words, where=CLOUD):
    """One of tool.py's that misbehave on command."""
    ready = world.model.path("partner.log")
    if os.path.exists(ready):
        os.remove(ready)
    world.model.start("partner", where, *TOOL, *words,
                      ready=lambda: "ready" in world.model.log("partner"))
    try:
        yield
    finally:
        world.model.stop("partner")


@contextmanager
def instead_of_site(world, name, port, address, how):
    """Such a partner at the place of a web server."""
    nginx = world.servers.cloud
    nginx.closed.add((name, port))
    nginx.restart()
    try:
        with partner(world, ["tcp", how, address, str(port)]):
            yield
    finally:
        nginx.closed.discard((name, port))
        nginx.restart()


@contextmanager
def instead_of(world, server, words):
    """Such a partner at the place of unbound or chrony."""
    with stopped(world, [server]), partner(world, words):
        yield


@contextmanager
def chrony_source(world, source):
    chrony = world.servers.chrony
    before, chrony.source = chrony.source, source
    chrony.restart()
    try:
        yield
    finally:
        chrony.source = before
        chrony.restart()


@contextmanager
def names(world, zones=(), records=(), more=""):
    unbound = world.servers.unbound
    before = unbound.zones, unbound.records, unbound.more
    unbound.zones = dict(zones)
    unbound.records = {**unbound.records, **dict(records)}
    unbound.more = more
    unbound.restart()
    try:
        yield
    finally:
        unbound.zones, unbound.records, unbound.more = before
        unbound.restart()


@contextmanager
def no_descriptors(world):
    """The program may open no more than it holds between its runs."""
    pid = str(world.daemon.pid)
    held = None
    for _ in range(100):
        now = {int(name) for name in os.listdir(f"/proc/{pid}/fd")}
        held = now if held is None else held & now
        time.sleep(0.01)
    # The limit is one of numbers, not of how many: up to the first free one.
    number = next(number for number in range(len(held) + 1) if number not in held)
    before = world.model.run(PROBER, "prlimit", "--nofile", "--noheadings",
                             "--output=SOFT,HARD", "--pid", pid).split()
    world.model.run(PROBER, "prlimit", f"--nofile={number}:{before[1]}", "--pid", pid)
    try:
        yield
    finally:
        world.model.run(PROBER, "prlimit", f"--nofile={before[0]}:{before[1]}",
                        "--pid", pid)


