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
    if int(whose.max()) + 1 == place.size:
        return _of_single_rows(first, place, codes, hazards, n_at_risk, before)
    return _of_several_rows(rows, codes, hazards, n_at_risk, before)


def _of_single_rows(
    first: IntArray,
    place: IntArray,
    codes: IntArray,
    hazards: FloatArray,
    n_at_risk: FloatArray,
    before: FloatArray,
) -> FloatArray:
    """Where every subject has one row: as many steps as subjects and times, not their product.

    With S the survival, A_i(t) the derivative of -log S(t), and G the running sum of
    h / (n (1 - h)), a subject at risk since f has A_i(t) = G(f-) - G(t). After its last time p
    A_i is constant, so that the derivative of the incidence F(t) is a_i - A_i(p) F(t), with a_i
    known at p; while it is at risk the derivative depends on f and t alone. Squares expand into
    running sums over those who are gone and those who are there.
    """
    k, causes = hazards.shape
    total = hazards.sum(axis=1)
    lasting = n_at_risk * (1 - total)
    # where all who are at risk have an event the survival is 0, whatever its derivative is
    steps = np.divide(1.0, lasting, out=np.zeros(k), where=lasting > 0)
    G = np.append(0.0, np.cumsum(total * steps))
    g = G[first]
    A = np.where(codes > 0, steps[place], 0.0) - (G[place + 1] - g)

    def running(at: IntArray, *values: FloatArray) -> FloatArray:
        """Sums over the rows whose place is reached, shape (len(values), k)."""
        counted = [np.bincount(at, value, minlength=k + 1)[:k] for value in values]
        return np.cumsum(counted, axis=1)

    def still_there(*values: FloatArray) -> FloatArray:
        return running(first, *values) - running(place, *values)

    ones = np.ones_like(g)
    (gone,) = running(place, A**2)
    n, by_g, by_gg = still_there(ones, g, g**2)
    after, later = before[1:], G[1:]
    result = np.empty((k, causes + 1))
    result[:, 0] = after**2 * (gone + n * later**2 - 2 * later * by_g + by_gg)
    for cause in range(causes):
        h = before[:-1] * hazards[:, cause]
        F = np.append(0.0, np.cumsum(h))
        H = np.append(0.0, np.cumsum(h * (G[:-1] - 1 / n_at_risk)))
        c = H[first] - g * F[first]
        own = np.where(codes == cause + 1, before[place] / n_at_risk[place], 0.0)
        at_exit = H[place + 1] - c - g * F[place + 1] + own
        a = at_exit + A * F[place + 1]
        squares = running(place, a**2, a * A, A**2)
        n, by_c, by_g, by_cc, by_cg, by_gg = still_there(ones, c, g, c**2, c * g, g**2)
        F, H = F[1:], H[1:]
        result[:, cause + 1] = (
            squares[0] - 2 * F * squares[1] + F**2 * squares[2]
            + n * H**2 + by_cc + F**2 * by_gg - 2 * H * by_c - 2 * H * F * by_g + 2 * F * by_cg
        )  # fmt: skip
    return np.sqrt(np.maximum(result, 0.0))


def _of_several_rows(
    rows: tuple[IntArray, IntArray, IntArray],
    codes: IntArray,
    hazards: FloatArray,
    n_at_risk: FloatArray,
    before: FloatArray,
) -> FloatArray:
    """Where a subject may have several rows, whose derivatives add up: time by time."""
    first, place, whose = rows
    n, causes = place.size, hazards.shape[1]
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
