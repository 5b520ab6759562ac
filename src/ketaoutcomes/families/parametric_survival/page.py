"""Parametric models of a time to event on the page: table and curves."""

from collections.abc import Iterator, Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.ticker import PercentFormatter

from ketaoutcomes.families.parametric_survival.plan import (
    IntervalCensoredAnalysis,
    ParametricSurvivalPart,
)
from ketaoutcomes.families.parametric_survival.record import ParametricCurve, ParametricRecord
from ketaoutcomes.report.blocks import Block, Callout, Cell, Figure, Section, Table
from ketaoutcomes.report.cells import all_told_by, table_row, told_by
from ketaoutcomes.report.figures import (
    WIDTH,
    arm_style,
    figure_svg,
    grid_lines,
    label_ends,
    legible,
)
from ketaoutcomes.report.labels import (
    analysis_label,
    arm_label,
    endpoint_title,
    event_word,
    lowered,
    method_label,
    titled,
)
from ketaoutcomes.report.material import Material
from ketaoutcomes.report.measures import measure_words
from ketaoutcomes.report.numbers import count, estimate_with_limits, p_cell
from ketaoutcomes.results import NOT_ESTIMATED

TABLE = "aftt01"


def parametric_survival_section(material: Material) -> Section | None:
    """All parametric analyses of a time to event."""
    blocks = [
        block
        for name in material.analyses(ParametricSurvivalPart)
        for block in _analysis(material, name)
    ]
    title = "Parametric survival models"
    return Section("parametric", title, tuple(blocks)) if blocks else None


def _analysis(material: Material, name: str) -> Iterator[Block]:
    record = material.record(name, ParametricRecord)
    rows = material.results.select(table=TABLE, analysis=name)
    failed = tuple(titled(row.message) for row in rows if row.status in NOT_ESTIMATED)
    if failed:
        yield Callout("Not estimated", failed, "warning")
        return
    plan, target = material.plan, material.estimand(name)
    phase = plan.endpoints[target.endpoint].phase
    treatment = target.treatment
    labels = {arm: arm_label(plan, phase, arm) for arm in (treatment.reference, treatment.active)}
    if record is not None:
        yield _figure(material, name, record, labels)
    yield _table(material, name, labels)


def _figure(
    material: Material, name: str, record: ParametricRecord, labels: dict[str, str]
) -> Figure:
    """The fitted curves, over the free ones where their steps may be shown."""
    plan, target = material.plan, material.estimand(name)
    free = (
        "Turnbull" if isinstance(plan.analyses[name], IntervalCensoredAnalysis) else "Kaplan-Meier"
    )
    figure_id = f"aftg01-{name}"
    return Figure(
        id=figure_id,
        caption=f"{endpoint_title(plan, target.endpoint)}, {lowered(method_label(plan, name))}: "
        f"event-free probability, fitted distribution{_over_steps(record, free)}.",
        svg=parametric_svg(figure_id, record, labels, event_word(plan, target.endpoint)),
        alternative="Curves of the fitted event-free probability; at the end of follow-up: "
        + "; ".join(
            f"{labels[curve.arm]} {100 * float(curve.fitted[-1]):.0f}%" for curve in record.curves
        )
        + ".",
    )


def _over_steps(record: ParametricRecord, free: str) -> str:
    """What is said of the estimate that presumes no law."""
    if not any(curve.survival.size for curve in record.curves):
        return f"; the steps of the {free} estimate are single events and are not shown"
    words = f", with the {free} estimate (steps), which assumes no distribution"
    slanted = ". Slanted lines: intervals within which the estimate is not determined"
    return words + (slanted if free == "Turnbull" else "")


def _table(material: Material, name: str, labels: dict[str, str]) -> Table:
    rows: list[tuple[Cell, ...]] = []
    compared = [row for row in material.results.select(table=TABLE, analysis=name) if row.reference]
    by_arm = [
        row for row in material.results.select(table=TABLE, analysis=name) if not row.reference
    ]
    keys = dict.fromkeys((row.statistic, row.group) for row in by_arm)
    for statistic, group in keys:
        found = {row.arm: row for row in by_arm if (row.statistic, row.group) == (statistic, group)}
        of_arms = [found.get(arm) for arm in labels]
        cells = [told_by(estimate_with_limits(row), row) for row in of_arms]
        label = f"Event-free, {group}, %" if statistic == "survival" else "RMST, days"
        rows.append(table_row(label, [*cells, "", ""]))
    for row in compared:
        unit = ", days" if row.unit == "days" else ""
        p = p_cell(row) if row.p_value is not None else ""
        cells = all_told_by(["", "", estimate_with_limits(row), p], row)
        rows.append(table_row(f"{titled(measure_words(row.statistic))}{unit}", cells))
    n, events = (compared[0].n, compared[0].n_events) if compared else (0, 0)
    return Table(
        id=f"{TABLE}-{name}",
        caption=f"{analysis_label(material.plan, name)}",
        columns=("", *labels.values(), "Comparison", "p"),
        rows=tuple(rows),
        footnotes=(
            f"{titled(compared[0].method)}; {count(n)} participants, {count(events)} with "
            f"event. {material.interval_name}s. Time ratio above 1: longer time without the "
            "event.",
        ),
    )


def parametric_svg(
    figure_id: str, record: ParametricRecord, labels: Mapping[str, str], event: str
) -> str:
    """Curves of the record; `labels` names the arms, `event` what is waited for."""
    return figure_svg(figure_id, lambda: _draw(record, labels, event))


def _draw(record: ParametricRecord, labels: Mapping[str, str], event: str) -> Canvas:
    # matplotlib: fitted curves and steps under censoring, which seaborn does not draw
    canvas = Canvas(figsize=(WIDTH, 3.6))
    axes = canvas.add_axes((0.1, 0.15, 0.7, 0.8))
    free = (c.right[np.isfinite(c.right)] for c in record.curves if c.survival.size)
    known = (days for days in (*(c.times for c in record.curves), *free) if days.size)
    end = max(float(days.max()) for days in known) or 1.0
    for place, curve in enumerate(record.curves):
        _draw_curve(axes, curve, place)
    axes.set_xlim(0, end)
    axes.set_ylim(0, 1.02)
    axes.yaxis.set_major_formatter(PercentFormatter(1.0))
    axes.set_xticks(legible(record.ticks, end, 0.7 * WIDTH))
    axes.set_xlabel("Days since the start of the phase")
    axes.set_ylabel(f"Probability of no {event}")
    grid_lines(axes)
    ends = [
        (float(curve.fitted[-1]), labels[curve.arm], str(arm_style(place)["color"]))
        for place, curve in enumerate(record.curves)
    ]
    label_ends(axes, ends, end)
    return canvas


def _draw_curve(axes: Axes, curve: ParametricCurve, place: int) -> None:
    style = arm_style(place)
    if curve.survival.size:
        _draw_free(axes, curve, str(style["color"]))
    axes.plot(
        curve.times,
        curve.fitted,
        color=style["color"],
        linestyle=style["linestyle"],
        linewidth=2.0,
    )


def _draw_free(axes: Axes, curve: ParametricCurve, colour: str) -> None:
    before = np.concatenate([[1.0], curve.survival[:-1]])
    at = np.concatenate([[0.0], np.column_stack([curve.left, curve.right]).ravel()])
    level = np.concatenate([[1.0], np.column_stack([before, curve.survival]).ravel()])
    axes.plot(at, level, color=colour, linewidth=1.0, alpha=0.6)
