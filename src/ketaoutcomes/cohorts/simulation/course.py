"""The course of severity: closed forms in time, vectorised over subjects.

The drug acts through an effect compartment (Sheiner et al. 1979, Clin Pharmacol Ther 25:358-371),
superposed over doses: a dose of weight w at time s adds w (exp(-k (t - s)) - exp(-a (t - s))), k
from the half-life and a from the onset; the sum u saturates as u (1 + c) / (1 + c u).
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.special import log_ndtr, ndtr, ndtri

from ketaoutcomes.cohorts.simulation.parts_course import (
    BaselineSeverity,
    Deviation,
    DrugEffect,
    Mixture,
    PlaceboResponse,
)

FloatArray = NDArray[np.float64]

HOURS_PER_DAY = 24


def drug_state(
    drug: DrugEffect, days: FloatArray, doses: FloatArray, weights: FloatArray
) -> FloatArray:
    """Saturated state of the effect compartment.

    Parameters
    ----------
    days : array, shape (v,)
        Times.
    doses : array, shape (d,)
        Times of the doses.
    weights : array, shape (n, d)
        How much each dose counts, 0 where it was not taken.

    Returns
    -------
    array, shape (n, v)
    """
    if doses.size == 0:
        return np.zeros((len(weights), days.size))
    u = weights @ _kernel(drug, days[None, :] - doses[:, None])
    c = drug.saturation
    return np.asarray(u * (1 + c) / (1 + c * u))


def _kernel(drug: DrugEffect, since: FloatArray) -> FloatArray:
    """What one dose does by the time since it."""
    after = np.maximum(since, 0)
    slow = drug.consolidated_share
    fades = (1 - slow) * 0.5 ** (after / drug.half_life_days)
    lasts = slow * 0.5 ** (after / drug.consolidated_half_life_days)
    absent = 0.5 ** (after * HOURS_PER_DAY / drug.onset_hours)
    return np.where(since > 0, np.maximum(fades + lasts - absent, 0), 0.0)


def entry_severity(baseline: BaselineSeverity, uniform: FloatArray) -> FloatArray:
    """True severity at entry, cut below at the entry criterion, by inversion.

    Baseline scores of trials are not skewed, though whoever is less ill is not let in: a second cut
    lies as far above the mean. Mean and SD are those of the normal distribution with the one cut.
    """
    mean, spread, cut = _two_sided(baseline)
    if not np.isfinite(cut):  # so many are cut off that no symmetrical distribution is as wide
        low = ndtr((baseline.entry_at_least - baseline.mean) / baseline.sd)
        return np.asarray(baseline.mean + baseline.sd * ndtri(low + (1 - low) * uniform))
    low = ndtr(-cut)
    return np.asarray(mean + spread * ndtri(low + (1 - 2 * low) * uniform))


def mean_at_entry(baseline: BaselineSeverity) -> float:
    """The mean true severity of those who are let in."""
    return _two_sided(baseline)[0]


LEAST_CUT = 0.1
"""A normal distribution cut this near its mean, in its SDs, is a uniform one."""


HALVINGS = 60
"""After these a cut between the least and the farthest is known to its last digit."""


@cache
def _two_sided(baseline: BaselineSeverity) -> tuple[float, float, float]:
    """Mean and SD of a normal distribution, and where it is cut on both sides, in its SDs.

    With the lower cut at the entry criterion it has the mean and SD of the one with that cut alone
    (moments of truncated normals in Johnson, Kotz & Balakrishnan 1994, Continuous Univariate
    Distributions 1, section 10.1); an infinite cut where it cannot.
    """
    below = (baseline.entry_at_least - baseline.mean) / baseline.sd
    ratio = np.exp(log_normal_density(below) - log_ndtr(-below))
    mean = baseline.mean + baseline.sd * ratio
    spread = baseline.sd * np.sqrt(1 + below * ratio - ratio**2)
    half = mean - baseline.entry_at_least

    def excess(cut: float) -> float:
        return half / cut * _spread_between(cut) - spread

    if below < -FAR_BELOW:
        return baseline.mean, baseline.sd, FAR_BELOW
    if excess(LEAST_CUT) < 0:
        return float(mean), float(spread), float("inf")
    low, high = LEAST_CUT, FAR_BELOW
    for _ in range(HALVINGS):  # scipy's search for a root would be slow to import
        cut = (low + high) / 2
        low, high = (cut, high) if excess(cut) > 0 else (low, cut)
    return float(mean), float(half / cut), float(cut)


FAR_BELOW = 8.0
"""So many SDs below the mean an entry criterion keeps nobody out."""


def _spread_between(cut: float) -> float:
    """SD of a standard normal number that lies within a cut on either side."""
    return float(np.sqrt(1 - 2 * cut * np.exp(log_normal_density(cut)) / (1 - 2 * ndtr(-cut))))


def log_normal_density(z: float) -> float:
    """Logarithm of the standard normal density."""
    return float(-0.5 * z**2 - 0.5 * np.log(2 * np.pi))


def mixture(effect: Mixture, uniform: FloatArray, normal: FloatArray) -> FloatArray:
    """An effect in points for each subject."""
    responder = uniform < effect.responders
    return np.where(
        responder,
        effect.mean + effect.sd * normal,
        effect.others_mean + effect.others_sd * normal,
    )


def built_up(days: FloatArray, constant: float) -> FloatArray:
    """The share of a slow response reached at each time: 1 - exp(-t / constant)."""
    return np.asarray(1 - np.exp(-days / constant))


def placebo_course(
    response: PlaceboResponse, since_session: FloatArray, since_start: FloatArray
) -> FloatArray:
    """The share of the response to everything but the drug that there is at each time."""
    share = response.lasts * built_up(since_start, response.days)
    if response.lasts < 1:
        fades = np.exp(-since_session / response.fades_in_days)
        share += (1 - response.lasts) * built_up(since_session, response.days) * fades
    return np.asarray(share)


def bent_upwards(severity: FloatArray, least: FloatArray) -> FloatArray:
    """Severity on a hyperbola that nears nothing left of 0 and the severity itself right of it.

    (x + sqrt(x^2 + 4 least^2)) / 2, which is `least` at 0: nobody is less than well, and few are
    exactly well.

    Parameters
    ----------
    severity, least : array, shape (n, v)
    """
    bent = least * least
    bent *= 4
    bent += severity * severity
    np.sqrt(bent, out=bent)
    bent += severity
    bent *= 0.5
    return bent


def deviation_path(
    days: FloatArray, process: Deviation, gap: float | None = None
) -> tuple[FloatArray, FloatArray]:
    """A standard Ornstein-Uhlenbeck process at some times as a linear map, exact at any spacing.

    Parameters
    ----------
    days : array, shape (v,), increasing
    process : Deviation
    gap : float or None
        Days from the last value known to time 0; None starts the process afresh.

    Returns
    -------
    carried : array, shape (v,)
        Weight of the last value known.
    loadings : array, shape (v, v)
        Lower triangular weights of independent standard normals.
    """
    v = days.size
    carried, loadings = np.zeros(v), np.zeros((v, v))
    for j in range(v):
        if j == 0:
            phi = 0.0 if gap is None else np.exp(-(days[0] + gap) / process.correlation_days)
            carried[0] = phi
        else:
            phi = np.exp(-(days[j] - days[j - 1]) / process.correlation_days)
            carried[j] = phi * carried[j - 1]
            loadings[j] = phi * loadings[j - 1]
        loadings[j, j] = np.sqrt(1 - phi**2)
        if j == 0 and gap is None:
            loadings[0, 0] = process.at_entry
    return carried, loadings


def time_of_event(hazard: FloatArray, days: FloatArray, exponential: FloatArray) -> FloatArray:
    """Invert a hazard that is constant between times; infinity where nothing happens.

    Parameters
    ----------
    hazard : array, shape (n, v - 1)
        Per day, between each time and the next.
    days : array, shape (v,)
    exponential : array, shape (n,)
    """
    steps = np.diff(days)
    cumulated = np.zeros((len(hazard), days.size))
    np.cumsum(hazard * steps, axis=1, out=cumulated[:, 1:])
    time = np.full(len(hazard), np.inf)
    rows = np.flatnonzero(cumulated[:, -1] > exponential)
    place = (cumulated[rows] <= exponential[rows, None]).sum(axis=1) - 1
    left = exponential[rows] - cumulated[rows, place]
    time[rows] = days[place] + left / hazard[rows, place]
    return time
