"""Events that come again on the page: rates, ratios and mean numbers over time."""

from collections.abc import Iterator, Mapping

import numpy as np
from matplotlib.figure import Figure as Canvas

from ketaoutcomes.families.fitted import FloatArray
from ketaoutcomes.families.recurrent_events.plan import RecurrentEventsAnalysis
from ketaoutcomes.families.recurrent_events.record import MeanCurve, RecurrentRecord
from ketaoutcomes.report.blocks import Block, Cell, Figure, Prose, Section, Table
from ketaoutcomes.report.cells import table_row, told_by
from ketaoutcomes.report.figures import (
    WIDTH,
    arm_style,
    figure_svg,
    grid_lines,
    label_ends,
    legible,
)
from ketaoutcomes.report.labels import (
    arm_label,
    endpoint_rule,
    endpoint_title,
    event_word,
    titled,
)
from ketaoutcomes.report.material import Material
from ketaoutcomes.report.numbers import (
    count_of,
    estimate_with_limits,
    is_hidden,
    level,
    number,
    p_cell,
)
from ketaoutcomes.report.steps import DAYS_LEFT_OUT, JOINED, NOT_SHOWN, joined_points, rising_steps
from ketaoutcomes.results import NOT_ESTIMATED, Result

Steps = tuple[FloatArray, FloatArray, FloatArray, FloatArray]
"""Days, means and limits."""

TABLE = "rect01"
BY_ARM = (
    ("subjects with an event", "Participants with any event"),
    ("events", "Events"),
    ("events a year", "Events per year of follow-up"),
)


def recurrent_section(material: Material) -> Section | None:
    """All analyses of recurrent events."""
    blocks = [
        block
        for name in material.analyses(RecurrentEventsAnalysis)
        for block in _analysis(material, name)
    ]
    return Section("recurrent", "Recurrent events", tuple(blocks)) if blocks else None


def _analysis(material: Material, name: str) -> Iterator[Block]:
    plan, target = material.plan, material.estimand(name)
    phase = plan.endpoints[target.endpoint].phase
    arms = (target.treatment.reference, target.treatment.active)
    labels = {arm: arm_label(plan, phase, arm) for arm in arms}
    for record in material.records:
        if isinstance(record, RecurrentRecord) and record.analysis == name and record.curves:
            hidden = record.joined and not any(curve.times.size for curve in record.curves)
            yield Prose((NOT_SHOWN,)) if hidden else _figure(material, name, record, labels)
    yield _comparison(material, name, labels)


def _figure(
    material: Material, name: str, record: RecurrentRecord, labels: dict[str, str]
) -> Figure:
    plan, target = material.plan, material.estimand(name)
    figure_id = f"recg01-{name}"
    return Figure(
        id=figure_id,
        caption=f"{endpoint_title(plan, target.endpoint)}: mean number of events per participant, "
        f"with {level(plan.report.confidence_level)} pointwise "
        f"intervals{f', {JOINED}' if record.joined else ''}.",
        svg=recurrent_svg(figure_id, record, labels, event_word(plan, target.endpoint)),
        alternative=_alternative(record, labels),
        data=_means(material, name, labels),
    )


def _alternative(record: RecurrentRecord, labels: dict[str, str]) -> str:
    # an arm without an event has no step; where counts are hidden, one without a point is not shown
    ends = "; ".join(
        f"{labels[curve.arm]} {float(curve.mean[-1]) if curve.mean.size else 0.0:.2f}"
        for curve in record.curves
        if curve.mean.size or not record.joined
    )
    return f"Curves of the mean number of events; at the end of follow-up: {ends or 'not shown'}."


def _means(material: Material, name: str, labels: dict[str, str]) -> Table:
    """Mean number at each tick at which that of some arm may be shown."""
    here = material.results.select(table=TABLE, analysis=name, statistic="mean number of events")
    found = {(row.group, row.arm): row for row in here}
    rows = tuple(
        table_row(
            titled(day),
            [
                told_by(estimate_with_limits(row, 2), row)
                for row in (found.get((day, arm)) for arm in labels)
            ],
        )
        for day in dict.fromkeys(row.group for row in here if not is_hidden(row))
    )
    return Table(
        id=f"rect02-{name}",
        caption=f"Mean number of events per participant ({material.interval_name})",
        columns=("", *labels.values()),
        rows=rows,
        footnotes=(DAYS_LEFT_OUT,) if any(map(is_hidden, here)) else (),
    )


def _comparison(material: Material, name: str, labels: dict[str, str]) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for statistic, label in BY_ARM:
        found = [material.of_arm(name, statistic, arm) for arm in labels]
        cells = (told_by(_of_arm(statistic, row), row) for row in found)
        rows.append(table_row(label, [*cells, "", ""]))
    compared = [row for row in material.results.select(table=TABLE, analysis=name) if row.reference]
    for row in compared:
        text = f"not estimated: {row.message}" if row.status in NOT_ESTIMATED else ""
        texts = (text or estimate_with_limits(row), p_cell(row))
        beside = (told_by(text, row) for text in texts)
        rows.append(table_row(titled(row.statistic), ["", "", *beside]))
    target = material.estimand(name).endpoint
    return Table(
        id=f"{TABLE}-{name}",
        caption=endpoint_title(material.plan, target),
        columns=("", *labels.values(), "Comparison", "p"),
        rows=tuple(rows),
        footnotes=(
            f"{endpoint_rule(material.plan, target)}. {material.interval_name}s, "
            "robust to dependence between events of a participant. PWP models compare "
            "each next event among participants with the same number of earlier events.",
        ),
    )


def _of_arm(statistic: str, row: Result | None) -> str:
    if row is None:
        return ""
    if statistic == "subjects with an event":
        return f"{count_of(row, 'estimate')}/{count_of(row)}"
    if statistic == "events a year" and row.estimate is not None:
        return number(row.estimate, 2)
    return count_of(row, "estimate")


def _to_the_end(record: RecurrentRecord, curve: MeanCurve) -> Steps:
    """The steps of a mean, which stays as it is after the last event while anybody is followed."""
    lines = (curve.times, curve.mean, curve.conf_low, curve.conf_high)
    followed = [
        tick for tick, n in zip(record.ticks, curve.at_risk[: len(record.ticks)], strict=False) if n
    ]
    if not curve.times.size or not followed or followed[-1] <= curve.times[-1]:
        return lines
    mean, low, high = (np.append(line, line[-1]) for line in lines[1:])
    return np.append(curve.times, followed[-1]), mean, low, high


def recurrent_svg(
    figure_id: str, record: RecurrentRecord, labels: Mapping[str, str], event: str
) -> str:
    """Mean numbers of the record; `labels` names the arms, `event` what is counted."""
    return figure_svg(figure_id, lambda: _draw(record, labels, event))


def _draw(record: RecurrentRecord, labels: Mapping[str, str], event: str) -> Canvas:
    # matplotlib: seaborn draws no mean number of events under censoring
    canvas = Canvas(figsize=(WIDTH, 3.4))
    axes = canvas.add_axes((0.1, 0.16, 0.7, 0.79))
    lasts = (float(curve.times[-1]) for curve in record.curves if curve.times.size)
    end = max([record.ticks[-1], *lasts]) or 1.0
    for place, curve in enumerate(record.curves):
        draw = joined_points if record.joined else rising_steps
        drawn = (curve.times, curve.mean, curve.conf_low, curve.conf_high)
        draw(axes, drawn if record.joined else _to_the_end(record, curve), place)
    axes.set_xlim(0, end)
    axes.set_ylim(bottom=0)
    axes.set_xticks(legible(record.ticks, end, 0.7 * WIDTH))
    axes.set_xlabel("Days since the start of the phase")
    axes.set_ylabel(f"Mean number: {event}")
    grid_lines(axes)
    ends = [
        (
            float(curve.mean[-1]) if curve.mean.size else 0.0,
            labels[curve.arm],
            str(arm_style(place)["color"]),
        )
        for place, curve in enumerate(record.curves)
    ]
    label_ends(axes, ends, end)
    return canvas
