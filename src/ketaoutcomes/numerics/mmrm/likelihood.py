"""The (restricted) likelihood of the repeated-measures model and its gradient.

Notation: V_k is the covariance of pattern k, M = X'V^-1 X, beta = M^-1 X'V^-1 y, r = y - X beta. With
W = V^-1 the negative log-likelihood is

    F = 1/2 [ n log 2 pi + sum log|V| + r'Wr + log|M| ]          (n - p in place of n, REML)

(Harville 1977, JASA 72:320-338; log|M| is left out and n stays for ML). Its derivative by V_k is
1/2 [ N_k W - W (R_k + T_k) W ], R_k the sum of r r' and T_k the sum of X M^-1 X' over the pattern.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ketaoutcomes.numerics.mmrm.covariance import STRUCTURES, Structure, distances, first_derivatives
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
    def flat(self) -> FloatArray:
        """S as a matrix, one row a pattern and pair of visits."""
        q = self.statistics.p + 1
        return np.ascontiguousarray(self.statistics.S.reshape(-1, q * q))

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
        return np.asarray(self.structure.matrix(by_group[self.statistics.group], self.distance))

    def derivatives(self, theta: FloatArray) -> FloatArray:
        """Derivatives of each pattern's covariance, shape (n_theta, K, n_visits, n_visits)."""
        statistics = self.statistics
        n = self.n_per_group
        by_group = theta.reshape(statistics.n_groups, n)
        result = np.zeros((self.n_theta, *self.distance.shape))
        for group, parameters in enumerate(by_group):
            members = statistics.group == group
            result[group * n : (group + 1) * n, members] = first_derivatives(
                self.structure, parameters, self.distance[members]
            )
        return result


@dataclass(frozen=True)
class Evaluation:
    """The likelihood at one theta.

    Attributes
    ----------
    value : float
        Negative log-likelihood; infinite where a covariance is not positive definite.
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
    q = statistics.p + 1
    A = (W.reshape(-1) @ model.flat).reshape(q, q)
    sign, log_det_M = np.linalg.slogdet(A[:-1, :-1])
    if sign <= 0 or not np.isfinite(log_det_M):
        return None
    M_inverse: FloatArray = np.linalg.inv(A[:-1, :-1]).astype(float)
    beta = M_inverse @ A[:-1, -1]
    n = statistics.n_obs
    value = float(statistics.n_subjects @ log_det) - statistics.log_weight
    value += float(A[-1, -1] - A[:-1, -1] @ beta)
    value += (n - statistics.p) * np.log(2 * np.pi) + log_det_M if model.reml else n * np.log(2 * np.pi)
    return Evaluation(0.5 * value, W, beta, M_inverse)


def gradient(model: Model, theta: FloatArray, at: Evaluation) -> FloatArray:
    """Derivative of the negative log-likelihood by theta, shape (n_theta,)."""
    statistics = model.statistics
    residual_products = _contract(model, contrast_weights(at, reml=model.reml))
    G = statistics.n_subjects[:, None, None] * at.W - at.W @ residual_products @ at.W
    return np.asarray(0.5 * np.tensordot(model.derivatives(theta), G, axes=3))


def contrast_weights(at: Evaluation, *, reml: bool) -> FloatArray:
    """The (p + 1, p + 1) weights that turn S into the sums R (ML) or R + T (REML)."""
    b = np.append(-at.beta, 1.0)
    weights = np.outer(b, b)
    if reml:
        weights[:-1, :-1] += at.M_inverse
    return weights


def _contract(model: Model, weights: FloatArray) -> FloatArray:
    shape = model.distance.shape
    return (model.flat @ weights.reshape(-1)).reshape(shape)


def inverse_in_pattern(
    V: FloatArray, observed: NDArray[np.bool_]
) -> tuple[FloatArray, FloatArray]:
    """Inverse and log-determinant of the observed part of each covariance.

    The unobserved part is set to the identity for the inversion and to zero after it. A matrix that
    is not positive definite has the log-determinant infinity.
    """
    both = observed[:, :, None] & observed[:, None, :]
    padded = np.where(both, V, np.eye(V.shape[-1]))
    try:
        L = np.linalg.cholesky(padded)
    except np.linalg.LinAlgError:
        return np.zeros_like(V), np.full(len(V), np.inf)
    log_det = 2 * np.log(np.diagonal(L, axis1=-2, axis2=-1)).sum(axis=-1)
    return np.linalg.inv(padded) * both, log_det
