"""What imputation may assume: events and arms of the plan, and estimands that it can estimate."""

from collections.abc import Iterator
from typing import Final

from ketaoutcomes.families.imputation.plan import ImputationPart
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.estimand import Estimand
from ketaoutcomes.plan.estimand_finding import EstimandFinding
from ketaoutcomes.plan.parts import in_style
from ketaoutcomes.plan.reading.dangling import Dangling, named
from ketaoutcomes.plan.reading.source import Path
from ketaoutcomes.plan.study import Phase
from ketaoutcomes.vocabulary import CARPENTER, REFERENCE_BASED

AIMS_AT: Final = {
    "missing at random": "hypothetical",
    "jump to reference": "jump to reference",
}
"""Strategy of imputation after an event -> the strategy whose true value it aims at."""


def names(
    _plan: AnalysisPlan,
    path: Path,
    analysis: ImputationPart,
    estimand: Estimand,
    phase: Phase | None,
) -> Iterator[Dangling]:
    """Events that have a strategy, and arms that are shifted."""
    kind = f"an intercurrent event of estimand `{analysis.estimand}`"
    for event in analysis.strategies:
        yield from named(
            (*path, "strategies", event), event, kind, tuple(estimand.intercurrent_events)
        )
    if analysis.dropout_counts_as is not None:
        event = analysis.dropout_counts_as
        at: Path = (*path, "dropout_counts_as")
        yield from named(at, event, "an event of `strategies`", tuple(analysis.strategies))
    if not estimand.treatment.compares and analysis.fits_one_arm:
        yield from _needs_no_reference(path, analysis)
    if phase is None:
        return
    for key in ("delta", "delta_range"):
        for arm in getattr(analysis, key, {}):
            yield from named((*path, key, arm), arm, "an arm of the phase", tuple(phase.arms))


def _needs_no_reference(path: Path, analysis: ImputationPart) -> Iterator[Dangling]:
    """Outcomes imputed from a reference arm that is not there."""
    for event, strategy in analysis.strategies.items():
        if strategy in REFERENCE_BASED:
            yield Dangling(
                (*path, "strategies", event),
                "",
                "an assumption that needs no reference arm, as the estimand has none",
                f"`{in_style(strategy)}`",
                remedy="use `missing_at_random` or `last_mean_carried_forward`",
            )


def reference_based_is_no_hypothetical(
    plan: AnalysisPlan, name: str, analysis: ImputationPart
) -> Iterator[EstimandFinding]:
    """Reference-based imputation says what happens after treatment stops, not had it gone on."""
    strategies = plan.estimands[analysis.estimand].intercurrent_events
    for event, assumption in analysis.strategies.items():
        if assumption in REFERENCE_BASED and strategies.get(event) == "hypothetical":
            yield EstimandFinding(
                ("analyses", name, "strategies", event),
                f"an assumption for the hypothetical strategy: outcomes as if `{event}` had not "
                "happened, such as `missing_at_random`",
                f"`{in_style(assumption)}`, which estimates a treatment policy effect",
                "take another estimand, with `treatment_policy` for this event, or another "
                "assumption",
                CARPENTER,
            )


def dropout_stands_for(analysis: ImputationPart) -> tuple[str, ...]:
    """The event that the data need not record, since dropout counts as it."""
    return () if analysis.dropout_counts_as is None else (analysis.dropout_counts_as,)


def true_strategy(analysis: ImputationPart) -> str | None:
    """The strategy whose true value the estimate aims at; "" where none is known."""
    if not analysis.strategies:
        return None
    asked = {AIMS_AT.get(way, "") for way in analysis.strategies.values()}
    return asked.pop() if len(asked) == 1 else ""
