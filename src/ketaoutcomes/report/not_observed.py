"""How many of each arm lack an outcome, or have one that nobody observed, in words."""

from collections.abc import Sequence

from ketaoutcomes.report.labels import arm_label, listed
from ketaoutcomes.report.material import Material
from ketaoutcomes.report.numbers import (
    SUPPRESSED,
    count,
    count_of_whole,
    is_hidden,
    is_round,
)
from ketaoutcomes.results import Result

FILLED = "It was not observed but derived, as by carrying a score forward, for"


def not_observed(material: Material, analysis: str) -> tuple[tuple[str, ...], tuple[Result, ...]]:
    """Sentences on the outcome of an analysis at its visit, and the rows that they rest on.

    The first sentence lacks its subject: "was missing for 2 of 20 (10.0%) with Placebo", of those
    in the analysis. A second one is there where the data mark scores as derived, a last one where
    participants are not in the analysis. Nothing without rows of missing data.
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
    words = [
        f"was missing for {_shares(material, missing)}."
        if any(row.estimate != 0 for row in missing)
        else "was available for all participants."
    ]
    rows = [*missing]
    if any(row.estimate != 0 for row in derived):
        words.append(f"{FILLED} {_shares(material, derived)}.")
        rows += derived
    outside, counts = _outside(material, analysis, missing[0].phase)
    return (*words, *outside), (*rows, *counts)


def _outside(
    material: Material, analysis: str, phase: str
) -> tuple[tuple[str, ...], tuple[Result, ...]]:
    """How many participants of the phase are not in the analysis; nothing if that is hidden."""
    select = material.results.select
    assigned = select(table="dst01", statistic="assigned", phase=phase)
    analysed = select(table="dst01", statistic="analysed", analysis=analysis)
    rows = (*assigned, *analysed)
    if not analysed or any(is_hidden(row, "n") or is_round(row) for row in rows):
        return (), ()
    everybody, inside = (sum(row.n or 0 for row in of) for of in (assigned, analysed))
    if inside >= everybody:
        return (), ()
    left = f"{count(everybody - inside)} of {count(everybody)}"
    return (f"The analysis leaves out {left} participants.",), rows


def _shares(material: Material, rows: Sequence[Result]) -> str:
    if all(is_hidden(row) for row in rows):
        return "participants whose numbers are hidden"
    return listed(
        f"{_count(row)} with {arm_label(material.plan, row.phase, row.arm)}" for row in rows
    )


def _count(row: Result) -> str:
    """How many of an arm, and their share; in words where that is hidden."""
    told = count_of_whole(row)
    return "a hidden number" if told == SUPPRESSED else told
