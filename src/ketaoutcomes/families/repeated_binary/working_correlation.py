"""Working correlations of generalised estimating equations, with the moments of R's geepack.

Halekoh, Højsgaard & Yan 2006, J Stat Softw 15(2). The scale is the mean squared Pearson residual
and a correlation the mean product of the residuals of its pairs over that scale, neither corrected
for the number of coefficients; statsmodels' own structures subtract that number, and its
first-order autoregression uses neighbours only. In both the robust covariance is consistent.
"""

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from statsmodels.genmod.cov_struct import CovStruct

FloatArray = NDArray[np.float64]
WorkingKind = Literal["independence", "exchangeable", "ar1", "unstructured"]

LARGEST_CORRELATION = 1 - 1e-6


class WorkingCorrelation(CovStruct):  # type: ignore[misc]
    """A correlation matrix over all visits, of which each subject has its part.

    Attributes
    ----------
    R : array, shape (n_visits, n_visits)
    scale : float
    """

    def __init__(self, kind: WorkingKind, n_visits: int) -> None:
        super().__init__()
        self.kind = kind
        self.R: FloatArray = np.eye(n_visits)
        self.scale = 1.0

    def initialize(self, model: Any) -> None:
        """Take the visits of each subject from the model's times."""
        super().initialize(model)
        self.visits = [time[:, 0].astype(int) for time in model.time_li]

    def update(self, _params: Any) -> None:
        """Moments of the Pearson residuals at the present means."""
        n_visits = len(self.R)
        residuals = np.full((len(self.visits), n_visits), np.nan)
        for i, (y, visits) in enumerate(zip(self.model.endog_li, self.visits, strict=True)):
            mean = self.model.cached_means[i][0]
            residuals[i, visits] = (y - mean) / np.sqrt(self.model.family.variance(mean))
        seen = ~np.isnan(residuals)
        known = np.where(seen, residuals, 0.0)
        self.scale = float((known**2).sum() / seen.sum())
        counts = seen.T.astype(float) @ seen
        self.R = correlation_of(self.kind, known.T @ known / self.scale, counts)
        self.dep_params = self.R

    def covariance_matrix(self, _mean: Any, index: int) -> tuple[FloatArray, bool]:
        """The part of a subject; true, for it is a correlation."""
        visits = self.visits[index]
        return self.R[np.ix_(visits, visits)], True


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
