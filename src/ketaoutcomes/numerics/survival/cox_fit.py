"""Fit the proportional hazards model by Newton's method.

Own code: lifelines 0.30.3 knows Efron's ties alone, warns of a monotone likelihood but returns the
number, and has no test of proportional hazards over all terms. Therneau & Grambsch 2000,
Modeling Survival Data, chapters 3, 7 and 8.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ketaoutcomes.numerics.distributions import chi2
from ketaoutcomes.numerics.survival.counting import FloatArray
from ketaoutcomes.numerics.survival.cox_likelihood import Evaluation, evaluate
from ketaoutcomes.numerics.survival.cox_newton import Convergence, maximise
from ketaoutcomes.numerics.survival.cox_residuals import score_residuals
from ketaoutcomes.numerics.survival.cox_risk_sets import CoxModel

_ALIASED = 1e-9


@dataclass(frozen=True)
class ChiSquared:
    """A chi-squared test."""

    statistic: float
    df: int
    p_value: float


@dataclass(frozen=True)
class CoxFit:
    """A fitted model.

    Attributes
    ----------
    beta : array, shape (p,)
        Log hazard ratios; infinite where the likelihood is monotone, NaN where aliased.
    covariance : array, shape (p, p)
        Robust if clusters were given, else the inverse of the information. NaN in the rows of
        coefficients without an estimate.
    model_covariance : array, shape (p, p)
        Inverse of the information in either case.
    log_likelihood_null, log_likelihood : float
    likelihood_ratio, wald, score : ChiSquared
        Global tests that all coefficients are 0; the first and last hold under monotone likelihood.
    robust_score : ChiSquared or None
        With clusters.
    """

    model: CoxModel
    beta: FloatArray
    covariance: FloatArray
    model_covariance: FloatArray
    log_likelihood_null: float
    log_likelihood: float
    likelihood_ratio: ChiSquared
    wald: ChiSquared
    score: ChiSquared
    robust_score: ChiSquared | None
    convergence: Convergence

    @property
    def std_error(self) -> FloatArray:
        """Standard errors of beta, shape (p,)."""
        return np.sqrt(np.diag(self.covariance))

    @property
    def n_events(self) -> int:
        """Number of events."""
        return int(self.model.data.event.sum())

    @property
    def aic(self) -> float:
        """Akaike's criterion."""
        return -2 * self.log_likelihood + 2 * self.likelihood_ratio.df

    @property
    def bic(self) -> float:
        """Schwarz's criterion with the number of events (Volinsky & Raftery 2000)."""
        return -2 * self.log_likelihood + self.likelihood_ratio.df * float(np.log(self.n_events))


def fit_cox(model: CoxModel, cluster: ArrayLike | None = None) -> CoxFit:
    """Maximise the partial likelihood.

    Parameters
    ----------
    model : CoxModel
    cluster : array_like, shape (n,), optional
        Rows of one cluster are not independent; asks for the robust variance (Lin & Wei 1989, J Am
        Stat Assoc 84:1074-1078). Every row its own cluster gives the plain robust variance.

    Returns
    -------
    CoxFit
        Without an event, or with nothing to estimate, all coefficients are NaN and `convergence`
        says why.

    Raises
    ------
    ValueError
        If robust variance is asked for with exact ties.
    """
    if cluster is not None and model.ties == "exact":
        raise ValueError("robust variance is not defined for exact ties")
    p = model.X.shape[1]
    if model.sets.size == 0:
        return _nothing(model, "no event")
    start = evaluate(model, np.zeros(p))
    kept = _independent(start.information)
    if not kept.any():
        return _nothing(model, "no covariate differs among those at risk", start.log_likelihood)
    if kept.all():
        reduced, (beta, at, convergence) = model, maximise(model, start)
    else:
        reduced = replace(model, X=model.X[:, kept], centre=model.centre[kept])
        beta, at, convergence = maximise(reduced)
    fit = _describe(model, kept, beta, at, start, convergence)
    return fit if cluster is None else _make_robust(fit, reduced, kept, beta, cluster)


def _independent(information: FloatArray) -> NDArray[np.bool_]:
    """Which columns the earlier ones do not determine, by elimination."""
    rest = information.copy()
    scale = np.diag(information).copy()
    kept = np.zeros(scale.size, dtype=np.bool_)
    for k in range(scale.size):
        if rest[k, k] > _ALIASED * max(scale[k], 1e-300):
            kept[k] = True
            rest = rest - np.outer(rest[:, k], rest[k]) / rest[k, k]
    return kept


def _describe(
    model: CoxModel,
    kept: NDArray[np.bool_],
    beta: FloatArray,
    at: Evaluation,
    start: Evaluation,
    convergence: Convergence,
) -> CoxFit:
    """Put the kept coefficients in their places and test them together."""
    positions = np.flatnonzero(kept)
    gone = tuple(int(positions[k]) for k in convergence.monotone)
    inside = np.setdiff1d(np.arange(beta.size), convergence.monotone)
    estimate, covariance = np.full(kept.size, np.nan), np.full((kept.size, kept.size), np.nan)
    estimate[kept] = beta
    estimate[list(gone)] = np.sign(estimate[list(gone)]) * np.inf
    finite = positions[inside]
    inverse = _inverse(at.information[np.ix_(inside, inside)])
    covariance[np.ix_(finite, finite)] = inverse
    if not np.isfinite(inverse).all():
        convergence = replace(convergence, converged=False, message="the information is singular")
    first = start.score[kept]
    score = _quadratic(start.information[np.ix_(kept, kept)], first)
    df = int(kept.sum())
    aliased = tuple(int(k) for k in np.flatnonzero(~kept))
    gain = 2 * (at.log_likelihood - start.log_likelihood)
    return CoxFit(
        model,
        estimate,
        covariance,
        covariance,
        start.log_likelihood,
        at.log_likelihood,
        chi_squared(gain, df),
        _wald(beta[inside], inverse, gone),
        chi_squared(float(score), df),
        None,
        replace(convergence, monotone=gone, aliased=aliased),
    )


def _make_robust(
    fit: CoxFit, reduced: CoxModel, kept: NDArray[np.bool_], beta: FloatArray, cluster: ArrayLike
) -> CoxFit:
    """Replace the covariance by that of the score residuals summed over clusters."""
    _, code = np.unique(np.asarray(cluster), return_inverse=True)
    finite = np.isfinite(fit.beta)
    inside = finite[kept]
    V = fit.model_covariance[np.ix_(finite, finite)]
    influence = _by_cluster(reduced, beta, code)[:, inside] @ V
    covariance = np.full(fit.covariance.shape, np.nan)
    covariance[np.ix_(finite, finite)] = influence.T @ influence
    at_zero = _by_cluster(reduced, np.zeros(beta.size), code)
    total = at_zero.sum(axis=0)
    score = total @ np.linalg.lstsq(at_zero.T @ at_zero, total, rcond=None)[0]
    return replace(
        fit,
        covariance=covariance,
        wald=_wald(fit.beta[finite], influence.T @ influence, fit.convergence.monotone),
        robust_score=chi_squared(float(score), beta.size),
    )


def _by_cluster(model: CoxModel, beta: FloatArray, code: NDArray[np.intp]) -> FloatArray:
    """Score residuals with their weights, summed over clusters."""
    residuals = model.data.weight[:, None] * score_residuals(model, beta)
    sums = np.zeros((code.max() + 1, residuals.shape[1]))
    np.add.at(sums, code, residuals)
    return sums


def _wald(beta: FloatArray, covariance: FloatArray, monotone: tuple[int, ...]) -> ChiSquared:
    """Test all coefficients by their covariance; it does not exist if one is infinite."""
    if monotone:
        return ChiSquared(float("nan"), beta.size + len(monotone), float("nan"))
    if not np.isfinite(covariance).all():
        return ChiSquared(float("nan"), beta.size, float("nan"))
    return chi_squared(_quadratic(covariance, beta), beta.size)


def _quadratic(V: FloatArray, x: FloatArray) -> float:
    """X' V^-1 x, with a generalised inverse where V is singular, as with few clusters."""
    return float(x @ np.linalg.lstsq(V, x, rcond=None)[0])


def _inverse(information: FloatArray) -> FloatArray:
    """The inverse of a positive definite matrix, NaN where it is not one."""
    try:
        np.linalg.cholesky(information)
    except np.linalg.LinAlgError:
        return np.full(information.shape, np.nan)
    return np.linalg.inv(information).astype(np.float64)


def chi_squared(statistic: float, df: int) -> ChiSquared:
    """Give the p-value of a statistic."""
    return ChiSquared(float(statistic), df, float(chi2.sf(statistic, df)))


def _nothing(model: CoxModel, message: str, log_likelihood: float = 0.0) -> CoxFit:
    """Say why there is no estimate."""
    p = model.X.shape[1]
    missing, nan = np.full((p, p), np.nan), float("nan")
    test = ChiSquared(nan, 0, nan)
    convergence = Convergence(False, 0, nan, (), tuple(range(p)), message)
    return CoxFit(
        model,
        np.full(p, np.nan),
        missing,
        missing,
        log_likelihood,
        log_likelihood,
        test,
        test,
        test,
        None,
        convergence,
    )
