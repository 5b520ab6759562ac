"""A plan's scenario under each treatment: the same subjects, whatever is asked of them."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from ketaoutcomes.cohort import TREATMENT_DISCONTINUATION, Cohort
from ketaoutcomes.cohorts.obtain import scenario_of, schedule_of
from ketaoutcomes.cohorts.simulation.phase import Regime
from ketaoutcomes.cohorts.simulation.scenario import Scenario
from ketaoutcomes.cohorts.simulation.simulate import simulate
from ketaoutcomes.endpoints.data import BinaryData, ChangeData, EndpointData
from ketaoutcomes.families.fitting import derive_truth
from ketaoutcomes.families.registry import model_of
from ketaoutcomes.memory import give_back
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.vocabulary import Strategy

LEAST_SUBJECTS, MOST_SUBJECTS = 20_000, 40_000
SUBJECTS_PER_SUBJECT = 25
"""Pairs for each subject of the trial, within these bounds.

A trial of n subjects has a variance of 4 s^2 / n and N pairs one of 2 s^2 (1 - r) / N, r being the
correlation within a pair. With r of one half, N = 25 n makes the Monte-Carlo error a tenth of the
trial's standard error. It is then s / sqrt(N): with 40,000 pairs 0.005 standard deviations of the
outcome, and no larger trial asks for less.
"""

TRUTH_SEED = 1
"""The truth belongs to the scenario, not to one cohort of it."""

KINDS_WITH_SAFETY = ("costs_and_effects",)
"""Kinds of endpoints that look at more than scores and events."""

ASKED_FOR = ("subject", "arm", "visit", "change", "outcome")
"""The columns of outcomes by visit from which true values are found."""

WITHOUT_STRATEGIES = ("incidence", "recurrent_events", "costs_and_effects")
"""Kinds of endpoints whose true value is found under the declared strategy alone."""


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
            give_back()  # what the simulation took is three times as large as the cohort
        return self.cohorts[regime]

    def keep_only(self, regimes: set[Regime], derived: set[str]) -> None:
        """Drop the cohorts and the endpoints that no question asks for any more.

        One that is asked for after all is made again.
        """
        for regime in self.cohorts.keys() - regimes:
            del self.cohorts[regime]
        for cohort in self.cohorts.values():
            cohort.forget_scores()  # the next question is about another endpoint
        for key in list(self.endpoints):
            if key[0] not in derived or key[1] not in regimes:
                del self.endpoints[key]
        give_back()

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
            lean=True,
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
    def arms(self) -> tuple[str, ...]:
        """The active arm, and the reference where there is one."""
        return self.plan.estimands[self.estimand_name].treatment.arms

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
            arms=tuple(forced_arms(self.worlds.scenario, self.phase, arm)),
            discontinuation=TREATMENT_DISCONTINUATION not in without,
            rescue=not any(name in events and events[name].relief > 0 for name in without),
            missing=False,
            subjects_a_set_of_sites=1,
            scales=self._spoken_of(*_further(self.worlds.scenario)),
            main_scale=bool(self._spoken_of(self.worlds.scenario.scale.name)),
            safety=needs_safety(self.plan, self.analysis),
        )

    @property
    def subject(self) -> str:
        """What is derived: the endpoint, or what the analysis derives for itself."""
        its_own = model_of(self.plan.analyses[self.analysis]).derive_truth is not None
        return self.analysis if its_own else self.plan.estimands[self.estimand_name].endpoint

    @property
    def regimes(self) -> tuple[Regime, ...]:
        """All that the question may ask for: as declared, and by each strategy."""
        estimand = self.plan.estimands[self.estimand_name]
        handled = estimand.intercurrent_events
        asked = list(self.declared)
        if self.mediator in self.worlds.scenario.mediators:
            asked.append(replace(asked[0], mediator_as=(self.mediator, self.arms[1])))
        has_strategies = self.plan.endpoints[estimand.endpoint].kind not in WITHOUT_STRATEGIES
        for arm in self.arms if has_strategies and handled else ():
            occurring = self.regime(arm)
            asked += [occurring, self.regime(arm, without=tuple(handled))]
            if self.worlds.unblinds and estimand.visit is not None:
                asked.append(replace(occurring, unblinding=False))
        return tuple(dict.fromkeys(asked))

    @property
    def declared(self) -> tuple[Regime, ...]:
        """One an arm, without the events that the estimand handles as hypothetical."""
        handled = self.plan.estimands[self.estimand_name].intercurrent_events
        without = tuple(name for name, strategy in handled.items() if strategy == "hypothetical")
        return tuple(self.regime(arm, without=without) for arm in self.arms)

    @property
    def mediator(self) -> str:
        """The scale through which the analysis asks for an effect; "" without one."""
        analysis = self.plan.analyses[self.analysis]
        through = model_of(analysis).through
        return through(analysis) if through is not None else ""

    def derived(self, regime: Regime) -> EndpointData:
        """The endpoint under a regime, its events handled as planned."""
        return derive_truth(self.plan, self.analysis, self.worlds.cohort(regime))

    def as_it_comes(self, regime: Regime) -> EndpointData:
        """The endpoint under a regime, its events not handled at all."""
        key = (self.subject, regime)
        if key not in self.worlds.endpoints:
            found = self.handled_by("treatment policy", regime)
            # a model with a true value of its own may ask for more
            its_own = any(model_of(one).truth is not None for one in self.plan.analyses.values())
            self.worlds.endpoints[key] = found if its_own else _without_covariates(found)
            if isinstance(found, ChangeData | BinaryData):
                # no other strategy derives these again: it reads them from the outcomes
                self.worlds.cohort(regime).forget_scores()
            del found
            give_back()
        return self.worlds.endpoints[key]

    def handled_by(self, strategy: Strategy, regime: Regime) -> EndpointData:
        """The endpoint under a regime, its events all handled by one strategy."""
        estimand = self.plan.estimands[self.estimand_name]
        handled = dict.fromkeys(estimand.intercurrent_events, strategy)
        changed = estimand.model_copy(update={"intercurrent_events": handled})
        estimands = {**self.plan.estimands, self.estimand_name: changed}
        plan = self.plan.model_copy(update={"estimands": estimands})
        return derive_truth(plan, self.analysis, self.worlds.cohort(regime))

    def _spoken_of(self, *scales: str) -> tuple[str, ...]:
        """Those of the scales of which the plan speaks."""
        words = set(_words(self.plan.model_dump(include={"endpoints", "analyses"})))
        return tuple(name for name in scales if name in words or name == self.plan.data.scale)


def _without_covariates(data: EndpointData) -> EndpointData:
    """Outcomes by visit without what no true value asks for, in half the memory."""
    if not isinstance(data, ChangeData | BinaryData):
        return data
    return replace(data, frame=data.frame[[name for name in ASKED_FOR if name in data.frame]])


def _further(scenario: Scenario) -> tuple[str, ...]:
    """The scales beside the main one."""
    return (
        *scenario.scale.measured,
        *scenario.further_scales,
        *scenario.mediators,
        *scenario.acute,
    )


def needs_safety(plan: AnalysisPlan, analysis: str) -> bool:
    """Whether an analysis looks at costs, which take long to simulate as adverse events do."""
    estimand = plan.estimands[plan.analyses[analysis].estimand]
    return plan.endpoints[estimand.endpoint].kind in KINDS_WITH_SAFETY


def questions(plan: AnalysisPlan) -> Iterator[Question]:
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


def forced_arms(scenario: Scenario, phase: str, arm: str) -> Iterator[tuple[str, str]]:
    """The arm of a phase, and those of the phases that lead to it."""
    here = scenario.phases[phase]
    if here.crosses is not None:
        arms = tuple(here.arms)
        yield from forced_arms(scenario, here.crosses.phase, arms[arms.index(arm) - 1])
    elif here.enters is not None:
        earlier = scenario.phases[here.enters.phase].arms
        default = arm if here.enters.keeps_arm else next(iter(earlier))
        yield from forced_arms(scenario, here.enters.phase, here.enters.arm or default)
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
