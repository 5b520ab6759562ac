"""Relapse of simulated subjects: when it is, and its share, hazard ratio and median."""

import numpy as np
from numpy.typing import NDArray

from ketaoutcomes.numerics.survival.cox_fit import fit_cox
from ketaoutcomes.numerics.survival.cox_risk_sets import cox_model
from ketaoutcomes.numerics.survival.kaplan_meier import kaplan_meier, quantile, survival_at

FloatArray = NDArray[np.float64]

RELAPSE_AT = 22.0
APART_DAYS = (5.0, 15.0)
"""SUSTAIN-1: a MADRS total of 22 or more at two assessments in a row, 5 to 15 days apart
(Daly et al. 2019, doi:10.1001/jamapsychiatry.2019.1189)."""


def relapse_by_score(days: FloatArray, scores: FloatArray, at_least: float) -> FloatArray:
    """Day that completes two high assessments in a row; infinity if there is none.

    Parameters
    ----------
    days : array, shape (v,)
        The first is baseline and counts for nothing.
    scores : array, shape (n, v)
        NaN where not observed: the assessments before and after it are then in a row.
    """
    relapse = np.full(len(scores), np.inf)
    before = np.full(len(scores), np.nan)
    for column in range(1, days.size):
        seen = np.isfinite(scores[:, column])
        high = seen & (scores[:, column] >= at_least)
        apart = days[column] - before
        joined = high & (apart >= APART_DAYS[0]) & (apart <= APART_DAYS[1])
        relapse = np.where(joined & np.isinf(relapse), days[column], relapse)
        before = np.where(seen, np.where(high, days[column], np.nan), before)
    return relapse


def relapse_share(
    relapse: FloatArray, followed: FloatArray, until: float | None
) -> tuple[float, float]:
    """Per cent relapsed and its error: by Kaplan-Meier at a day, else a plain share."""
    happened = relapse <= followed
    if until is None:
        rate = float(happened.mean())
        return 100 * rate, 100 * float(np.sqrt(rate * (1 - rate) / happened.size))
    curve = kaplan_meier(np.minimum(relapse, followed), happened, "plain")
    survival, low, high = survival_at(curve, until)
    return 100 * (1 - survival), 100 * (high - low) / _WIDTH_95


_WIDTH_95 = 2 * 1.959963984540054


def hazard_ratio(
    relapse: FloatArray, followed: FloatArray, other: FloatArray, other_followed: FloatArray
) -> tuple[float, float]:
    """Cox hazard ratio of the first arm against the other, and the error of its logarithm."""
    time = np.concatenate([np.minimum(relapse, followed), np.minimum(other, other_followed)])
    event = np.concatenate([relapse <= followed, other <= other_followed])
    first = np.repeat([1.0, 0.0], [relapse.size, other.size])
    fit = fit_cox(cox_model(time, event, first[:, None]))
    return float(np.exp(fit.beta[0])), float(np.sqrt(fit.covariance[0, 0]))


def median_days(relapse: FloatArray, followed: FloatArray) -> tuple[float, float]:
    """Kaplan-Meier median and its error from the interval; the last day where it is not reached."""
    curve = kaplan_meier(np.minimum(relapse, followed), relapse <= followed, "plain")
    median = quantile(curve)
    if median.estimate is None:
        return float(followed.max()), 0.0
    low = median.estimate if median.conf_low is None else median.conf_low
    high = median.estimate if median.conf_high is None else median.conf_high
    return median.estimate, (high - low) / _WIDTH_95
