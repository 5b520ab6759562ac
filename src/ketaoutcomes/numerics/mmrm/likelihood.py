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
    def distance(self) -> FloatArray:
        """Distances between assessments in each pattern, shape (K, n_visits, n_visits)."""
        return distances(self.statistics.coordinates)

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
        by_group = theta.reshape(self.statistics.n_groups, -1)
        if self._places_matter:
            return np.asarray(self.structure.matrix(by_group[self.statistics.group], self.distance))
        return np.asarray(self.structure.matrix(by_group, self._one_distance))[
            self.statistics.group
        ]

    def derivatives(self, theta: FloatArray) -> FloatArray:
        """Derivatives of each pattern's covariance, shape (n_theta, K, n_visits, n_visits)."""
        result = np.zeros((self.n_theta, *self.distance.shape))
        for block, members, parameters in self._groups(theta):
            result[block, members] = first_derivatives(
                self.structure, parameters, self._distances_of(members)
            )
        return result

    def curvatures(self, theta: FloatArray) -> FloatArray:
        """Second derivatives, shape (n_theta, n_theta, K, n_visits, n_visits)."""
        result = np.zeros((self.n_theta, self.n_theta, *self.distance.shape))
        for block, members, parameters in self._groups(theta):
            result[block, block, members] = second_derivatives(
                self.structure, parameters, self._distances_of(members)
            )
        return result

    @property
    def _places_matter(self) -> bool:
        return self.statistics.coordinates.shape[-1] > 0

    @cached_property
    def _one_distance(self) -> FloatArray:
        T = self.statistics.n_visits
        return np.zeros((1, T, T))

    def _distances_of(self, members: NDArray[np.bool_]) -> FloatArray:
        return self.distance[members] if self._places_matter else self._one_distance

    def _groups(
        self, theta: FloatArray
    ) -> list[tuple[slice, NDArray[np.bool_], FloatArray]]:
        """Place in theta, patterns and parameters of each group."""
        n, group = self.n_per_group, self.statistics.group
        return [
            (slice(g * n, (g + 1) * n), group == g, parameters)
            for g, parameters in enumerate(theta.reshape(-1, n))
        ]


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


def hessian(model: Model, theta: FloatArray, at: Evaluation) -> FloatArray:
    """Second derivatives of the negative log-likelihood, shape (n_theta, n_theta)."""
    dV, W, C = model.derivatives(theta), at.W, residual_products(model, at)
    H = 0.5 * np.tensordot(model.curvatures(theta), _gradient_by_covariance(model, at, C), axes=3)
    left = W @ dV
    right = left @ (W @ C - 0.5 * model.statistics.n_subjects[:, None, None] * np.eye(W.shape[-1]))
    H += np.einsum("ikst,jkts->ij", left, right, optimize=True)
    U = model.products.quadratic(left @ W)
    u = U[:, :-1] @ np.append(-at.beta, 1.0)
    H -= u @ at.M_inverse @ u.T
    if model.reml:
        scaled = at.M_inverse @ U[:, :-1, :-1]
        H -= 0.5 * np.einsum("iab,jba->ij", scaled, scaled, optimize=True)
    return np.asarray(0.5 * (H + H.T))


def _gradient_by_covariance(model: Model, at: Evaluation, C: FloatArray) -> FloatArray:
    """G_k of the module's formulas, shape (K, n_visits, n_visits)."""
    return model.statistics.n_subjects[:, None, None] * at.W - at.W @ C @ at.W


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
