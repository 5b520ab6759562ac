"""What all figures share: ink, palette, and SVG whose bytes repeat."""

import itertools
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import StringIO
from textwrap import fill
from typing import Any, cast

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas

WIDTH = 7.2
"""Inches; the page scales the figure to its column."""

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

_STYLE: dict[str, Any] = {
    "font.family": "DejaVu Sans",
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
    "svg.fonttype": "path",
    "text.parse_math": False,  # a dollar sign of a label is a dollar sign
}


@contextmanager
def figure_style(salt: str) -> Iterator[None]:
    """The style of every figure; `salt` makes the ids of clip paths repeat."""
    with mpl.rc_context(cast("Any", {**_STYLE, "svg.hashsalt": salt})):
        yield


def arm_style(place: int) -> dict[str, object]:
    """Colour, marker and line of the arm at this place."""
    at = place % len(ARM_COLOURS)
    return {"color": ARM_COLOURS[at], "marker": ARM_MARKERS[at], "linestyle": ARM_LINES[at]}


def figure_svg(figure_id: str, draw: Callable[[], Canvas]) -> str:
    """The `<svg>` element of a figure.

    No prolog and no metadata; ids carry the figure's id, so that figures of one page do not share
    any; colours are CSS variables (`--figure-ink` ...) with the print colours as fallback.
    """
    with figure_style(figure_id):
        text = StringIO()
        draw().savefig(text, format="svg", metadata={"Date": None})
    svg = text.getvalue()
    svg = svg[svg.index("<svg") :].rstrip() + "\n"
    svg = re.sub(r"\s*<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    svg = re.sub(r'(<svg[^>]*?) height="[^"]*"', r"\1", svg, count=1)
    svg = re.sub(r'(<svg[^>]*?) width="[^"]*"', r'\1 width="100%"', svg, count=1)
    svg = re.sub(r'\bid="([^"]+)"', rf'id="{figure_id}-\1"', svg)
    svg = re.sub(r'href="#([^"]+)"', rf'href="#{figure_id}-\1"', svg)
    svg = re.sub(r"url\(#([^)]+)\)", rf"url(#{figure_id}-\1)", svg)
    for colour, name in _PAGE_COLOURS.items():
        svg = svg.replace(colour, f"var(--figure-{name}, {colour})")
    return svg


def grid_lines(axes: Axes, axis: str = "y") -> None:
    """Faint lines behind the data."""
    axes.set_axisbelow(True)
    axes.grid(visible=True, axis="x" if axis == "x" else "y", color=GRID, linewidth=0.6)


def wrapped(label: str, width: int = 18) -> str:
    """A label on several lines."""
    return fill(label, width, break_long_words=False)


def spread(positions: list[float], least: float) -> list[float]:
    """The positions moved apart so that neighbours keep a least distance, order kept."""
    order = sorted(range(len(positions)), key=positions.__getitem__)
    placed = list(positions)
    for _ in range(100):
        for below, above in itertools.pairwise(order):
            lack = least - (placed[above] - placed[below])
            if lack > 0:
                placed[below] -= lack / 2
                placed[above] += lack / 2
    return placed


def label_ends(axes: Axes, ends: list[tuple[float, str, str]], x: float) -> None:
    """Write each line's name at its end: (height, label, colour)."""
    low, high = axes.get_ylim()
    heights = spread([height for height, _, _ in ends], 0.17 * abs(high - low))
    for height, (_, label, colour) in zip(heights, ends, strict=True):
        axes.annotate(
            wrapped(label),
            (x, height),
            xytext=(8, 0),
            textcoords="offset points",
            color=colour,
            fontweight="bold",
            fontsize=8.5,
            va="center",
            annotation_clip=False,
        )


def write_sides(axes: Axes, sides: tuple[str, str]) -> None:
    """What lies left and right of no difference, below the axis."""
    for at, side, words in ((0.0, "left", f"← {sides[0]}"), (1.0, "right", f"{sides[1]} →")):
        axes.annotate(
            words,
            (at, 0),
            xycoords="axes fraction",
            xytext=(0, -27),
            textcoords="offset points",
            ha=side,
            va="center",
            fontsize=8,
            color=MUTED,
        )
