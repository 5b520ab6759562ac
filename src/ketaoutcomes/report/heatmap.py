"""A matrix as coloured cells with their numbers in them, drawn by seaborn."""

from typing import Final

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from ketaoutcomes.report.figures import PAPER, seaborn
from ketaoutcomes.report.numbers import MINUS

FloatArray = NDArray[np.float64]

DARK: Final = "#0b6aa7"
"""Of a correlation of 1: the blue of the arms to the eye, and no colour that follows the page."""

ON_DARK: Final = "#fefefe"
"""Letters on a dark cell, which stay white where the page is dark."""


def draw_lower_triangle(axes: Axes, matrix: FloatArray, *, annotated: bool) -> None:
    """Cells of a square matrix up to its diagonal, from pale at 0 to dark at 1.

    Parameters
    ----------
    matrix : array, shape (n, n)
        Each entry between 0 and 1.
    annotated : bool
        Write each entry with two decimals in its cell.
    """
    sns = seaborn()
    sns.heatmap(
        matrix,
        ax=axes,
        mask=np.triu(np.ones_like(matrix, dtype=bool), k=1),
        annot=annotated,
        fmt=".2f",
        annot_kws={"fontsize": 8},
        cmap=sns.light_palette(DARK, as_cmap=True),
        vmin=0,
        vmax=1,
        cbar=False,
        linewidths=1,
        linecolor=PAPER,
        xticklabels=False,
        yticklabels=False,
    )
    for words in axes.texts:
        words.set_text(words.get_text().replace("-", MINUS))
        if words.get_color() == "w":
            words.set_color(ON_DARK)
