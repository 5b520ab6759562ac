"""How many of each arm lack an outcome, or have one that nobody observed, in words."""

from collections.abc import Sequence

from ketaoutcomes.report.labels import arm_label, listed
from ketaoutcomes.report.material import Material
from ketaoutcomes.report.numbers import SUPPRESSED, count_and_share, is_hidden
from ketaoutcomes.results import Result

FILLED = "It was not observed but derived, as by carrying a score forward, for"


def not_observed(material: Material, analysis: str) -> tuple[tuple[str, ...], tuple[Result, ...]]:
    """Sentences on the outcome of an analysis at its visit, and the rows that they rest on.

    The first sentence lacks its subject: "was missing for 2 (10.0%) with Placebo". A second one is
    there where the data mark scores as derived. Nothing without rows of missing data.
    """
    target = material.estimand(analysis)
    missing, derived = (
        material.results.select(
            table="mist01", statistic=which, endpoint=target.endpoint, visit=target.visit or ""
        )
        for which in ("missing", "derived")
    )
    if not missing:
        return (), ()
    words = (
        (f"was missing for {_shares(material, missing)}.",)
        if any(row.estimate != 0 for row in missing)
        else ("was available for all participants.",)
    )
    if any(row.estimate != 0 for row in derived):
        return (*words, f"{FILLED} {_shares(material, derived)}."), (*missing, *derived)
    return words, missing


def _shares(material: Material, rows: Sequence[Result]) -> str:
    if all(is_hidden(row) for row in rows):
        return "participants whose numbers are hidden"
    return listed(
        f"{_count(row)} with {arm_label(material.plan, row.phase, row.arm)}" for row in rows
    )


def _count(row: Result) -> str:
    """How many of an arm, and their share; in words where that is hidden."""
    told = count_and_share(row, row.n)
    return "a hidden number" if told == SUPPRESSED else told
