"""Small-sample covariance of beta of Kenward and Roger.

Kenward & Roger 1997, Biometrics 53:983-997. The linear form leaves out the second derivatives of
V. These depend on what V is written in: by its variances and covariances an unstructured V has
none, by logarithms and Cholesky factors it has. What is left does not depend on that.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ketaoutcomes.numerics.mmrm.fit import MmrmFit

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Derivatives:
    """Derivatives of M = X'V^-1 X by theta, the building blocks of both approximations.

    X has the centred columns.
    """

    fit: MmrmFit

    @cached_property
    def dV(self) -> FloatArray:
        """Derivative of each pattern's covariance, shape (n_theta, K or 1, n_visits, n_visits)."""
        return self.fit.model.derivatives(self.fit.theta)

    @cached_property
    def P(self) -> FloatArray:
        """-X'W dV W X, the derivative of M, shape (n_theta, p, p) (their P_i)."""
        W = self.fit.at.W
        return -self._quadratic(W @ self.dV @ W)

    def Q(self, weights: FloatArray) -> FloatArray:
        """Sum over i, j of weights_ij X'W dV_i W dV_j W X, shape (p, p) (their Q_ij).

        Parameters
        ----------
        weights : array, shape (n_theta, n_theta)
            Symmetric.
        """
        W = self.fit.at.W
        turned = np.tensordot(weights, self.dV, axes=1)
        middle = W @ (self.dV @ W @ turned).sum(axis=0) @ W
        return self._quadratic(0.5 * (middle + np.swapaxes(middle, -1, -2)))

    def R(self, weights: FloatArray) -> FloatArray:
        """Sum over i, j of weights_ij X'W d2V_ij W X, shape (p, p) (their R_ij)."""
        W, model = self.fit.at.W, self.fit.model
        second = np.tensordot(weights, model.second_derivatives(self.fit.theta), axes=2)
        return self._quadratic(W @ second[model.places.of_pattern] @ W)

    def _quadratic(self, middle: FloatArray) -> FloatArray:
        """Sum over subjects of X' middle X, for each leading index of middle."""
        return self.fit.own_model.sample.products.quadratic(middle)[..., :-1, :-1]


def adjusted_covariance(fit: MmrmFit, derivatives: Derivatives, *, linear: bool) -> FloatArray:
    """Covariance of the coefficients of the centred columns, adjusted for the estimation of theta.

    Eq. (4) and following.
    """
    Phi, W = fit.at.M_inverse, fit.theta_covariance
    P = derivatives.P
    inner = derivatives.Q(W)
    inner -= (P @ Phi @ np.tensordot(W, P, axes=1)).sum(axis=0)
    if not linear:
        inner -= 0.25 * derivatives.R(W)
    return np.asarray(Phi + 2 * Phi @ inner @ Phi)
