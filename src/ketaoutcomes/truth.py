"""The true values of a plan's estimands: its scenario under each treatment, by the plan's rules."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import numpy as np

from ketaoutcomes.cohort import TREATMENT_DISCONTINUATION, Cohort
from ketaoutcomes.derive.endpoint import derive_endpoint
from ketaoutcomes.endpoint import (
    BinaryData,
    ChangeData,
    EndpointData,
    MediationData,
    TimeToEventData,
)
from ketaoutcomes.estimate.strategies import (
    Seen,
    composite,
    jump_to_reference,
    while_on_treatment,
)
from ketaoutcomes.estimate.truth import (
    Pair,
    by_strategy,
    indirect_effect,
    of_strategy,
    truth_of_estimand,
)
from ketaoutcomes.obtain import scenario_of, schedule_of
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.results import Result
from ketaoutcomes.simulate.phase import Regime
from ketaoutcomes.simulate.scenario import Scenario
from ketaoutcomes.simulate.simulate import simulate
from ketaoutcomes.vocabulary import Strategy

LEAST_SUBJECTS, MOST_SUBJECTS = 20_000, 200_000
SUBJECTS_PER_SUBJECT = 25
"""Pairs for each subject of the trial.

A trial of n subjects has a variance of 4 s^2 / n and N pairs one of 2 s^2 (1 - r) / N, r being the
correlation within a pair. With r of one half, N = 25 n makes the Monte-Carlo error a tenth of the
trial's standard error.
"""

TRUTH_SEED = 1
"""The truth belongs to the scenario, not to one cohort of it."""

KINDS_WITH_SAFETY = ("incidence", "costs_and_effects")


@dataclass(frozen=True)
class Worlds:
    """Counterfactual cohorts of a plan's scenario and their endpoints, each made once."""

    plan: AnalysisPlan
    scenario: Scenario
    cohorts: dict[Regime, Cohort] = field(default_factory=dict)
    endpoints: dict[tuple[str, Regime], EndpointData] = field(default_factory=dict)

    @property
    def unblinds(self) -> bool:
        """Whether what a dose feels like changes what is expected of it."""
        unblinding = self.scenario.severity.unblinding
        return unblinding.gain > 0 or unblinding.loss > 0

    def cohort(self, regime: Regime) -> Cohort:
        """All subjects under a regime."""
        if regime not in self.cohorts:
            self.cohorts[regime] = self._simulated(regime)
        return self.cohorts[regime]

    def _simulated(self, regime: Regime) -> Cohort:
        synthetic = self.plan.data.synthetic
        assert synthetic is not None
        wanted = (synthetic.subjects or self.scenario.subjects) * SUBJECTS_PER_SUBJECT
        phases = dict(regime.arms)
        return simulate(
            self.scenario,
            synthetic.scenario,
            {name: visits for name, visits in schedule_of(self.plan).items() if name in phases},
            TRUTH_SEED,
            min(max(wanted, LEAST_SUBJECTS), MOST_SUBJECTS),
            regime,
        )


@dataclass(frozen=True)
class Question:
    """An analysis, seen as a question to the worlds."""

    worlds: Worlds
    analysis: str

    @property
    def plan(self) -> AnalysisPlan:
        """The plan."""
        return self.worlds.plan

    @property
    def estimand_name(self) -> str:
        """The analysis's estimand."""
        return self.plan.analyses[self.analysis].estimand

    @property
    def arms(self) -> tuple[str, str]:
        """Active and reference arm."""
        treatment = self.plan.estimands[self.estimand_name].treatment
        return treatment.active, treatment.reference

    @property
    def phase(self) -> str:
        """The phase that is looked at."""
        return self.plan.analysis_phase(self.analysis)

    @property
    def paired(self) -> bool:
        """Whether the same subjects enter the phase on either treatment."""
        entry = self.worlds.scenario.phases[self.phase].enters
        return entry is None or not entry.keeps_arm

    def regime(self, arm: str, *, without: tuple[str, ...] = ()) -> Regime:
        """Everybody on an arm and seen to the end, without some events."""
        events = self.worlds.scenario.events
        return Regime(
            arms=tuple(_forced(self.worlds.scenario, self.phase, arm)),
            discontinuation=TREATMENT_DISCONTINUATION not in without,
            rescue=not any(name in events and events[name].relief > 0 for name in without),
            missing=False,
            trial_effect=False,
            scales=self._scales(),
            safety=self._kind() in KINDS_WITH_SAFETY,
        )

    def derived(self, regime: Regime) -> EndpointData:
        """The endpoint under a regime, its events handled as planned."""
        return derive_endpoint(self.plan, self.analysis, self.worlds.cohort(regime))

    def as_it_comes(self, regime: Regime) -> EndpointData:
        """The endpoint under a regime, its events not handled at all."""
        key = (self.plan.estimands[self.estimand_name].endpoint, regime)
        if key not in self.worlds.endpoints:
            self.worlds.endpoints[key] = self.handled_by("treatment policy", regime)
        return self.worlds.endpoints[key]

    def handled_by(self, strategy: Strategy, regime: Regime) -> EndpointData:
        """The endpoint under a regime, its events all handled by one strategy."""
        estimand = self.plan.estimands[self.estimand_name]
        handled = dict.fromkeys(estimand.intercurrent_events, strategy)
        changed = estimand.model_copy(update={"intercurrent_events": handled})
        estimands = {**self.plan.estimands, self.estimand_name: changed}
        plan = self.plan.model_copy(update={"estimands": estimands})
        return derive_endpoint(plan, self.analysis, self.worlds.cohort(regime))

    def _kind(self) -> str:
        return self.plan.endpoints[self.plan.estimands[self.estimand_name].endpoint].kind

    def _scales(self) -> tuple[str, ...]:
        """The scales of the scenario of which the plan speaks."""
        scenario = self.worlds.scenario
        measured = (
            *scenario.scale.parts,
            *scenario.further_scales,
            *scenario.mediators,
            *scenario.acute,
        )
        words = set(_words(self.plan.model_dump(include={"endpoints", "analyses"})))
        return tuple(name for name in measured if name in words)


def true_values(plan: AnalysisPlan, *, each_strategy: bool = False) -> tuple[Result, ...]:
    """True value of each estimand that is estimated; nothing for real data.

    Returns
    -------
    tuple of Result
        Table "trut01", and if asked for "trut02": what each strategy for the intercurrent events
        would ask for.
    """
    questions = tuple(_questions(plan))
    declared = [row for question in questions for row in _declared(question)]
    if not each_strategy:
        return tuple(declared)
    return (*declared, *(row for question in questions for row in _each_strategy(question)))


def _questions(plan: AnalysisPlan) -> Iterator[Question]:
    """The first analysis of each estimand."""
    if plan.data.synthetic is None:
        return
    worlds = Worlds(plan, scenario_of(plan))
    seen: set[str] = set()
    for name, analysis in plan.analyses.items():
        # Nobody can be allocated to the level of a covariate: such a contrast has no true effect.
        allocated = plan.phases[plan.analysis_phase(name)].arms_by is None
        if allocated and analysis.estimand not in seen:
            seen.add(analysis.estimand)
            yield Question(worlds, name)


def _declared(question: Question) -> Iterator[Result]:
    handled = question.plan.estimands[question.estimand_name].intercurrent_events
    without = tuple(name for name, strategy in handled.items() if strategy == "hypothetical")
    regimes = [question.regime(arm, without=without) for arm in question.arms]
    plain = set(handled.values()) <= {"treatment policy", "hypothetical"}
    derived = question.as_it_comes if plain else question.derived
    active, reference = (derived(regime) for regime in regimes)
    pair = Pair(active, reference, question.paired)
    yield from truth_of_estimand(question.plan, question.analysis, pair)
    if isinstance(active, MediationData) and question.worlds.scenario.mediators:
        lent = question.derived(replace(regimes[0], mediators_as=question.arms[1]))
        yield indirect_effect(question.plan, question.analysis, active, lent)


def _each_strategy(question: Question) -> Iterator[Result]:
    """One row a strategy, for changes and proportions at the estimand's visit and for times."""
    estimand = question.plan.estimands[question.estimand_name]
    events = tuple(estimand.intercurrent_events)
    if not events:
        return
    if estimand.visit is None:
        yield from _times_by_strategy(question, events)
        return
    occurring = [_seen(question, question.regime(arm)) for arm in question.arms]
    removed = [_seen(question, question.regime(arm, without=events)) for arm in question.arms]
    if None in (*occurring, *removed):
        return
    active, reference = (seen for seen in occurring if seen is not None)
    active_on, reference_on = (seen.last for seen in removed if seen is not None)
    outcomes = {
        "treatment policy": (active.last, reference.last),
        "hypothetical": (active_on, reference_on),
        "while on treatment": (while_on_treatment(active), while_on_treatment(reference)),
        "composite": (composite(active), composite(reference)),
        "jump to reference": (jump_to_reference(active, reference_on), reference_on),
    }
    if question.worlds.unblinds:
        regimes = (replace(question.regime(arm), unblinding=False) for arm in question.arms)
        blind = [seen.last for seen in (_seen(question, r) for r in regimes) if seen is not None]
        outcomes["treatment policy, blinding kept"] = (blind[0], blind[1])
    for strategy, sides in outcomes.items():
        yield by_strategy(
            question.plan, question.analysis, strategy, *sides, paired=question.paired
        )


def _times_by_strategy(question: Question, events: tuple[str, ...]) -> Iterator[Result]:
    """Restricted means where the event is no matter, does not happen, or counts as the endpoint."""
    occurring = [question.regime(arm) for arm in question.arms]
    removed = [question.regime(arm, without=events) for arm in question.arms]
    if not isinstance(question.as_it_comes(occurring[0]), TimeToEventData):
        return
    sides = {
        "treatment policy": [question.as_it_comes(regime) for regime in occurring],
        "hypothetical": [question.as_it_comes(regime) for regime in removed],
        "composite": [question.handled_by("composite", regime) for regime in occurring],
    }
    for strategy, (active, reference) in sides.items():
        pair = Pair(active, reference, question.paired)
        for row in truth_of_estimand(question.plan, question.analysis, pair):
            yield of_strategy(row, strategy)


def _seen(question: Question, regime: Regime) -> Seen | None:
    """The outcome by visit up to the estimand's, if it is a change or a success."""
    match question.as_it_comes(regime):
        case ChangeData(visits=visits, frame=frame):
            column = "change"
        case BinaryData(visits=visits, frame=frame):
            column = "outcome"
        case _:
            return None
    estimand = question.plan.estimands[question.estimand_name]
    assert estimand.visit is not None
    kept = visits[: visits.index(estimand.visit) + 1]
    days = schedule_of(question.plan)[question.phase]
    events = question.worlds.cohort(regime).events
    events = events[events["phase"] == question.phase]
    events = events[events["event"].isin(tuple(estimand.intercurrent_events))]
    return Seen(
        outcome=frame.pivot(index="subject", columns="visit", values=column)[list(kept)],
        visit_days=np.array([days[visit] for visit in kept]),
        event_day=events.groupby("subject")["day"].min(),
    )


def _forced(scenario: Scenario, phase: str, arm: str) -> Iterator[tuple[str, str]]:
    """The arm of a phase, and those of the phases that lead to it."""
    here = scenario.phases[phase]
    if here.crosses is not None:
        arms = tuple(here.arms)
        yield from _forced(scenario, here.crosses.phase, arms[arms.index(arm) - 1])
    elif here.enters is not None:
        earlier = scenario.phases[here.enters.phase].arms
        default = arm if here.enters.keeps_arm else next(iter(earlier))
        yield from _forced(scenario, here.enters.phase, here.enters.arm or default)
    yield phase, arm


def _words(part: object) -> Iterator[str]:
    """Every word of a plan's part."""
    if isinstance(part, str):
        yield part
    elif isinstance(part, dict):
        for key, value in part.items():
            yield from _words(key)
            yield from _words(value)
    elif isinstance(part, list | tuple):
        for value in part:
            yield from _words(value)
