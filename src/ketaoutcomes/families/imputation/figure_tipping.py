"""Figures of shifted imputed scores: a line for one arm, a map with its contour for two."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure as Canvas
from matplotlib.patches import Patch

from ketaoutcomes.families.imputation.record import TippingRecord
from ketaoutcomes.report.figures import (
    ARM_COLOURS,
    GRID,
    INK,
    MUTED,
    PAPER,
    WIDTH,
    figure_svg,
    grid_lines,
)
from ketaoutcomes.report.numbers import signed

MOST_WRITTEN = 9
"""Columns or rows of a map in which each number is written."""


def tipping_svg(
    figure_id: str, record: TippingRecord, labels: tuple[str, ...], alpha: float
) -> str:
    """The difference by shift; `labels` name the shifts of the record's arms."""
    if len(record.arms) == 1:
        return figure_svg(figure_id, lambda: _draw_line(record, labels[0]))
    return figure_svg(figure_id, lambda: _draw_map(record, labels, alpha))


def _draw_line(record: TippingRecord, label: str) -> Canvas:
    canvas = Canvas(figsize=(WIDTH, 3.0))
    axes = canvas.add_axes((0.1, 0.17, 0.87, 0.78))
    shift = record.shifts[0]
    axes.axhline(0, color=INK, linewidth=0.9)
    axes.fill_between(
        shift, record.conf_low[0], record.conf_high[0], color=ARM_COLOURS[1], alpha=0.18, lw=0
    )
    axes.plot(shift, record.estimate[0], color=ARM_COLOURS[1], marker="o", ms=4)
    tip = float(record.contour[0])
    if np.isfinite(tip):
        axes.axvline(tip, color=ARM_COLOURS[0], linewidth=1.4, linestyle=(0, (4, 2)))
        axes.annotate(
            f"tipping shift {signed(tip)}",
            (tip, 1),
            xycoords=("data", "axes fraction"),
            xytext=(-5, -4),
            textcoords="offset points",
            ha="right",
            va="top",
            fontsize=8.5,
            color=ARM_COLOURS[0],
        )
    axes.set_xlabel(label)
    axes.set_ylabel("Difference (CI), points")
    grid_lines(axes)
    return canvas


def _draw_map(record: TippingRecord, labels: tuple[str, ...], alpha: float) -> Canvas:
    canvas = Canvas(figsize=(WIDTH, 4.3))
    axes = canvas.add_axes((0.1, 0.13, 0.87, 0.75))
    columns, rows = record.shifts
    kept = record.p_value < alpha
    # negative and positive differences that are significant, and those that are not
    kind = np.where(kept, np.where(record.estimate < 0, 0, 2), 1)
    colours = ListedColormap([ARM_COLOURS[1], GRID, ARM_COLOURS[0]])
    axes.pcolormesh(
        columns, rows, kind, cmap=colours, vmin=-0.5, vmax=2.5, alpha=0.45, edgecolors=PAPER, lw=1
    )
    _write_numbers(axes, record)
    finite = np.isfinite(record.contour)
    axes.plot(record.contour[finite], record.contour_rows[finite], color=INK, linewidth=2)
    axes.plot(0, 0, marker="o", ms=13, mfc="none", mec=INK, mew=1.4)
    axes.set_xticks(columns, [signed(value) for value in columns])
    axes.set_yticks(rows, [signed(value) for value in rows])
    axes.tick_params(length=0, labelsize=8)
    axes.set_xlabel(labels[0])
    axes.set_ylabel(labels[1])
    _legend(axes, kind, alpha)
    return canvas


def _write_numbers(axes: Axes, record: TippingRecord) -> None:
    """The estimate in each field, as long as they can be read."""
    columns, rows = record.shifts
    every = -(-max(columns.size, rows.size) // MOST_WRITTEN)
    for i in range(0, rows.size, every):
        for j in range(0, columns.size, every):
            axes.text(
                columns[j],
                rows[i],
                f"{record.estimate[i, j]:.1f}".replace("-", "−"),
                ha="center",
                va="center",
                fontsize=7.5,
                color=INK,
            )


def _legend(axes: Axes, kind: np.ndarray, alpha: float) -> None:
    names = (f"p < {alpha:g}, below zero", f"p ≥ {alpha:g}", f"p < {alpha:g}, above zero")
    colours = (ARM_COLOURS[1], GRID, ARM_COLOURS[0])
    handles = [
        Patch(facecolor=colour, alpha=0.45, label=name)
        for place, (name, colour) in enumerate(zip(names, colours, strict=True))
        if (kind == place).any()
    ]
    axes.legend(
        handles=handles,
        loc="lower left",
        bbox_to_anchor=(0, 1.01),
        ncols=3,
        frameon=False,
        fontsize=8.5,
        labelcolor=MUTED,
    )
