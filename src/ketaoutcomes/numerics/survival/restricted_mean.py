"""Restricted mean survival time: the area under a Kaplan-Meier curve up to tau.

Own code: the variance of lifelines 0.30.3 is not Greenwood's, and its test is a stub.

Royston & Parmar 2013, BMC Med Res Methodol 13:152; variance: Klein & Moeschberger 2003, Survival
Analysis, eq. (4.5.2).
"""

from dataclasses import dataclass

import numpy as np
from scipy.stats import norm

from ketaoutcomes.numerics.survival.kaplan_meier import KaplanMeier


@dataclass(frozen=True)
class Comparison:
    """An estimate with its interval and two-sided p-value."""

    estimate: float
    std_error: float
    conf_low: float
    conf_high: float
    p_value: float | None


@dataclass(frozen=True)
class RestrictedMean:
    """Restricted mean and its variance."""

    estimate: float
    variance: float
    tau: float


class BeyondFollowUpError(ValueError):
    """The curve does not reach tau."""


def restricted_mean(curve: KaplanMeier, tau: float) -> RestrictedMean:
    """Mean of min(T, tau).

    Raises
    ------
    BeyondFollowUpError
        If follow-up ends before tau with subjects still event-free.
    """
    if curve.times[-1] < tau and curve.survival[-1] > 0:
        raise BeyondFollowUpError(
            f"follow-up ends at {curve.times[-1]:g}, before the restricted mean's limit {tau:g}"
        )
    inside = curve.times < tau
    edges = np.concatenate([[0.0], curve.times[inside], [tau]])
    heights = np.concatenate([[1.0], curve.survival[inside]])
    areas = np.diff(edges) * heights
    after = np.cumsum(areas[::-1])[::-1][1:]
    n, d = curve.n_at_risk[inside], curve.n_events[inside]
    some = (d > 0) & (n > d)
    variance = float((after[some] ** 2 * d[some] / (n[some] * (n[some] - d[some]))).sum())
    return RestrictedMean(float(areas.sum()), variance, tau)


def mean_interval(mean: RestrictedMean, conf_level: float) -> Comparison:
    """Give the mean its symmetric interval."""
    return _normal(mean.estimate, mean.variance**0.5, conf_level, test=False)


def difference(active: RestrictedMean, reference: RestrictedMean, conf_level: float) -> Comparison:
    """Active minus reference."""
    std_error = (active.variance + reference.variance) ** 0.5
    return _normal(active.estimate - reference.estimate, std_error, conf_level, test=True)


def ratio(active: RestrictedMean, reference: RestrictedMean, conf_level: float) -> Comparison:
    """Active over reference; the interval and the standard error are on the logarithm."""
    log_ratio = float(np.log(active.estimate / reference.estimate))
    variance = active.variance / active.estimate**2 + reference.variance / reference.estimate**2
    on_log = _normal(log_ratio, variance**0.5, conf_level, test=True)
    return Comparison(
        float(np.exp(on_log.estimate)),
        on_log.std_error,
        float(np.exp(on_log.conf_low)),
        float(np.exp(on_log.conf_high)),
        on_log.p_value,
    )


def time_lost_ratio(
    active: RestrictedMean, reference: RestrictedMean, conf_level: float
) -> Comparison | None:
    """Active over reference of tau minus the restricted mean; None if an arm lost no time."""
    lost = [
        RestrictedMean(one.tau - one.estimate, one.variance, one.tau) for one in (active, reference)
    ]
    if not all(one.estimate > 0 for one in lost):
        return None
    return ratio(lost[0], lost[1], conf_level)


def largest_tau(curves: tuple[KaplanMeier, ...]) -> float:
    """Find the largest tau at which every curve still tells the area.

    A curve that has come down to 0 tells it for any tau, another up to its last time. If all have
    come down to 0 it is the last time of all.
    """
    open_ended = [curve.times[-1] for curve in curves if curve.survival[-1] > 0]
    return float(min(open_ended) if open_ended else max(curve.times[-1] for curve in curves))


def _normal(estimate: float, std_error: float, conf_level: float, *, test: bool) -> Comparison:
    half = float(norm.ppf(0.5 + conf_level / 2)) * std_error
    p_value = None
    if test and std_error > 0:
        p_value = float(2 * norm.sf(abs(estimate) / std_error))
    return Comparison(estimate, std_error, estimate - half, estimate + half, p_value)
