# SPDX-License-Identifier: Apache-2.0
"""Faults of TLS certificates and handshakes, and of HTTP."""

from functools import partial

import changes
from fault import (ANYONE, Fault, both, curl, handshake, http_status, pbx_handshake,
                   said)
from model import PBX, PBX_NAME, address_of, ipv4

SECURE = "update.starface.de"
WEB = "license.starface.de"
LOOKUP = "iplookup.starface.com"


def certified(kind, what, words, verdict="failed", cause=None):
    """Another certificate of one server, seen by the TLS row and the HTTPS row."""
    cause = cause or f"tls-{kind}"
    return Fault(f"tls-{kind}", what,
                 partial(changes.site, name=SECURE, certificates=kind),
                 handshake(words),
                 {**both("secure", verdict, cause), **both("web-secure", verdict, cause)})


def shaken(name, what, directives, words, cause, *more):
    """Other TLS settings of the same server."""
    return Fault(name, what, partial(changes.site, name=SECURE, tls=directives),
                 handshake(words, SECURE, *more),
                 {**both("secure", "failed", cause),
                  **both("web-secure", "failed", cause)})


def greeted(name, what, how, code, cause, web=None):
    """A partner in the place of the TLS server's IPv4 address."""
    refused = ("failed", "refused", address_of(SECURE, 6))
    return Fault(name, what,
                 partial(changes.instead_of_site, name=SECURE, port=443,
                         address=address_of(SECURE), how=how, protocol="any"),
                 curl(code, "-4", f"https://{SECURE}/"),
                 {("secure", "ipv4"): ("failed", cause, ANYONE),
                  ("web-secure", "ipv4"): ("failed", web or cause, ANYONE),
                  ("secure", "ipv6"): refused, ("web-secure", "ipv6"): refused})


def revoked(world):
    staple = world.authority.staple(SECURE)
    return changes.site(world, SECURE, certificates="revoked",
                        tls=f"ssl_stapling on; ssl_stapling_file {staple};")


def versions(name, what, protocols, cause, verdict="degraded"):
    """The PBX's own nginx, which all of its TLS ports are, with these versions."""
    return Fault(name, what, partial(
        changes.site, nginx="pbx", name=PBX_NAME,
        tls=f"ssl_protocols {protocols}; ssl_ciphers ALL:@SECLEVEL=0;"),
        said("New, TLSv", "openssl", "s_client", "-connect", f"{ipv4(PBX)}:50081",
             "-cipher", "ALL:@SECLEVEL=0", f"-{OPENSSL[protocols.split()[0]]}"),
        {("versions", "ipv4"): (verdict, cause, ANYONE)},
        steady=0 if verdict != "ok" else 2)


OPENSSL = {"TLSv1": "tls1", "TLSv1.1": "tls1_1", "TLSv1.2": "tls1_2", "TLSv1.3": "tls1_3"}
TLS = [
    certified("expired", "The certificate has expired", "certificate has expired"),
    certified("not-yet-valid", "The certificate is not valid yet",
              "certificate is not yet valid"),
    certified("wrong-host", "The certificate is another host's", "hostname mismatch"),
    certified("self-signed", "The certificate is signed by itself",
              "self-signed certificate"),
    certified("untrusted", "The certificate is of an authority that nobody knows",
              "self-signed certificate in certificate chain"),
    certified("incomplete-chain", "The server sends no intermediate certificate",
              "unable to verify the first certificate"),
    certified("weak-key", "The certificate's key is RSA of 1024 bits", "1024 bit",
              "degraded"),
    certified("weak-signature", "The certificate is signed with SHA-1",
              "", "degraded", "tls-weak-key"),
    certified("expired-issuer", "The issuer's certificate has expired",
              "certificate has expired", cause="tls-expired"),
    Fault("tls-revoked", "The certificate is revoked, and the server says so itself",
          revoked, handshake("Cert Status: revoked", SECURE, "-status"),
          {**both("secure", "failed", "tls-untrusted"),
           **both("web-secure", "failed", "tls-untrusted")}),
    versions("tls-1.0-accepted", "The PBX accepts TLS 1.0, which it must refuse",
             "TLSv1 TLSv1.2 TLSv1.3", "tls-old-version-accepted"),
    versions("tls-1.0-alone", "The PBX accepts nothing newer than TLS 1.0", "TLSv1",
             "tls-old-version-accepted"),
    versions("tls-1.1-accepted", "The PBX accepts TLS 1.1, which it may",
             "TLSv1.1 TLSv1.2", "none", "ok"),
    versions("tls-1.3-alone", "The PBX accepts TLS 1.3 alone", "TLSv1.3", "none", "ok"),
    Fault("tls-1.0-of-the-directory", "The directory accepts TLS 1.0",
          partial(changes.server, name="slapd", versions="+VERS-TLS1.0:+VERS-TLS1.2"),
          pbx_handshake("New, TLSv1.0", 636, "-cipher", "ALL:@SECLEVEL=0", "-tls1"),
          {("versions-ldap", "ipv4"): ("degraded", "tls-old-version-accepted", ANYONE)}),
    certified("expiring-soon", "The certificate expires in five days", "Verification: OK",
              "degraded"),
    shaken("only-old-versions", "The server speaks TLS 1.1 at most",
           "ssl_protocols TLSv1.1; ssl_ciphers ALL:@SECLEVEL=0;",
           "protocol version", "tls-protocol-version", "-no_tls1_1"),
    shaken("no-common-cipher", "The server knows one old cipher alone",
           "ssl_protocols TLSv1.2; ssl_ciphers CAMELLIA256-SHA;",
           "handshake failure", "tls-handshake-failure"),
    shaken("handshake-rejected", "The server knows no such name",
           "ssl_reject_handshake on;", "unrecognized name", "tls-handshake-failure"),
    greeted("tls-silent", "The TLS port accepts and stays silent", "silent", 28,
            "no-answer"),
    greeted("tls-closes", "The TLS port hangs up", "close", 35, "closed-early"),
    greeted("tls-resets", "The TLS port resets", "reset", 35, "reset"),
    greeted("tls-is-http", "Plain HTTP is spoken on the TLS port", "http", 35,
            "wrong-protocol"),
    greeted("tls-is-ssh", "SSH listens on the TLS port", "ssh", 35, "wrong-protocol"),
    # curl shows five octets of what is no TLS, and "220 m" names nobody.
    greeted("tls-is-smtp", "SMTP listens on the TLS port", "smtp", 35, "wrong-protocol",
            web="garbage"),
    greeted("tls-garbage", "The TLS port says garbage", "garbage", 35,
            "garbage|tls-handshake-failure"),
    greeted("tls-refuses", "The TLS port answers by a fatal alert", "tls", 35,
            "tls-handshake-failure"),
]


def answered(name, what, directives, status, cause, verdict="failed"):
    return Fault(name, what, partial(changes.site, name=WEB, bodies=directives),
                 http_status(status, f"http://{WEB}/"), both("web", verdict, cause))


def played(name, what, how, code, cause, protocol="http"):
    """A partner in the place of one server's IPv4 address; the other one is closed."""
    return Fault(name, what,
                 partial(changes.instead_of_site, name=LOOKUP, port=80,
                         address=address_of(LOOKUP), how=how, protocol=protocol),
                 curl(code, "-4", f"http://{LOOKUP}/"),
                 {("lookup", "ipv4"): ("failed", cause, ANYONE),
                  ("lookup", "ipv6"): ("failed", "refused", address_of(LOOKUP, 6))})


HTTP = [
    answered("http-503", "The web server cannot serve", "location / { return 503; }", 503,
             "http-status"),
    answered("http-404-where-200-is-asked", "The page is not there",
             "location / { return 404; }", 404, "http-status"),
    answered("http-redirect-loop", "The web server redirects in a circle",
             "location / { return 302 http://$host/; }", 302, "http-redirect-loop"),
    answered("captive-portal", "A portal redirects to its own page",
             "location / { return 302 http://portal.example.com/login; }", 302,
             "captive-portal"),
    answered("captive-portal-511", "A portal says 511, network authentication required",
             "location / { return 511; }", 511, "captive-portal"),
    answered("block-page", "A block page answers 200 in the place of the server",
             "location / { return 200 \"Access denied by policy\\n\"; }", 200,
             "captive-portal"),
    Fault("http-404-is-an-answer", "A page is not there, which still proves the service",
          partial(changes.site, name=SECURE, bodies="location / { return 404; }"),
          http_status(404, f"https://{SECURE}/"), {}, steady=2),
    Fault("http-401-is-an-answer", "A page wants a password, which proves the service",
          partial(changes.site, name=SECURE, bodies="location / { return 401; }"),
          http_status(401, f"https://{SECURE}/"), {}, steady=2),
    Fault("http-redirect-to-plain", "A page redirects from HTTPS to HTTP",
          partial(changes.site, name=SECURE,
                  bodies="location / { return 302 http://license.starface.de/; }"),
          http_status(302, f"https://{SECURE}/"),
          both("web-secure", "failed", "http-redirect")),
    Fault("web-server-stopped", "The web servers of the cloud are not running",
          partial(changes.stopped, servers=["cloud"]), curl(7, f"http://{WEB}/"),
          {key: value
           for row in ("web", "web-secure", "secure", "secure-other", "lookup")
           for key, value in both(row, "failed", "refused").items()}),
    played("http-silent", "The web server accepts and stays silent", "silent", 28,
           "no-answer"),
    played("http-closes", "The web server hangs up without an answer", "close", 52,
           "http-empty-reply"),
    played("http-resets", "The web server resets", "reset", 56, "reset"),
    played("http-truncated", "A page ends before its length", "truncated", 18,
           "http-truncated"),
    played("http-drips", "A page comes one octet at a time", "drip", 28, "http-timeout"),
    played("http-endless", "A page's headers never end", "endless", 56,
           "http-bad-framing"),
    played("http-chunk-without-length", "A page's framing is broken", "framing", 56,
           "http-bad-framing"),
    played("http-garbage", "The web server says garbage", "garbage", 1,
           "garbage|http-bad-framing", "any"),
    played("http-is-ssh", "SSH listens on the port of HTTP", "ssh", 1, "wrong-protocol",
           "any"),
    played("http-is-smtp", "SMTP listens on the port of HTTP", "smtp", 1,
           "wrong-protocol", "any"),
    played("http-is-tls", "TLS is spoken on the port of HTTP", "tls", 1,
           "wrong-protocol", "any"),
]
