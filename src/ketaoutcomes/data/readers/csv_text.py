"""CSV files, plain or compressed, into tables of text."""

import codecs
import csv
import io
import re
from collections import Counter
from itertools import islice
from typing import Final

from ketaoutcomes.data.readers.csv_shape import (
    Records,
    named_columns,
    refuse_bad_header,
    refuse_other_bytes,
    refuse_ragged_rows,
    refuse_second_header,
    without_empty_ends,
)
from ketaoutcomes.data.readers.held import Held
from ketaoutcomes.data.readers.limits import refuse_many_cells
from ketaoutcomes.data.readers.packed import unzipped
from ketaoutcomes.data.readers.raw import RawTable, table_of_words
from ketaoutcomes.data.readers.refusals import empty, refusal, unknown_encoding
from ketaoutcomes.plan.files import Writing

SEPARATORS: Final = (",", ";", "\t", "|")
ROWS_LOOKED_AT: Final = 20
DECLARED: Final = re.compile(r'"?sep=(.)"?(?:\r\n|\r|\n|$)', re.IGNORECASE)
"""The line before the names in which Excel is told the separator."""
LINE_END: Final = re.compile(r"\s*[\r\n]+\s*")
NOT_AVAILABLE: Final = frozenset(("NA", "."))
"""What R and SAS write into a text file for a missing value. Other words are values."""


def read_csv(file: Held, writing: Writing) -> RawTable:
    """Read a CSV file; the separator is that of the header: comma, semicolon, tab or bar."""
    return table_of(file.content, file.name, writing)


def read_gzipped_csv(file: Held, writing: Writing) -> RawTable:
    """Read a CSV file compressed by gzip."""
    return read_csv(unzipped(file), writing)


def table_of(content: bytes, name: str, writing: Writing) -> RawTable:
    """The table in the bytes of a CSV file."""
    refuse_other_bytes(content, name, writing.encoding)
    text = _decoded(content, name, writing.encoding)
    if not text.strip():
        raise empty(name)
    return table_of_records(_records(text, name, writing.header_row), name, writing.header_row)


def table_of_records(records: Records, name: str, header_row: int) -> RawTable:
    """The table in the rows of a text file or a sheet, once its shape has been looked at."""
    (at, header), rows = _header_and_rows(records, name, header_row)
    header, rows = without_empty_ends(header, rows)
    refuse_bad_header(at, header, rows, name)
    refuse_many_cells(name, len(rows), len(header))
    refuse_ragged_rows(at, header, rows, name)
    refuse_second_header(header, rows, name)
    header, rows = named_columns(header, rows)
    return table_of_words(name, header, rows, NOT_AVAILABLE)


def _records(text: str, name: str, header_row: int) -> Records:
    """Every row of the file with its number, as a spreadsheet counts them."""
    declared = DECLARED.match(text)
    if declared is not None:
        sign, text, first = declared.group(1), text[declared.end() :], 2
    else:
        sign, first = _separator(text, header_row), 1
    records: list[list[str]] = []
    try:
        records.extend(csv.reader(io.StringIO(text, newline=""), delimiter=sign, strict=True))
    except csv.Error as error:
        raise refusal(
            f"{name}, row {len(records) + first}",
            "fields whose quotes are closed",
            str(error),
            "close the quote that opens in this row, and double a quote within quotes",
        ) from None
    return list(enumerate(records, first))


def _header_and_rows(
    records: Records, name: str, header_row: int
) -> tuple[tuple[int, list[str]], Records]:
    """The names of the columns, and the rows below them that hold anything."""
    told = ((number, row) for number, row in records if any(map(str.strip, row)))
    below = [(number, row) for number, row in told if number >= header_row]
    if not below:
        raise empty(name)
    (at, header), *rows = below
    return (at, list(map(name_in_one_line, header))), rows


def name_in_one_line(name: str) -> str:
    """The name of a column, whose line ends count as spaces."""
    return LINE_END.sub(" ", name).strip()


def _separator(text: str, header_row: int) -> str:
    """The sign that parts the names, quoted ones left whole; a comma where there is none.

    Signs that part the names into as many fields as most rows go before others, so that a comma in
    a title, or in a text, is not taken for it.
    """
    return max(SEPARATORS, key=lambda sign: _fields_of(text, sign, header_row))


def _fields_of(text: str, sign: str, header_row: int) -> tuple[bool, int, int]:
    """Whether names and rows have as many fields, and how many rows and names have."""
    counts: list[int] = []
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=sign)
        counts.extend(len(row) for row in islice(reader, header_row + ROWS_LOOKED_AT))
    except csv.Error:
        pass  # a fault in the rows is reported where they are read
    filled = [count for count in counts[header_row - 1 :] if count]
    if not filled:
        return False, 0, 0
    usual = Counter(filled).most_common(1)[0][0]
    return filled[0] == usual > 1, usual, filled[0]


def _decoded(content: bytes, name: str, encoding: str) -> str:
    """The text of a CSV file; a byte that is not of the encoding is reported with its row."""
    marked = content.startswith(codecs.BOM_UTF8)
    try:
        text = content.decode("utf-8-sig" if marked else encoding)
    except UnicodeDecodeError as error:
        row, column = _whereabouts(content, error.start)
        raise refusal(
            f"{name}, column `{column}`, row {row}",
            f"text in {encoding}",
            f"the byte 0x{content[error.start]:02x}",
            "save the file as UTF-8, or name its encoding under `data.encoding` (often cp1252)",
        ) from None
    except (LookupError, ValueError):
        raise unknown_encoding(encoding) from None
    return text.removeprefix("\ufeff")


def _whereabouts(content: bytes, offset: int) -> tuple[int, str]:
    """Row and column name of a byte."""
    before = content[:offset]
    line_start = before.rfind(b"\n") + 1
    header = _fields(content.split(b"\n", 1)[0])
    field = len(_fields(before[line_start:] + b"x")) - 1
    return before.count(b"\n") + 1, header[min(field, len(header) - 1)]


def _fields(line: bytes) -> list[str]:
    text = line.decode("ascii", errors="replace").strip()
    separator = _separator(text, 1)
    try:
        return next(csv.reader([text], delimiter=separator))
    except csv.Error:  # noise, such as a lone carriage return: the place is a help, and no more
        return text.split(separator)
