"""Fit an accelerated failure time model: log T (or T) = X beta + sigma * error.

Own code: lifelines 0.30.3 has no exponential, Rayleigh, Gaussian or logistic errors, no scale by
stratum and no variance by cluster. Kalbfleisch & Prentice 2002, The Statistical Analysis of Failure
Time Data, chapter 3.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ketaoutcomes.numerics.distributions import norm
from ketaoutcomes.numerics.survival.aft_distributions import FAMILIES, Distribution
from ketaoutcomes.numerics.survival.aft_likelihood import AftEvaluation, AftModel, evaluate_aft
from ketaoutcomes.numerics.survival.counting import FloatArray, SurvivalDataError

_MAX_ITERATIONS = 100
_SMALL_STEP = 1e-9
_LEAST_SPREAD = 1e-6
FLAT = 1e4
"""Standard error, in residual spreads per usual size of a covariate, that no finite effect has."""
MONOTONE = (
    "monotone likelihood: an effect is infinite, as where all participants of an arm or a level "
    "are without the event"
)


@dataclass(frozen=True)
class AftFit:
    """A fitted model.

    Attributes
    ----------
    beta : array, shape (p,)
        Coefficients of the log time (or time). With Weibull errors -beta / scale are log hazard
        ratios.
    scale : array, shape (n_scales,)
    theta, covariance : array, shape (q,) and (q, q)
        Coefficients and log scales, and their covariance; by cluster if clusters were given.
    log_likelihood : float
        On the scale of time.
    converged : bool
    message : str
    """

    model: AftModel
    beta: FloatArray
    scale: FloatArray
    theta: FloatArray
    covariance: FloatArray
    log_likelihood: float
    converged: bool
    iterations: int
    message: str = ""

    @property
    def std_error(self) -> FloatArray:
        """Standard errors of theta."""
        return np.sqrt(np.diag(self.covariance))

    @property
    def p_value(self) -> FloatArray:
        """Two-sided Wald tests that an element of theta is 0."""
        p_value: FloatArray = 2 * norm.sf(np.abs(self.theta) / self.std_error)
        return p_value


@dataclass(frozen=True)
class PredictedQuantiles:
    """Quantiles of the time of one set of covariates, with delta-method standard errors."""

    probability: FloatArray
    estimate: FloatArray
    std_error: FloatArray


def aft_model(
    low: ArrayLike,
    high: ArrayLike,
    X: ArrayLike,
    distribution: Distribution,
    *,
    scale_strata: ArrayLike | None = None,
) -> AftModel:
    """Arrange the data of a model.

    Parameters
    ----------
    low, high : array_like, shape (n,)
        Limits between which the event is known to lie: equal for an event, `high` infinite for
        right censoring; `low` minus infinity (or 0 for a time) for left censoring.
    X : array_like, shape (n, p)
        With an intercept.

    Raises
    ------
    SurvivalDataError
        If limits are missing or cross, or a law of the log time meets an event at 0 or before.
    """
    a, b = np.asarray(low, dtype=np.float64), np.asarray(high, dtype=np.float64)
    covariates, family = np.asarray(X, dtype=np.float64), FAMILIES[distribution]
    if covariates.shape[0] != a.size or a.shape != b.shape:
        raise SurvivalDataError("low, high and X must have the same number of rows")
    if not ((a <= b).all() and np.isfinite(covariates).all()):
        raise SurvivalDataError("a limit or a covariate is missing, or the limits cross")
    exact = a == b
    jacobian = 0.0
    if family.logarithmic:
        if (b <= 0).any():
            raise SurvivalDataError(f"a {distribution} time must be positive")
        jacobian = float(np.log(b[exact]).sum())
        with np.errstate(divide="ignore"):
            a, b = np.log(np.maximum(a, 0)), np.log(b)
    labels = np.zeros(a.size) if scale_strata is None else np.asarray(scale_strata)
    _, group = np.unique(labels, return_inverse=True)
    return AftModel(family, a, b, covariates, group, jacobian)


def right_censored_limits(time: ArrayLike, event: ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Give the limits of right-censored times."""
    t = np.array(time, dtype=np.float64)
    return t, np.where(np.asarray(event, dtype=np.bool_), t, np.inf)


def fit_aft(model: AftModel, cluster: ArrayLike | None = None) -> AftFit:
    """Maximise the likelihood by Newton's method with halving.

    Raises
    ------
    SurvivalDataError
        If the covariates determine one another.
    """
    p = model.X.shape[1]
    if np.linalg.matrix_rank(model.X) < p:
        raise SurvivalDataError("the covariates determine one another")
    theta = _start(model)
    at = evaluate_aft(model, theta)
    iterations, step = 0, _step(at)
    while _size(step, at) >= _SMALL_STEP and iterations < _MAX_ITERATIONS:
        theta, at = _climb(model, theta, at, step)
        iterations, step = iterations + 1, _step(at)
    bounded = np.isfinite(model.high).any() and np.isfinite(model.low).any()
    converged = bool(
        bounded and _size(step, at) < _SMALL_STEP and _positive_definite(at.information)
    )
    runs_away = converged and _runs_away(model, theta, at)
    converged = converged and not runs_away
    covariance = np.full((theta.size, theta.size), np.nan)
    if converged:
        covariance = np.linalg.inv(at.information)
        if cluster is not None:
            covariance = _by_cluster(at.scores @ covariance, cluster)
    fixed = model.family.fixed_scale
    scale = np.exp(theta[p:]) if fixed is None else np.array([fixed])
    unfinished = (
        MONOTONE if runs_away else "the likelihood has no maximum that Newton's method finds"
    )
    message = "" if converged else unfinished
    return AftFit(
        model,
        theta[:p],
        scale,
        theta,
        covariance,
        at.log_likelihood,
        converged,
        iterations,
        message,
    )


def predict_quantiles(
    fit: AftFit, x: FloatArray, probability: FloatArray, *, scale_group: int = 0
) -> PredictedQuantiles:
    """Predict quantiles of the time of covariates x, shape (p,)."""
    family, p = fit.model.family, fit.beta.size
    z = family.law.quantile(probability)
    linear = x @ fit.beta + fit.scale[scale_group] * z
    gradient = np.zeros((z.size, fit.theta.size))
    gradient[:, :p] = x
    if family.fixed_scale is None:
        gradient[:, p + scale_group] = fit.scale[scale_group] * z
    std_error = np.sqrt(np.einsum("zp,pq,zq->z", gradient, fit.covariance, gradient))
    if family.logarithmic:
        return PredictedQuantiles(probability, np.exp(linear), np.exp(linear) * std_error)
    return PredictedQuantiles(probability, linear, std_error)


def _start(model: AftModel) -> FloatArray:
    """Least squares on the middle of the limits, or on the one that is known."""
    low, high = np.isfinite(model.low), np.isfinite(model.high)
    known_low = np.where(low, model.low, np.where(high, model.high, 0.0))
    known_high = np.where(high, model.high, known_low)
    y = (known_low + known_high) / 2
    beta = np.linalg.lstsq(model.X, y, rcond=None)[0]
    spread = float(np.std(y - model.X @ beta))
    spread = spread if spread > _LEAST_SPREAD else 1.0
    return np.concatenate([beta, np.full(model.n_scales, np.log(spread))])


def _step(at: AftEvaluation) -> FloatArray:
    """Newton's step; where the information is not positive definite, along the scores' own."""
    matrix = at.information
    if not np.isfinite(at.scores).all():
        return np.zeros(matrix.shape[0])
    if not _positive_definite(matrix):
        matrix = at.scores.T @ at.scores
    step: FloatArray = np.linalg.lstsq(matrix, at.scores.sum(axis=0), rcond=None)[0]
    return step


def _runs_away(model: AftModel, theta: FloatArray, at: AftEvaluation) -> bool:
    """Whether an effect is infinite: the likelihood is flat in its direction.

    A standard error that is large beside the spread of the logarithm of the time tells it; Newton's
    steps do not, as they are measured by that error.
    """
    p = model.X.shape[1]
    fixed = model.family.fixed_scale
    scale = fixed if fixed is not None else float(np.exp(theta[p]))
    error = np.sqrt(np.abs(np.diag(np.linalg.inv(at.information))))[:p]
    size = np.sqrt((model.X**2).mean(axis=0))
    return bool((error * size > FLAT * scale).any())


def _size(step: FloatArray, at: AftEvaluation) -> float:
    """Largest element of a step, in standard errors."""
    return float((np.abs(step) * np.sqrt(np.abs(np.diag(at.information)))).max())


def _positive_definite(matrix: FloatArray) -> bool:
    return bool(np.isfinite(matrix).all() and np.linalg.eigvalsh(matrix).min() > 0)


def _climb(
    model: AftModel, theta: FloatArray, at: AftEvaluation, step: FloatArray
) -> tuple[FloatArray, AftEvaluation]:
    for halving in range(30):
        trial = theta + step / 2**halving
        with np.errstate(over="ignore", invalid="ignore"):
            there = evaluate_aft(model, trial)
        if there.log_likelihood >= at.log_likelihood - 1e-12 * abs(at.log_likelihood):
            return trial, there
    return theta, at


def _by_cluster(influence: FloatArray, cluster: ArrayLike) -> FloatArray:
    _, code = np.unique(np.asarray(cluster), return_inverse=True)
    sums = np.zeros((int(code.max()) + 1, influence.shape[1]))
    np.add.at(sums, code, influence)
    return sums.T @ sums
