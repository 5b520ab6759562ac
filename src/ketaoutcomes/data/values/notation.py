"""Numbers that are kept as text, in the notation that the plan says, written with a point alone."""

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from ketaoutcomes.data.readers.raw import RawTable, with_others
from ketaoutcomes.plan.files import Writing

if TYPE_CHECKING:
    import pandas as pd

SPACES: Final = " \u00a0\u2009\u202f"
"""The spaces that may stand between thousands and hundreds, most of which do not break."""
WITH_POINT: Final = re.compile(r"[+-]?\d*\.\d+(?:[eE][+-]?\d+)?")


def with_points(table: RawTable, writing: Writing) -> RawTable:
    """The table with a decimal point in every number, and no sign between thousands.

    Columns that the file itself holds as numbers, and columns of labels, stay as they are. A number
    with the sign that the plan does not use is left as it is and remembered: with a decimal comma,
    1.012 may be a thousand and twelve.
    """
    if writing.decimal == "." and writing.grouping is None:
        return table
    columns = [c for c in table.frame if c in table.worded and c.casefold() not in writing.labels]
    number = number_in(writing)
    frame = table.frame.copy(deep=False)
    doubtful: dict[str, pd.Series] = {}
    for column in columns:
        words = [word for word in frame[column].unique() if word is not None]
        odd = [w for w in words if WITH_POINT.fullmatch(w) and not number.fullmatch(w)]
        written = {word: _plain(word, writing) for word in words if number.fullmatch(word)}
        if odd and len(odd) + len(written) > len(words) / 2:
            doubtful[column] = frame[column][frame[column].isin(odd)]
        changed = {word: plain for word, plain in written.items() if word != plain}
        if changed:
            frame[column] = with_others(frame[column], changed)
    return replace(table, frame=frame, doubtful=doubtful)


def number_in(writing: Writing) -> re.Pattern[str]:
    """A number as the plan says that numbers are written."""
    whole, decimal = r"\d+", re.escape(writing.decimal)
    if writing.grouping is not None:
        signs = SPACES if writing.grouping == " " else re.escape(writing.grouping)
        whole = rf"(?:[1-9]\d{{0,2}}(?:[{signs}]\d{{3}})+|\d+)"
    return re.compile(rf"[+-]?(?:{whole}(?:{decimal}\d+)?|{decimal}\d+)(?:[eE][+-]?\d+)?")


def _plain(word: str, writing: Writing) -> str:
    """A number with a point as its only sign."""
    signs = SPACES if writing.grouping == " " else writing.grouping or ""
    whole = word.translate({ord(sign): None for sign in signs})
    return whole.replace(writing.decimal, ".")
