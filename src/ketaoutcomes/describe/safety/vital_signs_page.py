"""Vital signs and dissociation over the hours after a dose: figure and table."""

from collections.abc import Iterator

from ketaoutcomes.describe.safety.hours_figure import HoursArm, hours_svg
from ketaoutcomes.plan.safety import VitalSign
from ketaoutcomes.report.blocks import Block, Cell, Figure, Table
from ketaoutcomes.report.cells import table_row, told_by
from ketaoutcomes.report.labels import arm_label, arms_of, titled
from ketaoutcomes.report.material import Material
from ketaoutcomes.report.numbers import (
    count_of,
    decimals_of_all,
    estimate,
    estimate_with_limits,
    number,
    or_nan,
)
from ketaoutcomes.results import Result


def vital_sign_blocks(material: Material, phase: str) -> Iterator[Block]:
    """Figure and table of each vital sign of the plan that was measured."""
    assert material.plan.safety is not None
    for name, sign in material.plan.safety.vital_signs.items():
        rows = material.results.select(table="vst01", phase=phase, group=name)
        if rows:
            yield _figure(material, phase, name, sign, rows)
            yield _table(material, phase, name, sign)


def _figure(
    material: Material, phase: str, name: str, sign: VitalSign, rows: tuple[Result, ...]
) -> Figure:
    schedule = material.plan.phases[phase].schedule()
    arms = []
    for arm in arms_of(material.plan, phase):
        means = [row for row in rows if row.arm == arm and row.statistic == "mean"]
        if means:
            arms.append(
                HoursArm(
                    arm_label(material.plan, phase, arm),
                    tuple(schedule[row.visit].hours_after_first_dose for row in means),
                    tuple(or_nan(row.estimate) for row in means),
                    tuple(or_nan(row.conf_low) for row in means),
                    tuple(or_nan(row.conf_high) for row in means),
                )
            )
    figure_id = f"vsg01-{phase}-{name.lower().replace(' ', '-')}"
    return Figure(
        id=figure_id,
        caption=f"{sign.label}: mean ({material.interval_name}) by time after the first dose "
        f"(square-root time scale). {material.plan.phases[phase].label}",
        svg=hours_svg(figure_id, tuple(arms), _with_unit(sign.label, sign.unit)),
        alternative=f"{sign.label} over time. "
        + "; ".join(f"{arm.label}: highest mean {number(max(arm.means))}" for arm in arms),
        data=_by_time(material, phase, name, sign, rows),
    )


def _by_time(
    material: Material, phase: str, name: str, sign: VitalSign, rows: tuple[Result, ...]
) -> Table:
    found = {(row.visit, row.statistic, row.arm): row for row in rows}
    arms = arms_of(material.plan, phase)
    decimals = decimals_of_all(row for row in rows if row.statistic == "mean")
    lines: list[tuple[Cell, ...]] = []
    for visit in dict.fromkeys(row.visit for row in rows):
        cells: list[Cell] = []
        for arm in arms:
            mean, sd = found.get((visit, "mean", arm)), found.get((visit, "SD", arm))
            cells += [
                told_by(count_of(mean), mean),
                told_by(f"{estimate(mean, decimals)} ({estimate(sd, decimals)})", mean, sd),
            ]
        lines.append(table_row(visit, cells))
    return Table(
        id=f"vst01-{phase}-{name}",
        caption=f"{_with_unit(sign.label, sign.unit)} by time. {material.plan.phases[phase].label}",
        columns=("Time", *(words for _ in arms for words in ("n", "Mean (SD)"))),
        rows=tuple(lines),
        spanners=(("", 1), *((arm_label(material.plan, phase, arm), 2) for arm in arms)),
    )


def _table(material: Material, phase: str, name: str, sign: VitalSign) -> Table:
    rows = [
        row
        for row in material.results.select(table="vst02", phase=phase)
        if row.group == name or row.group.startswith(f"{name}: ")
    ]
    arms = arms_of(material.plan, phase)
    found = {(row.group, row.statistic, row.arm): row for row in rows}
    lines = []
    for group, statistic in dict.fromkeys((row.group, row.statistic) for row in rows):
        words = f"{titled(_in_words(group.removeprefix(f'{name}: ')))}, n/N, %"
        if statistic != "proportion":
            words = titled(_in_words(statistic)) + (", hours" if "time" in statistic else "")
        own = [found.get((group, statistic, arm)) for arm in arms]
        decimals = decimals_of_all(row for row in own if row is not None)
        lines.append(table_row(words, [_cell(row, decimals) for row in own]))
    notes: tuple[str, ...] = ()
    if sign.resolved_at_most is not None:
        notes = (
            f"Resolved: of participants with a value above {sign.resolved_at_most:g}, "
            "those at or below it from some assessment up to the last one.",
        )
    return Table(
        id=f"vst02-{phase}-{name}",
        caption=f"{_with_unit(sign.label, sign.unit)}: highest value of each participant within "
        f"{sign.within_hours:g} hours of the first dose. {material.plan.phases[phase].label}",
        columns=("", *(arm_label(material.plan, phase, arm) for arm in arms)),
        rows=tuple(lines),
        footnotes=notes,
    )


def _cell(row: Result | None, decimals: int) -> Cell:
    text = estimate_with_limits(row, decimals)
    if row is not None and row.statistic == "proportion":
        text = f"{count_of(row, 'n_events')}/{count_of(row)}, {text}"
    return told_by(text, row)


def _with_unit(label: str, unit: str) -> str:
    return f"{label}, {unit}" if unit else label


WORDS = (
    ("back at or below", "resolved, at or below"),
    ("rise of", "increase of"),
    ("mean of the highest value", "mean maximum post-dose value"),
    ("mean of the highest rise", "mean maximum increase"),
)
"""How names of the results table begin, and what a clinical report calls them."""


def _in_words(name: str) -> str:
    """What the page calls a row of the results table."""
    for start, words in WORDS:
        if name.startswith(start):
            return words + name.removeprefix(start)
    return name
