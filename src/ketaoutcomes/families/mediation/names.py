"""The mediator: whether the plan defines it, and whether the data have it."""

from collections.abc import Iterator

from ketaoutcomes.families.mediation.plan import MediationAnalysis
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.estimand import Estimand
from ketaoutcomes.plan.mention import Mention
from ketaoutcomes.plan.reading.dangling import Dangling, named
from ketaoutcomes.plan.reading.source import Path
from ketaoutcomes.plan.study import Phase
from ketaoutcomes.scales import SCALES


def names(
    plan: AnalysisPlan,
    path: Path,
    analysis: MediationAnalysis,
    _estimand: Estimand,
    phase: Phase | None,
) -> Iterator[Dangling]:
    """The scale of the mediator and its visit."""
    if phase is None:
        return
    mediator = analysis.mediator
    at: Path = (*path, "mediator")
    scales = (*plan.scales, *SCALES)
    yield from named((*at, "scale"), mediator.scale, "a scale", scales)
    kind = "a visit after baseline"
    yield from named((*at, "visit"), mediator.visit, kind, phase.treatment_visits)


def mentions(plan: AnalysisPlan, name: str, analysis: MediationAnalysis) -> Iterator[Mention]:
    """The scale of the mediator, without which there is no estimate."""
    yield Mention(
        ("analyses", name, "mediator", "scale"),
        analysis.mediator.scale,
        "scale",
        "",
        phase=plan.analysis_phase(name),
        analyses=(name,),
        needed=True,
    )


def scale_of_mediator(analysis: MediationAnalysis) -> str:
    """The scale through which the effect runs that is asked for."""
    return analysis.mediator.scale
