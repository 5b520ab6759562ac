"""Who enters a phase, and what they bring into it."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from ketaoutcomes.cohorts.simulation.parts_design import Entry, Stratum
from ketaoutcomes.cohorts.simulation.phase import PhaseCourse
from ketaoutcomes.cohorts.simulation.scenario import Scenario
from ketaoutcomes.cohorts.simulation.severity import History, newcomers
from ketaoutcomes.numerics.percentages import improved_by

Courses = Mapping[str, PhaseCourse]


def history_of(scenario: Scenario, name: str, done: Courses, size: int) -> History:
    """The subjects who enter a phase, with the doses and deviation of the phases before."""
    phase = scenario.phases[name]
    if phase.before is None:
        return newcomers(size)
    before = done[phase.before]
    washout = 0.0 if phase.crosses is None else phase.crosses.washout_days
    length = scenario.phases[phase.before].days + washout
    if phase.enters is not None:
        place = _entrants(scenario, phase.enters, before)
    else:
        place = np.flatnonzero(np.isinf(before.left))
    rule, earlier = phase.stratified_by, before.history
    doses = np.concatenate([earlier.doses, before.treatment.doses]) - length
    weights = np.concatenate([earlier.weights, before.weights], axis=1)
    return History(
        rows=before.rows[place],
        doses=doses,
        weights=weights[place],
        elapsed=earlier.elapsed + length,
        arm=before.treatment.arm[place],
        in_stratum=None if rule is None else _in_stratum(scenario, rule, before, place),
        deviation=before.deviation[place],
        gap=length - before.days[-1],
    )


def _entrants(scenario: Scenario, entry: Entry, before: PhaseCourse) -> NDArray[np.int64]:
    """Places of those who meet every condition and were still treated at the end.

    An event opens the next phase when it happens: what became of a subject afterwards in the phase
    before does not select.
    """
    enters = np.isinf(before.stopped)
    if entry.event is not None:
        day = before.events[entry.event]
        enters = (day <= before.days[-1]) & (day <= before.left)
    if entry.arm is not None:
        arms = tuple(scenario.phases[entry.phase].arms)
        enters &= before.treatment.arm == arms.index(entry.arm)
    if entry.improvement_at_least_percent is not None:
        score = before.scores[scenario.scale.name]
        fell = improved_by(score, score[:, :1], entry.improvement_at_least_percent)
        enters &= fell[:, -entry.last_visits :].all(axis=1)
        if entry.first_on_day is not None:
            visit = np.argmin(np.abs(before.days - entry.first_on_day))
            enters &= fell[:, visit]
    return np.flatnonzero(enters)


def _in_stratum(
    scenario: Scenario, rule: Stratum, before: PhaseCourse, place: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Whether the last scores of the phase before were at or below the cut of the stratum."""
    last = before.scores[scenario.scale.name][place, -rule.of_last :]
    return np.asarray((last <= rule.at_most).sum(axis=1) >= rule.visits)


def columns_of_entry(scenario: Scenario, name: str, done: Courses) -> dict[str, NDArray[np.str_]]:
    """Further columns of the assignment: stratum, sequence of a crossover, factors of the arms."""
    phase, course = scenario.phases[name], done[name]
    columns: dict[str, NDArray[np.str_]] = {}
    if phase.stratified_by is not None and phase.before is not None:
        before = done[phase.before]
        place = np.searchsorted(before.rows, course.rows)
        low = _in_stratum(scenario, phase.stratified_by, before, place)
        columns[phase.stratified_by.name] = np.where(low, "yes", "no")
    sequence = _sequence(scenario, name, done)
    if sequence is not None:
        columns["sequence"] = sequence
    factors = sorted({key for arm in phase.arms.values() for key in arm.factors})
    for key in factors:
        levels = np.array([arm.factors.get(key, "") for arm in phase.arms.values()])
        columns[key] = levels[course.treatment.arm]
    return columns


def _sequence(scenario: Scenario, name: str, done: Courses) -> NDArray[np.str_] | None:
    """Arms in the order of a subject's periods, by the arm of this one."""
    chain = _periods(scenario, name)
    if len(chain) == 1:
        return None
    here = chain.index(name)
    arms = tuple(scenario.phases[name].arms)
    first = done[name].treatment.arm - here
    words = [
        "-".join(arms[(start + period) % len(arms)] for period in range(len(chain)))
        for start in range(len(arms))
    ]
    return np.array(words)[first % len(arms)]


def _periods(scenario: Scenario, name: str) -> list[str]:
    """The periods of the crossover that a phase belongs to, in order."""
    first = name
    while (crossing := scenario.phases[first].crosses) is not None:
        first = crossing.phase
    chain = [first]
    for later, phase in scenario.phases.items():
        if phase.crosses is not None and phase.crosses.phase == chain[-1]:
            chain.append(later)
    return chain
