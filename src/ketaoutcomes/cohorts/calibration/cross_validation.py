"""Every published result compared with a fit that did not see it."""

from collections.abc import Callable
from dataclasses import replace

from ketaoutcomes.cohorts.calibration.calibrate import FIT_SEEDS, fit_without, targets_of
from ketaoutcomes.cohorts.calibration.scoring import score
from ketaoutcomes.cohorts.evidence.holdout import folds
from ketaoutcomes.cohorts.evidence.ledger import LedgerRow
from ketaoutcomes.cohorts.evidence.library import Evidence


def cross_validated(
    evidence: Evidence,
    name: str,
    number: int,
    tell: Callable[[str], None],
    *,
    subjects: int,
    steps: int,
) -> tuple[LedgerRow, ...]:
    """The ledger of a family in which each result was left out of the fit that is held against it.

    Results of the same patients at the same time go together. One seed a fold: the mean over seeds
    changes little and takes three times as long.

    Parameters
    ----------
    number : int
        How many folds.
    subjects, steps : int
        Subjects an arm in each fit, and the most steps of it.
    """
    results = tuple(r for found in targets_of(evidence, name).values() for r in found)
    rows: list[LedgerRow] = []
    for place, out in enumerate(folds(results, number), 1):
        tell(f"{name}: fold {place} of {number}, {len(out)} results left out")
        found, _ = fit_without(
            evidence, name, out, tell, seeds=FIT_SEEDS[:1], subjects=subjects, steps=steps
        )
        without = replace(evidence, fitted={**evidence.fitted, name: found})
        trials = dict.fromkeys(r.trial for r in results if r.id in out)
        scored = score(without, name, trials=trials)
        rows += [replace(row, role="held out") for row in scored if row.id in out]
    return tuple(rows)
