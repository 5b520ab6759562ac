"""Covariances of coefficients corrected for few participants, each from its paper.

Kenward & Roger 1997, Biometrics 53:983-997, without second derivatives of V; Bell & McCaffrey 2002,
Surv Methodol 28:169-181 (CR2); Mancl & DeRouen 2001, Biometrics 57:126-134 (CR3).
"""

import numpy as np
from numpy.typing import NDArray

from ketaoutcomes.second.reml import Problem, Reml, Spread

FloatArray = NDArray[np.float64]
POWERS = {"cr2": -0.5, "cr3": -1.0}
NO_LEFT = 1e-10
"""What a subject leaves to the others of its own fit, below which it has no correction."""


def kenward_roger(problem: Problem, fit: Reml, spread: Spread) -> FloatArray:
    """The adjusted covariance, eq. (4) without R_ij, shape (p, p).

    The sum over Q_ij is one matrix for each pattern of visits; that over P_i follows from the
    derivatives of the covariance of the coefficients.
    """
    n, k = problem.n_visits, problem.n_parameters
    phi, of_theta = fit.covariance, np.linalg.inv(spread.bend)
    parts = fit.theta.reshape(problem.n_groups, k)
    sigma = [problem.structure(part, n) for part in parts]
    slopes = [problem.derivatives(part) for part in parts]
    inner = np.zeros_like(phi)
    for one in problem.sums:
        at = np.ix_(one.at, one.at)
        inverse = np.linalg.inv(sigma[one.group][at])
        own = slice(one.group * k, (one.group + 1) * k)
        dV = slopes[one.group][:, one.at[:, None], one.at]
        weighted = np.tensordot(of_theta[own, own], dV, axes=(1, 0))
        middle = inverse @ (dV @ inverse @ weighted).sum(axis=0) @ inverse
        inner += np.einsum("i,iap,ab,ibq->pq", one.weight, one.X, middle, one.X, optimize=True)
    left = spread.slopes @ np.linalg.inv(phi)
    of_slopes = np.einsum("ij,iab,jbc->ac", of_theta, left, spread.slopes)
    return np.asarray(phi + 2 * (phi @ inner @ phi - of_slopes))


def leverage_corrected(problem: Problem, fit: Reml, kind: str) -> FloatArray:
    """The sandwich whose residuals are divided by what their subject leaves, shape (p, p)."""
    parts = fit.theta.reshape(problem.n_groups, problem.n_parameters)
    meat = np.zeros_like(fit.covariance)
    for one in problem.patterns:
        V = problem.structure(parts[one.group], problem.n_visits)[np.ix_(one.at, one.at)]
        root = np.linalg.cholesky(np.linalg.inv(V)).T
        scale = np.sqrt(one.weight)[:, None, None]
        white = scale * (root @ one.X)
        residual = scale * (root @ (one.y - one.X @ fit.beta)[..., None])
        across = white.transpose(0, 2, 1)
        values, vectors = np.linalg.eigh(np.eye(len(root)) - white @ fit.covariance @ across)
        left = values > NO_LEFT
        power = np.where(left, np.where(left, values, 1.0) ** POWERS[kind], 0.0)
        corrected = (vectors * power[:, None, :]) @ (vectors.transpose(0, 2, 1) @ residual)
        score = (across @ corrected)[..., 0]
        meat += score.T @ score
    return np.asarray(fit.covariance @ meat @ fit.covariance)
