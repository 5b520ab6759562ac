"""The course of severity: closed forms in time, vectorised over subjects.

The drug acts through an effect compartment, superposed over doses: a dose at time s adds
exp(-k (t - s)) - exp(-a (t - s)), k from the half-life and a from the onset; the sum u saturates as
u (1 + c) / (1 + c u) (Sheiner et al. 1979, Clin Pharmacol Ther 25:358-371, for the compartment).
"""

import numpy as np
from numpy.typing import NDArray

from ketaoutcomes.simulate.scenario import Deviation, DrugEffect, Mixture, PlaceboResponse

FloatArray = NDArray[np.float64]

HOURS_PER_DAY = 24


def drug_state(
    drug: DrugEffect, days: FloatArray, doses: FloatArray, given: FloatArray
) -> FloatArray:
    """Saturated state of the effect compartment.

    Parameters
    ----------
    days : array, shape (v,)
        Times.
    doses : array, shape (d,)
        Times of the doses.
    given : array, shape (n, d)
        1 where the subject took the dose, else 0.

    Returns
    -------
    array, shape (n, v)
    """
    if doses.size == 0:
        return np.zeros((len(given), days.size))
    since = days[None, :] - doses[:, None]
    k = np.log(2) / drug.half_life_days
    a = np.log(2) * HOURS_PER_DAY / drug.onset_hours
    after = np.maximum(since, 0)
    kernel = np.where(since > 0, np.exp(-k * after) - np.exp(-a * after), 0.0)
    u = given @ kernel
    c = drug.saturation
    return np.asarray(u * (1 + c) / (1 + c * u))


def mixture(effect: Mixture, uniform: FloatArray, normal: FloatArray) -> FloatArray:
    """An effect in points for each subject."""
    responder = uniform < effect.responders
    return np.where(
        responder,
        effect.mean + effect.sd * normal,
        effect.others_mean + effect.others_sd * normal,
    )


def built_up(placebo: PlaceboResponse, days: FloatArray) -> FloatArray:
    """The share of the placebo response reached at each time."""
    return np.asarray(1 - np.exp(-days / placebo.days))


def deviation(process: Deviation, days: FloatArray, normal: FloatArray) -> FloatArray:
    """An Ornstein-Uhlenbeck path, exact at any spacing.

    Parameters
    ----------
    days : array, shape (v,), increasing
    normal : array, shape (n, v)
    """
    path = np.empty_like(normal)
    path[:, 0] = normal[:, 0]
    for j in range(1, days.size):
        phi = np.exp(-(days[j] - days[j - 1]) / process.correlation_days)
        path[:, j] = phi * path[:, j - 1] + np.sqrt(1 - phi**2) * normal[:, j]
    return process.sd * path


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
    cumulated = np.concatenate(
        [np.zeros((len(hazard), 1)), np.cumsum(hazard * steps, axis=1)], axis=1
    )
    interval = (cumulated <= exponential[:, None]).sum(axis=1) - 1
    happens = interval < steps.size
    place = np.minimum(interval, steps.size - 1)
    rows = np.arange(len(hazard))
    rate = np.where(happens, hazard[rows, place], 1.0)
    time = days[place] + (exponential - cumulated[rows, place]) / rate
    return np.where(happens, time, np.inf)
