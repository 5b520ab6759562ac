"""A matrix as coloured cells with their numbers in them."""

from typing import Any, Final

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from numpy.typing import NDArray

from ketaoutcomes.report.figures import ARM_COLOURS, PAPER

FloatArray = NDArray[np.float64]

PALE: Final = (0.9392394386253583, 0.9438953589951788, 0.951831259863405)
"""The second colour of the arms with 15% of its saturation and a lightness of 95 (HSLuv)."""

LIGHT: Final = 0.408
"""Luminance from which on dark letters are easier to read than white ones."""


def draw_lower_triangle(axes: Axes, matrix: FloatArray, *, annotated: bool) -> None:
    """Cells of a square matrix up to its diagonal, from pale at 0 to dark at 1.

    Parameters
    ----------
    matrix : array, shape (n, n)
        Each entry between 0 and 1.
    annotated : bool
        Write each entry with two decimals in its cell.
    """
    above = np.triu(np.ones_like(matrix, dtype=bool), k=1)
    for side in ("top", "right", "left", "bottom"):
        axes.spines[side].set_visible(False)
    colours: list[Any] = [PALE, ARM_COLOURS[1]]
    mesh = axes.pcolormesh(
        np.ma.masked_where(above, matrix),
        cmap=LinearSegmentedColormap.from_list("pale to dark", colours),
        vmin=0,
        vmax=1,
        linewidths=1,
        edgecolor=PAPER,
    )
    axes.set(xlim=(0, len(matrix)), ylim=(0, len(matrix)))
    axes.invert_yaxis()
    if not annotated:
        return
    mesh.update_scalarmappable()
    shown = np.asarray(mesh.get_facecolor()).reshape(*matrix.shape, 4)
    for row, column in zip(*np.nonzero(~above), strict=True):
        colour = ".15" if _luminance(shown[row, column, :3]) > LIGHT else "w"
        axes.text(
            column + 0.5,
            row + 0.5,
            f"{matrix[row, column]:.2f}",
            color=colour,
            ha="center",
            va="center",
            fontsize=8,
        )


def _luminance(rgb: FloatArray) -> float:
    """Relative luminance of a colour (W3C, Web Content Accessibility Guidelines 2.1)."""
    linear = np.where(rgb <= 0.03928, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])
