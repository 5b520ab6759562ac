"""A scenario, a visit schedule and a seed become a cohort."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ketaoutcomes.cohort import (
    ASSIGNMENT_COLUMNS,
    COMPLETED,
    EVENT_COLUMNS,
    FOLLOW_UP_COLUMNS,
    TIME_COLUMNS,
    TREATMENT_DISCONTINUATION,
    VISIT_COLUMNS,
    Cohort,
    Source,
    empty_frame,
)
from ketaoutcomes.simulate.draws import BLOCK, Draws
from ketaoutcomes.simulate.phase import FIRST, History, PhaseCourse, Regime, simulate_phase
from ketaoutcomes.simulate.scenario import Entry, Numeric, Scenario

FloatArray = NDArray[np.float64]
Schedule = Mapping[str, Mapping[str, float]]
"""Phase -> visit -> days after the first dose of the phase, in order; the first is baseline."""


@dataclass(frozen=True)
class _Entered:
    """A phase as the subjects of a block that entered it saw it."""

    phase: str
    visits: tuple[str, ...]
    course: PhaseCourse
    members: NDArray[np.int64]
    stratum: NDArray[np.str_] | None


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
    entered: list[_Entered] = []
    for phase, visits in schedule.items():
        days = np.array(list(visits.values()), dtype=float)
        history = _history(scenario, phase, entered)
        course = simulate_phase(scenario, phase, days, draws, regime, history)
        entry = scenario.phases[phase].enters
        members = np.arange(size)
        if entry is not None:
            members = _entrants(scenario, entry, entered, size)
        entered.append(
            _Entered(phase, tuple(visits), course, members, _stratum(scenario, phase, entered))
        )
    return {
        "subjects": _subjects(scenario, draws, labels, size),
        "assignments": _stack(
            [_assignments(scenario, e, labels) for e in entered], ASSIGNMENT_COLUMNS
        ),
        "visits": _stack([_visits(scenario, e, labels) for e in entered], VISIT_COLUMNS),
        "events": _stack([_events(e, labels) for e in entered], EVENT_COLUMNS),
        "follow_up": _stack([_follow_up(e, labels) for e in entered], FOLLOW_UP_COLUMNS),
    }


def _stack(frames: list[pd.DataFrame], columns: tuple[str, ...]) -> pd.DataFrame:
    kept = [frame for frame in frames if len(frame)]
    if not kept:
        return empty_frame(columns)
    return pd.concat(kept, ignore_index=True).sort_values(
        "subject", kind="stable", ignore_index=True
    )


def _history(scenario: Scenario, phase: str, entered: list[_Entered]) -> History:
    """Doses of the phase that this one follows, on this phase's clock."""
    entry = scenario.phases[phase].enters
    if entry is None:
        return FIRST
    before = next(e for e in entered if e.phase == entry.phase)
    elapsed = scenario.phases[entry.phase].days
    return History(before.course.doses - elapsed, before.course.given, elapsed)


def _entrants(
    scenario: Scenario, entry: Entry, entered: list[_Entered], size: int
) -> NDArray[np.int64]:
    """Responders of the arm who were still treated and seen at the end of the earlier phase."""
    before = next(e for e in entered if e.phase == entry.phase).course
    arm = tuple(scenario.phases[entry.phase].arms).index(entry.arm)
    fall = 1 - before.score[:, -1] / before.score[:, 0]
    enters = (before.arm == arm) & (fall >= entry.fall_at_least_percent / 100)
    enters &= np.isinf(before.stopped)
    return np.flatnonzero(enters[:size])


def _stratum(scenario: Scenario, phase: str, entered: list[_Entered]) -> NDArray[np.str_] | None:
    """Whether the last score before the phase is at or below the cut."""
    rule, entry = scenario.phases[phase].stratified_by, scenario.phases[phase].enters
    if rule is None or entry is None:
        return None
    before = next(e for e in entered if e.phase == entry.phase).course
    return np.where(before.score[:, -1] <= rule.at_most, "yes", "no")


def _subjects(
    scenario: Scenario, draws: Draws, labels: NDArray[np.str_], size: int
) -> pd.DataFrame:
    columns: dict[str, object] = {"subject": labels[:size]}
    for name, covariate in scenario.covariates.items():
        if isinstance(covariate, Numeric):
            values = covariate.mean + covariate.sd * draws.normal(f"covariate {name}")
            columns[name] = np.clip(np.rint(values), covariate.low, covariate.high)[:size]
        else:
            shares = np.cumsum(list(covariate.values()))
            place = np.searchsorted(shares / shares[-1], draws.uniform(f"covariate {name}"))
            columns[name] = np.array(list(covariate))[place][:size]
    return pd.DataFrame(columns)


def _assignments(scenario: Scenario, e: _Entered, labels: NDArray[np.str_]) -> pd.DataFrame:
    arms = np.array(tuple(scenario.phases[e.phase].arms))
    frame = pd.DataFrame(
        {"subject": labels[e.members], "phase": e.phase, "arm": arms[e.course.arm[e.members]]}
    )
    rule = scenario.phases[e.phase].stratified_by
    if rule is not None and e.stratum is not None:
        frame[rule.name] = e.stratum[e.members]
    return frame


def _visits(scenario: Scenario, e: _Entered, labels: NDArray[np.str_]) -> pd.DataFrame:
    v, n = len(e.visits), len(e.members)
    frame = pd.DataFrame(
        {
            "subject": np.repeat(labels[e.members], v),
            "phase": e.phase,
            "visit": np.tile(np.array(e.visits, dtype=object), n),
            "day": np.tile(e.course.days, n),
            "scale": scenario.scale.name,
            "score": e.course.score[e.members].reshape(-1),
        }
    )
    return frame[frame["score"].notna()]


def _events(e: _Entered, labels: NDArray[np.str_]) -> pd.DataFrame:
    """Events up to the end of the phase and before the subject left."""
    course, end = e.course, e.course.days[-1]
    until = np.minimum(course.left, end)
    frames = []
    for event, time in ((TREATMENT_DISCONTINUATION, course.stopped), *course.events):
        seen = e.members[time[e.members] <= until[e.members]]
        frames.append(
            pd.DataFrame(
                {
                    "subject": labels[seen],
                    "phase": e.phase,
                    "day": _to_hundredths(time[seen]),
                    "event": event,
                }
            )
        )
    return pd.concat(frames, ignore_index=True).sort_values(["subject", "day"], ignore_index=True)


def _follow_up(e: _Entered, labels: NDArray[np.str_]) -> pd.DataFrame:
    course, end = e.course, e.course.days[-1]
    left = course.left[e.members] < end
    lack = course.lack_of_efficacy[e.members]
    reason = np.where(left, np.where(lack, "lack of efficacy", "withdrew consent"), COMPLETED)
    return pd.DataFrame(
        {
            "subject": labels[e.members],
            "phase": e.phase,
            "last_day": _to_hundredths(np.minimum(course.left[e.members], end)),
            "reason": reason,
        }
    )


def _to_hundredths(days: FloatArray) -> FloatArray:
    """Days as they are recorded; files then do not hang on the last bit of a processor."""
    return np.round(days, 2)
