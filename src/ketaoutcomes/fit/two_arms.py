"""Two arms of a time to event, as every part of its analysis needs them."""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ketaoutcomes.plan.analyses import TimeToEventAnalysis
from ketaoutcomes.results import Result

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class TwoArms:
    """The rows of two arms, and what every result of their analysis has in common."""

    analysis: TimeToEventAnalysis
    frame: pd.DataFrame
    active: str
    reference: str
    conf_level: float
    common: Result

    def of(self, arm: str) -> tuple[FloatArray, NDArray[np.bool_]]:
        """Times and events of an arm."""
        here = self.frame[self.frame["arm"] == arm]
        return here["time"].to_numpy(dtype=float), here["event"].to_numpy(dtype=bool)

    def between(self, statistic: str) -> Result:
        """A row that compares the arms."""
        return replace(
            self.common,
            statistic=statistic,
            arm=self.active,
            reference=self.reference,
            n=len(self.frame),
            n_events=int(self.frame["event"].sum()),
        )


def stratum_codes(arms: TwoArms) -> NDArray[np.int64] | None:
    """Code of each subject's stratum, None without strata."""
    if not arms.analysis.strata:
        return None
    strata = arms.frame.groupby(list(arms.analysis.strata), sort=True)
    return strata.ngroup().to_numpy().astype(np.int64)
