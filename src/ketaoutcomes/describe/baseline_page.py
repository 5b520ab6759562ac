"""Baseline characteristics by arm, of several arms with standardised differences."""

from collections.abc import Callable
from dataclasses import dataclass

from ketaoutcomes.report.blocks import Cell, Section, Table
from ketaoutcomes.report.cells import table_row, told_by
from ketaoutcomes.report.labels import arm_label, arms_of, level_label, with_unit
from ketaoutcomes.report.material import Material
from ketaoutcomes.report.numbers import count_of, decimals_of_extremes, estimate, is_hidden
from ketaoutcomes.results import NO_OVERLAP, Result
from ketaoutcomes.scales import POINTS

NOTICEABLE = 0.1
"""A standardised difference under which arms are commonly taken as balanced (Austin 2009)."""
ABOUT_DIFFERENCES = (
    "Standardised mean difference (SMD): difference from the reference arm divided by "
    f"the pooled SD. Absolute values below {NOTICEABLE} are usually regarded as "
    "negligible. Baseline differences were not tested."
)

ABOUT_NO_OVERLAP = (
    "No overlap: no value of the characteristic occurs in both arms; the SMD is infinite "
    "(Yang & Dalton 2012). The arms are not balanced."
)


@dataclass(frozen=True)
class _PhaseRows:
    """The baseline rows of a phase, found by what they are."""

    rows: tuple[Result, ...]
    arms: tuple[str, ...]

    def row(self, statistic: str, group: str, arm: str) -> Result | None:
        """A row, if there is one."""
        for row in self.rows:
            if (row.statistic, row.group, row.arm) == (statistic, group, arm):
                return row
        return None


def baseline_section(material: Material) -> Section | None:
    """One table a phase; arms are columns."""
    tables = tuple(
        _phase_table(material, phase)
        for phase in material.plan.phases
        if material.results.select(table="dmt01", phase=phase)
    )
    return Section("baseline", "Baseline characteristics", tables) if tables else None


def _phase_table(material: Material, phase: str) -> Table:
    plan = material.plan
    arms = arms_of(plan, phase)
    rows = _PhaseRows(material.results.select(table="dmt01", phase=phase), arms)
    variables = dict.fromkeys(row.group for row in rows.rows if row.statistic == "n")
    active = arms[1:]
    whole = ("Total",) if active else ()
    differences = (
        ("SMD",)
        if len(active) == 1
        else tuple(f"SMD, {arm_label(plan, phase, arm)}" for arm in active)
    )
    return Table(
        id=f"dmt01-{phase}",
        caption=f"Baseline demographic and clinical characteristics. {plan.phases[phase].label}",
        columns=("", *(arm_label(plan, phase, arm) for arm in arms), *whole, *differences),
        rows=tuple(
            line for variable in variables for line in _variable(material, phase, rows, variable)
        ),
        footnotes=_footnotes(rows) if active else (),
    )


def _footnotes(rows: _PhaseRows) -> tuple[str, ...]:
    apart = any(map(_without_overlap, rows.rows))
    return (ABOUT_DIFFERENCES, ABOUT_NO_OVERLAP) if apart else (ABOUT_DIFFERENCES,)


def _without_overlap(row: Result | None) -> bool:
    return row is not None and row.message.startswith(NO_OVERLAP)


def _variable(
    material: Material, phase: str, rows: _PhaseRows, variable: str
) -> list[tuple[Cell, ...]]:
    """A heading line with any standardised difference, then the summaries indented."""
    columns = (*rows.arms, "") if len(rows.arms) > 1 else rows.arms
    differences = [
        told_by(NO_OVERLAP if _without_overlap(row) else estimate(row, 2), row)
        for row in (rows.row("standardised difference", variable, arm) for arm in rows.arms[1:])
    ]
    blank = [""] * len(rows.arms[1:])
    label = _label(material, phase, variable)
    lines = [table_row(label, [*([""] * len(columns)), *differences])]

    def line(label: str, cells: list[Cell]) -> None:
        lines.append(table_row(label, [*cells, *blank], indent=1))

    known = [rows.row("n", variable, arm) for arm in columns]
    levels = dict.fromkeys(row.group for row in rows.rows if row.group.startswith(f"{variable}: "))
    line("n", [told_by(count_of(row), row) for row in known])
    names = [group.removeprefix(f"{variable}: ") for group in levels]
    for group, level in zip(levels, names, strict=True):
        line(
            f"{level_label(variable, level, names)}, n (%)",
            [_count_and_percent(rows, group, arm) for arm in columns],
        )
    for words, statistics in () if levels else SUMMARIES:
        cells = [[rows.row(name, variable, arm) for name in statistics] for arm in columns]
        if not all(is_hidden(row) for cell in cells for row in cell[-1:] if row is not None):
            say = _extremes(cells) if words == EXTREMES else _first_and_inside
            line(words, [say(cell) for cell in cells])
    return lines


EXTREMES = "Min, max"
SUMMARIES = (
    ("Mean (SD)", ("mean", "SD")),
    ("Median (Q1, Q3)", ("median", "lower quartile", "upper quartile")),
    (EXTREMES, ("min", "max")),
)
"""Lines of a numeric variable, with the statistics they show."""


def _label(material: Material, phase: str, variable: str) -> str:
    if variable != "baseline":
        return with_unit(variable)
    scale = material.plan.baseline_scale(phase)
    if scale is None:
        return "Score at baseline"
    return f"{scale.name} at baseline" + ("" if scale.unit == POINTS else f", {scale.unit}")


def _count_and_percent(rows: _PhaseRows, group: str, arm: str) -> Cell:
    counted, percent = (rows.row(statistic, group, arm) for statistic in ("count", "percent"))
    text = count_of(counted, "estimate")
    if percent is not None and percent.estimate is not None:
        text += f" ({estimate(percent)})"
    return told_by(text, counted, percent)


def _first_and_inside(rows: list[Result | None]) -> Cell:
    """`12.1 (3.4)` or `12.0 (10.0, 14.0)`."""
    first, *others = rows
    if first is None or first.estimate is None:
        return told_by(estimate(first), *rows)
    inside = ", ".join(estimate(row) for row in others)
    return told_by(f"{estimate(first)} ({inside})", *rows)


def _extremes(line: list[list[Result | None]]) -> Callable[[list[Result | None]], Cell]:
    """How the cells of a line of least and greatest values are written: `8, 31` or `0.5, 2.0`."""
    decimals = decimals_of_extremes(row for cell in line for row in cell)

    def cell(rows: list[Result | None]) -> Cell:
        if rows[0] is None or rows[0].estimate is None:
            return told_by(estimate(rows[0]), *rows)
        return told_by(", ".join(estimate(row, decimals) for row in rows), *rows)

    return cell
