"""Numbers that stand in more than one place have the same digits everywhere."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any, Final

import numpy as np

from ketaoutcomes.families.fitted import ModelRecord
from ketaoutcomes.privacy.digits import AROUND, blanked
from ketaoutcomes.results import Result

NUMBERS: Final = ("estimate", "std_error", "df", "conf_low", "conf_high", "p_value")
FEWEST_DIGITS: Final = 6
"""A number with fewer digits stands in several places by chance."""

ALIKE: Final = 9
"""Numbers with so many digits in common are one: two programs, or two models, give the same."""

Digits = Mapping[str, tuple[float | None, str]]
"""A number as it was, to `ALIKE` digits -> what is published in its place, and its step."""


def alike(rows: tuple[Result, ...], before: tuple[Result, ...]) -> tuple[Result, ...]:
    """The rows in which every number that is rounded elsewhere is rounded as there."""
    digits = _digits(rows, before)
    return tuple(_alike(row, digits) for row in rows) if digits else rows


def sums_of_means(rows: tuple[Result, ...]) -> tuple[Result, ...]:
    """The rows in which a sum is the published mean times the participants.

    Rounded by itself it would be another reading of the mean.
    """
    means = {
        _described(row): row for row in rows if row.statistic == "mean" and _is_less(row.suppressed)
    }
    return tuple(
        _sum_of(row, means[_described(row)])
        if row.statistic == "sum" and row.estimate is not None and _described(row) in means
        else row
        for row in rows
    )


def _described(row: Result) -> tuple[str, ...]:
    return (row.table, row.analysis, row.phase, row.visit, row.group, row.arm, row.unit)


def _is_less(suppressed: str) -> bool:
    return any(word.partition(":")[0] == "estimate" for word in suppressed.split())


def _sum_of(row: Result, mean: Result) -> Result:
    if mean.estimate is None or row.n is None:
        return replace(row, estimate=None, status="suppressed", suppressed="estimate")
    low, high = mean.ends_of("estimate") or (mean.estimate, mean.estimate)
    step = f"estimate:{row.n * (high - low):g}"
    return replace(row, estimate=row.n * mean.estimate, suppressed=step)


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
        _key(old): (new, step)
        for row, was in zip(rows, before, strict=True)
        for old, new, step in _changed(row, was)
        if len(repr(abs(old)).replace(".", "").lstrip("0")) >= FEWEST_DIGITS
    }


def _key(value: float) -> str:
    return f"{value:.{ALIKE}g}"


def _changed(row: Result, was: Result) -> Iterator[tuple[float, float | None, str]]:
    steps = {name: step for name, _, step in (w.partition(":") for w in row.suppressed.split())}
    for name in NUMBERS:
        old, new = getattr(was, name), getattr(row, name)
        if old is not None and new != old:
            yield old, new, steps.get(name, "")


def _alike(row: Result, digits: Digits) -> Result:
    found = {
        name: digits[_key(getattr(row, name))]
        for name in NUMBERS
        if getattr(row, name) is not None and _key(getattr(row, name)) in digits
    }
    if _is_share_of_counts(row):
        found.pop("estimate", None)
    if not found:
        return row
    changes: dict[str, Any] = {name: new for name, (new, _) in found.items()}
    told = (n if new is None else f"{n}:{step}" for n, (new, step) in found.items())
    words = {*row.suppressed.split(), *told}
    less = replace(row, **changes, suppressed=" ".join(sorted(words)))
    if "estimate" not in found:
        return less
    full = {name for name in AROUND if name not in {w.partition(":")[0] for w in words}}
    return blanked(less, full)  # limits in full have it in their middle


def _is_share_of_counts(row: Result) -> bool:
    """Whether an estimate is the share of the counts that stand next to it."""
    if not row.n or row.n_events is None or row.estimate is None:
        return False
    shown = not {"n", "n_events"} & {word.partition(":")[0] for word in row.suppressed.split()}
    return shown and _key(row.n_events / row.n) in {_key(row.estimate), _key(row.estimate / 100)}


def _replaced(value: Any, digits: Digits) -> Any:
    """A field of a record with the published digits; NaN where there are none."""
    if isinstance(value, np.ndarray) and value.dtype.kind == "f":
        flat = [digits.get(_key(x), (x, ""))[0] for x in value.ravel().tolist()]
        return np.array([np.nan if x is None else x for x in flat]).reshape(value.shape)
    if isinstance(value, float):
        found, _ = digits.get(_key(value), (value, ""))
        return np.nan if found is None else found
    return value
