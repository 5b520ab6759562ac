"""Tables and figures numbered by the chapters of a clinical study report.

Section 14 of ICH E3 holds what is referred to and not in the text: 14.1 demographic data, 14.2
efficacy, 14.3 safety; 16.1.9 holds the documentation of statistical methods. Of 14.3, 14.3.1
displays adverse events, 14.3.2 lists deaths and other serious ones, 14.3.4 holds laboratory values;
vital signs follow as 14.3.5, as is usual, for E3 names no chapter of them.
"""

from collections import Counter
from typing import Final

from ketaoutcomes.report.blocks import Figure, Report, Table
from ketaoutcomes.report.layout import numbered

DEMOGRAPHIC, EFFICACY, SAFETY, METHODS = "14.1", "14.2", "14.3", "16.1.9"

CHAPTERS: Final = {
    "flow": DEMOGRAPHIC,
    "flow-tables": DEMOGRAPHIC,
    "baseline": DEMOGRAPHIC,
    "missing": DEMOGRAPHIC,
    "harms": SAFETY,
    "safety": SAFETY,
    "methods": METHODS,
    "claims": METHODS,
    "scorecard": METHODS,
    "calibration": METHODS,
    "second-programs": METHODS,
    "checklist": METHODS,
    "checklists": METHODS,
    "provenance": METHODS,
}
"""The chapter of a section; all others show results of the analyses."""

OF_SAFETY: Final = {"aelt": "14.3.2", "lbt": "14.3.4", "vst": "14.3.5", "vsg": "14.3.5"}
OTHER_SAFETY: Final = "14.3.1"
"""How the identifier of a block begins, and its chapter; all others show adverse events."""


def numbered_by_chapter(report: Report) -> dict[str, str]:
    """What each table, figure and section is called: `Table 14.2.3`.

    A report without parts is no clinical study report, and keeps its plain numbers.
    """
    numbers = numbered(report)
    if not any(section.part for section in report.sections):
        return numbers
    counted: Counter[tuple[str, str]] = Counter()
    for section in report.sections:
        for block in section.blocks:
            if isinstance(block, Table | Figure):
                kind, chapter = type(block).__name__, _chapter(section.id, block.id)
                counted[kind, chapter] += 1
                numbers[block.id] = f"{kind} {chapter}.{counted[kind, chapter]}"
    return numbers


def _chapter(section: str, block: str) -> str:
    """The chapter of a block, which for safety depends on what it shows."""
    chapter = CHAPTERS.get(section, EFFICACY)
    if chapter != SAFETY:
        return chapter
    found = (own for start, own in OF_SAFETY.items() if block.startswith(start))
    return next(found, OTHER_SAFETY)
