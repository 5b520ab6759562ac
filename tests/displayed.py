"""What a page shows to its reader: each paragraph, cell, caption and word of a drawing a line."""

import re
from html.parser import HTMLParser

from ketaoutcomes.style_guide import violations

LINES = frozenset(
    {
        *("p", "li", "td", "th", "caption", "figcaption", "h1", "h2", "h3", "dt", "dd", "summary"),
        *("text", "div", "figure", "section"),
    }
)
"""Elements that are read by themselves."""

NOT_READ = frozenset({"style", "script", "pre", "code", "title"})
"""Elements without prose: names of functions, packages and columns stand in `code`."""


class _Lines(HTMLParser):
    """Collects the text of each line; references are titles of others and are not read."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = [""]
        self.skipped: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = dict(attrs)
        if self.skipped:
            self.skipped += [tag] if tag == self.skipped[0] else []
        elif tag in NOT_READ or known.get("class") == "references":
            self.skipped.append(tag)
            self.lines[-1] += "`x`"
        elif tag in LINES:
            self.lines.append("")
        for key in ("aria-label", "alt"):
            if known.get(key):
                self.lines[-1:] = [known[key] or "", self.lines[-1]]

    def handle_endtag(self, tag: str) -> None:
        if self.skipped and tag == self.skipped[0]:
            self.skipped.pop()
        elif tag in LINES:
            self.lines.append("")

    def handle_data(self, data: str) -> None:
        if not self.skipped:
            self.lines[-1] += data


def displayed(page: str) -> list[str]:
    """The lines of a page in HTML, without those that are only code."""
    reader = _Lines()
    reader.feed(page)
    reader.close()
    lines = (" ".join(line.split()) for line in reader.lines)
    return [line for line in lines if line.replace("`x`", "").strip()]


def faults_of_words(page: str) -> list[str]:
    """What a page shows that the table of terms does not allow, each once."""
    lines = "\n".join(dict.fromkeys(displayed(page)))
    return list(dict.fromkeys(map(str, violations(lines))))


ABBREVIATION = re.compile(r"(?<![\w./“-])(?:[A-Z]{2,6}|NNT[BH])(?=s?(?![\w.-]))")
QUOTED = re.compile(r"“[^”]*”")
SOURCE = re.compile(r"\bet al\b|\bdoi:|https?:|\d:\w?\d+")
NAMES = frozenset(
    {
        *("SAS", "CSV", "SVG"),  # a program and two kinds of file, on the controls of the page
        *("US", "BMJ", "HSAUR"),  # a country, a journal, a package
        *("ASPIRE", "II", "KADS"),  # trials of the published evidence
    }
)
"""Capitals that are no abbreviations of terms."""


def unexplained(page: str, own: str = "") -> list[str]:
    """Abbreviations of a page that its glossary does not explain.

    Parameters
    ----------
    own : str
        Text with names of the data, such as columns, which are not the page's to explain.
    """
    entries = " ".join(re.findall(r'<dt id="term-[^"]*">.*?</dd>', page, re.DOTALL))
    known = set(ABBREVIATION.findall(re.sub(r"<[^>]*>", " ", entries)))
    shown = (QUOTED.sub(" ", line) for line in displayed(page) if not SOURCE.search(line))
    found = dict.fromkeys(word for line in shown for word in ABBREVIATION.findall(line))
    names = NAMES | set(ABBREVIATION.findall(own))
    return [word for word in found if word not in known | names]


PARTS_OF_AN_ABSTRACT = [
    "Objective",
    "Design and participants",
    "Interventions",
    "Outcomes",
    "Results",
    "Adverse events",
    "Limitations",
    "Funding and registration",
]
"""CONSORT for abstracts (Hopewell 2008, PLoS Med 5:e20), in the words of the journals."""

PARTS_OF_A_SYNTHESIS = [
    "Objective",
    "Sources and eligibility",
    "Included studies",
    "Outcomes",
    "Synthesis",
    *PARTS_OF_AN_ABSTRACT[4:],
]
"""PRISMA 2020 for abstracts (Page 2021, BMJ 372:n71)."""


def parts_of_summary(page: str) -> list[str]:
    """The headings of the abstract of a page; [] without one, or without its plain words."""
    box = re.search(r'<div[^>]*id="abstract">(.*?)</div>', page, re.DOTALL)
    if box is None or 'id="plain-language"' not in page:
        return []
    return re.findall(r"<strong>(.*?):</strong>", box[1])
