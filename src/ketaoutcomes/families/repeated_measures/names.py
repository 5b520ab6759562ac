"""What a model of repeated measures names and presumes: contrasts, visits, missing scores."""

from collections.abc import Iterator
from typing import Final

from ketaoutcomes.families.repeated_measures.plan import (
    MmrmAnalysis,
    RandomEffectsPart,
    RandomInterceptAnalysis,
    RandomSlopeAnalysis,
)
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.estimand import Estimand
from ketaoutcomes.plan.estimand_finding import EstimandFinding
from ketaoutcomes.plan.multiplicity import Hypothesis
from ketaoutcomes.plan.reading.dangling import Dangling, named
from ketaoutcomes.plan.reading.source import Path
from ketaoutcomes.plan.study import Phase
from ketaoutcomes.vocabulary import CARPENTER

FEWEST_FOR_AN_INTERCEPT: Final = 2
FEWEST_FOR_A_SLOPE: Final = 3
"""Outcomes of a participant: one more than its random effects."""


def names(
    plan: AnalysisPlan,
    path: Path,
    analysis: MmrmAnalysis,
    estimand: Estimand,
    phase: Phase | None,
) -> Iterator[Dangling]:
    """Arms and visits of the named contrasts."""
    if phase is None:
        return
    phase_name = plan.endpoints[estimand.endpoint].phase
    arms, visits = tuple(phase.arms), phase.treatment_visits
    for name, wanted in analysis.contrasts.items():
        at: Path = (*path, "contrasts", name)
        for arm in wanted.arms:
            yield from named((*at, "arms", arm), arm, f"an arm of phase `{phase_name}`", arms)
        kind = f"a visit after baseline of phase `{phase_name}`"
        for visit in wanted.visits:
            yield from named((*at, "visits", visit), visit, kind, visits)
        for key in ("average_over", "slope_over"):
            for index, visit in enumerate(getattr(wanted, key)):
                yield from named((*at, key, index), visit, kind, visits)


def too_few_visits(
    _plan: AnalysisPlan,
    path: Path,
    analysis: RandomEffectsPart,
    _estimand: Estimand,
    phase: Phase | None,
) -> Iterator[Dangling]:
    """Random effects that a participant has too few outcomes to tell from chance."""
    if phase is None:
        return
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


def missing_at_random_under_treatment_policy(
    plan: AnalysisPlan, name: str, analysis: MmrmAnalysis | RandomInterceptAnalysis
) -> Iterator[EstimandFinding]:
    """What is unseen after stopping is then guessed from subjects most of whom went on."""
    events = plan.estimands[analysis.estimand].intercurrent_events
    policy = [event for event, strategy in events.items() if strategy == "treatment policy"]
    if policy and analysis.role == "primary" and not plan.data.keeps_derived:
        yield EstimandFinding(
            ("analyses", name, "model"),
            f"scores missing after {', '.join(policy)} are assumed to follow those of participants "
            "who continued, as under a hypothetical strategy",
            f"`{analysis.model}` under treatment policy",
            "Impute them from the reference arm or from those who stopped, at least as sensitivity "
            "analysis",
            CARPENTER,
            refused=False,
            for_reader=f"Scores missing after {', '.join(policy)} are assumed to follow those of "
            "participants who continued. If outcomes of those who stopped are worse, the effect is "
            "overestimated.",
        )


def labels_of_contrasts(analysis: MmrmAnalysis) -> dict[str, str]:
    """The named contrasts, each with its label or ""."""
    return {name: contrast.label or "" for name, contrast in analysis.contrasts.items()}


def alike_where_true(
    analysis: MmrmAnalysis, estimand: Estimand, hypothesis: Hypothesis
) -> tuple[tuple[str, ...], str]:
    """The arms of a contrast, or the arm that is compared, are as the reference."""
    weighted = (
        tuple(analysis.contrasts[hypothesis.contrast].arms)
        if hypothesis.contrast is not None
        else ()
    )
    if weighted:
        return weighted[1:], weighted[0]
    return (hypothesis.arm or estimand.treatment.active,), estimand.treatment.reference
