"""When a given share of the subjects has had the event."""

from dataclasses import dataclass

import numpy as np

from ketaoutcomes.numerics.survival.counting import FloatArray
from ketaoutcomes.numerics.survival.kaplan_meier import SurvivalCurve

_TOLERANCE = float(np.sqrt(np.finfo(np.float64).eps))


@dataclass(frozen=True)
class SurvivalQuantile:
    """The time by which a share `probability` has had the event, with its interval.

    NaN stands for "not reached" in the estimate and in either limit.
    """

    probability: float
    estimate: float
    conf_low: float
    conf_high: float
    reason: str = ""


def quantile(curve: SurvivalCurve, probability: float = 0.5) -> SurvivalQuantile:
    """Find a quantile of the time to event; 0.5 gives the median.

    R's rule: the first time at which the survival is at or below 1 - probability; if the curve runs
    flat at exactly that height, the middle of the flat stretch. The limits are the quantiles of the
    lower and upper limits of the curve (Brookmeyer & Crowley 1982, Biometrics 38:29-41).

    Raises
    ------
    ValueError
        If the probability is not strictly between 0 and 1.
    """
    if not 0 < probability < 1:
        raise ValueError(f"probability must be between 0 and 1, not {probability:g}")
    estimate = _crossing(curve.times, curve.survival, probability)
    reason = ""
    if np.isnan(estimate):
        reason = f"not reached: survival stays above {1 - probability:g} up to {curve.last_time:g}"
    return SurvivalQuantile(
        probability,
        estimate,
        _crossing(curve.times, curve.conf_low, probability),
        _crossing(curve.times, curve.conf_high, probability),
        reason,
    )


def _crossing(times: FloatArray, height: FloatArray, probability: float) -> float:
    """Where a falling step function first reaches 1 - probability; NaN if it does not."""
    known = ~np.isnan(height)
    at, fallen = times[known], 1 - height[known]
    reached = np.flatnonzero(fallen >= probability - _TOLERANCE)
    if reached.size == 0:
        return float("nan")
    passed = np.flatnonzero(fallen > probability + _TOLERANCE)
    flat_to = passed[0] if passed.size else fallen.size - 1
    if passed.size and passed[0] == reached[0]:
        return float(at[reached[0]])
    return float((at[reached[0]] + at[flat_to]) / 2)
