"""The course of a log hazard ratio over time: a smooth curve through scaled Schoenfeld residuals.

Grambsch & Therneau 1994, Biometrika 81:515-526: the residuals plus beta have expectation beta(t).
"""

from dataclasses import dataclass

import numpy as np

from ketaoutcomes.numerics.distributions import norm
from ketaoutcomes.numerics.survival.counting import FloatArray

KNOTS = 5
"""Four degrees of freedom beside the intercept's, as R's plot of `cox.zph` takes."""

_POINTS = 60
_WORST = 1e6
"""Beyond this condition number half of the digits of the inverse are lost."""


@dataclass(frozen=True)
class ResidualTrend:
    """The smooth curve with its pointwise limits.

    Attributes
    ----------
    times, estimate, conf_low, conf_high : array, shape (k,)
    """

    times: FloatArray
    estimate: FloatArray
    conf_low: FloatArray
    conf_high: FloatArray


def residual_trend(
    times: FloatArray, scaled: FloatArray, variance: float, conf_level: float = 0.95
) -> ResidualTrend | None:
    """Fit a natural cubic spline by least squares.

    Parameters
    ----------
    times : array, shape (n_events,)
        Event times in order.
    scaled : array, shape (n_events,)
        Scaled Schoenfeld residuals of one column, plus its coefficient.
    variance : float
        Of that coefficient. A scaled residual has about n_events times as much (equation 2.6).

    Returns
    -------
    ResidualTrend or None
        None with fewer distinct times than the curve has parameters, or where the times are so
        uneven that they do not determine it.
    """
    distinct, place, counts = np.unique(times, return_inverse=True, return_counts=True)
    if distinct.size <= KNOTS:
        return None
    knots = np.quantile(distinct, np.linspace(0, 1, KNOTS))
    at = np.linspace(knots[0], knots[-1], _POINTS)
    # events of one time have the same row of the basis
    basis, here = natural_basis(distinct, knots), natural_basis(at, knots)
    weighted = basis * np.sqrt(counts)[:, None]
    if not np.linalg.cond(weighted) < _WORST:
        return None
    inverse = np.linalg.inv(weighted.T @ weighted)
    curve = here @ (inverse @ (basis.T @ np.bincount(place, scaled)))
    spread = np.einsum("kp,pq,kq->k", here, inverse, here) * times.size * variance
    half = float(norm.isf((1 - conf_level) / 2)) * np.sqrt(spread)
    return ResidualTrend(at, curve, curve - half, curve + half)


def means_in_order(values: FloatArray, smallest: int) -> FloatArray:
    """Means of groups of at least `smallest` neighbours, in the order given."""
    if values.size < smallest:
        return np.array([])
    return np.array([part.mean() for part in np.array_split(values, values.size // smallest)])


def natural_basis(x: FloatArray, knots: FloatArray) -> FloatArray:
    """Columns of a natural cubic spline, linear beyond the outer knots.

    Hastie, Tibshirani & Friedman 2009, The Elements of Statistical Learning, equations 5.4 and 5.5.
    """
    low, last = knots[0], knots[-1]
    scaled, inner = (x - low) / (last - low), (knots - low) / (last - low)
    cubes = np.maximum(scaled[:, None] - inner, 0) ** 3
    slopes = (cubes[:, :-1] - cubes[:, -1:]) / (1 - inner[:-1])
    columns = slopes[:, :-1] - slopes[:, -1:]
    basis: FloatArray = np.column_stack([np.ones(x.size), scaled, columns])
    return basis
