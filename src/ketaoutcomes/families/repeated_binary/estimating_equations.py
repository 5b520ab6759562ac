"""Generalised estimating equations with small-sample covariances.

Liang & Zeger 1986, Biometrika 73:13-22.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ketaoutcomes.numerics.estimating_equations import (
    MEANS,
    Family,
    WorkingKind,
    clusters_of,
    solve_estimating_equations,
)
from ketaoutcomes.numerics.sandwich import (
    Sandwich,
    Whitened,
    morel_covariance,
    sandwich_df,
    sandwich_of,
)
from ketaoutcomes.vocabulary import RobustCovariance

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

LEVERAGE = {"robust": "empirical", "kauermann-carroll": "cr2", "mancl-derouen": "cr3"}
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
    clusters = clusters_of(y, X, (subject, visit), n_visits, offset)
    try:
        with np.errstate(all="ignore"):
            found = solve_estimating_equations(clusters, family, correlation)
    except np.linalg.LinAlgError as error:
        raise NoSolutionError(_breakdown(correlation)) from error
    beta, working = found.beta, found.correlation
    eta = X @ beta + clusters.offset
    smallest = float(np.linalg.eigvalsh(working)[0]) if np.isfinite(working).all() else 0.0
    messages = () if found.converged else ("the iteration did not converge",)
    if smallest < SMALLEST_EIGENVALUE:
        messages = (*messages, _breakdown(correlation, indefinite=True))
    if family == "binomial" and np.abs(X @ beta).max() > EXTREME:
        messages = (*messages, "fitted probabilities of 0 or 1: an effect is infinite")
    R = working if smallest >= SMALLEST_EIGENVALUE else np.eye(n_visits)
    # a linear predictor that ran away has a mean of 0 or 1, whatever overflows on the way there
    with np.errstate(all="ignore"):
        white = _whitened(family, y, X, eta, (subject, visit), R * found.scale)
        mean = np.asarray(MEANS[family].inverse(eta))
    information = np.einsum("stp,stq->pq", white.X, white.X)
    return GeeFit(
        beta=beta,
        naive_covariance=np.linalg.pinv(information, hermitian=True),
        scale=found.scale,
        correlation=working,
        white=white,
        quasi_likelihood=_quasi_likelihood(family, y, mean),
        n_obs=len(y),
        n_subjects=int(subject.max()) + 1,
        converged=not messages,
        messages=messages,
    )


def _breakdown(correlation: WorkingKind, *, indefinite: bool = False) -> str:
    """Why the iteration broke down."""
    if correlation == "independence" or not indefinite:
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
    family: Family,
    y: FloatArray,
    X: FloatArray,
    eta: FloatArray,
    place: tuple[IntArray, IntArray],
    scaled: FloatArray,
) -> Whitened:
    """Rows over the standard deviation of their outcome, times the inverse root of R."""
    mean = MEANS[family].inverse(eta)
    sd = np.sqrt(MEANS[family].variance(mean))
    shape = (int(place[0].max()) + 1, len(scaled))
    Z = np.zeros((*shape, X.shape[1] + 1))
    Z[(*place, slice(0, -1))] = X * (MEANS[family].slope(eta) / sd)[:, None]
    Z[(*place, -1)] = (y - mean) / sd
    observed = np.zeros(shape, dtype=bool)
    observed[place] = True
    both = observed[:, :, None] & observed[:, None, :]
    L = np.linalg.cholesky(np.where(both, scaled, np.eye(len(scaled))))
    Z = np.asarray(np.linalg.solve(L, Z), dtype=float)
    return Whitened(Z[..., :-1], Z[..., -1])
