"""The Kaplan-Meier curve with its intervals, quantiles and numbers at risk.

Kaplan & Meier 1958, J Am Stat Assoc 53:457-481; Fleming & Harrington 1984, Comm Stat Theory Methods
13:2469-2486; Brookmeyer & Crowley 1982, Biometrics 38:29-41, for the interval of a quantile. Own
code, as lifelines 0.30 has the log-log interval only and counts those at risk after a time instead
of at it.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from ketaoutcomes.numerics.distributions import norm
from ketaoutcomes.numerics.survival.counting import (
    FloatArray,
    IntArray,
    RiskTable,
    observations,
    product_limit,
    risk_table,
)
from ketaoutcomes.numerics.survival.intervals import IntervalType, survival_interval

Estimator = Literal["kaplan-meier", "nelson-aalen", "fleming-harrington"]

_TOLERANCE = float(np.sqrt(np.finfo(np.float64).eps))


@dataclass(frozen=True)
class KaplanMeier:
    """A curve, one element for each distinct time at which something was observed.

    Attributes
    ----------
    times : array, increasing
    n_at_risk, n_events, n_censored : arrays
        `n_at_risk` counts subjects with a time at or after this one; sums of weights if there are.
    survival, std_error : arrays
        Probability of no event up to and including the time; its standard error, NaN where the
        survival is 0.
    conf_low, conf_high : arrays
        Pointwise interval; NaN where it does not exist.
    log_std_error : array
        Standard error of the log of the survival; infinite where the survival is 0.
    cumulative_hazard, cumulative_hazard_std_error : arrays
        Nelson-Aalen; with ties broken one by one for Fleming-Harrington.
    """

    times: FloatArray
    n_at_risk: FloatArray
    n_events: FloatArray
    n_censored: FloatArray
    survival: FloatArray
    std_error: FloatArray
    conf_low: FloatArray
    conf_high: FloatArray
    log_std_error: FloatArray
    cumulative_hazard: FloatArray
    cumulative_hazard_std_error: FloatArray


@dataclass(frozen=True)
class Quantile:
    """Time by which a share of subjects had the event; None where it was not reached."""

    estimate: float | None
    conf_low: float | None
    conf_high: float | None


@dataclass(frozen=True)
class MilestoneDifference:
    """Survival of the first curve minus that of the second at one time, with a Wald interval.

    NaN, with the reason, where the time is beyond follow-up or there is no variance.
    """

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
    interval: IntervalType = "log-log",
    conf_level: float = 0.95,
    *,
    entry: ArrayLike | None = None,
    weight: ArrayLike | None = None,
    estimator: Estimator = "kaplan-meier",
) -> KaplanMeier:
    """Estimate the curve.

    Parameters
    ----------
    time, event : array_like, shape (n,)
        Time of the event (`event` true) or of censoring.
    interval : {"log-log", "log", "plain", "logit", "arcsin"}
        Scale on which the interval is symmetric (SAS: log-log; R: log).
    entry, weight : array_like, shape (n,), optional
        Delayed entry, and frequency weights: the variance is that of counts.
    estimator : {"kaplan-meier", "nelson-aalen", "fleming-harrington"}
        The last two are the exponential of minus the cumulative hazard.

    Raises
    ------
    SurvivalDataError
        If the arrays do not fit together.
    """
    table = risk_table(observations(time, event, entry, weight))
    hazard, hazard_variance = _cumulative_hazard(table, estimator)
    survival, log_variance = np.exp(-hazard), hazard_variance
    if estimator == "kaplan-meier":
        survival = product_limit(table.n_events, table.n_at_risk)
        log_variance = _greenwood(table)
    log_std_error = np.sqrt(log_variance)
    low, high = survival_interval(survival, log_std_error, interval, conf_level)
    with np.errstate(invalid="ignore"):
        std_error = survival * log_std_error
    return KaplanMeier(
        times=table.times,
        n_at_risk=table.n_at_risk,
        n_events=table.n_events,
        n_censored=table.n_censored,
        survival=survival,
        std_error=std_error,
        conf_low=low,
        conf_high=high,
        log_std_error=log_std_error,
        cumulative_hazard=hazard,
        cumulative_hazard_std_error=np.sqrt(hazard_variance),
    )


def survival_at(curve: KaplanMeier, time: float) -> tuple[float, float, float]:
    """Survival and its interval at a time; NaN beyond the last observation unless it is zero."""
    survival, _, low, high = _read(curve, time)
    return survival, low, high


def milestone_difference(
    first: KaplanMeier, second: KaplanMeier, time: float, conf_level: float = 0.95
) -> MilestoneDifference:
    """Compare survival at a time (Klein, Logan, Harhoff & Andersen 2007, Stat Med 26:4505)."""
    (a, a_error, _, _), (b, b_error, _, _) = _read(first, time), _read(second, time)
    estimate, std_error = a - b, float(np.hypot(a_error, b_error))
    if not std_error > 0:
        reason = "beyond follow-up" if np.isnan(estimate) else "no variance: survival is 0 or 1"
        nan = float("nan")
        return MilestoneDifference(time, estimate, nan, nan, nan, nan, reason)
    half = float(norm.isf((1 - conf_level) / 2)) * std_error
    p_value = float(2 * norm.sf(abs(estimate) / std_error))
    return MilestoneDifference(time, estimate, std_error, estimate - half, estimate + half, p_value)


def quantile(curve: KaplanMeier, share: float = 0.5) -> Quantile:
    """Find the time by which a share of subjects had the event.

    R's rule: the first time at which the curve is at or below 1 - share; if it runs flat at exactly
    that height, the middle of the flat stretch. The limits are the quantiles of the limits of the
    curve.
    """
    return Quantile(
        estimate=_crossing(curve.times, curve.survival, share),
        conf_low=_crossing(curve.times, curve.conf_low, share),
        conf_high=_crossing(curve.times, curve.conf_high, share),
    )


def at_risk(time: ArrayLike, ticks: ArrayLike, entry: ArrayLike | None = None) -> IntArray:
    """Count subjects under observation just before each tick: `entry < tick <= time`.

    At tick 0 these are all subjects; counting at the tick makes the first number the number
    randomised (Pocock, Clayton & Altman 2002, Lancet 359:1686-1689).
    """
    at = np.asarray(ticks, dtype=np.float64)
    counts = _at_or_after(time, at)
    return counts if entry is None else counts - _at_or_after(entry, at)


def _at_or_after(values: ArrayLike, ticks: FloatArray) -> IntArray:
    ordered = np.sort(np.asarray(values, dtype=np.float64))
    return ordered.size - np.searchsorted(ordered, ticks, side="left")


def _read(curve: KaplanMeier, time: float) -> tuple[float, float, float, float]:
    """Survival, standard error and interval at a time."""
    place = int(np.searchsorted(curve.times, time, side="right")) - 1
    if place < 0:
        return 1.0, 0.0, 1.0, 1.0
    if time > curve.times[-1] and curve.survival[-1] > 0:
        return float("nan"), float("nan"), float("nan"), float("nan")
    return (
        float(curve.survival[place]),
        float(curve.std_error[place]),
        float(curve.conf_low[place]),
        float(curve.conf_high[place]),
    )


def _crossing(times: FloatArray, height: FloatArray, share: float) -> float | None:
    """Where a falling step function first reaches 1 - share, within R's tolerance."""
    known = ~np.isnan(height)
    at, fallen = times[known], 1 - height[known]
    reached = np.flatnonzero(fallen >= share - _TOLERANCE)
    if reached.size == 0:
        return None
    passed = np.flatnonzero(fallen > share + _TOLERANCE)
    end_of_flat = passed[0] if passed.size else fallen.size - 1
    return float((at[reached[0]] + at[end_of_flat]) / 2)


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


def sound_from(time: ArrayLike, event: ArrayLike, entry: ArrayLike | None = None) -> float:
    """The earliest time from which somebody is always at risk and not all of them have the event.

    With delayed entry the first risk sets may be empty, or so small that the curve falls to 0 while
    others have still to enter: what comes before that time says nothing of those who enter later.

    Returns
    -------
    float
        0 without delayed entry.
    """
    if entry is None:
        return 0.0
    data = observations(time, event, entry)
    table = risk_table(data)
    starts = np.unique(data.entry)
    after_a_gap = starts[at_risk(data.time, starts, data.entry) == 0]
    extinct = table.times[(table.n_events > 0) & (table.n_events >= table.n_at_risk)]
    early = extinct[extinct <= starts[-1]]
    return float(max([0.0, *after_a_gap, *early]))
