# SPDX-License-Identifier: Apache-2.0
"""Runs a probe kind against what a test has set up, and compares what it found."""

import os
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..",
                                "network"))

PATIENCE = 10  # seconds until a server counts as broken


def ask(kind, address, port, *options, timeout_ms=3000, prefix=(), host=None):
    """The outcome as a dictionary of strings. The first argument is the program ask."""
    env = {**os.environ, "ASK_HOST": host} if host else None
    done = subprocess.run(
        [*prefix, sys.argv[1], kind, address, str(port), str(timeout_ms), *options],
        capture_output=True, text=True, check=True, env=env)
    return dict(line.split("=", 1) for line in done.stdout.splitlines())


def expect(outcome, **values):
    for key, value in values.items():
        wanted = None if value is None else str(value)  # None = absent
        assert outcome.get(key) == wanted, (key, value, outcome)


def until(condition, what):
    """Waits for an event of another process; nothing here takes a second."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, f"not in {PATIENCE} s: {what}"
        time.sleep(0.02)


def network(*commands):
    """Sets up a network, a line of ip(8) at a time."""
    for command in commands:
        subprocess.run(["ip", *command.split()], check=True)
