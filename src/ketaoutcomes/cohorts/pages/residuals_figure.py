"""Figure: standardised residuals of the calibration, trial by trial."""

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure as Canvas
from matplotlib.ticker import FixedLocator

from ketaoutcomes.report.figures import (
    ARM_COLOURS,
    GRID,
    INK,
    PAPER,
    WIDTH,
    figure_svg,
    seaborn,
    wrapped,
)

WIDEST = 6.0
"""Residuals beyond stand at the edge."""

ROW_INCHES = 0.3


@dataclass(frozen=True)
class ResidualRow:
    """A trial with the residuals of its results, those that were fitted and those held out."""

    label: str
    fitted: tuple[float, ...]
    held_out: tuple[float, ...]


def residuals_svg(figure_id: str, rows: tuple[ResidualRow, ...]) -> str:
    """Dots in standard errors of the publication; bands at one and two of them."""
    return figure_svg(figure_id, lambda: _draw(rows))


def _draw(rows: tuple[ResidualRow, ...]) -> Canvas:
    height = ROW_INCHES * len(rows) + 1.1
    canvas = Canvas(figsize=(WIDTH, height))
    axes = canvas.add_axes((0.3, 0.6 / height, 0.67, ROW_INCHES * len(rows) / height))
    for edge, shade in ((2, 0.35), (1, 0.8)):
        axes.axvspan(-edge, edge, color=GRID, alpha=shade, linewidth=0, zorder=0)
    axes.axvline(0, color=INK, linewidth=0.8)
    for kind, fill in (("fitted", ARM_COLOURS[1]), ("held_out", PAPER)):
        dots = [(value, place) for place, row in enumerate(rows) for value in getattr(row, kind)]
        if dots:  # one call for all rows: each call costs more than its dots
            values, places = zip(*dots, strict=True)
            seaborn().scatterplot(
                x=np.clip(values, -WIDEST, WIDEST),
                y=places,
                ax=axes,
                s=26,
                color=fill,
                edgecolor=ARM_COLOURS[1],
                linewidth=1.1,
                zorder=3,
                legend=False,
            )
    axes.yaxis.set_major_locator(FixedLocator(list(range(len(rows)))))
    axes.set_yticklabels([wrapped(row.label, 34) for row in rows])
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.set_xlim(-WIDEST - 0.3, WIDEST + 0.3)
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="y", length=0)
    axes.set_xlabel("Simulated minus published, in standard errors of the publication")
    return canvas
