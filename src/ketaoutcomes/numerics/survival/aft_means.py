"""Restricted mean time of a parametric model, averaged over the covariates of the subjects.

The mean of min(T, tau) given covariates x is the integral of S(t | x) to tau, and the standardised
mean its average over subjects (Royston & Parmar 2013, BMC Med Res Methodol 13:152). The standard
error is by the delta method, covariates held as they are.
"""

from dataclasses import dataclass

import numpy as np

from ketaoutcomes.numerics.survival.aft_fit import AftFit
from ketaoutcomes.numerics.survival.counting import FloatArray

_NODES = 100


@dataclass(frozen=True)
class StandardisedMean:
    """A mean time up to tau.

    Attributes
    ----------
    estimate : float
    gradient : array, shape (q,)
        By the parameters of the fit.
    """

    estimate: float
    gradient: FloatArray

    def minus(self, other: "StandardisedMean") -> "StandardisedMean":
        """The difference of two means of one fit."""
        return StandardisedMean(self.estimate - other.estimate, self.gradient - other.gradient)

    def std_error(self, fit: AftFit) -> float:
        """By the delta method."""
        return float(np.sqrt(self.gradient @ fit.covariance @ self.gradient))


def standardised_mean(fit: AftFit, X: FloatArray, tau: float) -> StandardisedMean:
    """Average the restricted mean over the rows of X, shape (n, p); one scale for all.

    Gauss-Legendre nodes in the square root of time, since a survival curve may be steep at 0.
    """
    nodes, weights = np.polynomial.legendre.leggauss(_NODES)
    root = (nodes + 1) / 2
    times, width = tau * root**2, tau * root * weights
    rows, counts = np.unique(X, axis=0, return_counts=True)
    survival, by_z, z = _survival(fit, rows, times)
    share = counts / counts.sum()
    scale = float(fit.scale[0])
    area = by_z * width
    gradient = np.zeros(fit.theta.size)
    gradient[: fit.beta.size] = -(share * area.sum(axis=1) / scale) @ rows
    if fit.model.family.fixed_scale is None:
        gradient[-1] = -float(share @ (area * z).sum(axis=1))
    return StandardisedMean(float(share @ (survival @ width)), gradient)


def standardised_survival(fit: AftFit, X: FloatArray, times: FloatArray) -> FloatArray:
    """Average survival at each time over the rows of X, shape (k,)."""
    rows, counts = np.unique(X, axis=0, return_counts=True)
    curve: FloatArray = counts / counts.sum() @ _survival(fit, rows, times)[0]
    return curve


def _survival(
    fit: AftFit, rows: FloatArray, times: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Survival of each row at each time, its derivative by the standardised log time z, and z."""
    law = fit.model.family.law
    z = (np.log(np.maximum(times, 1e-300)) - (rows @ fit.beta)[:, None]) / float(fit.scale[0])
    survival = np.exp(law.log_survival(z))
    return survival, -np.exp(law.log_density(z)), z
