#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Holds the JSON of the fixture against the tables of docs/api.md, key by key."""

import json
import pathlib
import re
import subprocess
import sys

PRIMITIVES = {
    "string": lambda value: isinstance(value, str) and value != "",
    "number": lambda value: isinstance(value, (int, float))
    and not isinstance(value, bool),
    "boolean": lambda value: isinstance(value, bool),
    "object": lambda value: isinstance(value, dict),
}


def read_schema(page):
    schema, name = {}, None
    for line in page.read_text().splitlines():
        if line.startswith("## "):
            name = line[3:]
        row = re.match(r"\| `([a-z0-9_]+)` \| ([^|]+) \|", line)
        if row and name:
            schema.setdefault(name, {})[row[1]] = row[2].strip()
    return schema


def check(schema, kind, value, path):
    if kind.endswith(" or null"):
        if value is None:
            return
        kind = kind[: -len(" or null")]
    if kind.startswith("list of "):
        assert isinstance(value, list), path
        for index, item in enumerate(value):
            check(schema, kind[len("list of "):], item, f"{path}[{index}]")
        return
    if kind in PRIMITIVES:
        assert PRIMITIVES[kind](value), f"{path}: {value!r} is no {kind}"
        return
    assert isinstance(value, dict), f"{path}: {value!r} is no {kind}"
    keys, documented = set(value), set(schema[kind])
    assert keys == documented, f"{path}: {keys ^ documented} differ from {kind}"
    for key, item in value.items():
        check(schema, schema[kind][key], item, f"{path}.{key}")


def check_conversations(answer):
    """What a stranger said is text that a person can be shown, or digits."""
    for place in answer["sites"]:
        for run in place.get("failed_runs", ()):
            sides = [entry["side"] for entry in run["conversation"]]
            assert set(sides) == {"note", "sent", "received"}, sides
            for entry in run["conversation"]:
                text, digits = entry["text"], entry["hex"]
                assert text is None or digits is None
                assert all(mark.isprintable() or mark in "\t\r\n"
                           for mark in text or ""), text
                assert (len(bytes.fromhex(digits or "")) in (0, entry["length"]))


def check_common_causes(answer, scene):
    """A requirement names what the list above covers it with, and nothing else does."""
    for common in answer.get("common_causes", ()):
        assert common["requirements"] == ["license-443", "ntp"], common
        assert common["common_cause"] == "own-gateway", common
        assert common["site"] is None and common["sites"] == ["hq"], common
        assert common["evidence"]["offender"] == "192.0.2.1", common
    assert ("common_causes" not in answer
            or len(answer["common_causes"]) == (scene == "cut-off"))
    for site in answer["sites"]:
        for row in site.get("requirements", [site.get("requirement")]):
            cut_off = scene == "cut-off" and row["id"] in ("license-443", "ntp")
            assert row["common_cause"] == ("own-gateway" if cut_off else None), row


def check_ports(answer, whole):
    """Counts, ranges and map of each range say the same; only the status is cut short."""
    site = answer["sites"][0]
    rows = site.get("requirements", [site.get("requirement")])
    checks = [check["ports"] for row in rows for check in row["checks"]]
    partly, sampled = checks[:2]
    for ports in filter(None, checks):
        size = ports["last"] - ports["first"] + 1
        assert sum(ports["states"].values()) == size, ports["states"]
        assert ports["asked"] == size - ports["states"]["unasked"]
        assert len(ports["map"]) == min(size, 400)
        assert set(ports["map"]) <= set("#<=-?."), ports["map"]
        for found in ports["blocked"] + ports["ranges"]:
            assert (found["cause"] is None) == (found["state"] != "refused"), found
    marks = partly["map"]
    assert marks.count("<") == 20 and marks.count("#") == 46, marks
    assert partly["blocked_total"] == len(partly["blocked"]) == 4
    assert partly["blocked"][0] == partly["blocked"][0] | {
        "first": 12000, "last": 12999, "state": "refused", "blocked": 1000,
        "cause": "icmp-admin-prohibited"}
    assert partly["blocked"][0]["evidence"]["offender"] == "192.0.2.1"
    assert partly["blocked"][3] == partly["blocked"][3] | {
        "first": 17000, "last": 17100, "state": "lost", "blocked": 11}
    counted = {}
    for found in partly["ranges"]:
        count = found["last"] - found["first"] + 1
        counted[found["state"]] = counted.get(found["state"], 0) + count
    if whole:
        assert len(partly["ranges"]) == partly["ranges_total"]
        assert counted == {state: count for state, count in partly["states"].items()
                           if count and state != "unasked"}, counted
        assert len(sampled["ranges"]) == 100 and sampled["coverage_ratio"] == 0.01
    else:
        assert len(sampled["ranges"]) == 16 and sampled["ranges_total"] == 100
        assert checks[2]["coverage_ratio"] == 0
        assert checks[3] is None
        voice = site["requirements"][2]["checks"][0]["last_run"]["values"]
        assert voice == {"rtp_mos": {"forward": {"g711": 4.409, "g729": None},
                                     "backward": {"g711": 4.2}}}, voice


def main(program, page):
    schema = read_schema(pathlib.Path(page))
    for report, kind, scene in (("status", "Status", ""), ("status", "Status", "cut-off"),
                                ("requirement", "Answer", ""),
                                ("requirement", "Answer", "cut-off"),
                                ("status", "Status", "ports"),
                                ("rtp", "Answer", "ports"),
                                ("hostile", "Answer", "")):
        output = subprocess.run([program, report, scene], check=True,
                                capture_output=True)
        value = json.loads(output.stdout.decode("utf-8"))
        check(schema, kind, value, report)
        if scene == "ports":
            check_ports(value, whole=kind == "Answer")
        else:
            assert ("conversation" in output.stdout.decode()) == (kind == "Answer")
        if not scene:
            check_conversations(value)
        check_common_causes(value, scene)
    print(f"{sum(len(keys) for keys in schema.values())} documented keys, all there")


if __name__ == "__main__":
    main(*sys.argv[1:])
