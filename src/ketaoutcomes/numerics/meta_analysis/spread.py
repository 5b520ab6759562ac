"""How far the true effects of studies spread about a mean, or about a regression.

y = X beta + u + e with u ~ N(0, tau2) and e ~ N(0, v), v known. X is a column of ones where a
single mean is sought. Own code: statsmodels 0.14 has no restricted likelihood here, and no X.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

FloatArray = NDArray[np.float64]
Estimator = Literal["reml", "paule-mandel", "dersimonian-laird", "none"]
STEPS_OF_SEARCH = 200


@dataclass(frozen=True)
class Weighted:
    """Weighted least squares at a variance between studies.

    Attributes
    ----------
    w : array, shape (k,)
        1 / (v + tau2).
    beta : array, shape (p,)
    covariance : array, shape (p, p)
        Of beta, were tau2 known.
    residual : array, shape (k,)
    """

    w: FloatArray
    beta: FloatArray
    covariance: FloatArray
    residual: FloatArray

    @property
    def q(self) -> float:
        """Cochran's Q of what the regression leaves."""
        return float(self.w @ self.residual**2)


def weighted(y: FloatArray, v: FloatArray, X: FloatArray, tau2: float) -> Weighted:
    """Fit by weighted least squares."""
    w: FloatArray = 1 / (v + tau2)
    covariance = np.asarray(np.linalg.inv(X.T @ (w[:, None] * X)), dtype=np.float64)
    beta = covariance @ (X.T @ (w * y))
    return Weighted(w, beta, covariance, y - X @ beta)


def between_studies(y: FloatArray, v: FloatArray, estimator: Estimator, X: FloatArray) -> float:
    """The variance of the true effects about X beta, at least 0.

    Restricted maximum likelihood (Viechtbauer 2005, J Educ Behav Stat 30:261-293), Paule & Mandel
    1982 (J Res Natl Bur Stand 87:377-385), or DerSimonian & Laird 1986 (Control Clin Trials
    7:177-188), the last two with their extension to regression (Berkey, Hoaglin, Mosteller &
    Colditz 1995, Stat Med 14:395-411).

    Parameters
    ----------
    y, v : array, shape (k,)
    X : array, shape (k, p)
        Of full rank, with k above p.
    """
    if estimator == "none":
        return 0.0
    left = float(y.size - X.shape[1])
    if estimator == "dersimonian-laird":
        fixed = weighted(y, v, X, 0.0)
        return max((fixed.q - left) / _trace(fixed, X), 0.0)
    if estimator == "paule-mandel":
        return where_q_is(y, v, X, left)
    return _most_likely(y, v, X)


def where_q_is(y: FloatArray, v: FloatArray, X: FloatArray, limit: float) -> float:
    """The variance between studies at which Q, which falls with it, comes down to a limit."""

    def excess(tau2: float) -> float:
        return weighted(y, v, X, tau2).q - limit

    if excess(0.0) <= 0:
        return 0.0
    top = _above(excess, _scale(y, v))
    return float(brentq(excess, 0.0, top, xtol=1e-14 * top, rtol=1e-13))


def _trace(fit: Weighted, X: FloatArray) -> float:
    """Trace of P = W - W X (X'WX)^-1 X'W."""
    w = fit.w
    return float(w.sum() - np.trace(fit.covariance @ (X.T @ ((w**2)[:, None] * X))))


def _slope(y: FloatArray, v: FloatArray, X: FloatArray, tau2: float) -> float:
    """Slope of the restricted log likelihood in tau2, times two: y'PPy - tr P."""
    fit = weighted(y, v, X, tau2)
    return float((fit.w * fit.residual) @ (fit.w * fit.residual)) - _trace(fit, X)


def _slopes(y: FloatArray, v: FloatArray, X: FloatArray, tau2: FloatArray) -> list[float]:
    """`_slope` at many variances at once."""
    w = 1 / (v + tau2[:, None])
    weighted_X = w[:, :, None] * X
    covariance = np.linalg.inv(X.T @ weighted_X)
    beta = covariance @ (np.swapaxes(weighted_X, 1, 2) @ y)[:, :, None]
    residual = y - (X @ beta)[:, :, 0]
    squares = np.swapaxes(weighted_X, 1, 2) @ weighted_X
    trace = w.sum(axis=1) - (covariance * squares).sum(axis=(1, 2))
    slopes: list[float] = (((w * residual) ** 2).sum(axis=1) - trace).tolist()
    return slopes


def _log_likelihood(y: FloatArray, v: FloatArray, X: FloatArray, tau2: float) -> float:
    """Restricted log likelihood without its constant."""
    fit = weighted(y, v, X, tau2)
    log_determinant = float(np.linalg.slogdet(fit.covariance)[1])
    return (float(np.log(fit.w).sum()) + log_determinant - fit.q) / 2


def _most_likely(y: FloatArray, v: FloatArray, X: FloatArray) -> float:
    """The variance of the highest restricted likelihood.

    Where precise and vague studies are pooled the likelihood can have several summits, one of them
    at 0; so each place where its slope turns from up to down is found, and the highest is taken.
    """
    slope = partial(_slope, y, v, X)
    top = _above(slope, _scale(y, v))
    grid = [0.0, *np.geomspace(1e-3 * v.min(), top, STEPS_OF_SEARCH).tolist()]
    slopes = _slopes(y, v, X, np.array(grid))
    summits = [
        float(brentq(slope, low, high, xtol=1e-14 * top, rtol=1e-13))
        for (low, high), (before, after) in zip(pairwise(grid), pairwise(slopes), strict=True)
        if before > 0 >= after
    ]
    return max([0.0, *summits], key=partial(_log_likelihood, y, v, X))


def _scale(y: FloatArray, v: FloatArray) -> float:
    return float(np.var(y) + v.max())


def _above(function: Callable[[float], float], start: float) -> float:
    """A variance at which a function that falls in the end is no more above 0."""
    while function(start) > 0:
        start *= 2
    return start
