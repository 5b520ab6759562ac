"""Covariance structures: unconstrained parameters theta become a covariance matrix.

The parametrisation is that of R's mmrm, so that theta and its Hessian compare: logarithms of standard
deviations, and for a correlation rho the parameter rho / sqrt(1 - rho^2). Each function is analytic
in theta and takes any leading dimensions, which is what complex-step differentiation needs.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
Matrix = NDArray[Any]
COMPLEX_STEP = 1e-30
SECOND_STEP = 1e-4


@dataclass(frozen=True)
class Structure:
    """A covariance structure.

    Attributes
    ----------
    n_parameters : callable
        Number of parameters, from the number of visits.
    n_log_sd : callable
        How many of them, at the front, are logarithms of standard deviations.
    matrix : callable
        Covariance from theta, shape (..., n_parameters), and distances between assessments, shape
        (..., n_visits, n_visits).
    log_power : float
        1 where the first parameters are logarithms of SDs, 2 where they are of variances.
    """

    n_parameters: Callable[[int], int]
    n_log_sd: Callable[[int], int]
    matrix: Callable[[Matrix, Matrix], Matrix]
    log_power: float = 1.0


def _correlation(parameter: Matrix) -> Matrix:
    return parameter / np.sqrt(1 + parameter**2)


def _scaled(log_sd: Matrix, correlation: Matrix) -> Matrix:
    """Covariance from logarithms of standard deviations and a correlation matrix."""
    sd = np.exp(log_sd)
    return sd[..., :, None] * correlation * sd[..., None, :]


def _lags(T: int) -> NDArray[np.int64]:
    return np.abs(np.arange(T)[:, None] - np.arange(T)[None, :])


def _unstructured(theta: Matrix, distance: Matrix) -> Matrix:
    """D L L' D with L unit lower triangular, filled row by row, and D of exponentials."""
    T = distance.shape[-1]
    L = np.zeros((*theta.shape[:-1], T, T), dtype=theta.dtype)
    L[..., np.arange(T), np.arange(T)] = 1
    L[(..., *np.tril_indices(T, -1))] = theta[..., T:]
    return _scaled(theta[..., :T], L @ np.swapaxes(L, -1, -2))


def _toeplitz_correlation(parameters: Matrix, T: int) -> Matrix:
    ones = np.ones((*parameters.shape[:-1], 1), dtype=parameters.dtype)
    by_lag = np.concatenate([ones, _correlation(parameters)], axis=-1)
    return by_lag[..., _lags(T)]


def _autoregressive_correlation(parameters: Matrix, T: int) -> Matrix:
    return _correlation(parameters)[..., 0, None, None] ** _lags(T)


def _antedependence_correlation(parameters: Matrix, T: int) -> Matrix:
    """Product of the correlations of neighbouring visits on the way from one to the other."""
    rho = _correlation(parameters)
    correlation = np.ones((*parameters.shape[:-1], T, T), dtype=parameters.dtype)
    for i in range(T):
        for j in range(i + 1, T):
            product = np.prod(rho[..., i:j], axis=-1)
            correlation[..., i, j] = product
            correlation[..., j, i] = product
    return correlation


def _exchangeable_correlation(parameters: Matrix, T: int) -> Matrix:
    """Positive definite for every parameter: rho runs from -1 / (T - 1) to 1."""
    lowest = -1 / (T - 1)
    share = 1 / (1 + np.exp(-parameters))
    rho = (lowest + (1 - lowest) * share)[..., 0, None, None]
    return np.where(np.eye(T, dtype=bool), 1.0, rho)


def _spatial_exponential(theta: Matrix, distance: Matrix) -> Matrix:
    """Variance exp(theta_1), correlation rho ** distance with rho the inverse logit of theta_2."""
    rho = (1 / (1 + np.exp(-theta[..., 1])))[..., None, None]
    return np.exp(theta[..., 0])[..., None, None] * rho**distance


def _homogeneous(correlation: Callable[[Matrix, int], Matrix]) -> Callable[[Matrix, Matrix], Matrix]:
    def matrix(theta: Matrix, distance: Matrix) -> Matrix:
        T = distance.shape[-1]
        return np.exp(2 * theta[..., 0])[..., None, None] * correlation(theta[..., 1:], T)

    return matrix


def _heterogeneous(
    correlation: Callable[[Matrix, int], Matrix],
) -> Callable[[Matrix, Matrix], Matrix]:
    def matrix(theta: Matrix, distance: Matrix) -> Matrix:
        T = distance.shape[-1]
        return _scaled(theta[..., :T], correlation(theta[..., T:], T))

    return matrix


def _one(_T: int) -> int:
    return 1


def _each(T: int) -> int:
    return T


STRUCTURES: dict[str, Structure] = {
    "us": Structure(lambda T: T * (T + 1) // 2, _each, _unstructured),
    "toep": Structure(_each, _one, _homogeneous(_toeplitz_correlation)),
    "toeph": Structure(lambda T: 2 * T - 1, _each, _heterogeneous(_toeplitz_correlation)),
    "ar1": Structure(lambda _T: 2, _one, _homogeneous(_autoregressive_correlation)),
    "ar1h": Structure(lambda T: T + 1, _each, _heterogeneous(_autoregressive_correlation)),
    "ad": Structure(_each, _one, _homogeneous(_antedependence_correlation)),
    "adh": Structure(lambda T: 2 * T - 1, _each, _heterogeneous(_antedependence_correlation)),
    "cs": Structure(lambda _T: 2, _one, _homogeneous(_exchangeable_correlation)),
    "csh": Structure(lambda T: T + 1, _each, _heterogeneous(_exchangeable_correlation)),
    "sp_exp": Structure(lambda _T: 2, _one, _spatial_exponential, log_power=2.0),
}


def distances(coordinates: FloatArray) -> FloatArray:
    """Euclidean distances between assessments, shape (..., n_visits, n_visits)."""
    difference = coordinates[..., :, None, :] - coordinates[..., None, :, :]
    return np.sqrt((difference**2).sum(axis=-1))


def first_derivatives(structure: Structure, theta: FloatArray, distance: FloatArray) -> FloatArray:
    """Derivative of the covariance by each parameter, exact to rounding.

    Complex-step differentiation: Squire & Trapp 1998, SIAM Rev 40:110-112.

    Parameters
    ----------
    theta : array, shape (..., n_parameters)
    distance : array, shape (..., n_visits, n_visits)

    Returns
    -------
    array, shape (n_parameters, ..., n_visits, n_visits)
    """
    moved = theta + 1j * COMPLEX_STEP * _moves(theta)
    return np.asarray(structure.matrix(moved, distance).imag / COMPLEX_STEP)


def second_derivatives(structure: Structure, theta: FloatArray, distance: FloatArray) -> FloatArray:
    """Second derivatives, shape (n_parameters, n_parameters, ..., n_visits, n_visits).

    Central differences of the exact first derivatives; the error is of order 1e-9.
    """
    moves = SECOND_STEP * _moves(theta)
    ahead = first_derivatives(structure, theta + moves, distance)
    behind = first_derivatives(structure, theta - moves, distance)
    return np.asarray((ahead - behind) / (2 * SECOND_STEP))


def _moves(theta: FloatArray) -> FloatArray:
    """Unit vectors to add to theta, shape (n_parameters, 1, ..., 1, n_parameters)."""
    n = theta.shape[-1]
    return np.eye(n).reshape(n, *(1,) * (theta.ndim - 1), n)
