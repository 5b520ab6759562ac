"""Error distributions of accelerated failure time models, with what Newton's method needs.

Kalbfleisch & Prentice 2002, The Statistical Analysis of Failure Time Data, section 2.2.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.special import log_expit, log_ndtr, ndtri

from ketaoutcomes.numerics.survival.counting import FloatArray

Distribution = Literal[
    "weibull",
    "exponential",
    "rayleigh",
    "log-normal",
    "log-logistic",
    "gaussian",
    "logistic",
    "extreme value",
]

_Function = Callable[[FloatArray], FloatArray]


@dataclass(frozen=True)
class ErrorLaw:
    """A law of the standardised error z.

    Attributes
    ----------
    log_density, slope, curvature : functions of z
        Log density and its first two derivatives.
    log_survival, log_cumulative : functions of z
    quantile : function of a probability
    """

    log_density: _Function
    slope: _Function
    curvature: _Function
    log_survival: _Function
    log_cumulative: _Function
    quantile: _Function


@dataclass(frozen=True)
class Family:
    """A law for the time or its logarithm, with the scale fixed where it is known."""

    law: ErrorLaw
    logarithmic: bool
    fixed_scale: float | None = None


def _log_one_minus_exp(x: FloatArray) -> FloatArray:
    """Logarithm of 1 - exp(x) for x < 0, exact at both ends (Mächler 2012, Rmpfr vignette)."""
    small = x > -np.log(2)
    result: FloatArray = np.where(
        small,
        np.log(-np.expm1(np.where(small, np.minimum(x, -1e-300), -1.0))),
        np.log1p(-np.exp(np.where(small, -1.0, x))),
    )
    return result


_EXTREME = ErrorLaw(
    log_density=lambda z: z - np.exp(z),
    slope=lambda z: 1 - np.exp(z),
    curvature=lambda z: -np.exp(z),
    log_survival=lambda z: -np.exp(z),
    log_cumulative=lambda z: _log_one_minus_exp(-np.exp(z)),
    quantile=lambda p: np.log(-np.log1p(-p)),
)
_LOGISTIC = ErrorLaw(
    log_density=lambda z: log_expit(z) + log_expit(-z),
    slope=lambda z: -np.tanh(z / 2),
    curvature=lambda z: -0.5 / np.cosh(z / 2) ** 2,
    log_survival=lambda z: log_expit(-z),
    log_cumulative=log_expit,
    quantile=lambda p: np.log(p) - np.log1p(-p),
)
_NORMAL = ErrorLaw(
    log_density=lambda z: -0.5 * z**2 - 0.5 * np.log(2 * np.pi),
    slope=lambda z: -z,
    curvature=lambda z: -np.ones_like(z),
    log_survival=lambda z: log_ndtr(-z),
    log_cumulative=log_ndtr,
    quantile=ndtri,
)

FAMILIES: dict[Distribution, Family] = {
    "weibull": Family(_EXTREME, logarithmic=True),
    "exponential": Family(_EXTREME, logarithmic=True, fixed_scale=1.0),
    "rayleigh": Family(_EXTREME, logarithmic=True, fixed_scale=0.5),
    "log-normal": Family(_NORMAL, logarithmic=True),
    "log-logistic": Family(_LOGISTIC, logarithmic=True),
    "gaussian": Family(_NORMAL, logarithmic=False),
    "logistic": Family(_LOGISTIC, logarithmic=False),
    "extreme value": Family(_EXTREME, logarithmic=False),
}
