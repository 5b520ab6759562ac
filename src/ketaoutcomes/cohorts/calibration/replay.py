"""A scenario set to the design of a published trial is simulated, arm by arm."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ketaoutcomes.cohorts.calibration.relapse import RELAPSE_AT, relapse_by_score
from ketaoutcomes.cohorts.calibration.statistics import ArmCourse
from ketaoutcomes.cohorts.evidence.records import PublishedResult
from ketaoutcomes.cohorts.evidence.trials import Replica, ReplicaArm
from ketaoutcomes.cohorts.simulation.columns import ROW, Words, numbers_of
from ketaoutcomes.cohorts.simulation.covariates import Values
from ketaoutcomes.cohorts.simulation.draws import BLOCK, Draws, PhaseDraws
from ketaoutcomes.cohorts.simulation.entering import columns_of_entry
from ketaoutcomes.cohorts.simulation.happenings import never
from ketaoutcomes.cohorts.simulation.parts_design import ScenarioPhase
from ketaoutcomes.cohorts.simulation.phase import PhaseCourse, Regime
from ketaoutcomes.cohorts.simulation.safety import adverse_events
from ketaoutcomes.cohorts.simulation.scenario import Scenario
from ketaoutcomes.cohorts.simulation.simulate import courses
from ketaoutcomes.plan.study import HOURS_PER_DAY

DAYS_BETWEEN_VISITS = 7.0
"""Hazards are constant between visits, so that a replica has some even where none is asked for."""

SESSION_PEAK_DAY = 40 / (24 * 60)
"""Dissociation and blood pressure are asked for 40 minutes after a dose."""

CONTROL = "control."
"""Before a value of an arm: it holds for the arms without the drug alone. Who sees that nothing
happens expects less."""

NOT_KETAMINE = ("placebo", "midazolam")

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
Settings = Mapping[str, object]
Schedule = dict[str, dict[str, float]]


@dataclass(frozen=True)
class Part:
    """A block of subjects: phases, days of adverse events of the replica's phase, covariates."""

    courses: Mapping[str, PhaseCourse]
    events: Mapping[str, FloatArray]
    covariates: Mapping[str, Values]


def replay(
    scenario: Scenario,
    replica: Replica,
    values: Settings,
    results: Iterable[PublishedResult],
    seed: int,
    blocks: int,
) -> dict[str, ArmCourse]:
    """Simulate the arms that the results ask for; the same people are in each.

    Parameters
    ----------
    values : mapping
        Values by dotted path, over those of the scenario and the replica.
    blocks : int
        Subjects an arm, in blocks.
    """
    wanted = tuple(results)
    names = {result.arm for result in wanted} | {r.versus for r in wanted if r.versus is not None}
    simulated: dict[str, tuple[Scenario, list[Part]]] = {}
    arms = {}
    for name in sorted(names):
        arm = replica.arms[name]
        key = repr((arm.like or name, arm.treatment, arm.set))
        if key not in simulated:
            set_to = with_arm(scenario, replica, name, values)
            simulated[key] = set_to, _simulated(set_to, replica, wanted, seed, blocks)
        arms[name] = _joined(*simulated[key], replica, arm)
    return arms


def _simulated(
    scenario: Scenario,
    replica: Replica,
    results: tuple[PublishedResult, ...],
    seed: int,
    blocks: int,
) -> list[Part]:
    """Each block of subjects, all on the only arm of the replica's phase."""
    schedule = _schedule(scenario, replica, results)
    measured = {*scenario.acute, *scenario.further_scales, *scenario.mediators}
    asked = {name for r in results for name in (r.scale, r.marker)}
    scales = {scenario.scale.name, *(measured & asked)}
    if any(r.statistic == "correlation with dissociation" for r in results):
        scales.add("CADSS")
    regime = Regime(safety=False, scales=tuple(sorted(scales)), subjects_a_set_of_sites=1)
    with_events = any(result.statistic == "adverse event" for result in results)
    parts = []
    for block in range(blocks):
        draws = Draws(seed, block)
        people, done = courses(scenario, schedule, draws, regime, (block + 1) * BLOCK)
        course = done[replica.phase]
        happened = _events(scenario, replica.phase, draws, course) if with_events else {}
        parts.append(Part(done, happened, people.covariates))
    return parts


def _events(
    scenario: Scenario, phase: str, draws: Draws, course: PhaseCourse
) -> dict[str, FloatArray]:
    """First day of each adverse event, infinity if never, by its name in small letters."""
    events = adverse_events(scenario, phase, PhaseDraws(draws, phase, course.rows), course)
    days = {term: never(course.rows.size) for term in scenario.adverse_events}
    if events:
        whose, day = numbers_of(events, ROW), numbers_of(events, "day")
        terms = events["term"]
        assert isinstance(terms, Words)
        for place, term in enumerate(terms.names):
            own = terms.place == place
            np.minimum.at(days[term], whose[own], day[own])
    return {term.lower(): day for term, day in days.items()}


def with_arm(scenario: Scenario, replica: Replica, name: str, values: Settings) -> Scenario:
    """The scenario as an arm of a trial has it."""
    arm, phase = replica.arms[name], scenario.phases[replica.phase]
    plain: dict[str, Any] = scenario.model_dump()
    kept = {replica.phase: plain["phases"][replica.phase]}
    earlier = phase.before
    while earlier is not None:
        kept = {earlier: plain["phases"][earlier]} | kept
        earlier = scenario.phases[earlier].before
    like = arm.like or name
    own = kept[replica.phase]["arms"].get(like, {})
    kept[replica.phase]["arms"] = {like: own | arm.treatment}
    if phase.enters is not None and phase.enters.keeps_arm:
        before = kept[phase.enters.phase]
        kept[phase.enters.phase] = before | {"arms": {like: before["arms"][like]}}
    if replica.days is not None:
        kept[replica.phase]["days"] = replica.days
    plain["phases"] = kept
    dosing = kept[replica.phase]["arms"][like]
    for path, value in {**replica.set, **values, **arm.set}.items():
        if not path.startswith(CONTROL):
            _put(plain, path, value)
        elif dosing["drug"] in NOT_KETAMINE:
            _put(dosing, path.removeprefix(CONTROL), value)
    return Scenario.model_validate(plain)


def with_values(scenario: Scenario, values: Settings) -> Scenario:
    """The scenario with some values by dotted path."""
    plain: dict[str, Any] = scenario.model_dump()
    for path, value in values.items():
        _put(plain, path, value)
    return Scenario.model_validate(plain)


def _put(plain: dict[str, Any], path: str, value: object) -> None:
    """Set a value by its dotted path.

    Raises
    ------
    KeyError
        If a step of the path but the last is not there.
    """
    *steps, last = path.split(".")
    here = plain
    for step in steps:
        here = here[step]
    here[last] = value


def _schedule(
    scenario: Scenario, replica: Replica, results: tuple[PublishedResult, ...]
) -> Schedule:
    """Baseline, the times asked for, and the visits of trial or scenario, or else regular ones."""
    schedule: Schedule = {}
    for name, part in scenario.phases.items():
        asked: list[float] = []
        if name == replica.phase:
            times = [r.at_hours for r in results] + [r.with_hours for r in results]
            asked = [hours / HOURS_PER_DAY for hours in times if hours is not None]
            if any(r.statistic in ("rise ever", "level ever") for r in results):
                asked += _sessions(part, max(asked))
            if any(r.statistic == "correlation with dissociation" for r in results):
                asked.append(SESSION_PEAK_DAY)
        whole = name != replica.phase or any(r.at_hours is None for r in results)
        last = part.days if whole else max(asked)
        regular = np.arange(0, last, DAYS_BETWEEN_VISITS)
        own = replica.visits if name == replica.phase else ()
        usual = own or (regular if part.visits is None else tuple(part.visits.values()))
        days = sorted({0.0, *asked, *(d for d in usual if d <= last), *([last] * whole)})
        schedule[name] = {f"{day:g}": float(day) for day in days}
    return schedule


def _sessions(phase: ScenarioPhase, last: float) -> list[float]:
    """Forty minutes after each dose of any arm up to a day: when blood pressure is taken."""
    doses = {day for arm in phase.arms.values() for day in arm.days_of_doses(phase.days)}
    return sorted(day + SESSION_PEAK_DAY for day in doses if day <= last)


def _joined(scenario: Scenario, parts: list[Part], replica: Replica, arm: ReplicaArm) -> ArmCourse:
    """The blocks of an arm in one."""
    phase = replica.phase
    kept = [(part.courses[phase], _members(scenario, phase, arm, part)) for part in parts]
    days = kept[0][0].days
    scores = {
        scale: np.concatenate([course.scores[scale][rows] for course, rows in kept])
        for scale in kept[0][0].scores
    }
    main = scenario.scale.name
    left = np.concatenate([course.left[rows] for course, rows in kept])
    stopped = np.concatenate([course.stopped[rows] for course, rows in kept])
    for_events = np.concatenate([course.reason[rows] == "adverse event" for course, rows in kept])
    happened = {
        name: np.concatenate([course.events[name][rows] for course, rows in kept])
        for name in kept[0][0].events
    }
    relapse = relapse_by_score(days, scores[main], RELAPSE_AT)
    for event in replica.relapse_events:
        relapse = np.minimum(relapse, happened[event])
    return ArmCourse(
        days,
        scores,
        main,
        relapse,
        np.minimum(left, days[-1]),
        {
            name: np.concatenate(
                [part.events[name][rows] for part, (_, rows) in zip(parts, kept, strict=True)]
            )
            for name in parts[0].events
        },
        happened={name: np.where(day <= left, day, np.inf) for name, day in happened.items()},
        stopped=stopped,
        withdrawn=np.where(for_events, stopped, np.inf),
        covariates={
            name: np.concatenate(
                [
                    part.covariates[name][course.rows][rows]
                    for part, (course, rows) in zip(parts, kept, strict=True)
                ]
            )
            for name in parts[0].covariates
        },
    )


def _members(scenario: Scenario, phase: str, arm: ReplicaArm, part: Part) -> BoolArray:
    """Which subjects of a block are in the stratum of the arm."""
    if arm.stratum is None:
        return np.ones(part.courses[phase].rows.size, dtype=bool)
    rule = scenario.phases[phase].stratified_by
    assert rule is not None
    return np.asarray(columns_of_entry(scenario, phase, part.courses)[rule.name] == arm.stratum)
