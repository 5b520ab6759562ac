"""What all figures share: one theme, ink, palette, and SVG whose bytes repeat.

Seaborn draws what it has a figure for from numbers as they are: heat maps, scatters and lines. What
stays with matplotlib are figures whose intervals or steps are computed by a model before, which
seaborn would compute again from raw data that a report does not hold; each says so.
"""

import itertools
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from io import BytesIO, StringIO
from textwrap import fill
from typing import Any, cast
from warnings import catch_warnings, filterwarnings

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.text import Text

from ketaoutcomes.errors import unexpected
from ketaoutcomes.report.drawn import Drawn
from ketaoutcomes.visible import LINES, visible

WIDTH = 7.2
"""Inches; the page scales the figure to its column."""

DOTS_PER_INCH = 200
"""Of a figure as dots."""

LINE = 0.15
"""Inches of a line of a label."""

DIGIT = 0.085
"""Inches of a digit of a label of a tick."""

SIDE = 18
"""Letters of a line of what lies on one side of an axis."""

INK, MUTED, GRID, PAPER = "#1f2933", "#52606d", "#d9dfe5", "#ffffff"

ARM_COLOURS = ("#b3541e", "#0b6aa8", "#3b7d4f", "#7b5ea7", "#a3386c", "#6b5d00")
ARM_MARKERS = ("s", "o", "^", "D", "v", "P")
ARM_LINES: tuple[str | tuple[int, tuple[float, ...]], ...] = (
    (0, (5, 2)),
    "-",
    (0, (1, 1.0)),
    "-.",
    (0, (3, 1, 1, 1)),
    (0, (8, 2)),
)
"""Arms differ in colour, marker and line, so that they stay apart in grey print and to colour-blind
eyes. The first is the reference."""

_PAGE_COLOURS = {INK: "ink", MUTED: "muted", GRID: "grid", PAPER: "paper"} | {
    colour: f"arm-{place}" for place, colour in enumerate(ARM_COLOURS, start=1)
}

FONT = "DejaVu Sans"
FONTS = "'DejaVu Sans', 'Bitstream Vera Sans', Verdana, 'Segoe UI', Arial, sans-serif"
"""Text is text; where the font that the figures were set in is not there, one about as wide is."""

_STYLE: dict[str, Any] = {
    "font.family": FONT,
    "font.size": 9,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "axes.labelsize": 9,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "figure.facecolor": PAPER,
    "axes.facecolor": PAPER,
    "savefig.facecolor": PAPER,
    "text.color": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.labelsize": 8.5,
    "ytick.labelsize": 8.5,
    "axes.unicode_minus": True,
    "svg.fonttype": "none",
    "text.parse_math": False,  # a dollar sign of a label is a dollar sign
}


def seaborn() -> Any:
    """Seaborn, loaded when a figure is drawn with it: that takes longer than most figures."""
    return import_module("seaborn")


@contextmanager
def figure_style(salt: str) -> Iterator[None]:
    """The theme of every figure, drawn by either; `salt` makes the ids of clip paths repeat."""
    with mpl.rc_context(cast("Any", {**_STYLE, "svg.hashsalt": salt})):
        yield


def arm_style(place: int) -> dict[str, object]:
    """Colour, marker and line of the arm at this place."""
    at = place % len(ARM_COLOURS)
    return {"color": ARM_COLOURS[at], "marker": ARM_MARKERS[at], "linestyle": ARM_LINES[at]}


class NotDrawn(str):
    """Why a figure could not be drawn, in place of its `<svg>` element."""

    __slots__ = ()


def figure_svg(figure_id: str, draw: Callable[[], Canvas]) -> str:
    """The `<svg>` element of a figure, or why it could not be drawn.

    No prolog and no metadata; ids carry the figure's id, so that figures of one page do not share
    any; colours are CSS variables (`--figure-ink` ...) with the print colours as fallback.
    """
    try:
        svg = _drawn(figure_id, draw)
    except Exception as error:  # noqa: BLE001 - one figure never takes the page down
        return NotDrawn(unexpected(error, "the drawing of this figure"))
    svg = svg[svg.index("<svg") :].rstrip() + "\n"
    svg = re.sub(r"\s*<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    svg = re.sub(r'(<svg[^>]*?) height="[^"]*"', r"\1", svg, count=1)
    svg = re.sub(r'(<svg[^>]*?) width="[^"]*"', r'\1 width="100%"', svg, count=1)
    svg = re.sub(r' id="([^"]+)"', rf' id="{figure_id}-\1"', svg)
    svg = re.sub(r'href="#([^"]+)"', rf'href="#{figure_id}-\1"', svg)
    svg = re.sub(r"url\(#([^)]+)\)", rf"url(#{figure_id}-\1)", svg)
    svg = svg.replace(f"'{FONT}'", FONTS).replace(f"{FONT};", f"{FONTS};")
    for colour, name in _PAGE_COLOURS.items():
        svg = svg.replace(colour, f"var(--figure-{name}, {colour})")
    drawing = Drawn(svg)
    drawing.png = lambda: _dots(draw)
    return drawing


def _dots(draw: Callable[[], Canvas]) -> bytes:
    """The figure as PNG."""
    with figure_style(""):
        dots = BytesIO()
        canvas = _in_visible_words(draw())
        canvas.savefig(dots, format="png", dpi=DOTS_PER_INCH, metadata={"Software": None})
    return dots.getvalue()


def _drawn(figure_id: str, draw: Callable[[], Canvas]) -> str:
    """The figure as SVG, in which every acting character of a label is spelled out.

    They are looked for in the drawing: to collect the labels first takes a tenth of its time.
    """
    with figure_style(figure_id):
        svg = _as_svg(draw())
        return svg if visible(svg, LINES) == svg else _as_svg(_in_visible_words(draw()))


def _as_svg(canvas: Canvas) -> str:
    """The drawing, whose labels stay texts: a browser has letters that the font lacks."""
    text = StringIO()
    with catch_warnings():
        filterwarnings("ignore", message="Glyph .* missing from font", category=UserWarning)
        canvas.savefig(text, format="svg", metadata={"Date": None})
    return text.getvalue()


def _in_visible_words(canvas: Canvas) -> Canvas:
    """The figure in which every acting character of a label is spelled out."""
    for words in canvas.findobj(Text):
        if isinstance(words, Text) and (told := words.get_text()):
            words.set_text(visible(told, LINES))
    return canvas


def grid_lines(axes: Axes, axis: str = "y") -> None:
    """Faint lines behind the data."""
    axes.set_axisbelow(True)
    axes.grid(visible=True, axis="x" if axis == "x" else "y", color=GRID, linewidth=0.6)


def wrapped(label: str, width: int = 18) -> str:
    """A label on several lines."""
    return fill(label, width, break_long_words=False)


def spread(positions: list[float], sizes: list[float]) -> list[float]:
    """The positions moved apart so that things of these sizes do not overlap, order kept."""
    order = sorted(range(len(positions)), key=positions.__getitem__)
    placed = list(positions)
    for _ in range(100):
        for below, above in itertools.pairwise(order):
            lack = (sizes[below] + sizes[above]) / 2 - (placed[above] - placed[below])
            if lack > 0:
                placed[below] -= lack / 2
                placed[above] += lack / 2
    return placed


def within(positions: list[float], sizes: list[float], edges: tuple[float, float]) -> list[float]:
    """Positions that lie apart moved as little as keeps the things between two edges.

    Where there is no room for all of them, they stand from the lower edge upwards.
    """
    order = sorted(range(len(positions)), key=positions.__getitem__)
    placed = list(positions)
    top = edges[1]
    for at in reversed(order):
        placed[at] = min(placed[at], top - sizes[at] / 2)
        top = placed[at] - sizes[at] / 2
    bottom = edges[0]
    for at in order:
        placed[at] = max(placed[at], bottom + sizes[at] / 2)
        bottom = placed[at] + sizes[at] / 2
    return placed


def legible(ticks: Sequence[float], end: float, inches: float) -> tuple[float, ...]:
    """Every so many of evenly spaced ticks that their labels do not touch on an axis to `end`."""
    widest = max((len(f"{tick:g}") for tick in ticks), default=1)
    room = max(int(inches / (DIGIT * (widest + 1))), 1)
    shown = [tick for tick in ticks if tick <= end]
    return tuple(shown[:: -(-len(shown) // room)] if shown else ())


def label_ends(axes: Axes, ends: list[tuple[float, str, str]], x: float) -> None:
    """Write each line's name at its end: (height, label, colour)."""
    low, high = axes.get_ylim()
    inches = axes.get_position().height * cast("Canvas", axes.figure).get_figheight()
    names = [wrapped(label) for _, label, _ in ends]
    sizes = [(LINE * (name.count("\n") + 1) + LINE / 2) / inches for name in names]
    sizes = [size * abs(high - low) for size in sizes]
    edges = (min(low, high), max(low, high))
    heights = within(spread([height for height, _, _ in ends], sizes), sizes, edges)
    points_of_unit = 72 * inches / (abs(high - low) or 1.0) * (1 if high >= low else -1)
    for height, size, name, (at, _, colour) in zip(heights, sizes, names, ends, strict=True):
        if abs(height - at) > size / 2:  # a line leads from the curve to a name that was moved
            axes.annotate(
                "",
                (x, at),
                xytext=(8, (height - at) * points_of_unit),
                textcoords="offset points",
                arrowprops={"arrowstyle": "-", "color": colour, "linewidth": 0.7},
                annotation_clip=False,
            )
        axes.annotate(
            name,
            (x, height),
            xytext=(8, 0),
            textcoords="offset points",
            color=colour,
            fontweight="bold",
            fontsize=8.5,
            va="center",
            annotation_clip=False,
        )


def room_for_sides(sides: tuple[str, str] | None) -> float:
    """Inches below an axis with a label and what lies on either side of no difference."""
    lines = [words.count("\n") + 1 for words in _arrowed(sides)] if sides else []
    return 0.5 + LINE * max(lines, default=0)


def _arrowed(sides: tuple[str, str]) -> tuple[str, str]:
    return wrapped(f"← {sides[0]}", SIDE), wrapped(f"{sides[1]} →", SIDE)


def write_sides(axes: Axes, sides: tuple[str, str], *, apart: float = 0) -> None:
    """What lies left and right of no difference, below the label of the axis.

    On a narrow axis the words may begin and end so many points beyond it.
    """
    for at, edge, words in zip((0.0, 1.0), ("left", "right"), _arrowed(sides), strict=True):
        axes.annotate(
            words,
            (at, 0),
            xycoords="axes fraction",
            xytext=(apart if at else -apart, -36),
            textcoords="offset points",
            ha=edge,
            va="top",
            fontsize=8,
            color=MUTED,
        )
