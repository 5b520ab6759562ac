"""CSV files, plain or compressed, into tables of text."""

import codecs
import csv
import io
import re
from collections import Counter
from dataclasses import replace
from itertools import islice
from typing import Final

from ketaoutcomes.data.readers.blanks import (
    TAB,
    parted_by_blanks,
    refuse_unparted,
    with_row_names,
)
from ketaoutcomes.data.readers.csv_shape import (
    NOT_AVAILABLE,
    UTF_16,
    Records,
    named_columns,
    refuse_bad_header,
    refuse_footer,
    refuse_other_bytes,
    refuse_ragged_rows,
    refuse_second_header,
    without_empty_ends,
)
from ketaoutcomes.data.readers.held import Held
from ketaoutcomes.data.readers.limits import refuse_many_cells
from ketaoutcomes.data.readers.packed import uncompressed
from ketaoutcomes.data.readers.raw import RawTable, table_of_words
from ketaoutcomes.data.readers.refusals import empty, refusal, unknown_encoding
from ketaoutcomes.plan.files import Writing

SEPARATORS: Final = (",", ";", TAB, "|")
WIDE: Final = "utf-16"
ROWS_LOOKED_AT: Final = 20
DECLARED: Final = re.compile(r'"?sep=(.)"?(?:\r\n|\r|\n|$)', re.IGNORECASE)
"""The line before the names in which Excel is told the separator."""
LINE_END: Final = re.compile(r"\s*[\r\n]+\s*")


def read_csv(file: Held, writing: Writing) -> RawTable:
    """Read a table of text; the separator is that of the header, or blanks where it has none."""
    return table_of(file.content, file.name, writing)


def read_packed_csv(file: Held, writing: Writing) -> RawTable:
    """Read a CSV file compressed by gzip, bzip2 or xz."""
    return read_csv(uncompressed(file), writing)


def table_of(content: bytes, name: str, writing: Writing) -> RawTable:
    """The table in the bytes of a CSV file."""
    refuse_other_bytes(content, name, writing.encoding)
    text = _decoded(content, name, writing.encoding)
    if not text.strip():
        raise empty(name)
    records = _records(text, name, writing.header_row)
    (at, header), rows = _header_and_rows(records, name, writing.header_row)
    refuse_unparted(at, header, rows, name)
    return table_of_records(records, name, writing.header_row)


def table_of_records(records: Records, name: str, header_row: int) -> RawTable:
    """The table in the rows of a text file or a sheet, once its shape has been looked at."""
    (at, header), rows = _header_and_rows(records, name, header_row)
    header, rows = without_empty_ends(header, rows)
    refuse_bad_header(at, header, rows, name)
    refuse_many_cells(name, len(rows), len(header))
    refuse_footer(header, rows, name)
    refuse_ragged_rows(at, header, rows, name)
    refuse_second_header(header, rows, name)
    names, rows = named_columns(header, rows)
    unnamed = frozenset(names) - frozenset(header)
    return replace(table_of_words(name, names, rows, NOT_AVAILABLE), unnamed=unnamed)


def _records(text: str, name: str, header_row: int) -> Records:
    """Every row of the file with its number, as a spreadsheet counts them."""
    declared = DECLARED.match(text)
    if declared is not None:
        sign, text, first = declared.group(1), text[declared.end() :], 2
    else:
        sign, text = _separated(text, header_row)
        first = 1
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
    numbered = list(enumerate(records, first))
    return _with_row_names(numbered, header_row) if sign == TAB else numbered


def _with_row_names(records: Records, header_row: int) -> Records:
    """The rows of a text by R, whose first field has no name in the header."""
    above = [record for record in records if record[0] < header_row]
    told = [record for record in records[len(above) :] if any(map(str.strip, record[1]))]
    if not told:
        return records
    (at, header), *rows = told
    header, rows = with_row_names(header, rows)
    return [*above, (at, header), *rows]


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


def _separated(text: str, header_row: int) -> tuple[str, str]:
    """The sign that parts the names, and the text; blanks are turned into tabs where they do."""
    sign = _separator(text, header_row)
    parted = None
    if max(_fields_of(text, sign, header_row)[1:]) <= 1:
        parted = parted_by_blanks(text, header_row)
    return (sign, text) if parted is None else (TAB, parted)


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
    marked = _marked(content)
    try:
        text = content.decode(marked or encoding)
    except UnicodeDecodeError as error:
        if marked == WIDE:
            raise refusal(
                name,
                "text in UTF-16, as its first two bytes say",
                "bytes that are none",
                "export the file again as CSV (UTF-8)",
            ) from None
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


def _marked(content: bytes) -> str | None:
    """The encoding that the first bytes of a text say; Excel writes them ("Unicode Text")."""
    if content.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    return WIDE if content.startswith(UTF_16) else None


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
