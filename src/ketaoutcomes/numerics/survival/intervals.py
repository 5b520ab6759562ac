"""Pointwise intervals of a survival probability, on the definitions of R's survfit."""

from typing import Literal

import numpy as np

from ketaoutcomes.numerics.distributions import norm
from ketaoutcomes.numerics.survival.counting import FloatArray

IntervalType = Literal["log-log", "log", "plain", "logit", "arcsin"]


def survival_interval(
    survival: FloatArray, log_std_error: FloatArray, conf_type: IntervalType, conf_level: float
) -> tuple[FloatArray, FloatArray]:
    """Limit the survival from below and above, within 0 and 1.

    The limits are 1 where the survival is still 1 and NaN where it is 0: the variance estimates
    neither. Borgan & Liestøl 1990, Scand J Stat 17:35-41, compare the scales; Kalbfleisch &
    Prentice 1980, The Statistical Analysis of Failure Time Data, p. 15, is the source of log-log.

    Parameters
    ----------
    survival, log_std_error : array, shape (k,)
        Probability and the standard error of its logarithm.
    """
    low, high = np.full(survival.shape, np.nan), np.full(survival.shape, np.nan)
    low[survival == 1], high[survival == 1] = 1.0, 1.0
    inside = (survival > 0) & (survival < 1) & np.isfinite(log_std_error)
    low[inside], high[inside] = _SCALES[conf_type](
        survival[inside], float(norm.isf((1 - conf_level) / 2)) * log_std_error[inside]
    )
    return np.clip(low, 0, 1), np.clip(high, 0, 1)


def _plain(s: FloatArray, half: FloatArray) -> tuple[FloatArray, FloatArray]:
    return s - s * half, s + s * half


def _log(s: FloatArray, half: FloatArray) -> tuple[FloatArray, FloatArray]:
    return s * np.exp(-half), s * np.exp(half)


def _log_log(s: FloatArray, half: FloatArray) -> tuple[FloatArray, FloatArray]:
    centre, width = np.log(-np.log(s)), half / -np.log(s)
    return np.exp(-np.exp(centre + width)), np.exp(-np.exp(centre - width))


def _logit(s: FloatArray, half: FloatArray) -> tuple[FloatArray, FloatArray]:
    centre, width = np.log(s / (1 - s)), half / (1 - s)
    return 1 / (1 + np.exp(-(centre - width))), 1 / (1 + np.exp(-(centre + width)))


def _arcsin(s: FloatArray, half: FloatArray) -> tuple[FloatArray, FloatArray]:
    centre, width = np.arcsin(np.sqrt(s)), 0.5 * half * np.sqrt(s / (1 - s))
    low = np.sin(np.maximum(0, centre - width)) ** 2
    return low, np.sin(np.minimum(np.pi / 2, centre + width)) ** 2


_SCALES = {
    "plain": _plain,
    "log": _log,
    "log-log": _log_log,
    "logit": _logit,
    "arcsin": _arcsin,
}
