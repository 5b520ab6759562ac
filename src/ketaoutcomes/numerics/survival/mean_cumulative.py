"""Mean number of events of a subject up to each time, when events may come again.

Nelson 1995, Technometrics 37:147-157; variance by subject: Lawless & Nadeau 1995, Technometrics
37:158-168, equation 2.7, which does not presume that events of a subject are independent.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ketaoutcomes.numerics.survival.counting import (
    BoolArray,
    FloatArray,
    IntArray,
    SurvivalDataError,
)
from ketaoutcomes.numerics.survival.near_ties import tied


@dataclass(frozen=True)
class MeanCumulative:
    """The mean cumulative function, constant between times.

    Attributes
    ----------
    times, mean, std_error : array, shape (k,)
    """

    times: FloatArray
    mean: FloatArray
    std_error: FloatArray

    def at(self, time: float) -> tuple[float, float]:
        """Mean number and its standard error at a time; 0 before the first event."""
        place = int(np.searchsorted(self.times, time, side="right")) - 1
        return (0.0, 0.0) if place < 0 else (float(self.mean[place]), float(self.std_error[place]))


def mean_cumulative(
    subject: ArrayLike, start: ArrayLike, stop: ArrayLike, event: ArrayLike
) -> MeanCumulative:
    """Estimate it from rows of subjects at risk over (start, stop].

    Raises
    ------
    SurvivalDataError
        If the arrays do not fit together or a row ends before it starts.
    """
    low, high = tied(np.asarray(start, dtype=np.float64), np.asarray(stop, dtype=np.float64))
    happened = np.asarray(event, dtype=bool)
    code: IntArray = np.unique(np.asarray(subject), return_inverse=True)[1].astype(np.int64)
    if not low.shape == high.shape == happened.shape == code.shape or (high <= low).any():
        raise SurvivalDataError("a row ends before it starts, or the arrays differ in length")
    times = np.unique(high[happened])
    at_risk_row = (low[:, None] < times) & (times <= high[:, None])
    events_row = happened[:, None] & (high[:, None] == times)
    n_subjects = int(code.max(initial=-1)) + 1
    at_risk = _summed(np.asarray(at_risk_row), code, n_subjects)
    events = _summed(np.asarray(events_row), code, n_subjects)
    total = at_risk.sum(axis=0)
    steps = events.sum(axis=0) / total
    influence = np.cumsum((events - at_risk * steps) / total, axis=1)
    return MeanCumulative(times, np.cumsum(steps), np.sqrt((influence**2).sum(axis=0)))


def _summed(rows: BoolArray, code: IntArray, n_subjects: int) -> FloatArray:
    """Rows added up within subjects."""
    sums = np.zeros((n_subjects, rows.shape[1]))
    np.add.at(sums, code, rows)
    return sums
