#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Writes a C file with a function that returns the text of other files."""

import pathlib
import sys


def main(output, header, function, *sources):
    lines = "\n".join(pathlib.Path(source).read_text(encoding="utf-8")
                      for source in sources).splitlines()
    quoted = "\n".join(
        '\t"' + line.replace("\\", "\\\\").replace('"', '\\"') + '\\n"' for line in lines)
    pathlib.Path(output).write_text(
        f'#include "{header}"\n\nstatic const char content[] =\n{quoted};\n\n'
        f"const char *{function}(void)\n{{\n\treturn content;\n}}\n", encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
