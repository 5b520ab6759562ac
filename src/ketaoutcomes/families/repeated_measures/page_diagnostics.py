"""Figure: normal quantiles of the residuals, and the correlations and SDs of the visits."""

import numpy as np
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from scipy import stats

from ketaoutcomes.families.fitted import FloatArray
from ketaoutcomes.families.shared.ladder import MmrmRecord
from ketaoutcomes.report.figures import (
    ARM_COLOURS,
    INK,
    MUTED,
    PAPER,
    WIDTH,
    figure_svg,
    grid_lines,
)
from ketaoutcomes.report.labels import plain

ROW_HEIGHT = 3.1
MOST_LABELS = 12
"""Of more visits every second or third is named, whose labels do not touch."""
MOST_POINTS = 400
"""A plot of more quantiles looks the same and only weighs more."""


def diagnostics_svg(figure_id: str, record: MmrmRecord) -> str:
    """Q-Q plot of normalised residuals beside the heat map of correlations."""
    return figure_svg(figure_id, lambda: _draw(record))


def correlation(covariance: FloatArray) -> FloatArray:
    """The correlation matrix of a covariance matrix."""
    sd = np.sqrt(np.diag(covariance))
    return np.asarray(covariance / np.outer(sd, sd))


def _draw(record: MmrmRecord) -> Canvas:
    """The quantiles and the first heat map side by side, heat maps of further groups below."""
    names = record.groups or ("",)
    rows = 1 + len(names) // 2
    canvas = Canvas(figsize=(WIDTH, ROW_HEIGHT * rows))

    def place(slot: int, left: float, bottom: float, width: float, height: float) -> Axes:
        row, column = divmod(slot, 2)
        up = (rows - 1 - row + bottom) / rows
        return canvas.add_axes((left + 0.5 * column, up, width, height / rows))

    _draw_quantiles(place(0, 0.08, 0.16, 0.34, 0.8), record.residuals)
    for slot, (name, covariance) in enumerate(zip(names, record.covariance, strict=True), 1):
        axes = place(slot, 0.09, 0.22, 0.4, 0.67)
        _draw_correlation(axes, record.visits, covariance, name)
    return canvas


def _draw_quantiles(axes: Axes, residuals: FloatArray) -> None:
    n = residuals.size
    if n == 0:
        axes.text(0.5, 0.5, "Too few to be shown", ha="center", transform=axes.transAxes)
        return
    place = np.unique(np.linspace(0, n - 1, min(n, MOST_POINTS)).round().astype(int))
    normal = stats.norm.ppf((place + 0.5) / n)
    axes.plot(normal, residuals[place], linestyle="none", marker="o", ms=2.5, color=ARM_COLOURS[1])
    ends = (float(normal[0]), float(normal[-1]))
    axes.plot(ends, ends, color=INK, linewidth=0.9)
    axes.set_xlabel("Quantile of the standard normal")
    axes.set_ylabel("Normalised residual")
    grid_lines(axes)


def _draw_correlation(
    axes: Axes, visits: tuple[str, ...], covariance: FloatArray, group: str
) -> None:
    sd = np.sqrt(np.diag(covariance))
    matrix = correlation(covariance)
    sns.heatmap(
        matrix,
        ax=axes,
        mask=np.triu(np.ones_like(matrix, dtype=bool), k=1),
        annot=len(sd) <= 10,
        fmt=".2f",
        annot_kws={"fontsize": 8},
        cmap=sns.light_palette(ARM_COLOURS[1], as_cmap=True),
        vmin=0,
        vmax=1,
        cbar=False,
        linewidths=1,
        linecolor=PAPER,
        square=False,
        xticklabels=False,
        yticklabels=False,
    )
    shown = range(0, len(visits), -(-len(visits) // MOST_LABELS))
    centres = [place + 0.5 for place in shown]
    axes.set_yticks(centres, [f"{visits[k]}  SD {sd[k]:.1f}" for k in shown], rotation=0)
    names = [visits[k] for k in shown]
    axes.set_xticks(centres, names, rotation=30, ha="right", rotation_mode="anchor")
    axes.tick_params(length=0, labelsize=8)
    axes.set_title(
        f"Correlation between visits{f', {plain(group)}' if group else ''}",
        loc="right",
        pad=4,
        fontsize=8.5,
        color=MUTED,
    )
