"""Names that single models point at: arms, visits and scales."""

from collections.abc import Iterator

from ketaoutcomes.families.time_to_event.plan import LatestScore
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.analyses import (
    Analysis,
    CrossoverAnalysis,
    DoseResponseAnalysis,
    LogisticMixedAnalysis,
    MediationAnalysis,
    RandomInterceptAnalysis,
    RandomSlopeAnalysis,
    TimeToEventAnalysis,
)
from ketaoutcomes.plan.reading.dangling import Dangling, named
from ketaoutcomes.plan.reading.source import Path
from ketaoutcomes.plan.study import Phase
from ketaoutcomes.scales import SCALES


def in_model(
    plan: AnalysisPlan, path: Path, analysis: Analysis, phase: Phase
) -> Iterator[Dangling]:
    """What an analysis names beside its covariates."""
    match analysis:
        case CrossoverAnalysis():
            yield from _in_crossover(plan, path, analysis)
        case DoseResponseAnalysis(doses=doses):
            for arm in doses:
                yield from named((*path, "doses", arm), arm, "an arm", tuple(phase.arms))
        case MediationAnalysis(mediator=mediator):
            at: Path = (*path, "mediator")
            scales = (*plan.scales, *SCALES)
            yield from named((*at, "scale"), mediator.scale, "a scale", scales)
            kind = "a visit after baseline"
            yield from named((*at, "visit"), mediator.visit, kind, phase.treatment_visits)
        case LogisticMixedAnalysis() | RandomInterceptAnalysis() | RandomSlopeAnalysis():
            yield from _seen_more_than_once(path, analysis, phase)
        case TimeToEventAnalysis():
            yield from _in_time_to_event(plan, path, analysis, phase)


def _in_crossover(
    plan: AnalysisPlan, path: Path, analysis: CrossoverAnalysis
) -> Iterator[Dangling]:
    for index, period in enumerate(analysis.periods):
        yield from named((*path, "periods", index), period, "a phase", tuple(plan.phases))


def _seen_more_than_once(path: Path, analysis: Analysis, phase: Phase) -> Iterator[Dangling]:
    """Random effects need participants with several outcomes."""
    visits = phase.treatment_visits
    if len(visits) == 1:
        yield Dangling(
            (*path, "model"),
            analysis.model,
            "a phase with two or more visits after baseline, as random effects need",
            f"one such visit, `{visits[0]}`",
            remedy="with one outcome per participant the variance of the random effects cannot be "
            "estimated; take for example `model: "
            f"{'gee' if isinstance(analysis, LogisticMixedAnalysis) else 'mmrm'}`",
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
