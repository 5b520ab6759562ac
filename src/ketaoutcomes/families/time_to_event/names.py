"""What an analysis of a time to event names: in the plan, and in the data."""

from collections.abc import Iterator
from typing import Final

from ketaoutcomes.families.time_to_event.plan import (
    EventBefore,
    LatestScore,
    TimeToEventAnalysis,
)
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.endpoints import EndpointOfCriteria, EventCriterion
from ketaoutcomes.plan.estimand import Estimand
from ketaoutcomes.plan.estimand_finding import EstimandFinding
from ketaoutcomes.plan.mention import Mention
from ketaoutcomes.plan.reading.dangling import Dangling, named
from ketaoutcomes.plan.reading.source import Path
from ketaoutcomes.plan.study import Phase
from ketaoutcomes.results import Result
from ketaoutcomes.scales import SCALES
from ketaoutcomes.vocabulary import E9

ADDED: Final = frozenset(
    {
        *("log-rank test", "proportional hazards test", "hazard ratio"),
        *("restricted mean", "difference in restricted means", "ratio of restricted means"),
        *("difference in restricted means (adjusted)", "ratio of restricted means (adjusted)"),
    }
)
"""What the analysis adds to the estimand's summary, unasked."""


def names(
    plan: AnalysisPlan,
    path: Path,
    analysis: TimeToEventAnalysis,
    estimand: Estimand,
    phase: Phase | None,
) -> Iterator[Dangling]:
    """Scales that change with time and the arms of two factors that the plan does not define."""
    if phase is not None:
        yield from _scales_and_arms(plan, path, analysis, phase)
    endpoint = plan.endpoints.get(estimand.endpoint)
    recorded = endpoint is not None and endpoint.kind == "time_to_event"
    delayed = recorded and plan.data.file_columns.entry is not None
    if delayed and analysis.interaction is not None:
        yield Dangling(
            (*path, "interaction"),
            "",
            "no `interaction` together with `data.columns.entry`",
            "`interaction`, whose RMST takes every participant as observed from time 0",
            remedy="take `interaction` out, or `entry` if observation began at time 0",
        )


def _scales_and_arms(
    plan: AnalysisPlan, path: Path, analysis: TimeToEventAnalysis, phase: Phase
) -> Iterator[Dangling]:
    for index, covariate in enumerate(analysis.time_varying):
        if isinstance(covariate, LatestScore):
            at: Path = (*path, "time_varying", index, "scale")
            yield from named(at, covariate.scale, "a scale", (*plan.scales, *SCALES))
    for factor, levels in (analysis.interaction or {}).items():
        for level, arms in levels.items():
            for index, arm in enumerate(arms):
                at = (*path, "interaction", factor, level, index)
                yield from named(at, arm, "an arm of the phase", tuple(phase.arms))


def mentions(plan: AnalysisPlan, name: str, analysis: TimeToEventAnalysis) -> Iterator[Mention]:
    """Competing events, covariates that change with time, and groups that are combined."""
    yield from _competing(plan, name, analysis)
    yield from _time_varying(plan, name, analysis)
    for level in analysis.combination.weights if analysis.combination else ():
        yield Mention(
            ("analyses", name, "combination", "weights", level),
            level,
            "level",
            "its weight has no group",
            "warning",
            column=analysis.combination.by if analysis.combination else "",
            analyses=(name,),
        )


def _competing(plan: AnalysisPlan, name: str, analysis: TimeToEventAnalysis) -> Iterator[Mention]:
    """Events of another kind."""
    for index, event in enumerate(analysis.competing):
        yield Mention(
            ("analyses", name, "competing", index),
            event,
            "reason",
            "no event of this kind is counted",
            phase=plan.analysis_phase(name),
            analyses=(name,),
            also=_known_reasons(plan, name),
        )


def _time_varying(
    plan: AnalysisPlan, name: str, analysis: TimeToEventAnalysis
) -> Iterator[Mention]:
    """Events and scores that change with time."""
    phase = plan.analysis_phase(name)
    for index, covariate in enumerate(analysis.time_varying):
        at = ("analyses", name, "time_varying", index)
        if isinstance(covariate, EventBefore):
            event, words = covariate.event, "it has no hazard ratio"
            path = (*at, "event")
            yield Mention(path, event, "event", words, "warning", phase, analyses=(name,))
        else:
            path = (*at, "scale")
            yield Mention(
                path, covariate.scale, "scale", "", phase=phase, analyses=(name,), needed=True
            )


def _known_reasons(plan: AnalysisPlan, analysis: str) -> tuple[str, ...]:
    """Reasons that the plan itself makes: criteria, and events that end follow-up."""
    estimand = plan.estimands[plan.analyses[analysis].estimand]
    endpoint = plan.endpoints[estimand.endpoint]
    criteria = endpoint.any_of if isinstance(endpoint, EndpointOfCriteria) else ()
    return (
        *(c.event if isinstance(c, EventCriterion) else _in_words(c) for c in criteria),
        *(e for e, s in estimand.intercurrent_events.items() if s != "treatment policy"),
    )


def _in_words(criterion: object) -> str:
    """A criterion of a score as the reason of an event."""
    return f"{getattr(criterion, 'scale', '')} at or above {getattr(criterion, 'at_least', 0):g}"


def competing_is_no_treatment_policy(
    plan: AnalysisPlan, name: str, analysis: TimeToEventAnalysis
) -> Iterator[EstimandFinding]:
    """Under treatment policy follow-up goes on after the event; it cannot end it."""
    strategies = plan.estimands[analysis.estimand].intercurrent_events
    for index, event in enumerate(analysis.competing):
        if strategies.get(event) == "treatment policy":
            yield EstimandFinding(
                ("analyses", name, "competing", index),
                "an event that ends follow-up",
                f"`{event}`, after which follow-up goes on by treatment policy",
                "take the event out of `competing`, or give the estimand another strategy for it",
                f"{E9}, A.3.2",
            )


def asked(_analysis: TimeToEventAnalysis, row: Result) -> bool:
    """Milestones, periods and tests that the plan names; kinds of event that somebody had.

    A hazard ratio with a group is that of a period, which a plan names.
    """
    if row.table == "ttet01":
        of_a_period = bool(row.group) and row.statistic == "hazard ratio"
        return row.statistic not in ADDED or of_a_period
    return row.table == "cift01" and row.n_events != 0
