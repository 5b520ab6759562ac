r"""The tables of a report in Rich Text Format, as the tools of agencies and sponsors read them.

One table a page, with the title of the study above and the number of the page below. The text is
ASCII: every other letter is written by its number (RTF 1.9.1, `\uN`).
"""

from collections.abc import Iterator, Mapping
from typing import Final

from ketaoutcomes.report.blocks import Cell, Figure, Report, Table
from ketaoutcomes.report.chapters import numbered_by_chapter
from ketaoutcomes.report.layout import in_parts, leads, letters_of, numeric_columns, unbroken
from ketaoutcomes.visible import all_visible

WIDTH, HEIGHT, MARGIN = 16838, 11906, 1134
"""A page of A4 on its side and its margin, in twips."""

LETTER = 95
"""Twips of a letter of nine points."""

INDENT = 200
MOST_LETTERS = (WIDTH - 2 * MARGIN) // LETTER
HALF, WHOLE = 0x8000, 0x10000

FONTS: Final = r"{\fonttbl{\f0\fmodern Courier New;}{\f1\fswiss Arial;}}"
RULE: Final = r"\brdrs\brdrw15"


def render_rtf(report: Report) -> bytes:
    """Render the tables, those of figures among them.

    Parameters
    ----------
    report : Report

    Returns
    -------
    bytes
        A .rtf file of ASCII; the same report gives the same bytes.
    """
    shown = all_visible(report)
    numbers = numbered_by_chapter(shown)
    tables = [lines for name, table in _tables(shown, numbers) for lines in _table(name, table)]
    body = "\\page\n".join(tables)
    return f"{_start(shown)}\n{body}}}\n".encode("ascii")


def _tables(report: Report, numbers: Mapping[str, str]) -> Iterator[tuple[str, Table]]:
    for section in report.sections:
        for block in section.blocks:
            if isinstance(block, Table):
                yield numbers[block.id], block
            elif isinstance(block, Figure) and block.data is not None:
                yield f"Data for {numbers[block.id]}", block.data


def _start(report: Report) -> str:
    """Fonts, the page, and what stands on each."""
    banner = (
        " Simulated data, no real patients, not for clinical decisions." if report.synthetic else ""
    )
    right = rf"\tqr\tx{WIDTH - 2 * MARGIN}"
    made = report.footer[0] if report.footer else ""
    return "\n".join(
        (
            rf"{{\rtf1\ansi\ansicpg1252\uc1\deff1{FONTS}",
            rf"{{\info{{\title {escaped(report.title)}}}}}",
            rf"\paperw{WIDTH}\paperh{HEIGHT}\landscape"
            rf"\margl{MARGIN}\margr{MARGIN}\margt{MARGIN}\margb{MARGIN}",
            rf"{{\header\pard{right}\f1\fs16 {escaped(report.title)}"
            rf"\tab{{\b{escaped(banner)}}}\par}}",
            rf"{{\footer\pard{right}\f1\fs16 {escaped(made)}\tab Page {{\field{{\*\fldinst PAGE}}}}"
            r" of {\field{\*\fldinst NUMPAGES}}\par}",
        )
    )


def _table(name: str, table: Table) -> Iterator[str]:
    """The table in parts as wide as the page, each with its caption; footnotes under the last."""
    parts = in_parts(table, MOST_LETTERS)
    for place, part in enumerate(parts):
        words = f"{name}. {part.caption}{', continued' if place else ''}"
        lines = [rf"\pard\keepn\f1\fs20{{\b {escaped(words)}}}\par", *_grid(part)]
        if place == len(parts) - 1:
            lines += [rf"\pard\f1\fs16 {escaped(note)}\par" for note in table.footnotes]
        yield "\n".join((*lines, ""))


def _grid(table: Table) -> Iterator[str]:
    edges = _edges(table)
    numeric = numeric_columns(table)
    if table.spanners:
        yield _row(_spanned(table, edges), r"\trhdr", rf"\clbrdrt{RULE}")
    heads = [
        (edge, _cell_text(text, right=right and place > 0, bold=True))
        for place, (edge, text, right) in enumerate(zip(edges, table.columns, numeric, strict=True))
    ]
    rule = rf"\clbrdrb{RULE}" if table.spanners else rf"\clbrdrt{RULE}\clbrdrb{RULE}"
    yield _row(heads, r"\trhdr", rule)
    last = len(table.rows) - 1
    for place, (row, lead) in enumerate(zip(table.rows, leads(table), strict=True)):
        rule = rf"\clbrdrb{RULE}" if place == last else ""
        yield _row(_cells(row, edges, numeric, lead=lead), r"\trkeep", rule)
    yield r"\pard\par"


def _cells(
    row: tuple[Cell, ...], edges: list[int], numeric: list[bool], *, lead: bool
) -> list[tuple[int, str]]:
    """The cells of a row; one alone runs over all columns."""
    if len(row) == 1:
        return [(edges[-1], _cell_text(row[0].text, bold=True))]
    return [
        (
            edge,
            _cell_text(
                cell.words, right=right and place > 0, bold=lead and place == 0, indent=cell.indent
            ),
        )
        for place, (cell, edge, right) in enumerate(zip(row, edges, numeric, strict=True))
    ]


def _spanned(table: Table, edges: list[int]) -> list[tuple[int, str]]:
    """Spanners, each over its columns."""
    found, end = [], 0
    for label, width in table.spanners:
        end += width
        found.append((edges[end - 1], rf"\pard\intbl\qc\f1\fs18{{\b {escaped(label)}}}\cell"))
    return found


def _edges(table: Table) -> list[int]:
    """The right edge of each column in twips: what it needs, and a share of what is left."""
    letters = letters_of(table)
    room = WIDTH - 2 * MARGIN
    spare = max(room - LETTER * sum(letters.needed), 0)
    more = [asked - least + 1 for least, asked in zip(letters.needed, letters.asked, strict=True)]
    ends, edge = [], 0.0
    for least, extra in zip(letters.needed, more, strict=True):
        edge += LETTER * least + spare * extra / sum(more)
        ends.append(round(edge))
    return ends


def _row(cells: list[tuple[int, str]], kind: str, rule: str) -> str:
    placed = "".join(rf"{rule}\cellx{edge}" for edge, _ in cells)
    return rf"\trowd\trgaph60{kind}{placed}" + "\n" + "\n".join(text for _, text in cells) + r"\row"


def _cell_text(text: str, *, right: bool = False, bold: bool = False, indent: int = 0) -> str:
    words = escaped(unbroken(text))
    words = rf"{{\b {words}}}" if bold else words
    side = r"\qr" if right else rf"\ql\li{indent * INDENT}"
    return rf"\pard\intbl{side}\f1\fs18 {words}\cell"


def escaped(text: str) -> str:
    r"""The text in ASCII: its braces and backslashes as letters, other letters by their number.

    A letter beyond the first plane is written as its two halves in UTF-16, as the format asks.
    """
    return "".join(map(_letter, text))


def _letter(letter: str) -> str:
    if letter in "\\{}":
        return f"\\{letter}"
    if letter == "\n":
        return r"\line "
    if letter == "\t":
        return r"\tab "
    if letter.isascii():
        return letter
    code = letter.encode("utf-16-le")
    halves = (int.from_bytes(code[at : at + 2], "little") for at in range(0, len(code), 2))
    return "".join(rf"\u{half - WHOLE if half >= HALF else half}?" for half in halves)
