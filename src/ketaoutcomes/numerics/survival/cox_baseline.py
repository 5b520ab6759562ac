"""Cumulative baseline hazard of a proportional hazards model, and survival predicted from it.

Breslow 1972, J R Stat Soc B 34:216-217, with Efron's terms for ties where the model has them;
variance as in Therneau & Grambsch 2000, Modeling Survival Data, section 10.2.
"""

from dataclasses import dataclass

import numpy as np

from ketaoutcomes.numerics.survival.counting import FloatArray, IntArray
from ketaoutcomes.numerics.survival.cox_fit import CoxFit
from ketaoutcomes.numerics.survival.cox_likelihood import relative_risk, terms_at
from ketaoutcomes.numerics.survival.intervals import IntervalType, survival_interval


@dataclass(frozen=True)
class BaselineHazard:
    """Cumulative hazard with covariates and offset 0, at each event time of a stratum."""

    stratum: IntArray
    times: FloatArray
    cumulative_hazard: FloatArray


@dataclass(frozen=True)
class PredictedSurvival:
    """Survival of one set of covariates in one stratum, at the times asked for."""

    times: FloatArray
    survival: FloatArray
    std_error: FloatArray
    conf_low: FloatArray
    conf_high: FloatArray


@dataclass(frozen=True)
class _Steps:
    """Steps at each set: hazard, squared hazard, and hazard times mean covariates."""

    hazard: FloatArray
    squared: FloatArray
    moment: FloatArray


def baseline_hazard(fit: CoxFit) -> BaselineHazard:
    """Estimate the cumulative hazard at covariates 0.

    Raises
    ------
    ValueError
        If a coefficient is not finite.
    """
    sets = fit.model.sets
    hazard = _steps(fit).hazard * np.exp(-float(fit.model.centre @ fit.beta))
    total = np.cumsum(hazard)
    starts = np.searchsorted(sets.stratum, sets.stratum)
    before = np.concatenate([[0.0], total])[starts]
    return BaselineHazard(sets.stratum, sets.times, total - before)


def predict_survival(
    fit: CoxFit,
    x: FloatArray,
    times: FloatArray,
    *,
    stratum: int = 0,
    interval: IntervalType = "log-log",
    conf_level: float = 0.95,
) -> PredictedSurvival:
    """Predict the survival of a subject with covariates x (uncentred), shape (p,).

    Raises
    ------
    ValueError
        If a coefficient is not finite.
    """
    steps, sets = _steps(fit), fit.model.sets
    away = x - fit.model.centre
    inside = (sets.stratum == stratum)[None, :] & (sets.times[None, :] <= times[:, None])
    risk = float(np.exp(away @ fit.beta))
    hazard = risk * (inside @ steps.hazard)
    lever = risk * (inside @ (steps.moment - steps.hazard[:, None] * away))
    variance = risk**2 * (inside @ steps.squared)
    variance += np.einsum("tp,pq,tq->t", lever, fit.covariance, lever)
    survival, log_std_error = np.exp(-hazard), np.sqrt(variance)
    low, high = survival_interval(survival, log_std_error, interval, conf_level)
    return PredictedSurvival(times, survival, survival * log_std_error, low, high)


def _steps(fit: CoxFit) -> _Steps:
    if not np.isfinite(fit.beta).all():
        raise ValueError("a baseline hazard needs finite coefficients")
    model, sets = fit.model, fit.model.sets
    terms = terms_at(model, fit.beta)
    eta, _ = relative_risk(model, fit.beta)
    hazard = terms.hazard * np.exp(-eta.max())
    columns = np.column_stack([hazard, hazard**2, hazard[:, None] * terms.mean])
    sums = sets.sum_by_set(columns)
    return _Steps(sums[:, 0], sums[:, 1], sums[:, 2:])
