#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""From the firewall to the pager: license.starface.de is cut off, and comes back; then
the whole Internet is.

The shipped Prometheus and Alertmanager configuration, with every waiting time and the
rows' intervals cut to a fifteenth, must send one notification with requirement, cause and
target, no second one while the fault lasts, and one that says resolved. For the Internet
it is one of the common cause and none of any requirement, and for a pulled cable one of
that, however many sites there are.

usage: test_paging.py PROGRAM
"""

import sys
import time

import changes
import rows
import sandbox
import vendor
import world
from model import Failed, address_of, wait
from monitoring import HASTE, notifications, start_alertmanager, start_prometheus, \
    start_webhook, vendor_configuration, wait_values

HOST = "license.starface.de"
SELDOM = ("voice-", "tls-")  # as they ship: they last for seconds
# A timeout cannot be cut as far as the rest. With one run of a host at a time its rows
# would so fail further apart than a group is waited for.
AT_ONCE = "per_host = 10;\n"
ROWS = ("license-80", "license-443", "license-8383")
INTERVAL, TIMEOUT = 60 / HASTE, "1300ms"
GROUP_INTERVAL = 300 / HASTE

CUT_ALL = [f"{family} daddr {network} drop" for family, network in
           (("ip", "203.0.113.0/24"), ("ip6", "2001:db8:3::/64"))]
CUT = [f"ip daddr {address_of(HOST)} drop", f"ip6 daddr {address_of(HOST, 6)} drop"]


def until(net, status, seconds):
    """The notifications so far, once there is one of this status."""
    return wait(f"a notification that says {status}",
                lambda: status in [sent["status"] for sent in notifications(net)]
                and notifications(net), seconds)


def check_firing(sent):
    assert len(sent) == 1, sent
    alerts = {alert["labels"]["requirement"]: alert for alert in sent[0]["alerts"]}
    assert sorted(alerts) == sorted(ROWS), sorted(alerts)
    for row, alert in alerts.items():
        words = alert["annotations"]["description"]
        port = row.rsplit("-", 1)[1]
        for word in (row, f"{HOST}:{port}", "timeout", "over ipv4", "over ipv6"):
            assert word in words, (word, words)
        assert alert["labels"]["severity"] == "critical", alert
        assert alert["annotations"]["summary"], alert


def cut_off(net):
    with changes.rules(net, CUT):
        net.tool(("curl", "-sS", "--max-time", "1", f"http://{HOST}/"), code=28)
        check_firing(until(net, "firing", 60))
        print("ok one notification with requirement, cause and target")
        # Past the moment at which news of the group would be sent; none may be.
        time.sleep(GROUP_INTERVAL + 2)
        check_firing(notifications(net))
        print("ok no second one while it lasts")


def resolved(net):
    sent = until(net, "resolved", 60)
    if len(sent) != 2:
        raise Failed(f"{len(sent)} notifications: {sent}")
    states = {alert["labels"]["requirement"]: alert["status"]
              for alert in sent[1]["alerts"]}
    assert states == dict.fromkeys(ROWS, "resolved"), states
    print("ok one that says resolved")


def check_common(sent):
    assert len(sent) == 1, [[alert["labels"] for alert in one["alerts"]] for one in sent]
    alerts = sent[0]["alerts"]
    assert len(alerts) == 1, alerts
    labels, words = alerts[0]["labels"], alerts[0]["annotations"]["description"]
    assert labels["alertname"] == "StarfaceCommonCause", labels
    assert labels["common_cause"] == "internet-uplink", labels
    for word in ("It explains: ", "dns-udp", "most likely", "Look at the router"):
        assert word in words, (word, words)


def cut_off_the_internet(net):
    before = len(notifications(net))
    with changes.rules(net, CUT_ALL):
        net.tool(("curl", "-sS", "--max-time", "1", f"http://{HOST}/"), code=28)
        wait("a notification", lambda: len(notifications(net)) > before, 90)
        check_common(notifications(net)[before:])
        time.sleep(GROUP_INTERVAL + 2)
        check_common(notifications(net)[before:])
        print("ok one notification for the Internet, and no other while it is gone")
    wait("the end", lambda: len(notifications(net)) > before + 1, 90)
    # Past the moment at which what was held back would be told, if it still fired.
    time.sleep(GROUP_INTERVAL + 2)
    states = [sent["status"] for sent in notifications(net)[before:]]
    assert states == ["firing", "resolved"], notifications(net)[before:]
    print("ok one that says resolved, and nothing of what it explained")


SITES = [f"site-{number}" for number in range(1, 21)]


def many_sites(net):
    """Twenty sites, and a few rows at each."""
    few = {row: rows.ROWS[row] for row in ("web", "secure", "time", "on-link")}
    catalogue = net.model.write("many.catalogue", rows.catalogue(
        few, rows.VARIABLES, rows.Pace(f"{INTERVAL:g}s", TIMEOUT)))
    one = rows.configuration(catalogue, net.authority.root, rows.VARIABLES)
    head, _, tail = one.partition("sites = (")
    site, _, tail = tail.partition(");\n")
    sites = ",\n".join(site.replace('"model"', f'"{name}"') for name in SITES)
    return net.model.write("many.conf", f"{head}sites = ({sites});\n{tail}")


def pull_the_cable(net):
    """Of the one link that twenty sites have."""
    net.stop_daemon()
    net.start_daemon(many_sites(net))
    wait_values(net, 'starface_requirement_state{state="ok"}', 1)
    before = len(notifications(net))
    with changes.prober(net, ["ip link set eth0 down"]):
        wait("a notification", lambda: len(notifications(net)) > before, 90)
        # Longer than any of the sites' own alerts would wait.
        time.sleep(3 * GROUP_INTERVAL + 15)
        sent = notifications(net)[before:]
        labels = [alert["labels"] for one in sent for alert in one["alerts"]]
        assert len(labels) == 1, labels
        assert labels[0]["common_cause"] == "own-link" and "site" not in labels[0], labels
        words = sent[0]["alerts"][0]["annotations"]["description"]
        for name in SITES:
            assert f"4 at site {name};" in words, words
    print("ok one notification for the cable of twenty sites")


def main():
    sandbox.enter(*world.TOOLS, "prometheus",
                  "prometheus-alertmanager")
    net = world.World(sys.argv[1])
    with net:
        net.start_daemon(vendor_configuration(
            net, {row: f"{INTERVAL:g}s" for row, _ in vendor.every_row()
                  if not row.startswith(SELDOM)}, TIMEOUT, AT_ONCE))
        start_webhook(net)
        start_alertmanager(net)
        start_prometheus(net)
        for row in ROWS:
            wait_values(net, f'starface_requirement_state{{requirement="{row}",'
                        'state="ok"}', 1)
        cut_off(net)
        resolved(net)
        cut_off_the_internet(net)
        pull_the_cable(net)
        net.stop_daemon()
    return 0


if __name__ == "__main__":
    sys.exit(main())
