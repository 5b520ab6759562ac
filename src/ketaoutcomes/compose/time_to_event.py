"""Time to relapse or another event: curves with numbers at risk, and the comparison."""

from collections.abc import Iterator

from ketaoutcomes.compose.cells import table_row
from ketaoutcomes.compose.figure_survival import survival_svg
from ketaoutcomes.compose.labels import (
    analysis_title,
    arm_label,
    endpoint_rule,
    endpoint_title,
    event_word,
    plain,
    titled,
)
from ketaoutcomes.compose.material import Material
from ketaoutcomes.compose.numbers import (
    count,
    estimate_with_limits,
    level,
    number,
    p_cell,
)
from ketaoutcomes.fits import SurvivalRecord
from ketaoutcomes.report import Block, Cell, Figure, Section, Table
from ketaoutcomes.results import Result


def time_to_event_section(material: Material) -> Section | None:
    """All time-to-event analyses."""
    blocks = [
        block
        for name, analysis in material.plan.analyses.items()
        if analysis.model == "time_to_event"
        for block in _analysis(material, name)
    ]
    if not blocks:
        return None
    events = {
        event_word(material.plan, material.estimand(name).endpoint)
        for name, analysis in material.plan.analyses.items()
        if analysis.model == "time_to_event"
    }
    return Section("time-to-event", f"Time to {' and to '.join(sorted(events))}", tuple(blocks))


def _analysis(material: Material, name: str) -> Iterator[Block]:
    record = material.survival_record(name)
    target = material.estimand(name)
    phase = material.plan.endpoints[target.endpoint].phase
    event = event_word(material.plan, target.endpoint)
    if record is not None:
        labels = {curve.arm: arm_label(material.plan, phase, curve.arm) for curve in record.curves}
        figure_id = f"kmg01-{name}"
        yield Figure(
            id=figure_id,
            caption=f"{analysis_title(material.plan, name)}: Kaplan-Meier estimate of the "
            f"probability of no {event}, with {level(material.plan.report.confidence_level)} "
            "pointwise intervals; ticks mark censoring. Numbers at risk are counted at each time, "
            "before what happens on that day.",
            svg=survival_svg(figure_id, record, labels, event),
            alternative=_alternative(record, labels, event),
            data=_survival_table(material, name, record, labels),
        )
    yield _comparison(material, name, phase)


def _alternative(record: SurvivalRecord, labels: dict[str, str], event: str) -> str:
    ends = "; ".join(
        f"{labels[curve.arm]} {100 * float(curve.survival[-1]):.0f}%" for curve in record.curves
    )
    return f"Falling step curves of the probability of no {event}; at the end of follow-up: {ends}."


def _survival_table(
    material: Material, name: str, record: SurvivalRecord, labels: dict[str, str]
) -> Table:
    """Survival at each tick with the number at risk."""
    rows: list[tuple[Cell, ...]] = []
    for place, tick in enumerate(record.ticks):
        texts = []
        for curve in record.curves:
            found = material.results.select(
                table="kmt01", analysis=name, arm=curve.arm, group=f"day {tick:g}"
            )
            survival = estimate_with_limits(found[0]) if found else "100.0"
            texts += [survival, count(curve.at_risk[place])]
        rows.append(table_row(f"{tick:g}", texts))
    columns = [words for _ in record.curves for words in ("% (CI)", "At risk")]
    return Table(
        id=f"kmt01-{name}",
        caption="Survival and numbers at risk",
        columns=("Day", *columns),
        rows=tuple(rows),
        spanners=(("", 1), *((labels[curve.arm], 2) for curve in record.curves)),
    )


def _comparison(material: Material, name: str, phase: str) -> Table:
    plan, target = material.plan, material.estimand(name)
    arms = (target.treatment.reference, target.treatment.active)
    rows = [
        _by_arm(material, name, arms, "events", "Subjects with the event"),
        _by_arm(material, name, arms, "median", "Median, days"),
        _by_arm(material, name, arms, "restricted mean", "Restricted mean, days"),
    ]
    rows += [
        table_row(_label(row), ["", "", _text(row), p_cell(row.p_value)])
        for row in material.results.select(
            table="ttet01", analysis=name, arm=arms[1], reference=arms[0]
        )
    ]
    restricted = material.contrast(name, "difference in restricted means")
    return Table(
        id=f"ttet01-{name}",
        caption=f"{endpoint_title(plan, target.endpoint)}: {titled(plain(name))} analysis",
        columns=("", *(arm_label(plan, phase, arm) for arm in arms), "Comparison", "p"),
        rows=tuple(rows),
        footnotes=(
            f"{endpoint_rule(plan, target.endpoint)}.",
            f"Intervals at the {level(plan.report.confidence_level)} level. "
            + (f"{titled(restricted.method)}." if restricted and restricted.method else "")
            + " Ratios and differences are active against reference.",
        ),
    )


def _by_arm(
    material: Material, name: str, arms: tuple[str, str], statistic: str, label: str
) -> tuple[Cell, ...]:
    texts = []
    for arm in arms:
        row = material.of_arm(name, statistic, arm)
        if statistic == "events" and row is not None:
            texts.append(f"{count(row.estimate)}/{count(row.n)}")
        else:
            texts.append(estimate_with_limits(row))
    return table_row(label, [*texts, "", ""])


def _label(row: Result) -> str:
    units = ", days" if row.unit == "days" else ""
    term = f" ({plain(row.group)})" if row.group else ""
    return f"{titled(row.statistic)}{units}{term}"


def _text(row: Result) -> str:
    if row.status == "failed":
        return f"not estimated: {row.message}"
    if row.estimate is None and row.test_statistic is not None:
        return f"χ² {number(row.test_statistic, 2)}, df {number(row.df, 0)}"
    return estimate_with_limits(row)
