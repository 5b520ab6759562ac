"""Generalised estimating equations: fit, working correlation, and variances of few subjects."""

import warnings
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from statsmodels.genmod import families
from statsmodels.genmod.cov_struct import CovStruct
from statsmodels.genmod.generalized_estimating_equations import GEE

from ketaoutcomes.numerics.sandwich import (
    Sandwich,
    Whitened,
    morel_covariance,
    sandwich_df,
    sandwich_of,
)
from ketaoutcomes.vocabulary import RobustCovariance

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


IntArray = NDArray[np.int64]
Family = Literal["gaussian", "binomial", "poisson"]

FAMILIES = {
    "gaussian": families.Gaussian,
    "binomial": families.Binomial,
    "poisson": families.Poisson,
}
LEVERAGE = {"robust": "empirical", "kauermann-carroll": "cr2", "mancl-derouen": "cr3"}
TOLERANCE = 1e-10
SMALLEST_MEAN = 1e-16
SMALLEST_EIGENVALUE = 1e-8
EXTREME = 15.0
"""A linear predictor beyond which a fitted probability is 0 or 1 for all purposes."""


class NoSolutionError(ValueError):
    """The estimating equations have no solution; the message says why."""


@dataclass(frozen=True)
class GeeFit:
    """Fitted estimating equations.

    Attributes
    ----------
    beta : array, shape (p,)
    naive_covariance : array, shape (p, p)
        As if the working covariance were true.
    scale : float
        Mean squared Pearson residual.
    correlation : array, shape (n_visits, n_visits)
    white : Whitened
        Derivatives of the means and residuals, whitened by the working covariance.
    quasi_likelihood : float
        Of the means, as if outcomes were independent and the scale one.
    converged : bool
    messages : tuple of str
    """

    beta: FloatArray
    naive_covariance: FloatArray
    scale: float
    correlation: FloatArray
    white: Whitened
    quasi_likelihood: float
    n_obs: int
    n_subjects: int
    converged: bool
    messages: tuple[str, ...]

    def sandwich(self, kind: RobustCovariance) -> Sandwich:
        """Robust covariance with its leverage adjustment, and what its df need."""
        return sandwich_of(self.white, self.naive_covariance, LEVERAGE.get(kind, "empirical"))

    def covariance(self, kind: RobustCovariance) -> FloatArray:
        """Covariance of beta, shape (p, p)."""
        if kind == "morel":
            return morel_covariance(self.white, self.naive_covariance, self.n_obs)
        return self.sandwich(kind).covariance

    def df(self, kind: RobustCovariance, c: FloatArray, method: str) -> float:
        """Degrees of freedom of c' beta.

        Parameters
        ----------
        method : {"subjects", "satterthwaite"}
            Subjects less coefficients (Mancl & DeRouen 2001, section 4), or those of the variance
            as a quadratic form.
        """
        if method == "satterthwaite":
            return sandwich_df(self.sandwich(kind), c)
        return float(max(self.n_subjects - len(self.beta), 1))


def fit_estimating_equations(
    y: FloatArray,
    X: FloatArray,
    subject: IntArray,
    visit: IntArray,
    n_visits: int,
    family: Family,
    correlation: WorkingKind,
    offset: FloatArray | None = None,
) -> GeeFit:
    """Fit the mean, scale and correlation by turns.

    Parameters
    ----------
    y : array, shape (n,)
    X : array, shape (n, p)
    subject, visit : int array, shape (n,)
        Codes from 0.
    offset : array, shape (n,), optional
        What the linear predictors have beside X.

    Raises
    ------
    NoSolutionError
        If the iteration breaks down.
    """
    working = WorkingCorrelation(correlation, n_visits)
    model = GEE(
        y, X, subject, time=visit, family=FAMILIES[family](), cov_struct=working, offset=offset
    )
    with warnings.catch_warnings(record=True) as caught, np.errstate(all="warn"):
        warnings.simplefilter("always")
        try:
            found = model.fit(ddof_scale=0, ctol=TOLERANCE, maxiter=200)
        except (np.linalg.LinAlgError, ValueError, FloatingPointError) as error:
            raise NoSolutionError(_breakdown(correlation, working)) from error
    beta = np.asarray(found.params, dtype=float)
    eta = X @ beta + (0.0 if offset is None else offset)
    messages = tuple(sorted({str(warning.message) for warning in caught}))
    smallest = float(np.linalg.eigvalsh(working.R)[0]) if np.isfinite(working.R).all() else 0.0
    if smallest < SMALLEST_EIGENVALUE:
        messages = (*messages, _breakdown(correlation, working))
    if family == "binomial" and np.abs(X @ beta).max() > EXTREME:
        messages = (*messages, "fitted probabilities of 0 or 1: an effect is infinite")
    converged = bool(found.converged) and not messages
    R = working.R if smallest >= SMALLEST_EIGENVALUE else np.eye(n_visits)
    # a linear predictor that ran away has a mean of 0 or 1, whatever overflows on the way there
    with np.errstate(all="ignore"):
        white = _whitened(model.family, y, X, eta, (subject, visit), R * working.scale)
        mean = np.asarray(model.family.link.inverse(eta))
    information = np.einsum("stp,stq->pq", white.X, white.X)
    return GeeFit(
        beta=beta,
        naive_covariance=np.linalg.pinv(information, hermitian=True),
        scale=working.scale,
        correlation=working.R,
        white=white,
        quasi_likelihood=_quasi_likelihood(family, y, mean),
        n_obs=len(y),
        n_subjects=int(subject.max()) + 1,
        converged=converged,
        messages=messages,
    )


def _breakdown(correlation: WorkingKind, working: WorkingCorrelation) -> str:
    """Why the iteration broke down."""
    if np.isfinite(working.R).all() and np.linalg.eigvalsh(working.R)[0] >= SMALLEST_EIGENVALUE:
        return "the estimating equations could not be solved"
    simpler = "independence" if correlation == "exchangeable" else "exchangeable"
    return (
        f"the {correlation} working correlation is not positive definite: there are too few "
        f"participants for it; use `correlation: {simpler}`"
    )


@dataclass(frozen=True)
class Criteria:
    """Criteria for the choice of a working correlation and of terms; lower is better."""

    qic: float
    qic_u: float
    cic: float


def criteria(fit: GeeFit, independent: GeeFit) -> Criteria:
    """Pan 2001, Biometrics 57:120-125; CIC: Hin & Wang 2009, Stat Med 28:642-658.

    Parameters
    ----------
    independent : GeeFit
        The same model with the independence working correlation.
    """
    robust = fit.covariance("robust")
    cic = float(np.trace(np.linalg.solve(independent.naive_covariance, robust)))
    deviance = -2 * fit.quasi_likelihood
    return Criteria(deviance + 2 * cic, deviance + 2 * len(fit.beta), cic)


def _quasi_likelihood(family: Family, y: FloatArray, mean: FloatArray) -> float:
    match family:
        case "gaussian":
            terms = -((y - mean) ** 2) / 2
        case "binomial":
            p = np.clip(mean, SMALLEST_MEAN, 1 - SMALLEST_MEAN)
            terms = y * np.log(p) + (1 - y) * np.log1p(-p)
        case "poisson":
            terms = y * np.log(np.maximum(mean, SMALLEST_MEAN)) - mean
    return float(terms.sum())


def _whitened(
    family: families.Family,
    y: FloatArray,
    X: FloatArray,
    eta: FloatArray,
    place: tuple[IntArray, IntArray],
    scaled: FloatArray,
) -> Whitened:
    """Rows over the standard deviation of their outcome, times the inverse root of R."""
    mean = family.link.inverse(eta)
    sd = np.sqrt(family.variance(mean))
    shape = (int(place[0].max()) + 1, len(scaled))
    Z = np.zeros((*shape, X.shape[1] + 1))
    Z[(*place, slice(0, -1))] = X * (family.link.inverse_deriv(eta) / sd)[:, None]
    Z[(*place, -1)] = (y - mean) / sd
    observed = np.zeros(shape, dtype=bool)
    observed[place] = True
    both = observed[:, :, None] & observed[:, None, :]
    L = np.linalg.cholesky(np.where(both, scaled, np.eye(len(scaled))))
    Z = np.asarray(np.linalg.solve(L, Z), dtype=float)
    return Whitened(Z[..., :-1], Z[..., -1])
