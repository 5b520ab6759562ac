"""Figure: effects of studies by a characteristic, with the line of the regression."""

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure as Canvas
from numpy.typing import NDArray

from ketaoutcomes.report.figures import (
    ARM_COLOURS,
    INK,
    MUTED,
    WIDTH,
    figure_svg,
    grid_lines,
    seaborn,
)
from ketaoutcomes.synthesis.page.figure_funnel import ratios_on

FloatArray = NDArray[np.float64]
LARGEST = 500
"""Area of a circle that has all the weight, in points squared."""


@dataclass(frozen=True)
class Line:
    """A line through the weighted means."""

    mean_y: float
    mean_x: float
    slope: float

    def at(self, x: FloatArray) -> FloatArray:
        """Where the line is."""
        return self.mean_y + self.slope * (x - self.mean_x)


def regression_svg(
    figure_id: str,
    x: FloatArray,
    y: FloatArray,
    weights: FloatArray,
    line: Line,
    labels: tuple[str, str],
    *,
    ratio: bool,
) -> str:
    """Circles of studies and the line.

    Parameters
    ----------
    y
        Of a ratio the logarithms; the axis then shows ratios.
    weights : array, shape (k,)
        Shares of the studies.
    labels : (str, str)
        Of the characteristic and of the effect.
    """
    return figure_svg(figure_id, lambda: _draw(x, y, weights, line, labels, ratio=ratio))


def _draw(
    x: FloatArray,
    y: FloatArray,
    weights: FloatArray,
    line: Line,
    labels: tuple[str, str],
    *,
    ratio: bool,
) -> Canvas:
    canvas = Canvas(figsize=(WIDTH, 3.6))
    axes = canvas.add_axes((0.12, 0.16, 0.84, 0.8))
    axes.axhline(0, color=MUTED, linewidth=0.9)
    seaborn().scatterplot(
        x=x,
        y=y,
        s=LARGEST * weights,
        ax=axes,
        color=ARM_COLOURS[1],
        edgecolor=INK,
        linewidth=0.8,
        alpha=0.75,
        legend=False,
    )
    # the line is that of the model: seaborn's `regplot` would fit one without the weights
    ends = np.array([x.min(), x.max()])
    axes.plot(ends, line.at(ends), color=INK, linewidth=1.6)
    axes.margins(x=0.06, y=0.12)
    axes.set_xlabel(labels[0])
    axes.set_ylabel(labels[1])
    if ratio:
        ratios_on(axes.yaxis, axes.get_ylim())
    grid_lines(axes, "both")
    return canvas
