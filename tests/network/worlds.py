# SPDX-License-Identifier: Apache-2.0
"""Several worlds side by side, each a process of its own: a world mostly waits."""

import json
import os
import subprocess
import sys
import tempfile

PART = "STARFACE_WORLD"
TOLD = "STARFACE_TOLD"  # the file of what all of them say


def part():
    """Which of them this process is; None: not one of several."""
    return int(os.environ[PART]) if PART in os.environ else None


def side_by_side(commands, **more):
    """Runs this interpreter with each of these arguments; the codes they end with."""
    worlds = [subprocess.Popen([sys.executable, *command],
                               env={**os.environ, PART: str(number), **more})
              for number, command in enumerate(commands)]
    return [process.wait() for process in worlds]


def tell(value):
    """Hands a value to collect()."""
    with open(os.environ[TOLD], "a", encoding="utf-8") as file:
        file.write(json.dumps(value) + "\n")


def collect(number):
    """What so many processes of this program tell, each with a part() of its own."""
    with tempfile.NamedTemporaryFile() as file:
        side_by_side([sys.argv] * number, **{TOLD: file.name})
        with open(file.name, encoding="utf-8") as lines:
            return [json.loads(line) for line in lines]
