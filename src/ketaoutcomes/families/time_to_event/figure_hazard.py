"""Figure: the hazard ratio over time, with the residuals it is drawn through."""

import numpy as np
from matplotlib.figure import Figure as Canvas
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from ketaoutcomes.families.time_to_event.record import HazardTrend
from ketaoutcomes.report.figures import ARM_COLOURS, INK, MUTED, WIDTH, figure_svg, grid_lines

SHOWN = 5.0
"""The axis goes no further than this (on the log scale) from the middle of the curve."""


def hazard_svg(figure_id: str, trend: HazardTrend, ratio: float | None) -> str:
    """The curve of a hazard ratio; `ratio` is that of the proportional hazards model."""
    return figure_svg(figure_id, lambda: _draw(trend, ratio))


def _draw(trend: HazardTrend, ratio: float | None) -> Canvas:
    canvas = Canvas(figsize=(WIDTH, 3.1))
    axes = canvas.add_axes((0.1, 0.17, 0.86, 0.78))
    axes.set_yscale("log")
    middle = float(np.median(trend.estimate))
    lowest = min(float(trend.conf_low.min()), float(trend.residuals.min()))
    highest = max(float(trend.conf_high.max()), float(trend.residuals.max()))
    low, high = max(lowest, middle - SHOWN), min(highest, middle + SHOWN)
    axes.set_ylim(np.exp(low - 0.2), np.exp(high + 0.2))
    axes.plot(
        trend.events_at,
        np.exp(np.clip(trend.residuals, low - 1.0, high + 1.0)),  # those beyond are not seen
        linestyle="none",
        marker="o",
        ms=2.4,
        color=MUTED,
        alpha=0.55,
    )
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
    axes.set_xlabel("Days since the start of the phase")
    axes.set_ylabel("Hazard ratio")
    grid_lines(axes)
    return canvas
