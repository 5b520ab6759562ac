"""Exposure: doses and duration by arm."""

from collections.abc import Iterator

from ketaoutcomes.report.blocks import Cell, Table
from ketaoutcomes.report.cells import table_row, told_by
from ketaoutcomes.report.labels import arm_label, arms_of, titled
from ketaoutcomes.report.material import Material
from ketaoutcomes.report.numbers import count_of, decimals_of_extremes, estimate, is_hidden
from ketaoutcomes.results import Result

MEDIAN = "median"
PER_KG = "mg/kg: total dose divided by body weight in kg (covariate `weight`)."


def exposure_block(material: Material, phase: str) -> Iterator[Table]:
    """Mean (SD), median, least and greatest value of each measure of exposure."""
    rows = material.results.select(table="ext01", phase=phase)
    if not rows:
        return
    arms = arms_of(material.plan, phase)
    found = {(row.group, row.unit, row.statistic, row.arm): row for row in rows}
    lines: list[tuple[Cell, ...]] = []
    for group, unit in dict.fromkeys((row.group, row.unit) for row in rows):
        label = f"{titled(group)}, {unit}" if unit and unit not in group else titled(group)

        def cells(first: str, *others: str, of: tuple[str, str] = (group, unit)) -> list[Cell]:
            rows = [[found.get((*of, name, arm)) for name in (first, *others)] for arm in arms]
            decimals = decimals_of_extremes(row for own in rows for row in own[1:])
            return [_cell(*own, decimals=decimals if first == MEDIAN else None) for own in rows]

        lines.append((Cell(label, header=True),))
        counts = [found.get((group, unit, "n", arm)) for arm in arms]
        lines.append(table_row("n", [told_by(count_of(row), row) for row in counts], 1))
        lines.append(table_row("Mean (SD)", cells("mean", "SD"), 1))
        lines.append(table_row("Median (min, max)", cells(MEDIAN, "min", "max"), 1))
    yield Table(
        id=f"ext01-{phase}",
        caption=f"Exposure. {material.plan.phases[phase].label}",
        columns=("", *(arm_label(material.plan, phase, arm) for arm in arms)),
        rows=tuple(lines),
        footnotes=(PER_KG,) if any(row.unit == "mg/kg" for row in rows) else (),
    )


def _cell(first: Result | None, *others: Result | None, decimals: int | None) -> Cell:
    """`12.1 (3.4)` or `12.0 (1, 16)`; a dash where nobody has a value, nothing that is hidden."""
    known = first is not None and first.estimate is not None
    shown = [estimate(row, decimals) for row in others if known and not is_hidden(row)]
    inside = f" ({', '.join(shown)})" if shown else ""
    return told_by(f"{estimate(first)}{inside}", first, *others)
