#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The kind ldap against a real slapd: open, closed, by StartTLS and by TLS."""

import contextlib
import os
import subprocess
import sys

from asking import ask, expect, network, until

import authority
import sandbox

HOST = "directory.example.com"

CONFIG = """
include /etc/ldap/schema/core.schema
pidfile {folder}/slapd.pid
{global_lines}
database ldif
suffix "dc=example,dc=com"
directory {folder}
{database_lines}
"""

TLS = """
TLSCACertificateFile {root}
TLSCertificateFile {chain}
TLSCertificateKeyFile {key}
"""

URLS = "ldap://127.0.0.1:389/ ldap://[::1]:389/"


def answers():
    """Whether there is a directory, without the kind that is being tested."""
    done = subprocess.run(
        ["ss", "-Hltn", "sport = :389"], capture_output=True, text=True, check=True)
    return done.stdout.count("LISTEN") == 2


@contextlib.contextmanager
def slapd(global_lines="", database_lines="", tls=None):
    folder = sandbox.FOLDER
    path = os.path.join(folder, "slapd.conf")
    more = TLS.format(**tls) if tls else ""
    with open(path, "w", encoding="utf-8") as file:
        file.write(CONFIG.format(folder=folder, global_lines=global_lines + more,
                                 database_lines=database_lines))
    urls = URLS + (" ldaps://127.0.0.1:636/" if tls else "")
    command = ["slapd", "-d", "0", "-f", path, "-h", urls]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        try:
            until(answers, "slapd listens")
            yield
        finally:
            process.terminate()


def anybody(_):
    with slapd():
        for address in ("127.0.0.1", "::1"):
            expect(ask("ldap", address, 389), verdict="ok", cause="none",
                   phase="response", ldap_result_code=0, ldap_entries=1,
                   ldap_naming_contexts=1, ldap_version_3_supported=1,
                   ldap_starttls_supported=0, tls_certificate_valid=None)
            expect(ask("ldap", address, 389, "operation", "bind"), verdict="ok",
                   ldap_result_code=0, ldap_entries=None)


def nobody(_):
    """What slapd says when it wants to know who asks."""
    with slapd("require bind\n"):
        expect(ask("ldap", "127.0.0.1", 389), verdict="degraded",
               cause="ldap-bind-refused", ldap_result_code=1, code=1,
               offender="127.0.0.1", detail="operationsError (1): BIND required")
    with slapd("require authc\n"):
        expect(ask("ldap", "127.0.0.1", 389), verdict="degraded",
               cause="ldap-bind-refused", ldap_result_code=53,
               detail="unwillingToPerform (53): authentication required")
    with slapd("require strong\n"):
        expect(ask("ldap", "127.0.0.1", 389), verdict="degraded",
               cause="ldap-bind-refused", ldap_result_code=8)
    with slapd("disallow bind_anon\n"):
        expect(ask("ldap", "127.0.0.1", 389, "operation", "bind"), verdict="degraded",
               cause="ldap-bind-refused", ldap_result_code=48,
               detail="inappropriateAuthentication (48): anonymous bind disallowed")
        expect(ask("ldap", "127.0.0.1", 389), verdict="ok")


def restricted(_):
    with slapd("security ssf=128\n"):
        expect(ask("ldap", "127.0.0.1", 389), verdict="degraded", cause="ldap-result",
               ldap_result_code=13,
               detail="confidentialityRequired (13): confidentiality required")
    with slapd("restrict search\n"):
        expect(ask("ldap", "127.0.0.1", 389), verdict="degraded", cause="ldap-result",
               ldap_result_code=53)


def hidden(_):
    """A root that nobody may see is a directory all the same."""
    with slapd("access to dn.base=\"\" by * none\n"):
        expect(ask("ldap", "127.0.0.1", 389), verdict="ok", ldap_result_code=0,
               ldap_entries=None)


def starttls(store):
    chain, key = store.certificate(HOST, "good")
    tls = {"root": store.root, "chain": chain, "key": key}
    trust = ("trust", f"ca:{store.root}")
    with slapd(tls=tls):
        for port, security in ((389, "starttls"), (636, "tls")):
            expect(ask("ldap", "127.0.0.1", port, "security", security, *trust,
                       host=HOST),
                   verdict="ok", cause="none", ldap_result_code=0, ldap_entries=1,
                   ldap_version_3_supported=1, tls_certificate_valid=1)
            expect(ask("ldap", "127.0.0.1", port, "security", security, *trust,
                       host="other.example.com"),
                   verdict="failed", cause="tls-wrong-host", ldap_result_code=0,
                   tls_certificate_valid=0)
        expect(ask("ldap", "127.0.0.1", 389, host=HOST), verdict="ok",
               ldap_starttls_supported=1, tls_certificate_valid=None)
        # each spoken to in the manner of the other
        expect(ask("ldap", "127.0.0.1", 636, host=HOST, timeout_ms=500),
               verdict="failed", ldap_result_code=None)
        expect(ask("ldap", "127.0.0.1", 389, "security", "tls", *trust, host=HOST,
                   timeout_ms=500),
               verdict="failed", ldap_result_code=None)


def no_starttls(store):
    with slapd():
        outcome = ask("ldap", "127.0.0.1", 389, "security", "starttls", "trust",
                      f"ca:{store.root}", host=HOST)
        expect(outcome, verdict="failed", cause="ldap-result", ldap_result_code=2,
               detail="to StartTLS: protocolError (2): unsupported extended operation")


def main():
    sandbox.enter("slapd", "openssl", "ss")
    network("link set lo up")
    store = authority.Authority(os.path.join(sandbox.FOLDER, "authority"))
    for step in (anybody, nobody, restricted, hidden, starttls, no_starttls):
        step(store)
        print(f"ok {step.__name__}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
