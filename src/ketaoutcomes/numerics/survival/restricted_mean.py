"""Restricted mean survival time: the area under the survival curve up to tau.

Own code: the variance of lifelines 0.30.3 is not Greenwood's. Irwin 1949, J Hyg 47:188-189; Royston
& Parmar 2013, BMC Med Res Methodol 13:152; Uno et al. 2014, J Clin Oncol 32:2380-2385.
"""

from dataclasses import dataclass

import numpy as np
from scipy.stats import norm

from ketaoutcomes.numerics.survival.kaplan_meier import SurvivalCurve


@dataclass(frozen=True)
class RestrictedMean:
    """Mean of min(T, tau) in one arm, and `tau` minus it as the time lost.

    All numbers are NaN, with the reason, where tau is beyond what the curve can tell.
    """

    tau: float
    estimate: float
    std_error: float
    conf_low: float
    conf_high: float
    conf_level: float
    reason: str = ""

    @property
    def variance(self) -> float:
        """Squared standard error."""
        return self.std_error**2


@dataclass(frozen=True)
class Contrast:
    """A difference or a ratio of two restricted means."""

    estimate: float
    std_error: float
    conf_low: float
    conf_high: float
    p_value: float
    reason: str = ""


@dataclass(frozen=True)
class RestrictedMeanContrasts:
    """First arm against the second.

    Attributes
    ----------
    difference, ratio, time_lost_ratio : Contrast
        The standard errors of the ratios are those of their logarithms.
    """

    tau: float
    difference: Contrast
    ratio: Contrast
    time_lost_ratio: Contrast


def largest_tau(curves: tuple[SurvivalCurve, ...]) -> float:
    """Find the largest tau at which every curve still tells the area.

    A curve that has come down to 0 tells it for any tau; another up to its last time. If all have
    come down to 0 it is the last time of all.
    """
    limits = [_limit(curve) for curve in curves]
    least = min(limits)
    return least if np.isfinite(least) else max(curve.last_time for curve in curves)


def restricted_mean(curve: SurvivalCurve, tau: float, conf_level: float = 0.95) -> RestrictedMean:
    """Integrate a Kaplan-Meier curve from 0 to tau.

    The variance is the sum over event times t up to tau of A(t)^2 d / (n (n - d)), with A(t) the
    area from t to tau (Greenwood's; Klein & Moeschberger 2003, Survival Analysis, eq. 4.5.2).

    Raises
    ------
    ValueError
        If tau is not positive.
    """
    if not tau > 0:
        raise ValueError(f"tau must be positive, not {tau:g}")
    if tau > _limit(curve):
        nan = float("nan")
        reason = f"tau {tau:g} is beyond the last follow-up, {curve.last_time:g}"
        return RestrictedMean(tau, nan, nan, nan, nan, conf_level, reason)
    inside = curve.times <= tau
    edges = np.concatenate([[0.0], curve.times[inside], [tau]])
    areas = np.diff(edges) * np.concatenate([[1.0], curve.survival[inside]])
    after = np.cumsum(areas[::-1])[::-1][1:]
    n, d = curve.n_at_risk[inside], curve.n_events[inside]
    with np.errstate(divide="ignore", invalid="ignore"):
        terms = np.where((d > 0) & (n > d), after**2 * d / (n * (n - d)), 0.0)
    estimate, std_error = float(areas.sum()), float(np.sqrt(terms.sum()))
    half = _z(conf_level) * std_error
    return RestrictedMean(tau, estimate, std_error, estimate - half, estimate + half, conf_level)


def compare_restricted_means(
    first: RestrictedMean, second: RestrictedMean
) -> RestrictedMeanContrasts:
    """Compare by difference, ratio and ratio of time lost, with Wald intervals (ratios on the log scale).

    Raises
    ------
    ValueError
        If the two have different tau or confidence levels.
    """
    if (first.tau, first.conf_level) != (second.tau, second.conf_level):
        raise ValueError("restricted means compare at one tau and one confidence level")
    reason = "; ".join(dict.fromkeys(mean.reason for mean in (first, second) if mean.reason))
    level = first.conf_level
    difference = _wald(
        first.estimate - second.estimate,
        float(np.hypot(first.std_error, second.std_error)),
        level,
        reason,
    )
    lost = (first.tau - first.estimate, second.tau - second.estimate)
    return RestrictedMeanContrasts(
        first.tau,
        difference,
        _log_ratio(first.estimate, second.estimate, first, second, reason),
        _log_ratio(*lost, first, second, reason),
    )


def _limit(curve: SurvivalCurve) -> float:
    return np.inf if curve.survival[-1] <= 0 else curve.last_time


def _z(conf_level: float) -> float:
    return float(norm.isf((1 - conf_level) / 2))


def _wald(estimate: float, std_error: float, conf_level: float, reason: str) -> Contrast:
    if not reason and not std_error > 0:
        reason = "no variance: no event before tau"
    if reason:
        nan = float("nan")
        return Contrast(estimate, nan, nan, nan, nan, reason)
    half = _z(conf_level) * std_error
    p_value = float(2 * norm.sf(abs(estimate) / std_error))
    return Contrast(estimate, std_error, estimate - half, estimate + half, p_value)


def _log_ratio(
    a: float, b: float, first: RestrictedMean, second: RestrictedMean, reason: str
) -> Contrast:
    """Ratio a/b with the delta method on the log."""
    if not reason and not (a > 0 and b > 0):
        reason = "no ratio: no time lost in an arm"
    if reason:
        nan = float("nan")
        return Contrast(nan, nan, nan, nan, nan, reason)
    std_error = float(np.hypot(first.std_error / a, second.std_error / b))
    log = _wald(float(np.log(a / b)), std_error, first.conf_level, reason)
    low, high = float(np.exp(log.conf_low)), float(np.exp(log.conf_high))
    return Contrast(a / b, log.std_error, low, high, log.p_value, log.reason)
