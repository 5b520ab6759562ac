"""The largest of several weighted log-rank statistics, with its exact joint p-value.

Karrison 2016, Stata J 16:678-690; Lin et al. 2020, Stat Biopharm Res 12:187-198.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from ketaoutcomes.numerics.multiplicity.max_t import MaxT
from ketaoutcomes.numerics.survival.counting import FloatArray
from ketaoutcomes.numerics.survival.log_rank import Weight, log_rank_scores

Alternative = Literal["two-sided", "fewer events", "more events"]

DEFAULT_WEIGHTS: tuple[Weight, ...] = (
    Weight("fleming-harrington", 0, 0),
    Weight("fleming-harrington", 0, 1),
    Weight("fleming-harrington", 1, 0),
    Weight("fleming-harrington", 1, 1),
)

_TWO = 2


@dataclass(frozen=True)
class MaxComboTest:
    """The combination test of two groups.

    Attributes
    ----------
    z : array, shape (n_weights,)
        Score of the second group over its standard error; negative if fewer events than expected.
    correlation : array, shape (n_weights, n_weights)
        Under the hypothesis.
    statistic, p_value : float
        The most extreme z in the direction of the alternative, and its probability under the joint
        normal distribution; NaN, with the reason, if no event met both groups.
    """

    z: FloatArray
    covariance: FloatArray
    correlation: FloatArray
    statistic: float
    p_value: float
    alternative: Alternative
    reason: str = ""


def max_combo(
    time: ArrayLike,
    event: ArrayLike,
    group: ArrayLike,
    weights: tuple[Weight, ...] = DEFAULT_WEIGHTS,
    *,
    strata: ArrayLike | None = None,
    groups: tuple[str, ...] | None = None,
    alternative: Alternative = "two-sided",
    entry: ArrayLike | None = None,
) -> MaxComboTest:
    """Test equal hazards in two groups against differences early, late or in the middle.

    The normal integral is exact to rounding for up to four weights.

    Raises
    ------
    SurvivalDataError
        If the arrays do not fit together.
    ValueError
        If there are not two groups.
    """
    scores = log_rank_scores(time, event, group, weights, strata=strata, groups=groups, entry=entry)
    if len(scores.groups) != _TWO:
        raise ValueError(f"max-combo compares two groups, not {len(scores.groups)}")
    u, V = scores.score[:, 1], scores.covariance[:, :, 1, 1]
    spread = np.sqrt(np.diag(V))
    if not (spread > 0).all():
        nan = float("nan")
        empty = np.full(V.shape, np.nan)
        reason = "a weight leaves no event while two groups were at risk"
        return MaxComboTest(np.full(u.shape, nan), V, empty, nan, nan, alternative, reason)
    z, correlation = u / spread, V / np.outer(spread, spread)
    statistic, p_value = _tail(z, correlation, alternative)
    return MaxComboTest(z, V, correlation, statistic, p_value, alternative)


def _tail(z: FloatArray, correlation: FloatArray, alternative: Alternative) -> tuple[float, float]:
    """Most extreme z and the probability of one at least as extreme among correlated normals."""
    if alternative == "two-sided":
        extreme = float(z[np.argmax(np.abs(z))])
        return extreme, MaxT(correlation, np.inf).p_value(extreme)
    sign = -1.0 if alternative == "fewer events" else 1.0
    extreme = sign * float((sign * z).max())
    return extreme, MaxT(correlation, np.inf, two_sided=False).p_value(sign * extreme)
