"""Exact partial likelihood of tied events: every choice of that many deaths from the risk set.

Gail, Lubin & Rubinstein 1981, Biometrika 68:703-707, with the recursion for the sum over choices.
"""

import numpy as np

from ketaoutcomes.numerics.survival.counting import FloatArray
from ketaoutcomes.numerics.survival.cox_risk_sets import RiskSets


def exact_terms(
    sets: RiskSets, X: FloatArray, risk: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """For each set the log of the sum over choices, its gradient and its Hessian in beta.

    Returns
    -------
    log_total : array, shape (n_sets,)
    mean : array, shape (n_sets, p)
    second : array, shape (n_sets, p, p)
    """
    p = X.shape[1]
    m = np.bincount(sets.death_set, minlength=sets.size)
    log_total = np.empty(sets.size)
    mean, second = np.empty((sets.size, p)), np.empty((sets.size, p, p))
    for j in range(sets.size):
        rows = np.flatnonzero((sets.first <= j) & (j <= sets.last))
        log_total[j], mean[j], second[j] = _sum_over_choices(X[rows], risk[rows], int(m[j]))
    return log_total, mean, second


def _sum_over_choices(
    X: FloatArray, risk: FloatArray, m: int
) -> tuple[float, FloatArray, FloatArray]:
    """Log, gradient and Hessian of the elementary symmetric polynomial of degree m.

    Row k of each array holds degree k over the subjects met so far. Dividing the risks by their
    greatest keeps the sums in range.
    """
    p = X.shape[1]
    greatest = risk.max()
    value, gradient = np.zeros(m + 1), np.zeros((m + 1, p))
    hessian = np.zeros((m + 1, p, p))
    value[0] = 1.0
    for x, r in zip(X, risk / greatest, strict=True):
        chosen, slope = value[:-1].copy(), gradient[:-1].copy()
        cross = slope[:, :, None] * x
        hessian[1:] += r * (
            hessian[:-1] + cross + cross.transpose(0, 2, 1) + chosen[:, None, None] * np.outer(x, x)
        )
        gradient[1:] += r * (slope + chosen[:, None] * x)
        value[1:] += r * chosen
    mean = gradient[m] / value[m]
    log_total = float(np.log(value[m]) + m * np.log(greatest))
    return log_total, mean, hessian[m] / value[m] - np.outer(mean, mean)
