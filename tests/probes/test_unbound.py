#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The kind dns against a real unbound: records, rcodes, truncation, both transports."""

import contextlib
import os
import subprocess
import sys

from asking import ask, expect, network, until

import sandbox

CONFIG = """
server:
	interface: 127.0.0.1
	interface: ::1
	interface: 192.0.2.53
	access-control: 127.0.0.0/8 allow
	access-control: ::1 allow
	access-control: 192.0.2.53 refuse
	do-daemonize: no
	use-syslog: no
	logfile: ""
	username: ""
	chroot: ""
	directory: "{folder}"
	pidfile: ""
	module-config: "iterator"
	do-not-query-localhost: no
	do-tcp: {tcp}
	local-zone: "starface.de." static
	local-data: "license.starface.de. 300 IN A 192.0.2.1"
	local-data: "license.starface.de. 300 IN A 192.0.2.2"
	local-data: "license.starface.de. 300 IN AAAA 2001:db8::1"
	local-data: "_sip._udp.starface.de. 60 IN SRV 10 5 5060 sip.starface.de."
	local-data: "starface.de. 60 IN SOA ns.starface.de. admin.starface.de. 1 2 3 4 5"
	local-data: "starface.de. 60 IN NS ns.starface.de."
	local-data: "blocked.starface.de. 60 IN A 0.0.0.0"
	local-data: "here.starface.de. 60 IN A 127.0.0.1"
	local-data-ptr: "192.0.2.1 60 license.starface.de."
{large}
forward-zone:
	name: "broken.example."
	forward-tcp-upstream: yes
	forward-addr: 127.0.0.1@1
remote-control:
	control-enable: no
"""


def large_records():
    texts = [f'\tlocal-data: \'large.starface.de. 60 IN TXT "{n:0200d}"\''
             for n in range(40)]
    return "\n".join(texts)


@contextlib.contextmanager
def unbound(tcp="yes"):
    folder = sandbox.FOLDER
    path = os.path.join(folder, "unbound.conf")
    with open(path, "w", encoding="utf-8") as file:
        file.write(CONFIG.format(folder=folder, tcp=tcp, large=large_records()))
    with subprocess.Popen(["unbound", "-d", "-p", "-c", path], stdout=subprocess.DEVNULL,
                          stderr=subprocess.PIPE) as process:
        try:
            until(lambda: ask("dns", "127.0.0.1", 53, timeout_ms=200)["verdict"] == "ok",
                  "unbound answers")
            yield
        finally:
            process.terminate()


def dns(*options, address="127.0.0.1"):
    """Over both transports; the same must come of it."""
    outcomes = [ask("dns", address, 53, "transport", transport, *options)
                for transport in ("udp", "tcp")]
    for key in ("verdict", "cause", "dns_rcode", "dns_answer_records", "detail"):
        assert outcomes[0].get(key) == outcomes[1].get(key), (key, outcomes)
    return outcomes[0]


def records():
    for address in ("127.0.0.1", "::1"):
        expect(dns(address=address), verdict="ok", cause="none", dns_rcode=0,
               dns_answer_records=2, dns_ttl_seconds=300, stray_datagrams=0)
    for kind, name, count in (("AAAA", "license.starface.de", 1),
                              ("SRV", "_sip._udp.starface.de", 1),
                              ("SOA", "STARFACE.de.", 1), ("NS", "starface.de", 1),
                              ("PTR", "1.2.0.192.in-addr.arpa", 1)):
        expect(dns("name", name, "type", kind), verdict="ok", dns_answer_records=count)


def refusals():
    expect(dns("name", "nothing.starface.de"), verdict="failed", cause="dns-nxdomain",
           dns_rcode=3, evidence="dns-rcode", code=3, offender="127.0.0.1",
           detail="A nothing.starface.de")
    expect(dns("name", "nothing.starface.de", "accept", "NOERROR NXDOMAIN"), verdict="ok",
           cause="none", dns_rcode=3)
    expect(dns("name", "license.starface.de", "type", "NS"), verdict="failed",
           cause="dns-nodata", dns_rcode=0, dns_answer_records=0)
    expect(dns("name", "x.broken.example"), verdict="failed", cause="dns-servfail",
           code=2)
    expect(dns(address="192.0.2.53"), verdict="failed", cause="dns-refused", code=5,
           offender="192.0.2.53")
    expect(dns("name", "blocked.starface.de"), verdict="failed",
           cause="dns-wrong-address", detail="0.0.0.0")
    expect(dns("name", "here.starface.de"), verdict="failed", cause="dns-wrong-address")
    expect(dns("name", "here.starface.de", "loopback", "true"), verdict="ok")


def truncation():
    large = ("name", "large.starface.de", "type", "TXT")
    expect(ask("dns", "127.0.0.1", 53, *large), verdict="ok", dns_truncated=1,
           dns_answer_records=40, phase="response")
    expect(ask("dns", "127.0.0.1", 53, *large, "transport", "tcp"), verdict="ok",
           dns_answer_records=40, dns_truncated=None)


def truncation_without_tcp():
    expect(ask("dns", "127.0.0.1", 53, "name", "large.starface.de", "type", "TXT"),
           verdict="failed", cause="dns-truncated-no-tcp", dns_truncated=1,
           evidence="tcp-reset", offender="127.0.0.1")
    expect(ask("dns", "127.0.0.1", 53, "transport", "tcp"), verdict="failed",
           cause="refused")


def main():
    sandbox.enter("unbound")
    network("link set lo up", "addr add 192.0.2.53/32 dev lo")
    with unbound():
        for step in (records, refusals, truncation):
            step()
            print(f"ok {step.__name__}", flush=True)
    with unbound(tcp="no"):
        truncation_without_tcp()
    print("ok truncation_without_tcp")
    return 0


if __name__ == "__main__":
    sys.exit(main())
