"""Time to relapse or another event: curves with numbers at risk, times, and the comparison."""

import math
from collections.abc import Iterator

import numpy as np

from ketaoutcomes.families.time_to_event.delayed_entry import AT_RISK, has_delayed_entry
from ketaoutcomes.families.time_to_event.figures import hazard_svg, survival_svg
from ketaoutcomes.families.time_to_event.page_competing import competing_blocks
from ketaoutcomes.families.time_to_event.page_factorial import factorial_blocks
from ketaoutcomes.families.time_to_event.page_hazards import times_table
from ketaoutcomes.families.time_to_event.plan import TimeToEventAnalysis
from ketaoutcomes.families.time_to_event.record import HazardTrend, SurvivalRecord
from ketaoutcomes.report.blocks import Block, Cell, Figure, Section, Table
from ketaoutcomes.report.cells import table_row, told_by
from ketaoutcomes.report.labels import (
    analysis_label,
    arm_label,
    arms_of,
    endpoint_title,
    event_word,
    lowered,
    method_label,
    titled,
)
from ketaoutcomes.report.material import Material
from ketaoutcomes.report.measures import measure_words
from ketaoutcomes.report.numbers import (
    SUPPRESSED,
    count,
    count_of,
    estimate,
    estimate_with_limits,
    interval,
    level,
    number,
    p_value,
)
from ketaoutcomes.report.steps import DAYS_LEFT_OUT, JOINED

POINTS = 7
"""So many points of a smooth curve are written out."""

LARGEST_SHOWN = math.log(1000)

STEPS = "ticks mark censoring."
ENDINGS = (("event by", "Event, by criterion"), ("censored", "Censored, by reason"))


def time_to_event_section(material: Material) -> Section | None:
    """All time-to-event analyses."""
    names = material.analyses(TimeToEventAnalysis)
    blocks = [block for name in names for block in _analysis(material, name)]
    if not blocks:
        return None
    events = {event_word(material.plan, material.estimand(name).endpoint) for name in names}
    return Section("time-to-event", f"Time to {' and to '.join(sorted(events))}", tuple(blocks))


def _ending(reason: str) -> str:
    """How follow-up ended; data that only say that it did record no reason."""
    return "Reason not recorded" if reason == "censored" else titled(reason)


def _analysis(material: Material, name: str) -> Iterator[Block]:
    record = material.record(name, SurvivalRecord)
    target = material.estimand(name)
    phase = material.plan.endpoints[target.endpoint].phase
    labels = {arm: arm_label(material.plan, phase, arm) for arm in arms_of(material.plan, phase)}
    event = event_word(material.plan, target.endpoint)
    if record is not None:
        yield _curves(material, name, record, labels, event)
    yield times_table(material, name, labels)
    yield from factorial_blocks(material, name)
    yield from _endings(material, name, labels)
    if record is not None:
        yield from _hazard(material, name, record, event)
        yield from competing_blocks(material, name, record, labels)


COUNTED = (
    "; below it, cumulative numbers censored and with event, that day included (Morris "
    "et al. 2019, BMJ Open 9:e030215)."
)
MEDIANS = " Dotted lines: median, where a curve reaches 50%."


def _points(trend: HazardTrend) -> str:
    """What a point of the residuals is."""
    few = trend.events_of_a_point
    return f"means over {few:,} or more consecutive events" if few > 1 else "one per event"


def _curves(
    material: Material, name: str, record: SurvivalRecord, labels: dict[str, str], event: str
) -> Figure:
    figure_id = f"kmg01-{name}"
    return Figure(
        id=figure_id,
        caption=f"{_of_curves(material, name)}: Kaplan-Meier estimate of the "
        f"probability of no {event}, with {level(material.plan.report.confidence_level)} "
        f"pointwise CIs; {f'{JOINED}.' if record.joined else STEPS} Number at risk: under "
        "observation and event-free just before each time"
        + (COUNTED if any(curve.n_censored for curve in record.curves) else ".")
        + (MEDIANS if not record.joined else "")
        + (f" {AT_RISK}" if has_delayed_entry(material, name) else ""),
        svg=survival_svg(figure_id, record, labels, event, _comparison(material, name)),
        alternative=_alternative(record, labels, event),
        data=_survival_table(material, name, record, labels, event),
    )


def _comparison(material: Material, name: str) -> str:
    """The numbers that estimate the estimands, as they stand in the plot; none of one arm.

    Where several analyses have these curves, the figure stands once for all pairs of arms.
    """
    pairs: dict[tuple[str, str], str] = {}
    for alike in _of_same_curves(material, name):
        row = material.main_result(alike)
        if row is None or not row.reference or row.estimate is None:
            continue
        p = f"; {p_value(row)}" if row.p_value is not None else ""
        limits = f" ({interval(row)})" if row.conf_low is not None else ""
        told = f"{measure_words(row.statistic)} {estimate(row)}{limits}{p}"
        pairs.setdefault((row.arm, row.reference), told)
    if len(pairs) == 1:
        return titled(*pairs.values())
    phase = material.plan.analysis_phase(name)
    return "\n".join(
        f"{' versus '.join(arm_label(material.plan, phase, arm) for arm in pair)}: {told}"
        for pair, told in pairs.items()
    )


def _of_same_curves(material: Material, name: str) -> tuple[str, ...]:
    """The analyses of the same outcome whose curves are the same, this one among them."""
    own, endpoint = _drawn(material, name), material.estimand(name).endpoint
    return tuple(
        other
        for other in material.plan.analyses
        if material.estimand(other).endpoint == endpoint and _drawn(material, other) == own
    )


def _drawn(material: Material, name: str) -> tuple[tuple[str, bytes, bytes], ...]:
    record = material.record(name, SurvivalRecord)
    curves = () if record is None else record.curves
    return tuple((one.arm, one.times.tobytes(), one.survival.tobytes()) for one in curves)


def _of_curves(material: Material, name: str) -> str:
    """What curves are of: of the outcome, where several analyses have the same."""
    if len(_of_same_curves(material, name)) == 1:
        return _which(material, name)
    return endpoint_title(material.plan, material.estimand(name).endpoint)


def _which(material: Material, name: str) -> str:
    """The endpoint and the analysis, for one endpoint may have several."""
    title = endpoint_title(material.plan, material.estimand(name).endpoint)
    return f"{title}, {lowered(method_label(material.plan, name))}"


def _alternative(record: SurvivalRecord, labels: dict[str, str], event: str) -> str:
    ends = "; ".join(
        f"{labels[curve.arm]} {100 * float(curve.survival[-1]):.0f}%"
        for curve in record.curves
        if curve.survival.size
    )
    return (
        f"Curves of the probability of no {event}; at the end of follow-up: {ends or 'not shown'}."
    )


def _survival_table(
    material: Material, name: str, record: SurvivalRecord, labels: dict[str, str], event: str
) -> Table:
    """Survival with the number at risk, at each tick at which that of some arm may be shown."""
    rows: list[tuple[Cell, ...]] = []
    for place, tick in enumerate(record.ticks):
        if tick not in record.shown_ticks:
            continue
        cells: list[Cell] = []
        for curve in record.curves:
            found = material.results.select(
                table="kmt01", analysis=name, arm=curve.arm, group=f"day {tick:g}"
            )
            survival = estimate_with_limits(found[0]) if found else "100.0"
            at_risk = curve.at_risk[place]
            shown = SUPPRESSED if at_risk is None else count(at_risk)
            cells += [told_by(survival, *found[:1]), told_by(shown, *found[:1])]
        rows.append(table_row(f"{tick:g}", cells))
    columns = [
        words for _ in record.curves for words in (f"% ({material.interval_name})", "At risk")
    ]
    return Table(
        id=f"kmt01-{name}",
        caption=f"Kaplan-Meier estimate of the probability of no {event}, and number at risk",
        columns=("Day", *columns),
        rows=tuple(rows),
        footnotes=(DAYS_LEFT_OUT,) if len(rows) < len(record.ticks) else (),
        spanners=(("", 1), *((labels[curve.arm], 2) for curve in record.curves)),
    )


def _endings(material: Material, name: str, labels: dict[str, str]) -> Iterator[Table]:
    """How many subjects had the event by each criterion, and why the others were censored."""
    rows: list[tuple[Cell, ...]] = []
    for statistic, heading in ENDINGS:
        here = material.results.select(table="ttet02", analysis=name, statistic=statistic)
        numbers = {(row.group, row.arm): row for row in here}
        if here:
            rows.append((Cell(heading, header=True),))
        for reason in sorted({row.group for row in here}):
            of_arms = [numbers.get((reason, arm)) for arm in labels]
            cells = [told_by(count_of(row, "estimate") if row else "0", row) for row in of_arms]
            rows.append(table_row(_ending(reason), cells, indent=1))
    if not rows:
        return
    yield Table(
        id=f"ttet02-{name}",
        caption=f"Events and censoring, by reason: {analysis_label(material.plan, name)}",
        columns=("Participants", *labels.values()),
        rows=tuple(rows),
    )


def _hazard(material: Material, name: str, record: SurvivalRecord, event: str) -> Iterator[Figure]:
    """The log hazard ratio over time, where there are events enough."""
    if record.trend is None:
        return
    ratio = material.contrast(name, "hazard ratio")
    tests = material.results.select(
        analysis=name, statistic="proportional hazards test", group="arm"
    )
    figure_id = f"kmg02-{name}"
    tested = f" Test of proportional hazards (arm): {p_value(tests[0])}."
    yield Figure(
        id=figure_id,
        caption=f"{_which(material, name)}: hazard ratio over time. Points: scaled Schoenfeld "
        f"residuals of the arm, {_points(record.trend)}. Curve: natural spline with "
        f"pointwise {material.interval_name}; dashed line: hazard ratio of the model. A "
        "horizontal curve is consistent with proportional hazards." + (tested if tests else ""),
        svg=hazard_svg(figure_id, record.trend, ratio.estimate if ratio else None),
        alternative=f"The hazard ratio of {event} over follow-up, with its interval.",
        data=_hazard_table(material, figure_id, record.trend),
    )


def _ratio(logarithm: float) -> str:
    """A hazard ratio in words; beyond a thousand its digits tell nothing."""
    if logarithm > LARGEST_SHOWN:
        return f"> {math.exp(LARGEST_SHOWN):.0f}"
    return number(math.exp(logarithm), 2)


def _hazard_table(material: Material, figure_id: str, trend: HazardTrend) -> Table:
    """The curve at evenly spaced days."""
    rows = []
    for at in np.linspace(0, trend.times.size - 1, POINTS).round().astype(int):
        ratio, low, high = (
            _ratio(float(curve[at])) for curve in (trend.estimate, trend.conf_low, trend.conf_high)
        )
        rows.append(table_row(number(float(trend.times[at]), 0), [f"{ratio} ({low} to {high})"]))
    return Table(
        id=f"{figure_id}-numbers",
        caption="Smoothed hazard ratio at selected times",
        columns=("Day", f"Hazard ratio ({material.interval_name})"),
        rows=tuple(rows),
    )
