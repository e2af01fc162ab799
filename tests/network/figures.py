#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Figures about the truth of what is said; no test, for they take their time.

usage: figures.py PROGRAM confusion [PATTERN ...]   causes expected and said, all faults
       figures.py PROGRAM detection          seconds from a fault to /metrics, at 10 s
       figures.py PROGRAM blocked [TRIALS]   seconds until one blocked RTP port is found
       figures.py PROGRAM loss [SECONDS]     false alarms with 5 % of packets lost
       figures.py PROGRAM quality            what is told of a stream, and what was done
"""

import sys

import figures_blocked
import figures_confusion
import figures_detection
import figures_loss
import figures_quality


def main():
    program, what, *more = sys.argv[1:] if len(sys.argv) > 2 else ("", "")
    if what == "confusion":
        return figures_confusion.measure(program, more)
    if what == "detection":
        return figures_detection.measure()
    if what == "blocked":
        return figures_blocked.measure(int((more or ["8"])[0]))
    if what == "loss":
        return figures_loss.measure(float((more or ["3600"])[0]))
    if what == "quality":
        return figures_quality.measure()
    sys.exit(__doc__)


if __name__ == "__main__":
    sys.exit(main())
