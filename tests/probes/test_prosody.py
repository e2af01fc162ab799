#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The kind xmpp against a real prosody: TLS wanted, offered, missing; wrong domains."""

import contextlib
import os
import subprocess
import sys

from asking import ask, expect, network, until

import authority
import sandbox

HOST = "pbx.example.com"

CONFIG = """
run_as_root = true
pidfile = "{folder}/prosody.pid"
data_path = "{folder}"
interfaces = {{ "127.0.0.1", "::1" }}
c2s_ports = {{ 5222 }}
modules_enabled = {{ "saslauth", "disco"{modules} }}
modules_disabled = {{ "s2s" }}
c2s_require_encryption = {required}
log = {{ error = "*console" }}
VirtualHost "{domain}"
	ssl = {{ certificate = "{chain}"; key = "{key}" }}
"""


def listens():
    done = subprocess.run(["ss", "-Hltn", "sport = :5222"], capture_output=True,
                          text=True, check=True)
    return done.stdout.count("LISTEN") == 2


@contextlib.contextmanager
def prosody(store, domain=HOST, required="true", modules=', "tls"', kind="good"):
    folder = sandbox.FOLDER
    path = os.path.join(folder, "prosody.cfg.lua")
    chain, key = store.certificate(HOST, kind)
    with open(path, "w", encoding="utf-8") as file:
        file.write(CONFIG.format(folder=folder, domain=domain, required=required,
                                 modules=modules, chain=chain, key=key))
    with subprocess.Popen(["prosody", "-F", "--config", path],
                          stdout=subprocess.DEVNULL) as process:
        try:
            until(listens, "prosody listens")
            yield
        finally:
            process.terminate()


def ask_pbx(store, *options, host=HOST, address="127.0.0.1"):
    return ask("xmpp", address, 5222, "trust", f"ca:{store.root}", *options, host=host)


def encrypted(store):
    for required in ("true", "false"):
        with prosody(store, required=required):
            for address in ("127.0.0.1", "::1"):
                outcome = ask_pbx(store, address=address)
                expect(outcome, verdict="ok", cause="none", phase="response",
                       xmpp_starttls_offered=1, xmpp_secured=1,
                       xmpp_starttls_required=int(required == "true"),
                       tls_certificate_valid=1)
                assert int(outcome["xmpp_mechanisms"]) >= 1, outcome


def without_encryption(store):
    with prosody(store, required="false", modules=""):
        expect(ask_pbx(store), verdict="failed", cause="xmpp-no-starttls",
               xmpp_starttls_offered=0, xmpp_starttls_required=None, xmpp_secured=None,
               detail="features without STARTTLS", tls_certificate_valid=None)


def another_domain(store):
    with prosody(store, domain="other.example.com"):
        outcome = ask_pbx(store)
        expect(outcome, verdict="failed", cause="xmpp-stream-error",
               offender="127.0.0.1", xmpp_starttls_offered=None)
        assert outcome["detail"].startswith(
            f"host-unknown: asked for {HOST}"), outcome
        # the name that the server has, at the address of another
        expect(ask_pbx(store, "domain", "other.example.com"), verdict="failed",
               cause="tls-wrong-host", xmpp_secured=1)


def by_address(store):
    """Without a name the server does not know itself."""
    with prosody(store):
        outcome = ask_pbx(store, host=None)
        expect(outcome, verdict="unknown", cause="xmpp-stream-error")
        assert outcome["detail"].startswith(
            "host-unknown: asked for 127.0.0.1, an address; set domain to"), outcome
        expect(ask_pbx(store, host=None, address="::1"), verdict="unknown",
               cause="xmpp-stream-error")
        expect(ask_pbx(store, "domain", HOST, host=None), verdict="ok", xmpp_secured=1)


def untrusted(store):
    for kind, cause in (("expired", "tls-expired"), ("self-signed", "tls-self-signed")):
        with prosody(store, kind=kind):
            expect(ask_pbx(store), verdict="failed", cause=cause, xmpp_secured=1,
                   tls_certificate_valid=0)


def main():
    sandbox.enter("prosody", "openssl", "ss")
    network("link set lo up")
    store = authority.Authority(os.path.join(sandbox.FOLDER, "authority"))
    for step in (encrypted, without_encryption, another_domain, by_address, untrusted):
        step(store)
        print(f"ok {step.__name__}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
