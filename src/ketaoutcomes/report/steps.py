"""Step curves with their intervals, and curves known at some days only."""

import numpy as np
from matplotlib.axes import Axes

from ketaoutcomes.families.fitted import FloatArray
from ketaoutcomes.report.figures import arm_style

JOINED = (
    "shown only at the marked days, between which enough participants had events or were "
    "censored; marks are joined by lines. Open symbols: rounded values without interval"
)
DAYS_LEFT_OUT = "Days with suppressed values in all arms are omitted."
NOT_SHOWN = (
    "The curves are suppressed: between any two days, too few participants in an arm had "
    "each type of event or were censored."
)


def rising_steps(
    axes: Axes,
    curve: tuple[FloatArray, FloatArray, FloatArray, FloatArray],
    place: int,
    label: str = "",
) -> None:
    """Days, heights and limits of a curve that rises from zero, as steps with a band."""
    style = arm_style(place)
    at, height, low, high = (np.concatenate([[0.0], column]) for column in curve)
    axes.step(
        at,
        height,
        where="post",
        color=style["color"],
        linestyle=style["linestyle"],
        lw=1.7,
        label=label,
    )
    known = np.isfinite(low) & np.isfinite(high)
    axes.fill_between(
        at[known],
        low[known],
        high[known],
        step="post",
        color=str(style["color"]),
        alpha=0.14,
        linewidth=0,
    )


def joined_points(
    axes: Axes,
    curve: tuple[FloatArray, FloatArray, FloatArray, FloatArray],
    place: int,
    start: float = 0.0,
    label: str = "",
) -> None:
    """Days, heights and limits of a curve at the days that may be shown, joined by lines."""
    style = arm_style(place)
    times, height, low, high = curve
    axes.plot(
        np.concatenate([[0.0], times]),
        np.concatenate([[start], height]),
        color=style["color"],
        linestyle=style["linestyle"],
        lw=1.4,
        label=label,
    )
    known = np.isfinite(low) & np.isfinite(high)
    axes.plot(
        times[~known],
        height[~known],
        color=style["color"],
        linestyle="none",
        marker=str(style["marker"]),
        ms=5,
        mfc="white",
        clip_on=False,
    )
    axes.errorbar(
        times[known],
        height[known],
        yerr=[(height - low)[known], (high - height)[known]],
        fmt=str(style["marker"]),
        ms=5,
        color=str(style["color"]),
        elinewidth=1.1,
        capsize=3,
        clip_on=False,  # the last day may be the end of the axis
    )
