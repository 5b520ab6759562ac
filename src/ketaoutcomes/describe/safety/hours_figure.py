"""Figure: a measure over the hours after a dose, arm by arm."""

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure as Canvas
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from ketaoutcomes.report.figures import (
    ARM_COLOURS,
    PAPER,
    WIDTH,
    arm_style,
    figure_svg,
    grid_lines,
    label_ends,
)

TICKS = (0, 0.25, 0.5, 1, 2, 4, 8, 24, 72, 168)


@dataclass(frozen=True)
class HoursArm:
    """Means of an arm with their limits, by hours after the dose."""

    label: str
    hours: tuple[float, ...]
    means: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]


def hours_svg(figure_id: str, arms: tuple[HoursArm, ...], y_label: str) -> str:
    """The course over hours, on a square-root axis that gives the first hours room."""
    return figure_svg(figure_id, lambda: _draw(arms, y_label))


def _draw(arms: tuple[HoursArm, ...], y_label: str) -> Canvas:
    # matplotlib: the limits are in the results, and `pointplot` would compute its own
    canvas = Canvas(figsize=(WIDTH, 3.0))
    axes = canvas.add_axes((0.1, 0.17, 0.66, 0.78))
    last = max(arm.hours[-1] for arm in arms)
    axes.set_xscale("function", functions=(_root, np.square))
    for place, arm in enumerate(arms):
        style = arm_style(place)
        means = np.array(arm.means)
        axes.errorbar(
            arm.hours,
            means,
            yerr=[means - np.array(arm.low), np.array(arm.high) - means],
            marker=str(style["marker"]),
            linestyle=style["linestyle"],
            color=str(style["color"]),
            markerfacecolor=PAPER if place == 0 else str(style["color"]),
            markersize=5.5,
            capsize=3,
            elinewidth=1.2,
            linewidth=1.6,
            clip_on=False,
            zorder=3,
        )
    axes.set_xlim(0, last * 1.06)
    axes.xaxis.set_major_locator(FixedLocator([tick for tick in TICKS if tick <= last * 1.06]))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:g}"))
    axes.set_xlabel("Hours after the first dose (square-root scale)")
    axes.set_ylabel(y_label)
    grid_lines(axes)
    ends = [
        (arm.means[-1], arm.label, ARM_COLOURS[place % len(ARM_COLOURS)])
        for place, arm in enumerate(arms)
    ]
    label_ends(axes, ends, last * 1.04)
    return canvas


def _root(hours: np.ndarray) -> np.ndarray:
    return np.asarray(np.sqrt(np.maximum(hours, 0)))
