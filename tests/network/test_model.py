#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The model network itself, asked by ordinary tools: healthy, and each rule in force."""

import subprocess
import sys
import time

import sandbox
import world
from authority import Authority
from model import (CLOUD, NAMES, PBX, PBX_NAME, PROBER, RESOLVER, STUN, Model, address_of,
                   ipv4, ipv6)
from servers import SITES, Servers, ntp_answers, reach
from telephony import sip_answers, stun_answers


def names(model):
    for name in NAMES:
        for kind, family in (("A", 4), ("AAAA", 6)):
            answer = model.run(PROBER, "dig", "+short", name, kind).split()
            assert address_of(name, family) in answer, (name, answer)
    assert "NXDOMAIN" in model.run(PROBER, "dig", "nothing.starface.de")
    answer = model.run(PROBER, "dig", "+tcp", "+short", f"@{ipv6(CLOUD, RESOLVER)}",
                       "siptrunk.de")
    assert answer.strip() == address_of("siptrunk.de"), answer


def web(model):
    for name, (plain, tls, _) in SITES.items():
        urls = [f"http://{name}:{port}/" for port in plain] + \
            [f"https://{name}:{port}/" for port in tls]
        for url in urls:
            for family in ("-4", "-6"):
                assert reach(model, url, family) == (0, "200"), (url, family)


def time_and_pbx(model):
    for family in (4, 6):
        address = address_of("pool.ntp.org", family)
        assert ntp_answers(model, address, PROBER) == ("0", "3")
    assert reach(model, "https://pbx.example.com:50081/") == (0, "200")
    for port in (3090, 7100):
        code, words = model.says(PROBER, "curl", "-sS", "--max-time", "0.3",
                                 f"telnet://{ipv4(PBX)}:{port}")
        assert code == 28, (port, words)


def secure(model, port, *more):
    """What openssl says of a TLS port of the PBX."""
    return model.run(PROBER, "openssl", "s_client", "-connect", f"{PBX_NAME}:{port}",
                     "-verify_hostname", PBX_NAME, "-verify_return_error", "-brief",
                     *more, stdin=subprocess.DEVNULL)


def telephony(model):
    """SIP, XMPP, LDAP and STUN, as their ordinary clients see them."""
    assert sip_answers(model, PROBER)
    for port, more in ((5061, ()), (636, ()), (389, ("-starttls", "ldap")),
                       (5222, ("-starttls", "xmpp", "-xmpphost", PBX_NAME))):
        assert "Verification: OK" in secure(model, port, *more), port
    for address in (ipv4(PBX), f"[{ipv6(PBX)}]"):
        root = model.run(PROBER, "ldapsearch", "-x", "-H", f"ldap://{address}",
                         "-s", "base", "-b", "", "namingContexts")
        assert "namingContexts: dc=example,dc=com" in root, root
    for host in STUN:
        words = stun_answers(model, host, PROBER)
        assert words and f"reflexive addr: {ipv4(PROBER)}:" in words, words


def rules(model):
    address = address_of("license.starface.de")
    url = f"http://{address}/"
    model.rule(f"ip daddr {address} reject with icmp admin-prohibited")
    trace = model.run(PROBER, "curl", "-sS", "-v", "--max-time", "3", url, check=False)
    assert "No route to host" in trace, trace
    model.no_rules()
    assert reach(model, url)[0] == 0
    model.rule(f"ip daddr {address} drop")
    assert reach(model, url)[0] == 28
    model.no_rules()
    assert reach(model, url)[0] == 0


def main():
    sandbox.enter(*world.TOOLS)
    begun = time.monotonic()
    with Model() as model:
        authority = Authority(model.path("authority"))
        model.trust(authority.root)
        servers = Servers(model, authority)
        servers.start()
        print(f"ok all serve after {time.monotonic() - begun:.1f} s")
        for step in (names, web, time_and_pbx, telephony, rules):
            step(model)
            print(f"ok {step.__name__}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
