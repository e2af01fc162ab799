#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Writes a C file with a function that returns the text of another file."""

import pathlib
import sys


def main(source, output, header, function):
    lines = pathlib.Path(source).read_text(encoding="utf-8").splitlines()
    quoted = "\n".join(
        '\t"' + line.replace("\\", "\\\\").replace('"', '\\"') + '\\n"' for line in lines)
    pathlib.Path(output).write_text(
        f'#include "{header}"\n\nstatic const char content[] =\n{quoted};\n\n'
        f"const char *{function}(void)\n{{\n\treturn content;\n}}\n", encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
