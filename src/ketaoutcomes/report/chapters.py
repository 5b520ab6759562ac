"""Tables and figures numbered by the chapters of a clinical study report.

Section 14 of ICH E3 holds what is referred to and not in the text: 14.1 demographic data, 14.2
efficacy, 14.3 safety; 16.1.9 holds the documentation of statistical methods.
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


def numbered_by_chapter(report: Report) -> dict[str, str]:
    """What each table, figure and section is called: `Table 14.2.3`.

    A report without parts is no clinical study report, and keeps its plain numbers.
    """
    numbers = numbered(report)
    if not any(section.part for section in report.sections):
        return numbers
    counted: Counter[tuple[str, str]] = Counter()
    for section in report.sections:
        chapter = CHAPTERS.get(section.id, EFFICACY)
        for block in section.blocks:
            if isinstance(block, Table | Figure):
                kind = type(block).__name__
                counted[kind, chapter] += 1
                numbers[block.id] = f"{kind} {chapter}.{counted[kind, chapter]}"
    return numbers
