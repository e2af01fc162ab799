#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The dashboard by the rules of Grafana's own linter, and its queries by promtool.

usage: test_dashboard.py ROOT
"""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

from dashboard import filled_in, load, panels, queries, variable_queries

ROOT = os.path.abspath(sys.argv[1])
DASHBOARD = load(os.path.join(ROOT, "conf/grafana/overview.json"))
SOURCE = {"type": "prometheus", "uid": "${datasource}"}
UNITS = {"bool_yes_no", "bytes", "cps", "dateTimeFromNow", "none", "percentunit", "s",
         "short"}
COUNTER = re.compile(r"\w+_(?:total|bucket)\b")
METRIC = re.compile(r"\b((?:starface|process)_\w+)(\{[^}]*\})?")


def source_text():
    """All of the program's sources, in which each metric must be named."""
    texts = []
    for top in "src", "include":
        for folder, _, files in os.walk(os.path.join(ROOT, top)):
            for name in files:
                with open(os.path.join(folder, name), encoding="utf-8") as file:
                    texts.append(file.read())
    return "\n".join(texts)


class Dashboard(unittest.TestCase):
    def test_identity(self):
        self.assertRegex(DASHBOARD["uid"], r"^[a-z-]{1,40}$")
        self.assertEqual(DASHBOARD["schemaVersion"], 39)
        self.assertIs(DASHBOARD["editable"], False)
        self.assertTrue(DASHBOARD["title"] and DASHBOARD["description"])

    def test_variables(self):
        variables = DASHBOARD["templating"]["list"]
        self.assertEqual([variable["name"] for variable in variables],
                         ["datasource", "job", "instance", "site"])
        self.assertEqual(variables[0]["query"], "prometheus")
        for variable in variables[1:]:
            self.assertEqual(
                (variable["datasource"], variable["refresh"], variable["multi"],
                 variable["allValue"]), (SOURCE, 2, True, ".+"), variable["name"])
            self.assertEqual(variable["query"]["query"], variable["definition"])
        self.assertEqual(len(list(variable_queries(DASHBOARD))), 3)

    def test_panels_say_what_they_show(self):
        for panel in panels(DASHBOARD):
            title = panel["title"]
            self.assertTrue(title and panel["description"].endswith("."), title)
            self.assertEqual(panel["datasource"], SOURCE, title)
            self.assertIn(panel["fieldConfig"]["defaults"]["unit"], UNITS, title)
            self.assertGreaterEqual(len(panel["targets"]), 1, title)
            self.assertEqual({t["datasource"]["uid"] for t in panel["targets"]},
                             {SOURCE["uid"]}, title)
            if panel["type"] == "timeseries":
                self.assertTrue(all(t["legendFormat"] for t in panel["targets"]), title)

    def test_identifiers_are_unique_and_nothing_overlaps(self):
        everything = DASHBOARD["panels"]
        self.assertEqual(len({panel["id"] for panel in everything}), len(everything))
        taken = set()
        for panel in everything:
            place = panel["gridPos"]
            cells = {(x, y) for x in range(place["x"], place["x"] + place["w"])
                     for y in range(place["y"], place["y"] + place["h"])}
            self.assertLessEqual(max(x for x, _ in cells), 23, panel["title"])
            self.assertFalse(taken & cells, panel["title"])
            taken |= cells

    def test_every_type_of_panel_is_announced(self):
        announced = {row["id"] for row in DASHBOARD["__requires"]
                     if row["type"] == "panel"}
        self.assertEqual(announced, {panel["type"] for panel in panels(DASHBOARD)})


class Queries(unittest.TestCase):
    def test_every_metric_is_selected_by_job_and_instance(self):
        for title, expression in queries(DASHBOARD):
            for name, matchers in METRIC.findall(expression):
                self.assertIn('job=~"$job", instance=~"$instance"', matchers,
                              f"{title}: {name}")
                if name.startswith(("starface_check", "starface_tls", "starface_ntp",
                                    "starface_rtp", "starface_common_cause",
                                    "starface_requirement_state")):
                    self.assertIn('site=~"$site"', matchers, f"{title}: {name}")

    def test_counters_are_shown_as_rates(self):
        for title, expression in queries(DASHBOARD):
            for counter in COUNTER.finditer(expression):
                before = expression[:counter.start()]
                self.assertTrue(before.endswith(("rate(", "increase(", "count(")),
                                f"{title}: {counter.group()}")
            for width in re.findall(r"\[([^]]+)\]", expression):
                self.assertEqual(width, "$__rate_interval", title)

    def test_every_metric_is_one_the_program_has(self):
        source = source_text()
        for title, expression in queries(DASHBOARD):
            for name, _ in METRIC.findall(expression):
                stem = re.sub(r"_(total|bucket|info)$", "", name)
                known = [stem, stem.removeprefix("starface_")]
                self.assertTrue(any(f'"{word}' in source for word in known),
                                f"{title}: {name}")

    @unittest.skipUnless(shutil.which("promtool"), "promtool is not installed")
    def test_every_query_is_promql(self):
        expressions = [expression for _, expression in queries(DASHBOARD)]
        expressions += [metric for _, metric, _ in variable_queries(DASHBOARD)]
        rules = {"groups": [{"name": "dashboard", "rules": [
            {"record": f"query:{i}", "expr": filled_in(expression)}
            for i, expression in enumerate(expressions)]}]}
        with tempfile.NamedTemporaryFile("w", suffix=".yml") as file:
            json.dump(rules, file)
            file.flush()
            done = subprocess.run(["promtool", "check", "rules", "--lint=none",
                                   file.name], capture_output=True, text=True,
                                  check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[2:]])
