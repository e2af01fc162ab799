# SPDX-License-Identifier: Apache-2.0
"""Functions of at most 60 lines and complexity 10, files of at most 500 lines of 90."""

import ast
import subprocess

LINES_OF_FUNCTION = 60
COMPLEXITY = 10
LINES_OF_FILE = 500
COLUMNS = 90
TAB = 8

# A table of sentences, one to a line, in two languages.
WIDE = {"include/base/cause_list.h"}

CODE = (".c", ".h", ".py", ".sh", ".build", ".css", ".js", ".html")


def c_functions(tree):
    """(name, line, lines, complexity) of each C function.

    pmccabe prints modified complexity (a switch is 1), traditional complexity (a case is
    1), statements, first line, lines, file(line): name. The second one is the stricter.
    """
    sources = tree.files(".c")
    if not sources:
        return
    done = subprocess.run(["pmccabe", *sources], cwd=tree.root, capture_output=True,
                          text=True, check=True)
    for line in done.stdout.splitlines():
        _, complexity, _, first, length, place, name = line.split(None, 6)
        yield f"{place.split('(')[0]}:{first}: {name}", int(length), int(complexity)


def python_functions(tree):
    for name in tree.scripts("python", ".py"):
        for node in ast.walk(ast.parse(tree.text(name))):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                length = node.end_lineno - node.lineno + 1
                yield f"{name}:{node.lineno}: {node.name}", length, 0


def file_faults(tree, name):
    text = tree.text(name)
    length = text.count("\n")
    if length > LINES_OF_FILE:
        yield f"{name}: {length} lines, at most {LINES_OF_FILE}"
    if name in WIDE:
        return
    for number, line in enumerate(text.split("\n"), 1):
        width = len(line.expandtabs(TAB))
        if width > COLUMNS:
            yield f"{name}:{number}: {width} columns, at most {COLUMNS}"


def check(tree):
    for place, length, complexity in [*c_functions(tree), *python_functions(tree)]:
        if length > LINES_OF_FUNCTION:
            yield f"{place} has {length} lines, at most {LINES_OF_FUNCTION}"
        if complexity > COMPLEXITY:
            yield f"{place} has complexity {complexity}, at most {COMPLEXITY}"
    code = {*tree.files(*CODE), *tree.scripts("python", ".py"),
            *tree.scripts("sh", ".sh")}
    for name in sorted(code):
        yield from file_faults(tree, name)


def _long(count):
    return "int f(int x)\n{\n" + "\tx++;\n" * count + "\treturn x;\n}\n"


_CASES = "".join(f"\tcase {i}:\n\t\treturn {i * i};\n" for i in range(11))

EXAMPLES = [
    ({"src/a.c": _long(57)}, "f has 61 lines"),
    ({"src/a.c": _long(56)}, None),
    ({"src/a.c": "int f(int x)\n{\n" + "\tif (x)\n\t\tx++;\n" * 10 + "\treturn x;\n}\n"},
     "f has complexity 11"),
    ({"src/a.c": "int f(int x)\n{\n\tswitch (x) {\n" + _CASES + "\t}\n\treturn 0;\n}\n"},
     "f has complexity 12"),
    ({"src/a.c": "int f(int x)\n{\n" + "\tif (x)\n\t\tx++;\n" * 9 + "\treturn x;\n}\n"},
     None),
    ({"include/a.h": "\n" * 501}, "501 lines"),
    ({"src/a.c": "\t" * 11 + "int x;\n"}, "94 columns"),
    ({"tests/a.py": "def f():\n" + "    x = 1\n" * 60}, "f has 61 lines"),
    ({"run": "#!/bin/bash\n" + "#" * 91 + "\n"}, "91 columns"),
]
