#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""The program's E-model against the whole of G.107, every term from its equation.

The program takes Ro - Is = 93.2 and leaves out echo; here all of it is computed with the
defaults of table 3, so that what was left out is seen to be nothing.
"""

import math
import subprocess
import sys

# G.107, 7.7, rounds to 93.2 what its equations give.
TOLERANCE_R = 0.01
TOLERANCE_MOS = 0.001

CODECS = {"g711": (0, 4.3), "g711-plc": (0, 25.1), "g729a": (11, 19)}

SLR, RLR, STMR, LSTR, DS, TELR, WEPL = 8, 2, 15, 18, 3, 65, 110
QDU, NC, NFOR, PS, PR = 1, -70, -64, 35, 35
OLR = SLR + RLR


def smooth(base, value, power):
    return base * (1 + value ** power) ** (1 / power)


def noise_sum():
    """No, equations 7-3 to 7-7."""
    nos = PS - SLR - DS - 100 + 0.004 * (PS - OLR - DS - 14) ** 2
    pre = PR + 10 * math.log10(1 + 10 ** ((10 - LSTR) / 10))
    nor = RLR - 121 + pre + 0.008 * (pre - 35) ** 2
    parts = (NC, nos, nor, NFOR + RLR)
    return 10 * math.log10(sum(10 ** (part / 10) for part in parts))


def signal_to_noise():
    """Ro, equation 7-2."""
    return 15 - 1.5 * (SLR + noise_sum())


def simultaneous():
    """Is, equations 7-8 to 7-17, with echo paths of no delay."""
    xolr = OLR + 0.2 * (64 + noise_sum() - RLR)
    iolr = 20 * (smooth(1, xolr / 8, 8) - xolr / 8)
    stmro = -10 * math.log10(10 ** (-STMR / 10) + 10 ** (-TELR / 10))
    ist = (smooth(12, (stmro - 13) / 6, 8) - smooth(28, (stmro + 1) / 19.4, 35)
           - smooth(13, (stmro - 3) / 33, 13) + 29)
    q = 37 - 15 * math.log10(QDU)
    g = 1.07 + 0.258 * q + 0.0602 * q ** 2
    y = (signal_to_noise() - 100) / 15 + 46 / 8.4 - g / 9
    z = 46 / 30 - g / 40
    return iolr + ist + 15 * math.log10(1 + 10 ** y + 10 ** z)


def delay_impairment(delay):
    """Id, equations 7-18 to 7-28: no talker echo below 1 ms, listener echo, delay."""
    ro, rle = signal_to_noise(), 10.5 * (WEPL + 7)
    idle = (ro - rle) / 2 + math.sqrt((ro - rle) ** 2 / 4 + 169)
    if delay <= 100:
        return idle
    x = math.log(delay / 100) / math.log(2)
    return idle + 25 * (smooth(1, x, 6) - 3 * smooth(1, x / 3, 6) + 2)


def rating(codec, delay, loss, burst):
    ie, bpl = CODECS[codec]
    effective = ie + (95 - ie) * loss / (loss / burst + bpl)
    return signal_to_noise() - simultaneous() - delay_impairment(delay) - effective


def score(r):
    """Equation B-4; the program holds it to 1 where it dips under."""
    if r <= 0:
        return 1
    return max(1, 1 + 0.035 * r + r * (r - 60) * (100 - r) * 7e-6)


def main():
    done = subprocess.run([sys.argv[1]], capture_output=True, text=True, check=True)
    worst = worst_score = 0
    lines = done.stdout.splitlines()
    for line in lines:
        codec, *numbers = line.split()
        delay, loss, burst, r, mos = map(float, numbers)
        expected = max(0, rating(codec, delay, loss, burst))
        worst = max(worst, abs(r - expected))
        worst_score = max(worst_score, abs(mos - score(expected)))
    print(f"{len(lines)} points, R off by at most {worst:.3f}, MOS by {worst_score:.4f}")
    assert len(lines) == len(CODECS) * 33 * 24, "points are missing"
    assert worst <= TOLERANCE_R and worst_score <= TOLERANCE_MOS


main()
