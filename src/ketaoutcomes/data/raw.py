"""A table of text, the same whatever the format of its file."""

from dataclasses import dataclass, field
from typing import Final

import numpy as np
import pandas as pd

MISSING: Final = frozenset(("", ".", "NA", "NaN", "nan", "NaT", "None", "<NA>"))
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
    """

    name: str
    frame: pd.DataFrame
    any_case: bool = False
    dates: frozenset[str] = frozenset()
    titles: dict[str, str] = field(default_factory=dict)

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


def as_text(values: pd.Series) -> pd.Series:
    """The values as text; each distinct value is written once."""
    codes, distinct = pd.factorize(values)
    texts = np.array([*map(_text, distinct), None], dtype=object)
    return pd.Series(texts[codes], index=values.index, dtype=object)


def _text(value: object) -> str | None:
    """One value as a user would write it; None where missing."""
    if isinstance(value, bool | np.bool_):
        return "true" if value else "false"
    if isinstance(value, float | np.floating):
        number = float(value)
        whole = number.is_integer() and abs(number) < LARGEST_EXACT_INTEGER
        return str(int(number)) if whole else repr(number)
    if isinstance(value, bytes):
        return f"{len(value)} bytes"
    text = str(value).strip()
    return None if text in MISSING else text
