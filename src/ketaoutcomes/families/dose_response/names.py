"""Arms of doses that the plan does not define."""

from collections.abc import Iterator

from ketaoutcomes.families.dose_response.plan import DoseResponseAnalysis
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.estimand import Estimand
from ketaoutcomes.plan.multiplicity import Hypothesis
from ketaoutcomes.plan.reading.dangling import Dangling, named
from ketaoutcomes.plan.reading.source import Path
from ketaoutcomes.plan.study import Phase


def names(
    _plan: AnalysisPlan,
    path: Path,
    analysis: DoseResponseAnalysis,
    _estimand: Estimand,
    phase: Phase | None,
) -> Iterator[Dangling]:
    """Doses of arms that the phase does not have."""
    if phase is None:
        return
    for arm in analysis.doses:
        yield from named((*path, "doses", arm), arm, "an arm", tuple(phase.arms))


def flat_over_all_doses(
    analysis: DoseResponseAnalysis, estimand: Estimand, _hypothesis: Hypothesis
) -> tuple[tuple[str, ...], str]:
    """The arms that are as the reference where there is no dose response: all."""
    reference = estimand.treatment.reference
    return tuple(arm for arm in analysis.doses if arm != reference), reference
