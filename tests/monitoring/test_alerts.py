#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The alert rules and the configurations beside them, held against their own tools.

usage: test_alerts.py ROOT
"""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = os.path.abspath(sys.argv[1])
FOLDER = os.path.join(ROOT, "conf/prometheus")
RUNBOOKS = "file:///usr/share/doc/starface-exporter/alerts.md#"


def text(*path):
    with open(os.path.join(ROOT, *path), encoding="utf-8") as file:
        return file.read()


def run(*command):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, check=False)
    return done.returncode, done.stdout


def alerts():
    """The lines of each alert of the rules, by its name."""
    blocks = re.split(r"^      - alert: ", text("conf/prometheus/alerts.yml"), flags=re.M)
    return {block.split("\n", 1)[0]: block for block in blocks[1:]}


def catalogue_ids():
    return re.findall(r'^\s*id = "([^"]+)";', text("conf/starface.catalogue"), re.M)


def seldom_asked():
    """Rows of the catalogue whose interval is longer than the default of a minute."""
    rows = re.split(r'^\s*id = "', text("conf/starface.catalogue"), flags=re.M)[1:]
    return [row.split('"')[0] for row in rows
            if re.search(r'\binterval = "\d+[mh]"', row)]


def alerts_raised(ids, state):
    """promtool's judgement: how many alerts fire for each requirement in this state."""
    test = {
        "rule_files": [os.path.join(FOLDER, "alerts.yml")],
        "evaluation_interval": "1m",
        "tests": [{
            "interval": "1m",
            "input_series": [
                {"series": f'starface_requirement_state{{requirement="{name}",'
                           f'site="hq", state="{state}"}}', "values": "1x90"}
                for name in ids],
            "promql_expr_test": [{
                "expr": 'count by (requirement) (ALERTS{requirement!="",'
                        ' alertstate="firing"})',
                "eval_time": "80m",
                "exp_samples": [
                    {"labels": f'{{requirement="{name}"}}', "value": 1}
                    for name in ids],
            }],
        }],
    }
    with tempfile.NamedTemporaryFile("w", suffix=".yml") as file:
        json.dump(test, file)  # YAML understands JSON
        file.flush()
        return run("promtool", "test", "rules", file.name)


@unittest.skipUnless(shutil.which("promtool"), "promtool is not installed")
class Rules(unittest.TestCase):
    def assert_runs(self, *command):
        code, output = run(*command)
        self.assertEqual(code, 0, output)

    def test_rules_are_valid(self):
        self.assert_runs("promtool", "check", "rules", f"{FOLDER}/alerts.yml")

    def test_scrape_example_is_valid(self):
        self.assert_runs("promtool", "check", "config", f"{FOLDER}/prometheus.yml")

    def test_rules_fire_and_resolve(self):
        self.assert_runs("promtool", "test", "rules", f"{FOLDER}/alerts_test.yml")

    def test_every_failed_row_of_the_catalogue_raises_one_alert(self):
        ids = catalogue_ids()
        self.assertGreater(len(ids), 40)
        code, output = alerts_raised(ids, "failed")
        self.assertEqual(code, 0, output)

    def test_nothing_is_raised_by_rows_that_are_well(self):
        for state in "ok", "unknown":
            code, output = alerts_raised(["license-80"], state)
            self.assertNotEqual(code, 0, output)
            self.assertRegex(output, r"got:\s*nil")


class Form(unittest.TestCase):
    def test_every_alert_says_what_why_and_where_to_read_on(self):
        headings = [line[3:] for line in text("docs/alerts.md").split("\n")
                    if line.startswith("## ")]
        self.assertEqual(list(alerts()), headings)
        for name, block in alerts().items():
            self.assertRegex(name, r"^Starface[A-Za-z]+$")
            self.assertRegex(block, r"severity: (critical|warning|info)\n", name)
            self.assertRegex(block, r"summary: [^{]+\n", name)
            self.assertRegex(block, r"description: ", name)
            self.assertIn(f"runbook_url: {RUNBOOKS}{name.lower()}\n", block)

    def test_every_alert_is_tested_firing_silent_and_resolved(self):
        groups = text("conf/prometheus/alerts_test.yml").split("\n  - name: ")[1:]
        for name in alerts():
            cases = [case for group in groups for case in
                     re.findall(rf"alertname: {name}\n( +exp_alerts:)?", group)]
            self.assertGreaterEqual(len(cases) - sum(map(bool, cases)), 2, name)
            self.assertGreaterEqual(sum(map(bool, cases)), 1, name)

    def test_rows_that_are_seldom_asked_are_not_called_stale(self):
        left_out = re.search(r'timestamp_seconds\{requirement!~"([^"]+)"\}',
                             alerts()["StarfaceChecksStale"])[1]
        rows = seldom_asked()
        self.assertGreater(len(rows), 10)
        for row in rows:
            self.assertRegex(row, f"^(?:{left_out})$")
        self.assertNotRegex("rtp-in", f"^(?:{left_out})$")

    def test_an_alert_is_the_same_whatever_the_cause_and_the_family(self):
        for name, block in alerts().items():
            labels = block.split("labels:")[1].split("annotations:")[0]
            self.assertEqual(re.findall(r"^ +(\w+):", labels, re.M), ["severity"], name)
            # Behind "and on (…)" it only filters: its labels are not the alert's.
            told = re.split(r"\b(?:and|unless) on \(", block.split("labels:")[0])[0]
            self.assertNotIn("starface_check_cause", told, name)


@unittest.skipUnless(shutil.which("amtool"), "amtool is not installed")
class Notifications(unittest.TestCase):
    FILE = os.path.join(FOLDER, "alertmanager.yml")

    def test_example_is_valid(self):
        code, output = run("amtool", "check-config", self.FILE)
        self.assertEqual(code, 0, output)

    def test_every_severity_is_routed(self):
        for severity in "critical", "warning", "info":
            code, output = run("amtool", "config", "routes", "test",
                               f"--config.file={self.FILE}",
                               "--verify.receivers=webhook", f"severity={severity}",
                               "alertname=StarfaceNamesFailed", "site=hq")
            self.assertEqual(code, 0, output)

    def test_grouping_and_the_alerts_it_names(self):
        configuration = text("conf/prometheus/alertmanager.yml")
        self.assertIn("group_by: [alertname, site]", configuration)
        for name in re.findall(r"Starface[A-Z]\w+", configuration):
            self.assertIn(name, alerts())


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[2:]])
