# SPDX-License-Identifier: Apache-2.0
"""Causes that were expected and causes that were said, over the whole table."""

import collections
import json
import os
import subprocess
import sys
import tempfile

import test_faults

HERE = os.path.dirname(os.path.abspath(__file__))


def read(path):
    """(pairs, faults with a wrong word, common causes right, wrong)"""
    pairs, wrong, common = collections.Counter(), [], collections.Counter()
    with open(path, encoding="utf-8") as file:
        for line in file:
            said = json.loads(line)
            pairs.update(map(tuple, said["pairs"]))
            if any(expected != cause for expected, cause in said["pairs"]):
                wrong.append(said["fault"])
            expected, named = said["common"]
            if expected:
                common[expected, expected in named] += 1
    return pairs, wrong, common


def show(path):
    pairs, wrong, common = read(path)
    said = {}
    for (expected, cause), number in pairs.items():
        said.setdefault(expected, collections.Counter())[cause] += number
    print("| expected | checks | said so | said instead |\n|---|---|---|---|")
    for expected in sorted(said):
        other = ", ".join(f"`{cause}` {number}" for cause, number in
                          said[expected].items() if cause != expected)
        print(f"| `{expected}` | {sum(said[expected].values())} | "
              f"{said[expected][expected]} | {other} |")
    right = sum(number for (expected, cause), number in pairs.items()
                if expected == cause)
    print(f"\n{right} of {sum(pairs.values())} verdicts right; "
          f"faults with a wrong one: {' '.join(wrong) or 'none'}")
    for (cause, named), number in sorted(common.items()):
        print(f"common cause {cause}: {'named' if named else 'not named'} {number}")


def measure(program, patterns):
    with tempfile.NamedTemporaryFile() as file:
        subprocess.run([sys.executable, os.path.join(HERE, "test_faults.py"), program,
                        *patterns], check=False,
                       env={**os.environ, test_faults.RECORD: file.name})
        show(file.name)
    return 0
