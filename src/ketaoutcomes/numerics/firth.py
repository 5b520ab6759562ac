"""Logistic regression by penalised likelihood, whose estimates are finite whatever the outcomes.

Firth 1993, Biometrika 80:27-38: the likelihood times the root of the determinant of Fisher's
information. Limits and p-values come from the profile of the penalised likelihood, the penalty
always that of the full design: Heinze & Schemper 2002, Stat Med 21:2409-2419.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import expit

from ketaoutcomes.numerics import distributions

FloatArray = NDArray[np.float64]

MOST_STEPS = 500
SMALL_SCORE = 1e-10
ACCEPTED_SCORE = 1e-6
"""Largest derivative at a maximum that rounding keeps from coming nearer."""
ROUNDING = 1e-14
"""Relative fall of the log-likelihood that is only rounding."""

LONGEST_STEP = 5.0
"""Largest change of a linear predictor in one step."""

FARTHEST = 60.0
"""How far from the estimate a limit is looked for, in standard errors."""


@dataclass(frozen=True)
class PenalisedEstimate:
    """A coefficient with the limits of its profile and its likelihood ratio test against zero."""

    estimate: float
    conf_low: float
    conf_high: float
    statistic: float
    p_value: float


@dataclass(frozen=True)
class _Optimum:
    beta: FloatArray
    log_likelihood: float


def firth_coefficient(
    X: FloatArray, y: FloatArray, column: int, conf_level: float
) -> PenalisedEstimate:
    """One coefficient of a logistic regression.

    Parameters
    ----------
    X : array, shape (n, p), of full column rank
    y : array, shape (n,)
        0 or 1.
    column : int
        Place of the coefficient.

    Raises
    ------
    ValueError
        If the penalised likelihood has no maximum within reach.
    """
    scale = np.sqrt((X**2).mean(axis=0))
    X = X / scale
    best = _maximum(X, y, np.zeros(X.shape[1]), None)
    spread = float(np.sqrt(np.linalg.inv(_information(X, best.beta))[column, column]))
    drop = float(distributions.chi2.ppf(conf_level, 1)) / 2

    def loss(value: float) -> float:
        """How far the profile has fallen from the maximum."""
        start = best.beta.copy()
        start[column] = value
        return best.log_likelihood - _maximum(X, y, start, column).log_likelihood

    at = float(best.beta[column])
    low, high = (_crossing(loss, at, side * spread, drop) for side in (-1.0, 1.0))
    statistic = 2 * max(loss(0.0), 0.0)
    unit = float(scale[column])
    return PenalisedEstimate(
        estimate=at / unit,
        conf_low=low / unit,
        conf_high=high / unit,
        statistic=statistic,
        p_value=float(distributions.chi2.sf(statistic, 1)),
    )


def _crossing(loss: Callable[[float], float], at: float, step: float, drop: float) -> float:
    """Where on one side the profile has fallen by `drop`."""
    inner, outer = at, at + step
    while loss(outer) < drop:
        if abs(outer - at) > FARTHEST * abs(step):
            raise ValueError("the profile of the penalised likelihood has no limit within reach")
        inner, outer = outer, at + 1.6 * (outer - at)
    return float(brentq(lambda value: loss(value) - drop, inner, outer, xtol=1e-12, rtol=1e-13))


def _maximum(X: FloatArray, y: FloatArray, start: FloatArray, held: int | None) -> _Optimum:
    """Newton's method with halved steps; a coefficient may be held."""
    free = np.array([j for j in range(X.shape[1]) if j != held], dtype=np.int64)
    beta, value, size = start, _log_likelihood(X, y, start), 0.0
    for _ in range(MOST_STEPS):
        information = _information(X, beta)
        score = _score(X, y, beta, information)[free]
        size = float(np.abs(score).max(initial=0.0))
        if size < SMALL_SCORE:
            break
        step = np.zeros(len(beta))
        step[free] = np.linalg.solve(information[np.ix_(free, free)], score)
        step *= LONGEST_STEP / max(float(np.abs(X @ step).max()), LONGEST_STEP)
        before = beta
        beta, value = _uphill(X, y, beta, step, value)
        if beta is before:
            break
    if size > ACCEPTED_SCORE:
        raise ValueError("the penalised likelihood has no maximum within reach")
    return _Optimum(beta, value)


def _uphill(
    X: FloatArray, y: FloatArray, beta: FloatArray, step: FloatArray, value: float
) -> tuple[FloatArray, float]:
    """The longest of the halved steps that does not lower the likelihood; none where none does."""
    rounding = ROUNDING * abs(value)
    for _ in range(40):
        new = _log_likelihood(X, y, beta + step)
        if new >= value - rounding:
            return beta + step, new
        step = step / 2
    return beta, value


def _information(X: FloatArray, beta: FloatArray) -> FloatArray:
    p = expit(X @ beta)
    return np.asarray((X * (p * (1 - p))[:, None]).T @ X, dtype=float)


def _score(X: FloatArray, y: FloatArray, beta: FloatArray, information: FloatArray) -> FloatArray:
    p = expit(X @ beta)
    weight = p * (1 - p)
    leverage = weight * np.einsum("ij,ji->i", X, np.linalg.solve(information, X.T))
    return np.asarray(X.T @ (y - p + leverage * (0.5 - p)), dtype=float)


def _log_likelihood(X: FloatArray, y: FloatArray, beta: FloatArray) -> float:
    eta = X @ beta
    sign, log_det = np.linalg.slogdet(_information(X, beta))
    if sign <= 0:
        return -np.inf
    return float(y @ eta - np.logaddexp(0, eta).sum() + log_det / 2)
