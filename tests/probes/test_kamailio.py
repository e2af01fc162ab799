#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The kind sip against a real kamailio: by UDP, TCP and TLS, behind NAT and an ALG."""

import contextlib
import os
import subprocess
import sys

from asking import ask, expect, network, until

import authority
import sandbox

HOST = "pbx.example.com"

# The user part asked for says what to answer.
CONFIG = """#!KAMAILIO
debug=1
log_stderror=yes
children=1
tcp_children=1
enable_tls=yes
auto_aliases=no
dns=no
rev_dns=no
{listens}
loadmodule "pv.so"
loadmodule "sl.so"
loadmodule "siputils.so"
loadmodule "textops.so"
loadmodule "tls.so"
modparam("tls", "config", "{tls}")
request_route {{
	if ($rU =~ "^[1-6][0-9][0-9]$") {{
		$var(status) = $(rU{{s.int}});
		sl_send_reply("$var(status)", "As asked");
		exit;
	}}
	if ($rU == "twice")
		sl_send_reply("100", "Trying");
	append_to_reply("Allow: INVITE, ACK, CANCEL, OPTIONS, BYE\\r\\n");
	sl_send_reply("200", "OK");
}}
"""

TLS = """[server:default]
method = TLSv1.2+
certificate = {chain}
private_key = {key}
verify_certificate = no
require_certificate = no
"""

WAYS = (("udp", 5060), ("tcp", 5060), ("tls", 5061))


def listening():
    """How many of its ends are there, without the kind that is being tested."""
    done = subprocess.run(["ss", "-Hltun"], capture_output=True, text=True, check=True)
    return sum(f":{port} " in line for line in done.stdout.splitlines()
               for port in (5060, 5061))


@contextlib.contextmanager
def kamailio(store, *addresses, prefix=(), kind="good"):
    folder = sandbox.FOLDER
    chain, key = store.certificate(HOST, kind)
    listens = "\n".join(f"listen={way}:{address}:{port}" for address in addresses
                        for way, port in WAYS)
    files = {"kamailio.tls": TLS.format(chain=chain, key=key),
             "kamailio.cfg": CONFIG.format(
                 listens=listens, tls=os.path.join(folder, "kamailio.tls"))}
    for name, text in files.items():
        with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
            file.write(text)
    command = [*prefix, "kamailio", "-DD", "-E", "-Y", folder, "-w", folder, "-m", "16",
               "-M", "4", "-f", os.path.join(folder, "kamailio.cfg")]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL) as process:
        try:
            # children of its own take the work, so that a port alone is not enough
            until(lambda: subprocess.run(
                [*prefix, "sipsak", "-H", "localhost", "-s", f"sip:{addresses[0]}"],
                capture_output=True, check=False).returncode == 0, "kamailio answers")
            yield process
        finally:
            process.terminate()


def asked(way, *options, address="127.0.0.1", trust=None, **more):
    port = dict(WAYS)[way]
    extra = ("trust", f"ca:{trust}") if way == "tls" and trust else ()
    return ask("sip", address, port, "transport", way, *extra, *options, host=HOST,
               **more)


def answered(store):
    with kamailio(store, "127.0.0.1", "[::1]"):
        assert listening() == 6
        for way, _ in WAYS:
            for address in ("127.0.0.1", "::1"):
                outcome = asked(way, address=address, trust=store.root)
                expect(outcome, verdict="ok", cause="none", phase="response",
                       evidence="sip-status", code=200, sip_status_code=200,
                       detail="OK, kamailio (5.6.3 (x86_64/linux))",
                       sip_provisional_responses=0, sip_mismatches=0,
                       sip_rewritten_fields=0, sip_allowed_methods=5, sip_nat=0,
                       retransmissions=0 if way == "udp" else None,
                       tls_certificate_valid=1 if way == "tls" else None)
                assert outcome["local"] == outcome["mapped"] != "", outcome
                assert 300 < int(outcome["sip_response_bytes"]) < 1000, outcome


def sizes(store):
    """How large a request may be: whole, in fragments, and beyond what the link takes."""
    def sized(way, address="127.0.0.1"):
        extra = ("trust", f"ca:{store.root}") if way == "tls" else ()
        return ask("sip-size", address, dict(WAYS)[way], "transport", way,
                   "repeat_after", "300ms", *extra, host=HOST)
    with kamailio(store, "127.0.0.1", "[::1]"):
        for mtu, largest in ((1500, 1500), (1300, 1300), (9000, 1500)):
            network(f"link set lo mtu {mtu}")
            for address in ("127.0.0.1", "::1"):
                expect(sized("udp", address), verdict="ok", cause="none",
                       sip_largest_request_bytes=largest, path_mtu_bytes=mtu,
                       sip_fragments_answered=None if mtu > 2000 else 1)
        for way in ("tcp", "tls"):
            expect(sized(way), verdict="ok", cause="none", path_mtu_bytes=None,
                   sip_largest_request_bytes=3000, sip_fragments_answered=None)


def statuses(store):
    """Each class of final answers, by each way; and what is final at all."""
    with kamailio(store, "127.0.0.1"):
        for way, _ in WAYS:
            for status in (202, 302, 401, 403, 404, 405, 407, 420, 483, 488):
                expect(asked(way, "user", str(status), trust=store.root), verdict="ok",
                       cause="none", code=status, sip_status_code=status)
            for status in (500, 501, 503, 600, 603):
                expect(asked(way, "user", str(status), trust=store.root),
                       verdict="degraded", cause="sip-status", code=status,
                       sip_status_code=status)
                expect(asked(way, "user", str(status), "accept", "200,500-699",
                             trust=store.root),
                       verdict="ok", cause="none", sip_status_code=status)
            expect(asked(way, "user", "100", trust=store.root, timeout_ms=400),
                   verdict="failed", cause="sip-no-final", sip_provisional_responses=1,
                   sip_status_code=None)
            expect(asked(way, "user", "twice", trust=store.root), verdict="ok",
                   code=200, sip_provisional_responses=1)


def trust(store):
    """Reachable and trusted are two facts."""
    other = store.path("stranger.crt")
    with kamailio(store, "127.0.0.1"):
        expect(asked("tls", trust=other), verdict="failed",
               cause="tls-untrusted", sip_status_code=200,
               tls_certificate_valid=0)
        expect(asked("tls", "server_name", "other.example.com", trust=store.root),
               verdict="failed", cause="tls-wrong-host", sip_status_code=200)
    for kind, cause in (("expired", "tls-expired"), ("self-signed", "tls-self-signed")):
        with kamailio(store, "127.0.0.1", kind=kind):
            expect(asked("tls", trust=store.root), verdict="failed", cause=cause,
                   sip_status_code=200, tls_certificate_valid=0)


def confused(store):
    """Asked by TLS in the clear and the other way round."""
    with kamailio(store, "127.0.0.1"):
        outcome = ask("sip", "127.0.0.1", 5061, "transport", "tcp", host=HOST,
                      timeout_ms=500)
        assert outcome["verdict"] == "failed", outcome
        expect(outcome, sip_status_code=None)
        outcome = ask("sip", "127.0.0.1", 5060, "transport", "tls", "trust",
                      f"ca:{store.root}", host=HOST, timeout_ms=500)
        assert outcome["verdict"] == "failed", outcome
        expect(outcome, sip_status_code=None)


def stopped(store):
    with kamailio(store, "127.0.0.1"):
        expect(asked("udp"), verdict="ok")
    until(lambda: listening() == 0, "kamailio is gone")
    expect(asked("udp"), verdict="failed", cause="icmp-port-unreachable")
    for way in ("tcp", "tls"):
        expect(asked(way, trust=store.root), verdict="failed", cause="refused")


def hung(store):
    """TLS in order and SIP silent: a server whose workers are all stuck."""
    chain, key = store.certificate(HOST)
    command = ["openssl", "s_server", "-quiet", "-accept", "5061", "-cert", chain,
               "-cert_chain", chain, "-key", key]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL) as process:
        try:
            until(lambda: listening() == 1, "openssl listens")
            expect(asked("tls", trust=store.root, timeout_ms=500), verdict="failed",
                   cause="no-answer", phase="response", evidence="peer",
                   offender="127.0.0.1", tls_certificate_valid=1, sip_status_code=None,
                   detail="the TLS handshake was done (TLS 1.3), SIP stayed silent")
        finally:
            process.terminate()


def rules(namespace, text, check=True):
    return subprocess.run(["ip", "netns", "exec", namespace, "nft", "-f", "-"],
                          input=text, text=True, check=check).returncode == 0


MASQUERADE = """
table ip nat {
	chain post {
		type nat hook postrouting priority srcnat;
		oifname "out" meta l4proto { tcp, udp } masquerade to :20000-20099
	}
}
"""

HELPER = """
table ip helpers {
	ct helper sip-udp { type "sip" protocol udp; }
	chain pre {
		type filter hook prerouting priority filter;
		udp dport 5060 ct helper set "sip-udp"
	}
}
"""


def translated(store):
    """A router with NAT between, and one whose NAT rewrites SIP as well."""
    network("netns add router", "netns add server",
            "link add in type veth peer name in netns router",
            "link add out netns router type veth peer name out netns server",
            "address add 192.0.2.7/24 dev in", "link set in up",
            "route add default via 192.0.2.1",
            "-n router address add 192.0.2.1/24 dev in", "-n router link set in up",
            "-n router address add 203.0.113.1/24 dev out",
            "-n router link set out up",
            "-n server address add 203.0.113.9/24 dev out",
            "-n server link set out up", "-n server link set lo up")
    inside = ["ip", "netns", "exec", "server"]
    subprocess.run(["ip", "netns", "exec", "router", "sysctl", "-qw",
                    "net.ipv4.ip_forward=1"], check=True)
    rules("router", MASQUERADE)
    with kamailio(store, "203.0.113.9", prefix=inside):
        for way, _ in WAYS:
            outcome = asked(way, address="203.0.113.9", trust=store.root)
            expect(outcome, verdict="ok", cause="none", sip_nat=1,
                   sip_rewritten_fields=0)
            assert outcome["local"].startswith("192.0.2.7:"), outcome
            assert outcome["mapped"].startswith("203.0.113.1:200"), outcome
            outcome = asked(way, "nat", "degrade", address="203.0.113.9",
                            trust=store.root)
            expect(outcome, verdict="degraded", cause="nat-rewrite", code=200,
                   detail=f"we {outcome['local']} -> {outcome['mapped']}")
        if not rules("router", HELPER, check=False):
            print("   this kernel has no SIP helper")
            return
        # It hides what it does: what it rewrites on the way out it rewrites back on the
        # way in, received and rport too. Only another port tells that there is a NAT.
        outcome = asked("udp", address="203.0.113.9")
        expect(outcome, verdict="ok", sip_nat=0, sip_rewritten_fields=0,
               mapped=outcome["local"])
        expect(asked("tls", address="203.0.113.9", trust=store.root), sip_nat=1)


def main():
    sandbox.enter("kamailio", "openssl", "sipsak", "ss")
    network("link set lo up")
    store = authority.Authority(os.path.join(sandbox.FOLDER, "authority"))
    for step in (answered, sizes, statuses, trust, confused, stopped, hung, translated):
        step(store)
        print(f"ok {step.__name__}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
