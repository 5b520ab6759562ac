"""Adverse events of a phase: who has which, when, and how bad it is."""

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ndtri

from ketaoutcomes.cohorts.simulation.draws import PhaseDraws, Rows, at_rows
from ketaoutcomes.cohorts.simulation.new_trials import percent_in_trial
from ketaoutcomes.cohorts.simulation.parts_events import AdverseEvent
from ketaoutcomes.cohorts.simulation.phase import PhaseCourse
from ketaoutcomes.cohorts.simulation.scenario import Scenario

FloatArray = NDArray[np.float64]

TOLERABILITY = 0.3
"""Correlation between the liabilities of a subject to any two adverse events."""

EARLIER_SESSION = 0.75
"""How much less likely each session is than the one before to bring the first event."""

LATEST_HOURS = 1.5
"""Session events begin by then: adverse events resolve by 1.5 h (Popova et al. 2019)."""


def adverse_events(
    scenario: Scenario,
    phase: str,
    draws: PhaseDraws,
    course: PhaseCourse,
    subjects_a_trial: int = 0,
) -> pd.DataFrame:
    """One row an event: row of the subject in the course, day, and what it was.

    Parameters
    ----------
    subjects_a_trial : int
        So many subjects each share the rates of a trial; 0 is the typical trial.
    """
    arms = tuple(scenario.phases[phase].arms)
    tolerability = draws.lasting_normal("tolerability")
    frames = []
    for term, event in scenario.adverse_events.items():
        percent = np.array([event.percent.get(arm, 0.0) for arm in arms])[course.treatment.arm]
        if not percent.any():
            continue
        if subjects_a_trial:
            drawn = at_rows(draws.draws.of_trials(term, subjects_a_trial), draws.rows)
            percent = percent_in_trial(percent, scenario.between_trials.adverse_events * drawn)
        liability = TOLERABILITY**0.5 * tolerability
        liability = liability + (1 - TOLERABILITY) ** 0.5 * draws.normal(term)
        happens = liability < ndtri(percent / 100)
        day = _onset(event, term, draws, course)
        rows = np.flatnonzero(happens & (day <= course.seen_until))
        frames.append(_rows(event, term, draws, rows, day[rows]))
    if not frames:
        return pd.DataFrame()
    return pd.concat(frames, ignore_index=True)


def _onset(event: AdverseEvent, term: str, draws: PhaseDraws, course: PhaseCourse) -> FloatArray:
    """Day of onset, infinity where no dose was taken that could bring it."""
    when = draws.uniform(f"{term} onset", 2)
    if event.timing == "any":
        return when[:, 0] * course.days[-1]
    weight = np.cumsum(course.taken, axis=1) - 1
    chance = np.where(course.taken, EARLIER_SESSION**weight, 0.0)
    cumulated = np.cumsum(chance, axis=1)
    if cumulated.shape[1] == 0:
        return np.full(len(when), np.inf)
    session = (cumulated <= when[:, :1] * cumulated[:, -1:]).sum(axis=1)
    session = np.minimum(session, cumulated.shape[1] - 1)
    day = course.treatment.doses[session] + when[:, 1] * LATEST_HOURS / 24
    return np.where(cumulated[:, -1] > 0, day, np.inf)


def _rows(
    event: AdverseEvent, term: str, draws: PhaseDraws, rows: Rows, day: FloatArray
) -> pd.DataFrame:
    grade = 100 * draws.uniform(f"{term} severity", 3)[rows]
    severe, moderate = event.severe_percent, event.severe_percent + event.moderate_percent
    return pd.DataFrame(
        {
            "row": rows,
            "day": day,
            "soc": event.soc,
            "term": term,
            "severity": np.select(
                [grade[:, 0] < severe, grade[:, 0] < moderate], ["severe", "moderate"], "mild"
            ),
            "serious": grade[:, 1] < event.serious_percent,
            "related": grade[:, 2] < event.related_percent,
        }
    )
