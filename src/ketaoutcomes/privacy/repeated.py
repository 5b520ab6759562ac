"""Numbers that stand in more than one place have the same digits everywhere."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any, Final

import numpy as np

from ketaoutcomes.families.fitted import ModelRecord
from ketaoutcomes.results import Result

NUMBERS: Final = ("estimate", "std_error", "df", "conf_low", "conf_high", "p_value")
FEWEST_DIGITS: Final = 6
"""A number with fewer digits stands in several places by chance."""

Digits = Mapping[float, float | None]
"""A number as it was -> what is published in its place."""


def alike(rows: tuple[Result, ...], before: tuple[Result, ...]) -> tuple[Result, ...]:
    """The rows in which every number that is rounded elsewhere is rounded as there."""
    digits = _digits(rows, before)
    return tuple(_alike(row, digits) for row in rows) if digits else rows


def with_digits(
    record: ModelRecord, before: tuple[Result, ...], rows: tuple[Result, ...]
) -> ModelRecord:
    """The record in which every number that the rows round is rounded as there."""
    digits = _digits(rows, before)
    if not digits or not is_dataclass(record):
        return record
    changes = {f.name: _replaced(getattr(record, f.name), digits) for f in fields(record)}
    return replace(record, **changes)


def _digits(rows: Iterable[Result], before: Iterable[Result]) -> Digits:
    return {
        old: new
        for row, was in zip(rows, before, strict=True)
        for old, new in _changed(row, was)
        if len(repr(abs(old)).replace(".", "").lstrip("0")) >= FEWEST_DIGITS
    }


def _changed(row: Result, was: Result) -> Iterator[tuple[float, float | None]]:
    for name in NUMBERS:
        old, new = getattr(was, name), getattr(row, name)
        if old is not None and new != old:
            yield old, new


def _alike(row: Result, digits: Digits) -> Result:
    found = {
        name: digits[getattr(row, name)]
        for name in NUMBERS
        if getattr(row, name) is not None and getattr(row, name) in digits
    }
    if not found:
        return row
    changes: dict[str, Any] = dict(found)
    words = {*row.suppressed.split(), *(n if v is None else f"{n}:" for n, v in found.items())}
    return replace(row, **changes, suppressed=" ".join(sorted(words)))


def _replaced(value: Any, digits: Digits) -> Any:
    """A field of a record with the published digits; NaN where there are none."""
    if isinstance(value, np.ndarray) and value.dtype.kind == "f":
        flat = [digits.get(x, x) for x in value.ravel().tolist()]
        return np.array([np.nan if x is None else x for x in flat]).reshape(value.shape)
    if isinstance(value, float):
        found = digits.get(value, value)
        return np.nan if found is None else found
    return value
