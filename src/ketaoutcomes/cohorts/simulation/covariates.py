"""Who is studied: covariates within their bounds, that hang together."""

from collections.abc import Mapping
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from ketaoutcomes.cohorts.simulation.draws import Draws, category
from ketaoutcomes.cohorts.simulation.parts_design import Covariate, Numeric

FloatArray = NDArray[np.float64]
Values = NDArray[np.float64] | NDArray[np.str_]

MOST_STEPS = 200
CLOSE_ENOUGH = 1e-9
ROUNDING = 1e-12
"""Less than this at an optimum is no rise of the function, but its last digits."""


def covariates_of(
    covariates: Mapping[str, Covariate],
    together: Mapping[str, Mapping[str, float]],
    draws: Draws,
) -> dict[str, Values]:
    """Covariates at entry, by name.

    A Gaussian copula: each covariate is the quantile of a normal score, and the scores have the
    correlations that are asked for. No covariate has another distribution for that.

    Parameters
    ----------
    together : mapping
        Correlations of the scores, by covariate and covariate.
    """
    linked = {*together, *(other for others in together.values() for other in others)}
    uniform = {
        name: ndtr(draws.normal(f"covariate {name}"))
        if isinstance(covariate, Numeric)
        else draws.uniform(f"covariate {name}")
        for name, covariate in covariates.items()
    }
    names = tuple(name for name in covariates if name in linked)
    uniform |= _linked({name: uniform[name] for name in names}, correlation_of(names, together))
    return {name: _values(covariate, uniform[name]) for name, covariate in covariates.items()}


def _linked(uniform: dict[str, FloatArray], correlation: FloatArray) -> dict[str, FloatArray]:
    """Uniform numbers whose normal scores have these correlations; the first stays as it is."""
    if not uniform:
        return {}
    scores = np.linalg.cholesky(correlation) @ ndtri(np.stack(list(uniform.values())))
    return dict(zip(uniform, ndtr(scores), strict=True))


def correlation_of(
    names: tuple[str, ...], together: Mapping[str, Mapping[str, float]]
) -> FloatArray:
    """The matrix of correlations, shape (k, k); 0 where none is told."""
    matrix = np.eye(len(names))
    for one, others in together.items():
        for other, r in others.items():
            place = names.index(one), names.index(other)
            matrix[place] = matrix[place[::-1]] = r
    return matrix


def _values(covariate: Covariate, uniform: FloatArray) -> Values:
    if not isinstance(covariate, Numeric):
        return np.array(list(covariate))[category(tuple(covariate.values()), uniform)]
    return np.asarray(_quantiles(covariate)[(uniform * QUANTILES).astype(np.intp)])


QUANTILES = 2**16
"""So many quantiles of a covariate are kept: looking one up is faster than to search for it."""


@cache
def _quantiles(covariate: Numeric) -> FloatArray:
    """The value at the middle of each of so many equal shares, and for a share of 1 the last."""
    values, cumulated = whole_numbers(covariate)
    middle = np.minimum((np.arange(QUANTILES + 1) + 0.5) / QUANTILES, cumulated[-1])
    return np.asarray(values[np.searchsorted(cumulated, middle, "left")])


@cache
def whole_numbers(covariate: Numeric) -> tuple[FloatArray, FloatArray]:
    """The whole numbers within the bounds, and their cumulated probabilities.

    The probabilities exp(a x + b x^2) give the mean and the SD that are asked for: of all
    distributions on these numbers with this mean and SD the one of most entropy (Jaynes 1957,
    Phys Rev 106:620-630). It is a normal one where the bounds are far, and heaps up at none.

    Raises
    ------
    ValueError
        If no such distribution is found.
    """
    if covariate.sd == 0:
        return np.array([covariate.mean]), np.ones(1)
    widest = max(covariate.mean - covariate.low, 0) * max(covariate.high - covariate.mean, 0)
    if covariate.sd**2 >= widest:
        raise ValueError(
            f"no distribution from {covariate.low:g} to {covariate.high:g} has the mean "
            f"{covariate.mean:g} and the SD {covariate.sd:g}"
        )
    values = np.arange(np.ceil(covariate.low), np.floor(covariate.high) + 1)
    z = (values - covariate.mean) / covariate.sd
    terms = np.stack([z, z**2])
    wanted = np.array([0.0, 1.0])
    slopes = np.array([0.0, -0.5])
    for _ in range(MOST_STEPS):
        share, dual = _tilted(terms, slopes, wanted)
        gradient = terms @ share - wanted
        if np.abs(gradient).max() < CLOSE_ENOUGH:
            return values, np.cumsum(share)
        centred = terms - (terms @ share)[:, None]
        step = np.linalg.solve((centred * share) @ centred.T, gradient)
        size = 1.0
        while (
            size > CLOSE_ENOUGH
            and _tilted(terms, slopes - size * step, wanted)[1] > dual + ROUNDING
        ):
            size /= 2
        slopes = slopes - size * step
    raise ValueError(f"no distribution was found for {covariate}")


def _tilted(terms: FloatArray, slopes: FloatArray, wanted: FloatArray) -> tuple[FloatArray, float]:
    """Probabilities at some slopes, and the convex function that they make least."""
    exponent = slopes @ terms
    top = float(exponent.max())
    weight = np.exp(exponent - top)
    return weight / weight.sum(), top + float(np.log(weight.sum())) - float(slopes @ wanted)
