"""Tests that share a joint distribution, by draws from the tail of each.

The probability that any of m statistics exceeds t is the sum over k of P(T_k exceeds t) times the
mean of 1 / N given that it does, N being how many exceed t: Naiman & Priebe 2001, J Comput Graph
Stat 10:296-328. As 1 / N lies between 1 / m and 1, small p-values are as exact as large ones.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from ketaoutcomes.second.check import Tolerance

FloatArray = NDArray[np.float64]
DRAWS: Final = 5_000
"""For each statistic."""
SEED: Final = 1
JOINT: Final = Tolerance(
    0.02, "the second program draws from the joint distribution, to a few parts in a thousand"
)
JOINT_LIMIT: Final = Tolerance(
    0.005, "the second program draws the half-width of the interval, to one part in a thousand"
)


def largest_of(t: float, correlation: FloatArray, df: float) -> float:
    """Probability that the largest absolute t of all is at least that of one, under no effect.

    Parameters
    ----------
    df : float
        Infinite for the normal distribution.
    """
    rng, size = np.random.default_rng(SEED), len(correlation)
    from scipy.stats import norm  # noqa: PLC0415 - slow to import
    from scipy.stats import t as student  # noqa: PLC0415

    law = student(df) if np.isfinite(df) else norm
    tail = float(law.sf(abs(t)))
    beyond_t = law.isf(tail * (np.arange(DRAWS) + 0.5) / DRAWS)
    total = 0.0
    for k, r in enumerate(correlation):
        # T_k beyond t, evenly over its tail; the others given it are again t, with one df more
        x = beyond_t[rng.permutation(DRAWS)]
        left = correlation - np.outer(r, r)
        values, vectors = np.linalg.eigh(left)
        # the symmetric root: another would turn with the signs that a library gives eigenvectors
        spread = (vectors * np.sqrt(np.maximum(values, 0.0))) @ vectors.T
        scale = np.sqrt((df + x**2) / rng.chisquare(df + 1, DRAWS)) if np.isfinite(df) else 1.0
        rest = rng.standard_normal((DRAWS, size)) @ spread
        others = x[:, None] * r + rest * np.reshape(scale, (-1, 1))
        beyond = np.abs(others) >= abs(t)
        beyond[:, k] = True
        total += 2 * tail * float((1 / beyond.sum(axis=1)).mean())
    return min(total, 1.0)


def half_width(conf_level: float, correlation: FloatArray, df: float) -> float:
    """Half a simultaneous interval, in standard errors: the t that the largest exceeds by chance.

    The draws are those of `largest_of`, the same at each t, so that the probability falls with it.
    """
    from scipy.optimize import brentq  # noqa: PLC0415 - slow to import
    from scipy.stats import norm  # noqa: PLC0415
    from scipy.stats import t as student  # noqa: PLC0415

    law = student(df) if np.isfinite(df) else norm
    error = 1 - conf_level
    # the largest is beyond that of one, and by Bonferroni's inequality within that of all
    low, high = law.isf(error / 2), law.isf(error / 2 / len(correlation))
    return float(brentq(lambda t: largest_of(t, correlation, df) - error, 0.98 * low, 1.02 * high))
