"""Names that single models point at: arms, visits and scales."""

from collections.abc import Iterator
from typing import Final

from ketaoutcomes.families.crossover.plan import CrossoverAnalysis
from ketaoutcomes.families.dose_response.plan import DoseResponseAnalysis
from ketaoutcomes.families.mediation.plan import MediationAnalysis
from ketaoutcomes.families.parametric_survival.plan import AftAnalysis, IntervalCensoredAnalysis
from ketaoutcomes.families.repeated_binary.plan import LogisticMixedAnalysis
from ketaoutcomes.families.repeated_measures.plan import RandomEffectsPart, RandomSlopeAnalysis
from ketaoutcomes.families.time_to_event.plan import LatestScore, TimeToEventAnalysis
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.analyses import Analysis
from ketaoutcomes.plan.analysis import AnalysisPart
from ketaoutcomes.plan.endpoints import Endpoint
from ketaoutcomes.plan.reading.dangling import Dangling, named
from ketaoutcomes.plan.reading.source import Path
from ketaoutcomes.plan.study import Phase
from ketaoutcomes.scales import SCALES

FEWEST_FOR_AN_INTERCEPT: Final = 2
FEWEST_FOR_A_SLOPE: Final = 3
"""Outcomes of a participant: one more than its random effects."""


def in_model(
    plan: AnalysisPlan, path: Path, analysis: Analysis, phase: Phase
) -> Iterator[Dangling]:
    """What an analysis names beside its covariates."""
    match analysis:
        case CrossoverAnalysis():
            yield from _in_crossover(plan, path, analysis)
        case RandomEffectsPart():
            yield from _too_few_visits(path, analysis, phase)
        case DoseResponseAnalysis(doses=doses):
            for arm in doses:
                yield from named((*path, "doses", arm), arm, "an arm", tuple(phase.arms))
        case MediationAnalysis(mediator=mediator):
            at: Path = (*path, "mediator")
            scales = (*plan.scales, *SCALES)
            yield from named((*at, "scale"), mediator.scale, "a scale", scales)
            kind = "a visit after baseline"
            yield from named((*at, "visit"), mediator.visit, kind, phase.treatment_visits)
        case LogisticMixedAnalysis():
            yield from _seen_more_than_once(path, analysis, phase)
        case TimeToEventAnalysis():
            yield from _in_time_to_event(plan, path, analysis, phase)


def in_delayed_entry(
    plan: AnalysisPlan, path: Path, analysis: AnalysisPart, endpoint: Endpoint
) -> Iterator[Dangling]:
    """Models of recorded times whose likelihood has no delayed entry."""
    delayed = plan.data.file_columns.entry is not None and endpoint.kind == "time_to_event"
    if not delayed:
        return
    if isinstance(analysis, AftAnalysis | IntervalCensoredAnalysis):
        yield Dangling(
            (*path, "model"),
            "",
            "a model that takes delayed entry, as `data.columns.entry` tells it",
            f"`{analysis.model}`, which takes every subject as observed from time 0",
            remedy="use `time_to_event`, or take `entry` out if observation began at time 0",
        )
    if isinstance(analysis, TimeToEventAnalysis) and analysis.interaction is not None:
        yield Dangling(
            (*path, "interaction"),
            "",
            "no `interaction` together with `data.columns.entry`",
            "`interaction`, whose restricted means take every subject as observed from time 0",
            remedy="take `interaction` out, or `entry` if observation began at time 0",
        )


def _in_crossover(
    plan: AnalysisPlan, path: Path, analysis: CrossoverAnalysis
) -> Iterator[Dangling]:
    """Periods that are phases, each once, of the same arms and visits; one is the estimand's."""
    for index, period in enumerate(analysis.periods):
        at: Path = (*path, "periods", index)
        yield from named(at, period, "a phase", tuple(plan.phases))
        if period in analysis.periods[:index]:
            yield Dangling(at, "", "each period once", f"`{period}` again", remedy="take it out")
    known = [period for period in analysis.periods if period in plan.phases]
    for period in known[1:]:
        yield from _unlike(plan, (*path, "periods"), known[0], period)
    target = plan.endpoints[plan.estimands[analysis.estimand].endpoint].phase
    if target not in analysis.periods:
        yield Dangling(
            (*path, "periods"),
            target,
            "periods among which is the phase of the estimand's endpoint",
            f"{', '.join(analysis.periods)}, and an endpoint of phase `{target}`",
            remedy=f"add `{target}`, or take an endpoint of one of the periods",
        )


def _unlike(plan: AnalysisPlan, path: Path, first: str, period: str) -> Iterator[Dangling]:
    """Arms or visits that a period does not share with the first."""
    phases = plan.phases[first], plan.phases[period]
    for what, (one, other) in (
        ("arms", [set(phase.arms) for phase in phases]),
        ("visits", [set(phase.schedule()) for phase in phases]),
    ):
        if one != other:
            odd = ", ".join(f"`{name}`" for name in sorted(one ^ other))
            yield Dangling(
                path,
                "",
                f"periods of the same {what}, as each treatment is compared at each visit in all",
                f"{what} that `{first}` and `{period}` do not share: {odd}",
                remedy=f"name the {what} alike in both phases",
            )


def _too_few_visits(path: Path, analysis: RandomEffectsPart, phase: Phase) -> Iterator[Dangling]:
    """Random effects that a participant has too few outcomes to tell from chance."""
    seen = len(phase.treatment_visits)
    slope = isinstance(analysis, RandomSlopeAnalysis)
    least = FEWEST_FOR_A_SLOPE if slope else FEWEST_FOR_AN_INTERCEPT
    if seen < least:
        effects = "an intercept and a slope" if slope else "an intercept"
        yield Dangling(
            (*path, "model"),
            "",
            f"{least} visits after baseline or more: each participant has {effects} of its own, "
            "apart from the residual",
            f"{seen}",
            remedy="use `model: mmrm`, or name the further visits",
        )


def _seen_more_than_once(
    path: Path, analysis: LogisticMixedAnalysis, phase: Phase
) -> Iterator[Dangling]:
    """A random intercept of outcomes that are yes or no needs several of a participant."""
    visits = phase.treatment_visits
    if len(visits) == 1:
        yield Dangling(
            (*path, "model"),
            analysis.model,
            "a phase with two or more visits after baseline, as random effects need",
            f"one such visit, `{visits[0]}`",
            remedy="with one outcome per participant the variance of the random effects cannot be "
            "estimated; take for example `model: gee`",
        )


def _in_time_to_event(
    plan: AnalysisPlan, path: Path, analysis: TimeToEventAnalysis, phase: Phase
) -> Iterator[Dangling]:
    """Scales that change with time, and the arms of two factors."""
    for index, covariate in enumerate(analysis.time_varying):
        if isinstance(covariate, LatestScore):
            at: Path = (*path, "time_varying", index, "scale")
            yield from named(at, covariate.scale, "a scale", (*plan.scales, *SCALES))
    for factor, levels in (analysis.interaction or {}).items():
        for level, arms in levels.items():
            for index, arm in enumerate(arms):
                at = (*path, "interaction", factor, level, index)
                yield from named(at, arm, "an arm of the phase", tuple(phase.arms))
