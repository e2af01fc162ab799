# SPDX-License-Identifier: Apache-2.0
"""The files a gate looks at, and how to read C without its comments and strings."""

import os
import re
import subprocess

SKIPPED = {".git", "__pycache__", "node_modules"}

# One alternative per thing in which the others must not be seen: a quote in a comment,
# a slash in a string.
TOKENS = re.compile(
    r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.DOTALL)


def is_build(path):
    """A meson build folder, whatever its name."""
    return os.path.isdir(os.path.join(path, "meson-private"))


class Tree:
    """A checkout, or an unpacked release without git, or the small one of a self-test."""

    def __init__(self, root, build=None):
        self.root = os.path.abspath(root)
        self.build = build

    def path(self, name):
        return os.path.join(self.root, name)

    def _listed(self):
        """What git would commit now; None outside of git."""
        if not os.path.exists(self.path(".git")):
            return None
        done = subprocess.run(
            ["git", "-C", self.root, "ls-files", "-z", "-co", "--exclude-standard"],
            capture_output=True, text=True, check=False)
        if done.returncode != 0:
            return None
        return [name for name in done.stdout.split("\0") if name]

    def _walked(self):
        for folder, names, files in os.walk(self.root):
            names[:] = [name for name in names if name not in SKIPPED
                        and not is_build(os.path.join(folder, name))]
            for name in files:
                yield os.path.relpath(os.path.join(folder, name), self.root)

    def files(self, *suffixes):
        names = self._listed()
        if names is None:
            names = self._walked()
        return sorted(name for name in names if os.path.isfile(self.path(name))
                      and (not suffixes or name.endswith(suffixes)))

    def text(self, name):
        """The file as text, or None if it is none."""
        with open(self.path(name), "rb") as file:
            data = file.read()
        try:
            return None if b"\0" in data else data.decode()
        except UnicodeDecodeError:
            return None

    def scripts(self, interpreter, suffix):
        """Files of this suffix, or without any and with this interpreter on line one."""
        for name in self.files():
            if name.endswith(suffix):
                yield name
            elif "." not in os.path.basename(name):
                first = (self.text(name) or "").split("\n", 1)[0]
                if first.startswith("#!") and interpreter in first:
                    yield name


def blank(text, keep_strings=False):
    """C with comments, and unless kept strings, blanked; lines stay where they are."""

    def replace(match):
        token = match.group(0)
        if keep_strings and token[0] in "\"'":
            return token
        return re.sub(r"[^\n]", " ", token)

    return TOKENS.sub(replace, text)


def lines(text):
    """(number, line), from 1."""
    return enumerate(text.split("\n"), 1)
