"""The true effects of a mediation analysis."""

from dataclasses import replace

from ketaoutcomes.families.mediation.plan import MediationAnalysis
from ketaoutcomes.families.shared.truth import Pair, mean_of
from ketaoutcomes.results import Result


def true_effects(row: Result, _analysis: MediationAnalysis, pair: Pair) -> tuple[Result, ...]:
    """Total effect and effect on the mediator; the indirect one needs a third world."""
    if pair.reference is None:
        return ()
    active, reference = pair.active.frame, pair.reference.frame
    both = active.merge(reference, on="subject", suffixes=("_active", "_reference"))
    return tuple(
        mean_of(
            replace(row, statistic=words), both[f"{column}_active"] - both[f"{column}_reference"]
        )
        for words, column in (
            ("total effect", "outcome"),
            ("effect of treatment on the mediator", "mediator"),
        )
    )
