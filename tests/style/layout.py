# SPDX-License-Identifier: Apache-2.0
"""C as .clang-format lays it out; scripts that at least parse."""

import os
import shutil
import subprocess


def run(tree, *command):
    done = subprocess.run(command, cwd=tree.root, capture_output=True, text=True,
                          check=False)
    return [] if done.returncode == 0 else \
        [line for line in (done.stdout + done.stderr).splitlines() if line.strip()]


def check(tree):
    sources = tree.files(".c", ".h")
    if sources:
        faults = run(tree, "clang-format", "--dry-run", "-Werror", *sources)
        yield from (line for line in faults if "error:" in line)
    shell = sorted(tree.scripts("sh", ".sh"))
    for name in shell:
        yield from run(tree, "bash", "-n", name)
    if shell and shutil.which("shellcheck"):
        yield from run(tree, "shellcheck", "-x", "-f", "gcc", *shell)
    for name in tree.scripts("python", ".py"):
        try:
            compile(tree.text(name), name, "exec")
        except SyntaxError as error:
            yield f"{name}:{error.lineno}: {error.msg}"


def prepare(tree):
    """For the self-test: the layout of the real tree."""
    here = os.path.dirname(os.path.abspath(__file__))
    shutil.copy(os.path.join(here, "..", "..", ".clang-format"), tree.root)


EXAMPLES = [
    ({"src/a.c": "int  f( void ){return 0;}\n"}, "src/a.c:1"),
    ({"src/a.c": "int f(void)\n{\n\treturn 0;\n}\n"}, None),
    ({"run.sh": "#!/bin/bash\nif true; then\n"}, "run.sh"),
    ({"run": "#!/usr/bin/env python3\ndef f(:\n"}, "run:2"),
]
