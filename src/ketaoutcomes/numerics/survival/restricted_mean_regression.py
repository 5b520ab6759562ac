"""Regression of the restricted mean on covariates, weighted by the inverse of not being censored.

Tian, Zhao & Wei 2014, Biostatistics 15:222-233.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from ketaoutcomes.numerics.distributions import norm
from ketaoutcomes.numerics.survival.counting import (
    BoolArray,
    FloatArray,
    SurvivalDataError,
    observations,
    product_limit,
    risk_table,
)

Scale = Literal["difference", "ratio", "time lost ratio"]

_MAX_ITERATIONS = 50


@dataclass(frozen=True)
class RestrictedMeanRegression:
    """Coefficients of the restricted mean, or of the log of it or of the time lost.

    Attributes
    ----------
    beta, std_error, p_value : array, shape (p,)
    covariance : array, shape (p, p)
    converged : bool
    """

    scale: Scale
    tau: float
    beta: FloatArray
    covariance: FloatArray
    std_error: FloatArray
    p_value: FloatArray
    converged: bool


def regress_restricted_mean(
    time: ArrayLike,
    event: ArrayLike,
    X: ArrayLike,
    arm: ArrayLike,
    tau: float,
    scale: Scale = "difference",
) -> RestrictedMeanRegression:
    """Fit the mean of min(T, tau), or of tau minus it, on covariates.

    Parameters
    ----------
    X : array_like, shape (n, p)
        With an intercept and the arm.
    arm : array_like, shape (n,)
        Censoring is estimated within each arm.

    Raises
    ------
    SurvivalDataError
        If the arrays do not fit together, or the known outcomes do not determine beta.
    """
    data = observations(time, event)
    covariates, arms = np.asarray(X, dtype=np.float64), np.asarray(arm)
    y = np.minimum(data.time, tau)
    known = data.event | (data.time >= tau)
    weight = np.zeros(y.size)
    for label in np.unique(arms):
        rows = arms == label
        weight[rows] = _inverse_censoring(y[rows], known[rows])
    if np.linalg.matrix_rank(covariates[weight > 0]) < covariates.shape[1]:
        raise SurvivalDataError("too few known outcomes to separate the covariates")
    outcome = tau - y if scale == "time lost ratio" else y
    beta, mean, slope, converged = _solve(
        covariates, outcome, weight, logarithmic=scale != "difference"
    )
    score = covariates * (weight * (outcome - mean))[:, None]
    middle = np.zeros((beta.size, beta.size))
    for label in np.unique(arms):
        rows = arms == label
        influence = _with_censoring(score[rows], y[rows], known[rows])
        middle += influence.T @ influence
    # the bread is that of all subjects without weights, as their weighted sum estimates it
    bread = np.linalg.inv(covariates.T @ (slope[:, None] * covariates))
    covariance = bread @ middle @ bread
    std_error = np.sqrt(np.maximum(np.diag(covariance), 0))
    with np.errstate(divide="ignore", invalid="ignore"):
        p_value = 2 * norm.sf(np.abs(beta) / std_error)
    return RestrictedMeanRegression(scale, tau, beta, covariance, std_error, p_value, converged)


def _inverse_censoring(y: FloatArray, known: BoolArray) -> FloatArray:
    """Inverse of the chance of being uncensored for the known outcomes, 0 for the others."""
    censoring = observations(y, ~known)
    table = risk_table(censoring)
    uncensored = product_limit(table.n_events, table.n_at_risk)
    at = uncensored[np.searchsorted(table.times, censoring.time)]
    return np.divide(1.0, at, out=np.zeros(y.size), where=known & (at > 0))


def _solve(
    X: FloatArray, y: FloatArray, weight: FloatArray, *, logarithmic: bool
) -> tuple[FloatArray, FloatArray, FloatArray, bool]:
    """Weighted estimating equations; returns beta, the mean, its derivative and convergence."""
    if not logarithmic:
        normal = X.T @ (weight[:, None] * X)
        beta = np.linalg.solve(normal, X.T @ (weight * y)).astype(np.float64)
        return beta, X @ beta, np.ones(y.size), True
    beta = np.zeros(X.shape[1], dtype=np.float64)
    beta[0] = np.log(np.average(y, weights=weight))
    for _ in range(_MAX_ITERATIONS):
        mean = np.exp(X @ beta)
        score = X.T @ (weight * (y - mean))
        step = np.linalg.solve(X.T @ ((weight * mean)[:, None] * X), score)
        beta = beta + step
        if np.abs(step).max() < 1e-12 * (1 + np.abs(beta).max()):
            break
    mean = np.exp(X @ beta)
    return beta, mean, mean, bool(np.abs(step).max() < 1e-8 * (1 + np.abs(beta).max()))


def _with_censoring(score: FloatArray, y: FloatArray, known: BoolArray) -> FloatArray:
    """Score of each subject with what the estimated censoring distribution adds."""
    order = np.argsort(y, kind="stable")
    ordered, censored = y[order], ~known[order]
    first = np.searchsorted(ordered, ordered, side="left")
    at_risk = (y.size - first).astype(np.float64)
    tail = np.cumsum(score[order][::-1], axis=0)[::-1][first]
    jumps = tail * (censored / at_risk**2)[:, None]
    last = np.searchsorted(ordered, ordered, side="right") - 1
    influence = np.empty_like(score)
    influence[order] = (
        score[order] + tail * (censored / at_risk)[:, None] - np.cumsum(jumps, axis=0)[last]
    )
    return influence
