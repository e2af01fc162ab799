#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The kind stun against a real coturn: beside it, and behind NATs of both kinds.

prober (this namespace) -- nat -- server with two addresses, IPv4 and IPv6.
"""

import contextlib
import subprocess
import sys

from asking import ask, expect, network, until

import sandbox

SERVER = {4: "203.0.113.10", 6: "2001:db8:2::10"}
OTHER = {4: "203.0.113.11", 6: "2001:db8:2::11"}
NAT = {4: "203.0.113.1", 6: "2001:db8:2::1"}
PORT = 3478
CLOSED = 9


def end(address, port):
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


def build():
    network("link set lo up", "netns add nat", "netns add server",
            "link add near type veth peer name near netns nat",
            "-n nat link add far type veth peer name far netns server",
            "addr add 192.168.0.2/24 dev near", "addr add fd01::2/64 dev near nodad",
            "-n nat addr add 192.168.0.1/24 dev near",
            "-n nat addr add fd01::1/64 dev near nodad",
            f"-n nat addr add {NAT[4]}/24 dev far",
            f"-n nat addr add {NAT[6]}/64 dev far nodad",
            *(f"-n server addr add {server[4]}/24 dev far" for server in (SERVER, OTHER)),
            *(f"-n server addr add {server[6]}/64 dev far nodad"
              for server in (SERVER, OTHER)),
            "link set near up", "-n nat link set lo up", "-n nat link set near up",
            "-n nat link set far up", "-n server link set lo up",
            "-n server link set far up",
            "route add default via 192.168.0.1", "route add default via fd01::1",
            f"-n server route add default via {NAT[4]}",
            f"-n server route add default via {NAT[6]}")
    inside("nat", "sysctl", "-qw", "net.ipv4.ip_forward=1",
           "net.ipv6.conf.all.forwarding=1")


def inside(name, *command, **how):
    return subprocess.run(["ip", "netns", "exec", name, *command], check=True, **how)


def rules(name, hook, rule):
    inside("nat", "nft", "-f", "-", text=True,
           input=f"table inet {name}\nflush table inet {name}\ntable inet {name} {{\n"
                 f"chain c {{\ntype {hook}\n{rule}\n}}\n}}\n")


def translate(how):
    rules("nat", "nat hook postrouting priority srcnat",
          f"oifname far {how}" if how else "")


@contextlib.contextmanager
def coturn():
    folder = sandbox.FOLDER
    command = ["ip", "netns", "exec", "server", "turnserver", "-n", "--no-cli",
               "--no-tcp", "--no-tls", "--no-dtls", "--no-auth", "--log-file=stdout",
               "--simple-log", f"--userdb={folder}/turndb",
               f"--pidfile={folder}/turnserver.pid", f"--listening-port={PORT}",
               *(f"--listening-ip={address}" for server in (SERVER, OTHER)
                 for address in server.values())]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL) as process:
        try:
            for address in (*SERVER.values(), *OTHER.values()):
                until(lambda asked=address: ask("stun", asked, PORT, timeout_ms=200)
                      ["verdict"] == "ok", f"coturn answers at {address}")
            yield
        finally:
            process.terminate()


def asked(family, *more, port=PORT, **how):
    return ask("stun", SERVER[family], PORT, "compare", end(OTHER[family], port), *more,
               **how)


def without_nat():
    for family in (4, 6):
        outcome = asked(family, "nat", "degrade")
        expect(outcome, verdict="ok", cause="none", evidence="none", stun_nat=0,
               stun_port_kept=1, stun_mapping_stable=1, stun_mapping_xored=1,
               retransmissions=0, stray_datagrams=0, mapped=outcome["local"])


def behind_a_nat_that_keeps_ports():
    translate("masquerade")
    for family in (4, 6):
        outcome = asked(family)
        port = outcome["local"].rpartition(":")[2]
        expect(outcome, verdict="ok", cause="none", stun_nat=1, stun_port_kept=1,
               stun_mapping_stable=1, mapped=end(NAT[family], port))
        outcome = asked(family, "nat", "degrade")
        expect(outcome, verdict="degraded", cause="nat-rewrite", evidence="peer",
               offender=SERVER[family],
               detail=f"{outcome['local']} is seen as {outcome['mapped']}")


def behind_a_symmetric_nat():
    translate("masquerade fully-random")
    for family in (4, 6):
        outcome = asked(family)
        expect(outcome, verdict="degraded", cause="nat-symmetric", evidence="peer",
               offender=SERVER[family], stun_nat=1, stun_port_kept=0,
               stun_mapping_stable=0)
        here, _, elsewhere = outcome["detail"].partition(" here, elsewhere ")
        assert here == outcome["mapped"] != elsewhere, outcome
        assert elsewhere.startswith(end(NAT[family], "")), outcome
        # one mapping alone cannot tell
        expect(ask("stun", SERVER[family], PORT), verdict="ok", cause="none", stun_nat=1,
               stun_port_kept=0, stun_mapping_stable=None)


def second_server_away():
    for family in (4, 6):
        # it is closed, and then nobody's: either way the first one has answered
        expect(asked(family, port=CLOSED), verdict="ok", cause="none",
               stun_mapping_stable=None)
        expect(ask("stun", SERVER[family], PORT, "compare",
                   end(SERVER[family] + "9", PORT), timeout_ms=300),
               verdict="ok", cause="none", stun_mapping_stable=None)


def dropped():
    rules("cut", "filter hook forward priority 0", f"udp dport {PORT} drop")
    for family in (4, 6):
        expect(asked(family, "repeat_after", "30ms", timeout_ms=300), verdict="failed",
               cause="timeout", retransmissions=3, stun_nat=None, mapped="")


def main():
    sandbox.enter("turnserver")
    build()
    translate("")
    with coturn():
        for step in (without_nat, behind_a_nat_that_keeps_ports, behind_a_symmetric_nat,
                     second_server_away, dropped):
            step()
            print(f"ok {step.__name__}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
