"""How a file is written that does not begin with its header, or has decimal commas."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from ketaoutcomes.data.inspection.profile import columns_of
from ketaoutcomes.data.readers.raw import RawTable
from ketaoutcomes.data.readers.read import read_table
from ketaoutcomes.errors import DataError
from ketaoutcomes.plan.files import FileSource, Writing

TITLE_ROWS: Final = range(2, 13)
"""Rows that are tried as the header below a title."""
DECIMAL_COMMA: Final = re.compile(r"-?\d+,\d+")
WITH_COMMA: Final = re.compile(r"-?\d+(?:,\d+)?")
CODES: Final = ("-9", "-99", "-999", "-9999", "99", "999", "9999", "888")
"""Numbers that often stand for a missing value."""
FAR: Final = 3
"""A code is so many times larger than every other value."""


@dataclass(frozen=True)
class Read:
    """A file as it was read, and the keys of the data block by which it is read so."""

    raw: RawTable
    keys: dict[str, Any] = field(default_factory=dict)


def read_as_written(folder: Path, source: FileSource) -> Read:
    """Read a file, by another header row or decimal sign where it needs them.

    Raises
    ------
    DataError
        If it cannot be read by any of them; that of the plain reading.
    """
    row, raw = _with_header(folder, source)
    keys: dict[str, Any] = {"header_row": row} if row > 1 else {}
    if _has_decimal_commas(raw):
        raw = read_table(folder, source, Writing(decimal=",", header_row=row))
        keys["decimal"] = ","
    return Read(raw, keys)


def _with_header(folder: Path, source: FileSource) -> tuple[int, RawTable]:
    """The row of the header, and the file as it is read from there.

    Raises
    ------
    DataError
        If no row is one; that of the first row.
    """
    first = None
    try:
        first = read_table(folder, source, Writing())
        if not _is_title(first):
            return 1, first
    except DataError as error:
        fault = error
    for row in TITLE_ROWS:
        raw = _below_a_title(folder, source, row)
        if raw is not None and not _is_title(raw):
            return row, raw
    if first is None:
        raise fault
    return 1, first


def _is_title(raw: RawTable) -> bool:
    """Whether the first of several cells alone says something, as a title above a table does."""
    first, *others = map(str, raw.frame.columns)
    return bool(first.strip()) and bool(others) and not any(name.strip() for name in others)


def _below_a_title(folder: Path, source: FileSource, row: int) -> RawTable | None:
    """The file with its header in another row; None where that is none either."""
    try:
        raw = read_table(folder, source, Writing(header_row=row))
    except DataError:
        return None
    return raw if len(raw.frame.columns) > 1 else None


def _has_decimal_commas(raw: RawTable) -> bool:
    """Whether columns hold numbers with a comma, and nothing but such and whole numbers."""
    for name in raw.frame:
        values = [str(value) for value in raw.frame[name].dropna().unique()]
        commas = any(DECIMAL_COMMA.fullmatch(value) for value in values)
        if commas and all(WITH_COMMA.fullmatch(value) for value in values):
            return True
    return False


def codes_of_missing(raw: RawTable) -> tuple[str, ...]:
    """Codes such as 999 and -9 that lie far from all other values of every column that has them."""
    numeric = [column for column in columns_of(raw).values() if column.numeric]
    found = []
    for code in CODES:
        having = [column for column in numeric if (column.number == float(code)).any()]
        if having and all(_is_far(column.number, float(code)) for column in having):
            found.append(code)
    return tuple(found)


def _is_far(number: Any, code: float) -> bool:
    others = number[number.notna() & ~number.isin([float(c) for c in CODES])]
    if others.nunique() < len("abc"):
        return False
    if code < 0:
        return bool((others >= 0).all())
    return bool(others.max() * FAR < code)
