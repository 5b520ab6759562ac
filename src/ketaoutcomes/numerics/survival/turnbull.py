"""Survival from interval-censored times without a model.

Turnbull 1976, J R Stat Soc B 38:290-295; Gentleman & Geyer 1994, Biometrika 81:618-623, for the
check that the maximum is reached.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ketaoutcomes.numerics.survival.counting import BoolArray, FloatArray, SurvivalDataError
from ketaoutcomes.numerics.survival.near_ties import tied

_MAX_ITERATIONS = 100_000
_SMALL_GRADIENT = 1e-9


@dataclass(frozen=True)
class TurnbullCurve:
    """The nonparametric maximum likelihood estimate.

    Attributes
    ----------
    left, right : array, shape (k,)
        The intervals that can carry probability; within one the likelihood does not tell where.
        Equal for an exact time, `right` infinite if the last event may never come.
    probability : array, shape (k,)
    survival : array, shape (k,)
        After each interval.
    converged : bool
        No probability moved anywhere would raise the likelihood (per subject, by more than 1e-9).
    """

    left: FloatArray
    right: FloatArray
    probability: FloatArray
    survival: FloatArray
    log_likelihood: float
    converged: bool
    iterations: int

    @property
    def times(self) -> FloatArray:
        """Middle of each interval, its left end if it is unbounded."""
        middle: FloatArray = (self.left + np.where(np.isinf(self.right), self.left, self.right)) / 2
        return middle


def turnbull(low: ArrayLike, high: ArrayLike) -> TurnbullCurve:
    """Estimate the survival curve.

    Parameters
    ----------
    low, high : array_like, shape (n,)
        The event came after `low` and up to `high`; at that very time if they are equal; after
        `low` if `high` is infinite.

    Raises
    ------
    SurvivalDataError
        If a limit is missing or limits cross.
    """
    a, b = np.asarray(low, dtype=np.float64), np.asarray(high, dtype=np.float64)
    if a.shape != b.shape or a.size == 0 or not (a <= b).all():
        raise SurvivalDataError("a limit is missing, or the limits cross")
    a, b = tied(a, b)
    left, right = _support(a, b)
    inside = _covers(a, b, left, right)
    probability, converged, iterations = _maximise(inside)
    return TurnbullCurve(
        left,
        right,
        probability,
        np.maximum(1 - np.cumsum(probability), 0.0),
        float(np.log(inside @ probability).sum()),
        converged,
        iterations,
    )


def _support(low: FloatArray, high: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Find the innermost intervals: a left end directly followed by a right end."""
    exact = low == high
    # an open left end lies just after its time, so exact times and right ends at it come first
    ends = np.concatenate([low, high])
    place = np.concatenate([np.where(exact, 0, 2), np.ones(high.size)])
    is_left = np.arange(ends.size) < low.size
    order = np.lexsort((place, ends))
    sorted_left, sorted_ends = is_left[order], ends[order]
    pair = np.flatnonzero(sorted_left[:-1] & ~sorted_left[1:])
    return sorted_ends[pair], sorted_ends[pair + 1]


def _covers(low: FloatArray, high: FloatArray, left: FloatArray, right: FloatArray) -> FloatArray:
    """Which intervals of the support lie within the limits of each subject."""
    point = left == right
    exact = (low == high)[:, None]
    after: BoolArray = np.where(point | exact, low[:, None] < left, low[:, None] <= left)
    same = exact & point & (low[:, None] == left)
    inside: FloatArray = (same | (after & ~exact & (right <= high[:, None]))).astype(np.float64)
    return inside


def _maximise(inside: FloatArray) -> tuple[FloatArray, bool, int]:
    """Self-consistency steps until the gradient shows the maximum."""
    n, k = inside.shape
    probability = np.full(k, 1 / k)
    for iteration in range(1, _MAX_ITERATIONS + 1):
        gradient = inside.T @ (1 / (inside @ probability)) / n
        # at the maximum the gradient is 1 where there is probability and at most 1 elsewhere
        excess = float(gradient.max() - 1)
        if excess < _SMALL_GRADIENT:
            return probability, True, iteration
        probability = probability * gradient
    return probability, False, _MAX_ITERATIONS
