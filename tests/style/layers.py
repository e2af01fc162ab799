# SPDX-License-Identifier: Apache-2.0
"""Includes go downwards only, never in a circle, and a library has one home.

Run as a program it prints the graph of the modules in the language of graphviz.
"""

import os
import re
import sys

from tree import Tree, blank, lines

# A floor and those it may include from, besides its own. web knows bytes and routes, so
# not even the reports it serves; program wires all of them.
FLOORS = {
    "base": set(),
    "media": {"base"},
    "net": {"base", "media"},
    "engine": {"base", "media", "net"},
    "probes": {"base", "media", "net", "engine"},
    "config": {"base", "media", "net", "engine", "probes"},
    "report": {"base", "media", "net", "engine"},
    "web": {"base", "media", "net"},
    "program": {"base", "media", "net", "engine", "probes", "config", "report", "web"},
}

# Who may see a library: the rest of the house knows it by our own header.
HOMES = {
    "event2/": ("src/net/loop.c",),
    "ares": ("src/net/",),
    "curl/": ("src/net/",),
    "libconfig": ("src/config/",),
    "openssl/": ("src/net/", "src/probes/versions_judge.c", "src/media/stamp_key.c"),
    "microhttpd": ("src/web/",),
    "pthread": ("src/web/packer.c",),
    "re.h": ("src/net/stun_message.c", "src/net/sip_frame.c",
             "src/net/sip_message.c"),
}

INCLUDE = re.compile(r'^\s*#\s*include\s*(["<])([^">]+)[">]')


def module(name):
    """'net/loop' for src/net/loop.c and include/net/loop.h alike."""
    return os.path.splitext(name.split("/", 1)[1])[0]


def floor(name):
    parts = module(name).split("/")
    return parts[0] if len(parts) > 1 else None


def includes(tree):
    """(file, line, is_project, header) of every include of the program."""
    for name in tree.files(".c", ".h"):
        if name.startswith(("src/", "include/")):
            for number, line in lines(blank(tree.text(name), keep_strings=True)):
                match = INCLUDE.match(line)
                if match:
                    yield name, number, match.group(1) == '"', match.group(2)


def graph(tree):
    edges = {}
    for name, _, is_project, header in includes(tree):
        target = os.path.splitext(header)[0]
        targets = edges.setdefault(module(name), set())
        if is_project and target != module(name):
            targets.add(target)
            edges.setdefault(target, set())
    return edges


def circles(edges):
    """Modules that include each other, each group once (Tarjan's components)."""
    index, low, stack, found = {}, {}, [], []

    def visit(node):
        index[node] = low[node] = len(index)
        stack.append(node)
        for target in sorted(edges[node]):
            if target not in index:
                visit(target)
            if target in stack:
                low[node] = min(low[node], low[target])
        if low[node] == index[node]:
            group = stack[stack.index(node):]
            del stack[stack.index(node):]
            if len(group) > 1:
                found.append(sorted(group))

    for node in sorted(edges):
        if node not in index:
            visit(node)
    return found


def project_faults(tree, name, header):
    if not any(os.path.isfile(tree.path(f"{top}/{header}"))
               for top in ("include", "src")):
        yield f'"{header}" is not in the tree'
    own, other = floor(name), floor(f"include/{header}")
    if own is not None and other is None:
        yield f'"{header}" stands at the top, above {own}'
    elif own is not None and other != own and other not in FLOORS.get(own, ()):
        yield f"{own} must not include from {other}"


def system_faults(name, header):
    for library, homes in HOMES.items():
        if header.startswith(library) and not name.startswith(homes):
            yield f"<{header}> belongs into {' '.join(homes)} only"


def check(tree):
    for name, number, is_project, header in includes(tree):
        faults = project_faults(tree, name, header) if is_project \
            else system_faults(name, header)
        for fault in faults:
            yield f"{name}:{number}: {fault}"
    for name in {floor(name) for name in tree.files(".c", ".h")
                 if name.startswith(("src/", "include/"))} - {None} - set(FLOORS):
        yield f"src/{name}: a floor that tests/style/layers.py does not know"
    for group in circles(graph(tree)):
        yield "include circle: " + " <-> ".join(group)


EXAMPLES = [
    ({"include/base/a.h": '#include "net/b.h"\n', "include/net/b.h": "\n"},
     "base must not include from net"),
    ({"src/report/a.c": '#include "probes/b.h"\n', "include/probes/b.h": "\n"},
     "report must not include from probes"),
    ({"src/web/a.c": '#include "daemon.h"\n', "src/daemon.h": "\n"}, "stands at the top"),
    ({"src/web/a.c": '#include "report/b.h"\n', "include/report/b.h": "\n"},
     "web must not include from report"),
    ({"src/web/a.c": '#include "program/b.h"\n', "include/program/b.h": "\n"},
     "web must not include from program"),
    ({"src/base/a.c": '#include "base/gone.h"\n'}, "not in the tree"),
    ({"include/base/a.h": '#include "base/b.h"\n',
      "include/base/b.h": '#include "base/a.h"\n'}, "include circle: base/a <-> base/b"),
    ({"src/net/a.c": '#include "net/b.h"\n', "include/net/b.h": "\n",
      "include/net/a.h": "\n", "src/net/b.c": '#include "net/a.h"\n'}, "include circle"),
    ({"src/probes/a.c": "#include <event2/event.h>\n"}, "src/net/loop.c only"),
    ({"src/attic/a.c": "\n"}, "does not know"),
    ({"include/base/a.h": "\n", "src/daemon.c": '#include "web/b.h"\n',
      "include/web/b.h": '/* #include "probes/x.h" */\n#include "base/a.h"\n'}, None),
]


def main():
    tree = Tree(sys.argv[1] if len(sys.argv) > 1 else ".")
    print("digraph house {")
    for node, targets in sorted(graph(tree).items()):
        for target in sorted(targets):
            print(f'\t"{node}" -> "{target}";')
    print("}")


if __name__ == "__main__":
    main()
