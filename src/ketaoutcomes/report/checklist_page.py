"""The reporting checklist of the page: for each item where it is, or which key would say it."""

from collections.abc import Iterable, Iterator, Sequence

from ketaoutcomes.describe.sequences import periods_of
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.parts import PlanPart
from ketaoutcomes.plan.randomised import any_randomised
from ketaoutcomes.report.blocks import Cell, Prose, Section, Table
from ketaoutcomes.report.checklists import (
    CONSORT_2025,
    CROSSOVER_2019,
    HARMS_2022,
    PILOT_2016,
    RESULTS,
    STROBE,
    TARGET_2025,
    Checklist,
    Item,
)
from ketaoutcomes.report.conduct import PLACE

TITLES = {"consort": "randomis", "crossover": "crossover", "pilot": "pilot"}
"""What a title must hold, without regard to capitals, for the first item of each."""

NOT_SAID = "Not reported in the plan."
NOT_NUMBERED = (
    "An item has no number where its number could not be checked against the guideline's own text."
)
NOT_ASKED = "Not requested in the plan, or not in the data."


def checklists_of(plan: AnalysisPlan) -> tuple[Checklist, ...]:
    """The guidelines that a study is reported by, as far as its plan tells what it was."""
    harms = (HARMS_2022,) if plan.safety is not None else ()
    if not any_randomised(plan):
        return (TARGET_2025 if plan.study.design == "target trial" else STROBE,)
    crossover = (CROSSOVER_2019,) if periods_of(plan) else ()
    pilot = (PILOT_2016,) if plan.study.design == "pilot" else ()
    return (CONSORT_2025, *harms, *crossover, *pilot)


def checklist_section(
    plan: AnalysisPlan, sections: Sequence[Section], of_analyses: Iterable[str]
) -> Section:
    """A table per guideline; links lead to sections that this page has.

    Parameters
    ----------
    sections : sequence of Section
        All others of the page.
    of_analyses : iterable of str
        The ids of those that show results of analyses.
    """
    known = {section.id: section.title for section in sections}
    results = tuple(name for name in of_analyses if name in known)
    tables = tuple(_table(plan, each, known, results) for each in checklists_of(plan))
    words = Prose(
        (
            "Items of the reporting guidelines for this type of study, in short form, "
            "with their place in this report. For items missing from the plan, the last "
            "column gives the plan key.",
        )
    )
    return Section("checklist", "Reporting checklist", (words, *tables))


def _table(
    plan: AnalysisPlan, checklist: Checklist, known: dict[str, str], results: tuple[str, ...]
) -> Table:
    rows: list[tuple[Cell, ...]] = []
    numbers = [item.number for _, items in checklist.parts for item in items]
    for heading, items in checklist.parts:
        rows += [(Cell(heading, header=True),)] if heading else []
        rows += [_row(plan, checklist, item, known, results) for item in items]
    columns: tuple[str, ...] = (
        "Item",
        "What is asked",
        "Place in this report",
        "Plan key",
    )
    if not any(numbers):
        columns, rows = columns[1:], [row[1:] if len(row) > 1 else row for row in rows]
    return Table(
        id=f"checklist-{checklist.id}",
        caption=f"{checklist.name}: place of each item",
        columns=columns,
        rows=tuple(rows),
        footnotes=(checklist.source, *(() if all(numbers) else (NOT_NUMBERED,))),
    )


def _row(
    plan: AnalysisPlan,
    checklist: Checklist,
    item: Item,
    known: dict[str, str],
    results: tuple[str, ...],
) -> tuple[Cell, ...]:
    said = [key for key in item.keys if _is_said(plan, checklist, key)]
    open_keys = [] if said else [_as_written(key) for key in item.keys]
    links = tuple(_links(item, said, known, results))
    words = "" if links else (NOT_SAID if item.keys else NOT_ASKED)
    number = Cell(item.number, header=bool(item.number))
    return (
        number,
        Cell(item.asks, header=not item.number),
        Cell(words, links=links),
        Cell(", ".join(open_keys)),
    )


def _links(
    item: Item, said: list[str], known: dict[str, str], results: tuple[str, ...]
) -> Iterator[tuple[str, str]]:
    if "title" in said:
        yield "content", "The title"
    elif said:
        yield PLACE, "Methods: the study"
    for place in item.places:
        for name in results if place == RESULTS else (place,):
            if name in known:
                yield name, known[name]


def _as_written(key: str) -> str:
    return f"study.{key}"


def _is_said(plan: AnalysisPlan, checklist: Checklist, key: str) -> bool:
    """Whether the plan says something under a key; of a title, whether it names the design."""
    if key == "title":
        return TITLES[checklist.id] in plan.study.title.lower()
    value: object = plan.study
    for name in key.split("."):
        value = getattr(value, name) if isinstance(value, PlanPart) else None
    return bool(value)
