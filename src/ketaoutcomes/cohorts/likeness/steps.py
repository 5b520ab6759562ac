"""How scores move from visit to visit: size, tails and correlation of steps."""

import numpy as np
from numpy.typing import NDArray

from ketaoutcomes.cohorts.likeness.wide import People

FloatArray = NDArray[np.float64]

MEASURES = (
    "SD of steps",
    "correlation of successive scores",
    "correlation of the first and the last score",
    "correlation of successive steps",
    "excess kurtosis of steps",
    "share of steps of 0",
)
"""What `steps_of` works out, in its order."""

FEWEST_PAIRS = 3
"""A correlation of fewer pairs is left out."""


def steps_of(people: People) -> FloatArray:
    """The measures of steps between successive visits that were both seen, shape (6,).

    Each is that of an arm, averaged over the arms by how many steps they have. Steps are
    standardised at each visit for kurtosis and correlation.
    """
    arms = [people.scores[people.arm[:, 0] == arm] for arm in (0, 1)]
    arms = [scores for scores in arms if len(scores) >= FEWEST_PAIRS]
    number = [int(np.isfinite(np.diff(scores, axis=1)).sum()) for scores in arms]
    return np.average([_of_arm(scores) for scores in arms], axis=0, weights=number)


def _of_arm(scores: FloatArray) -> list[float]:
    steps = np.diff(scores, axis=1)
    steps = steps[:, np.isfinite(steps).sum(axis=0) > 1]
    spread = np.nanstd(steps, axis=0)
    standard = (steps - np.nanmean(steps, axis=0)) / np.where(spread > 0, spread, 1.0)
    successive = [_correlation(*pair) for pair in zip(scores.T[:-1], scores.T[1:], strict=True)]
    return [
        float(np.sqrt(np.mean(spread**2))),
        _mean(np.array(successive)),
        _correlation(scores[:, 0], scores[:, -1]),
        _correlation(standard[:, :-1].ravel(), standard[:, 1:].ravel()),
        _mean(standard**4) - 3,
        _mean(np.where(np.isfinite(steps), steps == 0, np.nan)),
    ]


def _mean(values: FloatArray) -> float:
    """The mean of what is known; NaN where nothing is."""
    known = values[np.isfinite(values)]
    return float(known.mean()) if known.size else np.nan


def _correlation(x: FloatArray, y: FloatArray) -> float:
    both = np.isfinite(x) & np.isfinite(y)
    if both.sum() < FEWEST_PAIRS or min(np.ptp(x[both]), np.ptp(y[both])) == 0:
        return np.nan
    return float(np.corrcoef(x[both], y[both])[0, 1])
