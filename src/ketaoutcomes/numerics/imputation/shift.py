"""The estimate as a function of shifts added to the imputed outcomes, and where it tips.

A shift delta adds delta to every imputed outcome of an arm (delta adjustment: Carpenter & Kenward
2013, Multiple Imputation and its Application, chapter 10; tipping point: Yan, Lee & Li 2009, J
Biopharm Stat 19:1085-1098). Least squares is linear in the outcomes, so each estimate is linear in
the shifts and each variance quadratic: nothing is imputed or fitted anew for another shift.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from ketaoutcomes.numerics.imputation.ancova import (
    Analysed,
    AnalysisDesign,
    StandardErrors,
    weighted_coefficients,
)
from ketaoutcomes.numerics.imputation.rubin import Pooled, pool_by_rubin

FloatArray = NDArray[np.float64]

PoolAt = Callable[[FloatArray], Pooled]
"""Shifts, shape (n_points, n_arms) -> the pooled estimate at each point."""

SCAN = 200
"""Points between which a crossing is looked for."""


@dataclass(frozen=True)
class ShiftedImputations:
    """Multiple imputation.

    Attributes
    ----------
    slopes : array, shape (M, 1 + n_arms)
        The estimate of each dataset at no shift, and by each arm's shift.
    variances : array, shape (M, 1 + n_arms, 1 + n_arms)
        Its variance as a quadratic form of (1, shifts).
    df : float
    """

    slopes: FloatArray
    variances: FloatArray
    df: float

    def analysed(self, shifts: FloatArray) -> Analysed:
        """Estimates of each dataset, shape (M, n_points)."""
        b = np.column_stack([np.ones(len(shifts)), shifts])
        variance = np.einsum("si,mij,sj->ms", b, self.variances, b, optimize=True)
        return Analysed(self.slopes @ b.T, np.sqrt(variance), self.df)

    def pool_at(self, shifts: FloatArray) -> Pooled:
        """Rubin's rules at each point."""
        return pool_by_rubin(self.analysed(shifts))


@dataclass(frozen=True)
class ShiftedResamples:
    """Conditional-mean imputation of the trial and of its resamples.

    Attributes
    ----------
    whole : array, shape (1 + n_arms,)
    resampled : array, shape (M, 1 + n_arms)
        The estimate at no shift, and by each arm's shift.
    pool : callable
        `pool_jackknife` or `pool_bootstrap`.
    """

    whole: FloatArray
    resampled: FloatArray
    pool: Callable[[FloatArray, FloatArray], Pooled]

    def pool_at(self, shifts: FloatArray) -> Pooled:
        """The pooled estimate at each point."""
        b = np.column_stack([np.ones(len(shifts)), shifts])
        return self.pool(b @ self.whole, self.resampled @ b.T)


def shifted_imputations(
    design: AnalysisDesign,
    y: FloatArray,
    shifted: FloatArray,
    L: FloatArray,
    standard_errors: StandardErrors = "model",
) -> ShiftedImputations:
    """Analyse each imputed dataset for any shift.

    Parameters
    ----------
    y : array, shape (M, n_subjects)
    shifted : array, shape (n_subjects, n_arms)
        Which outcomes each arm's shift is added to.
    L : array, shape (q,)
        The combination of coefficients that is estimated.
    """
    A = design.A
    n, q = A.shape
    inverse = np.linalg.inv(A.T @ A)
    spread = A @ inverse @ L
    both = np.concatenate(
        [y[..., None], np.broadcast_to(shifted, (len(y), *shifted.shape))], axis=-1
    )
    residual = both - A @ (inverse @ (A.T @ both))
    if standard_errors == "model":
        weights = np.full(n, float(L @ inverse @ L) / (n - q))
    else:
        leverage = np.einsum("ni,ij,nj->n", A, inverse, A)
        weights = (spread / (1 - leverage)) ** 2
    variances = np.swapaxes(residual * weights[:, None], -1, -2) @ residual
    return ShiftedImputations(spread @ both, variances, n - q)


def shifted_coefficients(
    design: AnalysisDesign, y: FloatArray, shifted: FloatArray, weights: FloatArray, L: FloatArray
) -> FloatArray:
    """Estimates at no shift and by each arm's shift, shape (M, 1 + n_arms).

    Parameters
    ----------
    y, weights : array, shape (M, n_subjects)
    shifted : array, shape (n_subjects, n_arms)
    L : array, shape (q,)
    """
    columns = [y, *(np.broadcast_to(column, y.shape) for column in shifted.T)]
    return np.column_stack([weighted_coefficients(design, c, weights) @ L for c in columns])


def margin(pooled: Pooled, side: float, conf_level: float) -> FloatArray:
    """How far the confidence limit nearer to zero lies on the side of the first estimate."""
    low, high = pooled.limits(conf_level)
    return low if side > 0 else -high


def tipping_shift(
    pool_at: PoolAt,
    line: Callable[[FloatArray], FloatArray],
    span: tuple[float, float],
    side: float,
    conf_level: float,
) -> float | None:
    """The shift nearest to zero at which the interval just reaches zero; None if there is none.

    Parameters
    ----------
    line : callable
        Values of the shift that is varied, shape (n,) -> all shifts, shape (n, n_arms).
    span : (float, float)
        Where it is looked for.
    side : float
        Sign of the estimate without shifts.
    """

    def at(values: FloatArray) -> FloatArray:
        return margin(pool_at(line(values)), side, conf_level)

    values = np.linspace(*span, SCAN + 1)
    inside = at(values) > 0
    crossings = [
        float(brentq(lambda v: float(at(np.array([v]))[0]), values[i], values[i + 1], xtol=1e-10))
        for i in np.flatnonzero(inside[1:] != inside[:-1])
    ]
    return min(crossings, key=abs, default=None)
