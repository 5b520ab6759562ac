"""The table of a time to event: events and times by arm, and how two arms compare."""

import re
from collections.abc import Iterator

from ketaoutcomes.families.time_to_event.all_arms import TABLE as ALL_ARMS
from ketaoutcomes.families.time_to_event.plan import TimeToEventAnalysis
from ketaoutcomes.plan.analyses import Analysis
from ketaoutcomes.report.blocks import Cell, Table
from ketaoutcomes.report.cells import table_row, told_by
from ketaoutcomes.report.labels import (
    arm_label,
    endpoint_rule,
    endpoint_title,
    event_word,
    joined,
    method_label,
    plain,
    titled,
)
from ketaoutcomes.report.material import Material
from ketaoutcomes.report.measures import measure_words
from ketaoutcomes.report.numbers import count_of, estimate_with_limits, number, p_cell
from ketaoutcomes.results import NOT_ESTIMATED, Result

PROPORTIONALITY = "proportional hazards test"
HEADINGS = (
    "All arms together",
    "Tests",
    "Hazard ratios",
    "Event-free probability",
    "Restricted mean survival time (RMST)",
    "Proportional hazards",
)
NOT_ADJUSTED = (
    "Tests of all arms together ask whether the hazard is the same in all of them. They do not "
    "show which arms differ, and the comparison of two arms is not adjusted for them."
)


def times_table(material: Material, name: str, labels: dict[str, str]) -> Table:
    """Events and times by arm; of two arms the comparisons, by what they compare."""
    if material.estimand(name).treatment.compares:
        return _comparison_table(material, name, labels)
    plan, target = material.plan, material.estimand(name)
    arms = target.treatment.arms
    return Table(
        id=f"ttet01-{name}",
        caption=f"{endpoint_title(plan, target.endpoint)}: {method_label(material.plan, name)}",
        columns=("", *(labels[arm] for arm in arms)),
        rows=(*_by_arm_rows(material, name, arms), *_milestone_rows(material, name, arms)),
        footnotes=(
            f"{endpoint_rule(plan, target.endpoint)}.",
            f"{material.interval_name}s.",
            " ".join(_methods(material.results.select(table="ttet01", analysis=name))),
        ),
    )


def _milestone_rows(
    material: Material, name: str, arms: tuple[str, ...]
) -> Iterator[tuple[Cell, ...]]:
    """Survival at the days that the plan names."""
    event = event_word(material.plan, material.estimand(name).endpoint)
    for day in getattr(material.plan.analyses[name], "landmark_days", ()):
        label = f"Probability of no {event} at day {day:g}, %"
        yield _by_arm(material, name, arms, "survival", f"day {day:g}", label)


def _comparison_table(material: Material, name: str, labels: dict[str, str]) -> Table:
    """Events and times by arm, then the comparisons by what they compare."""
    plan, target = material.plan, material.estimand(name)
    arms = (target.treatment.reference, target.treatment.active)
    phase = plan.endpoints[target.endpoint].phase
    compared = material.results.select(
        table="ttet01", analysis=name, arm=arms[1], reference=arms[0]
    )
    rows = [(*row, Cell(""), Cell("")) for row in _by_arm_rows(material, name, arms)]
    together = material.results.select(table=ALL_ARMS, analysis=name)
    for heading in HEADINGS:
        here = [row for row in (*together, *compared) if _heading(row) == heading]
        if here:
            rows.append((Cell(heading, header=True),))
        rows += [
            table_row(_label(row), ["", "", told_by(_text(row), row), _p_cell(row)], indent=1)
            for row in here
        ]
    return Table(
        id=f"ttet01-{name}",
        caption=f"{endpoint_title(plan, target.endpoint)}: {method_label(material.plan, name)}",
        columns=("", *(arm_label(plan, phase, arm) for arm in arms), "Comparison", "p"),
        rows=tuple(rows),
        footnotes=(
            f"{endpoint_rule(plan, target.endpoint)}.",
            f"{material.interval_name}s. Comparisons: {labels[arms[1]]} versus "
            f"{labels[arms[0]]}. Differences in event-free probability: percentage points.",
            *_adjusted(plan.analyses[name]),
            *((NOT_ADJUSTED,) if together else ()),
            " ".join(_methods((*together, *compared))),
        ),
    )


def _adjusted(analysis: Analysis) -> Iterator[str]:
    if isinstance(analysis, TimeToEventAnalysis) and analysis.covariates:
        yield f"Hazard ratios are adjusted for {joined(map(plain, analysis.covariates))}."


def _methods(rows: tuple[Result, ...]) -> Iterator[str]:
    """Each method once, after the statistics that it gave."""
    given: dict[str, list[str]] = {}
    for row in rows:
        statistics = given.setdefault(row.method, [])
        if row.method and row.statistic not in statistics:
            statistics.append(row.statistic)
    for method, statistics in given.items():
        if statistics:
            words = joined(map(measure_words, statistics))
            yield f"{titled(words)}: {_with_names_as_words(method)}."


def _with_names_as_words(method: str) -> str:
    """A method without the underscores of covariates."""
    return re.sub(r"\w+_\w+", lambda found: plain(found[0]), method)


def _by_arm_rows(material: Material, name: str, arms: tuple[str, ...]) -> list[tuple[Cell, ...]]:
    rows = [_by_arm(material, name, arms, "events", "", "Participants with event, n/N")]
    quantiles = dict.fromkeys(
        (row.statistic, row.group)
        for row in material.results.select(table="kmt01", analysis=name)
        if row.statistic in ("median", "quantile")
    )
    for statistic, group in quantiles:
        label = "Median, days" if statistic == "median" else f"Time to {group} with event, days"
        rows.append(_by_arm(material, name, arms, statistic, group, label))
    rows.append(_by_arm(material, name, arms, "restricted mean", "", "RMST, days"))
    return rows


def _by_arm(
    material: Material,
    name: str,
    arms: tuple[str, ...],
    statistic: str,
    group: str,
    label: str,
) -> tuple[Cell, ...]:
    cells: list[Cell | str] = []
    for arm in arms:
        found = material.results.select(
            analysis=name, statistic=statistic, arm=arm, reference="", group=group
        )
        row = found[0] if found else None
        text = estimate_with_limits(row)
        if statistic == "events" and row is not None:
            text = f"{count_of(row, 'estimate')}/{count_of(row)}"
        cells.append(told_by(text, row))
    return table_row(label, cells)


def _p_cell(row: Result) -> Cell:
    return told_by(p_cell(row), row)


def _heading(row: Result) -> str:
    """What a comparison compares."""
    if row.table == ALL_ARMS:
        return "All arms together"
    if row.statistic == PROPORTIONALITY:
        return "Proportional hazards"
    if row.statistic.endswith(" test"):
        return "Tests"
    if "restricted means" in row.statistic:
        return "Restricted mean survival time (RMST)"
    return (
        "Event-free probability" if row.statistic == "difference in survival" else "Hazard ratios"
    )


def _label(row: Result) -> str:
    units = ", days" if row.unit == "days" else ""
    if row.table == ALL_ARMS:
        return f"{titled(row.statistic.removesuffix(' of all arms'))} ({row.group})"
    term = f" ({plain(row.group)})" if row.group else ""
    if row.statistic == PROPORTIONALITY:
        return titled(plain(row.group))
    return f"{titled(measure_words(row.statistic))}{units}{term}"


def _text(row: Result) -> str:
    if row.status in NOT_ESTIMATED:
        return f"not estimated: {row.message}"
    if row.estimate is None and row.test_statistic is not None:
        if row.df is None:
            return f"z {number(row.test_statistic, 2)}"
        return f"χ² {number(row.test_statistic, 2)}, df {number(row.df, 0)}"
    return estimate_with_limits(row) + (f"; {row.message}" if row.message else "")
