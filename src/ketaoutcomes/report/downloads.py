"""Each table as CSV and each figure as SVG: files next to the page, and links within it."""

import base64
import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape
from io import StringIO
from typing import Final

from ketaoutcomes.report.blocks import Figure, Report, Table
from ketaoutcomes.report.layout import without_marks
from ketaoutcomes.spreadsheets import harmless

TABLES, FIGURES = "tables", "figures"
"""The folders of the files."""

TYPES: Final[Mapping[str, str]] = {"csv": "text/csv;charset=utf-8", "svg": "image/svg+xml"}
NOT_OF_A_NAME = re.compile(r"[^\w.-]+")

PIXELS_PER_POINT = 4 / 3


@dataclass(frozen=True)
class Saved:
    """A table or figure of a page as a file of its own.

    Attributes
    ----------
    id : str
        Of the table or figure.
    folder, name : str
        Where the file stands, and what it is called.
    content : bytes
    """

    id: str
    folder: str
    name: str
    content: bytes

    @property
    def kind(self) -> str:
        """What a link calls the file."""
        return self.name.rpartition(".")[2].upper()

    @property
    def address(self) -> str:
        """The file within the page: a link that saves it without any request."""
        kind = TYPES[self.kind.lower()]
        return f"data:{kind};base64,{base64.b64encode(self.content).decode()}"


def saved_of(report: Report) -> tuple[Saved, ...]:
    """`tables/....csv` and `figures/....svg`, in the order of the page."""
    return tuple(_files(report))


def _files(report: Report) -> Iterator[Saved]:
    for section in report.sections:
        for block in section.blocks:
            if isinstance(block, Table):
                yield _table(block)
            elif isinstance(block, Figure):
                yield Saved(block.id, FIGURES, f"{_named(block.id)}.svg", figure_file(block))
                if block.data is not None:
                    yield _table(block.data)


def _table(table: Table) -> Saved:
    return Saved(table.id, TABLES, f"{_named(table.id)}.csv", table_csv(table))


def _named(identifier: str) -> str:
    """The id as the name of a file."""
    return NOT_OF_A_NAME.sub("-", identifier)


def table_csv(table: Table) -> bytes:
    """The words of a table as CSV.

    A row that heads those below it has no numbers; spanners stand before the names of their
    columns. No spreadsheet takes a cell for a formula.
    """
    spanned = [label for label, width in table.spanners for _ in range(width)]
    over = spanned or [""] * len(table.columns)
    columns = [": ".join(filter(None, pair)) for pair in zip(over, table.columns, strict=True)]
    text = StringIO()
    lines = csv.writer(text, lineterminator="\n")
    lines.writerow(map(harmless, columns))
    for row in table.rows:
        blank = [""] * (len(columns) - len(row))
        lines.writerow([*(harmless(without_marks(cell.text)) for cell in row), *blank])
    return text.getvalue().encode()


def _coloured_for_paper(svg: str) -> str:
    """The drawing with the colours of paper in place of those of the page."""
    return re.sub(r"var\(--figure-[\w-]+, (#\w+)\)", r"\1", svg)


def figure_file(figure: Figure) -> bytes:
    """The drawing as a file: colours of paper, a size, a title and what it shows in words."""
    svg = _coloured_for_paper(figure.svg)
    box = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', svg)
    size = (
        "".join(
            f' {side}="{float(points) * PIXELS_PER_POINT:g}"'
            for side, points in zip(("width", "height"), box.groups(), strict=True)
        )
        if box
        else ""
    )
    start, _, end = svg.partition(">")
    start = re.sub(r'\s(?:width|height)="[^"]*"', "", start)
    words = f"<title>{escape(figure.caption)}</title><desc>{escape(figure.alternative)}</desc>"
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{start}{size}>{words}{end}'.encode()
