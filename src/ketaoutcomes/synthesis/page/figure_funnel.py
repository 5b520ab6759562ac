"""Figure: effects of studies by their standard error."""

import numpy as np
from matplotlib.axis import Axis
from matplotlib.figure import Figure as Canvas
from matplotlib.ticker import FixedLocator, FuncFormatter
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

FloatArray = NDArray[np.float64]
NORMAL_975 = 1.959963984540054
ROUND_RATIOS = tuple(m * 10.0**e for e in range(-4, 5) for m in (1, 2, 5))


def funnel_svg(
    figure_id: str,
    effects: FloatArray,
    errors: FloatArray,
    pooled: float,
    x_label: str,
    *,
    ratio: bool,
) -> str:
    """Points of studies; the lines hold 95% of studies whose true effect is the pooled one.

    Parameters
    ----------
    effects, errors, pooled
        Of a ratio the logarithms; the axis then shows ratios.
    """
    return figure_svg(figure_id, lambda: _draw(effects, errors, pooled, x_label, ratio=ratio))


def _draw(
    effects: FloatArray, errors: FloatArray, pooled: float, x_label: str, *, ratio: bool
) -> Canvas:
    canvas = Canvas(figsize=(WIDTH, 3.6))
    axes = canvas.add_axes((0.12, 0.16, 0.84, 0.8))
    widest = 1.08 * float(errors.max())
    for side in (-1, 1):
        axes.plot(
            [pooled, pooled + side * NORMAL_975 * widest],
            [0, widest],
            color=MUTED,
            linewidth=1,
            linestyle=(0, (4, 3)),
        )
    axes.axvline(pooled, color=INK, linewidth=0.9)
    seaborn().scatterplot(x=effects, y=errors, ax=axes, s=42, color=ARM_COLOURS[1])
    axes.set_ylim(widest, 0)
    axes.set_ylabel("Standard error")
    axes.set_xlabel(x_label)
    if ratio:
        ratios_on(axes.xaxis, axes.get_xlim())
    grid_lines(axes, "both")
    return canvas


def ratios_on(axis: Axis, limits: tuple[float, float]) -> None:
    """Round ratios on an axis of logarithms."""
    shown = [x for x in ROUND_RATIOS if limits[0] <= np.log(x) <= limits[1]]
    axis.set_major_locator(FixedLocator([float(np.log(x)) for x in shown]))
    axis.set_major_formatter(FuncFormatter(lambda x, _: f"{np.exp(x):.3g}"))
