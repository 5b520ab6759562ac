"""Figure: the effect of each study, the pooled one, and where a new study is expected."""

from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.ticker import FixedLocator, FuncFormatter, LogLocator, MaxNLocator, NullFormatter

from ketaoutcomes.report.figures import (
    ARM_COLOURS,
    INK,
    WIDTH,
    figure_svg,
    grid_lines,
    room_for_sides,
    wrapped,
    write_sides,
)

ROW = 0.3
SMALLEST, LARGEST = 3.0, 11.0
"""Sides of the squares, in points."""

Interval = tuple[float, float, float]
"""Estimate, low and high."""


@dataclass(frozen=True)
class StudyRow:
    """A study: what it is called, its numbers as written, its effect and its weight in per cent."""

    label: str
    text: str
    effect: Interval | None
    weight: float


@dataclass(frozen=True)
class Forest:
    """All that the figure shows."""

    studies: tuple[StudyRow, ...]
    pooled: Interval | None
    pooled_text: str
    prediction: tuple[float, float] | None
    x_label: str
    sides: tuple[str, str]
    ratio: bool


def forest_svg(figure_id: str, forest: Forest) -> str:
    """Squares with the area of their weight, a diamond, and a bar for a new study."""
    return figure_svg(figure_id, lambda: _draw(forest))


def _draw(forest: Forest) -> Canvas:
    # matplotlib: intervals are in the results, squares have the weights, and columns stand beside
    rows = len(forest.studies) + (1 if forest.prediction is None else 2)
    below = room_for_sides(forest.sides)
    height = ROW * rows + below + 0.1
    canvas = Canvas(figsize=(WIDTH, height))
    axes = canvas.add_axes((0.27, below / height, 0.4, ROW * rows / height))
    axes.xaxis.set_major_locator(MaxNLocator(5))
    if forest.ratio:
        axes.set_xscale("log")
        axes.xaxis.set_major_locator(LogLocator(base=10, subs=(1, 2, 5)))
        axes.xaxis.set_minor_formatter(NullFormatter())
        axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:g}"))
    axes.axvline(1.0 if forest.ratio else 0.0, color=INK, linewidth=0.9)
    labels = [row.label for row in forest.studies]
    for place, row in enumerate(forest.studies):
        if row.effect is not None:
            _square(axes, place, row.effect, row.weight)
        _write(axes, place, row.text, bold=False)
    labels.append("Pooled")
    if forest.pooled is not None:
        _diamond(axes, len(forest.studies), forest.pooled)
    _write(axes, len(forest.studies), forest.pooled_text, bold=True)
    if forest.prediction is not None:
        labels.append("A new study")
        low, high = forest.prediction
        axes.plot([low, high], [rows - 1, rows - 1], color=ARM_COLOURS[0], linewidth=4)
    axes.yaxis.set_major_locator(FixedLocator(list(range(rows))))
    axes.set_yticklabels([wrapped(label, 30) for label in labels])
    axes.set_ylim(rows - 0.5, -0.5)
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="y", length=0)
    axes.set_xlabel(forest.x_label)
    grid_lines(axes, "x")
    write_sides(axes, forest.sides)
    return canvas


def _square(axes: Axes, place: int, effect: Interval, weight: float) -> None:
    estimate, low, high = effect
    axes.plot([low, high], [place, place], color=ARM_COLOURS[1], linewidth=1.3)
    side = min(max(LARGEST * (weight / 30) ** 0.5, SMALLEST), LARGEST)
    axes.plot(estimate, place, marker="s", ms=side, color=ARM_COLOURS[1])


def _diamond(axes: Axes, place: int, pooled: Interval) -> None:
    estimate, low, high = pooled
    axes.fill(
        [low, estimate, high, estimate],
        [place, place - 0.3, place, place + 0.3],
        color=ARM_COLOURS[0],
    )


def _write(axes: Axes, place: int, text: str, *, bold: bool) -> None:
    axes.annotate(
        text,
        (1.03, place),
        xycoords=("axes fraction", "data"),
        va="center",
        fontsize=8,
        fontweight="bold" if bold else "normal",
        annotation_clip=False,
    )
