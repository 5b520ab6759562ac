"""Figure: the effect of each study, the pooled one, and where a new study is expected."""

from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.ticker import FixedLocator, FuncFormatter, LogLocator, MaxNLocator, NullFormatter

from ketaoutcomes.report.figures import (
    ARM_COLOURS,
    INK,
    MUTED,
    WIDTH,
    figure_svg,
    grid_lines,
    room_for_sides,
    wrapped,
    write_sides,
)

ROW = 0.3
HEADS = 0.3
"""Inches of a row, and of the heads of the columns."""
LEFT, ACROSS = 0.37, 0.32
"""Where the axis begins, and how wide it is, as parts of the figure's width."""
SIZES_ROOM = 50
"""Points between the axis and the labels, where sizes stand between them."""
SIZES_AT, WEIGHT_AT = 0.36, 0.995
"""Where the columns of sizes and of weights end."""
SMALLEST, LARGEST = 3.0, 11.0
"""Sides of the squares, in points."""

Interval = tuple[float, float, float]
"""Estimate, low and high."""


@dataclass(frozen=True)
class StudyRow:
    """A study: what it is called, its numbers as written, its effect and its weight in per cent.

    `sizes` are the participants of both arms as written, empty where they are not told.
    """

    label: str
    text: str
    effect: Interval | None
    weight: float
    sizes: str = ""


@dataclass(frozen=True)
class Forest:
    """All that the figure shows."""

    studies: tuple[StudyRow, ...]
    pooled: Interval | None
    pooled_text: str
    prediction: tuple[float, float] | None
    x_label: str
    interval_name: str
    sides: tuple[str, str]
    ratio: bool
    prediction_text: str = ""
    spread: str = ""
    """How far the studies differ, as written under them."""


def forest_svg(figure_id: str, forest: Forest) -> str:
    """Squares with the area of their weight, a diamond, and a bar for a new study."""
    return figure_svg(figure_id, lambda: _draw(forest))


def _draw(forest: Forest) -> Canvas:
    # matplotlib: intervals are in the results, squares have the weights, and columns stand beside
    rows = len(forest.studies) + (1 if forest.prediction is None else 2)
    below = room_for_sides(forest.sides)
    height = ROW * rows + below + 0.1 + HEADS
    canvas = Canvas(figsize=(WIDTH, height))
    axes = canvas.add_axes((LEFT, below / height, ACROSS, ROW * rows / height))
    _heads(axes, forest)
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
        _write_at(axes, place, row.sizes, SIZES_AT)
        if row.effect is not None:
            _write_at(axes, place, f"{row.weight:.1f}", WEIGHT_AT)
    labels.append("Pooled")
    if forest.pooled is not None:
        _diamond(axes, len(forest.studies), forest.pooled)
    _write(axes, len(forest.studies), forest.pooled_text, bold=True)
    if forest.prediction is not None:
        labels.append("A new study")
        low, high = forest.prediction
        axes.plot([low, high], [rows - 1, rows - 1], color=ARM_COLOURS[0], linewidth=4)
        _write(axes, rows - 1, forest.prediction_text, bold=False)
    axes.yaxis.set_major_locator(FixedLocator(list(range(rows))))
    axes.set_yticklabels([wrapped(label, 24) for label in labels])
    axes.set_ylim(rows - 0.5, -0.5)
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="y", length=0, pad=SIZES_ROOM if _any_sizes(forest) else 3)
    axes.set_xlabel(forest.x_label)
    grid_lines(axes, "x")
    write_sides(axes, forest.sides)
    canvas.text(0.01, 0.06 / height, forest.spread, fontsize=7.5, color=MUTED, va="bottom")
    return canvas


def _any_sizes(forest: Forest) -> bool:
    return any(row.sizes for row in forest.studies)


def _heads(axes: Axes, forest: Forest) -> None:
    """What the columns of numbers are."""
    _write(axes, -1, f"Effect ({forest.interval_name})", bold=False)
    _write_at(axes, -1, "Weight, %", WEIGHT_AT)
    if _any_sizes(forest):
        _write_at(axes, -1, "n", SIZES_AT)


def _write_at(axes: Axes, place: int, text: str, right: float) -> None:
    """Words of a row that end at a part of the figure's width."""
    axes.annotate(
        text,
        ((right - LEFT) / ACROSS, place),
        xycoords=("axes fraction", "data"),
        va="center",
        ha="right",
        fontsize=8,
        annotation_clip=False,
    )


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
