"""Formulas of derived columns, worked out for the rows of a file.

What is missing stays missing: a sum with a missing part is missing, and so is a comparison; `and`
is no where one side is no, `or` is yes where one side is yes.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from ketaoutcomes.data.mapping import is_number, numbers, plain
from ketaoutcomes.data.readers.raw import RawTable, as_text
from ketaoutcomes.plan.expression import Column, Constant, Expression

YES: Final = ("yes", "true")
NO: Final = ("no", "false")
MOST_LETTERS: Final = 10_000
"""Of a text that a formula makes; no label or code is longer."""
WHOLE_DATE: Final = re.compile(r"\d{4}-?\d{2}-?\d{2}(?!\d)")

Floats = np.ndarray[Any, np.dtype[np.float64]]
Texts = np.ndarray[Any, np.dtype[np.object_]]


class UnfitValuesError(Exception):
    """Values that a formula cannot use.

    Attributes
    ----------
    expected : str
        What it needs instead.
    rows : array of bool
        Where they are.
    column : str or None
        The column that they are taken from as they stand; None of what was calculated.
    """

    def __init__(self, expected: str, rows: np.ndarray, values: "Values") -> None:
        super().__init__(expected)
        self.expected, self.rows, self.column = expected, rows, values.column
        self.found = values.texts[rows]


@dataclass(frozen=True)
class Values:
    """A value for each row.

    Attributes
    ----------
    kind : {"number", "text", "yes or no"}
    texts : array of object
        As text, None where missing.
    floats : array of float, or None
        As numbers, NaN where missing; 1 and 0 of yes and no. None of texts.
    column : str or None
        The column of the file that they are.
    """

    kind: str
    texts: Texts
    floats: Floats | None = None
    column: str | None = None

    def as_numbers(self, what: str) -> Floats:
        """The values as numbers; words among them are unfit."""
        if self.floats is not None:
            return self.floats
        floats = numbers(pd.Series(self.texts, dtype=object)).to_numpy()
        odd = np.isnan(floats) & _told(self.texts)
        if odd.any():
            raise UnfitValuesError(f"numbers, as {what} needs", odd, self)
        return floats

    def as_conditions(self, what: str) -> Floats:
        """1 where yes, 0 where no, NaN where missing; other values are unfit."""
        floats = self.floats
        if floats is None:
            known = {word: float(word in YES) for word in (*YES, *NO)}
            words = [known.get(str(text).casefold(), np.nan) for text in self.texts]
            floats = np.array(words, dtype=float)
        odd = _told(self.texts) & ~np.isin(floats, (0.0, 1.0))
        if odd.any():
            raise UnfitValuesError(f"a condition or yes and no, as {what} needs", odd, self)
        return floats


def evaluated(formula: Expression, table: RawTable) -> pd.Series:
    """The formula for each row of a table, as text.

    Raises
    ------
    UnfitValuesError
        If it needs numbers, yes and no, or days where the table has others, or gives a number that
        does not exist, as 1 / 0.
    LookupError
        If the table lacks a column; the text is its name.
    """
    texts = [None if t is None else t.strip() or None for t in _evaluated(formula, table).texts]
    return pd.Series(texts, index=table.frame.index, dtype=object)


def _evaluated(formula: Expression, table: RawTable) -> Values:
    if isinstance(formula, Constant):
        return _constant(formula.value, len(table.frame))
    if isinstance(formula, Column):
        return _column(formula.name, table)
    of = [_evaluated(part, table) for part in formula.of]
    if formula.name == "-" and len(of) == 1:
        return _of_numbers(-of[0].as_numbers("`-`"), "`-`", of)
    return OPERATIONS[formula.name](formula.name, of)


def _constant(value: float | str, rows: int) -> Values:
    if isinstance(value, str):
        return Values("text", np.full(rows, value or None, dtype=object))
    return _numbers(np.full(rows, value))


def _column(name: str, table: RawTable) -> Values:
    """A column is of numbers if each of its values is one; a code such as 007 is a text."""
    found = table.find(name)
    if found is None:
        raise LookupError(name)
    texts = table.frame[found].to_numpy(dtype=object)
    distinct = [text for text in pd.unique(texts) if text is not None]
    if all(map(is_number, distinct)):
        floats = numbers(pd.Series(texts, dtype=object)).to_numpy()
        return Values("number", texts, floats, found)
    return Values("text", texts, None, found)


def _told(texts: Texts) -> np.ndarray:
    return np.array([text is not None for text in texts], dtype=bool)


def _numbers(floats: Floats) -> Values:
    return Values("number", as_text(pd.Series(floats)).to_numpy(dtype=object), floats)


def _conditions(floats: Floats) -> Values:
    words = {1.0: "yes", 0.0: "no"}
    return Values("yes or no", np.array([words.get(f) for f in floats], dtype=object), floats)


def _of_numbers(floats: Floats, what: str, of: Sequence[Values]) -> Values:
    """A result of numbers, which exists wherever all that it is made of is there."""
    there = np.logical_and.reduce([_told(values.texts) for values in of])
    odd = there & ~np.isfinite(floats)
    if odd.any():
        first = next((values for values in of if values.column is not None), of[0])
        raise UnfitValuesError(f"values for which {what} is a number", odd, first)
    return _numbers(floats)


def _arithmetic(function: Callable[..., Floats]) -> Callable[[str, Sequence[Values]], Values]:
    def made(name: str, of: Sequence[Values]) -> Values:
        what = f"`{name}`"
        with np.errstate(all="ignore"):
            return _of_numbers(function(*(v.as_numbers(what) for v in of)), what, of)

    return made


def _compared(name: str, of: Sequence[Values]) -> Values:
    """Numbers by size; texts, and anything against a text, by whether they are the same."""
    left, right = of
    there = _told(left.texts) & _told(right.texts)
    if name in ("=", "!=") and "text" in (left.kind, right.kind) and not _of_constant_number(of):
        pairs = zip(left.texts, right.texts, strict=True)
        same = np.array([a == b or plain(str(a)) == plain(str(b)) for a, b in pairs])
        held = same if name == "=" else ~same
    else:
        what = f"`{name}`"
        pair = left.as_numbers(what), right.as_numbers(what)
        held = COMPARING[name](*pair)
    return _conditions(np.where(there, held.astype(float), np.nan))


def _of_constant_number(of: Sequence[Values]) -> bool:
    """Whether a column of words is held against a number, as in `site = 6`."""
    return any(values.kind == "number" and values.column is None for values in of)


def _among(_: str, of: Sequence[Values]) -> Values:
    value, *choices = of
    return _some("or", [_compared("=", (value, choice)) for choice in choices])


def _some(name: str, of: Sequence[Values]) -> Values:
    """`and` and `or` of conditions of which some may be missing (Kleene)."""
    stacked = np.array([values.as_conditions(f"`{name}`") for values in of])
    unknown = np.isnan(stacked).any(axis=0)
    if name == "or":
        return _conditions(np.where((stacked == 1).any(axis=0), 1.0, np.where(unknown, np.nan, 0)))
    return _conditions(np.where((stacked == 0).any(axis=0), 0.0, np.where(unknown, np.nan, 1)))


def _not(_: str, of: Sequence[Values]) -> Values:
    return _conditions(1 - of[0].as_conditions("`not`"))


def _if(_: str, of: Sequence[Values]) -> Values:
    held = of[0].as_conditions("`if`")
    return _chosen([held == 1, held == 0], of[1:])


def _coalesce(_: str, of: Sequence[Values]) -> Values:
    """The first value that is there."""
    return _chosen([_told(values.texts) for values in of], of)


def _chosen(where: Sequence[np.ndarray], of: Sequence[Values]) -> Values:
    """For each row the first value whose condition holds."""
    texts = np.full(len(of[0].texts), None, dtype=object)
    for holds, values in reversed(list(zip(where, of, strict=True))):
        texts = np.where(holds, values.texts, texts)
    if any(values.floats is None for values in of):
        return Values("text", texts)
    floats = np.select(where, [v.floats for v in of if v.floats is not None], default=np.nan)
    kinds = {values.kind for values in of}
    return _conditions(floats) if kinds == {"yes or no"} else Values("number", texts, floats)


def _missing(_: str, of: Sequence[Values]) -> Values:
    return _conditions(1.0 - _told(of[0].texts))


def _number(_: str, of: Sequence[Values]) -> Values:
    return _numbers(of[0].as_numbers("`number`"))


def _as_text(_: str, of: Sequence[Values]) -> Values:
    return Values("text", of[0].texts)


def _worded(function: Callable[..., Any]) -> Callable[[str, Sequence[Values]], Values]:
    """A function of texts; missing where one of them is."""

    def made(_: str, of: Sequence[Values]) -> Values:
        rows = zip(*(values.texts for values in of), strict=True)
        found = [None if None in row else function(*row) for row in rows]
        _refuse_long(found, of[0])
        if all(f is None or isinstance(f, bool) for f in found):
            return _conditions(np.array([np.nan if f is None else float(f) for f in found]))
        return Values("text", np.array([f or None for f in found], dtype=object))

    return made


def _refuse_long(found: Sequence[Any], of: Values) -> None:
    """Refuse texts that grow without need, as `replace` within `replace` makes them."""
    long = np.array([isinstance(text, str) and len(text) > MOST_LETTERS for text in found])
    if long.any():
        raise UnfitValuesError(f"texts of at most {MOST_LETTERS:,} letters", long, of)


def _with_new(text: str, old: str, new: str) -> str:
    """A text with others in place of some; one that grows, no further than it is refused."""
    grows = len(new) > len(old)
    return text.replace(old, new, MOST_LETTERS // len(new) + 1 if grows else -1)


def _replaced(name: str, of: Sequence[Values]) -> Values:
    """Words replaced by others, or by `""`, which alone of all texts is not missing here."""
    text, old, new = of
    if new.column is None and not _told(new.texts).any():
        new = Values("text", np.full(len(new.texts), "", dtype=object))
    return _worded(_with_new)(name, (text, old, new))


def _part(_: str, of: Sequence[Values]) -> Values:
    """One of the parts of a text between signs, from 1, or from the end as -1."""
    text, sign, which = of
    places = which.as_numbers("`part`")
    odd = ~np.isnan(places) & (places % 1 != 0)
    if odd.any():
        raise UnfitValuesError("whole numbers, as `part` needs", odd, which)
    rows = zip(text.texts, sign.texts, places, strict=True)
    found = [
        None if None in (a, b) or np.isnan(at) else _at_place(a.split(b), int(at))
        for a, b, at in rows
    ]
    return Values("text", np.array(found, dtype=object))


def _at_place(parts: list[str], at: int) -> str | None:
    at = at - 1 if at > 0 else at
    return parts[at].strip() or None if -len(parts) <= at < len(parts) else None


def _days_between(_: str, of: Sequence[Values]) -> Values:
    """Days from one date to another, both as ISO 8601 has them; a year alone is no date."""
    days = []
    for values in of:
        moments = pd.to_datetime(pd.Series(values.texts), errors="coerce", format="ISO8601")
        whole = np.array([bool(WHOLE_DATE.match(str(text))) for text in values.texts])
        odd = (moments.isna().to_numpy() | ~whole) & _told(values.texts)
        if odd.any():
            raise UnfitValuesError("dates as 2021-05-03, as `days_between` needs", odd, values)
        days.append(moments.dt.floor("D"))
    between = (days[1] - days[0]) / pd.Timedelta(days=1)
    return _numbers(np.asarray(between, dtype=np.float64))


def _rounded(values: Floats, digits: Floats | None = None) -> Floats:
    """To the nearest, halves away from zero, as a reader does it by hand."""
    places = np.zeros_like(values) if digits is None else digits
    scale = np.where(places % 1 == 0, 10.0**places, np.nan)  # a half of a digit rounds nothing
    scaled = np.abs(values) * scale
    # 1.005 is a little less than it says; what a reader sees is what is rounded
    return np.sign(values) * np.floor(np.round(scaled, 9) + 0.5) / scale


COMPARING: Final[dict[str, Callable[[Floats, Floats], np.ndarray]]] = {
    "=": np.equal,
    "!=": np.not_equal,
    "<": np.less,
    "<=": np.less_equal,
    ">": np.greater,
    ">=": np.greater_equal,
}
OPERATIONS: Final[dict[str, Callable[[str, Sequence[Values]], Values]]] = {
    "+": _arithmetic(np.add),
    "-": _arithmetic(np.subtract),
    "*": _arithmetic(np.multiply),
    "/": _arithmetic(np.divide),
    "^": _arithmetic(np.power),
    "abs": _arithmetic(np.abs),
    "sqrt": _arithmetic(np.sqrt),
    "exp": _arithmetic(np.exp),
    "log": _arithmetic(np.log),
    "log10": _arithmetic(np.log10),
    "floor": _arithmetic(np.floor),
    "ceiling": _arithmetic(np.ceil),
    "round": _arithmetic(_rounded),
    "min": _arithmetic(lambda *of: np.minimum.reduce(of)),
    "max": _arithmetic(lambda *of: np.maximum.reduce(of)),
    "sum": _arithmetic(lambda *of: np.add.reduce(of)),
    "mean": _arithmetic(lambda *of: np.add.reduce(of) / len(of)),
    **dict.fromkeys(COMPARING, _compared),
    "in": _among,
    "and": _some,
    "or": _some,
    "not": _not,
    "if": _if,
    "coalesce": _coalesce,
    "missing": _missing,
    "number": _number,
    "text": _as_text,
    "&": _worded(lambda a, b: a + b),
    "lower": _worded(str.lower),
    "upper": _worded(str.upper),
    "trim": _worded(str.strip),
    "contains": _worded(lambda text, inside: inside in text),
    "starts_with": _worded(str.startswith),
    "ends_with": _worded(str.endswith),
    "replace": _replaced,
    "part": _part,
}
OPERATIONS["days_between"] = _days_between
