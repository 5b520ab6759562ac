"""Why a scenario does not meet a published result, in words."""

from collections.abc import Callable, Iterator

from ketaoutcomes.cohorts.evidence.library import Evidence
from ketaoutcomes.cohorts.evidence.records import PublishedResult
from ketaoutcomes.cohorts.evidence.shipped import ShippedRow

Worded = Callable[[PublishedResult], str]
"""How a published value and its trial are written."""


def why(row: ShippedRow, evidence: Evidence, worded: Worded) -> str:
    """Results that exclude this one, or why it is missed; empty where there is nothing to say.

    A result that is met has the results that exclude it, too: no scenario could meet both.
    """
    return "; ".join(_reasons(row, evidence, worded))


def _reasons(row: ShippedRow, evidence: Evidence, worded: Worded) -> Iterator[str]:
    here = {other.id for other in evidence.shipped if other.scenario == row.scenario}
    others = row.contradicted_by.split()
    same = [name for name in others if name in here]
    elsewhere = [name for name in others if name not in here]
    if same:
        yield f"contradicted by {_listed(same, evidence, worded)}"
    elif row.is_missed:
        yield from _without_contradiction(row, evidence)
    if elsewhere:
        yield f"contradicted in other scenarios by {_listed(elsewhere, evidence, worded)}"


def _without_contradiction(row: ShippedRow, evidence: Evidence) -> Iterator[str]:
    """The spread between trials, or the reason that is written down."""
    if row.verdict_with_spread != "missed":
        yield "within the spread between trials"
    elif row.id in evidence.missed:
        yield evidence.missed[row.id]


def _listed(names: list[str], evidence: Evidence, worded: Worded) -> str:
    """Published values with their trials."""
    results = (evidence.result(name) for name in names)
    return ", ".join(f"{worded(r)} ({evidence.trials[r.trial].label})" for r in results)
