# SPDX-License-Identifier: Apache-2.0
"""Faults of XMPP, LDAP and STUN."""

from functools import partial

import changes
from fault import ANYONE, Fault, all_proofs, ldapsearch, pbx_handshake, spoken, stun
from model import CLOUD, PBX, PBX_NAME, STUN as STUN_HOSTS, ipv4

HOST = ipv4(PBX)
REFUSED = ("failed", "refused", HOST)
OPENING = '<?xml version="1.0"?><stream:stream xmlns="jabber:client" ' \
    f'to="{PBX_NAME}" version="1.0" ' \
    'xmlns:stream="http://etherx.jabber.org/streams">'


def chat(name, what, words, cause, verdict="failed", **settings):
    """prosody itself, with other settings."""
    return Fault(name, what, partial(changes.server, name="prosody", **settings),
                 spoken(words, HOST, 5222, OPENING),
                 {("xmpp", "ipv4"): (verdict, cause, ANYONE)})


def chat_partner(name, what, how, words, cause, verdict="failed"):
    return Fault(name, what,
                 partial(changes.instead_of, server="prosody", where=PBX,
                         words=["tcp", "xmpp", how, HOST, "5222"]),
                 spoken(words, HOST, 5222, OPENING),
                 {("xmpp", "ipv4"): (verdict, cause, ANYONE)})


def chat_certified(kind, what, words, verdict="failed"):
    return Fault(f"xmpp-{kind}", what, partial(changes.server, name="prosody", kind=kind),
                 pbx_handshake(words, 5222, "-starttls", "xmpp", "-xmpphost", PBX_NAME),
                 {("xmpp", "ipv4"): (verdict, f"tls-{kind}", ANYONE)})


XMPP = [
    Fault("xmpp-server-stopped", "The chat server is not running",
          partial(changes.stopped, servers=["prosody"]),
          spoken("refused", HOST, 5222), {("xmpp", "ipv4"): REFUSED}),
    chat("xmpp-without-starttls", "The chat server offers no encryption", "features",
         "xmpp-no-starttls", modules="", required="false"),
    chat("xmpp-starttls-not-required", "The chat server does not insist on encryption",
         "features", "none", "ok", required="false"),
    chat("xmpp-other-domain", "The chat server serves another domain", "host-unknown",
         "xmpp-stream-error", domain="other.example.com"),
    chat_partner("xmpp-see-other-host", "The chat server sends us elsewhere",
                 "see-other-host", "see-other-host", "xmpp-see-other-host", "degraded"),
    chat_partner("xmpp-stream-error", "The chat server ends with an error",
                 "stream-error", "internal-server-error", "xmpp-stream-error"),
    chat_partner("xmpp-starttls-failure", "The chat server refuses to encrypt",
                 "starttls-failure", "starttls", "xmpp-starttls-failure"),
    chat_partner("xmpp-closes-at-starttls", "The chat server hangs up before it encrypts",
                 "closes-at-starttls", "starttls", "closed-early"),
    chat_partner("xmpp-no-tls-after-proceed", "No TLS follows where it was promised",
                 "no-tls", "starttls", "garbage|tls-handshake-failure"),
    chat_partner("xmpp-words-before-tls", "Words are slipped in before TLS begins",
                 "injects", "starttls", "garbage"),
    chat_partner("xmpp-doctype", "A document type with entities comes", "doctype",
                 "ENTITY", "garbage"),
    chat_partner("xmpp-not-xml", "What comes is not well-formed", "not-xml", "<<<",
                 "garbage"),
    chat_partner("xmpp-web-page", "A web page comes in the place of a stream",
                 "not-a-stream", "html", "garbage"),
    chat_partner("xmpp-no-features", "The stream begins and nothing follows",
                 "no-features", "stream", "no-answer|timeout"),
    chat_partner("xmpp-endless", "The stream never stops talking", "endless", "yyyy",
                 "garbage"),
    chat_partner("xmpp-silent", "The port accepts and stays silent", "silent", "",
                 "no-answer"),
    chat_partner("xmpp-is-http", "HTTP is spoken on the port of XMPP", "http", "HTTP/1.1",
                 "wrong-protocol"),
    chat_partner("xmpp-is-ssh", "SSH listens on the port of XMPP", "ssh", "SSH-2.0",
                 "wrong-protocol"),
    chat_partner("xmpp-is-sip", "SIP is spoken on the port of XMPP", "sip", "SIP/2.0",
                 "wrong-protocol"),
    chat_certified("expired", "The certificate of 5222 has expired",
                   "certificate has expired"),
    chat_certified("wrong-host", "The certificate of 5222 is another host's",
                   "hostname mismatch"),
    chat_certified("untrusted", "The certificate of 5222 is of an unknown authority",
                   "self-signed certificate in certificate chain"),
]

CLOSED_636 = {("ldaps", "ipv4"): REFUSED,
              ("versions-ldap", "ipv4"): ("unknown", *REFUSED[1:])}
LDAP_ROWS = ("ldap", "ldap-bind", "ldap-starttls")


def directory(name, what, words, expected, *more, **settings):
    """slapd itself, with other settings; row: (verdict, cause)."""
    return Fault(name, what, partial(changes.server, name="slapd", **settings),
                 ldapsearch(words, *more),
                 {(row, "ipv4"): (*said, ANYONE) for row, said in expected.items()})


def directory_partner(name, what, how, words, cause, verdict="failed", starttls=None):
    """On port 389; 636 is closed."""
    rows = {(row, "ipv4"): (verdict, cause, ANYONE) for row in LDAP_ROWS}
    if starttls:
        rows["ldap-starttls", "ipv4"] = (*starttls, ANYONE)
    return Fault(name, what,
                 partial(changes.instead_of, server="slapd", where=PBX,
                         words=["tcp", "ldap", how, HOST, "389"]),
                 ldapsearch(words), {**rows, **CLOSED_636})


def directory_certified(kind, what, words, verdict="failed"):
    said = (verdict, f"tls-{kind}", ANYONE)
    return Fault(f"ldap-{kind}", what, partial(changes.server, name="slapd", kind=kind),
                 all_proofs(pbx_handshake(words, 636),
                            pbx_handshake(words, 389, "-starttls", "ldap")),
                 {("ldaps", "ipv4"): said, ("ldap-starttls", "ipv4"): said})


LDAP = [
    Fault("ldap-server-stopped", "The directory is not running",
          partial(changes.stopped, servers=["slapd"]),
          ldapsearch("Can't contact LDAP server"),
          {**{(row, "ipv4"): REFUSED for row in LDAP_ROWS}, **CLOSED_636}),
    directory("ldap-no-anonymous-bind", "The directory refuses anonymous bind",
              "anonymous bind disallowed", {"ldap-bind": ("degraded",
                                                          "ldap-bind-refused")},
              more="disallow bind_anon"),
    directory("ldap-wants-a-login", "The directory wants a login before any search",
              "authentication required",
              {row: ("degraded", "ldap-bind-refused") for row in
               ("ldap", "ldap-starttls", "ldaps")}, more="require authc"),
    directory("ldap-unwilling", "The directory is unwilling to search", "unwilling",
              {row: ("degraded", "ldap-result") for row in
               ("ldap", "ldap-starttls", "ldaps")}, more="restrict search"),
    directory("ldap-without-starttls", "The directory knows no StartTLS",
              "unsupported extended operation",
              {"ldap-starttls": ("failed", "ldap-result"),
               **{row: said[:2] for (row, _), said in CLOSED_636.items()}},
              "-ZZ", offers_tls=False),
    directory_partner("ldap-other-message-id", "The answers are to another message",
                      "bad-id", "", "garbage"),
    directory_partner("ldap-other-operation", "The answers are to another operation",
                      "other-operation", "", "garbage"),
    directory_partner("ldap-impossible-length", "A message announces 2 GB", "length", "",
                      "garbage"),
    directory_partner("ldap-indefinite-length", "A length that LDAP forbids",
                      "indefinite", "", "garbage"),
    directory_partner("ldap-says-goodbye", "The directory announces that it hangs up",
                      "notice", "", "ldap-result"),
    directory_partner("ldap-busy", "The directory is busy", "51", "Server is busy",
                      "ldap-result", "degraded", ("failed", "ldap-result")),
    directory_partner("ldap-silent", "The port accepts and stays silent", "silent", "",
                      "no-answer"),
    directory_partner("ldap-closes", "The port hangs up", "close", "", "closed-early"),
    directory_partner("ldap-garbage", "The port says garbage", "garbage", "", "garbage"),
    directory_partner("ldap-is-http", "HTTP is spoken on the port of LDAP", "http", "",
                      "wrong-protocol"),
    directory_partner("ldap-is-ssh", "SSH listens on the port of LDAP", "ssh", "",
                      "wrong-protocol"),
    directory_certified("expired", "The directory's certificate has expired",
                        "certificate has expired"),
    directory_certified("self-signed", "The directory's certificate is signed by itself",
                        "self-signed certificate"),
    directory_certified("wrong-host", "The directory's certificate is another host's",
                        "hostname mismatch"),
]

FIRST, SECOND = (ipv4(CLOUD, host) for host in STUN_HOSTS)
BOTH = ("stun", "stun-nat")


def mapped(name, what, words, cause, verdict="failed"):
    """A partner in the place of the first server; the second one is gone."""
    return Fault(name, what,
                 partial(changes.instead_of, server="coturn",
                         words=["udp", "stun", words, FIRST, "3478"]),
                 stun("", FIRST),
                 {(row, "ipv4"): (verdict, cause, ANYONE) for row in BOTH})


STUN = [
    Fault("stun-server-stopped", "The STUN server is not running",
          partial(changes.stopped, servers=["coturn"]), stun("", FIRST),
          {(row, "ipv4"): ("failed", "icmp-port-unreachable", FIRST) for row in BOTH}),
    Fault("stun-blocked", "A firewall drops STUN",
          partial(changes.rules, lines=["udp dport 3478 drop"]), stun("silent", FIRST),
          {(row, "ipv4"): ("failed", "timeout", ANYONE) for row in BOTH}),
    Fault("stun-second-server-gone", "The second STUN server, to compare with, is silent",
          partial(changes.rules, lines=[f"ip daddr {SECOND} udp dport 3478 drop"]),
          stun("silent", SECOND), {}, steady=2),
    Fault("nat", "A NAT hides us, and a row wants none",
          partial(changes.table, text=changes.MASQUERADE.format("")),
          stun("reflexive addr: 203.0.113.1:", FIRST),
          {("stun-nat", "ipv4"): ("degraded", "nat-rewrite", ANYONE)}),
    Fault("nat-symmetric", "A NAT shows each server another port of ours",
          partial(changes.table, text=changes.MASQUERADE.format("fully-random")),
          stun("reflexive addr: 203.0.113.1:", FIRST),
          {("stun", "ipv4"): ("degraded", "nat-symmetric", ANYONE),
           ("stun-nat", "ipv4"): ("degraded", "nat-rewrite", ANYONE)}),
    mapped("stun-error", "The STUN server answers an error", "error", "stun-error",
           "degraded"),
    mapped("stun-other-transaction", "The mapping is for another transaction", "bad-id",
           "stun-mismatch"),
    mapped("stun-without-mapping", "The STUN server tells no mapping", "no-address",
           "garbage|stun-error"),
    mapped("stun-garbage", "The STUN server says garbage", "garbage", "garbage"),
    mapped("stun-impossible-length", "A length that is not the datagram's", "length",
           "garbage"),
    mapped("stun-is-sip", "SIP answers on the port of STUN", "sip", "wrong-protocol"),
    mapped("stun-from-another-port", "The mapping comes from another port",
           "another-port:good", "wrong-source"),
    mapped("stun-from-another-address", "The mapping comes from the other address",
           "another-address:good", "wrong-source"),
    mapped("stun-late", "The mapping comes after the deadline", "late", "timeout"),
]
