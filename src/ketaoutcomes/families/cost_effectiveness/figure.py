"""Figure: cost-effectiveness plane and acceptability curve."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.ticker import FuncFormatter, MaxNLocator

from ketaoutcomes.families.cost_effectiveness.record import ValueRecord
from ketaoutcomes.report.figures import ARM_COLOURS, INK, PAPER, WIDTH, figure_svg, grid_lines
from ketaoutcomes.report.numbers import number

MONEY = FuncFormatter(lambda value, _: number(value, 0))


def plane_svg(figure_id: str, record: ValueRecord) -> str:
    """Increments of the resamples, and the probability of being worth the price."""
    return figure_svg(figure_id, lambda: _draw(record))


def _draw(record: ValueRecord) -> Canvas:
    canvas = Canvas(figsize=(WIDTH, 3.3))
    _plane(canvas.add_axes((0.11, 0.16, 0.38, 0.78)), record)
    _curve(canvas.add_axes((0.61, 0.16, 0.34, 0.78)), record)
    return canvas


def _plane(axes: Axes, record: ValueRecord) -> None:
    axes.scatter(record.effect, record.cost, s=5, color=ARM_COLOURS[1], alpha=0.3, linewidths=0)
    effect, cost = record.point
    axes.plot(effect, cost, marker="D", ms=8, color=INK, markeredgecolor=PAPER)
    axes.axhline(0, color=INK, linewidth=0.8)
    axes.axvline(0, color=INK, linewidth=0.8)
    axes.yaxis.set_major_formatter(MONEY)
    axes.xaxis.set_major_locator(MaxNLocator(5))
    axes.set_xlabel(f"Incremental effect, {record.unit}")
    axes.set_ylabel(f"Incremental cost, {record.currency}")
    grid_lines(axes)


def _curve(axes: Axes, record: ValueRecord) -> None:
    axes.plot(record.worths, 100 * record.acceptability, color=ARM_COLOURS[1], linewidth=1.8)
    axes.set_ylim(0, 100)
    axes.set_xlim(0, float(record.worths[-1]))
    axes.xaxis.set_major_formatter(MONEY)
    axes.xaxis.set_major_locator(MaxNLocator(4))
    axes.set_xlabel(f"Worth of a {record.unit}, {record.currency}")
    axes.set_ylabel("Probability, %")
    grid_lines(axes)
