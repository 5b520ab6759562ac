"""Which published results a scenario can be held against, as a user gets it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ketaoutcomes.cohorts.evidence.library import Evidence
from ketaoutcomes.cohorts.evidence.records import WITHOUT_SCALE, PublishedResult, Reason
from ketaoutcomes.cohorts.evidence.trials import Comparison, Replica, ReplicaArm
from ketaoutcomes.cohorts.simulation.scenario import Scenario, read_scenario
from ketaoutcomes.plan.study import HOURS_PER_DAY

OF_RELAPSE = frozenset({"relapse", "hazard ratio", "median days to relapse"})

LAST_DAY = 1.0
"""Day 28 of a publication is 27 days after the first; a scenario's phase may end on either."""


@dataclass(frozen=True)
class Compared:
    """A published result and the same result in the words of a scenario.

    Attributes
    ----------
    published : PublishedResult
    here : PublishedResult
        With the scenario's arms, scale and participants.
    comparison : Comparison
    pools : int
        How many trials the result pools.
    """

    published: PublishedResult
    here: PublishedResult
    comparison: Comparison
    pools: int


def compared(evidence: Evidence) -> tuple[Compared, ...]:
    """Each published result with each scenario that can be held against it."""
    return tuple(
        Compared(result, _here(result, comparison), comparison, trial.pools)
        for result in evidence.results
        for trial in [evidence.trials[result.trial]]
        for comparison in trial.shipped
        if _why_not_here(result, comparison) is None
    )


def why_not(evidence: Evidence, result: PublishedResult) -> Reason | None:
    """Why a published result is compared with no scenario; None where it is with one."""
    trial = evidence.trials[result.trial]
    if not trial.shipped:
        return trial.not_shipped or "treatment in no scenario"
    reasons = [_why_not_here(result, comparison) for comparison in trial.shipped]
    return None if None in reasons else reasons[0]


def _why_not_here(result: PublishedResult, comparison: Comparison) -> Reason | None:
    """What of a result the scenario cannot give."""
    scenario = read_scenario(comparison.scenario)
    if not {result.arm, result.versus or result.arm} <= set(comparison.arms):
        return "treatment in no scenario"
    if comparison.statistics and result.statistic not in comparison.statistics:
        return comparison.otherwise
    return next(_missing(result, comparison, scenario), None)


def _missing(
    result: PublishedResult, comparison: Comparison, scenario: Scenario
) -> Iterator[Reason]:
    phase = scenario.phases[comparison.phase]
    last = comparison.until_day or phase.days + LAST_DAY
    if result.at_hours is not None and result.at_hours > last * HOURS_PER_DAY:
        yield "time in no scenario"
    if not _measures(result, comparison, scenario):
        yield "measure in no scenario"
    if result.statistic in OF_RELAPSE and not phase.relapses:
        yield "measure in no scenario"
    if not set(result.among) <= set(scenario.covariates):
        yield "population in no scenario"


def _measures(result: PublishedResult, comparison: Comparison, scenario: Scenario) -> bool:
    """Whether the scenario has the scale, the marker and the event of a result."""
    scales = {
        scenario.scale.name,
        *scenario.scale.measured,
        *scenario.further_scales,
        *scenario.acute,
        *scenario.mediators,
    }
    asked = set() if result.statistic in WITHOUT_SCALE else {_scale(result, comparison)}
    if result.marker is not None:
        asked.add(result.marker)
    adverse = result.statistic == "adverse event"
    known_events = {t.lower() for t in scenario.adverse_events} if adverse else set(scenario.events)
    return asked <= scales and (result.event is None or result.event in known_events)


def _scale(result: PublishedResult, comparison: Comparison) -> str:
    return comparison.scales.get(result.scale, result.scale)


def _here(result: PublishedResult, comparison: Comparison) -> PublishedResult:
    """The result in the words of the scenario."""
    versus = result.versus
    return result.model_copy(
        update={
            "arm": arm_name(result.arm, comparison),
            "versus": None if versus is None else arm_name(versus, comparison),
            "scale": _scale(result, comparison),
            "among": {**comparison.among, **result.among},
        }
    )


def arm_name(arm: str, comparison: Comparison) -> str:
    """The scenario's arm that stands for one of the trial, with its stratum."""
    own = comparison.arms[arm]
    name = own.like or arm
    return name if own.stratum is None else f"{name}_{own.stratum}"


def shipped_replica(these: Iterable[Compared]) -> Replica:
    """The design in which all of them are compared: the scenario's own, with nothing set."""
    chosen = tuple(these)
    first = chosen[0].comparison
    arms = {
        arm_name(arm, each.comparison): ReplicaArm(like=own.like or arm, stratum=own.stratum)
        for each in chosen
        for arm, own in each.comparison.arms.items()
    }
    return Replica(
        scenario=first.scenario,
        phase=first.phase,
        arms=arms,
        relapse_events=first.relapse_events,
        adverse_events=True,
    )
