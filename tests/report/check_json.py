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
        assert common["evidence"]["offender"] == "192.0.2.1", common
    assert ("common_causes" not in answer
            or len(answer["common_causes"]) == (scene == "cut-off"))
    for site in answer["sites"]:
        for row in site.get("requirements", [site.get("requirement")]):
            cut_off = scene == "cut-off" and row["id"] in ("license-443", "ntp")
            assert row["common_cause"] == ("own-gateway" if cut_off else None), row


def main(program, page):
    schema = read_schema(pathlib.Path(page))
    for report, kind, scene in (("status", "Status", ""), ("status", "Status", "cut-off"),
                                ("requirement", "Answer", ""),
                                ("requirement", "Answer", "cut-off"),
                                ("hostile", "Answer", "")):
        output = subprocess.run([program, report, scene], check=True,
                                capture_output=True)
        value = json.loads(output.stdout.decode("utf-8"))
        check(schema, kind, value, report)
        assert ("conversation" in output.stdout.decode()) == (kind == "Answer")
        if not scene:
            check_conversations(value)
        check_common_causes(value, scene)
    print(f"{sum(len(keys) for keys in schema.values())} documented keys, all there")


if __name__ == "__main__":
    main(*sys.argv[1:])
