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


def main(program, page):
    schema = read_schema(pathlib.Path(page))
    for report, kind in (("status", "Status"), ("requirement", "Answer")):
        output = subprocess.run([program, report], check=True, capture_output=True)
        check(schema, kind, json.loads(output.stdout.decode("utf-8")), report)
    print(f"{sum(len(keys) for keys in schema.values())} documented keys, all there")


if __name__ == "__main__":
    main(*sys.argv[1:])
