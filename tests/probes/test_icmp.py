#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Each ICMP error a firewall can send, and each refusal of the own host, told apart.

prober (this namespace) -- firewall -- server, IPv4 and IPv6.
"""

import subprocess
import sys

from asking import ask, expect, network

import sandbox

SERVER = {4: "10.2.0.3", 6: "fd02::3"}
FIREWALL = {4: "10.1.0.2", 6: "fd01::2"}
OWN = {4: "10.1.0.1", 6: "fd01::1"}

# What nft says, what it is on the wire, and what we must call it.
REJECTS = {
    4: [("net-unreachable", 3, 0, "icmp-net-unreachable"),
        ("host-unreachable", 3, 1, "icmp-host-unreachable"),
        ("prot-unreachable", 3, 2, "icmp-proto-unreachable"),
        ("port-unreachable", 3, 3, "icmp-port-unreachable"),
        ("net-prohibited", 3, 9, "icmp-net-prohibited"),
        ("host-prohibited", 3, 10, "icmp-host-prohibited"),
        ("admin-prohibited", 3, 13, "icmp-admin-prohibited")],
    6: [("no-route", 1, 0, "icmp6-no-route"),
        ("admin-prohibited", 1, 1, "icmp6-admin-prohibited"),
        ("addr-unreachable", 1, 3, "icmp6-addr-unreachable"),
        ("port-unreachable", 1, 4, "icmp6-port-unreachable"),
        ("policy-fail", 1, 5, "icmp6-policy-fail"),
        ("reject-route", 1, 6, "icmp6-reject-route")],
}
NAME = {4: ("ip", "icmp"), 6: ("ip6", "icmpv6")}
KINDS = ("udp", "dns", "ntp", "tcp", "http")


def build():
    network("link set lo up", "netns add firewall", "netns add server",
            "link add near type veth peer name near netns firewall",
            "-n firewall link add far type veth peer name far netns server",
            "addr add 10.1.0.1/24 dev near", "addr add fd01::1/64 dev near nodad",
            "-n firewall addr add 10.1.0.2/24 dev near",
            "-n firewall addr add fd01::2/64 dev near nodad",
            "-n firewall addr add 10.2.0.2/24 dev far",
            "-n firewall addr add fd02::2/64 dev far nodad",
            "-n server addr add 10.2.0.3/24 dev far",
            "-n server addr add fd02::3/64 dev far nodad",
            "link set near up", "-n firewall link set near up",
            "-n firewall link set far up", "-n firewall link set lo up",
            "-n server link set far up", "-n server link set lo up",
            "route add 10.2.0.0/24 via 10.1.0.2", "route add fd02::/64 via fd01::2",
            "-n server route add default via 10.2.0.2",
            "-n server route add default via fd02::2")
    inside("firewall", "sysctl", "-qw", "net.ipv4.ip_forward=1",
           "net.ipv6.conf.all.forwarding=1")
    for name in ("firewall", "server"):
        # else only the first few errors to one peer would be sent
        inside(name, "sysctl", "-qw", "net.ipv4.icmp_ratemask=0",
               "net.ipv6.icmp.ratelimit=0")


def inside(name, *command):
    subprocess.run(["ip", "netns", "exec", name, *command], check=True)


def rules(text, name=None):
    prefix = ["ip", "netns", "exec", name] if name else []
    subprocess.run([*prefix, "nft", "-f", "-"], input=text, text=True, check=True)


def ruleset(hook, rule):
    return ("flush ruleset\ntable inet t {\nchain c {\n"
            f"type filter hook {hook} priority 0\n{rule}\n}}\n}}\n")


def forward_rule(family, code, protocol):
    ip_name, icmp = NAME[family]
    return ruleset("forward", f"meta l4proto {protocol} {ip_name} daddr {SERVER[family]} "
                   f"reject with {icmp} type {code}")


def rejected_on_the_way():
    for family, codes in REJECTS.items():
        for code, number, detail, cause in codes:
            for kind in KINDS:
                protocol = "tcp" if kind in ("tcp", "http") else "udp"
                rules(forward_rule(family, code, protocol), "firewall")
                expect(ask(kind, SERVER[family], 9), verdict="failed", cause=cause,
                       evidence="icmp" if family == 4 else "icmp6", type=number,
                       code=detail, offender=FIREWALL[family])
    rules("flush ruleset\n", "firewall")


def said_by_the_host_itself():
    for family, cause in ((4, "icmp-port-unreachable"), (6, "icmp6-port-unreachable")):
        for kind in ("udp", "dns", "ntp"):
            expect(ask(kind, SERVER[family], 9), verdict="failed", cause=cause,
                   offender=SERVER[family])


def looping():
    network("-n server route add 10.3.0.0/24 via 10.2.0.2",
            "-n server route add fd03::/64 via fd02::2",
            "-n firewall route add 10.3.0.0/24 via 10.2.0.3",
            "-n firewall route add fd03::/64 via fd02::3",
            "route add 10.3.0.0/24 via 10.1.0.2", "route add fd03::/64 via fd01::2")
    inside("server", "sysctl", "-qw", "net.ipv4.ip_forward=1",
           "net.ipv6.conf.all.forwarding=1", "net.ipv4.conf.all.rp_filter=0")
    for address in ("10.3.0.1", "fd03::1"):
        expect(ask("udp", address, 9), verdict="failed", cause="ttl-exceeded")


def dropped():
    rules(ruleset("forward", "drop"), "firewall")
    for address in SERVER.values():
        for kind, verdict, cause in (("udp", "unknown", "timeout"),
                                     ("ntp", "failed", "timeout"),
                                     ("http", "failed", "timeout"),
                                     ("dns", "failed", "dns-timeout")):
            expect(ask(kind, address, 9, timeout_ms=150), verdict=verdict, cause=cause,
                   evidence="none", offender="")
    rules("flush ruleset\n", "firewall")


def too_big_for_the_path():
    """News of the path's MTU is no refusal: what was lost by it is silence. By IPv6 no
    payload of ours can be too big."""
    network("-n firewall route change 10.2.0.0/24 dev far mtu lock 600")
    expect(ask("udp", SERVER[4], 9, "payload", "x" * 1200, timeout_ms=150),
           verdict="unknown", cause="timeout", evidence="none")
    # the kernel has learned: it now sends fragments, and the server's word comes
    expect(ask("udp", SERVER[4], 9, "payload", "x" * 1200), verdict="failed",
           cause="icmp-port-unreachable", offender=SERVER[4])
    network("-n firewall route change 10.2.0.0/24 dev far")


def refused_by_the_own_host():
    network("route add unreachable 10.9.1.0/24", "route add prohibit 10.9.2.0/24",
            "route add blackhole 10.9.3.0/24", "route add unreachable fd09:1::/64",
            "route add prohibit fd09:2::/64", "route add blackhole fd09:3::/64")
    for addresses, cause in ((("10.9.1.1", "fd09:1::1"), "local-no-route"),
                             (("10.9.2.1", "fd09:2::1"), "local-denied"),
                             (("10.9.3.1", "fd09:3::1"), "local-no-route"),
                             (("10.8.0.1", "fd08::1"), "local-no-route")):
        for kind, address in ((kind, address) for kind in KINDS for address in addresses):
            expect(ask(kind, address, 9), verdict="unknown", cause=cause,
                   evidence="local")


def refused_by_the_own_firewall():
    for action in ("drop", "reject", "reject with icmpx type admin-prohibited"):
        rules(ruleset("output", f"meta l4proto {{ tcp, udp }} th dport 9 {action}"))
        for address in SERVER.values():
            kinds = KINDS if action != "drop" else ("udp", "dns", "ntp")
            for kind in kinds:
                expect(ask(kind, address, 9), verdict="unknown", cause="local-denied")
    rules("flush ruleset\n")


def no_such_neighbour():
    """The kernel's own word, in ICMP and from an own address: not a router's."""
    # three tries a second apart are the kernel's custom; the outcome is the same
    subprocess.run(["sysctl", "-qw", "net.ipv4.neigh.near.retrans_time_ms=50",
                    "net.ipv6.neigh.near.retrans_time_ms=50"], check=True)
    for family, address in ((4, "10.1.0.77"), (6, "fd01::77")):
        for kind in ("udp", "tcp", "http"):
            expect(ask(kind, address, 9, timeout_ms=8000), verdict="failed",
                   cause="arp-failed", offender=OWN[family])
    # even where every address may be bound to, own ones are told from others
    subprocess.run(["sysctl", "-qw", "net.ipv4.ip_nonlocal_bind=1"], check=True)
    rules(forward_rule(4, "host-unreachable", "udp"), "firewall")
    expect(ask("udp", SERVER[4], 9), cause="icmp-host-unreachable",
           offender=FIREWALL[4])
    rules("flush ruleset\n", "firewall")


def main():
    sandbox.enter("sysctl")
    build()
    for step in (said_by_the_host_itself, rejected_on_the_way, looping, dropped,
                 too_big_for_the_path,
                 refused_by_the_own_host, refused_by_the_own_firewall,
                 no_such_neighbour):
        step()
        print(f"ok {step.__name__}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
