"""Baseline characteristics by arm, with standardised differences."""

from dataclasses import dataclass

from ketaoutcomes.compose.cells import table_row
from ketaoutcomes.compose.labels import arm_label, arms_of, plain, titled
from ketaoutcomes.compose.material import Material
from ketaoutcomes.compose.numbers import ABSENT, count, number
from ketaoutcomes.plan.endpoints import ChangeEndpoint
from ketaoutcomes.report import Cell, Section, Table
from ketaoutcomes.results import Result

NOTICEABLE = 0.1
"""A standardised difference under which arms are commonly taken as balanced (Austin 2009)."""


@dataclass(frozen=True)
class _PhaseRows:
    """The baseline rows of a phase, found by what they are."""

    rows: tuple[Result, ...]
    arms: tuple[str, ...]

    def number(self, statistic: str, group: str, arm: str) -> float | None:
        """An estimate, or the count behind it."""
        for row in self.rows:
            if (row.statistic, row.group, row.arm) == (statistic, group, arm):
                return row.n if statistic == "n" else row.estimate
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
    differences = (
        ("Standardised difference",)
        if len(active) == 1
        else tuple(f"Standardised difference, {arm_label(plan, phase, arm)}" for arm in active)
    )
    return Table(
        id=f"dmt01-{phase}",
        caption=f"Characteristics at the start of the phase. {plan.phases[phase].label}",
        columns=("", *(arm_label(plan, phase, arm) for arm in arms), "All", *differences),
        rows=tuple(
            line for variable in variables for line in _variable(material, phase, rows, variable)
        ),
        footnotes=(
            "Standardised difference: difference from the reference in units of the pooled "
            "standard "
            f"deviation. Below {NOTICEABLE} in size is commonly taken as balance; it is no test.",
        ),
    )


def _variable(
    material: Material, phase: str, rows: _PhaseRows, variable: str
) -> list[tuple[Cell, ...]]:
    """A heading line with the standardised difference, then the summaries indented."""
    columns = (*rows.arms, "")
    differences = [
        number(rows.number("standardised difference", variable, arm), 2) for arm in rows.arms[1:]
    ]
    blank = [""] * len(rows.arms[1:])
    lines = [table_row(_label(material, phase, variable), [*([""] * len(columns)), *differences])]

    def line(label: str, texts: list[str]) -> None:
        lines.append(table_row(label, [*texts, *blank], indent=1))

    levels = dict.fromkeys(row.group for row in rows.rows if row.group.startswith(f"{variable}: "))
    line("Known, n", [count(rows.number("n", variable, arm)) for arm in columns])
    for group in levels:
        level = group.removeprefix(f"{variable}: ")
        line(f"{titled(level)}, n (%)", [_count_and_percent(rows, group, arm) for arm in columns])
    if not levels:
        line("Mean (SD)", [_mean_and_sd(rows, variable, arm) for arm in columns])
        line(
            "Median (least, greatest)", [_median_and_range(rows, variable, arm) for arm in columns]
        )
    return lines


def _label(material: Material, phase: str, variable: str) -> str:
    if variable != "baseline":
        return titled(plain(variable))
    scales = dict.fromkeys(
        endpoint.scale
        for endpoint in material.plan.endpoints.values()
        if isinstance(endpoint, ChangeEndpoint) and endpoint.phase == phase
    )
    return (
        f"{' '.join(scales)} total at baseline".strip() if len(scales) == 1 else "Score at baseline"
    )


def _count_and_percent(rows: _PhaseRows, group: str, arm: str) -> str:
    counted, percent = (rows.number(statistic, group, arm) for statistic in ("count", "percent"))
    return f"{count(counted)} ({number(percent)})" if percent is not None else count(counted)


def _mean_and_sd(rows: _PhaseRows, variable: str, arm: str) -> str:
    mean, sd = (rows.number(statistic, variable, arm) for statistic in ("mean", "SD"))
    return ABSENT if mean is None else f"{number(mean)} ({number(sd)})"


def _median_and_range(rows: _PhaseRows, variable: str, arm: str) -> str:
    median, least, greatest = (
        rows.number(statistic, variable, arm) for statistic in ("median", "min", "max")
    )
    if median is None:
        return ABSENT
    return f"{number(median)} ({number(least)}, {number(greatest)})"
