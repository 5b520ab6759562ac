"""Figure: LS mean change at each visit, arm by arm."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas

from ketaoutcomes.report.figures import (
    ARM_COLOURS,
    INK,
    LINE,
    MUTED,
    PAPER,
    WIDTH,
    arm_style,
    figure_svg,
    grid_lines,
    label_ends,
    wrapped,
)

ROW = 0.28
"""Inches of a row of counts: two lines of its label."""
LINES_OF_A_ROW = 2
LABEL_WIDTH = 22

LETTER = 0.0155
"""Part of the axis that a letter of a visit's name takes."""

TOO_NEAR, SEVERAL = 0.045, 2
"""So many visits nearer than this part of the axis, and all are spaced evenly."""

OBSERVED, WITH_DERIVED = (
    "Participants observed",
    "Participants observed / carried forward or derived",
)


@dataclass(frozen=True)
class CourseArm:
    """Means of an arm or a class at each visit with their limits, and the subjects behind them."""

    label: str
    means: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    n: tuple[str, ...]


def course_svg(
    figure_id: str,
    visits: Mapping[str, float],
    arms: tuple[CourseArm, ...],
    y_label: str,
    counted: str = OBSERVED,
) -> str:
    """The course of the means.

    Parameters
    ----------
    visits : mapping of str to float
        Visit -> days since the first dose.
    counted : str
        What the numbers under the axis count.
    """
    return figure_svg(figure_id, lambda: _draw(visits, arms, y_label, counted))


def _draw(
    visits: Mapping[str, float], arms: tuple[CourseArm, ...], y_label: str, counted: str
) -> Canvas:
    # matplotlib: the limits are those of the model, and `pointplot` would compute its own
    days, evenly = _places(np.array(list(visits.values())))
    names, at = ["Baseline", *visits], np.array([0.0, *days])
    levels = _levels(names, at)
    names_below = LINE * (max(1, *levels) + 1)
    below = _row_of(arms) * len(arms) + 0.45 + names_below
    canvas = Canvas(figsize=(WIDTH, 3.6 + below))
    axes = canvas.add_axes((0.105, below / (3.6 + below), 0.66, 3.45 / (3.6 + below)))
    span = float(days.max()) or 1.0
    axes.axhline(0, color=INK, linewidth=0.8)
    for place, arm in enumerate(arms):
        _draw_arm(axes, days + (place - (len(arms) - 1) / 2) * 0.008 * span, arm, place)
    axes.set_xlim(-0.03 * span, 1.04 * span)
    axes.set_ylabel(y_label)
    grid_lines(axes)
    axes.spines["bottom"].set_visible(False)
    axes.tick_params(axis="x", length=3)
    axes.xaxis.set_ticks(
        at, ["\n" * level + name for level, name in zip(levels, names, strict=True)]
    )
    # a label stands at the last mean that could be estimated
    ends = [
        (known[-1], arm.label, ARM_COLOURS[place % len(ARM_COLOURS)])
        for place, arm in enumerate(arms)
        if (known := [mean for mean in arm.means if np.isfinite(mean)])
    ]
    label_ends(axes, ends, float(days[-1] + (0.01 + 0.004 * len(arms)) * span))
    if evenly:
        canvas.text(0.79, 0.985, "visits evenly spaced", fontsize=8, color=MUTED, va="top")
    _write_counts(canvas, axes, days, arms, names_below + 0.2, counted)
    return canvas


def _row_of(arms: tuple[CourseArm, ...]) -> float:
    """Inches of a row of counts, so that labels of several lines do not touch."""
    lines = max(wrapped(arm.label, LABEL_WIDTH).count("\n") + 1 for arm in arms)
    return ROW * max(lines, LINES_OF_A_ROW) / LINES_OF_A_ROW


def _places(days: np.ndarray) -> tuple[np.ndarray, bool]:
    """Places of the visits: their days, or their order where several would fall on one another."""
    steps = np.diff(np.array([0.0, *days])) / (float(days.max()) or 1.0)
    if (steps < TOO_NEAR).sum() < SEVERAL:
        return days, False
    return np.arange(1.0, days.size + 1), True


def _draw_arm(axes: Axes, days: np.ndarray, arm: CourseArm, place: int) -> None:
    style = arm_style(place)
    means = np.array(arm.means)
    axes.plot(
        [0.0, *days], [0.0, *means], color=style["color"], linestyle=style["linestyle"], lw=1.6
    )
    axes.errorbar(
        days,
        means,
        yerr=[means - np.array(arm.low), np.array(arm.high) - means],
        fmt=str(style["marker"]),
        markersize=6,
        markerfacecolor=PAPER if place == 0 else style["color"],
        markeredgewidth=1.4,
        color=style["color"],
        elinewidth=1.2,
        capsize=3,
    )


def _levels(names: list[str], days: np.ndarray) -> list[int]:
    """The line of each visit's name: the first on which the names before leave it room."""
    places = days / (float(days.max()) or 1.0)
    taken: list[float] = []
    levels = []
    for name, place in zip(names, places, strict=True):
        half = LETTER * (len(name) + 1) / 2
        level = next((n for n, end in enumerate(taken) if end <= place - half), len(taken))
        taken[level : level + 1] = [place + half]
        levels.append(level)
    return levels


def _write_counts(
    canvas: Canvas,
    axes: Axes,
    days: np.ndarray,
    arms: tuple[CourseArm, ...],
    under: float,
    counted: str,
) -> None:
    """Subjects at each visit, in rows so many inches under the axis."""
    height = canvas.get_figheight()
    foot = axes.get_position().y0
    top = foot - under / height
    canvas.text(0.02, top, counted, fontsize=8.5, color=MUTED, va="center")
    transform = axes.get_xaxis_transform()
    row = _row_of(arms)
    for place, arm in enumerate(arms):
        at = top - (row * place + 0.2) / height
        canvas.text(
            0.79,
            at,
            wrapped(arm.label, LABEL_WIDTH),
            fontsize=8,
            linespacing=1.05,
            color=ARM_COLOURS[place % len(ARM_COLOURS)],
            va="center",
        )
        for day, n in zip(days, arm.n, strict=True):
            axes.text(
                day,
                (at - foot) / axes.get_position().height,
                n,
                transform=transform,
                fontsize=8,
                ha="center",
                va="center",
                color=INK,
            )
