"""What a page shows to its reader: each paragraph, cell, caption and word of a drawing a line."""

import csv
import re
import zipfile
from html import unescape
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path
from xml.etree.ElementTree import fromstring

from ketaoutcomes.report.terms import TERMS, first_use
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


WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
OF_CODE = "Consolas"
"""The letters of code in Word."""


def words_of_word(content: bytes) -> list[str]:
    """The paragraphs and cells of a report in Word, without its code."""
    with zipfile.ZipFile(BytesIO(content)) as parts:
        body = fromstring(parts.read("word/document.xml"))  # noqa: S314 - our own file
    lines = []
    for paragraph in body.iter(f"{WORD}p"):
        letters = [one.get(f"{WORD}ascii") for one in paragraph.iter(f"{WORD}rFonts")]
        if OF_CODE not in letters:
            lines.append("".join(part.text or "" for part in paragraph.iter(f"{WORD}t")))
    return [line for line in lines if line.strip()]


def words_of_rtf(text: str) -> list[str]:
    """The paragraphs and cells of a table in RTF."""
    plain = re.sub(r"\\u(-?\d+)\??", lambda found: chr(int(found[1]) % 65536), text)
    parts = re.split(r"\\(?:par|cell|row)\b", plain)
    return [re.sub(r"\\[a-z]+-?\d*\s?|[{}]", "", part).strip() for part in parts]


def words_of_drawing(svg: str) -> list[str]:
    """The words of a drawing: its labels, its title and its description."""
    return [
        unescape(one).strip() for one in re.findall(r"<(?:text|title|desc)\b[^>]*>([^<]*)<", svg)
    ]


def words_of_table(path: Path) -> list[str]:
    """Heads and cells of a table in CSV."""
    with path.open(encoding="utf-8", newline="") as file:
        return [cell for row in csv.reader(file) for cell in row if cell]


def comments_of_code(code: str) -> list[str]:
    """The comments of scripts in R and SAS, each a line."""
    of_r = re.findall(r"^\s*#+ (.*)$", code, re.MULTILINE)
    of_sas = [" ".join(one.split()) for one in re.findall(r"/\*(.*?)\*/", code, re.DOTALL)]
    return [line for line in (*of_r, *of_sas) if " " in line.strip()]


def faults_of_lines(lines: list[str]) -> list[str]:
    """What of these lines the table of terms does not allow, each once."""
    text = "\n".join(dict.fromkeys(lines))
    return list(dict.fromkeys(map(str, violations(text))))


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


WITHOUT_LINKS = (
    *("h1", "h2", "h3", "h4", "code", "pre", "svg", "style", "script", "title", "nav"),
    *("header", "footer", "summary", "ol"),
)
"""Elements whose words are not linked: headings, code, drawings, references."""


def terms_linked_late(page: str) -> list[str]:
    """Terms of the glossary that a page uses before the link to their entry, or without an entry.

    Names of files and programs on the controls of the page are no terms of its text. A term within
    a longer one that is linked, such as a scale within its item, is explained with that.
    """
    names = {place: unescape(name) for place, name in ENTRY.findall(page)}
    body = page[: page.index('id="glossary"')]
    for tag in WITHOUT_LINKS:
        body = re.sub(rf"<{tag}\b.*?</{tag}>", "\n", body, flags=re.DOTALL)
    late = [
        names[link[1]]
        for link in re.finditer(r'<a class="term" href="#([^"]*)">', body)
        if first_use(names[link[1]], _unlinked(body[: link.start()]))
    ]
    titles = r'<p class="part-name">.*?</p>'
    text = unescape(re.sub(r"<[^>]*>", "\n", re.sub(titles, "", body)))
    known = {*names.values(), *NAMES}
    return late + [t.name for t in TERMS if t.name not in known and first_use(t.name, text)]


def _unlinked(html: str) -> str:
    """The text of a page without what is linked to the glossary."""
    return unescape(re.sub(r'<a class="term".*?</a>|<[^>]*>', "\n", html))


ENTRY = re.compile(r'<dt id="(term-[^"]*)">(.*?)</dt>')

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
    """The headings of the abstract of a page; [] without one, or without its plain words.

    Groups that people belong to stand in the place of interventions.
    """
    box = re.search(r'<div[^>]*id="abstract">(.*?)</div>', page, re.DOTALL)
    if box is None or 'id="plain-language"' not in page:
        return []
    heads = re.findall(r"<strong>(.*?):</strong>", box[1])
    return ["Interventions" if head == "Groups" else head for head in heads]
