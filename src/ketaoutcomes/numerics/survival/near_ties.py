"""Times that differ by rounding only are tied.

Ages subtracted from one another give 0.30000000000000426 next to 0.2999999999999972. Kept apart,
they would make two risk sets of one. The rule is that of `aeqSurv` in R's survival (argument
`timefix`): neighbours are tied whose difference is at most the root of the machine's precision,
taken absolutely or relative to the mean size of the times. A chain of ties becomes its smallest.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

TOLERANCE: Final = float(np.sqrt(np.finfo(np.float64).eps))


def tied(*columns: NDArray[np.float64]) -> tuple[NDArray[np.float64], ...]:
    """The same columns of times, in all of which near ties are ties; infinite ones stay."""
    times = np.unique(np.concatenate(columns)) if columns else np.zeros(0)
    times = times[np.isfinite(times)]
    if times.size == 0:
        return columns
    near = np.diff(times) <= TOLERANCE * max(1.0, float(np.abs(times).mean()))
    if not near.any():
        return columns
    first = times[np.concatenate([[True], ~near])]
    return tuple(_placed(column, first) for column in columns)


def _placed(column: NDArray[np.float64], first: NDArray[np.float64]) -> NDArray[np.float64]:
    at = np.maximum(np.searchsorted(first, column, side="right") - 1, 0)
    return np.where(np.isfinite(column), first[at], column)
