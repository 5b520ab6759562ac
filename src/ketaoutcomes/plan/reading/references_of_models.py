"""Names that single models point at: arms, visits and scales."""

from collections.abc import Iterator

from ketaoutcomes.families.time_to_event.plan import LatestScore
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.analyses import (
    AftAnalysis,
    AnalysisPart,
    CrossoverAnalysis,
    DoseResponseAnalysis,
    IntervalCensoredAnalysis,
    MediationAnalysis,
    TimeToEventAnalysis,
)
from ketaoutcomes.plan.endpoints import Endpoint
from ketaoutcomes.plan.reading.dangling import Dangling, named
from ketaoutcomes.plan.reading.source import Path
from ketaoutcomes.plan.study import Phase
from ketaoutcomes.scales import SCALES


def in_model(
    plan: AnalysisPlan, path: Path, analysis: AnalysisPart, phase: Phase
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
    for index, period in enumerate(analysis.periods):
        yield from named((*path, "periods", index), period, "a phase", tuple(plan.phases))


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
