"""A scenario, a visit schedule and a seed become a cohort."""

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ketaoutcomes.cohort import (
    ADVERSE_EVENT_COLUMNS,
    ASSIGNMENT_COLUMNS,
    EVENT_COLUMNS,
    EXPOSURE_COLUMNS,
    FOLLOW_UP_COLUMNS,
    TIME_COLUMNS,
    VISIT_COLUMNS,
    Cohort,
    Source,
    empty_frame,
)
from ketaoutcomes.simulate.draws import BLOCK, Draws
from ketaoutcomes.simulate.frames import (
    Entered,
    adverse_events_frame,
    assignments_frame,
    events_frame,
    exposure_frame,
    follow_up_frame,
    stacked,
    subjects_frame,
    visits_frame,
)
from ketaoutcomes.simulate.phase import FIRST, History, Regime, simulate_phase
from ketaoutcomes.simulate.scenario import Entry, Scenario

Schedule = Mapping[str, Mapping[str, float]]
"""Phase -> visit -> days after the first dose of the phase, in order; the first is baseline."""


def simulate(
    scenario: Scenario,
    name: str,
    schedule: Schedule,
    seed: int,
    n_subjects: int | None = None,
    regime: Regime | None = None,
) -> Cohort:
    """Simulate a cohort.

    Parameters
    ----------
    scenario : Scenario
    name : str
        Name of the scenario, for the cohort's source.
    schedule : mapping
        The visits of each phase that is wanted.
    seed : int
        Same seed, same subjects, whatever the regime.
    n_subjects : int, optional
        Default: the scenario's.
    regime : Regime, optional
        What a counterfactual cohort has forced on it.
    """
    n = n_subjects or scenario.subjects
    forced = regime or Regime()
    blocks = [
        _block(scenario, schedule, Draws(seed, block), forced, min(BLOCK, n - block * BLOCK))
        for block in range(-(-n // BLOCK))
    ]
    frames = {
        key: pd.concat([block[key] for block in blocks], ignore_index=True) for key in blocks[0]
    }
    return Cohort(
        **frames,
        times=empty_frame(TIME_COLUMNS),
        source=Source("synthetic", f"scenario {name}: {scenario.label}", seed),
    )


def _block(
    scenario: Scenario, schedule: Schedule, draws: Draws, regime: Regime, size: int
) -> dict[str, pd.DataFrame]:
    """All frames of one block of subjects, sorted by subject and phase."""
    first = draws.block * BLOCK
    labels = np.array([f"S{first + i + 1:07d}" for i in range(BLOCK)])
    entered: list[Entered] = []
    for phase, visits in schedule.items():
        days = np.array(list(visits.values()), dtype=float)
        history = _history(scenario, phase, entered)
        course = simulate_phase(scenario, phase, days, draws, regime, history)
        entry = scenario.phases[phase].enters
        members = np.arange(size)
        if entry is not None:
            members = _entrants(scenario, entry, entered, size)
        entered.append(
            Entered(phase, tuple(visits), course, members, _stratum(scenario, phase, entered))
        )
    return {
        "subjects": subjects_frame(scenario, draws, labels, size),
        "assignments": stacked(
            [assignments_frame(scenario, e, labels) for e in entered], ASSIGNMENT_COLUMNS
        ),
        "visits": stacked([visits_frame(scenario, e, labels) for e in entered], VISIT_COLUMNS),
        "events": stacked([events_frame(e, labels) for e in entered], EVENT_COLUMNS),
        "follow_up": stacked([follow_up_frame(e, labels) for e in entered], FOLLOW_UP_COLUMNS),
        "adverse_events": stacked(
            [adverse_events_frame(scenario, draws, e, labels) for e in entered],
            ADVERSE_EVENT_COLUMNS,
        ),
        "exposure": stacked(
            [exposure_frame(scenario, e, labels) for e in entered], EXPOSURE_COLUMNS
        ),
    }


def _history(scenario: Scenario, phase: str, entered: list[Entered]) -> History:
    """Doses of the phase that this one follows, on this phase's clock."""
    entry = scenario.phases[phase].enters
    if entry is None:
        return FIRST
    before = next(e for e in entered if e.phase == entry.phase)
    elapsed = scenario.phases[entry.phase].days
    return History(before.course.doses - elapsed, before.course.given, elapsed)


def _entrants(
    scenario: Scenario, entry: Entry, entered: list[Entered], size: int
) -> NDArray[np.int64]:
    """Responders of the arm who were still treated and seen at the end of the earlier phase."""
    before = next(e for e in entered if e.phase == entry.phase).course
    arm = tuple(scenario.phases[entry.phase].arms).index(entry.arm)
    fall = 1 - before.score[:, -1] / before.score[:, 0]
    enters = (before.arm == arm) & (fall >= entry.fall_at_least_percent / 100)
    enters &= np.isinf(before.stopped)
    return np.flatnonzero(enters[:size])


def _stratum(scenario: Scenario, phase: str, entered: list[Entered]) -> NDArray[np.str_] | None:
    """Whether the last score before the phase is at or below the cut."""
    rule, entry = scenario.phases[phase].stratified_by, scenario.phases[phase].enters
    if rule is None or entry is None:
        return None
    before = next(e for e in entered if e.phase == entry.phase).course
    return np.where(before.score[:, -1] <= rule.at_most, "yes", "no")
