# SPDX-License-Identifier: Apache-2.0
"""A fault: what is done, how a tool proves it, what the program must then say.

Expected is (requirement, family): (verdict, cause, who said no). A check that no row
names must stay as well as it was.
"""

from collections.abc import Callable
from dataclasses import dataclass

ANYONE = None  # who said no is not compared
ABSENT = None  # in the place of a verdict: the check is not there


@dataclass(frozen=True)
class Fault:
    name: str
    change: Callable  # (world) a context: the fault is there while it lasts
    proof: Callable   # (world) a tool sees it, or raises
    expected: dict
    others: bool = True  # whether every other check must stay well


def both(row, verdict, cause, offender=ANYONE):
    return {(row, family): (verdict, cause, offender) for family in ("ipv4", "ipv6")}


def every(verdict, cause):
    """All rows at once, when it is our own trouble."""
    return {("*", "*"): (verdict, cause, ANYONE)}


# Proofs

def curl(code, *command):
    """curl, from where the prober stands, ends with this code."""
    return lambda world: world.tool(("curl", "-sS", "-o", "/dev/null", "--max-time", "2",
                                     *command), code=code)


def said(words, *command):
    """The tool says so, whatever its exit code."""
    return lambda world: world.tool(command, words=words)


def silent_neighbour(address, url):
    """ARP for this address found nobody. Who goes on asking turns FAILED back into
    INCOMPLETE at any moment, so either is the proof."""
    return said("nobody", "sh", "-c", f"curl -sS --max-time 4 {url}; "
                f"ip neigh show {address} | grep -Eq 'FAILED|INCOMPLETE' && echo nobody")


def dig(words, *command):
    return said(words, "dig", "+time=1", "+tries=1", *command)


def handshake(words, host="update.starface.de", *more):
    return said(words, "openssl", "s_client", "-connect", f"{host}:443",
                "-servername", host, "-verify_hostname", host, *more)


def http_status(status, url):
    return said(f"HTTP/1.1 {status}", "curl", "-sS", "-i", "--max-time", "2", url)


def sniffed(expression, *poke):
    """Such a packet comes back when the tool asks; in the words of nft."""
    return lambda world: world.sniff(expression, poke)


def all_proofs(*proofs):
    def prove(world):
        for proof in proofs:
            proof(world)
    return prove
