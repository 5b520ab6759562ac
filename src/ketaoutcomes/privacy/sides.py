"""On which side of no effect a limit lies, and of 0.05 a p-value, however far a row is rounded.

A p-value of 0.048 that is worked out of a rounded estimate may come to 0.055, and the rounded limit
of an interval that excludes no effect may come to include it. The side is published as it is, and
the audit reckons with a reader who knows it.
"""

from collections.abc import Iterator
from itertools import pairwise
from typing import Final

import numpy as np

from ketaoutcomes.numerics.allowed import BoolArray, FloatArray
from ketaoutcomes.numerics.distributions import norm, t
from ketaoutcomes.results import Result

P_CLASSES: Final = (0.0, 0.001, 0.01, 0.05, 0.1, 0.2, 0.5, 1.0)
"""The ends of the ranges that p-values are given in."""
SIDES: Final = (0.0, 0.05, 1.0)
"""A p-value is always known to lie on one side of the level in between."""
EXACT: Final = 1e-9

Interval = tuple[float, float]


def no_effect(row: Result) -> float:
    """The number that means no effect: one for a ratio, else nought."""
    return 1.0 if row.is_ratio else 0.0


def range_of_p(true: float, within: Interval) -> Interval:
    """The classes that a p-value lies in for all that a reader knows, on the true side of 0.05.

    Parameters
    ----------
    within : tuple of float
        Between which numbers the rounded estimate and its error leave it.
    """
    low, high = min(within[0], true), max(within[1], true)
    start, stop = next(pair for pair in pairwise(SIDES) if true <= pair[1])
    low, high = max(low, start), min(high, stop)
    return (
        max(end for end in P_CLASSES if end <= low + EXACT),
        min(end for end in P_CLASSES if end >= high - EXACT),
    )


def is_tested(row: Result) -> bool:
    """Whether it matters on which side of no effect the limits of a row lie."""
    return bool(row.reference) or row.p_value is not None


def limit_on_its_side(row: Result, true: float, told: float, step: float) -> Interval:
    """A rounded limit, and its step, on the side of no effect where it truly lies.

    One that rounding would move to the other side is given as the middle of what is left there.
    """
    null = no_effect(row)
    if not is_tested(row):
        return told, step
    low, high = told - step / 2, told + step / 2
    if true < null <= told and low < null:
        return _middle(low, null)
    if true > null >= told and high > null:
        return _middle(null, high)
    return told, step


def _middle(low: float, high: float) -> Interval:
    return (low + high) / 2, high - low


def agree_with_sides(row: Result, estimates: FloatArray) -> BoolArray:
    """Which estimates lie on the same sides as that of a row, with its standard error.

    A limit lies at no effect where the estimate is as many standard errors as the interval is wide
    to either side, and p is 0.05 where it is the quantile of its test.

    Parameters
    ----------
    estimates : float array
        On the scale of the row, less no effect.
    """
    found = np.ones(estimates.shape, dtype=bool)
    signed = estimates * (-1.0 if (row.estimate or 0.0) < 0 else 1.0)
    for level, over in _levels(row):
        found &= signed > level - EXACT if over else np.abs(estimates) < level + EXACT
    return found


def _levels(row: Result) -> Iterator[tuple[float, bool]]:
    """How far from no effect an estimate changes sides, and whether it lies beyond."""
    if is_tested(row) and row.conf_low is not None and row.conf_high is not None:
        half = (row.conf_high - row.conf_low) / 2
        yield half, abs(row.estimate or 0.0) > half
    if row.p_value is not None and row.std_error:
        quantile = t.isf(SIDES[1] / 2, row.df) if row.df else norm.isf(SIDES[1] / 2)
        yield float(quantile) * row.std_error, row.p_value < SIDES[1]
