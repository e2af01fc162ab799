#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Runs every query of the dashboard against a Prometheus that scrapes the daemon.

usage: dashboard_queries.py URL DASHBOARD [EMPTY_PANEL ...]

A query must succeed and show something, except in the panels named as EMPTY_PANEL: those
about what is not there, such as certificates in a network without TLS. Panels about
trouble ("Causes", "Common causes" and so on, see TROUBLE) may always
be empty. Exit 0 when all is shown, else 1 with a line for each query that is not.
"""
import json
import math
import sys
import urllib.error
import urllib.parse
import urllib.request

from dashboard import filled_in, load, queries, variable_queries

# … and those about a reflector, which not every network has.
TROUBLE = {"Causes", "Common causes", "Runs that were not ok, by cause", "Alerts",
           "Ports of the RTP ranges", "What may hide in the ranges",
           "Opinion score of voice (MOS)", "Loss of voice",
           "Jitter and round trip of voice"}


def ask(url, path, **parameters):
    """The data of the answer, or a sentence that says why there is none."""
    query = urllib.parse.urlencode(parameters)
    try:
        with urllib.request.urlopen(f"{url}{path}?{query}", timeout=10) as answer:
            return json.load(answer)["data"], None
    except urllib.error.HTTPError as error:
        return None, json.load(error).get("error", str(error))
    except OSError as error:
        return None, str(error)


def shown(series):
    """Those that have a number; a quantile over nothing is NaN and draws nothing."""
    return [one for one in series if not math.isnan(float(one["value"][1]))]


def fault_of_query(url, expression, may_be_empty):
    data, error = ask(url, "/api/v1/query", query=filled_in(expression))
    if error:
        return error
    if not shown(data["result"]) and not may_be_empty:
        return "shows nothing"
    return None


def fault_of_variable(url, metric, label):
    data, error = ask(url, f"/api/v1/label/{label}/values",
                      **{"match[]": filled_in(metric)})
    return error or (None if data else "has no value")


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    url, dashboard = sys.argv[1].rstrip("/"), load(sys.argv[2])
    empty = TROUBLE | set(sys.argv[3:])
    faults = [(name, metric, fault_of_variable(url, metric, label))
              for name, metric, label in variable_queries(dashboard)]
    faults += [(title, expression, fault_of_query(url, expression, title in empty))
               for title, expression in queries(dashboard)]
    for title, expression, fault in faults:
        if fault:
            print(f"{title}: {fault}: {filled_in(expression)}")
    print(f"{len(faults)} queries, {sum(bool(fault) for *_, fault in faults)} faults")
    return 1 if any(fault for *_, fault in faults) else 0


if __name__ == "__main__":
    sys.exit(main())
