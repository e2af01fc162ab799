# SPDX-License-Identifier: Apache-2.0
"""Faults of SIP: what a telephone would meet on 5060 and 5061."""

from functools import partial

import changes
from fault import ANYONE, Fault, dig, pbx_handshake, said, sipsak, spoken
from model import PBX, PROBER, ipv4, ipv6
from rows import SIZES
from telephony import OPTIONS

HOST, HOST6 = ipv4(PBX), ipv6(PBX)
REFUSED = ("failed", "refused", HOST)
# The rows that a partner on IPv4's UDP port alone leaves without a server.
OTHERS = {("sip-udp6", "ipv6"): ("failed", "icmp6-port-unreachable", HOST6),
          ("sip-tcp", "ipv4"): REFUSED, ("sip-tls", "ipv4"): REFUSED}
# Where no short request is answered, nothing is said of how long one may be.
UNMEASURED = {("size-udp", "ipv4"): ("unknown", "icmp-port-unreachable", HOST),
              ("size-udp6", "ipv6"): ("unknown", "icmp6-port-unreachable", HOST6),
              ("size-tcp", "ipv4"): ("unknown", "refused", HOST),
              ("size-tls", "ipv4"): ("unknown", "refused", HOST)}
ALL = (("sip-udp", "ipv4"), ("sip-udp6", "ipv6"), ("sip-tcp", "ipv4"),
       ("sip-tls", "ipv4"))


def over_udp(name, what, how, words, cause, verdict="failed", offender=ANYONE):
    return Fault(name, what,
                 partial(changes.instead_of, server="kamailio", where=PBX,
                         words=["udp", "sip", how, HOST, "5060"]),
                 sipsak(words),
                 {**OTHERS, ("sip-udp", "ipv4"): (verdict, cause, offender)})


def over_tcp(name, what, how, words, cause, verdict="failed"):
    udp = ("failed", "icmp-port-unreachable", HOST)
    return Fault(name, what,
                 partial(changes.instead_of, server="kamailio", where=PBX,
                         words=["tcp", "sip", how, HOST, "5060"]),
                 spoken(words, HOST, 5060, "OPTIONS sip:x SIP/2.0\\r\\n\\r\\n"),
                 {**OTHERS, ("sip-udp", "ipv4"): udp,
                  ("sip-tcp", "ipv4"): (verdict, cause, ANYONE)})


def by_sipp(name, what, steps, words, cause="none", verdict="ok"):
    return Fault(name, what, lambda world: changes.sipp(world, *steps), sipsak(words),
                 {**OTHERS, ("sip-udp", "ipv4"): (verdict, cause, ANYONE)})


def replied(name, what, status, cause="none", verdict="ok"):
    """kamailio itself, on every transport."""
    script = OPTIONS.replace('"200", "OK"', f'"{status}", "As Told"')
    return Fault(name, what, partial(changes.server, name="kamailio", options=script),
                 sipsak(f"SIP/2.0 {status}"),
                 {key: (verdict, cause, ANYONE) for key in ALL},
                 steady=2 if verdict == "ok" else 0)


def certified(kind, what, words, verdict="failed", **settings):
    return Fault(f"sip-{kind}", what,
                 partial(changes.server, name="kamailio", kind=kind, **settings),
                 pbx_handshake(words, 5061),
                 {("sip-tls", "ipv4"): (verdict, f"tls-{kind}", ANYONE)})


# The kernel's own application layer gateway, as home routers have it, where a NAT hides
# us from the PBX.
HELPER = """
table ip extra {
	ct helper sip { type "sip" protocol udp; l3proto ip; }
	chain before {
		type filter hook prerouting priority -150;
		udp dport 5060 ct helper set "sip"
	}
	chain after {
		type nat hook postrouting priority 100;
		oifname "pbx0" masquerade
	}
}
"""

SIP = [
    Fault("sip-server-stopped", "The SIP server is not running",
          partial(changes.stopped, servers=["kamailio"]),
          dig("refused", f"@{HOST}", "-p", "5060", "x"),
          {**OTHERS, **UNMEASURED,
           ("sip-udp", "ipv4"): ("failed", "icmp-port-unreachable", HOST)}, more=SIZES),
    Fault("sip-udp-alone-blocked", "A firewall forgot SIP over UDP",
          partial(changes.rules, lines=["udp dport 5060 drop"]),
          said("0 received", "sh", "-c", f"timeout 2 sipsak -H {ipv4(PROBER)} "
               f"-s sip:{HOST} || echo 0 received"),
          {("sip-udp", "ipv4"): ("failed", "timeout", ANYONE),
           ("sip-udp6", "ipv6"): ("failed", "timeout", ANYONE),
           ("size-udp", "ipv4"): ("unknown", "timeout", ANYONE),
           ("size-udp6", "ipv6"): ("unknown", "timeout", ANYONE)}, more=SIZES),
    replied("sip-503", "The SIP server cannot serve", 503, "sip-status", "degraded"),
    replied("sip-404", "The SIP server does not know whom we ask for", 404),
    replied("sip-403", "The SIP server forbids us to ask", 403),
    by_sipp("sip-200-by-sipp", "Another SIP server, which changes nothing", ["200"],
            "SIP/2.0 200"),
    by_sipp("sip-302-by-sipp", "A SIP server that redirects", ["302"], "SIP/2.0 302"),
    by_sipp("sip-407-by-sipp", "A SIP proxy that wants a password", ["407"],
            "SIP/2.0 407"),
    by_sipp("sip-486-by-sipp", "A SIP server that is busy", ["486"], "SIP/2.0 486"),
    by_sipp("sip-500-by-sipp", "A SIP server that fails", ["500"], "SIP/2.0 500",
            "sip-status", "degraded"),
    by_sipp("sip-603-by-sipp", "A SIP server that declines", ["603"], "SIP/2.0 603",
            "sip-status", "degraded"),
    by_sipp("sip-provisional-first", "A provisional answer comes before the final one",
            ["100", "pause 200", "200"], "SIP/2.0 200"),
    by_sipp("sip-provisional-only", "Only provisional answers come", ["100"],
            "SIP/2.0 100", "sip-no-final", "failed"),
    by_sipp("sip-late", "The answer comes after the deadline", ["pause 1500", "200"],
            "", "timeout", "failed"),
    over_udp("sip-from-another-port", "The answer comes from another port",
             "another-port:200", "", "wrong-source"),
    over_udp("sip-from-another-address", "The answer comes from another address",
             "another-address:200", "", "wrong-source", offender="198.51.100.21"),
    # Branch, tag and Call-ID are secrets of ours: who knows two of them answers us, and
    # what he changed beside is a rewrite.
    over_udp("sip-other-transaction", "The answer has another branch and Call-ID",
             "bad-transaction", "", "sip-mismatch"),
    over_udp("sip-branch-rewritten", "A device rewrites the branch", "bad-branch", "",
             "sip-alg", "degraded"),
    over_udp("sip-sequence-rewritten", "A device rewrites the sequence number",
             "bad-cseq", "", "sip-alg", "degraded"),
    over_udp("sip-method-rewritten", "A device rewrites the method", "bad-method", "",
             "sip-alg", "degraded"),
    over_udp("sip-call-id-rewritten", "A device rewrites the Call-ID", "bad-call-id", "",
             "sip-alg", "degraded"),
    over_udp("sip-via-rewritten", "A device rewrites the Via header", "alg", "",
             "sip-alg", "degraded"),
    Fault("sip-helper", "A router's SIP helper rewrites what it translates",
          partial(changes.table, text=HELPER), sipsak("SIP/2.0 200"),
          {("sip-udp", "ipv4"): ("degraded", "sip-alg", ANYONE)}),
    over_udp("sip-twice", "Every answer comes twice", "twice", "SIP/2.0 200", "none",
             "ok"),
    over_udp("sip-garbage", "Garbage comes back over UDP", "garbage", "", "garbage"),
    over_udp("sip-cut-short", "The answer is cut short", "truncated", "", "garbage"),
    over_udp("sip-without-headers", "The answer has no headers", "headerless", "",
             "garbage|sip-mismatch"),
    over_udp("sip-is-http", "HTTP answers over UDP", "http", "", "wrong-protocol"),
    over_tcp("sip-tcp-in-pieces", "The answer comes in pieces of seven octets", "pieces",
             "", "none", "ok"),
    over_tcp("sip-tcp-keeps-alive", "Keep-alives come before the answer", "pong", "",
             "none", "ok"),
    over_tcp("sip-tcp-endless", "The answer's headers never end", "endless", "X-Header",
             "garbage"),
    over_tcp("sip-tcp-silent", "The port accepts and stays silent", "silent", "",
             "no-answer"),
    over_tcp("sip-tcp-closes", "The port hangs up", "close", "", "closed-early"),
    over_tcp("sip-tcp-is-ssh", "SSH listens on the port of SIP", "ssh", "SSH-2.0",
             "wrong-protocol"),
    over_tcp("sip-tcp-is-http", "HTTP is spoken on the port of SIP", "http", "HTTP/1.1",
             "wrong-protocol"),
    over_tcp("sip-tcp-is-xmpp", "XMPP is spoken on the port of SIP", "xmpp", "stream",
             "wrong-protocol"),
    certified("expired", "The certificate of 5061 has expired",
              "certificate has expired"),
    certified("self-signed", "The certificate of 5061 is signed by itself",
              "self-signed certificate"),
    certified("wrong-host", "The certificate of 5061 is another host's",
              "hostname mismatch"),
    certified("incomplete-chain", "5061 sends no intermediate certificate",
              "unable to verify the first certificate"),
]
