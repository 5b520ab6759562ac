"""Generalised estimating equations, all subjects with one pattern of visits at once.

Liang & Zeger 1986, Biometrika 73:13-22. The moments are those of R's geepack (Halekoh, Højsgaard &
Yan 2006, J Stat Softw 15(2)): the scale is the mean squared Pearson residual and a correlation the
mean product of the residuals of its pairs over that scale, neither corrected for the number of
coefficients.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Final, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import expit

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
WorkingKind = Literal["independence", "exchangeable", "ar1", "unstructured"]
Family = Literal["gaussian", "binomial", "poisson"]

LARGEST_CORRELATION: Final = 1 - 1e-6
TOLERANCE: Final = 1e-12
"""Largest step of a linear predictor at which the iteration stops, relative to its size."""
MOST_STEPS: Final = 200
LARGEST_PREDICTOR: Final = 500.0
SMALLEST_PROBABILITY: Final = float(np.finfo(np.float64).eps)
"""A probability nearer to 0 or 1 has the variance of this one."""


@dataclass(frozen=True)
class Mean:
    """A mean as a function of the linear predictor, its slope, and the variance it implies."""

    inverse: Callable[[FloatArray], FloatArray]
    slope: Callable[[FloatArray], FloatArray]
    variance: Callable[[FloatArray], FloatArray]


def _inside(mu: FloatArray) -> FloatArray:
    return np.clip(mu, SMALLEST_PROBABILITY, 1 - SMALLEST_PROBABILITY)


MEANS: Final[dict[Family, Mean]] = {
    "gaussian": Mean(lambda eta: eta, np.ones_like, np.ones_like),
    "binomial": Mean(
        expit, lambda eta: expit(eta) * expit(-eta), lambda mu: _inside(mu) * (1 - _inside(mu))
    ),
    "poisson": Mean(np.exp, np.exp, lambda mu: mu),
}


@dataclass(frozen=True)
class Clusters:
    """The rows of the subjects, laid out by subject and visit; zero where not observed.

    Attributes
    ----------
    place : tuple of int array, shape (n,)
        Subject and visit of each row.
    seen : bool array, shape (n_subjects, n_visits)
    pattern : int array, shape (n_subjects,)
        Which of the distinct patterns of visits a subject has.
    patterns : bool array, shape (n_patterns, n_visits)
    """

    y: FloatArray
    X: FloatArray
    offset: FloatArray
    place: tuple[IntArray, IntArray]
    seen: NDArray[np.bool_]
    pattern: IntArray
    patterns: NDArray[np.bool_]

    @cached_property
    def groups(self) -> tuple[tuple[IntArray, IntArray], ...]:
        """The subjects of each pattern and the visits at which they were seen."""
        return tuple(
            (np.flatnonzero(self.pattern == place), np.flatnonzero(pattern))
            for place, pattern in enumerate(self.patterns)
        )

    @cached_property
    def pairs(self) -> FloatArray:
        """Number of subjects seen at both of two visits, shape (n_visits, n_visits)."""
        seen = self.seen.astype(float)
        return seen.T @ seen

    def laid_out(self, rows: FloatArray) -> FloatArray:
        """Rows at their subject and visit, shape (n_subjects, n_visits, ...)."""
        result = np.zeros((*self.seen.shape, *rows.shape[1:]))
        result[self.place] = rows
        return result


@dataclass(frozen=True)
class Solution:
    """The solution of estimating equations.

    Attributes
    ----------
    beta : array, shape (p,)
    correlation : array, shape (n_visits, n_visits)
    scale : float
    converged : bool
        Whether the last step was small; a breakdown has the values before it.
    """

    beta: FloatArray
    correlation: FloatArray
    scale: float
    converged: bool


def clusters_of(
    y: FloatArray,
    X: FloatArray,
    place: tuple[IntArray, IntArray],
    n_visits: int,
    offset: FloatArray | None = None,
) -> Clusters:
    """Lay the rows out.

    Parameters
    ----------
    y : array, shape (n,)
    X : array, shape (n, p)
    place : tuple of int array, shape (n,)
        Codes of subject and visit, from 0.
    offset : array, shape (n,), optional
        What the linear predictors have beside X.
    """
    seen = np.zeros((int(place[0].max()) + 1, n_visits), dtype=bool)
    seen[place] = True
    patterns, pattern = np.unique(seen, axis=0, return_inverse=True)
    given = np.zeros(len(y)) if offset is None else offset
    return Clusters(y, X, given, place, seen, pattern.reshape(-1), patterns)


def solve_estimating_equations(clusters: Clusters, family: Family, kind: WorkingKind) -> Solution:
    """Fisher's scoring for the means, moments for scale and correlation, by turns.

    The first steps have the independence working correlation.

    Raises
    ------
    LinAlgError
        If the equations of a step are singular or a number is not finite.
    """
    identity = np.eye(clusters.seen.shape[1])
    alone = _iterated(clusters, family, "independence", np.zeros(clusters.X.shape[1]), identity)
    if kind == "independence" or not alone.converged:
        return alone
    return _iterated(clusters, family, kind, alone.beta, alone.correlation)


def _iterated(
    clusters: Clusters, family: Family, kind: WorkingKind, beta: FloatArray, R: FloatArray
) -> Solution:
    scale, converged = 1.0, False
    for _ in range(MOST_STEPS):
        slopes, residual = _standardised(clusters, family, beta)
        scale, R = _moments(clusters, kind, residual)
        step = _step(clusters, slopes, residual, R)
        beta = beta + step
        size = np.abs(clusters.X @ beta).max()
        converged = bool(np.abs(clusters.X @ step).max() <= TOLERANCE * max(size, 1.0))
        if converged or size > LARGEST_PREDICTOR:
            break
    return Solution(beta, R, scale, converged)


def _standardised(
    clusters: Clusters, family: Family, beta: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Slopes of the means and residuals, over the standard deviations of the outcomes."""
    mean = MEANS[family]
    eta = clusters.X @ beta + clusters.offset
    mu = mean.inverse(eta)
    sd = np.sqrt(mean.variance(mu))
    slopes = clusters.X * (mean.slope(eta) / sd)[:, None]
    residual = (clusters.y - mu) / sd
    if not (np.isfinite(slopes).all() and np.isfinite(residual).all()):
        raise np.linalg.LinAlgError("the means ran away")
    return clusters.laid_out(slopes), clusters.laid_out(residual)


def _moments(
    clusters: Clusters, kind: WorkingKind, residual: FloatArray
) -> tuple[float, FloatArray]:
    """Scale and correlation at the present means."""
    scale = float((residual**2).sum() / clusters.seen.sum())
    if not scale > 0:
        return scale, np.eye(len(clusters.pairs))
    return scale, correlation_of(kind, residual.T @ residual / scale, clusters.pairs)


def _step(
    clusters: Clusters, slopes: FloatArray, residual: FloatArray, R: FloatArray
) -> FloatArray:
    """Information to the minus one times score."""
    p = slopes.shape[-1]
    information, score = np.zeros((p, p)), np.zeros(p)
    for members, at in clusters.groups:
        D, r = slopes[np.ix_(members, at)], residual[np.ix_(members, at)]
        WD = np.linalg.inv(R[np.ix_(at, at)]) @ D
        information += D.reshape(-1, p).T @ WD.reshape(-1, p)
        score += WD.reshape(-1, p).T @ r.reshape(-1)
    if not (np.isfinite(information).all() and np.isfinite(score).all()):
        raise np.linalg.LinAlgError("the information is not finite")
    return np.asarray(np.linalg.solve(information, score), dtype=float)


def correlation_of(kind: WorkingKind, products: FloatArray, counts: FloatArray) -> FloatArray:
    """The correlation matrix by least squares on the products of residuals.

    Parameters
    ----------
    products, counts : array, shape (n_visits, n_visits)
        Sums of products of standardised residuals over subjects seen at both visits, and the
        number of these subjects.
    """
    n_visits = len(products)
    identity = np.eye(n_visits)
    above = np.triu_indices(n_visits, 1)
    if kind == "independence" or n_visits == 1:
        return identity
    if kind == "exchangeable":
        common = products[above].sum() / counts[above].sum()
        return np.where(identity == 1, 1.0, common)
    if kind == "unstructured":
        upper = np.zeros_like(products)
        upper[above] = products[above] / np.maximum(counts[above], 1)
        return np.asarray(upper + upper.T + identity)
    lags = above[1] - above[0]
    by_lag = np.bincount(lags, products[above])[1:].astype(float)
    pairs = np.bincount(lags, counts[above])[1:].astype(float)
    return _autoregression(by_lag, pairs, n_visits)


def _autoregression(by_lag: FloatArray, pairs: FloatArray, n_visits: int) -> FloatArray:
    """The correlation a of neighbours for which a ** lag is nearest to the products of all lags."""
    d = np.arange(1, n_visits)

    def slope(a: float) -> float:
        return float((d * a ** (d - 1) * (by_lag - pairs * a**d)).sum())

    edge = LARGEST_CORRELATION
    if slope(-edge) * slope(edge) > 0:
        a = float(np.clip(by_lag[0] / pairs[0], -edge, edge))
    else:
        a = float(brentq(slope, -edge, edge, xtol=1e-15))
    return np.asarray(a ** np.abs(np.subtract.outer(np.arange(n_visits), np.arange(n_visits))))
