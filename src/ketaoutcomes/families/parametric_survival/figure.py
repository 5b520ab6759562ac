"""Figure: fitted survival curves over the estimate that presumes no law."""

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.ticker import PercentFormatter

from ketaoutcomes.families.parametric_survival.record import ParametricCurve, ParametricRecord
from ketaoutcomes.report.figures import (
    WIDTH,
    arm_style,
    figure_svg,
    grid_lines,
    label_ends,
    legible,
)


def parametric_svg(
    figure_id: str, record: ParametricRecord, labels: Mapping[str, str], event: str
) -> str:
    """Curves of the record; `labels` names the arms, `event` what is waited for."""
    return figure_svg(figure_id, lambda: _draw(record, labels, event))


def _draw(record: ParametricRecord, labels: Mapping[str, str], event: str) -> Canvas:
    canvas = Canvas(figsize=(WIDTH, 3.6))
    axes = canvas.add_axes((0.1, 0.15, 0.7, 0.8))
    end = max(float(curve.times[-1]) for curve in record.curves) or 1.0
    for place, curve in enumerate(record.curves):
        _draw_curve(axes, curve, place)
    axes.set_xlim(0, end)
    axes.set_ylim(0, 1.02)
    axes.yaxis.set_major_formatter(PercentFormatter(1.0))
    axes.set_xticks(legible(record.ticks, end, 0.7 * WIDTH))
    axes.set_xlabel("Days since the start of the phase")
    axes.set_ylabel(f"Without {event}")
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
