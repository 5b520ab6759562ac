"""Exposure by dose, as a table of the page."""

from collections.abc import Iterator

from ketaoutcomes.describe.safety.dose_levels import DAYS, DOSES, TABLE, TOTAL
from ketaoutcomes.report.blocks import Cell, Table
from ketaoutcomes.report.cells import table_row, told_by
from ketaoutcomes.report.labels import arm_label, arms_of, sentence_case, titled
from ketaoutcomes.report.material import Material
from ketaoutcomes.report.numbers import ABSENT, count_and_share, estimate, is_hidden
from ketaoutcomes.results import Result

MEASURES = (DOSES, DAYS, TOTAL)


def dose_level_block(material: Material, phase: str) -> Iterator[Table]:
    """For each dose who received it, and mean (SD) of doses, days and cumulative dose."""
    rows = material.results.select(table=TABLE, phase=phase)
    counts = [row for row in rows if row.statistic == "subjects" and row.estimate is not None]
    if not counts:
        return
    arms = arms_of(material.plan, phase)
    found = {(row.group, row.statistic, row.arm): row for row in rows}
    lines: list[tuple[Cell, ...]] = []
    for level in dict.fromkeys(row.group for row in counts):
        lines.append((Cell(sentence_case(level), header=True),))
        own = [found.get((level, "subjects", arm)) for arm in arms]
        cells = [told_by(count_and_share(row, row.n if row else None), row) for row in own]
        lines.append(table_row("Participants (%)", cells, 1))
        for measure in MEASURES:
            group = f"{level}: {measure}"
            pairs = [[found.get((group, name, arm)) for name in ("mean", "SD")] for arm in arms]
            units = [mean.unit for mean, _ in pairs if mean is not None]
            if units:
                words = ", ".join(filter(None, (titled(measure), units[0], "mean (SD)")))
                lines.append(table_row(words, [_cell(*pair) for pair in pairs], 1))
    yield Table(
        id=f"{TABLE}-{phase}",
        caption=f"Exposure by dose. {material.plan.phases[phase].label}",
        columns=("", *(arm_label(material.plan, phase, arm) for arm in arms)),
        rows=tuple(lines),
        footnotes=(
            "A participant counts at every dose received. Means are of those who received the "
            "dose.",
        ),
    )


def _cell(mean: Result | None, sd: Result | None) -> Cell:
    if mean is None:
        return Cell(ABSENT)
    spread = f" ({estimate(sd)})" if sd is not None and not is_hidden(sd) else ""
    return told_by(f"{estimate(mean)}{spread}", mean, sd)
