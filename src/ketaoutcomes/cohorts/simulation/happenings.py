"""When things happen to the subjects of a phase: stopping, rescue, new episodes, other events."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ketaoutcomes.cohorts.simulation.course import time_of_event
from ketaoutcomes.cohorts.simulation.covariates import Values
from ketaoutcomes.cohorts.simulation.draws import PhaseDraws
from ketaoutcomes.cohorts.simulation.parts_events import Discontinuation, Relapse, StudyEvent
from ketaoutcomes.cohorts.simulation.people import effect_of

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

FIRST_WEEK = 7.0


@dataclass(frozen=True)
class Stopping:
    """Days of stopping treatment, infinity if never, and whether an adverse event was the cause."""

    day: FloatArray
    for_adverse_event: BoolArray


def stopping(
    rates: Discontinuation,
    days: FloatArray,
    severity: FloatArray,
    on_drug: BoolArray,
    factor: FloatArray,
    with_time: FloatArray,
    draws: PhaseDraws,
) -> Stopping:
    """Stopping treatment: more likely when ill, and in the first week on the drug.

    Parameters
    ----------
    factor : array, shape (n,)
        Of each subject's hazard.
    with_time : array, shape (v - 1,)
        What the hazards are multiplied by between each visit and the next.
    """
    illness = rates.per_day + rates.per_day_and_point * np.maximum(severity[:, :-1], 0)
    illness *= with_time
    early = (days[:-1] < FIRST_WEEK)[None, :] & on_drug[:, None]
    intolerance = rates.per_day_on_drug_first_week * early
    # a hazard twice as high is reached by half of the exponential number
    day = time_of_event(illness + intolerance, days, draws.exponential("stopping") / factor)
    rows = np.flatnonzero(np.isfinite(day))
    place = np.minimum(np.searchsorted(days, day[rows], side="right") - 1, days.size - 2)
    share = intolerance[rows, place] / (illness[rows, place] + intolerance[rows, place])
    for_adverse_event = np.zeros(len(day), dtype=bool)
    for_adverse_event[rows] = draws.uniform("reason")[rows] < share
    return Stopping(day, for_adverse_event)


def hazard_with_time(
    rates: Discontinuation, days: FloatArray, elapsed: float, length: float
) -> FloatArray:
    """The mean hazard between each time and the next, over that of the phase, shape (v - 1,).

    The hazard that has been cumulated by a time since `from_day` goes with its power `shape`, as in
    a Weibull distribution.

    Parameters
    ----------
    days : array, shape (v,), increasing
        Times in the phase.
    elapsed, length : float
        Days before the phase, and of it.
    """
    if rates.shape == 1 and elapsed >= rates.from_day:
        return np.ones(days.size - 1)
    since = np.maximum(np.concatenate([days, [0.0, length]]) + elapsed - rates.from_day, 0)
    *cumulated, start, end = since**rates.shape
    whole = end - start
    if whole <= 0:  # the phase is over by `from_day`
        return np.zeros(days.size - 1)
    return np.asarray(np.diff(cumulated) / np.diff(days) / (whole / length))


def never(n: int) -> FloatArray:
    """Infinity for everybody."""
    return np.full(n, np.inf)


def episodes(
    relapse: Relapse,
    days: FloatArray,
    severity: FloatArray,
    protected: FloatArray,
    ratio: FloatArray,
    in_remission: BoolArray | None,
    draws: PhaseDraws,
) -> FloatArray:
    """Points that a new episode adds to reach its level, shape (n, v).

    Parameters
    ----------
    protected : array, shape (n, v - 1)
        The share of the drug's protection at each visit but the last.
    ratio : array, shape (n,)
        Further hazard ratio of each subject.
    in_remission : bool array, shape (n,), or None
        Who entered the phase in remission; None where nobody asked.
    """
    hazard = relapse.per_day + relapse.per_day_and_point * np.maximum(severity[:, :-1], 0)
    on_drug: FloatArray | float = relapse.hazard_ratio_on_drug
    if in_remission is not None:
        ratio = ratio * np.where(in_remission, 1.0, relapse.hazard_ratio_without_remission)
        without = relapse.hazard_ratio_on_drug_without_remission
        if without is not None:
            on_drug = np.where(in_remission, on_drug, without)[:, None]
    hazard = hazard * on_drug**protected * ratio[:, None]
    onset = time_of_event(hazard, days, draws.exponential("episode"))
    level = relapse.level.mean + relapse.level.sd * draws.normal("episode level")
    missing = np.maximum(level[:, None] - severity, 0)
    return missing * reached(days, onset, relapse.level.days)


def protection_after_doses(
    days: FloatArray, doses: FloatArray, taken: BoolArray, half_life: float
) -> FloatArray:
    """The share of a dose's protection that is left at each time, shape (n, v).

    Parameters
    ----------
    doses : array, shape (d,), increasing
    taken : bool array, shape (n, d)
        The last dose taken counts alone.
    """
    last = np.full((len(taken), days.size), -np.inf)
    for place, dose in enumerate(doses):
        last[np.ix_(taken[:, place], days >= dose)] = dose
    return np.asarray(0.5 ** ((days - last) / half_life))


def reached(days: FloatArray, onset: FloatArray, constant: float) -> FloatArray:
    """1 - exp(-(t - onset) / constant) after the onset, 0 before, shape (n, v)."""
    since = np.maximum(days[None, :] - onset[:, None], 0)
    return np.asarray(1 - np.exp(-since / constant))


def event_day(
    name: str,
    event: StudyEvent,
    arm: NDArray[np.str_],
    covariates: Mapping[str, Values],
    days: FloatArray,
    severity: FloatArray,
    draws: PhaseDraws,
) -> FloatArray:
    """Day of an event, infinity where it does not happen in the phase."""
    ratio = np.ones(len(arm))
    for level, factor in event.arms.items():
        ratio[arm == level] = factor
    for covariate, effects in event.hazard_ratios.items():
        centre, values = event.centres.get(covariate, 0.0), covariates[covariate]
        if covariate in event.same_below:
            values = np.maximum(values.astype(float), event.same_below[covariate])
        ratio = ratio * effect_of(values, effects, centre, 1.0)
    hazard = np.repeat(event.per_day * ratio[:, None], days.size - 1, axis=1)
    if event.above is not None:
        hazard = hazard * (severity[:, :-1] > event.above)
    return time_of_event(hazard, days, draws.exponential(name))
