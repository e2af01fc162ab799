#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs one gate over the tree, or each gate over its examples to see it fail.

usage: gate.py NAME ROOT [BUILD]
       gate.py self-test
"""

import importlib
import os
import sys
import tempfile

from tree import Tree

GATES = ("german", "globals", "layers", "layout", "shape", "words")


def write(root, files):
    for name, text in files.items():
        path = os.path.join(root, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)


def example_fault(gate, files, expected):
    """What is wrong with the gate's verdict on one example, or None."""
    with tempfile.TemporaryDirectory() as root:
        write(root, files)
        tree = Tree(root)
        if hasattr(gate, "prepare"):
            gate.prepare(tree)
        found = list(gate.check(tree))
    if expected is None:
        return f"found {found} in clean files" if found else None
    if not any(expected in line for line in found):
        return f"did not say '{expected}' but {found}"
    return None


def self_test():
    failed = 0
    for name in GATES:
        gate = importlib.import_module(name)
        for files, expected in gate.EXAMPLES:
            fault = example_fault(gate, files, expected)
            if fault:
                failed += 1
                print(f"{name}: {sorted(files)}: {fault}")
        print(f"{name}: {len(gate.EXAMPLES)} examples")
    return failed


def main():
    sys.dont_write_bytecode = True
    if sys.argv[1:] == ["self-test"]:
        return 1 if self_test() else 0
    if len(sys.argv) not in (3, 4) or sys.argv[1] not in GATES:
        sys.exit(__doc__)
    gate = importlib.import_module(sys.argv[1])
    found = list(gate.check(Tree(*sys.argv[2:])))
    for line in found:
        print(line)
    print(f"{sys.argv[1]}: {len(found)} faults")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
