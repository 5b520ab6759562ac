"""Every published result compared with a scenario that was fitted without its whole trial."""

from collections.abc import Callable
from dataclasses import replace

from ketaoutcomes.cohorts.calibration.comparing import compared
from ketaoutcomes.cohorts.calibration.replay import with_values
from ketaoutcomes.cohorts.calibration.shipped import (
    SET_BY_HAND,
    SHIPPED_FIT_SUBJECTS,
    SHIPPED_SUBJECTS,
    fit_shipped,
    score_shipped,
)
from ketaoutcomes.cohorts.evidence.holdout import folds
from ketaoutcomes.cohorts.evidence.library import Evidence
from ketaoutcomes.cohorts.evidence.shipped import ShippedRow
from ketaoutcomes.cohorts.simulation.scenario import read_scenario


def cross_validated(
    evidence: Evidence,
    name: str,
    number: int,
    tell: Callable[[str], None],
    *,
    fit_subjects: int = SHIPPED_FIT_SUBJECTS,
    subjects: int = SHIPPED_SUBJECTS,
    steps: int,
) -> tuple[ShippedRow, ...]:
    """The ledger of a scenario in which no result's trial was seen by the fit held against it.

    What is set by hand, as the rates of adverse events, is left out: no fold can hide it. A
    scenario that is compared with one trial alone has no folds.

    Parameters
    ----------
    number : int
        How many folds; no more than there are trials.
    fit_subjects, subjects, steps : int
        Participants an arm in each fit and in the score, and the most steps of a fit.
    """
    results = {
        each.published.id: each.published
        for each in compared(evidence)
        if each.comparison.scenario == name and each.published.statistic not in SET_BY_HAND
    }
    trials = {result.trial for result in results.values()}
    rows: list[ShippedRow] = []
    for place, out in enumerate(folds(results.values(), number), 1):
        hidden = frozenset(results[i].trial for i in out)
        if hidden == trials:
            continue
        tell(f"{name}: fold {place}, without {', '.join(sorted(hidden))}")
        values = fit_shipped(
            evidence, name, tell, subjects=fit_subjects, steps=steps, without=hidden
        )
        scored = score_shipped(
            evidence,
            (name,),
            subjects=subjects,
            read=lambda scenario, values=values: with_values(read_scenario(scenario), values),  # type: ignore[misc]
        )
        rows += [replace(row, role="held out") for row in scored if row.id in out]
    return tuple(rows)
