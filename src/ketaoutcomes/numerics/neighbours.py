"""Rows whose value repeats that of the row above: those of a participant mostly stand together."""

from typing import Any

import numpy as np
from numpy.typing import NDArray


def begins_a_run(values: NDArray[Any]) -> NDArray[np.bool_]:
    """Whether each row differs from the one above it; the first does.

    To compare neighbours takes a small part of the time of looking words up. A missing value that
    is no equal of itself begins a run of its own.

    Parameters
    ----------
    values : array, shape (n,)
    """
    begins = np.ones(len(values), dtype=bool)
    begins[1:] = values[1:] != values[:-1]
    return begins
