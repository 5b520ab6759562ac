"""The (restricted) likelihood of the repeated-measures model with two exact derivatives.

Notation: V_k is the covariance of pattern k, W = V^-1, M = X'WX, beta = M^-1 X'Wy, r = y - X beta. The
negative log-likelihood is

    F = 1/2 [ n log 2 pi + sum log|V| + r'Wr + log|M| ]          (n - p in place of n, REML)

(Harville 1977, JASA 72:320-338; log|M| is left out and n stays for ML). Let C_k be the sum over the
subjects of a pattern of r r', for REML of r r' + X M^-1 X', and V_i a derivative by theta_i. Then

    F_i  = 1/2 sum_k tr V_i G_k,      G_k = N_k W - W C_k W
    F_ij = 1/2 sum_k tr V_ij G_k + sum_k tr W V_i W V_j (W C_k - N_k I / 2)
           - u_i' M^-1 u_j - 1/2 tr M^-1 P_i M^-1 P_j            (last term for REML only)

with u_i = X'W V_i W r and P_i = X'W V_i W X.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ketaoutcomes.numerics.mmrm.covariance import (
    STRUCTURES,
    Structure,
    distances,
    first_derivatives,
    second_derivatives,
)
from ketaoutcomes.numerics.mmrm.packed import PackedProducts
from ketaoutcomes.numerics.mmrm.patterns import PatternStatistics

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Model:
    """Statistics with a covariance structure and a method of estimation."""

    statistics: PatternStatistics
    structure_name: str
    reml: bool

    @cached_property
    def structure(self) -> Structure:
        """The covariance structure."""
        return STRUCTURES[self.structure_name]

    @cached_property
    def places(self) -> "Places":
        """What tells the covariances of the patterns apart."""
        return places_of(self.statistics)

    @cached_property
    def products(self) -> PackedProducts:
        """The statistics, packed for contraction."""
        return PackedProducts.of(self.statistics.S)

    @property
    def n_per_group(self) -> int:
        """Number of covariance parameters in a group."""
        return self.structure.n_parameters(self.statistics.n_visits)

    @property
    def n_theta(self) -> int:
        """Number of covariance parameters."""
        return self.n_per_group * self.statistics.n_groups

    def covariances(self, theta: FloatArray) -> FloatArray:
        """Covariance of each pattern over all visits, shape (K, n_visits, n_visits)."""
        V = self.structure.matrix(self._by_place(theta), self.places.distance)
        return np.asarray(V)[self.places.of_pattern]

    def derivatives(self, theta: FloatArray) -> FloatArray:
        """Derivatives of each place's covariance, shape (n_theta, P, n_visits, n_visits)."""
        first = first_derivatives(self.structure, self._by_place(theta), self.places.distance)
        result = np.zeros((self.n_theta, *first.shape[1:]))
        for block, members in self._groups():
            result[block, members] = first[:, members]
        return result

    def curvatures(self, theta: FloatArray) -> FloatArray:
        """Second derivatives, shape (n_theta, n_theta, P, n_visits, n_visits)."""
        second = second_derivatives(self.structure, self._by_place(theta), self.places.distance)
        result = np.zeros((self.n_theta, self.n_theta, *second.shape[2:]))
        for block, members in self._groups():
            result[block, block, members] = second[:, :, members]
        return result

    def _by_place(self, theta: FloatArray) -> FloatArray:
        return theta.reshape(self.statistics.n_groups, -1)[self.places.group]

    def _groups(self) -> list[tuple[slice, NDArray[np.bool_]]]:
        """Place in theta and members of each group."""
        n = self.n_per_group
        return [
            (slice(g * n, (g + 1) * n), self.places.group == g)
            for g in range(self.statistics.n_groups)
        ]


@dataclass(frozen=True)
class Places:
    """The P covariance matrices over all visits that the patterns are cut from.

    One a group; for a spatial structure one a group and set of coordinates.

    Attributes
    ----------
    group : int array, shape (P,)
    distance : array, shape (P, n_visits, n_visits)
        Distances between assessments.
    of_pattern : int array, shape (K,)
    """

    group: NDArray[np.int64]
    distance: FloatArray
    of_pattern: NDArray[np.int64]

    def summed(self, by_pattern: FloatArray) -> FloatArray:
        """Sum over the patterns of each place, shape (P, n_visits, n_visits)."""
        result = np.zeros((self.group.size, *by_pattern.shape[1:]))
        np.add.at(result, self.of_pattern, by_pattern)
        return result


def places_of(statistics: PatternStatistics) -> Places:
    """The distinct combinations of group and coordinates."""
    K, T, d = statistics.coordinates.shape
    if d == 0:
        groups = np.arange(statistics.n_groups)
        return Places(groups, np.zeros((groups.size, T, T)), statistics.group)
    return Places(statistics.group, distances(statistics.coordinates), np.arange(K))


@dataclass(frozen=True)
class Evaluation:
    """The likelihood at one theta.

    Attributes
    ----------
    value : float
        Negative log-likelihood.
    W : array, shape (K, n_visits, n_visits)
        Inverse covariances, zero outside the pattern.
    beta : array, shape (p,)
    M_inverse : array, shape (p, p)
    """

    value: float
    W: FloatArray
    beta: FloatArray
    M_inverse: FloatArray


def evaluate(model: Model, theta: FloatArray) -> Evaluation | None:
    """The likelihood at theta; None where it does not exist (V or M not positive definite)."""
    statistics = model.statistics
    W, log_det = inverse_in_pattern(model.covariances(theta), statistics.observed)
    if not np.isfinite(log_det).all():
        return None
    A = model.products.quadratic(W)
    sign, log_det_M = np.linalg.slogdet(A[:-1, :-1])
    if sign <= 0 or not np.isfinite(log_det_M):
        return None
    M_inverse = np.linalg.inv(A[:-1, :-1])
    beta = M_inverse @ A[:-1, -1]
    n = statistics.n_obs
    value = float(statistics.n_subjects @ log_det) - statistics.log_weight
    value += float(A[-1, -1] - A[:-1, -1] @ beta)
    value += (n - statistics.p if model.reml else n) * np.log(2 * np.pi)
    if model.reml:
        value += float(log_det_M)
    return Evaluation(0.5 * value, W, beta, M_inverse)


def residual_products(model: Model, at: Evaluation) -> FloatArray:
    """C_k of the module's formulas, shape (K, n_visits, n_visits)."""
    b = np.append(-at.beta, 1.0)
    weights = np.outer(b, b)
    if model.reml:
        weights[:-1, :-1] += at.M_inverse
    return model.products.weighted(weights)


def gradient(model: Model, theta: FloatArray, at: Evaluation) -> FloatArray:
    """Derivative of the negative log-likelihood by theta, shape (n_theta,)."""
    G = _gradient_by_covariance(model, at, residual_products(model, at))
    return np.asarray(0.5 * np.tensordot(model.derivatives(theta), G, axes=3))


@dataclass(frozen=True)
class Slopes:
    """Both derivatives of the negative log-likelihood.

    Attributes
    ----------
    gradient : array, shape (n_theta,)
    hessian : array, shape (n_theta, n_theta)
    """

    gradient: FloatArray
    hessian: FloatArray


def slopes(model: Model, theta: FloatArray, at: Evaluation) -> Slopes:
    """Gradient and Hessian, by the formulas of the module."""
    W, C, by_place = at.W, residual_products(model, at), model.derivatives(theta)
    G = _gradient_by_covariance(model, at, C)
    H = 0.5 * np.tensordot(model.curvatures(theta), G, axes=3)
    left = W @ by_place[:, model.places.of_pattern]
    right = left @ (W @ C - 0.5 * model.statistics.n_subjects[:, None, None] * np.eye(W.shape[-1]))
    n = len(left)
    H += left.reshape(n, -1) @ np.swapaxes(right, -1, -2).reshape(n, -1).T
    U = model.products.quadratic(left @ W)
    u = U[:, :-1] @ np.append(-at.beta, 1.0)
    H -= u @ at.M_inverse @ u.T
    if model.reml:
        scaled = at.M_inverse @ U[:, :-1, :-1]
        H -= 0.5 * scaled.reshape(n, -1) @ np.swapaxes(scaled, -1, -2).reshape(n, -1).T
    return Slopes(np.asarray(0.5 * np.tensordot(by_place, G, axes=3)), 0.5 * (H + H.T))


def _gradient_by_covariance(model: Model, at: Evaluation, C: FloatArray) -> FloatArray:
    """G_k of the module's formulas summed by place, shape (P, n_visits, n_visits)."""
    G = model.statistics.n_subjects[:, None, None] * at.W - at.W @ C @ at.W
    return model.places.summed(G)


def inverse_in_pattern(
    V: FloatArray, observed: NDArray[np.bool_]
) -> tuple[FloatArray, FloatArray]:
    """Inverse and log-determinant of the observed part of each covariance.

    The unobserved part is set to the identity for the inversion and to zero after it. Where one of
    the matrices is not positive definite, all log-determinants are infinite.
    """
    both = observed[..., :, None] & observed[..., None, :]
    padded = np.where(both, V, np.eye(V.shape[-1]))
    try:
        L = np.linalg.cholesky(padded)
    except np.linalg.LinAlgError:
        return np.zeros_like(V), np.full(V.shape[:-2], np.inf)
    log_det = 2 * np.log(np.diagonal(L, axis1=-2, axis2=-1)).sum(axis=-1)
    return np.linalg.inv(padded) * both, log_det
