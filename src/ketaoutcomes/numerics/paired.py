"""The paired t test, and the correlation of pairs (Student 1908, Biometrika 6:1-25)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ketaoutcomes.numerics.distributions import t as student

FloatArray = NDArray[np.float64]
FEWEST_PAIRS = 2
FEWEST_FOR_A_CORRELATION = 3
"""Of two pairs the correlation is 1 or -1, whatever they are."""


@dataclass(frozen=True)
class PairedDifference:
    """A mean with its t interval and test against nought, on n - 1 degrees of freedom.

    Attributes
    ----------
    estimate, std_error, df, statistic, conf_low, conf_high, p_value : float
    """

    estimate: float
    std_error: float
    df: float
    statistic: float
    conf_low: float
    conf_high: float
    p_value: float


def paired_difference(difference: FloatArray, conf_level: float) -> PairedDifference:
    """The mean difference of pairs.

    Parameters
    ----------
    difference : array, shape (n,)
        Later less earlier of each participant; two or more.

    Raises
    ------
    ValueError
        If there are fewer than two pairs.
    """
    n = difference.size
    if n < FEWEST_PAIRS:
        raise ValueError("a paired difference needs two pairs")
    mean, error = float(difference.mean()), float(difference.std(ddof=1) / np.sqrt(n))
    half = float(student.isf((1 - conf_level) / 2, n - 1)) * error
    statistic = mean / error if error else float("nan")
    return PairedDifference(
        estimate=mean,
        std_error=error,
        df=float(n - 1),
        statistic=statistic,
        conf_low=mean - half,
        conf_high=mean + half,
        p_value=float(2 * student.sf(abs(statistic), n - 1)),
    )


def correlation_of_pairs(before: FloatArray, after: FloatArray) -> float | None:
    """Pearson's correlation; None of fewer than three pairs, or where one side does not vary."""
    if before.size < FEWEST_FOR_A_CORRELATION or not (np.ptp(before) and np.ptp(after)):
        return None
    return float(np.corrcoef(before, after)[0, 1])
