"""Figure: Kaplan-Meier curves with the numbers at risk under the axis."""

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.ticker import PercentFormatter

from ketaoutcomes.families.fitted import FloatArray
from ketaoutcomes.families.time_to_event.record import SurvivalCurve, SurvivalRecord
from ketaoutcomes.report.figures import (
    ARM_COLOURS,
    INK,
    MUTED,
    WIDTH,
    arm_style,
    figure_svg,
    grid_lines,
    label_ends,
    legible,
    wrapped,
)
from ketaoutcomes.report.numbers import SUPPRESSED
from ketaoutcomes.report.steps import joined_points

ROW = 0.3
"""Inches of a row of numbers at risk: two lines of its label."""
LABEL_WIDTH = 18


def survival_svg(
    figure_id: str, record: SurvivalRecord, labels: Mapping[str, str], event: str
) -> str:
    """Survival curves of the record; `labels` names the arms, `event` what is waited for."""
    return figure_svg(figure_id, lambda: _draw(record, labels, event))


def _draw(record: SurvivalRecord, labels: Mapping[str, str], event: str) -> Canvas:
    curves = record.curves
    below = ROW * len(curves) + 0.95
    height = 3.5 + below
    canvas = Canvas(figsize=(WIDTH, height))
    axes = canvas.add_axes((0.185, below / height, 0.6, 3.35 / height))
    lasts = (float(curve.times[-1]) for curve in curves if curve.times.size)
    end = max([record.ticks[-1], *lasts]) or 1.0
    ticks = legible(record.ticks, end, 0.6 * WIDTH)
    for place, curve in enumerate(curves):
        _draw_curve(axes, curve, place, end, joined=record.joined)
    axes.set_xlim(0, end)
    axes.set_ylim(0, 1.02)
    axes.yaxis.set_major_formatter(PercentFormatter(1.0))
    axes.set_xticks(ticks)
    axes.set_xlabel("Days since the start of the phase")
    axes.set_ylabel(f"Without {event}")
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


def _from_zero(times: FloatArray, heights: FloatArray, end: float) -> tuple[FloatArray, FloatArray]:
    """The step function from time 0 to the curve's last time."""
    at, level = [0.0], [1.0]
    for time, height in zip(times, heights, strict=True):
        if np.isfinite(height) and time <= end:
            at.append(float(time))
            level.append(float(height))
    return np.array(at), np.array(level)


def _draw_curve(axes: Axes, curve: SurvivalCurve, place: int, end: float, *, joined: bool) -> None:
    style = arm_style(place)
    if joined:
        drawn = (curve.times, curve.survival, curve.conf_low, curve.conf_high)
        joined_points(axes, drawn, place, start=1.0)
        return
    at, level = _from_zero(curve.times, curve.survival, end)
    axes.step(at, level, where="post", color=style["color"], linestyle=style["linestyle"], lw=1.7)
    known = np.isfinite(curve.conf_low) & np.isfinite(curve.conf_high)
    low_at, low = _from_zero(curve.times[known], curve.conf_low[known], end)
    _, high = _from_zero(curve.times[known], curve.conf_high[known], end)
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
    for place, curve in enumerate(record.curves):
        at = top - (ROW * place + 0.22) / height
        colour = ARM_COLOURS[place % len(ARM_COLOURS)]
        label = wrapped(labels[curve.arm], LABEL_WIDTH)
        canvas.text(0.01, at, label, fontsize=8, color=colour, va="center", linespacing=1.05)
        for tick, at_risk in zip(record.ticks, curve.at_risk, strict=True):
            if tick not in ticks or tick not in record.shown_ticks:
                continue
            axes.text(
                tick,
                (at - box.y0) / box.height,
                SUPPRESSED if at_risk is None else str(at_risk),
                transform=axes.get_xaxis_transform(),
                ha="center",
                va="center",
                fontsize=8,
                color=INK,
            )
