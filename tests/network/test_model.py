#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The model network itself, asked by ordinary tools: healthy, and each rule in force."""

import sys

import sandbox
from authority import Authority
from model import CLOUD, NAMES, PBX, PROBER, RESOLVER, Model, address_of, ipv4, ipv6
from servers import SITES, Servers, ntp_answers, reach


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
    for port in (389, 3090, 5060, 5222):
        code, words = model.says(PROBER, "curl", "-sS", "--max-time", "0.3",
                                 f"telnet://{ipv4(PBX)}:{port}")
        assert code == 28, (port, words)


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
    sandbox.enter("nginx", "unbound", "chronyd", "dig", "curl", "openssl")
    with Model() as model:
        authority = Authority(model.path("authority"))
        model.trust(authority.root)
        servers = Servers(model, authority)
        servers.start()
        for step in (names, web, time_and_pbx, rules):
            step(model)
            print(f"ok {step.__name__}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
