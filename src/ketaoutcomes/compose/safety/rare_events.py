"""Rare events with their upper bound."""

from collections.abc import Iterator

from ketaoutcomes.compose.cells import table_row
from ketaoutcomes.compose.labels import arm_label, arms_of
from ketaoutcomes.compose.material import Material
from ketaoutcomes.compose.numbers import ABSENT, count, level, percentage
from ketaoutcomes.report import Table
from ketaoutcomes.results import Result


def rare_event_table(material: Material, phase: str) -> Iterator[Table]:
    """Each rare event of the plan: subjects and bound of each arm."""
    rows = material.results.select(table="aet04", phase=phase)
    if not rows:
        return
    arms = arms_of(material.plan, phase)
    found = {(row.group, row.statistic, row.arm): row for row in rows}
    lines = []
    for term in dict.fromkeys(row.group for row in rows):
        texts = []
        for arm in arms:
            texts += [
                _of(found.get((term, "subjects", arm))),
                _bound(found.get((term, "upper bound", arm))),
            ]
        lines.append(table_row(term, texts))
    confidence = level(material.plan.report.confidence_level)
    yield Table(
        id=f"aet04-{phase}",
        caption=f"Rare events. {material.plan.phases[phase].label}",
        columns=("", *(words for _ in arms for words in ("n/N", "Upper bound"))),
        rows=tuple(lines),
        spanners=(("", 1), *((arm_label(material.plan, phase, arm), 2) for arm in arms)),
        footnotes=(
            f"Exact one-sided {confidence} upper bound of the incidence. With no event among N "
            "subjects it is near 3/N (rule of three): none seen is not none possible.",
        ),
    )


def _of(row: Result | None) -> str:
    return ABSENT if row is None else f"{count(row.estimate)}/{count(row.n)}"


def _bound(row: Result | None) -> str:
    return ABSENT if row is None else percentage(row.estimate, 2)
