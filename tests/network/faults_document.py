#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes docs/faults.md from the table of faults.

usage: faults_document.py [FILE]
"""

import sys

import table
from fault import ABSENT
from model import CLOUD, HOSTS_OF, ON_LINK, PBX, PROBER, RESOLVER, ipv4, ipv6

HEAD = """<!-- SPDX-License-Identifier: Apache-2.0 -->
# What it can tell apart

Made by `ninja -C build update-faults` from the table of the tests; do not edit.

Each of these {count} faults, {none} of which are none and must alarm nobody, is made in a
network of namespaces with real servers, and where none misbehaves on command by a
partner that does. An ordinary tool must see it first; then every check of the test's
catalogue must say what stands here and blame who stands here, and all others must stay
well; then the fault is taken back and all must be well again. [Testing](testing.md) says
how to run them, and what was measured.

The verdict stands before the cause. "or" is between causes that come by turns or of which
either is right; a number says how many checks are struck. Who is blamed is named where
somebody can be: the program shows the address.
"""

NOTHING = "nothing: all is well"
COLUMNS = "| fault | what is wrong | what is said | who is blamed |\n|---|---|---|---|"


def who(address):
    """The part of the model network that has an address."""
    if address is None:
        return ""
    places = {ipv4(PROBER, 1): "firewall", ipv6(PROBER, 1): "firewall",
              ipv4(PROBER, ON_LINK): "neighbour"}
    for address_in in (ipv4, ipv6):
        places[address_in(CLOUD, RESOLVER)] = "name server"
        for host in HOSTS_OF[PBX]:
            places[address_in(PBX, host)] = "PBX"
    of_cloud = address.startswith((ipv4(CLOUD, ""), ipv6(CLOUD, "")))
    return places.get(address, "server" if of_cloud else "the other address")


def said(fault):
    """Each verdict and cause, and of how many checks."""
    numbers = {}
    for value in fault.expected.values():
        key = "absent" if value is ABSENT else \
            f"{value[0]} " + " or ".join(f"`{cause}`" for cause in value[1].split("|"))
        if key != "ok `none`":
            numbers[key] = numbers.get(key, 0) + 1
    if ("*", "*") in fault.expected:
        return f"all: {next(iter(numbers))}"
    words = [f"{key} ({number})" if number > 1 else key
             for key, number in sorted(numbers.items(), key=lambda item: -item[1])]
    if fault.common:
        words.insert(0, f"common cause `{fault.common}`")
    return "; ".join(words) or NOTHING


def blamed(fault):
    found = {who(value[2]) for value in fault.expected.values() if value is not ABSENT}
    return ", ".join(sorted(found - {""}))


def rows(group):
    for fault in group.faults:
        yield f"| `{fault.name}` | {fault.what} | {said(fault)} | {blamed(fault)} |"


def document():
    none = sum(said(fault) == NOTHING for fault, _ in table.FAULTS.values())
    parts = [HEAD.format(count=len(table.FAULTS), none=none)]
    for group in table.GROUPS:
        parts.append("\n".join([f"## {group.title}", "", COLUMNS, *rows(group), ""]))
    return "\n".join(parts)


def main():
    if len(sys.argv) > 1:
        with open(sys.argv[1], "w", encoding="utf-8") as file:
            file.write(document())
    else:
        sys.stdout.write(document())


if __name__ == "__main__":
    main()
