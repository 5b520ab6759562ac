"""The (restricted) likelihood of the repeated-measures model with two exact derivatives.

Notation: V_k is the covariance of pattern k, W = V^-1, M = X'WX, beta = M^-1 X'Wy, r = y - X beta.
The negative log-likelihood is

    F = 1/2 [ n log 2 pi + sum log|V| + r'Wr + log|M| ]          (n - p in place of n, REML)

(Harville 1977, JASA 72:320-338; log|M| is left out and n stays for ML). Let C_k be the sum over the
subjects of a pattern of r r', for REML of r r' + X M^-1 X', and V_i a derivative by theta_i. Then

    F_i  = 1/2 sum_k tr V_i G_k,      G_k = N_k W - W C_k W
    F_ij = 1/2 sum_k tr V_ij G_k + sum_k tr W V_i W V_j (W C_k - N_k I / 2)
           - u_i' M^-1 u_j - 1/2 tr M^-1 P_i M^-1 P_j            (last term for REML only)

with u_i = X'W V_i W r and P_i = X'W V_i W X. The derivation is in docs/methods/mmrm.md. The last
two terms take by far the most time, and are of order p / n of the rest: without them F_ij is rough,
and good enough to step with. All arrays may have leading dimensions in common, one a dataset.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ketaoutcomes.numerics.mmrm.packed import PackedProducts

FloatArray = NDArray[np.float64]

MANY = 64
"""Matrices that are inverted together sooner than one by one by the library."""


@dataclass(frozen=True)
class Sample:
    """What the likelihood needs of the data.

    Attributes
    ----------
    products : PackedProducts
    observed : bool array, shape (..., K, n_visits)
    n_subjects : array, shape (..., K)
    log_weight : array, shape (...)
    reml : bool
    """

    products: PackedProducts
    observed: NDArray[np.bool_]
    n_subjects: NDArray[np.int64]
    log_weight: FloatArray
    reml: bool

    @property
    def residual_count(self) -> FloatArray:
        """Observed outcomes, less the columns of X for REML, shape (...)."""
        n = (self.n_subjects * self.observed.sum(axis=-1)).sum(axis=-1)
        return np.asarray(n - (self.products.n_columns - 1 if self.reml else 0), dtype=float)


@dataclass(frozen=True)
class Evaluation:
    """The likelihood at one theta.

    Attributes
    ----------
    value : array, shape (...)
        Negative log-likelihood; infinite where it does not exist.
    W : array, shape (..., K, n_visits, n_visits)
        Inverse covariances, zero outside the pattern.
    beta : array, shape (..., p)
    M_inverse : array, shape (..., p, p)
    """

    value: FloatArray
    W: FloatArray
    beta: FloatArray
    M_inverse: FloatArray

    def only(self, chosen: NDArray[np.int64]) -> "Evaluation":
        """Of some of the datasets side by side."""
        return Evaluation(
            self.value[chosen], self.W[chosen], self.beta[chosen], self.M_inverse[chosen]
        )

    def with_only(self, chosen: NDArray[np.int64], other: "Evaluation") -> "Evaluation":
        """With some of the datasets side by side from elsewhere."""
        value, W = self.value.copy(), self.W.copy()
        beta, M_inverse = self.beta.copy(), self.M_inverse.copy()
        value[chosen], W[chosen] = other.value, other.W
        beta[chosen], M_inverse[chosen] = other.beta, other.M_inverse
        return Evaluation(value, W, beta, M_inverse)


def evaluate_at(sample: Sample, V: FloatArray) -> Evaluation | None:
    """The likelihood for the covariances of the patterns, shape (..., K, n_visits, n_visits).

    None where some V or M is not positive definite.
    """
    try:
        W, log_det = inverse_in_pattern(V, sample.observed)
        A = sample.products.quadratic(W)
        root = np.linalg.cholesky(A[..., :-1, :-1])
        root_inverse = np.linalg.inv(root)
    except np.linalg.LinAlgError:
        return None
    M_inverse = np.swapaxes(root_inverse, -1, -2) @ root_inverse
    Xy = A[..., :-1, -1]
    beta = (M_inverse @ Xy[..., None])[..., 0]
    value = (sample.n_subjects * log_det).sum(axis=-1) - sample.log_weight
    value = value + A[..., -1, -1] - (Xy * beta).sum(axis=-1)
    value = value + sample.residual_count * np.log(2 * np.pi)
    if sample.reml:
        value = value + 2 * np.log(np.diagonal(root, axis1=-2, axis2=-1)).sum(axis=-1)
    return Evaluation(0.5 * np.asarray(value), W, beta, M_inverse)


@dataclass(frozen=True)
class RoughCurvature:
    """Derivatives by the covariances, from which a structure makes those by theta.

    Attributes
    ----------
    G : array, shape (..., K, n_visits, n_visits)
    hessian : array, shape (..., n_theta, n_theta)
        F_ij without its first term, which holds the second derivatives of V, and its last two.
    """

    G: FloatArray
    hessian: FloatArray


@dataclass(frozen=True)
class Curvature(RoughCurvature):
    """The same, with the last two terms of F_ij.

    Attributes
    ----------
    covariance_derivatives : array, shape (..., n_theta, p, p)
        M^-1 P_i M^-1, the derivatives of M^-1.
    """

    G: FloatArray
    hessian: FloatArray
    covariance_derivatives: FloatArray


def gradient_by_covariance(sample: Sample, at: Evaluation) -> FloatArray:
    """G_k of the module's formulas, shape (..., K, n_visits, n_visits)."""
    C = _residual_products(sample, at)
    return np.asarray(sample.n_subjects[..., None, None] * at.W - at.W @ C @ at.W)


def rough_curvature(sample: Sample, at: Evaluation, dV: FloatArray) -> RoughCurvature:
    """Derivatives at one theta, of the Hessian what costs little.

    Parameters
    ----------
    dV : array, shape (..., n_theta, K or 1, n_visits, n_visits)
        Derivatives of the covariances by theta; with one for all patterns this is faster.
    """
    W, counts = at.W, sample.n_subjects[..., None, None]
    explained = W @ _residual_products(sample, at) @ W
    bent = explained - 0.5 * counts * W
    if dV.shape[-3] == 1:
        H = shared_traces(dV[..., 0, :, :], W, bent)
    else:
        H = traces(W[..., None, :, :, :] @ dV, bent[..., None, :, :, :] @ dV)
    return RoughCurvature(counts * W - explained, 0.5 * (H + np.swapaxes(H, -1, -2)))


def curvature(sample: Sample, at: Evaluation, dV: FloatArray) -> Curvature:
    """All derivatives at one theta, with the arguments of `rough_curvature`."""
    rough, W = rough_curvature(sample, at, dV), at.W[..., None, :, :, :]
    U = sample.products.quadratic(W @ dV @ W)
    b = np.concatenate([-at.beta, np.ones_like(at.beta[..., :1])], axis=-1)
    u = (U[..., :-1, :] @ b[..., None, :, None])[..., 0]
    H = rough.hessian - u @ at.M_inverse @ np.swapaxes(u, -1, -2)
    scaled = at.M_inverse[..., None, :, :] @ U[..., :-1, :-1]
    if sample.reml:
        H = H - 0.5 * traces(scaled[..., None, :, :], scaled[..., None, :, :])
    symmetric = 0.5 * (H + np.swapaxes(H, -1, -2))
    return Curvature(rough.G, symmetric, scaled @ at.M_inverse[..., None, :, :])


def _residual_products(sample: Sample, at: Evaluation) -> FloatArray:
    """C_k of the module's formulas, shape (..., K, n_visits, n_visits)."""
    b = np.concatenate([-at.beta, np.ones_like(at.beta[..., :1])], axis=-1)
    weights = b[..., :, None] * b[..., None, :]
    if sample.reml:
        weights[..., :-1, :-1] += at.M_inverse
    return sample.products.weighted(weights)


def traces(left: FloatArray, right: FloatArray) -> FloatArray:
    """Sum over k of tr left_ik right_jk, for arrays (..., n, K, m, m), shape (..., n, n)."""
    flat = (*left.shape[:-3], -1)
    turned = np.swapaxes(right, -1, -2).reshape(flat)
    return np.asarray(left.reshape(flat) @ np.swapaxes(turned, -1, -2))


def shared_traces(dV: FloatArray, left: FloatArray, right: FloatArray) -> FloatArray:
    """Sum over k of tr dV_i left_k dV_j right_k, for derivatives that all patterns share.

    The sum over the patterns of the products of all elements of left and right comes first.

    Parameters
    ----------
    dV : array, shape (..., n, m, m)
    left, right : array, shape (..., K, m, m)
    """
    *_, K, m, _ = left.shape
    cells = (K, m * m)
    products = left.reshape(*left.shape[:-3], *cells).swapaxes(-1, -2) @ right.reshape(
        *right.shape[:-3], *cells
    )
    lead = products.shape[:-2]
    # from [t, u, v, s] to [s, t, u, v]
    turned = np.moveaxis(products.reshape(*lead, m, m, m, m), -1, -4).reshape(*lead, m * m, m * m)
    slopes = dV.reshape(*dV.shape[:-2], m * m)
    return np.asarray(slopes @ turned @ np.swapaxes(slopes, -1, -2))


def inverse_in_pattern(V: FloatArray, observed: NDArray[np.bool_]) -> tuple[FloatArray, FloatArray]:
    """Inverse and log-determinant of the observed part of each covariance.

    The unobserved part is set to the identity for the inversion and to zero after it.

    Raises
    ------
    LinAlgError
        If some matrix is not positive definite.
    """
    both = observed[..., :, None] & observed[..., None, :]
    L = np.linalg.cholesky(np.where(both, V, np.eye(V.shape[-1])))
    log_det = 2 * np.log(np.diagonal(L, axis1=-2, axis2=-1)).sum(axis=-1)
    inverted = _inverse_of_triangles if L[..., 0, 0].size >= MANY else np.linalg.inv
    L_inverse: FloatArray = np.asarray(inverted(L), dtype=np.float64)
    return np.swapaxes(L_inverse, -1, -2) @ L_inverse * both, log_det


def _inverse_of_triangles(L: FloatArray) -> FloatArray:
    """Of many small lower triangular matrices: row by row, each operation over all of them."""
    T = L.shape[-1]
    rows = np.ascontiguousarray(L.reshape(-1, T * T).T).reshape(T, T, -1)
    found = np.zeros_like(rows)
    for i in range(T):
        found[i, i] = 1 / rows[i, i]
        found[i, :i] = -(rows[i, :i, None] * found[:i, :i]).sum(axis=0) * found[i, i]
    return np.ascontiguousarray(found.reshape(T * T, -1).T).reshape(L.shape)
