"""Proportional hazards of the subdistribution of one cause.

Fine & Gray 1999, J Am Stat Assoc 94:496-509; as weighted rows, Geskus 2011, Biometrics 67:39-49.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ketaoutcomes.numerics.survival.competing_risks import event_codes
from ketaoutcomes.numerics.survival.counting import (
    FloatArray,
    IntArray,
    Observations,
    censoring_survival,
    observations,
)
from ketaoutcomes.numerics.survival.cox_fit import CoxFit, fit_cox
from ketaoutcomes.numerics.survival.cox_risk_sets import Ties, cox_model


@dataclass(frozen=True)
class WeightedRows:
    """Rows in which a subject with a competing event stays at risk, with falling weight.

    Attributes
    ----------
    row : int array
        Which subject.
    entry, time, weight : arrays
    event : bool array
    """

    row: IntArray
    entry: FloatArray
    time: FloatArray
    weight: FloatArray
    event: FloatArray


def subdistribution_rows(time: ArrayLike, cause: ArrayLike, cause_of_interest: int) -> WeightedRows:
    """Expand the subjects with a competing event.

    From its event on such a subject counts by the chance of still being uncensored, given that it
    was then; the interval is split where that chance changes before an event of interest.
    """
    codes = event_codes(cause)
    data = observations(time, codes > 0)
    interest = codes == cause_of_interest
    competing = data.event & ~interest
    ends, uncensored = _weight_changes(data, np.unique(data.time[interest]))
    at_own = censoring_survival(data, data.time)
    rows = np.flatnonzero(competing)
    first = np.searchsorted(ends, data.time[rows], side="right")
    pieces = np.maximum(ends.size - first, 0)
    row = np.repeat(rows, pieces)
    piece = np.arange(row.size) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    index = np.repeat(first, pieces) + piece
    starts = np.where(piece == 0, data.time[row], ends[index - 1])
    return WeightedRows(
        np.concatenate([np.arange(data.time.size), row]),
        np.concatenate([np.full(data.time.size, -np.inf), starts]),
        np.concatenate([data.time, ends[index]]),
        np.concatenate([np.ones(data.time.size), uncensored[index] / at_own[row]]),
        np.concatenate([interest, np.zeros(row.size, np.bool_)]).astype(np.float64),
    )


def fit_fine_gray(
    time: ArrayLike,
    cause: ArrayLike,
    X: ArrayLike,
    cause_of_interest: int = 1,
    *,
    ties: Ties = "efron",
) -> CoxFit:
    """Fit the subdistribution hazard of one cause, with the robust variance by subject.

    Parameters
    ----------
    time, cause : array_like, shape (n,)
        Cause 0 is censoring.
    X : array_like, shape (n, p)

    Raises
    ------
    SurvivalDataError
        If the arrays do not fit together.
    """
    rows = subdistribution_rows(time, cause, cause_of_interest)
    kept = rows.weight > 0
    model = cox_model(
        rows.time[kept],
        rows.event[kept],
        np.asarray(X, dtype=np.float64)[rows.row[kept]],
        entry=rows.entry[kept],
        weight=rows.weight[kept],
        ties=ties,
    )
    return fit_cox(model, cluster=rows.row[kept])


def _weight_changes(data: Observations, times: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Last event time of interest before each change of the censoring chance, and that chance."""
    chance = censoring_survival(data, times)
    change = np.append(chance[1:] != chance[:-1], True)
    return times[change], chance[change]
