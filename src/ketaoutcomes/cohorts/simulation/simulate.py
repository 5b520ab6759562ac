"""A scenario, a visit schedule and a seed become a cohort."""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ketaoutcomes.cohort import (
    ADVERSE_EVENT_COLUMNS,
    ASSIGNMENT_COLUMNS,
    COST_COLUMNS,
    EVENT_COLUMNS,
    EXPOSURE_COLUMNS,
    FOLLOW_UP_COLUMNS,
    TIME_COLUMNS,
    VISIT_COLUMNS,
    Cohort,
    Source,
    empty_frame,
)
from ketaoutcomes.cohorts.simulation.covariates import covariates_of
from ketaoutcomes.cohorts.simulation.draws import BLOCK, Draws, PhaseDraws
from ketaoutcomes.cohorts.simulation.entering import columns_of_entry, history_of
from ketaoutcomes.cohorts.simulation.frames import (
    Entered,
    adverse_events_frame,
    assignments_frame,
    costs_frame,
    events_frame,
    exposure_frame,
    follow_up_frame,
    stacked,
    subjects_frame,
    visits_frame,
)
from ketaoutcomes.cohorts.simulation.parts_course import Unblinding
from ketaoutcomes.cohorts.simulation.people import people_of
from ketaoutcomes.cohorts.simulation.phase import Block, PhaseCourse, Regime, simulate_phase
from ketaoutcomes.cohorts.simulation.scenario import Scenario
from ketaoutcomes.cohorts.simulation.sites import columns_of_site
from ketaoutcomes.cohorts.simulation.visit_days import on_a_day_each, possible_days

Schedule = Mapping[str, Mapping[str, float]]
"""Phase -> visit -> days after the first dose of the phase, in order; the first is baseline."""

Frames = dict[str, pd.DataFrame]


def simulate(
    scenario: Scenario,
    name: str,
    schedule: Schedule,
    seed: int,
    n_subjects: int | None = None,
    regime: Regime | None = None,
    processes: int = 1,
    *,
    lean: bool = False,
    visit_spread: int = 0,
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
    processes : int
        How many work at it; the cohort is the same for any number.
    lean : bool
        Hold the words of the visits as categories, in half the memory.
    visit_spread : int
        Most days that a visit is early or late; 0 has each on its day.
    """
    n = n_subjects or scenario.subjects
    blocks = range(-(-n // BLOCK))
    return _cohort(
        scenario,
        name,
        schedule,
        seed,
        n,
        regime or Regime(),
        blocks,
        processes,
        lean=lean,
        visit_spread=visit_spread,
    )


def simulate_in_parts(
    scenario: Scenario,
    name: str,
    schedule: Schedule,
    seed: int,
    n_subjects: int,
    blocks_at_once: int = 16,
) -> Iterator[Cohort]:
    """The cohort of `simulate`, some thousand subjects at a time, for cohorts beyond memory."""
    last = -(-n_subjects // BLOCK)
    for first in range(0, last, blocks_at_once):
        blocks = range(first, min(first + blocks_at_once, last))
        yield _cohort(scenario, name, schedule, seed, n_subjects, Regime(), blocks, 1)


def courses(
    scenario: Scenario,
    schedule: Schedule,
    draws: Draws,
    regime: Regime,
    size: int,
    visit_spread: int = 0,
) -> tuple[Block, dict[str, PhaseCourse]]:
    """The numbers of a block of subjects, phase by phase, before any frame is made.

    Parameters
    ----------
    visit_spread : int
        Most days that a visit is early or late; 0 has each on its day.
    """
    if not regime.unblinding:
        blinded = scenario.severity.model_copy(update={"unblinding": Unblinding()})
        scenario = scenario.model_copy(update={"severity": blinded})
    covariates = covariates_of(scenario.covariates, scenario.covariates_together, draws)
    if scenario.sites is not None:
        covariates |= columns_of_site(scenario.sites, draws)
    people = people_of(
        scenario,
        draws,
        covariates,
        subjects_a_trial=regime.subjects_a_trial,
        subjects_a_set_of_sites=regime.subjects_a_set_of_sites,
    )
    block = Block(draws, people, covariates)
    done: dict[str, PhaseCourse] = {}
    for phase, visits in schedule.items():
        history = history_of(scenario, phase, done, size)
        days = possible_days(visits, visit_spread)
        course = simulate_phase(scenario, phase, days.grid, block, regime, history)
        if visit_spread:
            course = on_a_day_each(course, days, PhaseDraws(draws, phase, history.rows))
        done[phase] = course
    return block, done


def _cohort(
    scenario: Scenario,
    name: str,
    schedule: Schedule,
    seed: int,
    n: int,
    regime: Regime,
    blocks: range,
    processes: int,
    *,
    lean: bool = False,
    visit_spread: int = 0,
) -> Cohort:
    how = (lean, visit_spread)
    work = [
        (scenario, schedule, Draws(seed, block), regime, min(BLOCK, n - block * BLOCK), *how)
        for block in blocks
    ]
    made = [_frames(*each) for each in work] if processes == 1 else _in_parallel(work, processes)
    return Cohort(
        **{key: joined([block[key] for block in made]) for key in made[0]},
        times=empty_frame(TIME_COLUMNS),
        source=Source("synthetic", f"scenario `{name}` ({scenario.label})", seed),
    )


def _in_parallel(work: list[tuple[Any, ...]], processes: int) -> list[Frames]:
    """The frames of all blocks, made by several processes."""
    from joblib import Parallel, delayed  # noqa: PLC0415 - slow to import

    return list(Parallel(n_jobs=processes)(delayed(_frames)(*each) for each in work))


def joined(frames: list[pd.DataFrame]) -> pd.DataFrame:
    """The frames of all blocks in one."""
    kept = [frame for frame in frames if len(frame)] or frames[:1]
    return kept[0] if len(kept) == 1 else pd.concat(kept, ignore_index=True)


def _frames(
    scenario: Scenario,
    schedule: Schedule,
    draws: Draws,
    regime: Regime,
    size: int,
    lean: bool,
    visit_spread: int,
) -> Frames:
    """All frames of one block of subjects, sorted by subject and phase."""
    block, done = courses(scenario, schedule, draws, regime, size, visit_spread)
    first = draws.block * BLOCK
    labels = np.array([f"S{first + i + 1:07d}" for i in range(size)], dtype=object)
    entered = [
        Entered(
            phase,
            tuple(schedule[phase]),
            course,
            labels[course.rows],
            columns_of_entry(scenario, phase, done),
        )
        for phase, course in done.items()
    ]
    arms = {e.phase: tuple(scenario.phases[e.phase].arms) for e in entered}
    words = _categories(entered) if lean else None
    frames = {
        "subjects": subjects_frame(dict(block.covariates), labels),
        "assignments": stacked(
            [assignments_frame(e, arms[e.phase]) for e in entered], ASSIGNMENT_COLUMNS
        ),
        "visits": stacked([visits_frame(e, words) for e in entered], VISIT_COLUMNS),
        "events": stacked([events_frame(e) for e in entered], EVENT_COLUMNS),
        "follow_up": stacked([follow_up_frame(e) for e in entered], FOLLOW_UP_COLUMNS),
    }
    if not regime.safety:
        return frames
    distance = _distance(scenario, block)
    return frames | {
        "adverse_events": stacked(
            [adverse_events_frame(scenario, draws, e, regime.subjects_a_trial) for e in entered],
            ADVERSE_EVENT_COLUMNS,
        ),
        "exposure": stacked([exposure_frame(e) for e in entered], EXPOSURE_COLUMNS),
        "costs": stacked(
            [costs_frame(scenario, arms[e.phase], e, distance) for e in entered], COST_COLUMNS
        ),
    }


def _categories(entered: list[Entered]) -> dict[str, pd.CategoricalDtype]:
    """Those of the words of all visits, the same in each block."""
    words = {
        "phase": {e.phase for e in entered},
        "visit": {visit for e in entered for visit in e.visits},
        "scale": {scale for e in entered for scale in e.course.scores},
    }
    return {column: pd.CategoricalDtype(sorted(found)) for column, found in words.items()}


def _distance(scenario: Scenario, block: Block) -> NDArray[np.float64] | None:
    """Miles to the clinic, where costs depend on them."""
    if scenario.costs is None or scenario.costs.distance is None:
        return None
    return block.covariates[scenario.costs.distance].astype(float)
