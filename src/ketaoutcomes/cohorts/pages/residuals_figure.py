"""Figure: standardised residuals of the calibration, trial by trial."""

from dataclasses import dataclass

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
    for place, row in enumerate(rows):
        for values, fill in ((row.fitted, ARM_COLOURS[1]), (row.held_out, PAPER)):
            kept = [max(-WIDEST, min(WIDEST, value)) for value in values]
            seaborn().scatterplot(
                x=kept,
                y=[place] * len(kept),
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
