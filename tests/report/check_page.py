#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Holds the status page against what it promises.

Well-formed, everything from outside escaped, nothing loaded from elsewhere, no style or
script that a strict Content-Security-Policy forbids, every link to an anchor that exists,
and every colour of text with a contrast of 4.5:1 (WCAG 1.4.3) in both themes.
"""

import html.parser
import re
import subprocess
import sys

VOID = {"meta", "link", "path", "circle", "use"}
TEXT_COLOURS = ("ink", "quiet", "link", "ok", "degraded", "failed", "unknown")


class Page(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.open, self.ids, self.links, self.tags = [], [], [], []

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        if tag not in VOID:
            self.open.append(tag)
        for name, value in attributes:
            assert name != "style" and not name.startswith("on"), (tag, name)
            if name == "id":
                self.ids.append(value)
            if name in ("href", "src"):
                self.links.append(value)

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        assert self.open and self.open[-1] == tag, (tag, self.open)
        self.open.pop()


def run(program, *report):
    output = subprocess.run([program, *report], check=True, capture_output=True)
    return output.stdout.decode("utf-8")


def check_document(text, language):
    page = Page()
    page.feed(text)
    page.close()
    names = [tag for tag, _ in page.tags]
    assert not page.open, page.open
    assert ("html", {"lang": language}) in page.tags
    assert not {"script", "style", "iframe", "img"} & set(names), "forbidden element"
    assert len(set(page.ids)) == len(page.ids), "an id twice"
    for link in page.links:
        assert "//" not in link and ":" not in link, f"leaves the host: {link}"
        if link.startswith("#"):
            assert link[1:] in page.ids, f"no such anchor: {link}"
    assert [value.get("role") for _, value in page.tags].count("status") == 1
    return page


def check_usual(text, language):
    page = check_document(text, language)
    assert "<script" not in text and "&lt;script&gt;" in text
    assert text.count("<time datetime=") > 10
    rows = [value for tag, value in page.tags if tag == "tr" and "id" in value]
    assert len(rows) == 8, rows
    assert rows[1] == {"id": "hq.license-443",
                       "class": "unknown" if "problems common" in text else "failed"}


def check_strips(text, language):
    """Each strip fills its width once, and says in words what it shows."""
    page = check_document(text, language)
    strips = [value for tag, value in page.tags if value.get("class") == "strip"]
    assert len(strips) == 3, strips
    assert all(strip["role"] == "img" and strip["aria-label"] for strip in strips)
    assert "12000-12999, 15000, 16000-16499, 17000-17100" in strips[0]["aria-label"]
    for drawn in re.findall(r'class="strip".*?</svg>', text):
        columns = {}
        for mark, path in re.findall(r'class="mark-(\w+)" d="([^"]*)"', drawn):
            for begin, width in re.findall(r"M(\d+) \d+h(\d+)v\d+H", path):
                for column in range(int(begin), int(begin) + int(width)):
                    assert columns.setdefault(column, mark) == mark, column
        assert sorted(columns) == list(range(400)), len(columns)
        legend = text[text.index(drawn):]
        legend = legend[legend.index('class="legend"'):legend.index("</ul>")]
        assert set(re.findall(r"mark-(\w+)", legend)) == set(columns.values())


def check_bars(text):
    """No two marks have bars of one shape: colour alone tells nothing apart."""
    swatches = dict(re.findall(r'swatch".*?class="mark-(\w+)" d="([^"]*)"', text))
    assert len(swatches) == 6, swatches
    assert len(set(swatches.values())) == len(swatches), swatches


def luminance(colour):
    parts = (int(colour[i:i + 2], 16) / 255 for i in (1, 3, 5))
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(left, right):
    brighter, darker = sorted((luminance(left), luminance(right)), reverse=True)
    return (brighter + 0.05) / (darker + 0.05)


def check_style(text):
    assert "url(" not in text and "@import" not in text
    themes = [dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", block))
              for block in re.findall(r":root \{(.*?)\}", text, re.S)[:2]]
    worst = min((contrast(theme[name], theme["paper"]), name)
                for theme in themes for name in TEXT_COLOURS)
    assert worst[0] >= 4.5, worst
    print(f"least contrast {worst[0]:.2f}:1 ({worst[1]})")


def main(program):
    check_usual(run(program, "page"), "en")
    check_usual(run(program, "seite"), "de")
    check_strips(run(program, "page", "ports"), "en")
    check_strips(run(program, "seite", "ports"), "de")
    check_bars(run(program, "page", "ports"))
    for report, language in (("page", "en"), ("seite", "de")):
        cut_off = run(program, report, "cut-off")
        check_usual(cut_off, language)
        assert cut_off.count("own-gateway") == 1, report
        common, problems = cut_off.index("problems common"), cut_off.index('"problems"')
        assert common < cut_off.index(" hq 2</p>") < problems, report
    check_style(run(program, "style"))


if __name__ == "__main__":
    main(sys.argv[1])
