"""How a file is written that does not begin with its header, or has decimal commas."""

import codecs
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from ketaoutcomes.data.inspection.column_words import DAY_WORDS, TIME_WORDS, VISIT_WORDS, rank
from ketaoutcomes.data.inspection.profile import Column, columns_of
from ketaoutcomes.data.readers.csv_shape import NUMBER, UTF_16
from ketaoutcomes.data.readers.raw import RawTable
from ketaoutcomes.data.readers.read import TEXTS, read_table
from ketaoutcomes.errors import DataError
from ketaoutcomes.plan.files import FileSource, Writing

UTF_8: Final = "utf-8"
OF_WINDOWS: Final = "cp1252"
MOST_LOOKED_AT: Final = 1 << 20
"""Bytes at the start of a file by which its encoding is told."""
TITLE_ROWS: Final = range(2, 13)
"""Rows that are tried as the header below a title."""
DECIMAL_COMMA: Final = re.compile(r"-?\d+,\d+")
WITH_COMMA: Final = re.compile(r"-?\d+(?:,\d+)?")
CODES: Final = (
    *("-9", "-99", "-999", "-9999", "-8", "-88", "-7", "-77", "-1"),
    *("77", "88", "99", "777", "888", "998", "999", "9999"),
)
"""Numbers that often stand for a missing value."""
DAYS_BEFORE: Final = ("-1", "-7", "-8")
FEWEST_BEFORE_MINUS_ONE: Final = 10
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
    encoding = _encoding_of(folder, source)
    row, raw = _with_header(folder, source, encoding)
    keys: dict[str, Any] = {"header_row": row} if row > 1 else {}
    keys |= {"encoding": encoding} if encoding != UTF_8 else {}
    if _has_decimal_commas(raw):
        raw = read_table(folder, source, Writing(encoding, decimal=",", header_row=row))
        keys["decimal"] = ","
    return Read(raw, keys)


def _encoding_of(folder: Path, source: FileSource) -> str:
    """UTF-8, or for a text file that is not: that of Windows in the West.

    UTF-16 is known by its mark where the file is read. cp1252 leaves five bytes without a meaning.
    """
    if not isinstance(source, str) or not source.casefold().endswith((".csv", ".tsv", *TEXTS)):
        return UTF_8
    with (folder / source).open("rb") as file:
        start = file.read(MOST_LOOKED_AT)
    if start.startswith(UTF_16):
        return UTF_8
    decoder = codecs.getincrementaldecoder(UTF_8)()
    try:
        decoder.decode(start, final=False)
    except UnicodeDecodeError:
        return OF_WINDOWS if _is_text(start) else UTF_8
    return UTF_8


def _is_text(content: bytes) -> bool:
    """Whether all bytes are letters of Windows, and not the parts of some other file."""
    try:
        content.decode(OF_WINDOWS)
    except UnicodeDecodeError:
        return False
    return b"\0" not in content


def _with_header(folder: Path, source: FileSource, encoding: str) -> tuple[int, RawTable]:
    """The row of the header, and the file as it is read from there.

    Raises
    ------
    DataError
        If no row is one; that of the first row.
    """
    first = None
    try:
        first = read_table(folder, source, Writing(encoding))
        if not _is_title(first):
            return 1, first
    except DataError as error:
        fault = error
    for row in TITLE_ROWS:
        raw = _below_a_title(folder, source, row, encoding)
        if raw is not None and not _is_title(raw):
            return row, raw
    if first is None:
        raise fault
    return 1, first


def _is_title(raw: RawTable) -> bool:
    """Whether the first of several cells alone says something, as a title above a table does."""
    first, *others = map(str, raw.frame.columns)
    return first not in raw.unnamed and bool(others) and raw.unnamed.issuperset(others)


def _below_a_title(folder: Path, source: FileSource, row: int, encoding: str) -> RawTable | None:
    """The file with its header in another row; None where that is none either.

    A row with a number is one of data, which would be lost as a header.
    """
    try:
        raw = read_table(folder, source, Writing(encoding, header_row=row))
    except DataError:
        return None
    names = [str(name) for name in raw.frame.columns]
    return raw if len(names) > 1 and not any(map(NUMBER.fullmatch, names)) else None


def _has_decimal_commas(raw: RawTable) -> bool:
    """Whether columns hold numbers with a comma, and nothing but such and whole numbers."""
    for name in raw.frame:
        values = [str(value) for value in raw.frame[name].dropna().unique()]
        commas = any(DECIMAL_COMMA.fullmatch(value) for value in values)
        if commas and all(WITH_COMMA.fullmatch(value) for value in values):
            return True
    return False


@dataclass(frozen=True)
class CodeOfMissing:
    """Columns in which a code lies far from other values, and whether no column has it as one."""

    columns: tuple[str, ...]
    everywhere: bool


def codes_of_missing(raw: RawTable) -> dict[str, CodeOfMissing]:
    """Codes such as 999 and -9, with the columns in which they lie far from all other values.

    A change may be -9 where that is a code in the column of its score.
    """
    numeric = [column for column in columns_of(raw).values() if column.numeric]
    found: dict[str, CodeOfMissing] = {}
    for code in CODES:
        having = [column for column in numeric if (column.number == float(code)).any()]
        far = tuple(c.name for c in having if _may_lack(c, code) and _is_far(c.number, float(code)))
        if far:
            found[code] = CodeOfMissing(far, everywhere=len(far) == len(having))
    return found


def _may_lack(column: Column, code: str) -> bool:
    """Whether a code may mean missing in a column: a day or a week before treatment is below 0."""
    of_time = rank(column, (*DAY_WORDS, *VISIT_WORDS, *TIME_WORDS)) is not None
    return not (of_time and code in DAYS_BEFORE)


def _is_far(number: Any, code: float) -> bool:
    others = number[number.notna() & ~number.isin([float(c) for c in CODES])]
    yes_or_no = set(others) == {0.0, 1.0}
    if others.nunique() < len("abc") and not yes_or_no:
        return False
    if code == -1 and others.nunique() < FEWEST_BEFORE_MINUS_ONE:
        return False  # it may be one of a few codes, next to 0 and 1
    if code < 0:
        return bool((others >= 0).all())
    return bool(others.max() * FAR < code)
