"""Survival from interval-censored times without a model.

Turnbull 1976, J R Stat Soc B 38:290-295; Gentleman & Geyer 1994, Biometrika 81:618-623, for the
check that the maximum is reached.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.linalg import LinAlgError, solve

from ketaoutcomes.numerics.survival.counting import BoolArray, FloatArray, SurvivalDataError
from ketaoutcomes.numerics.survival.near_ties import tied

_MAX_ITERATIONS = 200
_SMALL_GRADIENT = 1e-10
_SHRINK = 0.1
_TO_BORDER = 0.995
_NEGLIGIBLE = 1e-9
_POLISH_STEPS = 3


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
        No probability moved anywhere would raise the likelihood (per subject, by more than 1e-10).
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
    """Maximise the mean of log(inside @ p) - sum(p) over p >= 0, whose p adds up to one.

    A primal-dual interior-point method (Boyd & Vandenberghe 2004, section 11.7): probabilities p
    and the multipliers z of p >= 0 move together until p z vanishes. The likelihood lies below its
    maximum by no more than the largest gradient (Lindsay 1983, Ann Stat 11:86-94).
    """
    rows, count = np.unique(inside, axis=0, return_counts=True)
    weight = count / count.sum()
    k = rows.shape[1]
    p, z = np.full(k, 1 / k), np.ones(k)
    for iteration in range(1, _MAX_ITERATIONS + 1):
        p, z = _step(rows, weight, p, z)
        cleared = _cleared(p, z)
        if _excess(rows, weight, cleared) < _SMALL_GRADIENT:
            return _polished(rows, weight, cleared), True, iteration
    return p / p.sum(), False, _MAX_ITERATIONS


def _step(
    rows: FloatArray, weight: FloatArray, p: FloatArray, z: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """One Newton step towards a tenth of the present complementarity."""
    fitted = rows @ p
    scaled = rows * (np.sqrt(weight) / fitted)[:, None]
    gradient = rows.T @ (weight / fitted) - 1
    aim = _SHRINK * float(p @ z) / p.size
    step = _solved(scaled.T @ scaled + np.diag(z / p), gradient + aim / p)
    move = aim / p - z - z / p * step
    return p + _inside(p, step) * step, z + _inside(z, move) * move


def _solved(H: FloatArray, target: FloatArray) -> FloatArray:
    """The step, the shortest where several intervals can share their probability in any way."""
    try:
        return np.asarray(solve(H, target, assume_a="pos"), dtype=np.float64)
    except LinAlgError:
        return np.asarray(np.linalg.lstsq(H, target, rcond=None)[0], dtype=np.float64)


def _inside(value: FloatArray, step: FloatArray) -> float:
    """How far to go so that all stay positive."""
    shrinking = step < 0
    return float(min(1.0, _TO_BORDER * np.min(-value[shrinking] / step[shrinking], initial=np.inf)))


def _cleared(p: FloatArray, z: FloatArray) -> FloatArray:
    """Without what is on its way to zero, adding up to one."""
    kept = np.where(p > z * _NEGLIGIBLE, p, 0.0)
    probability: FloatArray = kept / kept.sum()
    return probability


def _polished(rows: FloatArray, weight: FloatArray, p: FloatArray) -> FloatArray:
    """The point after Newton steps among what is left, as long as they lead upwards."""
    for _ in range(_POLISH_STEPS):
        free = p > 0
        fitted = rows @ p
        scaled = rows[:, free] * (np.sqrt(weight) / fitted)[:, None]
        step = _solved(scaled.T @ scaled, rows[:, free].T @ (weight / fitted) - 1)
        moved = np.zeros_like(p)
        moved[free] = p[free] + step
        if moved.min() < 0 or _excess(rows, weight, moved) > _excess(rows, weight, p):
            break
        p = moved / moved.sum()
    return p


def _excess(rows: FloatArray, weight: FloatArray, p: FloatArray) -> float:
    """By how much the log-likelihood per subject may still rise at most."""
    fitted = rows @ p
    if not (fitted > 0).all():
        return float("inf")
    return float((rows.T @ (weight / fitted)).max() - 1)
