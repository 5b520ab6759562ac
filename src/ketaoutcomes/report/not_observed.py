"""How many of each arm lack an outcome, or have one that nobody observed, in words."""

from collections.abc import Iterator, Sequence
from typing import Final

from ketaoutcomes.report.labels import (
    joined,
    with_arm,
)
from ketaoutcomes.report.material import Material
from ketaoutcomes.report.numbers import (
    SUPPRESSED,
    count,
    count_of_whole,
    is_hidden,
    is_round,
)
from ketaoutcomes.results import Result

ARMS_A_SENTENCE: Final = 2
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
    words = (
        [*_sentences("was missing for", "It was missing for", material, missing)]
        if any(row.estimate != 0 for row in missing)
        else ["was available for all participants."]
    )
    rows = [*missing]
    if any(row.estimate != 0 for row in derived):
        words += _sentences(FILLED, "It was derived for", material, derived)
        rows += derived
    outside, counts = left_out(material, analysis)
    return (*words, *outside), (*rows, *counts)


def left_out(material: Material, analysis: str) -> tuple[tuple[str, ...], tuple[Result, ...]]:
    """How many participants of the phase are not in the analysis; nothing if that is hidden."""
    select, phase = material.results.select, material.plan.analysis_phase(analysis)
    assigned = select(table="dst01", statistic="assigned", phase=phase)
    analysed = select(table="dst01", statistic="analysed", analysis=analysis)
    rows = (*assigned, *analysed)
    if not analysed or any(is_hidden(row, "n") or is_round(row) for row in rows):
        return (), ()
    everybody, inside = (sum(row.n or 0 for row in of) for of in (assigned, analysed))
    if inside >= everybody:
        return (), ()
    left = f"{count(everybody - inside)} of {count(everybody)}"
    return (f"The analysis excluded {left} participants.",), rows


def _sentences(
    first: str, further: str, material: Material, rows: Sequence[Result]
) -> Iterator[str]:
    """How many of each arm, two arms a sentence."""
    if all(is_hidden(row) for row in rows):
        yield f"{first} participants whose numbers are suppressed."
        return
    told = [f"{_count(row)} {with_arm(material.plan, row.phase, row.arm)}" for row in rows]
    for place in range(0, len(told), ARMS_A_SENTENCE):
        yield f"{further if place else first} {joined(told[place : place + ARMS_A_SENTENCE])}."


def _count(row: Result) -> str:
    """How many of an arm, and their share; in words where that is hidden."""
    told = count_of_whole(row)
    return "a hidden number" if told == SUPPRESSED else told
