# SPDX-License-Identifier: Apache-2.0
"""What can be done to the model network, each for as long as its `with` block lasts."""

import os
import sys
import time
from contextlib import ExitStack, contextmanager

from model import CLOUD, FIREWALL, NETWORKS, PBX, PROBER, address_of, ipv4

HERE = os.path.dirname(os.path.abspath(__file__))

# The firewall in the prober's name towards the cloud; "random" gives each flow a port of
# its own choice, "fully-random" a new one each.
MASQUERADE = """
table inet extra {{
	chain post {{
		type nat hook postrouting priority 100;
		oifname "wan0" masquerade {};
	}}
}}
"""

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
def site(world, name, nginx="cloud", **settings):
    """bodies, certificates or tls of one of nginx's sites."""
    nginx = getattr(world.servers, nginx)
    for table, value in settings.items():
        getattr(nginx, table)[name] = value
    try:
        nginx.restart()
        yield
    finally:
        for table in settings:
            del getattr(nginx, table)[name]
        nginx.restart()


@contextmanager
def hostile(world, words, where=CLOUD, name="hostile"):
    """One of hostile.py's partners."""
    log = world.model.path(f"{name}.log")
    if os.path.exists(log):
        os.remove(log)
    world.model.start(name, where, sys.executable, os.path.join(HERE, "hostile.py"),
                      *words, ready=lambda: "ready" in world.model.log(name))
    try:
        yield
    finally:
        world.model.stop(name)


@contextmanager
def instead_of_site(world, name, port, address, how, protocol="http"):
    """Such a partner at the place of a web server."""
    nginx = world.servers.cloud
    nginx.closed.add((name, port))
    nginx.restart()
    try:
        with hostile(world, ["tcp", protocol, how, address, str(port)]):
            yield
    finally:
        nginx.closed.discard((name, port))
        nginx.restart()


@contextmanager
def instead_of(world, server, words, where=CLOUD):
    """Such a partner at the place of another server."""
    with stopped(world, [server]), hostile(world, words, where):
        yield


SIPP = """<?xml version="1.0" encoding="ISO-8859-1"?>
<scenario name="answers">
<recv request="OPTIONS"/>
{steps}
</scenario>
"""
SIPP_SEND = """<send><![CDATA[
SIP/2.0 {status} As Told
[last_Via:]
[last_From:]
[last_To:];tag=[call_number]
[last_Call-ID:]
[last_CSeq:]
Server: sipp
Content-Length: 0

]]></send>"""


@contextmanager
def sipp(world, *steps):
    """sipp in the place of kamailio, over UDP: statuses, and "pause MILLISECONDS"."""
    words = [f'<pause milliseconds="{step.split()[1]}"/>' if step.startswith("pause")
             else SIPP_SEND.format(status=step) for step in steps]
    scenario = world.model.write("sipp.xml", SIPP.format(steps="\n".join(words)))
    with stopped(world, ["kamailio"]):
        world.model.start("sipp", PBX, "sipp", "-sf", scenario, "-i", ipv4(PBX), "-p",
                          "5060", "-nostdin", "-nd",
                          ready=lambda: "UNCONN" in world.model.run(
                              PBX, "ss", "-Hlun", "sport = :5060"))
        try:
            yield
        finally:
            world.model.stop("sipp")


@contextmanager
def all_of(world, changes):
    """Several at once."""
    with ExitStack() as stack:
        for change in changes:
            stack.enter_context(change(world))
        yield


@contextmanager
def server(world, name, **settings):
    """Other attributes of one of the servers, which starts anew with them."""
    changed = getattr(world.servers, name)
    before = {key: getattr(changed, key) for key in settings}
    for key, value in settings.items():
        setattr(changed, key, value)
    try:
        changed.restart()
        yield
    finally:
        for key, value in before.items():
            setattr(changed, key, value)
        changed.restart()


@contextmanager
def table(world, text, where=FIREWALL):
    """A table of nftables' own, named `extra`; flows it changed are forgotten after."""
    world.model.run(where, "nft", "-f", "-", input=text)
    world.model.run(where, "conntrack", "-F", check=False)
    try:
        yield
    finally:
        for family in ("ip", "ip6", "inet"):
            world.model.run(where, "nft", f"delete table {family} extra", check=False)
        world.model.run(where, "conntrack", "-F", check=False)


BAN = """
table inet extra {{
	chain in {{
		type filter hook input priority 0;
		ip saddr {} drop
		ip6 saddr {} drop
	}}
}}
"""


def pbx_drops(world, source):
    """The PBX takes nothing from these addresses any more."""
    return table(world, BAN.format(*source), where=PBX)


@contextmanager
def link_down(world, where, device):
    """A cable is pulled; addresses and routes of that end come back after."""
    model = world.model
    model.run(where, "ip", "link", "set", device, "down")
    try:
        yield
    finally:
        model.run(where, "ip", "link", "set", device, "up")
        model.restore(where, device)


@contextmanager
def narrow(world, octets):
    """The link to the PBX takes packets up to so many octets; both its ends know it."""
    ends = ((FIREWALL, NETWORKS[PBX][0]), (PBX, "eth0"))
    for where, device in ends:
        world.model.run(where, "ip", "link", "set", device, "mtu", octets)
    try:
        yield
    finally:
        for where, device in ends:
            world.model.run(where, "ip", "link", "set", device, "mtu", 1500)
        for family in ("-4", "-6"):
            world.model.run(PROBER, "ip", family, "route", "flush", "cache")


@contextmanager
def clocks(world, how4, how6):
    """Partners in the place of chrony, on both of its addresses."""
    with ExitStack() as stack:
        stack.enter_context(stopped(world, ["chrony"]))
        for name, how, family in (("clock4", how4, 4), ("clock6", how6, 6)):
            stack.enter_context(hostile(world, [
                "udp", "ntp", how, address_of("pool.ntp.org", family), "123"], name=name))
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


