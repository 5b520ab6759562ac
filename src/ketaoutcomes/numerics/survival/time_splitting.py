"""Split rows at event times, so that a covariate may change with time.

Therneau & Grambsch 2000, Modeling Survival Data, section 3.7.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ketaoutcomes.numerics.survival.counting import BoolArray, FloatArray, IntArray, observations


@dataclass(frozen=True)
class SplitRows:
    """One row for each subject and interval between event times.

    Attributes
    ----------
    row : int array
        Which subject.
    entry, time : arrays
        The interval; a covariate that depends on time takes its value at `time`.
    event : bool array
    """

    row: IntArray
    entry: FloatArray
    time: FloatArray
    event: BoolArray


def split_at_events(time: ArrayLike, event: ArrayLike, entry: ArrayLike | None = None) -> SplitRows:
    """Split the follow-up of every subject at every event time."""
    data = observations(time, event, entry)
    cuts = np.unique(data.time[data.event])
    first = np.searchsorted(cuts, data.entry, side="right")
    inside = np.searchsorted(cuts, data.time, side="left") - first
    row = np.repeat(np.arange(data.time.size), inside + 1)
    piece = np.arange(row.size) - np.repeat(np.cumsum(inside + 1) - inside - 1, inside + 1)
    padded = np.concatenate([cuts, [np.inf]])
    stop = np.minimum(padded[first[row] + piece], data.time[row])
    start = np.where(piece == 0, data.entry[row], padded[first[row] + piece - 1])
    event_here = data.event[row] & (stop == data.time[row])
    return SplitRows(row, start, stop, event_here)
