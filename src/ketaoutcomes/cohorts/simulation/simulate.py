"""A scenario, a visit schedule and a seed become a cohort."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ketaoutcomes.cohort import (
    SIMULATED_COLUMNS,
    TIME_COLUMNS,
    Cohort,
    Source,
    empty_frame,
)
from ketaoutcomes.cohorts.simulation import frames
from ketaoutcomes.cohorts.simulation.columns import (
    ROW,
    Columns,
    frame_of,
    in_order,
    joined,
    numbers_of,
)
from ketaoutcomes.cohorts.simulation.covariates import covariates_of
from ketaoutcomes.cohorts.simulation.draws import BLOCK, Draws, PhaseDraws
from ketaoutcomes.cohorts.simulation.entering import columns_of_entry, history_of
from ketaoutcomes.cohorts.simulation.frames import Entered
from ketaoutcomes.cohorts.simulation.parts_course import Unblinding
from ketaoutcomes.cohorts.simulation.people import people_of
from ketaoutcomes.cohorts.simulation.phase import Block, PhaseCourse, Regime, simulate_phase
from ketaoutcomes.cohorts.simulation.scenario import Scenario
from ketaoutcomes.cohorts.simulation.sites import columns_of_site
from ketaoutcomes.cohorts.simulation.visit_days import on_a_day_each, possible_days

Schedule = Mapping[str, Mapping[str, float]]
"""Phase -> visit -> days after the first dose of the phase, in order; the first is baseline."""

CATEGORIES: Final[Mapping[str, tuple[str, ...]]] = {
    "visits": ("phase", "visit", "scale"),
    "exposure": ("phase", "unit", "route"),
    "adverse_events": ("phase",),
}
"""The words of the long tables that may be held as categories."""


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
        Hold words of the long tables as categories, in half the memory. They are compared in a
        small part of the time.
    visit_spread : int
        Most days that a visit or a session is early or late; 0 has each on its day.
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
        Most days that a visit or a session is early or late; 0 has each on its day.
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
        days = possible_days(np.array(list(visits.values()), dtype=float), visit_spread)
        course = simulate_phase(
            scenario, phase, days.grid, block, regime, history, session_spread=visit_spread
        )
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
    sizes = [min(BLOCK, n - block * BLOCK) for block in blocks]
    work = [
        (scenario, schedule, Draws(seed, block), regime, size, visit_spread)
        for block, size in zip(blocks, sizes, strict=True)
    ]
    made = [_of_block(*each) for each in work] if processes == 1 else _in_parallel(work, processes)
    return Cohort(
        **{
            table: frame_of(
                joined([block.pop(table) for block in made]),
                SIMULATED_COLUMNS[table],
                CATEGORIES.get(table, ()) if lean else (),
            )
            for table in tuple(made[0])
        },
        times=empty_frame(TIME_COLUMNS),
        source=Source("synthetic", f"scenario `{name}` ({scenario.label})", seed),
    )


def _in_parallel(work: list[tuple[Any, ...]], processes: int) -> list[dict[str, Columns]]:
    """The columns of all blocks, made by several processes."""
    from joblib import Parallel, delayed  # noqa: PLC0415 - slow to import

    return list(Parallel(n_jobs=processes)(delayed(_of_block)(*each) for each in work))


def _of_block(
    scenario: Scenario,
    schedule: Schedule,
    draws: Draws,
    regime: Regime,
    size: int,
    visit_spread: int,
) -> dict[str, Columns]:
    """The columns of all frames of one block of subjects, by subject and phase."""
    block, done = courses(scenario, schedule, draws, regime, size, visit_spread)
    first = draws.block * BLOCK
    labels = np.array([f"S{first + i + 1:07d}" for i in range(size)], dtype=object)
    entered = [
        Entered(
            phase,
            tuple(schedule[phase]),
            course,
            columns_of_entry(scenario, phase, done),
            _recorded(scenario, regime, course),
        )
        for phase, course in done.items()
    ]
    arms = {e.phase: tuple(scenario.phases[e.phase].arms) for e in entered}
    columns = {
        "assignments": in_order([frames.assignments(e, arms[e.phase]) for e in entered]),
        "visits": in_order([frames.visits(e) for e in entered]),
        "events": in_order([frames.events(e) for e in entered], ("day",)),
        "follow_up": in_order([frames.follow_up(e) for e in entered]),
    }
    if regime.safety:
        distance = _distance(scenario, block)
        harmed = [frames.harms(scenario, draws, e, regime.subjects_a_trial) for e in entered]
        paid = [frames.costs(scenario, arms[e.phase], e, distance) for e in entered]
        columns |= {
            "adverse_events": in_order(harmed, ("day", "term")),
            "exposure": in_order([frames.exposure(e) for e in entered], ("day",)),
            "costs": in_order(paid, ("day", "item")),
        }
    people: Columns = {name: values[:size] for name, values in block.covariates.items()}
    named = {name: _with_labels(found, labels) for name, found in columns.items()}
    return {"subjects": {"subject": labels, **people}, **named}


def _recorded(scenario: Scenario, regime: Regime, course: PhaseCourse) -> tuple[str, ...]:
    """The scales of a phase that are recorded."""
    every = tuple(course.scores)
    further = tuple(name for name in every if name != scenario.scale.name)
    return every if regime.main_scale or not further else further


def _with_labels(columns: Columns, labels: NDArray[np.object_]) -> Columns:
    """The name of the subject in place of the row in the block."""
    if not columns:
        return columns
    further = {name: column for name, column in columns.items() if name != ROW}
    return {"subject": labels[numbers_of(columns, ROW)], **further}


def _distance(scenario: Scenario, block: Block) -> NDArray[np.float64] | None:
    """Miles to the clinic, where costs depend on them."""
    if scenario.costs is None or scenario.costs.distance is None:
        return None
    return block.covariates[scenario.costs.distance].astype(float)
