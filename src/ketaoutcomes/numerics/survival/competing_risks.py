"""Cumulative incidence of competing events.

Aalen & Johansen 1978, Scand J Stat 5:141-150. Own code: lifelines 0.30.3 breaks ties by random
jitter and has no robust variance.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ketaoutcomes.numerics.survival.counting import (
    FloatArray,
    IntArray,
    SurvivalDataError,
    observations,
    weight_at_risk,
)
from ketaoutcomes.numerics.survival.intervals import IntervalType, survival_interval


@dataclass(frozen=True)
class CumulativeIncidence:
    """Probabilities of having had no event, or first an event of each cause.

    Attributes
    ----------
    times : array, shape (k,)
        Distinct times.
    n_at_risk : array, shape (k,)
    n_events : array, shape (k, n_causes)
    probability : array, shape (k, 1 + n_causes)
        Column 0 is no event yet; column c is cause c.
    std_error : array, shape (k, 1 + n_causes)
        By the infinitesimal jackknife, as in R's survfit.
    delta_variance : array, shape (k, n_causes)
        Variance of the incidence by the delta method, as in cmprsk.
    conf_low, conf_high : array, shape (k, 1 + n_causes)
    """

    times: FloatArray
    n_at_risk: FloatArray
    n_events: FloatArray
    probability: FloatArray
    std_error: FloatArray
    delta_variance: FloatArray
    conf_low: FloatArray
    conf_high: FloatArray


def cumulative_incidence(
    time: ArrayLike,
    cause: ArrayLike,
    interval: IntervalType = "log-log",
    conf_level: float = 0.95,
    *,
    n_causes: int | None = None,
    entry: ArrayLike | None = None,
    subject: ArrayLike | None = None,
) -> CumulativeIncidence:
    """Estimate the incidence of each cause.

    Parameters
    ----------
    time : array_like, shape (n,)
    cause : array_like of int, shape (n,)
        0 for censoring, else the cause of the event.
    n_causes : int, optional
        If a cause may have no event; the greatest code otherwise.
    entry : array_like, shape (n,), optional
        Delayed entry: a row is at risk for `entry < t <= time`.
    subject : array_like, shape (n,), optional
        Whose a row is, where a subject has several intervals; the variance is by subject.

    Raises
    ------
    SurvivalDataError
        If a code is negative or not a whole number, or the arrays do not fit together.
    """
    codes = event_codes(cause)
    data = observations(time, codes > 0, entry)
    causes = int(codes.max()) if n_causes is None else n_causes
    times, place = np.unique(data.time, return_inverse=True)
    n_events = np.zeros((times.size, causes + 1))
    np.add.at(n_events, (place, codes), 1.0)
    n_at_risk = weight_at_risk(data, times)
    hazards = n_events[:, 1:] / n_at_risk[:, None]
    before = np.concatenate([[1.0], np.cumprod(1 - hazards.sum(axis=1))])
    incidence = np.cumsum(before[:-1, None] * hazards, axis=0)
    probability = np.column_stack([before[1:], incidence])
    whose = np.unique(
        np.arange(data.time.size) if subject is None else np.asarray(subject), return_inverse=True
    )[1]
    first = np.searchsorted(times, data.entry, side="right")
    std_error = _infinitesimal_jackknife((first, place, whose), codes, hazards, n_at_risk, before)
    low, high = _limits(probability, std_error, interval, conf_level)
    variance = _delta_variance(n_events[:, 1:], n_at_risk, before, incidence)
    return CumulativeIncidence(
        times, n_at_risk, n_events[:, 1:], probability, std_error, variance, low, high
    )


def event_codes(cause: ArrayLike) -> IntArray:
    """Check the codes of the causes.

    Raises
    ------
    SurvivalDataError
        If one is missing, negative or not a whole number.
    """
    values = np.asarray(cause, dtype=np.float64)
    if not (np.isfinite(values) & (values >= 0) & (values == np.round(values))).all():
        raise SurvivalDataError("a cause is not 0 (censored), 1, 2, ...")
    return values.astype(np.intp)


def mean_time_in_state(curve: CumulativeIncidence, tau: float) -> FloatArray:
    """Integrate each probability from 0 to tau: time event-free, and time lost to each cause.

    Beyond the last time the probabilities are taken as constant, as R's survfit does.
    """
    edges = np.clip(np.concatenate([[0.0], curve.times, [np.inf]]), 0, tau)
    start = np.zeros((1, curve.probability.shape[1]))
    start[0, 0] = 1.0
    area: FloatArray = np.diff(edges) @ np.concatenate([start, curve.probability])
    return area


def _infinitesimal_jackknife(
    rows: tuple[IntArray, IntArray, IntArray],
    codes: IntArray,
    hazards: FloatArray,
    n_at_risk: FloatArray,
    before: FloatArray,
) -> FloatArray:
    """Root of the summed squared derivatives in the weight of each subject.

    `rows` are the places of the first and last time at risk of each row, and whose it is.
    """
    first, place, whose = rows
    n, causes = place.size, hazards.shape[1]
    sole = int(whose.max()) + 1 == n
    survival, incidence = np.zeros(n), np.zeros((n, causes))
    result = np.empty((hazards.shape[0], causes + 1))
    for t in range(hazards.shape[0]):
        at_risk = (first <= t) & (place >= t)
        moved = -np.outer(at_risk, hazards[t])
        here = (place == t) & (codes > 0)
        moved[here, codes[here] - 1] += 1
        moved /= n_at_risk[t]
        incidence += survival[:, None] * hazards[t] + before[t] * moved
        survival = survival * (1 - hazards[t].sum()) - before[t] * moved.sum(axis=1)
        if sole:
            result[t, 0] = survival @ survival
            result[t, 1:] = (incidence**2).sum(axis=0)
            continue
        both = np.column_stack([survival, incidence])
        result[t] = [(np.bincount(whose, column) ** 2).sum() for column in both.T]
    return np.sqrt(result)


def _delta_variance(
    d: FloatArray, n: FloatArray, before: FloatArray, incidence: FloatArray
) -> FloatArray:
    """Delta method with each cause's hazard on its own, and Gray's correction for ties.

    An event at s moves the incidence at t by (F(s) - F(t)) / S(s), and by 1 more if it is of the
    cause itself; the square expands into three running sums.
    """
    variance = np.empty_like(incidence)
    after = before[1:]
    inverse = np.divide(1.0, after, out=np.zeros_like(after), where=after > 0)
    for cause in range(d.shape[1]):
        own = d[:, cause]
        other = np.where(after > 0, d.sum(axis=1) - own, 0.0)
        F = incidence[:, cause]
        sums = np.zeros((3, n.size))
        for count, shift in ((own, 1.0), (other, 0.0)):
            tied = 1 - np.maximum(count - 1, 0.0) / np.maximum(n - 1, 1.0)
            weight = tied * before[:-1] ** 2 * count / n**2
            lever = shift + F * inverse
            powers = (lever**2, lever * inverse, inverse**2)
            sums += np.cumsum([weight * power for power in powers], axis=1)
        variance[:, cause] = sums[0] - 2 * F * sums[1] + F**2 * sums[2]
    return variance


def _limits(
    probability: FloatArray, std_error: FloatArray, interval: IntervalType, conf_level: float
) -> tuple[FloatArray, FloatArray]:
    with np.errstate(divide="ignore", invalid="ignore"):
        relative = std_error / probability
    low, high = survival_interval(probability.ravel(), relative.ravel(), interval, conf_level)
    return low.reshape(probability.shape), high.reshape(probability.shape)
