# SPDX-License-Identifier: Apache-2.0
"""No variable is visible outside of its file: not declared so, and not linked so."""

import json
import os
import re
import subprocess

from tree import blank, lines

EXTERN = re.compile(r"\bextern\b")

# nm's letters for data that other files could name: bss, data, small data, common,
# read-only, unique, weak object.
DATA = set("BDGSCRuV")


def program_objects(build):
    """The object files of what src makes, not of the tests."""
    targets = os.path.join(build, "meson-info", "intro-targets.json")
    with open(targets, encoding="utf-8") as file:
        for target in json.load(file):
            if "/src/" not in target["defined_in"]:
                continue
            folder = os.path.dirname(target["filename"][0])
            private = target["filename"][0] + ".p"
            if target["type"] == "static library":
                yield target["filename"][0]
            elif target["type"] == "executable" and os.path.isdir(private):
                for name in sorted(os.listdir(private)):
                    if name.endswith(".o"):
                        yield os.path.join(folder, private, name)


def exported_data(objects):
    if not objects:
        return
    done = subprocess.run(["nm", "--defined-only", "-A", "--", *objects],
                          capture_output=True, text=True, check=True)
    for line in done.stdout.splitlines():
        words = line.rsplit(None, 2)
        if len(words) < 3:  # the heading of a thin archive
            continue
        place, letter, symbol = words
        # The sanitizers of clang add names of their own to each file.
        if letter in DATA and not symbol.startswith("__"):
            yield f"{os.path.basename(place.rsplit(':', 1)[0])}: {symbol} is a global"


def check(tree):
    for name in tree.files(".c", ".h"):
        for number, line in lines(blank(tree.text(name))):
            if EXTERN.search(line):
                yield f"{name}:{number}: extern: hand it over as an argument"
    objects = [name for name in tree.files(".o")] if tree.build is None \
        else list(program_objects(tree.build))
    yield from exported_data([tree.path(name) for name in objects])


def prepare(tree):
    """For the self-test: nm wants object files."""
    for name in tree.files(".c"):
        subprocess.run(["cc", "-c", tree.path(name), "-o", tree.path(name[:-2] + ".o")],
                       check=True)


EXAMPLES = [
    ({"include/a.h": "extern int counter;\n"}, "extern"),
    ({"src/a.c": "int counter;\n"}, "counter is a global"),
    ({"src/a.c": "int counter = 1;\n"}, "counter is a global"),
    ({"src/a.c": 'const char name[] = "x";\n'}, "name is a global"),
    ({"src/a.c": "static int counter;\nint f(void) { return counter++; }\n"}, None),
]
