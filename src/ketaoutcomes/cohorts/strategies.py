"""An outcome after an intercurrent event as each strategy has it, where all was seen.

A counterfactual cohort shows every subject at every visit, so what a strategy asks for is in it, or
in that of the same subjects on the other treatment. Outcomes are changes from baseline,
or successes; both are 0 at baseline.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Seen:
    """An outcome of some subjects on one treatment.

    Attributes
    ----------
    outcome : DataFrame
        One row a subject, one column a visit, in order of time.
    visit_days : array
        Day of each visit.
    event_day : Series
        Day of each subject's first intercurrent event; no row where there was none.
    """

    outcome: pd.DataFrame
    visit_days: FloatArray
    event_day: pd.Series

    @property
    def last(self) -> pd.Series:
        """The outcome at the last visit."""
        return self.outcome.iloc[:, -1]

    @property
    def day(self) -> FloatArray:
        """Day of the event by subject, infinity where there was none."""
        return self.event_day.reindex(self.outcome.index).fillna(np.inf).to_numpy(dtype=float)


def while_on_treatment(seen: Seen) -> pd.Series:
    """The last outcome before the event; baseline if there was none (ICH E9(R1), A.3.2)."""
    place = (seen.visit_days[None, :] <= seen.day[:, None]).sum(axis=1) - 1
    values = seen.outcome.to_numpy(dtype=float)
    last = values[np.arange(len(values)), np.maximum(place, 0)]
    return pd.Series(np.where(place >= 0, last, 0.0), index=seen.outcome.index)


def composite(seen: Seen) -> pd.Series:
    """The event is a failure: neither change nor success is left."""
    return seen.last.where(seen.day > seen.visit_days[-1], 0.0)


def jump_to_reference(active: Seen, reference: pd.Series) -> pd.Series:
    """After the event the subject follows the reference arm (Carpenter et al. 2013).

    Parameters
    ----------
    reference : Series
        The outcome of the same subjects on the reference treatment, without the event.
    """
    there = reference.reindex(active.outcome.index)
    return active.last.where(active.day > active.visit_days[-1], there)
