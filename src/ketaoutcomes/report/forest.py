"""Figure: estimate and interval of each analysis of one estimand."""

import math
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.ticker import FixedLocator, FuncFormatter, LogLocator, MaxNLocator, NullFormatter

from ketaoutcomes.report.figures import (
    ARM_COLOURS,
    INK,
    PAPER,
    WIDTH,
    figure_svg,
    grid_lines,
    room_for_sides,
    wrapped,
    write_sides,
)
from ketaoutcomes.report.numbers import number

LABEL_WIDTH = 32
"""Letters of a line of a label."""
SHORT_LABEL = 24
"""The same where columns of numbers stand between labels and axis."""

COLUMN = 0.135
"""Width of a column of numbers, as a share of the figure."""

LETTER, BOLD = 0.0092, 1.1
"""Width of a letter of an estimate, as a share of the figure, and of a bold one in letters."""

HEAD_WIDTH = 16
"""Letters of a line of the head of a column."""

LARGEST_RATIO = 1000.0
"""The axis of ratios goes no further; a limit beyond it is an arrow, and its number is written."""


@dataclass(frozen=True)
class ForestRow:
    """One analysis: its name, its number as written, and the number itself where it was had.

    `same_estimand` is false where another estimand than the first row's is targeted; `beside` are
    the numbers of the columns between the label and the axis.
    """

    label: str
    text: str
    estimate: float | None
    low: float | None
    high: float | None
    primary: bool
    same_estimand: bool = True
    beside: tuple[str, ...] = ()


def in_words(row: ForestRow) -> str:
    """A row as text: its name, its number, and the numbers of its arms."""
    arms = f" ({' versus '.join(row.beside)})" if any(row.beside) else ""
    return f"{row.label}: {row.text}{arms}"


def forest_svg(
    figure_id: str,
    rows: tuple[ForestRow, ...],
    x_label: str,
    sides: tuple[str, str] | None,
    *,
    ratio: bool,
    per_cent: bool = False,
    heads: tuple[str, ...] = (),
) -> str:
    """Squares with intervals; `sides` says what lies left and right of no difference.

    With `per_cent` proportions are drawn as percentages. Without `sides` nothing is compared, and
    no line is drawn where no difference would lie. `heads` are those of the columns of numbers.
    """
    return figure_svg(
        figure_id, lambda: _draw(rows, x_label, sides, ratio=ratio, per_cent=per_cent, heads=heads)
    )


def _head(words: str) -> str:
    """The head of a column, each of its lines broken to its width."""
    return "\n".join(wrapped(line, HEAD_WIDTH) for line in words.splitlines())


def _columns(axes: Axes, rows: tuple[ForestRow, ...], heads: tuple[str, ...]) -> None:
    """The numbers between labels and axis, with their heads on top."""
    inches = COLUMN * WIDTH
    if heads:
        axes.tick_params(axis="y", pad=72 * inches * len(heads) + 4)
    for place, head in enumerate(heads):
        x = -72 * inches * (len(heads) - place - 0.5)
        told = {-0.5: _head(head)} | {k: r.beside[place] for k, r in enumerate(rows)}
        for at, words in told.items():
            axes.annotate(
                words,
                (0, at),
                xycoords=("axes fraction", "data"),
                xytext=(x, 0),
                textcoords="offset points",
                ha="center",
                va="center" if at >= 0 else "bottom",
                fontsize=8.5 if at >= 0 else 7.5,
                fontweight="normal" if at >= 0 else "bold",
                annotation_clip=False,
            )


def _reach(rows: tuple[ForestRow, ...], *, ratio: bool) -> tuple[float, float]:
    """The smallest and largest value that the axis may show."""
    if ratio:
        return 1 / LARGEST_RATIO, LARGEST_RATIO
    told = [x for row in rows for x in (row.estimate, row.low, row.high) if x is not None]
    known = [x for x in told if math.isfinite(x)] or [0.0]
    return min(known), max(known)


def _draw_interval(
    axes: Axes, place: int, limits: tuple[float, float], reach: tuple[float, float]
) -> None:
    """A line from limit to limit, with an arrow where a limit is off the axis."""
    shown = [min(max(limit, reach[0]), reach[1]) for limit in limits]
    axes.plot(shown, [place, place], color=ARM_COLOURS[1], linewidth=1.6)
    for limit, end, arrow in zip(limits, shown, "<>", strict=True):
        if limit != end:
            axes.plot(end, place, marker=arrow, ms=5, color=ARM_COLOURS[1])


def _draw(
    rows: tuple[ForestRow, ...],
    x_label: str,
    sides: tuple[str, str] | None,
    *,
    ratio: bool,
    per_cent: bool,
    heads: tuple[str, ...],
) -> Canvas:
    # matplotlib: seaborn draws no interval that was computed before, nor arrows beyond an axis
    labels = [wrapped(row.label, LABEL_WIDTH if not heads else SHORT_LABEL) for row in rows]
    most_lines = max(label.count("\n") + 1 for label in labels)
    row_height = max(0.46, 0.17 * most_lines + 0.1)
    below = room_for_sides(sides)
    above = 0.1 + max((0.16 * (_head(h).count("\n") + 1) for h in heads), default=0)
    height = row_height * len(rows) + below + above
    canvas = Canvas(figsize=(WIDTH, height))
    left, widest = (0.33, 0.37) if not heads else (0.24 + COLUMN * len(heads), 0.27)
    longest = max(len(row.text) * (BOLD if row.primary else 1) for row in rows)
    width = min(widest, 0.98 - left - LETTER * longest)
    axes = canvas.add_axes((left, below / height, width, row_height * len(rows) / height))
    axes.xaxis.set_major_locator(MaxNLocator(6 if not heads else 4))
    if per_cent:
        axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: number(100 * x, 0)))
    null = 1.0 if ratio else 0.0
    if ratio:
        axes.set_xscale("log")
        axes.xaxis.set_major_locator(LogLocator(base=10, subs=(1, 2, 5)))
        axes.xaxis.set_minor_formatter(NullFormatter())
        axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:g}"))
    reach = _reach(rows, ratio=ratio)
    if sides is not None:
        axes.axvline(null, color=INK, linewidth=0.9)
    for place, row in enumerate(rows):
        if row.low is not None and row.high is not None and row.estimate is not None:
            _draw_interval(axes, place, (row.low, row.high), reach)
        if row.estimate is not None and reach[0] <= row.estimate <= reach[1]:
            axes.plot(
                row.estimate,
                place,
                marker="D" if row.primary else "s",
                ms=8 if row.primary else 6.5,
                color=ARM_COLOURS[1],
                markerfacecolor=ARM_COLOURS[1] if row.same_estimand else PAPER,
            )
        axes.annotate(
            row.text,
            (1.03, place),
            xycoords=("axes fraction", "data"),
            va="center",
            fontsize=8.5,
            fontweight="bold" if row.primary else "normal",
            annotation_clip=False,
        )
    axes.yaxis.set_major_locator(FixedLocator(list(range(len(rows)))))
    axes.set_yticklabels(labels)
    axes.set_ylim(len(rows) - 0.5, -0.5)
    _columns(axes, rows, heads)
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="y", length=0)
    axes.set_xlabel(x_label)
    grid_lines(axes, "x")
    if sides is not None:
        write_sides(axes, sides, apart=30 if heads else 0)
    return canvas
