# SPDX-License-Identifier: Apache-2.0
"""A fault: what is done, how a tool proves it, what the program must then say.

Expected is (requirement, family): (verdict, cause, who said no). A check that no row
names must stay as well as it was.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from model import PBX, PBX_NAME, PROBER, ipv4

ANYONE = None  # who said no is not compared
ABSENT = None  # in the place of a verdict: the check is not there


@dataclass(frozen=True)
class Fault:
    name: str
    what: str         # is broken, for readers
    change: Callable  # (world) a context: the fault is there while it lasts
    proof: Callable   # (world) a tool sees it, or raises
    expected: dict
    others: bool = True  # whether every other check must stay well
    common: str = ""     # the cause that several checks have in common, and no other
    covers: frozenset = None  # requirements it explains; None = those not to be well
    more: dict = field(default_factory=dict)  # rows that only this fault asks for
    steady: float = 0    # of no fault at all: for so long nothing may be said to be wrong


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


def unsaid(words, *command):
    """The tool does not say so, and ends."""
    def prove(world):
        world.tool(("sh", "-c", '"$@" | grep -qF -- "$0" || echo unsaid', words,
                    *command), words="unsaid")
    return prove


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


def pbx_handshake(words, port, *more):
    """openssl with a TLS port of the PBX; more may be a STARTTLS."""
    return said(words, "timeout", "2", "openssl", "s_client", "-connect",
                f"{ipv4(PBX)}:{port}", "-servername", PBX_NAME,
                "-verify_hostname", PBX_NAME, *more)


def sipsak(words, *more, host=None, port=5060):
    """An OPTIONS of sipsak's, over UDP unless told; its -vv shows what came back."""
    return said(words, "timeout", "3", "stdbuf", "-o0", "sipsak", "-vv",
                "-H", ipv4(PROBER), *more, "-s", f"sip:{host or ipv4(PBX)}:{port}")


def ldapsearch(words, *more, url=None):
    return said(words, "timeout", "3", "ldapsearch", "-x", "-H",
                url or f"ldap://{ipv4(PBX)}", "-s", "base", "-b", "", *more)


def stun(words, address):
    return said(words, "sh", "-c", f"timeout 1 turnutils_stunclient {address}; "
                "[ $? = 124 ] && echo silent")


def http_status(status, url):
    return said(f"HTTP/1.1 {status}", "curl", "-sS", "-i", "--max-time", "2", url)


def spoken(words, address, port, send=""):
    """What the port says to these words, as a person with netcat would see it."""
    return said(words, "sh", "-c", f"printf '{send}' | timeout 3 socat -T 2 -t 2 - "
                f"TCP:{address}:{port} | cat -v")


def sniffed(expression, *poke):
    """Such a packet comes back when the tool asks; in the words of nft."""
    return lambda world: world.sniff(expression, poke)


def all_proofs(*proofs):
    def prove(world):
        for proof in proofs:
            proof(world)
    return prove
