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
from ketaoutcomes.visible import all_visible

TABLES, FIGURES = "tables", "figures"
"""The folders of the files."""

TYPES: Final[Mapping[str, str]] = {"csv": "text/csv;charset=utf-8", "svg": "image/svg+xml"}
NOT_OF_A_NAME = re.compile(r"[^\w.-]+")

PIXELS_PER_POINT = 4 / 3


@dataclass(frozen=True)
class Saved:
    """A link that saves a table or figure: the name of the file, and its address in the page."""

    name: str
    address: str
    kind: str


def files_of(report: Report) -> dict[str, bytes]:
    """`tables/....csv` and `figures/....svg`, in the order of the page."""
    told = all_visible(report)
    return {f"{folder}/{name}": content for _, folder, name, content in _files(told)}


def links_of(report: Report) -> dict[str, Saved]:
    """By the id of each table and figure, the link that saves it without any request."""
    return {
        identifier: Saved(name, _address(name, content), name.rpartition(".")[2].upper())
        for identifier, _, name, content in _files(report)
    }


def _files(report: Report) -> Iterator[tuple[str, str, str, bytes]]:
    """The id, folder, name and content of every file."""
    for section in report.sections:
        for block in section.blocks:
            if isinstance(block, Table):
                yield block.id, TABLES, f"{_named(block.id)}.csv", table_csv(block)
            elif isinstance(block, Figure):
                yield block.id, FIGURES, f"{_named(block.id)}.svg", figure_file(block)
                if block.data is not None:
                    data = block.data
                    yield data.id, TABLES, f"{_named(data.id)}.csv", table_csv(data)


def _named(identifier: str) -> str:
    """The id as the name of a file."""
    return NOT_OF_A_NAME.sub("-", identifier)


def _address(name: str, content: bytes) -> str:
    kind = TYPES[name.rpartition(".")[2]]
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"


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
