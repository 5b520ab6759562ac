"""Figure: means by dose and an Emax curve."""

import numpy as np
from matplotlib.figure import Figure as Canvas

from ketaoutcomes.families.dose_response.record import DoseResponseRecord
from ketaoutcomes.report.figures import ARM_COLOURS, INK, WIDTH, figure_svg, grid_lines


def dose_svg(figure_id: str, record: DoseResponseRecord, y_label: str) -> str:
    """LS means with intervals, and the curve with its band."""
    return figure_svg(figure_id, lambda: _draw(record, y_label))


def _draw(record: DoseResponseRecord, y_label: str) -> Canvas:
    canvas = Canvas(figsize=(WIDTH, 3.2))
    axes = canvas.add_axes((0.11, 0.16, 0.84, 0.79))
    colour = ARM_COLOURS[1]
    axes.fill_between(
        record.grid, record.curve_low, record.curve_high, color=colour, alpha=0.15, linewidth=0
    )
    axes.plot(record.grid, record.curve, color=colour, linewidth=1.6)
    axes.errorbar(
        record.doses,
        record.means,
        yerr=np.array([record.means - record.low, record.high - record.means]),
        fmt="o",
        color=INK,
        markersize=6,
        capsize=3,
        elinewidth=1.2,
    )
    axes.set_xlabel(f"Dose, {record.unit}")
    axes.set_ylabel(y_label)
    grid_lines(axes)
    return canvas
