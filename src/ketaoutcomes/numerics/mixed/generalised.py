"""Logistic and Poisson models with a normal random intercept for each subject.

Maximum likelihood with the intercepts integrated out: Pinheiro & Bates 1995, J Comput Graph Stat
4:12-35.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from ketaoutcomes.numerics.mixed.quadrature import (
    Family,
    Problem,
    likelihood,
    modes,
    sorted_problem,
)

FloatArray = NDArray[np.float64]

SECOND_STEP = 1e-5
POLISH_STEPS = 6
NEGLIGIBLE = 1e-14
SMALL_SIGMA = 1e-4
"""Standard deviation of the intercepts that counts as zero."""


@dataclass(frozen=True)
class GeneralisedMixedFit:
    """A fitted model.

    Attributes
    ----------
    beta : array, shape (p,)
    covariance : array, shape (p + 1, p + 1)
        Of beta and sigma, the inverse of the observed information.
    sigma : float
        Standard deviation of the intercepts.
    log_likelihood : float
        With all constants of the density.
    random_effects : array, shape (subjects,)
        Modes of the intercepts, subjects in the order of their codes.
    converged : bool
    messages : tuple of str
        Why it did not converge, or that the intercepts do not vary.
    """

    beta: FloatArray
    covariance: FloatArray
    sigma: float
    log_likelihood: float
    random_effects: FloatArray
    n_obs: int
    n_subjects: int
    converged: bool
    messages: tuple[str, ...]

    @property
    def beta_covariance(self) -> FloatArray:
        """Covariance of beta, shape (p, p)."""
        return self.covariance[:-1, :-1]


def fit_generalised_mixed_model(
    y: FloatArray,
    X: FloatArray,
    subject: NDArray[np.int64],
    family: Family,
    n_nodes: int = 25,
) -> GeneralisedMixedFit:
    """Maximum likelihood.

    Parameters
    ----------
    y : array, shape (n,)
        0 and 1, or counts.
    X : array, shape (n, p), of full column rank
    subject : int array, shape (n,)
        Codes 0, 1, ...
    n_nodes : int
        Nodes of the quadrature.

    Raises
    ------
    ValueError
        If the columns of X are linearly dependent, or y is not what the family takes.
    """
    _check(y, X, family)
    Q, R = np.linalg.qr(X)
    scale = np.sqrt(len(y))
    Q, R = Q * scale, R / scale
    problem = sorted_problem(y, Q, subject, family, n_nodes)
    gamma, hessian, gap = _polished(problem, _optimum(problem))
    back = np.zeros((len(gamma), len(gamma)))
    back[:-1, :-1], back[-1, -1] = np.linalg.inv(R), np.sign(gamma[-1]) or 1.0
    messages = _messages(gamma, hessian, gap)
    return GeneralisedMixedFit(
        beta=back[:-1, :-1] @ gamma[:-1],
        covariance=back @ np.linalg.pinv(hessian, hermitian=True) @ back.T,
        sigma=float(abs(gamma[-1])),
        log_likelihood=likelihood(problem, gamma)[0],
        random_effects=gamma[-1] * modes(problem, problem.X @ gamma[:-1], gamma[-1]).u,
        n_obs=len(y),
        n_subjects=len(problem.starts),
        converged=not any(m != AT_ZERO for m in messages),
        messages=messages,
    )


AT_ZERO = "the intercepts do not vary: their standard deviation is estimated as 0"


def _check(y: FloatArray, X: FloatArray, family: Family) -> None:
    norms = np.linalg.norm(X, axis=0)
    if (norms == 0).any() or np.linalg.matrix_rank(X / norms) < X.shape[1]:
        raise ValueError("the columns of X are linearly dependent")
    allowed = np.isin(y, (0, 1)) if family == "binomial" else (y >= 0) & (y == np.round(y))
    if not allowed.all():
        raise ValueError(f"y must be {'0 or 1' if family == 'binomial' else 'counts'}")


def _start(problem: Problem) -> FloatArray:
    """Coefficients without random intercepts, by Fisher scoring."""
    beta = np.zeros(problem.X.shape[1])
    for _ in range(8):
        mean = problem.mean(np.clip(problem.X @ beta, -10, 10))
        weight = np.maximum(problem.variance(mean), 1e-6)
        step = np.linalg.solve(problem.X.T * weight @ problem.X, problem.X.T @ (problem.y - mean))
        beta = beta + np.clip(step, -2, 2)
    return beta


def _optimum(problem: Problem) -> FloatArray:
    """Near the maximum, by a quasi-Newton search."""

    def negative(gamma: FloatArray) -> tuple[float, FloatArray]:
        value, gradient = likelihood(problem, gamma)
        return -value, -gradient

    start = np.append(_start(problem), 1.0)
    found = minimize(negative, start, jac=True, method="BFGS", options={"gtol": 1e-6})
    return np.asarray(found.x, dtype=float)


def _gradient(problem: Problem, gamma: FloatArray) -> FloatArray:
    return likelihood(problem, gamma)[1]


def _information(problem: Problem, gamma: FloatArray) -> FloatArray:
    """Minus the Hessian: central differences of the exact gradient."""
    moves = SECOND_STEP * np.eye(len(gamma))
    rows = [
        (_gradient(problem, gamma - m) - _gradient(problem, gamma + m)) / (2 * SECOND_STEP)
        for m in moves
    ]
    H = np.array(rows)
    return (H + H.T) / 2


def _polished(problem: Problem, gamma: FloatArray) -> tuple[FloatArray, FloatArray, float]:
    """Newton steps from near the optimum; the last step's gain says how near it is."""
    hessian, gap = np.eye(len(gamma)), np.inf
    for _ in range(POLISH_STEPS):
        hessian, gradient = _information(problem, gamma), _gradient(problem, gamma)
        if np.linalg.eigvalsh(hessian)[0] <= 0:
            break
        step = np.linalg.solve(hessian, gradient)
        gap = float(gradient @ step)
        if gap < NEGLIGIBLE:
            break
        gamma = gamma + step
    return gamma, hessian, gap


def _messages(gamma: FloatArray, hessian: FloatArray, gap: float) -> tuple[str, ...]:
    messages = []
    if np.linalg.eigvalsh(hessian)[0] <= 1e-9 * max(1.0, float(np.abs(hessian).max())):
        messages.append("the likelihood is flat in some direction: an effect may be infinite")
    elif gap > 1e-8:
        messages.append(f"the gradient did not vanish: g' H^-1 g = {gap:.1e}")
    if abs(gamma[-1]) < SMALL_SIGMA:
        messages.append(AT_ZERO)
    return tuple(messages)
