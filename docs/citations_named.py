"""Where the project names publications: by volume and page, by author and year, by their source."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[1]
PLACES = ("docs/**/*.md", "src/**/*.py", "docs/*.py", "analyses/*.yaml")
"""The pages of the documentation first: what they are about says best what a citation is for."""
MADE = {"citations.md", "plan-reference.md", "scales.md", "validation.md"}
EVIDENCE = ROOT / "src" / "ketaoutcomes" / "cohorts" / "evidence"
SOURCES = EVIDENCE / "sources.yaml"
ISSUE = r"(?:\((?:S?\d+(?:-\d+)?|Pt \d+|Suppl[^)]*)\))?"
WHERE = rf"(\d{{1,4}}){ISSUE}:([Selmni]?\d{{1,6}})[a-z]?(?:-S?\d+)?(?![\d:])"
PAGES = re.compile(rf"(?<![\d.:/]){WHERE}")
VANCOUVER = re.compile(rf"(?<!\d)((?:19|20)\d\d);{WHERE}")
YEAR = re.compile(r"(?:19|20)\d\d")
LONGEST = 190
"""Letters between the year and the volume: the longest title with its journal."""

ONE = r"(?:(?:van der|van de|van|de|von) )?[A-ZÅÖØ][a-zéöøåüäßA-Z'-]+"
NAMED = re.compile(
    rf"({ONE})(?:, {ONE})*(?:,? (?:&|and) {ONE})?(?: et al\.)?,? \(?((?:19|20)\d\d)\)?(?![\d;-])"
)
"""An author, further authors and the year."""

NO_AUTHORS = frozenset(
    {
        *("January", "February", "March", "April", "May", "June", "July", "August"),
        *("September", "October", "November", "December", "Excel", "Mai", "Deriv"),
        *("Am", "Assoc", "BMJ", "Industrie", "Lancet", "Modeling", "Project", "Standards"),
        *("CDISC", "CONSORT", "EMA", "HHS", "Harms", "PRISMA", "TARGET"),
        *("ESCAPE-TRD", "KADS"),
    }
)
"""Words before a year that name no author: months, ends of journals' names, guidelines, trials."""


def texts() -> Iterator[tuple[Path, str]]:
    """Every file that may name a publication, on one line."""
    for place in PLACES:
        for path in sorted(ROOT.glob(place)):
            if path.name not in MADE:
                yield path, flat(path.read_text(encoding="utf-8"))


def flat(text: str) -> str:
    """A text on one line: lines may break within a citation."""
    return re.sub(r"\s*\n\s*#?\s*", " ", re.sub(r'"\s*\n\s*f?"', "", text))


def pages_in(text: str) -> Iterator[tuple[str, str]]:
    """`volume:first page` of each citation of a flat text, and the words before it."""
    for found in PAGES.finditer(text):
        before = text[max(0, found.start() - 230) : found.start()]
        years = list(YEAR.finditer(before))
        journal = before[years[-1].end() :] if years else ""
        is_one = re.search(r"[A-Z]", journal) and not re.search(r"[=\[\]{}]", journal[-25:])
        if is_one and len(journal) <= LONGEST:
            start = max(0, years[-1].start() - 60)
            yield f"{found[1]}:{found[2]}", f"{before[start:]}{found[0]}"
    for found in VANCOUVER.finditer(text):
        yield f"{found[2]}:{found[3]}", text[max(0, found.start() - 60) : found.end()]


def authors_in(text: str) -> Iterator[tuple[str, str]]:
    """First author and year of each citation of a flat text."""
    for found in NAMED.finditer(text):
        if found[1] not in NO_AUTHORS:
            yield found[1], found[2]


@cache
def names(citation: str, author: str, year: str) -> bool:
    """Whether a citation of the list is of this author, who stands before this year."""
    return re.search(rf"\b{re.escape(author)}\b.*\b{year}\b", citation) is not None


def used_for(rows: list[dict[str, str]]) -> dict[str, tuple[str, ...]]:
    """By key, what the pages, modules, plans and registers are about that name each citation.

    A file names it by its volume and page, its DOI or its number; where none does, by its author
    and year.
    """
    by_key: dict[str, dict[str, None]] = {row["key"]: {} for row in rows}
    by_name: dict[str, dict[str, None]] = {row["key"]: {} for row in rows}
    for path, text in texts():
        pages = {key for key, _ in pages_in(text)}
        authors = set(authors_in(text))
        for row in rows:
            key = row["key"]
            if key in pages or (re.search("[/ ]", key) and key in text):
                by_key[key][title(path)] = None
            if any(names(row["citation"], *one) for one in authors):
                by_name[key][title(path)] = None
    for key, path in evidence():
        by_key[key][title(path)] = None
    return {key: tuple(by_key[key] or by_name[key]) for key in by_key}


def sources() -> dict[str, str]:
    """The DOI or the address of each source of the published evidence, by its name there."""
    every = yaml.safe_load(SOURCES.read_text(encoding="utf-8"))
    return {name: source.get("doi") or source["url"] for name, source in every.items()}


def evidence() -> Iterator[tuple[str, Path]]:
    """The key of each source and a register of the evidence that names it."""
    for path in sorted(EVIDENCE.glob("*.yaml")):
        words = set(re.findall(r"\w+", path.read_text(encoding="utf-8")))
        if path != SOURCES:
            yield from ((key, path) for name, key in sources().items() if name in words)


@cache
def title(path: Path) -> str:
    """What a file is about: its heading, or the first line of its docstring or comment."""
    text = path.read_text(encoding="utf-8")
    if path.parent == EVIDENCE and path.suffix == ".yaml":
        return re.split(r"[:.]", text.lstrip("# "))[0]
    if path.suffix == ".yaml":
        return f"the plan `{path.stem}`"
    if path.suffix == ".md":
        heading = re.search(r"^# (.+)$", text, re.MULTILINE)
        return heading[1] if heading else path.stem
    return (ast.get_docstring(ast.parse(text)) or path.stem).split("\n")[0].rstrip(".")
