"""Figure: adverse events as dots, share by arm and risk difference.

Amit, Heiberger & Lane 2008, Pharm Stat 7:20-35 (graphical approaches to the analysis of safety data
from clinical trials).
"""

from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.ticker import FixedLocator

from ketaoutcomes.report.figures import (
    ARM_COLOURS,
    INK,
    PAPER,
    WIDTH,
    arm_style,
    figure_svg,
    grid_lines,
    wrapped,
)
from ketaoutcomes.results import Result

LEGEND_COLUMNS = 2


@dataclass(frozen=True)
class DotRow:
    """An adverse event: share of each arm (the reference first), and the risk difference."""

    label: str
    shares: tuple[float, ...]
    difference: Result


def dot_plot_svg(figure_id: str, rows: tuple[DotRow, ...], arms: tuple[str, ...]) -> str:
    """Two panels over one list of events, the first row on top."""
    return figure_svg(figure_id, lambda: _draw(rows, arms))


def _draw(rows: tuple[DotRow, ...], arms: tuple[str, ...]) -> Canvas:
    # matplotlib: marks of arms are filled or hollow, and the intervals are in the results
    lines = -(-len(arms) // LEGEND_COLUMNS)
    body = 0.3 * len(rows) + 0.15
    height = body + 0.65 + 0.22 * lines
    canvas = Canvas(figsize=(WIDTH, height))
    bottom = 0.5 / height
    shares = canvas.add_axes((0.27, bottom, 0.33, body / height))
    differences = canvas.add_axes((0.65, bottom, 0.32, body / height))
    _draw_shares(shares, rows, arms)
    _draw_differences(differences, rows)
    for axes in (shares, differences):
        axes.set_ylim(len(rows) - 0.5, -0.5)
        axes.spines["left"].set_visible(False)
        axes.tick_params(axis="y", length=0, pad=9)
        grid_lines(axes, "x")
    shares.yaxis.set_major_locator(FixedLocator(list(range(len(rows)))))
    shares.set_yticklabels([wrapped(row.label, 26) for row in rows])
    differences.set_yticks([])
    canvas.legend(
        *shares.get_legend_handles_labels(),
        loc="upper left",
        ncols=min(len(arms), LEGEND_COLUMNS),
        frameon=False,
        fontsize=8.5,
        bbox_to_anchor=(0.02, 1.0),
    )
    return canvas


def _draw_shares(axes: Axes, rows: tuple[DotRow, ...], arms: tuple[str, ...]) -> None:
    for place, label in enumerate(arms):
        style = arm_style(place)
        axes.plot(
            [100 * row.shares[place] for row in rows],
            range(len(rows)),
            linestyle="none",
            marker=str(style["marker"]),
            color=str(style["color"]),
            markerfacecolor=PAPER if place == 0 else str(style["color"]),
            markersize=6,
            markeredgewidth=1.4,
            clip_on=False,
            zorder=3,
            label=label,
        )
    axes.set_xlabel("Participants, %")
    axes.set_xlim(left=0)
    axes.margins(x=0.06)


def _draw_differences(axes: Axes, rows: tuple[DotRow, ...]) -> None:
    axes.axvline(0, color=INK, linewidth=0.9)
    for place, row in enumerate(rows):
        found = row.difference
        if found.estimate is None or found.conf_low is None or found.conf_high is None:
            continue
        axes.plot(
            [100 * found.conf_low, 100 * found.conf_high],
            [place, place],
            color=ARM_COLOURS[1],
            linewidth=1.4,
        )
        axes.plot(100 * found.estimate, place, marker="o", ms=5.5, color=ARM_COLOURS[1])
    axes.set_xlabel("Risk difference, percentage points")
