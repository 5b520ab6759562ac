"""Proportional hazards with a random effect shared within a cluster, such as a site.

Gamma: Nielsen, Gill, Andersen & Sørensen 1992, Scand J Stat 19:25-43; Gaussian: McGilchrist 1993,
Biometrics 49:221-225 (REML), Ripatti & Palmgren 2000, Biometrics 56:1016-1022 (Laplace).
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import brentq, minimize_scalar
from scipy.special import gammaln

from ketaoutcomes.numerics.survival.counting import FloatArray
from ketaoutcomes.numerics.survival.cox_penalised import (
    PenalisedFit,
    Penalty,
    PenaltyValue,
    fit_penalised,
    ridge,
)
from ketaoutcomes.numerics.survival.cox_risk_sets import CoxModel, Ties, cox_model

FrailtyLaw = Literal["gamma", "gaussian", "gaussian reml"]

_FLAT = 1e3
"""Standard error of a log hazard ratio per SD of a covariate that no finite one has."""
_LOWEST, _HIGHEST = 1e-6, 1e3


@dataclass(frozen=True)
class FrailtyFit:
    """A fitted model.

    Attributes
    ----------
    beta : array, shape (p,)
    covariance, sampling_covariance : array, shape (p, p)
        With the variance of the random effects taken as known; see `PenalisedFit`.
    variance : float
        Of the random effects (of the frailties, for the gamma law); 0 where the likelihood is
        greatest without them.
    clusters : tuple of str
    effects : array, shape (n_clusters,)
        Predicted log frailties.
    log_likelihood_null, log_likelihood : float
        Without covariates and effects; integrated over the effects.
    at_boundary : bool
        The estimated variance is 0.
    converged : bool
    """

    law: FrailtyLaw
    beta: FloatArray
    covariance: FloatArray
    sampling_covariance: FloatArray
    variance: float
    clusters: tuple[str, ...]
    effects: FloatArray
    log_likelihood_null: float
    log_likelihood: float
    penalised: PenalisedFit
    at_boundary: bool
    converged: bool


def fit_frailty(
    time: ArrayLike,
    event: ArrayLike,
    X: ArrayLike,
    cluster: ArrayLike,
    law: FrailtyLaw = "gaussian",
    *,
    entry: ArrayLike | None = None,
    strata: ArrayLike | None = None,
    ties: Ties = "efron",
    variance: float | None = None,
) -> FrailtyFit:
    """Fit coefficients and the variance of the random effects.

    Parameters
    ----------
    cluster : array_like, shape (n,)
    law : {"gamma", "gaussian", "gaussian reml"}
        The integrated likelihood is exact for gamma and Laplace's for Gaussian effects; "gaussian
        reml" solves McGilchrist's equation for the variance.

    variance : float, optional
        Fix the variance of the random effects at this instead of estimating it.

    Raises
    ------
    SurvivalDataError
        If the arrays do not fit together.
    """
    names, code = np.unique(np.asarray(cluster).astype(str), return_inverse=True)
    covariates = np.asarray(X, dtype=np.float64)
    indicators = (code[:, None] == np.arange(names.size)).astype(np.float64)
    columns = np.concatenate([covariates, indicators], axis=1)
    model = cox_model(time, event, columns, entry=entry, strata=strata, ties=ties)
    p = covariates.shape[1]
    deaths = np.bincount(code, model.data.event, names.size).astype(np.float64)
    theta = _best_variance(model, p, law, deaths) if variance is None else variance
    fit, integrated = _at_variance(model, p, law, theta, deaths)
    at_boundary = variance is None and theta <= 10 * _LOWEST
    return FrailtyFit(
        law,
        fit.beta[:p],
        fit.covariance[:p, :p],
        fit.sampling_covariance[:p, :p],
        0.0 if at_boundary else theta,
        tuple(str(name) for name in names),
        fit.beta[p:],
        fit.log_likelihood_null,
        integrated,
        fit,
        at_boundary,
        fit.converged and not _runs_away(covariates, fit.covariance),
    )


def _runs_away(X: FloatArray, covariance: FloatArray) -> bool:
    """Whether a log hazard ratio is infinite: the likelihood is flat in its direction."""
    error = np.sqrt(np.abs(np.diag(covariance)))[: X.shape[1]]
    return bool((error * X.std(axis=0) > _FLAT).any())


def _best_variance(model: CoxModel, p: int, law: FrailtyLaw, deaths: FloatArray) -> float:
    """Variance that maximises the integrated likelihood, or solves the REML equation."""
    if law == "gaussian reml":
        return _reml_variance(model, p)

    def cost(log_theta: float) -> float:
        return -_at_variance(model, p, law, float(np.exp(log_theta)), deaths)[1]

    bounds = (float(np.log(_LOWEST)), float(np.log(_HIGHEST)))
    best = minimize_scalar(cost, bounds=bounds, method="bounded", options={"xatol": 1e-9})
    return float(np.exp(best.x))


def _reml_variance(model: CoxModel, p: int) -> float:
    """Find the largest variance that equals the mean squared effect with its uncertainty."""

    def excess(log_theta: float) -> float:
        theta = float(np.exp(log_theta))
        fit, _ = _at_variance(model, p, "gaussian", theta, np.zeros(0))
        effects, spread = fit.beta[p:], np.diag(fit.covariance)[p:]
        return float((effects @ effects + spread.sum()) / (effects.size * theta)) - 1

    grid = np.log(np.geomspace(_HIGHEST, 100 * _LOWEST, 30))
    above = float(grid[0])
    for log_theta in grid[1:]:
        if excess(float(log_theta)) > 0:
            return float(np.exp(brentq(excess, float(log_theta), above, xtol=1e-10)))
        above = float(log_theta)
    return _LOWEST


def _at_variance(
    model: CoxModel, p: int, law: FrailtyLaw, theta: float, deaths: FloatArray
) -> tuple[PenalisedFit, float]:
    """Fit given the variance, and the likelihood integrated over the effects."""
    q = model.X.shape[1] - p
    if law == "gamma":
        fit = fit_penalised(model, _gamma_penalty(theta, p))
        return fit, fit.log_likelihood - fit.penalty + _gamma_integral(theta, deaths)
    weight = np.concatenate([np.zeros(p), np.ones(q)])
    fit = fit_penalised(model, ridge(1 / theta, weight))
    # the block of the effects of the penalised information, from its inverse
    whole = np.linalg.inv(fit.covariance)
    _, log_determinant = np.linalg.slogdet(whole[p:, p:])
    laplace = -0.5 * (q * np.log(theta) + log_determinant)
    return fit, fit.log_likelihood - fit.penalty + float(laplace)


def _gamma_penalty(theta: float, p: int) -> Penalty:
    """Minus the log density of the log frailties, up to a constant."""
    free = np.zeros(p)

    def value(beta: FloatArray) -> PenaltyValue:
        b = beta[p:]
        frailty = np.exp(b)
        return PenaltyValue(
            float((frailty - b - 1).sum() / theta),
            np.concatenate([free, (frailty - 1) / theta]),
            np.concatenate([free, frailty / theta]),
        )

    return value


def _gamma_integral(theta: float, deaths: FloatArray) -> float:
    """What integrating the frailties out adds to the penalised likelihood.

    Therneau & Grambsch 2000, Modeling Survival Data, section 9.6.
    """
    nu = 1 / theta
    terms = nu * np.log(nu) - (nu + deaths) * np.log(nu + deaths)
    terms += gammaln(nu + deaths) - gammaln(nu) + deaths
    return float(terms.sum())
