#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Figures about the truth of what is said; no test, for they take their time.

usage: figures.py PROGRAM confusion          causes expected and reported, all faults
       figures.py PROGRAM detection          seconds from a fault to /metrics, at 10 s
       figures.py PROGRAM loss [SECONDS]     false alarms with 5 % of packets lost
"""

import sys

import figures_loss


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    if sys.argv[2] == "loss":
        return figures_loss.measure(float((sys.argv[3:] or ["3600"])[0]))
    sys.exit(__doc__)


if __name__ == "__main__":
    sys.exit(main())
