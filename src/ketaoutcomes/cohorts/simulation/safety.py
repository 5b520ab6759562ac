"""Adverse events of a phase: who has which, when, and how bad it is."""

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from ketaoutcomes.cohorts.simulation.columns import ROW, Columns, Words, joined, same
from ketaoutcomes.cohorts.simulation.draws import PhaseDraws, Rows, at_rows
from ketaoutcomes.cohorts.simulation.new_trials import percent_in_trial
from ketaoutcomes.cohorts.simulation.parts_events import AdverseEvent
from ketaoutcomes.cohorts.simulation.pharmacokinetics import strength
from ketaoutcomes.cohorts.simulation.phase import PhaseCourse
from ketaoutcomes.cohorts.simulation.scenario import Scenario

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

TOLERABILITY = 0.3
"""Correlation between the liabilities of a subject to any two adverse events."""

GRADES = ("mild", "moderate", "severe")

EARLIER_SESSION = 0.75
"""How much less likely each session is than the one before to bring the first event."""

LATEST_HOURS = 1.5
"""Session events begin by then: adverse events resolve by 1.5 h (Popova et al. 2019)."""

EARLY_DAYS = 14.0
"""Mean time to an event of a new oral drug: most of its nausea begins in the first two weeks."""


def adverse_events(
    scenario: Scenario,
    phase: str,
    draws: PhaseDraws,
    course: PhaseCourse,
    subjects_a_trial: int = 0,
) -> Columns:
    """One row an event: row of the subject in the course, day, and what it was.

    Parameters
    ----------
    subjects_a_trial : int
        So many subjects each share the rates of a trial; 0 is the typical trial.
    """
    arms = tuple(scenario.phases[phase].arms)
    tolerability = draws.lasting_normal("tolerability")
    takes_a_drug = _takes_a_drug(course)
    sessions = _chance_by_session(course)
    parts = []
    for term, event in scenario.adverse_events.items():
        percent = np.array([event.percent.get(arm, 0.0) for arm in arms])[course.treatment.arm]
        if not percent.any():
            continue
        spontaneous = np.full(percent.shape, spontaneous_percent(scenario, phase, term))
        if subjects_a_trial:
            drawn = at_rows(draws.draws.of_trials(term, subjects_a_trial), draws.rows)
            shift = scenario.between_trials.adverse_events * drawn
            percent = percent_in_trial(percent, shift)
            spontaneous = percent_in_trial(spontaneous, shift)
        liability = TOLERABILITY**0.5 * tolerability
        liability = liability + (1 - TOLERABILITY) ** 0.5 * draws.normal(term)
        happens = liability < ndtri(percent / 100)
        share = caused_share(percent, spontaneous) * takes_a_drug
        caused = draws.uniform(f"{term} cause") < share
        first = _onset(event, term, draws, course, sessions, scenario.phases[phase].days)
        place, day = _with_recurrences(event, term, draws, course, first, happens & caused)
        keep = happens[place] & (day <= course.seen_until[place])
        parts.append(_rows(event, term, draws, place[keep], day[keep], caused))
    return joined(parts)


def _takes_a_drug(course: PhaseCourse) -> BoolArray:
    """Who is given anything in the phase that is not a placebo."""
    treatment = course.treatment
    drug = np.array([a.oral_antidepressant or a.drug != "placebo" for a in treatment.arms])
    return drug[treatment.arm]


def spontaneous_percent(scenario: Scenario, phase: str, term: str) -> float:
    """Per cent who have an event without a drug that acts on mood.

    That of the scenario, else the lowest of the arms without such a drug: those of the phase, or
    where it has none, those of any phase; 0 where there is none at all.
    """
    event = scenario.adverse_events[term]
    if event.spontaneous_percent is not None:
        return event.spontaneous_percent
    here = scenario.phases[phase].arms
    anywhere = {name: arm for other in scenario.phases.values() for name, arm in other.arms.items()}
    for arms in (here, anywhere):
        found = [
            event.percent[name]
            for name, arm in arms.items()
            if strength(arm.drug, "mood") == 0 and name in event.percent
        ]
        if found:
            return min(found)
    return 0.0


def caused_share(percent: FloatArray, spontaneous: FloatArray) -> FloatArray:
    """The share of events that the drug of an arm causes; 1 where it has none, which none meet."""
    return np.asarray(np.maximum(1 - spontaneous / np.where(percent > 0, percent, np.inf), 0))


def _chance_by_session(course: PhaseCourse) -> FloatArray:
    """How likely an event comes by each session, up to a factor; shape (n, d)."""
    earlier = np.cumsum(course.taken, axis=1) - 1
    return np.cumsum(np.where(course.taken, EARLIER_SESSION**earlier, 0.0), axis=1)


def _onset(
    event: AdverseEvent,
    term: str,
    draws: PhaseDraws,
    course: PhaseCourse,
    cumulated: FloatArray,
    length: float,
) -> FloatArray:
    """Day of onset, infinity where no dose was taken that could bring it.

    Parameters
    ----------
    cumulated : array, shape (n, d)
        How likely an event comes by each session, up to a factor.
    length : float
        Days of the phase: the per cent of an arm are those of all of it, whenever the last visit
        is.
    """
    when = draws.uniform(f"{term} onset", 2)
    if event.timing == "any":
        return when[:, 0] * length
    early = -EARLY_DAYS * np.log1p(-when[:, 0] * -np.expm1(-length / EARLY_DAYS))
    if event.timing == "early":
        return np.asarray(early)
    without_sessions = np.where(course.treatment.by_arm("oral_antidepressant") > 0, early, np.inf)
    if course.taken.shape[1] == 0:
        return without_sessions
    session = (cumulated <= when[:, :1] * cumulated[:, -1:]).sum(axis=1)
    session = np.minimum(session, cumulated.shape[1] - 1)
    day = course.treatment.doses[session] + when[:, 1] * LATEST_HOURS / 24
    without_sessions[course.treatment.planned.any(axis=1)] = np.inf
    return np.where(cumulated[:, -1] > 0, day, without_sessions)


def _with_recurrences(
    event: AdverseEvent,
    term: str,
    draws: PhaseDraws,
    course: PhaseCourse,
    first: FloatArray,
    recurring: BoolArray,
) -> tuple[Rows, FloatArray]:
    """Places of the subjects and days of their events: the first, and those of later sessions."""
    place = np.arange(first.size)
    if event.timing != "session" or course.taken.shape[1] == 0:
        return place, first
    again = draws.uniform(f"{term} again", course.taken.shape[1])
    later = course.treatment.doses[None, :] > first[:, None]
    back = later & course.taken & recurring[:, None] & (100 * again < event.recurs_percent)
    row, session = np.nonzero(back)
    hours = draws.uniform(f"{term} again onset", course.taken.shape[1])[row, session]
    day = course.treatment.doses[session] + hours * LATEST_HOURS / 24
    return np.concatenate([place, row]), np.concatenate([first, day])


def _rows(
    event: AdverseEvent,
    term: str,
    draws: PhaseDraws,
    rows: Rows,
    day: FloatArray,
    caused: BoolArray,
) -> Columns:
    grade = 100 * draws.uniform(f"{term} severity", 3)[rows]
    severe, moderate = event.severe_percent, event.severe_percent + event.moderate_percent
    related = np.where(caused[rows], event.related_percent, event.related_if_spontaneous_percent)
    return {
        ROW: rows,
        "day": day,
        "soc": same(event.soc, len(rows)),
        "term": same(term, len(rows)),
        "severity": Words(GRADES, (grade[:, 0] < severe) * 1 + (grade[:, 0] < moderate)),
        "serious": grade[:, 1] < event.serious_percent,
        "related": grade[:, 2] < related,
    }
