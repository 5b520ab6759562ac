"""What imputation may assume: events and arms of the plan, and estimands that it can estimate."""

from collections.abc import Iterator
from typing import Final

from ketaoutcomes.families.imputation.plan import ImputationPart
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.estimand import Estimand
from ketaoutcomes.plan.estimand_finding import EstimandFinding
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
    for event in analysis.after:
        yield from named((*path, "after", event), event, kind, tuple(estimand.intercurrent_events))
    if analysis.dropout_counts_as is not None:
        event = analysis.dropout_counts_as
        at: Path = (*path, "dropout_counts_as")
        yield from named(at, event, "an event of `after`", tuple(analysis.after))
    if not estimand.treatment.compares and analysis.fits_one_arm:
        yield from _needs_no_reference(path, analysis)
    if phase is None:
        return
    for key in ("delta", "shifts"):
        for arm in getattr(analysis, key, {}):
            yield from named((*path, key, arm), arm, "an arm of the phase", tuple(phase.arms))


def _needs_no_reference(path: Path, analysis: ImputationPart) -> Iterator[Dangling]:
    """Outcomes imputed from a reference arm that is not there."""
    for event, strategy in analysis.after.items():
        if strategy in REFERENCE_BASED:
            yield Dangling(
                (*path, "after", event),
                "",
                "an assumption that needs no reference arm, as the estimand has none",
                f"`{strategy}`",
                remedy="use `missing at random` or `last mean carried forward`",
            )


def reference_based_is_no_hypothetical(
    plan: AnalysisPlan, name: str, analysis: ImputationPart
) -> Iterator[EstimandFinding]:
    """Reference-based imputation says what happens after treatment stops, not had it gone on."""
    strategies = plan.estimands[analysis.estimand].intercurrent_events
    for event, assumption in analysis.after.items():
        if assumption in REFERENCE_BASED and strategies.get(event) == "hypothetical":
            yield EstimandFinding(
                ("analyses", name, "after", event),
                f"an assumption for the hypothetical strategy: outcomes as if `{event}` had not "
                "happened, such as `missing at random`",
                f"`{assumption}`, which estimates a treatment policy effect",
                "take another estimand, with `treatment policy` for this event, or another "
                "assumption",
                CARPENTER,
            )


def dropout_stands_for(analysis: ImputationPart) -> tuple[str, ...]:
    """The event that the data need not record, since dropout counts as it."""
    return () if analysis.dropout_counts_as is None else (analysis.dropout_counts_as,)


def true_strategy(analysis: ImputationPart) -> str | None:
    """The strategy whose true value the estimate aims at; "" where none is known."""
    if not analysis.after:
        return None
    asked = {AIMS_AT.get(way, "") for way in analysis.after.values()}
    return asked.pop() if len(asked) == 1 else ""
