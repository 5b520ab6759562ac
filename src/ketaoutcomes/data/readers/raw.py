"""A table of text, the same whatever the format of its file."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

import numpy as np
import pandas as pd

LARGEST_EXACT_INTEGER: Final = 2.0**53


@dataclass(frozen=True)
class RawTable:
    """A file as it was read.

    Attributes
    ----------
    name : str
        Name of the file.
    frame : DataFrame
        All values as text, None where missing; the index holds the row numbers a user sees: the
        header of a CSV file is row 1, the first observation of the other formats is row 1.
    any_case : bool
        Whether upper and lower case in column names are the same, as in SAS.
    dates : frozenset of str
        Columns that the file itself says hold dates, be they written as numbers.
    titles : dict of str to str
        What the file says of its columns at length, as SAS and SPSS do.
    worded : frozenset of str
        Columns whose values the file holds as text; a number in them is written in the way that
        the plan says. The others hold numbers.
    absent : dict of str to dict of str to int
        Column -> what was read there as missing, other than an empty cell -> in how many cells.
    doubtful : dict of str to Series
        Column -> the numbers, by row, that have the sign that the plan does not use: 1.012 where
        the decimal sign is a comma.
    unnamed : frozenset of str
        Columns that have no name in the file and are called after their place.
    sha256s : tuple of (str, str)
        The file, and the logs of a database, with the SHA-256 of the bytes that were read.
    """

    name: str
    frame: pd.DataFrame
    any_case: bool = False
    dates: frozenset[str] = frozenset()
    titles: dict[str, str] = field(default_factory=dict)
    worded: frozenset[str] = frozenset()
    absent: dict[str, dict[str, int]] = field(default_factory=dict)
    doubtful: dict[str, pd.Series] = field(default_factory=dict)
    unnamed: frozenset[str] = frozenset()
    sha256s: tuple[tuple[str, str], ...] = ()

    def find(self, column: str) -> str | None:
        """The column of this name as the file spells it, or None."""
        if column in self.frame.columns:
            return column
        same = [name for name in self.frame.columns if name.casefold() == column.casefold()]
        return same[0] if self.any_case and len(same) == 1 else None


def all_text(frame: pd.DataFrame) -> pd.DataFrame:
    """Every column as text, rows numbered from 1."""
    rows = pd.RangeIndex(1, len(frame) + 1, name="row")
    numbered = frame.set_axis(rows, axis=0)
    return pd.DataFrame({str(name): as_text(numbered[name]) for name in frame.columns}, index=rows)


def table_of_words(
    name: str, header: list[str], rows: list[tuple[int, list[str]]], missing: frozenset[str]
) -> RawTable:
    """The table of a text file, in which some words, beside empty cells, mean missing.

    All cells are looked at together, so that a file of a hundred thousand columns takes seconds.
    """
    index = pd.Index([number for number, _ in rows], name="row", dtype="int64")
    cells = np.empty((len(rows), len(header)), dtype=object)
    for at, (_, row) in enumerate(rows):
        cells[at] = row
    codes, distinct = pd.factorize(cells.ravel())
    codes = codes.reshape(cells.shape)
    told = [word.strip() for word in distinct]
    texts = np.array([None if word in missing else word or None for word in told], dtype=object)
    absent: dict[str, dict[str, int]] = {}
    for mark in (code for code, word in enumerate(told) if word in missing):
        counts = (codes == mark).sum(axis=0)
        for place in np.flatnonzero(counts):
            of_column = absent.setdefault(header[place], {})
            of_column[told[mark]] = of_column.get(told[mark], 0) + int(counts[place])
    frame = pd.DataFrame(texts[codes], columns=pd.Index(header), index=index)
    return RawTable(name, frame, worded=frozenset(header), absent=absent)


def with_others(texts: pd.Series, others: Mapping[str, str | None]) -> pd.Series:
    """The texts, some of them replaced by others or by nothing."""
    found = [others.get(text, text) for text in texts]
    return pd.Series(found, index=texts.index, name=texts.name, dtype=object)


def columns_of_words(frame: pd.DataFrame) -> frozenset[str]:
    """The columns of a typed table that hold a text."""
    return frozenset(
        str(name)
        for name in frame.columns
        if not pd.api.types.is_numeric_dtype(frame[name])
        and any(isinstance(value, str | bytes) for value in frame[name].unique())
    )


def all_labelled(values: pd.Series, labels: Mapping[Any, str]) -> bool:
    """Whether every value that is present has a label, so that the column is one of labels."""
    present = values.dropna().unique()
    return len(present) > 0 and all(value in labels for value in present)


def as_text(values: pd.Series) -> pd.Series:
    """The values as text; each distinct value is written once."""
    codes, distinct = pd.factorize(values)
    single = values.dtype == np.float32  # whose values pandas gives as floats of Python
    told = map(np.float32, distinct) if single else distinct
    texts = np.array([*map(text_of, told), None], dtype=object)
    return pd.Series(texts[codes], index=values.index, dtype=object)


def text_of(value: object) -> str | None:
    """One value as a user would write it; None where missing. Any word is a value."""
    if isinstance(value, bool | np.bool_):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return _decimal_text(value)
    if isinstance(value, float | np.floating):
        double = isinstance(value, float)
        number = float(value) if double else float(str(value))  # 34.6, not 34.599998474121094
        whole = number.is_integer() and abs(number) < LARGEST_EXACT_INTEGER
        return str(int(number)) if whole else repr(number)
    if isinstance(value, bytes):
        return _bytes_text(value)
    if isinstance(value, datetime) and value.tzinfo is None and value == _midnight(value):
        return value.date().isoformat()
    return str(value).strip() or None


def _bytes_text(value: bytes) -> str | None:
    """The text that some programs keep as bytes; of other bytes their number."""
    try:
        text = value.decode().strip()
    except UnicodeDecodeError:
        return f"{len(value)} bytes"
    return (text or None) if text.isprintable() else f"{len(value)} bytes"


def _decimal_text(value: Decimal) -> str | None:
    """1.0 as 1 and 2.50 as 2.5, as of a floating-point column; every digit of a long one."""
    if not value.is_finite():
        return None if value.is_nan() else str(value)
    return str(int(value)) if value == value.to_integral_value() else f"{value.normalize():f}"


def _midnight(value: datetime) -> datetime:
    return datetime(value.year, value.month, value.day)  # noqa: DTZ001 - it has no zone either
