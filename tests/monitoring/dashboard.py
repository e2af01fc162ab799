# SPDX-License-Identifier: Apache-2.0
"""Reads a Grafana dashboard of the classic schema: its panels and their queries."""
import json
import re


def load(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def panels(dashboard):
    """Those that show data: without the rows that only part them."""
    return [panel for panel in dashboard["panels"] if panel["type"] != "row"]


def queries(dashboard):
    """(title of the panel, expression) of everything that is asked of Prometheus."""
    for panel in panels(dashboard):
        for target in panel["targets"]:
            yield panel["title"], target["expr"]
    for annotation in dashboard["annotations"]["list"]:
        yield annotation["name"], annotation["expr"]


def variable_queries(dashboard):
    """(name, metric with matchers, label) of each label_values() variable."""
    for variable in dashboard["templating"]["list"]:
        if variable["type"] == "query":
            asked = re.fullmatch(r"label_values\((.+), (\w+)\)", variable["definition"])
            yield variable["name"], asked.group(1), asked.group(2)


def filled_in(expression):
    """The expression as Grafana sends it with "All" chosen everywhere."""
    return (expression.replace("$__rate_interval", "2m")
            .replace("$job", ".+").replace("$instance", ".+").replace("$site", ".+"))
