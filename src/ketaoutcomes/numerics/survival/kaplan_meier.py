"""Survival curves with their pointwise intervals.

Own code and not lifelines: its Kaplan-Meier has the log-log interval alone, and neither R's
quantiles nor counts at the tick. Kaplan & Meier 1958, J Am Stat Assoc 53:457-481; Fleming &
Harrington 1984, Comm Stat Theory Methods 13:2469-2486.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy.stats import norm

from ketaoutcomes.numerics.survival.counting import (
    FloatArray,
    RiskTable,
    observations,
    risk_table,
)
from ketaoutcomes.numerics.survival.intervals import IntervalType, survival_interval

Estimator = Literal["kaplan-meier", "nelson-aalen", "fleming-harrington"]


@dataclass(frozen=True)
class SurvivalCurve:
    """A survival curve, constant from each time up to the next and 1 before the first.

    Attributes
    ----------
    times : array, shape (k,)
        Distinct times of events and of censoring.
    survival, std_error : array, shape (k,)
        Probability of no event up to and including each time. The standard error does not exist
        (NaN) where the estimate is 0.
    conf_low, conf_high : array, shape (k,)
        Pointwise interval; NaN where the survival is 0.
    n_at_risk, n_events, n_censored : array, shape (k,)
    cumulative_hazard, cumulative_hazard_std_error : array, shape (k,)
        Nelson-Aalen, or with the ties broken one by one for Fleming-Harrington.
    log_survival_std_error : array, shape (k,)
        Standard error of the log of the survival; infinite where the survival is 0.
    conf_type, conf_level, estimator
        How it was made.
    """

    times: FloatArray
    survival: FloatArray
    std_error: FloatArray
    conf_low: FloatArray
    conf_high: FloatArray
    n_at_risk: FloatArray
    n_events: FloatArray
    n_censored: FloatArray
    cumulative_hazard: FloatArray
    cumulative_hazard_std_error: FloatArray
    log_survival_std_error: FloatArray
    conf_type: IntervalType
    conf_level: float
    estimator: Estimator

    @property
    def last_time(self) -> float:
        """End of follow-up."""
        return float(self.times[-1])


@dataclass(frozen=True)
class Milestone:
    """Survival at one time; NaN, with the reason, where it is beyond follow-up."""

    time: float
    survival: float
    std_error: float
    conf_low: float
    conf_high: float
    n_at_risk: float
    reason: str = ""


@dataclass(frozen=True)
class MilestoneDifference:
    """Survival of the first curve minus that of the second at one time, with a Wald interval."""

    time: float
    estimate: float
    std_error: float
    conf_low: float
    conf_high: float
    p_value: float
    reason: str = ""


def kaplan_meier(
    time: ArrayLike,
    event: ArrayLike,
    conf_type: IntervalType = "log-log",
    conf_level: float = 0.95,
    *,
    entry: ArrayLike | None = None,
    weight: ArrayLike | None = None,
    estimator: Estimator = "kaplan-meier",
) -> SurvivalCurve:
    """Estimate the curve of the probability of no event.

    Parameters
    ----------
    time, event : array_like, shape (n,)
        Time of the event (`event` true) or of censoring.
    conf_type : {"log-log", "log", "plain", "logit", "arcsin"}
        The scale of the interval; R's default is log, SAS's log-log.
    entry, weight : array_like, shape (n,), optional
        Delayed entry and case weights. With weights the variance is that of counts (frequency
        weights), not the robust one.
    estimator
        "nelson-aalen" and "fleming-harrington" are exp(-cumulative hazard).

    Raises
    ------
    SurvivalDataError
        If the arrays do not fit together.
    """
    table = risk_table(observations(time, event, entry, weight))
    hazard, hazard_variance = _cumulative_hazard(table, estimator)
    if estimator == "kaplan-meier":
        survival: FloatArray = np.cumprod(1.0 - table.n_events / table.n_at_risk)
        log_variance = _greenwood(table)
    else:
        survival, log_variance = np.exp(-hazard), hazard_variance
    log_std_error = np.sqrt(log_variance)
    low, high = survival_interval(survival, log_std_error, conf_type, conf_level)
    with np.errstate(invalid="ignore"):
        std_error = survival * log_std_error
    return SurvivalCurve(
        times=table.times,
        survival=survival,
        std_error=std_error,
        conf_low=low,
        conf_high=high,
        n_at_risk=table.n_at_risk,
        n_events=table.n_events,
        n_censored=table.n_censored,
        cumulative_hazard=hazard,
        cumulative_hazard_std_error=np.sqrt(hazard_variance),
        log_survival_std_error=log_std_error,
        conf_type=conf_type,
        conf_level=conf_level,
        estimator=estimator,
    )


def survival_at(curve: SurvivalCurve, time: float) -> Milestone:
    """Read a curve at a time; beyond follow-up it is known only if it came down to 0."""
    position = int(np.searchsorted(curve.times, time, side="right")) - 1
    at_risk = float(curve.n_at_risk[position + 1]) if position + 1 < curve.times.size else 0.0
    if position >= 0 and time == curve.times[position]:
        at_risk = float(curve.n_at_risk[position])
    if position < 0:
        return Milestone(time, 1.0, 0.0, 1.0, 1.0, at_risk)
    if time > curve.last_time and curve.survival[-1] > 0:
        nan = float("nan")
        reason = f"time {time:g} is beyond the last follow-up, {curve.last_time:g}"
        return Milestone(time, nan, nan, nan, nan, 0.0, reason)
    return Milestone(
        time,
        float(curve.survival[position]),
        float(curve.std_error[position]),
        float(curve.conf_low[position]),
        float(curve.conf_high[position]),
        at_risk,
    )


def milestone_difference(
    first: SurvivalCurve, second: SurvivalCurve, time: float, conf_level: float = 0.95
) -> MilestoneDifference:
    """Compare survival at a time (Klein, Logan, Harhoff & Andersen 2007, Stat Med 26:4505)."""
    a, b = survival_at(first, time), survival_at(second, time)
    estimate = a.survival - b.survival
    std_error = float(np.hypot(a.std_error, b.std_error))
    reason = "; ".join(milestone.reason for milestone in (a, b) if milestone.reason)
    if not reason and not std_error > 0:
        reason = "no variance: the survival is 0 or 1 in an arm"
    if reason:
        nan = float("nan")
        return MilestoneDifference(time, estimate, nan, nan, nan, nan, reason)
    half = float(norm.isf((1 - conf_level) / 2)) * std_error
    p_value = float(2 * norm.sf(abs(estimate) / std_error))
    return MilestoneDifference(time, estimate, std_error, estimate - half, estimate + half, p_value)


def _greenwood(table: RiskTable) -> FloatArray:
    """Variance of log S (Greenwood 1926, Reports on Public Health 33:1-26)."""
    survivors = table.n_at_risk - table.n_events
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = np.where(table.n_events > 0, table.n_events / (table.n_at_risk * survivors), 0.0)
    return np.cumsum(terms)


def _cumulative_hazard(table: RiskTable, estimator: Estimator) -> tuple[FloatArray, FloatArray]:
    """Cumulative hazard and its variance, tied events together or one after the other."""
    if estimator != "fleming-harrington":
        steps = table.n_events / table.n_at_risk
        return np.cumsum(steps), np.cumsum(steps / table.n_at_risk)
    pairs = zip(table.n_at_risk, table.n_events, strict=True)
    left = [n - np.arange(round(d)) for n, d in pairs]
    steps = np.array([np.sum(1.0 / n) for n in left])
    squares = np.array([np.sum(1.0 / n**2) for n in left])
    return np.cumsum(steps), np.cumsum(squares)
