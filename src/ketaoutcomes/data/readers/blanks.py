"""Text whose columns are parted by blanks, as R's `write.table` and older programs write it."""

import re
from collections.abc import Iterator
from statistics import median
from typing import Final

from ketaoutcomes.data.readers.csv_shape import NOT_AVAILABLE, NUMBER
from ketaoutcomes.data.readers.refusals import refusal

TAB: Final = "\t"
QUOTED: Final = r'("(?:[^"]|"")*")'
BLANKS: Final = tuple(
    re.compile(rf"{QUOTED}|^[ \t]+|[ \t]+$|(?<=[^ \t\r\n])({blanks})(?=[^ \t\r\n])", re.MULTILINE)
    for blanks in (r"[ \t]+", r"[ \t]{2,}|\t")
)
"""Where fields end: at any blanks, or, where words hold one blank each, at two or more."""
LEAST_WORDS: Final = 3
"""One column of so many words a row is no column, but a table whose parts cannot be told."""


def parted_by_blanks(text: str, header_row: int) -> str | None:
    """The text with a tab for the blanks between fields; None where no blanks part all rows alike.

    Blanks within double quotes stay. A header may have one field less than the rows: R writes
    none above the names of rows. Some field holds numbers, unlike prose of lines alike in length.
    """
    for blanks in BLANKS:
        parted = blanks.sub(lambda found: found[1] or (TAB if found[2] else ""), text)
        lines = [line.split(TAB) for line in _lines_below(parted, header_row)]
        header, rows = len(lines[0]) if lines else 0, lines[1:]
        alike = {len(row) for row in rows} in ({header}, {header + 1})
        if header > 1 and (not rows or (alike and any(map(_numbers, zip(*rows, strict=True))))):
            return parted
    return None


def _numbers(fields: tuple[str, ...]) -> bool:
    return all(NUMBER.fullmatch(field) or field in NOT_AVAILABLE for field in fields)


def _lines_below(text: str, header_row: int) -> Iterator[str]:
    """The lines from the header on that hold anything, quoted parts without their line ends."""
    plain = re.sub(QUOTED, lambda found: " ".join(found[1].split())[1:-1], text)
    return (line for line in plain.splitlines()[header_row - 1 :] if line.strip())


def with_row_names(
    header: list[str], rows: list[tuple[int, list[str]]]
) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """Header and rows where every row begins with a name of its own that the header does not name.

    R writes so. Names that are words become the column `row.names`; numbers of rows are left out,
    as from the other files of R.
    """
    names = [row[0].strip() for _, row in rows if row]
    wider = {len(row) for _, row in rows} == {len(header) + 1}
    if not wider or not all(names) or len(set(names)) < len(names):
        return header, rows
    if all(name.isdigit() for name in names):
        return header, [(number, row[1:]) for number, row in rows]
    return ["row.names", *header], rows


def refuse_unparted(
    at: int, header: list[str], rows: list[tuple[int, list[str]]], name: str
) -> None:
    """Refuse a text that is one column only because nothing parts its columns alike."""
    if len(header) != 1 or any(len(row) > 1 for _, row in rows):
        return
    usual = median(len(row[0].split()) for _, row in rows) if rows else 0
    words = max(len(header[0].split()), usual)
    if words >= LEAST_WORDS:
        raise refusal(
            f"{name}, row {at}",
            "columns parted by a comma, a semicolon, a tab, a bar or blanks, as many in each row",
            "rows of words that nothing parts alike",
            "open it in a spreadsheet, part the columns there, and save it as .xlsx",
        )
