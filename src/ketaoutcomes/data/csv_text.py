"""CSV files, plain or compressed, into tables of text."""

import csv
import gzip
import io
import zlib
from pathlib import Path
from typing import Final

import pandas as pd

from ketaoutcomes.data.csv_shape import (
    Rows,
    refuse_bad_header,
    refuse_other_bytes,
    refuse_ragged_rows,
    refuse_second_header,
)
from ketaoutcomes.data.limits import refuse_expansion, refuse_many_cells
from ketaoutcomes.data.raw import RawTable, as_text
from ketaoutcomes.data.refusals import empty, malformed, refusal

FIRST_ROW: Final = 2
CHUNK: Final = 1024**2
SEPARATORS: Final = (",", ";", "\t", "|")


def read_csv(path: Path, name: str, encoding: str) -> RawTable:
    """Read a CSV file; the separator is that of the header: comma, semicolon, tab or bar."""
    return table_of(path.read_bytes(), name, encoding)


def read_gzipped_csv(path: Path, name: str, encoding: str) -> RawTable:
    """Read a CSV file compressed by gzip, and stop where it unpacks to too much."""
    packed = path.stat().st_size
    content = bytearray()
    try:
        with gzip.open(path) as file:
            while chunk := file.read(CHUNK):
                content += chunk
                refuse_expansion(name, packed, len(content))
    except (OSError, EOFError, zlib.error) as error:
        raise malformed(name, "gzip", error) from None
    return table_of(bytes(content), name, encoding)


def table_of(content: bytes, name: str, encoding: str) -> RawTable:
    """The table in the bytes of a CSV file."""
    refuse_other_bytes(content, name, encoding)
    text = _decoded(content, name, encoding)
    if not text.strip():
        raise empty(name)
    header, numbered = _records(text, name)
    refuse_bad_header(header, name)
    refuse_many_cells(name, len(numbered), len(header))
    refuse_ragged_rows(header, numbered, name)
    refuse_second_header(header, numbered, name)
    numbers = pd.Index([number for number, _ in numbered], name="row", dtype="int64")
    values = zip(*(row for _, row in numbered), strict=True)
    columns = {
        column: as_text(pd.Series(column_values, dtype=object, index=numbers))
        for column, column_values in zip(header, values, strict=False)
    }
    return RawTable(name, pd.DataFrame(columns, index=numbers))


def _records(text: str, name: str) -> tuple[list[str], Rows]:
    """The names of the columns, and the rows that hold anything."""
    reader = csv.reader(
        io.StringIO(text, newline=""), delimiter=_separator(text.split("\n", 1)[0]), strict=True
    )
    records: list[list[str]] = []
    try:
        records.extend(reader)
    except csv.Error as error:
        raise refusal(
            f"{name}, row {len(records) + 1}",
            "fields whose quotes are closed",
            str(error),
            "close the quote that opens in this row, and double a quote within quotes",
        ) from None
    header, *rows = records
    numbered = [(number, row) for number, row in enumerate(rows, FIRST_ROW) if any(row)]
    return [column.strip() for column in header], numbered


def _separator(header: str) -> str:
    """The commonest separator of the header; a comma where there is none."""
    return max(SEPARATORS, key=header.count)


def _decoded(content: bytes, name: str, encoding: str) -> str:
    """The text of a CSV file; a byte that is not of the encoding is told with its row."""
    codec = "utf-8-sig" if encoding.lower().replace("_", "-") in ("utf-8", "utf8") else encoding
    try:
        return content.decode(codec)
    except LookupError:
        raise refusal(
            "the plan, data.encoding",
            "the name of an encoding",
            f"`{encoding}`",
            "use utf-8, cp1252 or latin-1",
        ) from None
    except UnicodeDecodeError as error:
        row, column = _whereabouts(content, error.start)
        raise refusal(
            f"{name}, column `{column}`, row {row}",
            f"text in {encoding}",
            f"the byte 0x{content[error.start]:02x}",
            "save the file as UTF-8, or name its encoding under `data.encoding` (often cp1252)",
        ) from None


def _whereabouts(content: bytes, offset: int) -> tuple[int, str]:
    """Row and column name of a byte."""
    before = content[:offset]
    line_start = before.rfind(b"\n") + 1
    header = _fields(content.split(b"\n", 1)[0])
    field = len(_fields(before[line_start:] + b"x")) - 1
    return before.count(b"\n") + 1, header[min(field, len(header) - 1)]


def _fields(line: bytes) -> list[str]:
    text = line.decode("ascii", errors="replace").strip()
    separator = _separator(text)
    try:
        return next(csv.reader([text], delimiter=separator))
    except csv.Error:  # noise, such as a lone carriage return: the place is a help, and no more
        return text.split(separator)
