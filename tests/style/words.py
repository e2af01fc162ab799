# SPDX-License-Identifier: Apache-2.0
"""Words that must not be in the tree, and the one that must be on top of each file."""

import re

from tree import blank, lines

# Unbounded, not reentrant, blocking in the loop, or depending on the locale.
BANNED = """strcpy strcat sprintf vsprintf gets strtok atoi atol atoll atof alloca system
popen getaddrinfo gethostbyname gethostbyaddr localtime gmtime ctime asctime setlocale
strncpy strncat rand srand tmpnam mktemp usleep sleep signal""".split()
CALL = re.compile(r"\b(" + "|".join(BANNED) + r")\s*\(")

# Written so that this file does not hold the words itself.
MARKS = re.compile(r"\b(TO" r"DO|FIX" r"ME|X" r"XX|HA" r"CK)\b")
PLACES = re.compile(r"(?<![\w./-])/(?:work|tmp/wt|home/\w+|root)/")

LICENCE = "SPDX-License-" "Identifier: Apache-2.0"
LICENSED = (".c", ".h", ".py", ".sh", ".build", "meson_options.txt", ".conf",
            ".catalogue", ".yml", ".yaml", ".service", ".socket", ".css", ".js", ".html",
            ".supp")


def text_faults(name, text):
    for number, line in lines(text):
        mark = MARKS.search(line)
        if mark:
            yield f"{name}:{number}: {mark.group(0)}: finish it or say it in an issue"
        place = PLACES.search(line)
        if place:
            yield f"{name}:{number}: {place.group(0)}… is a place on one machine"


def licence_faults(name, text):
    top = text.split("\n", 2)
    licensed = name.endswith(LICENSED) or top[0].startswith("#!")
    first = top[1] if top[0].startswith("#!") and len(top) > 1 else top[0]
    if licensed and LICENCE not in first:
        yield f"{name}: its first line must say {LICENCE}"


def call_faults(name, text):
    for number, line in lines(blank(text)):
        call = CALL.search(line)
        if call:
            yield f"{name}:{number}: {call.group(1)}() is banned"


def check(tree):
    for name in tree.files():
        text = tree.text(name)
        if text is None or name == "LICENSE":
            continue
        yield from text_faults(name, text)
        yield from licence_faults(name, text)
        if name.endswith((".c", ".h")):
            yield from call_faults(name, text)


_C = f"/* {LICENCE} */\n"

EXAMPLES = [
    ({"src/a.c": _C + "int f(void) { return system(0); }\n"}, "system() is banned"),
    ({"src/a.c": _C + "int f(void) { return atoi (p); }\n"}, "atoi() is banned"),
    ({"src/a.c": _C + '/* system(0) */ char *x = "rand()";\nint y = my_system(1);\n'},
     None),
    ({"docs/a.md": "later: TO" "DO\n"}, "finish it"),
    ({"docs/a.md": "see /wor" "k/main/x\n"}, "a place on one machine"),
    ({"docs/a.md": "https://example.com/wor" "k/main\n"}, None),
    ({"src/a.c": "int x;\n"}, "its first line must say"),
    ({"run": "#!/bin/sh\necho\n"}, "its first line must say"),
    ({"run": f"#!/bin/sh\n# {LICENCE}\n"}, None),
]
