"""One phase of some subjects of a block: treatment, severity, scores and events."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import cast

import numpy as np
from numpy.typing import NDArray

from ketaoutcomes.cohorts.simulation.covariates import Values
from ketaoutcomes.cohorts.simulation.draws import Draws, PhaseDraws, Rows, at_rows
from ketaoutcomes.cohorts.simulation.happenings import (
    Stopping,
    episodes,
    event_day,
    hazard_with_time,
    never,
    protection_after_doses,
    reached,
    stopping,
)
from ketaoutcomes.cohorts.simulation.measures import Measured, measure
from ketaoutcomes.cohorts.simulation.people import People
from ketaoutcomes.cohorts.simulation.scenario import Scenario
from ketaoutcomes.cohorts.simulation.severity import History, Outlook, outlook
from ketaoutcomes.cohorts.simulation.treatment import (
    Treatment,
    allocate,
    dose_weights,
    escalated,
    plan_treatment,
)
from ketaoutcomes.cohorts.simulation.visit_days import (
    days_of_acute_visits,
    with_sessions_off_their_days,
)

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]


@dataclass(frozen=True)
class Regime:
    """What is forced on a counterfactual cohort.

    Attributes
    ----------
    arms : tuple of (phase, arm)
        Phases in which every subject takes this arm.
    discontinuation : bool
        False switches off stopping of treatment.
    rescue : bool
        False switches off events that relieve severity.
    missing : bool
        False observes everybody at every visit to the end of the phase.
    subjects_a_trial : int
        So many subjects each are a trial of its own drug effect, placebo response and adverse-event
        rates; 0 makes all of them the typical trial.
    subjects_a_set_of_sites : int
        So many subjects each share a set of sites; 0 lets all of them, and 1 gives each the effects
        of a site of their own, so that means are those over all sites there could be.
    unblinding : bool
        False lets nobody's expectancy hang on what the first dose felt like.
    mediator_as : tuple of (mediator, arm) or None
        A mediator that the doses of this arm move, not the subject's own.
    scales : tuple of str or None
        The only scales that are measured beside the main one; None for all.
    main_scale : bool
        False leaves the main scale out of what is recorded, unless it would be the only one.
    safety : bool
        False leaves out adverse events, exposure and costs.
    """

    arms: tuple[tuple[str, str], ...] = ()
    discontinuation: bool = True
    rescue: bool = True
    missing: bool = True
    subjects_a_trial: int = 0
    subjects_a_set_of_sites: int = 0
    unblinding: bool = True
    mediator_as: tuple[str, str] | None = None
    scales: tuple[str, ...] | None = None
    main_scale: bool = True
    safety: bool = True


@dataclass(frozen=True)
class Block:
    """The subjects of a block, before any phase."""

    draws: Draws
    people: People
    covariates: Mapping[str, Values]


@dataclass(frozen=True)
class PhaseCourse:
    """What happened in a phase, times in days of the phase.

    Attributes
    ----------
    rows : int array, shape (n,)
        The subjects' rows in the block.
    history : History
    days : array, shape (v,)
    scores : mapping of array, shape (n, v)
        By scale, NaN where not observed; the main scale first.
    severity : array, shape (n, v)
    treatment : Treatment
    amount : array, shape (n, d)
        Doses relative to the arm's.
    taken : bool array, shape (n, d)
        Whether a dose, be it of placebo, was taken.
    weights : array, shape (n, d)
        How much the doses taken count, on into the next phase.
    stopped, left : array, shape (n,)
        Time of stopping treatment and of leaving the study, infinity if never.
    reason : str array, shape (n,)
        Why a subject who left did so.
    events : mapping of array
        Times of events by name, infinity if never.
    deviation : array, shape (n,)
        The last value of the standardised deviation.
    seen_on : array, shape (n, v), or None
        The days on which the visits were made; None where each was on its day.
    """

    rows: Rows
    history: History
    days: FloatArray
    scores: Mapping[str, FloatArray]
    severity: FloatArray
    treatment: Treatment
    amount: FloatArray
    taken: BoolArray
    weights: FloatArray
    stopped: FloatArray
    left: FloatArray
    reason: NDArray[np.str_]
    events: Mapping[str, FloatArray]
    deviation: FloatArray
    seen_on: FloatArray | None = None

    @property
    def seen_until(self) -> FloatArray:
        """The last day under observation: the last visit, or the day of leaving; shape (n,)."""
        return np.minimum(self.left, self.days[-1])

    @property
    def doses_seen(self) -> BoolArray:
        """The doses taken under observation, shape (n, d)."""
        return self.taken & (self.treatment.doses[None, :] <= self.seen_until[:, None])


def simulate_phase(
    scenario: Scenario,
    name: str,
    days: FloatArray,
    block: Block,
    regime: Regime,
    history: History,
    session_spread: int = 0,
) -> PhaseCourse:
    """Simulate a phase at the given days for the subjects who enter it.

    Parameters
    ----------
    session_spread : int
        Most days that a session is early or late; those with acute visits are on their day.
    """
    phase = scenario.phases[name]
    draws = PhaseDraws(block.draws, name, history.rows)
    people = block.people.of(history.rows)
    covariates: dict[str, Values] = {
        key: cast("Values", at_rows(values, history.rows))
        for key, values in block.covariates.items()
    }
    arm = _arm(scenario, name, draws, regime, history)
    weight = covariates.get("weight")
    in_care = any(dosing.pace for dosing in phase.arms.values())
    pace = draws.lasting_normal("pace of sessions") if in_care else None
    body_weight = None if weight is None else weight.astype(float)

    def planned(arm: NDArray[np.int64]) -> Treatment:
        plan = plan_treatment(phase, arm, people.exposure, body_weight, pace)
        if not session_spread:
            return plan
        fixed = days_of_acute_visits(days)
        return with_sessions_off_their_days(plan, phase.days, session_spread, fixed, draws)

    treatment = planned(arm)
    expected = outlook(scenario, name, days, people, treatment, draws, history)
    if regime.mediator_as is not None:
        mediator, lender = regime.mediator_as
        other = np.full(len(arm), tuple(phase.arms).index(lender))
        moved = dose_weights(scenario.severity.drug, planned(other))
        expected = expected.with_mediator_of(mediator, moved)
    kept = treatment.planned & ~_missed_sessions(scenario, treatment, draws)
    amount, due = _doses(scenario, days, replace(treatment, planned=kept), expected)
    course = expected.severity(due)
    rates = scenario.discontinuation
    with_time = hazard_with_time(rates, days, history.elapsed, max(phase.days, days[-1]))
    stops = (
        stopping(rates, days, course, treatment.on_drug, people.leaving, with_time, draws)
        if regime.discontinuation
        else Stopping(never(len(arm)), np.zeros(len(arm), dtype=bool))
    )
    taken = kept & (treatment.doses[None, :] < stops.day[:, None])
    weights = due * taken
    early = np.flatnonzero(stops.day < days[-1])
    course[early] = expected.severity(weights[early], early)
    severity, relieved = _relieved(
        scenario, name, regime, treatment, covariates, days, course, draws
    )
    if phase.relapses:
        protected = _protected(scenario, days, stops, treatment, weights, history)
        severity = severity + _episodes(
            scenario, days, severity, protected, treatment, history.in_stratum, draws
        )
    events = relieved | {
        key: event_day(key, event, _names(treatment, phase.arms), covariates, days, severity, draws)
        for key, event in scenario.events.items()
        if event.relief == 0 and name in (event.phases or scenario.phases)
    }
    leaves = draws.uniform("leaving") < rates.leaves_study
    left = np.where(leaves, stops.day, np.inf) if regime.missing else never(len(arm))
    follows = scenario.further_scales or scenario.mediators
    state = expected.state(weights) if follows else np.zeros((0, days.size))
    scores = measure(
        scenario,
        Measured(name, days, severity, state, treatment, taken * amount, people.swings),
        draws,
        regime.scales,
        expected.mediators,
    )
    if regime.missing:
        missed = draws.happens("missed", scenario.missing_visit, days.size)
        missed[:, 0] = False
        missed |= days[None, :] > left[:, None]
        for values in scores.values():
            values[missed] = np.nan
    return PhaseCourse(
        rows=history.rows,
        history=history,
        days=days,
        scores=scores,
        severity=severity,
        treatment=treatment,
        amount=amount,
        taken=taken,
        weights=weights,
        stopped=stops.day,
        left=left,
        reason=_reason(stops, severity, waiting=phase.waiting),
        events=events,
        deviation=expected.deviation[:, -1],
    )


def _arm(
    scenario: Scenario, name: str, draws: PhaseDraws, regime: Regime, history: History
) -> NDArray[np.int64]:
    """Arm of each subject: forced, the next of the sequence, or by the allocation ratio."""
    phase = scenario.phases[name]
    forced = dict(regime.arms).get(name)
    if forced is not None:
        return np.full(len(history.rows), tuple(phase.arms).index(forced))
    if history.arm is not None and phase.crosses is not None:
        return (history.arm + 1) % len(phase.arms)
    if history.arm is not None and phase.enters is not None and phase.enters.keeps_arm:
        return history.arm
    return allocate(phase, draws)


def _names(treatment: Treatment, arms: Mapping[str, object]) -> NDArray[np.str_]:
    return np.array(tuple(arms))[treatment.arm]


def _doses(
    scenario: Scenario, days: FloatArray, treatment: Treatment, expected: Outlook
) -> tuple[FloatArray, FloatArray]:
    """Amounts relative to the arm's, and the weights of the doses that no session misses."""
    drug = scenario.severity.drug
    earlier = (expected.history.weights > 0).sum(axis=1)
    if not any(arm.escalation for arm in treatment.arms):
        return np.ones(treatment.planned.shape), dose_weights(drug, treatment, earlier=earlier)
    amount = escalated(
        treatment,
        days,
        lambda amount: expected.severity(dose_weights(drug, treatment, amount, earlier)),
    )
    return amount, dose_weights(drug, treatment, amount, earlier)


def _missed_sessions(scenario: Scenario, treatment: Treatment, draws: PhaseDraws) -> BoolArray:
    """Sessions that are missed, shape (n, d); the first of a phase is what lets a subject in."""
    missed = draws.happens("missed session", scenario.missed_session, treatment.doses.size)
    if treatment.doses.size:
        missed[np.arange(len(missed)), treatment.planned.argmax(axis=1)] = False
    return missed


def _relieved(
    scenario: Scenario,
    name: str,
    regime: Regime,
    treatment: Treatment,
    covariates: Mapping[str, Values],
    days: FloatArray,
    severity: FloatArray,
    draws: PhaseDraws,
) -> tuple[FloatArray, dict[str, FloatArray]]:
    """Severity after events that relieve it, and their days."""
    happened: dict[str, FloatArray] = {}
    if not regime.rescue:
        return severity, happened
    arms = _names(treatment, scenario.phases[name].arms)
    for key, event in scenario.events.items():
        if event.relief == 0 or name not in (event.phases or scenario.phases):
            continue
        day = event_day(key, event, arms, covariates, days, severity, draws)
        severity = severity - event.relief * reached(days, day, event.relief_days)
        happened[key] = day
    return severity, happened


def _episodes(
    scenario: Scenario,
    days: FloatArray,
    severity: FloatArray,
    protected: FloatArray,
    treatment: Treatment,
    in_remission: BoolArray | None,
    draws: PhaseDraws,
) -> FloatArray:
    assert scenario.relapse is not None
    therapy = scenario.severity.psychotherapy.relapse_hazard_ratio
    ratio = np.where(treatment.by_arm("psychotherapy") > 0, therapy, 1.0)
    return episodes(scenario.relapse, days, severity, protected, ratio, in_remission, draws)


def _protected(
    scenario: Scenario,
    days: FloatArray,
    stops: Stopping,
    treatment: Treatment,
    weights: FloatArray,
    history: History,
) -> FloatArray:
    """The share of the drug's protection from relapse at each visit but the last."""
    assert scenario.relapse is not None
    half_life = scenario.relapse.protection_half_life_days
    if half_life is None:
        until = np.where(treatment.on_drug, stops.day, -np.inf)
        return np.asarray((days[None, :-1] < until[:, None]).astype(float))
    doses = np.concatenate([history.doses, treatment.doses])
    taken = np.concatenate([history.weights, weights], axis=1) > 0
    return protection_after_doses(days[:-1], doses, taken, half_life)


def _reason(stops: Stopping, severity: FloatArray, *, waiting: bool) -> NDArray[np.str_]:
    """Why a subject who leaves does so; who only waits leaves for no lack of efficacy."""
    no_better = severity[:, -1] > 0.75 * severity[:, 0]
    return np.select(
        [stops.for_adverse_event, no_better],
        ["adverse event", SOUGHT_ELSEWHERE if waiting else "lack of efficacy"],
        "withdrew consent",
    )


SOUGHT_ELSEWHERE = "sought other treatment"
"""Why somebody leaves a waiting list who is no better."""
