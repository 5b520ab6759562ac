"""Rare events with their upper bound."""

from collections.abc import Iterator

from ketaoutcomes.report.blocks import Cell, Table
from ketaoutcomes.report.cells import table_row, told_by
from ketaoutcomes.report.labels import arm_label, arms_of
from ketaoutcomes.report.material import Material
from ketaoutcomes.report.numbers import ABSENT, count_of, level, share_of
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
        cells: list[Cell] = []
        for arm in arms:
            subjects = found.get((term, "subjects", arm))
            bound = found.get((term, "upper bound", arm))
            cells += [told_by(_of(subjects), subjects), told_by(share_of(bound, 2), bound)]
        lines.append(table_row(term, cells))
    confidence = level(material.plan.report.confidence_level)
    yield Table(
        id=f"aet04-{phase}",
        caption=f"Rare events. {material.plan.phases[phase].label}",
        columns=("", *(words for _ in arms for words in ("n/N", "Upper bound"))),
        rows=tuple(lines),
        spanners=(("", 1), *((arm_label(material.plan, phase, arm), 2) for arm in arms)),
        footnotes=(
            f"Exact one-sided {confidence} upper bound of the incidence. With no events "
            "in N participants, the upper bound is about 3/N (rule of three); zero "
            "events do not exclude a risk.",
        ),
    )


def _of(row: Result | None) -> str:
    return ABSENT if row is None else f"{count_of(row, 'estimate')}/{count_of(row)}"
