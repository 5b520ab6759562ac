"""Phases with too few visits for a random intercept."""

from collections.abc import Iterator

from ketaoutcomes.families.repeated_binary.plan import LogisticMixedAnalysis
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.estimand import Estimand
from ketaoutcomes.plan.reading.dangling import Dangling
from ketaoutcomes.plan.reading.source import Path
from ketaoutcomes.plan.study import Phase


def seen_once(
    _plan: AnalysisPlan,
    path: Path,
    analysis: LogisticMixedAnalysis,
    _estimand: Estimand,
    phase: Phase | None,
) -> Iterator[Dangling]:
    """A random intercept of outcomes that are yes or no needs several of a participant."""
    visits = phase.treatment_visits if phase is not None else ()
    if len(visits) == 1:
        yield Dangling(
            (*path, "model"),
            analysis.model,
            "a phase with two or more visits after baseline, as random effects need",
            f"one such visit, `{visits[0]}`",
            remedy="with one outcome per participant the variance of the random effects cannot be "
            "estimated; take for example `model: gee`",
        )
