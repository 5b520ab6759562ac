"""Whether a score improved by at least a percentage of where it started, decided exactly.

Scores are decimal numbers, and 30% of 28.7 is 8.61, but binary fractions cannot say so: computed in
them, 28.7 - 20.09 is a little less. Far from the limit floating point decides. Near it the numbers
are taken as the decimals that they stand for, with `DECIMALS` digits after the point, and compared
as ratios of whole numbers.
"""

from fractions import Fraction
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

DECIMALS: Final = 9
"""Digits after the point of a score and of a percentage that count."""

_NEAR: Final = 1e-6
"""Above what rounding to `DECIMALS` digits moves 100 (start - score) - percent * |whole| by: at
most 100 * 1e-9 + 100 * 0.5e-9 * 2."""
_NEAR_RELATIVE: Final = 1e-12
"""Above the relative error of the few operations in floating point, each 1.1e-16."""


def improved_by(
    score: ArrayLike,
    start: ArrayLike,
    percent: float,
    *,
    higher_is_better: bool = False,
    lowest: float = 0.0,
) -> BoolArray:
    """Whether scores improved by at least so many per cent of |start - lowest|.

    Parameters
    ----------
    score, start : array_like
        Of one shape, or broadcast to one.
    lowest : float
        From where the start is measured: 0, or the lowest score of a scale.

    Returns
    -------
    bool array
        False where a number is missing, and where the start is `lowest`: of nothing there is no
        percentage.
    """
    y, b = np.broadcast_arrays(np.asarray(score, dtype=float), np.asarray(start, dtype=float))
    towards = -1.0 if higher_is_better else 1.0
    gained, needed = 100 * towards * (b - y), percent * np.abs(b - lowest)
    met = np.asarray(gained >= needed)
    size = 100 * (np.abs(b) + np.abs(y)) + abs(percent) * (np.abs(b) + abs(lowest))
    near = np.abs(gained - needed) <= _NEAR + _NEAR_RELATIVE * size
    if near.any():
        pairs, place = np.unique(np.column_stack([y[near], b[near]]), axis=0, return_inverse=True)
        exact = np.array([_exactly(one, two, percent, towards, lowest) for one, two in pairs])
        met[near] = exact[place.reshape(-1)]
    return met & is_defined(b, lowest)


def is_defined(start: ArrayLike, lowest: float = 0.0) -> BoolArray:
    """Whether there is a percentage of these starts: known, and not at `lowest`."""
    b = np.asarray(start, dtype=float)
    return np.asarray(np.isfinite(b) & (np.abs(b - lowest) >= 0.5 * 10.0**-DECIMALS))


def _exactly(score: float, start: float, percent: float, towards: float, lowest: float) -> bool:
    y, b, p, low = (_decimal(number) for number in (score, start, percent, lowest))
    return 100 * int(towards) * (b - y) >= p * abs(b - low)


def _decimal(number: float) -> Fraction:
    """The decimal that a floating-point number stands for."""
    return Fraction(f"{number:.{DECIMALS}f}")
