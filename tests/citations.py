"""Every citation of the code, the docs and the shipped plans, found by its volume and page."""

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PLACES = ("src/**/*.py", "docs/**/*.md", "docs/*.py", "analyses/*.yaml")
MADE = {"citations.md", "plan-reference.md", "scales.md", "validation.md"}
ISSUE = r"(?:\((?:S?\d+(?:-\d+)?|Pt \d+|Suppl[^)]*)\))?"
PAGES = re.compile(rf"(?<![\d.:/])(\d{{1,4}}){ISSUE}:([Selm]?\d{{1,6}})[a-z]?(?:-S?\d+)?(?![\d:])")
YEAR = re.compile(r"(?:19|20)\d\d")
LONGEST = 190
"""Letters between the year and the volume: the longest title with its journal."""


def citations() -> Iterator[tuple[str, str]]:
    """`volume:first page` of each, and the words before it."""
    for place in PLACES:
        for path in sorted(ROOT.glob(place)):
            if path.name not in MADE:
                yield from citations_in(path.read_text(encoding="utf-8"))


def citations_in(text: str) -> Iterator[tuple[str, str]]:
    """Of one text, whose lines may break within a citation."""
    flat = re.sub(r"\s*\n\s*#?\s*", " ", re.sub(r'"\s*\n\s*f?"', "", text))
    for found in PAGES.finditer(flat):
        before = flat[max(0, found.start() - 230) : found.start()]
        years = list(YEAR.finditer(before))
        journal = before[years[-1].end() :] if years else ""
        is_one = re.search(r"[A-Z]", journal) and not re.search(r"[=\[\]{}]", journal[-25:])
        if is_one and len(journal) <= LONGEST:
            start = max(0, years[-1].start() - 60)
            yield f"{found[1]}:{found[2]}", f"{before[start:]}{found[0]}"
