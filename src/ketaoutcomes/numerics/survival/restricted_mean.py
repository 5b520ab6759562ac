"""Restricted mean survival time: the area under a Kaplan-Meier curve up to tau.

Own code: the variance of lifelines 0.30.3 is not Greenwood's, and its test is a stub.

Royston & Parmar 2013, BMC Med Res Methodol 13:152; variance: Klein & Moeschberger 2003, Survival
Analysis, eq. (4.5.2).

Greenwood's variance divides by n where the sample variance divides by n - 1, and the normal law is
too narrow for a variance that is itself estimated, so that with few subjects the usual test rejects
too often (Horiguchi & Uno 2020, Stat Med 39:2655-2670). `Reference` "t" mends both as Welch 1947,
Biometrika 34:28-35, does for means; without censoring it is Welch's test of min(T, tau).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from ketaoutcomes.numerics import distributions
from ketaoutcomes.numerics.survival.kaplan_meier import KaplanMeier

Reference = Literal["normal", "t"]
"""The law that an estimate over its standard error is referred to."""


@dataclass(frozen=True)
class Comparison:
    """An estimate with its interval and two-sided p-value; `df` of t, None where it is normal."""

    estimate: float
    std_error: float
    conf_low: float
    conf_high: float
    p_value: float | None
    df: float | None = None


@dataclass(frozen=True)
class RestrictedMean:
    """Restricted mean of n subjects and its variance."""

    estimate: float
    variance: float
    tau: float
    n: float


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
            f"follow-up ends at {curve.times[-1]:g}, before the time horizon of the RMST, {tau:g}"
        )
    inside = curve.times < tau
    edges = np.concatenate([[0.0], curve.times[inside], [tau]])
    heights = np.concatenate([[1.0], curve.survival[inside]])
    areas = np.diff(edges) * heights
    after = np.cumsum(areas[::-1])[::-1][1:]
    n, d = curve.n_at_risk[inside], curve.n_events[inside]
    some = (d > 0) & (n > d)
    variance = float((after[some] ** 2 * d[some] / (n[some] * (n[some] - d[some]))).sum())
    return RestrictedMean(float(areas.sum()), variance, tau, float(curve.n_at_risk[0]))


def mean_interval(mean: RestrictedMean, conf_level: float) -> Comparison:
    """Give the mean its symmetric interval."""
    return _compared(mean.estimate, mean.variance, None, conf_level, test=False)


def difference(
    active: RestrictedMean,
    reference: RestrictedMean,
    conf_level: float,
    law: Reference = "normal",
) -> Comparison:
    """Active minus reference."""
    return signed_sum((1.0, -1.0), (active, reference), conf_level, law)


def signed_sum(
    signs: Sequence[float],
    means: Sequence[RestrictedMean],
    conf_level: float,
    law: Reference = "normal",
) -> Comparison:
    """Sum of the means of independent arms, each with its sign."""
    total = sum(sign * mean.estimate for sign, mean in zip(signs, means, strict=True))
    variances = [mean.variance for mean in means]
    variance, df = _of_sum(variances, [mean.n for mean in means], law)
    return _compared(total, variance, df, conf_level, test=True)


def ratio(
    active: RestrictedMean,
    reference: RestrictedMean,
    conf_level: float,
    law: Reference = "normal",
) -> Comparison:
    """Active over reference; the interval and the standard error are on the logarithm."""
    log_ratio = float(np.log(active.estimate / reference.estimate))
    variances = [one.variance / one.estimate**2 for one in (active, reference)]
    variance, df = _of_sum(variances, [active.n, reference.n], law)
    on_log = _compared(log_ratio, variance, df, conf_level, test=True)
    return Comparison(
        float(np.exp(on_log.estimate)),
        on_log.std_error,
        float(np.exp(on_log.conf_low)),
        float(np.exp(on_log.conf_high)),
        on_log.p_value,
        on_log.df,
    )


def time_lost_ratio(
    active: RestrictedMean, reference: RestrictedMean, conf_level: float
) -> Comparison | None:
    """Active over reference of tau minus the restricted mean; None if an arm lost no time."""
    lost = [
        RestrictedMean(one.tau - one.estimate, one.variance, one.tau, one.n)
        for one in (active, reference)
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


def _of_sum(
    variances: Sequence[float], sizes: Sequence[float], law: Reference
) -> tuple[float, float | None]:
    """Variance of a sum of independent means and, for t, its degrees of freedom.

    Satterthwaite 1946, Biometrics Bull 2:110-114: (sum V)^2 / sum (V^2 / (n - 1)), where V is n /
    (n - 1) times Greenwood's. An arm without variance has no part in them.
    """
    if law == "normal":
        return sum(variances), None
    parts = [(v * n / (n - 1), n - 1) for v, n in zip(variances, sizes, strict=True) if v > 0]
    total = sum(v for v, _ in parts)
    spread = sum(v**2 / df for v, df in parts)
    return total, total**2 / spread if parts else None


def _compared(
    estimate: float, variance: float, df: float | None, conf_level: float, *, test: bool
) -> Comparison:
    std_error = variance**0.5
    law = distributions.norm if df is None else distributions.t
    shapes = () if df is None else (df,)
    half = float(law.ppf(0.5 + conf_level / 2, *shapes)) * std_error
    p_value = None
    if test and std_error > 0:
        p_value = float(2 * law.sf(abs(estimate) / std_error, *shapes))
    return Comparison(estimate, std_error, estimate - half, estimate + half, p_value, df)
