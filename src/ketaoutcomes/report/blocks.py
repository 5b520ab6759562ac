"""The report as a value: sections of blocks, before any HTML."""

from dataclasses import dataclass
from typing import Literal

Tone = Literal["plain", "answer", "warning", "synthetic"]
Part = Literal["", "front", "methods", "appendix"]
"""What a section belongs to; pages that are not divided have sections of no part."""


@dataclass(frozen=True)
class Prose:
    """Paragraphs of plain text."""

    paragraphs: tuple[str, ...]


@dataclass(frozen=True)
class Callout:
    """A boxed statement: the answer, a warning, or that data are synthetic."""

    title: str
    paragraphs: tuple[str, ...]
    tone: Tone = "plain"


@dataclass(frozen=True)
class Statement:
    """A sentence or a few; `results` are the ids of the numbers in it."""

    words: str
    results: tuple[str, ...] = ()


@dataclass(frozen=True)
class Abstract:
    """A boxed summary: statements in paragraphs, each under a heading or under none."""

    title: str
    parts: tuple[tuple[str, tuple[Statement, ...]], ...]
    id: str = ""

    @property
    def paragraphs(self) -> tuple[str, ...]:
        """Each paragraph as one text, its heading first."""
        return tuple(
            " ".join((*((f"{heading}:",) if heading else ()), *(s.words for s in statements)))
            for heading, statements in self.parts
        )


@dataclass(frozen=True)
class KeyFigure:
    """One number shown large, with what it is and its uncertainty."""

    label: str
    number: str
    detail: str
    results: tuple[str, ...] = ()


@dataclass(frozen=True)
class KeyFigures:
    """A row of key figures."""

    figures: tuple[KeyFigure, ...]


@dataclass(frozen=True)
class Cell:
    """A cell of a table; `header` marks the row's stub, `results` are the ids of its numbers.

    `links` are (id of a place on this page, what it is called) and follow the text.
    """

    text: str
    header: bool = False
    indent: int = 0
    results: tuple[str, ...] = ()
    links: tuple[tuple[str, str], ...] = ()

    @property
    def words(self) -> str:
        """The text and what its links are called, for where nothing can be followed."""
        return self.text + "; ".join(name for _, name in self.links)


@dataclass(frozen=True)
class Table:
    """A table: caption, column headers, rows of cells, footnotes.

    A row has a cell for each column, or one cell that heads the rows below. `spanners` are (label,
    number of columns) above the headers; empty where there are none.

    Raises
    ------
    ValueError
        If a row or the spanners do not fit the columns.
    """

    id: str
    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    footnotes: tuple[str, ...] = ()
    spanners: tuple[tuple[str, int], ...] = ()

    def __post_init__(self) -> None:
        wide = len(self.columns)
        if any(len(row) not in (1, wide) for row in self.rows):
            raise ValueError(f"table {self.id}: a row has not one cell for each of {wide} columns")
        if self.spanners and sum(columns for _, columns in self.spanners) != wide:
            raise ValueError(f"table {self.id}: the spanners do not cover {wide} columns")


@dataclass(frozen=True)
class Figure:
    """A figure as SVG, its text alternative and the numbers it shows.

    One that is `themed` is drawn in `currentColor` and takes the colours of the page.
    """

    id: str
    caption: str
    svg: str
    alternative: str
    data: Table | None = None
    themed: bool = False


@dataclass(frozen=True)
class Definitions:
    """Terms and what they mean, under a title if there is one; `id` is for links.

    `places` are the ids of the items, for links to each; empty where there are none.
    """

    items: tuple[tuple[str, str], ...]
    title: str = ""
    id: str = ""
    places: tuple[str, ...] = ()


@dataclass(frozen=True)
class References:
    """Works that are referred to."""

    items: tuple[str, ...]


@dataclass(frozen=True)
class Code:
    """Lines of code in a named language."""

    language: str
    text: str
    caption: str


@dataclass(frozen=True)
class Elsewhere:
    """What a table or figure shows that stands once on the page, and the id of where it stands."""

    words: str
    id: str


Block = (
    Prose
    | Callout
    | Abstract
    | KeyFigures
    | Table
    | Figure
    | Definitions
    | References
    | Code
    | Elsewhere
)


@dataclass(frozen=True)
class Section:
    """A section with a stable id for links."""

    id: str
    title: str
    blocks: tuple[Block, ...]
    part: Part = ""


@dataclass(frozen=True)
class Report:
    """The whole page; `notes` hold for all of it and stand under its title.

    `failures` name the sections and figures that could not be made, with the reason.
    """

    title: str
    subtitle: str
    synthetic: bool
    sections: tuple[Section, ...]
    footer: tuple[str, ...]
    notes: tuple[str, ...] = ()
    failures: tuple[str, ...] = ()
