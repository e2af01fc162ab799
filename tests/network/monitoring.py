# SPDX-License-Identifier: Apache-2.0
"""Debian's Prometheus and Alertmanager beside the program, and a webhook to be paged."""

import json
import os
import re
import urllib.parse

from model import PROBER, wait
from servers import TOOL

HERE = os.path.dirname(os.path.abspath(__file__))
CONF = os.path.join(HERE, "..", "..", "conf")
PROMETHEUS, ALERTMANAGER, WEBHOOK = 9090, 9093, 8080

UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
DURATION = re.compile(
    r"^(\s*(?:for|group_wait|group_interval|repeat_interval|scrape_interval|"
    r"evaluation_interval): )(\d+)([smhd])$", re.MULTILINE)
RANGE = re.compile(r"(_over_time\([^)]*\[)(\d+)([smhd])(?=\])")
HASTE = 15


def hastened(text):
    """The same with every waiting time divided: all keep their order."""
    def shorter(found):
        milliseconds = int(found[2]) * UNITS[found[3]] * 1000 // HASTE
        return f"{found[1]}{milliseconds}ms"
    return RANGE.sub(shorter, DURATION.sub(shorter, text))


def shipped(net, name):
    """A copy of a file of conf/prometheus, in a hurry."""
    with open(os.path.join(CONF, "prometheus", name), encoding="utf-8") as file:
        return net.model.write(name, hastened(file.read()))


def vendor_configuration(net, paces, timeout=None, more=""):
    """The configuration as it ships, and for some rows a shorter interval."""
    with open(os.path.join(CONF, "starface-exporter.conf"), encoding="utf-8") as file:
        text = file.read()
    catalogue = os.path.abspath(os.path.join(CONF, "starface.catalogue"))
    rows = ",\n".join(
        f'\t{{ id = "{row}"; interval = "{interval}"; timeout = "{timeout or interval}"; '
        f'confirm_interval = "200ms"; }}' for row, interval in paces.items())
    return net.model.write("vendor.conf", f'{text}\ncatalogue = "{catalogue}";\n'
                           f"requirements = (\n{rows}\n);\n{more}")


def answers(net, port, path="/-/ready"):
    return net.model.says(PROBER, "curl", "-sS", "--fail", "--max-time", "2",
                          f"http://127.0.0.1:{port}{path}")[0] == 0


def start_prometheus(net):
    """With the example configuration and the alert rules."""
    shipped(net, "alerts.yml")
    net.model.start(
        "prometheus", PROBER, "prometheus",
        f"--config.file={shipped(net, 'prometheus.yml')}",
        f"--web.listen-address=127.0.0.1:{PROMETHEUS}", "--log.level=warn",
        f"--storage.tsdb.path={net.model.path('tsdb')}",
        ready=lambda: answers(net, PROMETHEUS))


def query(net, expression):
    """Of Prometheus' API: [(labels, value)]."""
    path = "/api/v1/query?" + urllib.parse.urlencode({"query": expression})
    answer = json.loads(net.model.run(PROBER, "curl", "-sS", "--fail",
                                      f"http://127.0.0.1:{PROMETHEUS}{path}"))
    return [(series["metric"], float(series["value"][1]))
            for series in answer["data"]["result"]]


def wait_values(net, expression, expected, seconds=20):
    """Until all series of the expression have this value, and there are some."""
    def happened():
        found = query(net, expression)
        return found and all(value == expected for _, value in found) and found
    return wait(f"{expression} is {expected}", happened, seconds)


def start_webhook(net):
    ready = net.model.path("webhook.ready")
    net.model.start("webhook", PROBER, *TOOL, "webhook", ready, "127.0.0.1", str(WEBHOOK),
                    ready=lambda: os.path.exists(ready))


def notifications(net):
    """Each body that the webhook was sent."""
    with open(net.model.path("webhook.log"), encoding="utf-8") as file:
        return [json.loads(line) for line in file if line.startswith("{")]


def start_alertmanager(net):
    net.model.start(
        "alertmanager", PROBER, "prometheus-alertmanager",
        f"--config.file={shipped(net, 'alertmanager.yml')}",
        f"--web.listen-address=127.0.0.1:{ALERTMANAGER}", "--cluster.listen-address=",
        f"--storage.path={net.model.path('alertmanager')}", "--log.level=warn",
        ready=lambda: answers(net, ALERTMANAGER))
