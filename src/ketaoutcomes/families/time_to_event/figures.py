"""Figures of times to event: curves, cumulative incidence and hazards."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter, PercentFormatter

from ketaoutcomes.families.fitted import FloatArray
from ketaoutcomes.families.time_to_event.record import (
    HazardTrend,
    IncidenceCurve,
    SurvivalCurve,
    SurvivalRecord,
)
from ketaoutcomes.report.figures import (
    ARM_COLOURS,
    INK,
    LINE,
    MUTED,
    WIDTH,
    arm_style,
    figure_svg,
    grid_lines,
    label_ends,
    legible,
    seaborn,
    wrapped,
)
from ketaoutcomes.report.numbers import SUPPRESSED
from ketaoutcomes.report.steps import joined_points, rising_steps

ROW = 0.3
"""Inches of a row of numbers at risk: two lines of its label."""
COUNTED = 0.17
"""Inches of a further row of numbers under one of those at risk."""
HALF = 0.5
LABEL_WIDTH = 18
LINE_WIDTH = 100
"""Characters of a line over the whole width of a figure."""


def survival_svg(
    figure_id: str,
    record: SurvivalRecord,
    labels: Mapping[str, str],
    event: str,
    comparison: str = "",
) -> str:
    """Survival curves of the record; `labels` names the arms, `event` what is waited for.

    Under them the numbers at risk and, where they may be shown, those censored and with an event
    so far (Morris et al. 2019); `comparison` is written into the plot.
    """
    return figure_svg(figure_id, lambda: _draw_survival(record, labels, event, comparison))


# seaborn knows no censoring: its `ecdfplot` would count who left as if they had the event
def _draw_survival(
    record: SurvivalRecord, labels: Mapping[str, str], event: str, comparison: str = ""
) -> Canvas:
    curves = record.curves
    names = [wrapped(labels[curve.arm], LABEL_WIDTH) for curve in curves]
    below = (
        sum(map(_row, names)) + 0.95 + sum(3 * COUNTED * bool(curve.n_censored) for curve in curves)
    )
    told = "\n".join(wrapped(line, LINE_WIDTH) for line in comparison.splitlines())
    above = COUNTED * len(told.splitlines())
    height = 3.55 + below + above
    canvas = Canvas(figsize=(WIDTH, height))
    axes = canvas.add_axes((0.185, below / height, 0.6, 3.35 / height))
    end = _end(record)
    ticks = legible(record.ticks, end, 0.6 * WIDTH)
    for place, curve in enumerate(curves):
        _draw_curve(axes, curve, place, end, joined=record.joined)
    if not record.joined:
        _draw_medians(axes, curves)
    if told:  # above the curves, which may run anywhere below
        canvas.text(0.02, 1 - 0.08 / height, told, va="top", fontsize=8.5, color=INK)
    axes.set_xlim(0, end)
    axes.set_ylim(0, 1.02)
    axes.yaxis.set_major_formatter(PercentFormatter(1.0))
    axes.set_xticks(ticks)
    axes.set_xlabel("Days since the start of the phase")
    axes.set_ylabel(f"Probability of no {event}")
    grid_lines(axes)
    ends = [
        (
            float(curve.survival[-1]) if curve.survival.size else 1.0,
            labels[curve.arm],
            ARM_COLOURS[place % len(ARM_COLOURS)],
        )
        for place, curve in enumerate(curves)
    ]
    label_ends(axes, ends, end)
    _write_at_risk(canvas, axes, record, labels, ticks)
    return canvas


def _draw_medians(axes: Axes, curves: tuple[SurvivalCurve, ...]) -> None:
    """A line at one half, from the axis to each curve that falls so far, and down to its day."""
    for place, curve in enumerate(curves):
        fallen = np.flatnonzero(np.isfinite(curve.survival) & (curve.survival <= HALF))
        if fallen.size:
            day = float(curve.times[fallen[0]])
            colour = ARM_COLOURS[place % len(ARM_COLOURS)]
            axes.plot([0, day, day], [HALF, HALF, 0], color=colour, lw=0.8, ls=(0, (2, 2)))


def _row(label: str) -> float:
    """Inches of a row of numbers at risk, by the lines of its label."""
    return max(ROW, LINE * (label.count("\n") + 1))


def last_days(record: SurvivalRecord) -> dict[str, float]:
    """The last day known of each arm: an event, a censoring or a day that may be shown."""
    return {
        curve.arm: max(
            (float(days.max()) for days in (curve.times, curve.censored_at) if days.size),
            default=0.0,
        )
        for curve in record.curves
    }


def _end(record: SurvivalRecord) -> float:
    """The end of the axis, beyond which there is nothing."""
    causes = (float(curve.times[-1]) for curve in record.incidence if curve.times.size)
    return max([record.ticks[-1], *last_days(record).values(), *causes]) or 1.0


def _from_zero(times: FloatArray, heights: FloatArray, end: float) -> tuple[FloatArray, FloatArray]:
    """The step function from time 0 to the curve's last time."""
    at, level = [0.0], [1.0]
    for time, height in zip(times, heights, strict=True):
        if np.isfinite(height) and time <= end:
            at.append(float(time))
            level.append(float(height))
    return np.array(at), np.array(level)


def _held(at: FloatArray, level: FloatArray, until: float) -> tuple[FloatArray, FloatArray]:
    """The step function on to the end of follow-up, after its last step."""
    if at[-1] >= until:
        return at, level
    return np.append(at, until), np.append(level, level[-1])


def _draw_curve(axes: Axes, curve: SurvivalCurve, place: int, end: float, *, joined: bool) -> None:
    style = arm_style(place)
    if joined:
        drawn = (curve.times, curve.survival, curve.conf_low, curve.conf_high)
        joined_points(axes, drawn, place, start=1.0)
        return
    known_to = max(float(curve.censored_at.max()) if curve.censored_at.size else 0.0, 0.0)
    at, level = _held(*_from_zero(curve.times, curve.survival, end), known_to)
    axes.step(at, level, where="post", color=style["color"], linestyle=style["linestyle"], lw=1.7)
    known = np.isfinite(curve.conf_low) & np.isfinite(curve.conf_high)
    low_at, low = _held(*_from_zero(curve.times[known], curve.conf_low[known], end), known_to)
    _, high = _held(*_from_zero(curve.times[known], curve.conf_high[known], end), known_to)
    axes.fill_between(
        low_at, low, high, step="post", color=str(style["color"]), alpha=0.14, linewidth=0
    )
    heights = level[np.searchsorted(at, curve.censored_at, side="right") - 1]
    axes.plot(
        curve.censored_at, heights, linestyle="none", marker="|", ms=6, color=style["color"], mew=1
    )


def _write_at_risk(
    canvas: Canvas,
    axes: Axes,
    record: SurvivalRecord,
    labels: Mapping[str, str],
    ticks: tuple[float, ...],
) -> None:
    """The numbers at risk, each under its label, where that of some arm may be shown."""
    height = canvas.get_figheight()
    box = axes.get_position()
    top = box.y0 - 0.68 / height
    canvas.text(0.01, top, "Number at risk", fontsize=8.5, color=MUTED, va="center")
    down, before = 0.22 - ROW, ROW
    for place, curve in enumerate(record.curves):
        label = wrapped(labels[curve.arm], LABEL_WIDTH)
        down, before = down + (before + _row(label)) / 2, _row(label)
        at = top - down / height
        colour = ARM_COLOURS[place % len(ARM_COLOURS)]
        canvas.text(0.01, at, label, fontsize=8, color=colour, va="center", linespacing=1.05)
        for tick, at_risk in zip(record.ticks, curve.at_risk, strict=True):
            if tick not in ticks or tick not in record.shown_ticks:
                continue
            shown = SUPPRESSED if at_risk is None else str(at_risk)
            _write_number(axes, tick, (at - box.y0) / box.height, shown, INK)
        down += _write_counted(axes, record, curve, ticks, (at, _row(label)))


def _write_number(axes: Axes, tick: float, at: float, text: str, colour: str) -> None:
    axes.text(
        *(tick, at, text), transform=axes.get_xaxis_transform(),
        ha="center", va="center", fontsize=8, color=colour,
    )  # fmt: skip


def _write_counted(
    axes: Axes,
    record: SurvivalRecord,
    curve: SurvivalCurve,
    ticks: tuple[float, ...],
    above: tuple[float, float],
) -> float:
    """Those censored and with an event up to each day, under those at risk; the inches used.

    `above` is where the row of those at risk stands, and its height.
    """
    canvas, box = axes.get_figure(root=True), axes.get_position()
    if not curve.n_censored or canvas is None:
        return 0.0
    height = canvas.get_figheight()
    at, label = above
    steps = (max(COUNTED, label / 2 + COUNTED / 2), COUNTED)
    counted = (("censored", curve.n_censored), ("events", curve.n_events))
    for step, (name, counts) in zip(steps, counted, strict=True):
        at -= step / height
        canvas.text(0.15, at, name, fontsize=7.5, color=MUTED, va="center", ha="right")
        for tick, so_far in zip(record.ticks, counts, strict=False):
            if tick in ticks and tick in record.shown_ticks:
                _write_number(axes, tick, (at - box.y0) / box.height, str(so_far), MUTED)
    return sum(steps)


COLUMNS = 2
PANEL = 2.35


def incidence_svg(
    figure_id: str, record: SurvivalRecord, labels: Mapping[str, str], event: str
) -> str:
    """Incidence curves of the record; `labels` names the arms, `event` what is waited for."""
    return figure_svg(figure_id, lambda: _draw_incidence(record, labels, event))


def kind_of_event(cause: str, event: str) -> str:
    """A kind of event as a reader names it: the event of the endpoint by its own name."""
    return event if cause == "the event" else cause


def _draw_incidence(record: SurvivalRecord, labels: Mapping[str, str], event: str) -> Canvas:
    causes = tuple(dict.fromkeys(curve.cause for curve in record.incidence))
    arms = tuple(curve.arm for curve in record.curves)
    rows = -(-len(causes) // COLUMNS)
    names = {
        arm: wrapped(labels[arm], LEGEND_LETTERS)
        for arm in dict.fromkeys(curve.arm for curve in record.incidence)
    }
    columns, lines = legend_grid(tuple(names.values()))
    height = PANEL * rows + LEGEND_APART + LEGEND_LINE * lines
    canvas = Canvas(figsize=(WIDTH, height), layout="constrained")
    grid = canvas.subplots(rows, COLUMNS, squeeze=False, sharex=True, sharey=True)
    panels = list(grid.flat)
    end, known_to = _end(record), last_days(record)
    for axes, cause in zip(panels, causes, strict=False):
        for curve in record.incidence:
            if curve.cause == cause:
                place = arms.index(curve.arm)
                held = curve if record.joined else _held_incidence(curve, known_to[curve.arm])
                _draw_incidence_curve(axes, held, place, names[curve.arm], joined=record.joined)
        title = kind_of_event(cause, event)
        axes.set_title(wrapped(title[:1].upper() + title[1:], 40), fontsize=9, loc="left")
        axes.yaxis.set_major_formatter(PercentFormatter(1.0))
        axes.set_xticks(legible(record.ticks, end, 0.4 * WIDTH))
        axes.set_xlim(0, end)
        grid_lines(axes)
    panels[0].set_ylim(bottom=0)  # the panels share it: only when all curves are drawn
    for axes in panels[len(causes) :]:
        axes.set_visible(False)
    for axes in grid[-1]:
        axes.set_xlabel("Days since the start of the phase")
    handles, drawn = panels[0].get_legend_handles_labels()
    canvas.legend(handles, drawn, loc="outside lower center", ncols=columns, frameon=False)
    return canvas


LEGEND_LETTERS = 40
"""Of a line of an arm's name in a legend."""

LEGEND_LINE, LEGEND_APART = 0.18, 0.37
"""Inches of a line of a legend, and between it and the panels."""

LEGEND_KEY, LEGEND_LETTER = 0.55, 0.072
"""Inches of the line and the gap before a name, and of a letter."""


def legend_grid(names: Sequence[str]) -> tuple[int, int]:
    """Columns of a legend that fits the width of a figure, and its lines in all.

    A legend that is wider leaves no room for the panels, which then are drawn over each other.
    """
    lines = [name.splitlines() for name in names]
    widest = max(len(line) for name in lines for line in name)
    columns = int(WIDTH // (LEGEND_KEY + LEGEND_LETTER * widest))
    columns = min(max(columns, 1), len(names))
    rows = -(-len(names) // columns)
    # matplotlib fills a legend column by column
    return columns, sum(max(map(len, lines[row::rows])) for row in range(rows))


def _held_incidence(curve: IncidenceCurve, until: float) -> IncidenceCurve:
    """The curve on to the end of follow-up, after its last step."""
    if not curve.times.size or curve.times[-1] >= until:
        return curve
    height, low, high = (
        np.append(values, values[-1])
        for values in (curve.incidence, curve.conf_low, curve.conf_high)
    )
    times = np.append(curve.times, until)
    return replace(curve, times=times, incidence=height, conf_low=low, conf_high=high)


def _draw_incidence_curve(
    axes: Axes, curve: IncidenceCurve, place: int, label: str, *, joined: bool
) -> None:
    drawn = (curve.times, curve.incidence, curve.conf_low, curve.conf_high)
    if joined:
        joined_points(axes, drawn, place, label=label)
    else:
        rising_steps(axes, drawn, place, label)


SHOWN = 5.0
"""The axis goes no further than this (on the log scale) from the middle of the curve."""


def hazard_svg(figure_id: str, trend: HazardTrend, ratio: float | None) -> str:
    """The curve of a hazard ratio; `ratio` is that of the proportional hazards model."""
    return figure_svg(figure_id, lambda: _draw_hazard(trend, ratio))


def _draw_hazard(trend: HazardTrend, ratio: float | None) -> Canvas:
    canvas = Canvas(figsize=(WIDTH, 3.1))
    axes = canvas.add_axes((0.1, 0.17, 0.86, 0.78))
    axes.set_yscale("log")
    middle = float(np.median(trend.estimate))
    lowest = min(float(trend.conf_low.min()), float(trend.residuals.min()))
    highest = max(float(trend.conf_high.max()), float(trend.residuals.max()))
    low, high = max(lowest, middle - SHOWN), min(highest, middle + SHOWN)
    axes.set_ylim(np.exp(low - 0.2), np.exp(high + 0.2))
    # named first: seaborn draws all ticks to see whether axes without names have any
    axes.set_xlabel("Days since the start of the phase")
    axes.set_ylabel("Hazard ratio")
    beyond = int(((trend.residuals < low - 0.2) | (trend.residuals > high + 0.2)).sum())
    if beyond:
        lie = "lies" if beyond == 1 else "lie"
        words = f"{beyond} of {trend.residuals.size} points {lie} beyond the axis"
        canvas.text(0.96, 0.985, words, fontsize=8, color=MUTED, va="top", ha="right")
    seaborn().scatterplot(
        x=trend.events_at,
        y=np.exp(np.clip(trend.residuals, low - 1.0, high + 1.0)),  # those beyond are not seen
        ax=axes,
        s=7,
        color=MUTED,
        alpha=0.55,
        linewidth=0,
        legend=False,
    )
    # the curve and its band are those of the test: seaborn's smoother has no band
    axes.fill_between(
        trend.times,
        np.exp(np.maximum(trend.conf_low, low - 1.0)),
        np.exp(np.minimum(trend.conf_high, high + 1.0)),
        color=ARM_COLOURS[1],
        alpha=0.14,
        linewidth=0,
    )
    axes.plot(trend.times, np.exp(trend.estimate), color=ARM_COLOURS[1], linewidth=1.8)
    axes.axhline(1.0, color=INK, linewidth=0.9)
    if ratio is not None:
        axes.axhline(ratio, color=ARM_COLOURS[1], linewidth=1.1, linestyle=(0, (5, 2)))
    axes.yaxis.set_major_locator(LogLocator(base=10, subs=(1, 2, 5)))
    axes.yaxis.set_minor_formatter(NullFormatter())
    axes.yaxis.set_major_formatter(FuncFormatter(lambda y, _: f"{y:g}"))
    grid_lines(axes)
    return canvas
