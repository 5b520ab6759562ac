"""Covariance structures: unconstrained parameters theta become a covariance matrix.

The parametrisation is that of R's mmrm, so that theta and its Hessian compare: logarithms of
standard deviations, and for a correlation rho the parameter rho / sqrt(1 - rho^2). V = D C D, with
D a diagonal matrix of scales that the first parameters give and C of the others. C is analytic in
its parameters and takes any leading dimensions, which is what complex-step differentiation needs.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
Matrix = NDArray[Any]

COMPLEX_STEP = 1e-30
SECOND_STEP = 1e-4
MIDDLING = 0.3


@dataclass(frozen=True)
class Structure:
    """A covariance structure.

    Attributes
    ----------
    n_correlation : callable
        Number of parameters of C, from the number of visits.
    correlation : callable
        C from its parameters, shape (..., n_correlation), and the distances between assessments,
        shape (..., n_visits, n_visits).
    heterogeneous : bool
        Each visit has a scale of its own, or all have the same.
    log_power : float
        1 where the first parameters are logarithms of SDs, 2 where they are of variances.
    spatial : bool
        C depends on the distances.
    linear : bool
        V is linear in its variances and covariances, whatever the parameters that it is written
        in: it has no second derivatives by them.
    correlation_slopes, correlation_bends : callable, optional
        First and second derivatives of C in closed form, with the arguments of `correlation`;
        by complex steps and differences where there is none.
    parameters_of : callable, optional
        The parameters of any covariance, shape (..., n_visits, n_visits); only where each positive
        definite matrix has some.
    """

    n_correlation: Callable[[int], int]
    correlation: Callable[[Matrix, Matrix], Matrix]
    heterogeneous: bool = False
    log_power: float = 1.0
    spatial: bool = False
    linear: bool = False
    correlation_slopes: Callable[[FloatArray, FloatArray], FloatArray] | None = None
    correlation_bends: Callable[[FloatArray, FloatArray], FloatArray] | None = None
    parameters_of: Callable[[FloatArray], FloatArray] | None = None

    def n_log_sd(self, T: int) -> int:
        """How many parameters, at the front, are logarithms of scales."""
        return T if self.heterogeneous else 1

    def n_parameters(self, T: int) -> int:
        """Number of parameters."""
        return self.n_log_sd(T) + self.n_correlation(T)

    def middling(
        self, coordinates: FloatArray, n: int, correlation: float = MIDDLING
    ) -> FloatArray:
        """Parameters of C between independence and identity, shape (n,).

        Parameters
        ----------
        coordinates : array, shape (K, n_visits, d)
            For a spatial structure, whose correlation this is at a middling distance.
        """
        if not self.spatial:
            return np.full(n, correlation)
        apart = distances(coordinates)
        middle = float(np.median(apart[apart > 0])) if (apart > 0).any() else 1.0
        log_rho = np.log((1 + correlation) / 2) / middle
        return np.full(n, log_rho - np.log(-np.expm1(log_rho)))

    def matrix(self, theta: FloatArray, distance: FloatArray) -> FloatArray:
        """Covariance, shape (..., n_visits, n_visits)."""
        C = self.correlation(theta[..., self.n_log_sd(distance.shape[-1]) :], distance)
        return np.asarray(self.scales(theta, distance.shape[-1]) * C)

    def scales(self, theta: FloatArray, T: int) -> FloatArray:
        """What each element of C is multiplied by, shape (..., n_visits, n_visits)."""
        sd = np.exp(theta[..., : self.n_log_sd(T)] / self.log_power)
        return np.asarray(
            sd[..., :, None] * sd[..., None, :] * (1.0 if self.heterogeneous else np.ones((T, T)))
        )

    def scale_slopes(self, T: int) -> FloatArray:
        """Logarithmic derivatives of the scales, shape (n_log_sd, n_visits, n_visits)."""
        if not self.heterogeneous:
            return np.full((1, T, T), 2 / self.log_power)
        own = np.eye(T)
        return np.asarray((own[:, :, None] + own[:, None, :]) / self.log_power)


def _correlation(parameter: Matrix) -> Matrix:
    return parameter / np.sqrt(1 + parameter**2)


def _lags(T: int) -> NDArray[np.int64]:
    return np.abs(np.arange(T)[:, None] - np.arange(T)[None, :])


@cache
def _below(T: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Rows and columns below the diagonal, row by row; not to be written to."""
    return np.tril_indices(T, -1)


def _unit_triangle(parameters: Matrix, T: int) -> Matrix:
    """L unit lower triangular, filled row by row."""
    L = np.zeros((*parameters.shape[:-1], T, T), dtype=parameters.dtype)
    L[..., np.arange(T), np.arange(T)] = 1
    L[(..., *_below(T))] = parameters
    return L


def _unstructured(parameters: Matrix, distance: Matrix) -> Matrix:
    """L L'."""
    L = _unit_triangle(parameters, distance.shape[-1])
    return L @ np.swapaxes(L, -1, -2)


def _unstructured_slopes(parameters: FloatArray, distance: FloatArray) -> FloatArray:
    """E L' + L E' with E the unit matrix of the parameter's place."""
    T = distance.shape[-1]
    rows, columns = _below(T)
    by_column = np.moveaxis(_unit_triangle(parameters, T)[..., columns], -1, 0)
    half = np.zeros((*by_column.shape, T))
    half[np.arange(rows.size), ..., rows, :] = by_column
    return half + np.swapaxes(half, -1, -2)


def _unstructured_bends(parameters: FloatArray, distance: FloatArray) -> FloatArray:
    """E F' + F E': constant, and zero for parameters of different columns."""
    bends = _constant_bends(distance.shape[-1])
    return bends.reshape(*bends.shape[:2], *(1,) * (parameters.ndim - 1), *bends.shape[2:])


def _unstructured_parameters(V: FloatArray) -> FloatArray:
    """Theta of V = D L L' D, from its Cholesky factor D L."""
    root = np.linalg.cholesky(V)
    scale = np.diagonal(root, axis1=-2, axis2=-1)
    L = root / scale[..., :, None]
    return np.concatenate([np.log(scale), L[(..., *_below(V.shape[-1]))]], axis=-1)


@cache
def _constant_bends(T: int) -> FloatArray:
    """The second derivatives of L L', shape (n, n, T, T); not to be written to."""
    rows, columns = _below(T)
    bends = np.zeros((rows.size, rows.size, T, T))
    for k, l in zip(*np.nonzero(columns[:, None] == columns), strict=True):
        bends[k, l, rows[k], rows[l]] += 1
        bends[k, l, rows[l], rows[k]] += 1
    return bends


def _toeplitz(parameters: Matrix, distance: Matrix) -> Matrix:
    ones = np.ones((*parameters.shape[:-1], 1), dtype=parameters.dtype)
    by_lag = np.concatenate([ones, _correlation(parameters)], axis=-1)
    return by_lag[..., _lags(distance.shape[-1])]


def _autoregressive(parameters: Matrix, distance: Matrix) -> Matrix:
    return _correlation(parameters)[..., 0, None, None] ** _lags(distance.shape[-1])


def _antedependence(parameters: Matrix, distance: Matrix) -> Matrix:
    """Product of the correlations of neighbouring visits on the way from one to the other."""
    T = distance.shape[-1]
    rho = _correlation(parameters)
    correlation = np.ones((*parameters.shape[:-1], T, T), dtype=parameters.dtype)
    for i in range(T):
        for j in range(i + 1, T):
            product = np.prod(rho[..., i:j], axis=-1)
            correlation[..., i, j] = product
            correlation[..., j, i] = product
    return correlation


def _exchangeable(parameters: Matrix, distance: Matrix) -> Matrix:
    """Positive definite for every parameter: rho runs from -1 / (T - 1) to 1."""
    T = distance.shape[-1]
    lowest = -1 / max(T - 1, 1)
    share = 1 / (1 + np.exp(-parameters))
    rho = (lowest + (1 - lowest) * share)[..., 0, None, None]
    return np.where(np.eye(T, dtype=bool), 1.0, rho)


def _spatial_exponential(parameters: Matrix, distance: Matrix) -> Matrix:
    """Correlation rho ** distance with rho the inverse logit of the parameter."""
    rho = (1 / (1 + np.exp(-parameters)))[..., 0, None, None]
    return np.asarray(rho**distance)


def _one(_T: int) -> int:
    return 1


def _each_lag(T: int) -> int:
    return T - 1


def _each_pair(T: int) -> int:
    return T * (T - 1) // 2


STRUCTURES: dict[str, Structure] = {
    "us": Structure(
        _each_pair,
        _unstructured,
        heterogeneous=True,
        linear=True,
        correlation_slopes=_unstructured_slopes,
        correlation_bends=_unstructured_bends,
        parameters_of=_unstructured_parameters,
    ),
    "toep": Structure(_each_lag, _toeplitz, linear=True),
    "toeph": Structure(_each_lag, _toeplitz, heterogeneous=True),
    "ar1": Structure(_one, _autoregressive),
    "ar1h": Structure(_one, _autoregressive, heterogeneous=True),
    "ad": Structure(_each_lag, _antedependence),
    "adh": Structure(_each_lag, _antedependence, heterogeneous=True),
    "cs": Structure(_one, _exchangeable, linear=True),
    "csh": Structure(_one, _exchangeable, heterogeneous=True),
    "sp_exp": Structure(_one, _spatial_exponential, log_power=2.0, spatial=True),
}

SPATIAL = tuple(name for name, structure in STRUCTURES.items() if structure.spatial)
"""Structures that depend on the distances between assessments."""


def is_linear(structure_name: str, n_visits: int) -> bool:
    """Whether V is linear in its variances and covariances.

    Of two visits every structure is: one variance or two, and one covariance. Of more visits only
    those are whose covariances are parameters, not products of them.
    """
    structure = STRUCTURES[structure_name]
    return structure.linear or n_visits <= (1 if structure.spatial else 2)


def distances(coordinates: FloatArray) -> FloatArray:
    """Euclidean distances between assessments, shape (..., n_visits, n_visits)."""
    difference = coordinates[..., :, None, :] - coordinates[..., None, :, :]
    return np.sqrt((difference**2).sum(axis=-1))


def first_derivatives(structure: Structure, theta: FloatArray, distance: FloatArray) -> FloatArray:
    """Derivative of the covariance by each parameter, exact to rounding.

    Parameters
    ----------
    theta : array, shape (..., n_parameters)
    distance : array, shape (..., n_visits, n_visits)

    Returns
    -------
    array, shape (n_parameters, ..., n_visits, n_visits)
    """
    T = distance.shape[-1]
    n_scales = structure.n_log_sd(T)
    D, parameters = structure.scales(theta, T), theta[..., n_scales:]
    V = D * structure.correlation(parameters, distance)
    by_correlation = D * _correlation_slopes(structure, parameters, distance)
    by_scale = _leading(structure.scale_slopes(T), V.ndim) * V
    return np.concatenate([by_scale, by_correlation])


def second_derivatives(structure: Structure, theta: FloatArray, distance: FloatArray) -> FloatArray:
    """Second derivatives, shape (n_parameters, n_parameters, ..., n_visits, n_visits).

    Those by two parameters of C, where it has none in closed form, are central differences of its
    exact first derivatives; their error is of order 1e-9.
    """
    T = distance.shape[-1]
    n_scales = structure.n_log_sd(T)
    D, parameters = structure.scales(theta, T), theta[..., n_scales:]
    first = first_derivatives(structure, theta, distance)
    n = len(first)
    result = np.empty((n, *first.shape))
    slopes = _leading(structure.scale_slopes(T), first.ndim - 1)
    result[:n_scales] = slopes[:, None] * first
    result[n_scales:, :n_scales] = np.swapaxes(result[:n_scales, n_scales:], 0, 1)
    result[n_scales:, n_scales:] = D * _correlation_bends(structure, parameters, distance)
    return result


def _correlation_bends(
    structure: Structure, parameters: FloatArray, distance: FloatArray
) -> FloatArray:
    """Second derivatives of C, shape (n, n, ..., n_visits, n_visits)."""
    if structure.correlation_bends is not None:
        return structure.correlation_bends(parameters, distance)
    moves = SECOND_STEP * _moves(parameters)
    ahead = _correlation_slopes(structure, parameters + moves, distance)
    behind = _correlation_slopes(structure, parameters - moves, distance)
    return np.asarray((ahead - behind) / (2 * SECOND_STEP))


def bent_by(
    structure: Structure, theta: FloatArray, distance: FloatArray, G: FloatArray
) -> FloatArray:
    """Second derivatives of the covariance, each the sum of its products with the elements of G.

    The same as from `second_derivatives`, which need not be laid out for it.

    Parameters
    ----------
    theta : array, shape (..., n_parameters)
    G : array, shape (..., n_visits, n_visits)

    Returns
    -------
    array, shape (..., n_parameters, n_parameters)
    """
    T = distance.shape[-1]
    n_scales, cells = structure.n_log_sd(T), T * T
    first = np.moveaxis(first_derivatives(structure, theta, distance), 0, -3)
    weighted = (first * G[..., None, :, :]).reshape(*first.shape[:-2], cells)
    n = weighted.shape[-2]
    result = np.empty((*weighted.shape[:-2], n, n))
    by_scale = structure.scale_slopes(T).reshape(n_scales, cells) @ weighted.swapaxes(-1, -2)
    result[..., :n_scales, :] = by_scale
    result[..., n_scales:, :n_scales] = by_scale[..., n_scales:].swapaxes(-1, -2)
    bends = np.moveaxis(_correlation_bends(structure, theta[..., n_scales:], distance), 0, -3)
    bends = np.moveaxis(bends, 0, -3).reshape(*bends.shape[1:-3], n - n_scales, n - n_scales, cells)
    inside = (structure.scales(theta, T) * G).reshape(*G.shape[:-2], 1, cells, 1)
    result[..., n_scales:, n_scales:] = (bends @ inside)[..., 0]
    return result


def _correlation_slopes(
    structure: Structure, parameters: FloatArray, distance: FloatArray
) -> FloatArray:
    """Derivatives of C, by complex steps where need be: Squire & Trapp 1998, SIAM Rev 40:110."""
    if structure.correlation_slopes is not None:
        return structure.correlation_slopes(parameters, distance)
    moved = parameters + 1j * COMPLEX_STEP * _moves(parameters)
    return np.asarray(structure.correlation(moved, distance).imag / COMPLEX_STEP)


def _moves(parameters: FloatArray) -> FloatArray:
    """Unit vectors to add to the parameters, shape (n, 1, ..., 1, n)."""
    n = parameters.shape[-1]
    return np.eye(n).reshape(n, *(1,) * (parameters.ndim - 1), n)


def _leading(by_parameter: FloatArray, ndim: int) -> FloatArray:
    """Room for dimensions between parameter and visits, to broadcast with `ndim` of them."""
    n, T = by_parameter.shape[0], by_parameter.shape[-1]
    return by_parameter.reshape(n, *(1,) * (ndim - 2), T, T)
