# SPDX-License-Identifier: Apache-2.0
"""What a run may say as evidence, or as a note of its conversation, has its German.

It is made in English by the floors that measure, and becomes German by its shape when it
is shown. So each literal of theirs that has words in it is sought in the tables of the
report; what is no such text is told by where it stands, or named here with its reason.
"""

import re

from tree import blank

FLOORS = ("src/engine/", "src/media/", "src/net/", "src/probes/")
EVIDENCE = "src/report/evidence_words.c"
NOTES = "src/report/conversation_note.c"
PHRASE = "src/report/phrase.c"

# A literal, with others that the compiler joins to it.
STRING = r'"(?:\\.|[^"\\\n])*"'
LITERAL = re.compile(STRING + r"(?:\s*" + STRING + r")*")
CONVERSION = re.compile(
    r"%%|(?:0x)?%[-+ #0]*[0-9*]*(?:\.[0-9*]+)?(?:hh|h|ll|l|z|j|t)?[a-zA-Z]")
WORDS = re.compile(r"\b[a-z]{2,}\b")

# Said to the log, to whoever writes the configuration, or by the compiler; macros make
# tables of gauges and options.
CALLS = re.compile(r"log_\w+|_?[Ss]tatic_assert|[A-Z][A-Z_]+")
FIRST = re.compile(r"why|error|text")
FIELDS = re.compile(r"\.(?:help|summary|name)\s*=\s*$")
MACROS = re.compile(r"#\s*define\s+(?:\w+_HELP|OPTION_SHARE)\b")
WAY = re.compile(r"(?:forward|backward|either way): (?=.)")
FILES = {
    "src/net/key_file.c": "why a key is refused, for the configuration",
    "src/net/reflector_steering.c": "why steering is refused, for the configuration",
}
# What others say, or is said to them.
OTHERS = re.compile("|".join((
    r"HTTP request was sent to HTTPS port", r"This combination of host and port.*",
    r"speaking plain HTTP to an SSL-enabled.*", r"Client sent an HTTP request.*",
    r".*\((?:reachability|size) check\)", r"User-Agent: .*", r".*xml.*",
    r" \(not shown\).*",
)), re.DOTALL)

# Made of parts, of which each is known; why the whole is not.
COMPOSED = {
    "%s is %s": "one phrase for each reason of address_misfit()",
    "%u of %u addresses%s, %s: %s": "a phrase with a number in brackets, one without",
    "%s: %.0f ms to the ear, at most %.0f; %s %.0f ms": "the delay has a phrase by kind",
    " and %zu more": "translated word by word",
    " and 65535 more": "a size",
}


def value(literal):
    """What the compiler makes of it, as far as it matters here."""
    text = "".join(part[1:-1] for part in re.findall(STRING, literal))
    return re.sub(r"\\(.)", r"\1", text)


def pairs(tree, name):
    """(line, English, German) of each pair of a table."""
    text = blank(tree.text(name) or "", keep_strings=True)
    pair = re.compile(r"\{\s*(%s)\s*,\s*(%s)\s*\}" % (LITERAL.pattern, LITERAL.pattern))
    for match in pair.finditer(text):
        line = text.count("\n", 0, match.start()) + 1
        yield line, value(match.group(1)), value(match.group(2))


def trimmed(text):
    return text.strip(" ;,:")


def sample(text):
    """As it comes out, with a number in the place of each conversion."""
    text = CONVERSION.sub(
        lambda match: "%" if match.group(0) == "%%" else "7", text)
    return trimmed(re.sub("7+", "7", text.replace("7 %", "7")))


class Words:
    """The English that a table knows."""

    def __init__(self, tree, *names):
        english = [pair[1] for name in names for pair in pairs(tree, name)]
        english += [WAY.sub("", one) for one in english if WAY.match(one)]
        self.beginnings = [one for one in english if one.endswith(" ")]
        # what stands for a part must not be a word that nobody translates
        self.shapes = [re.compile("[^a-z]*".join(map(re.escape, trimmed(one).split("%")))
                                  + r"\Z") for one in english]
        self.samples = [one.replace("%", "7") for one in english]

    def fits(self, literal):
        """One of the phrases, a part of one, or one with a word of our own for a %s."""
        said = sample(literal)
        if any(shape.match(said) for shape in self.shapes) or \
                any(said in one for one in self.samples):
            return True
        for beginning in self.beginnings:
            if literal.startswith(beginning):
                return self.know(literal[len(beginning):])
        fixed = CONVERSION.sub("", literal)
        loose = re.compile(".*".join(re.escape(trimmed(part) if part.isspace() else part)
                                     for part in CONVERSION.split(literal)))
        return len(WORDS.findall(fixed)) > 2 and \
            any(loose.fullmatch(one) for one in self.samples)

    def know(self, literal):
        way = re.sub(r"^%s: ", "", literal)
        return any(all(self.fits(part) for part in parts if WORDS.search(part))
                   for one in {literal, way} for parts in ([one], one.split("; ")))


def call_around(bare, position):
    """(name, first argument) of the call that a place is an argument of."""
    depth = 0
    for at in range(position - 1, -1, -1):
        sign = bare[at]
        if sign == ")":
            depth += 1
        elif sign == "(" and depth > 0:
            depth -= 1
        elif sign == "(":
            name = re.search(r"(\w+)\s*$", bare[:at])
            return (name.group(1) if name else "",
                    bare[at + 1:position].split(",", 1)[0].strip())
        elif sign in ";{}" and depth == 0:
            break
    return "", ""


def is_elsewhere(before):
    """In a field, a macro or an include that makes no evidence."""
    start = before.rfind("\n") + 1
    while start > 1 and before[start - 2] == "\\":
        start = before.rfind("\n", 0, start - 1) + 1
    line = before[start:]
    return (FIELDS.search(before) or MACROS.match(line)
            or re.match(r"\s*#\s*include", line))


def literals(text):
    """(line, value, call) of each that has words and may be evidence."""
    kept, bare = blank(text, keep_strings=True), blank(text)
    for match in LITERAL.finditer(kept):
        before = bare[:match.start()]
        said = value(match.group(0))
        words = WORDS.search(CONVERSION.sub("7", said))
        if not words or " " not in said.strip() or OTHERS.fullmatch(said):
            continue
        call, first = call_around(bare, match.start())
        if not (is_elsewhere(before) or CALLS.fullmatch(call) or FIRST.fullmatch(first)):
            yield before.count("\n") + 1, said, call


def table_faults(tree, name, most):
    for line, english, german in pairs(tree, name):
        count = english.count("%")
        if german.count("%") != count:
            yield f'{name}:{line}: "{english}" and its German differ in their parts'
        elif count > most:
            yield f'{name}:{line}: "{english}" has more than {most} parts'


def check(tree):
    notes, all_words = Words(tree, NOTES), Words(tree, NOTES, EVIDENCE)
    limit = re.search(r"#define PARTS_MAX (\d+)", tree.text(PHRASE))
    for name in (EVIDENCE, NOTES):
        yield from table_faults(tree, name, int(limit.group(1)))
    for name in tree.files(".c", ".h"):
        if not name.startswith(FLOORS) or name in FILES:
            continue
        for line, said, call in literals(tree.text(name)):
            if said in COMPOSED:
                continue
            if not (notes if call == "probe_note" else all_words).know(said):
                yield f'{name}:{line}: "{said}" has no German in ' + (
                    NOTES if call == "probe_note" else EVIDENCE)


def _tree(evidence, source, notes=""):
    return {PHRASE: "#define PARTS_MAX 2\n", NOTES: notes, EVIDENCE: evidence,
            "src/probes/a.c": source}


_PORTS = '{ "% of % ports", "% von % Ports" },\n'

EXAMPLES = [
    (_tree(_PORTS, 'x(d, "%zu of %u ports", a, b);\n'), None),
    (_tree(_PORTS, 'x(d, "%zu of %u " "hosts", a, b);\n'), 'a.c:1: "%zu of %u hosts"'),
    (_tree(_PORTS, 'x(d, "%s: %u of %u ports; so many hosts", a);\n'), "has no German"),
    (_tree(_PORTS, 'probe_note(run, "%u of %u ports");\n'), f"no German in {NOTES}"),
    (_tree("", 'probe_note(run, "%u of %u ports");\n', _PORTS), None),
    (_tree("", 'y = { .help = "It waits for all ports." };\n'), None),
    (_tree("", 'snprintf(why, size, "write so many ports");\n'), None),
    (_tree("", 'log_error("there is no port");\n'), None),
    (_tree("", '/* "there is no port" */ x = "HTTP/1.1";\n'), None),
    (_tree('{ "port %: %", "Port %" },\n', ""), "differ in their parts"),
    (_tree('{ "% of % in %", "% von % in %" },\n', ""), "more than 2 parts"),
]
