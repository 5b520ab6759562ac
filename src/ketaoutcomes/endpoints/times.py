"""Times of an endpoint as its analysis needs them: what happens together has one time."""

import numpy as np
import pandas as pd

from ketaoutcomes.clock import on_the_clock
from ketaoutcomes.numerics.survival.near_ties import tied

COLUMNS = ("time", "after", "by")


def tied_times(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame of a time to event, in all arms of which times that differ by rounding are tied."""
    columns = [on_the_clock(frame[name].to_numpy(dtype=np.float64)) for name in COLUMNS]
    return frame.assign(**dict(zip(COLUMNS, tied(*columns), strict=True)))
