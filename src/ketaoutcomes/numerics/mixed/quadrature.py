"""Likelihood of a logistic or Poisson model with a normal random intercept for each subject.

The intercept is integrated out by adaptive Gauss-Hermite quadrature, centred at each subject's mode
and scaled by the curvature there: Pinheiro & Bates 1995, J Comput Graph Stat 4:12-35, section 2.4;
one node is Laplace's approximation. The derivatives are those of this very sum, its nodes moving
with the parameters.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.polynomial.hermite import hermgauss
from numpy.typing import NDArray
from scipy.special import expit, gammaln

FloatArray = NDArray[np.float64]
Family = Literal["binomial", "poisson"]

MODE_STEPS = 50
SAME_MODE = 1e-14


@dataclass(frozen=True)
class Problem:
    """Rows sorted by subject, with the nodes of the quadrature.

    Attributes
    ----------
    starts : int array, shape (subjects,)
        First row of each subject.
    subject : int array, shape (n,)
        Code of each row's subject.
    nodes, log_weights : array, shape (nodes,)
    constant : float
        What the density of y has beside its exponential family.
    """

    family: Family
    y: FloatArray
    X: FloatArray
    starts: NDArray[np.int64]
    subject: NDArray[np.int64]
    nodes: FloatArray
    log_weights: FloatArray
    constant: float

    def mean(self, eta: FloatArray) -> FloatArray:
        """Mean of y by the linear predictor."""
        return expit(eta) if self.family == "binomial" else np.exp(eta)

    def variance(self, mean: FloatArray) -> FloatArray:
        """Variance of y by its mean."""
        return mean * (1 - mean) if self.family == "binomial" else mean

    def variance_slope(self, mean: FloatArray) -> FloatArray:
        """Derivative of the variance by the linear predictor."""
        return mean * (1 - mean) * (1 - 2 * mean) if self.family == "binomial" else mean

    def cumulant(self, eta: FloatArray) -> FloatArray:
        """The log-density of y is y eta less this and a constant."""
        return np.logaddexp(0, eta) if self.family == "binomial" else np.exp(eta)

    def by_subject(self, rows: FloatArray) -> FloatArray:
        """Sums over the rows of each subject."""
        return np.add.reduceat(rows, self.starts, axis=0)


def sorted_problem(
    y: FloatArray, X: FloatArray, subject: NDArray[np.int64], family: Family, n_nodes: int
) -> Problem:
    """Lay the rows out by subject."""
    order = np.argsort(subject, kind="stable")
    codes = np.unique(subject[order], return_inverse=True)[1]
    nodes, weights = hermgauss(n_nodes)
    return Problem(
        family=family,
        y=y[order],
        X=X[order],
        starts=np.flatnonzero(np.diff(codes, prepend=-1)),
        subject=codes,
        nodes=nodes,
        log_weights=np.log(weights) + nodes**2,
        constant=0.0 if family == "binomial" else float(gammaln(y + 1).sum()),
    )


@dataclass(frozen=True)
class Modes:
    """Each subject's integrand in standard units: where it is greatest, and how bent there.

    Attributes
    ----------
    u, bend : array, shape (subjects,)
        Mode, and minus the second derivative of the logarithm there.
    residual, mean, variance : array, shape (n,)
        Of each row, at the mode of its subject.
    """

    u: FloatArray
    bend: FloatArray
    residual: FloatArray
    mean: FloatArray
    variance: FloatArray


def modes(problem: Problem, fixed: FloatArray, sigma: float) -> Modes:
    """Newton's method, all subjects at once."""
    u = np.zeros(len(problem.starts))
    for _ in range(MODE_STEPS):
        mean = problem.mean(fixed + sigma * u[problem.subject])
        slope = sigma * problem.by_subject(problem.y - mean) - u
        step = slope / (1 + sigma**2 * problem.by_subject(problem.variance(mean)))
        # a step is never longer than one standard deviation of the intercepts
        step = step / np.maximum(1, np.abs(step))
        u = u + step
        if np.abs(step).max() < SAME_MODE:
            break
    mean = problem.mean(fixed + sigma * u[problem.subject])
    variance = problem.variance(mean)
    bend = 1 + sigma**2 * problem.by_subject(variance)
    return Modes(u, bend, problem.y - mean, mean, variance)


def likelihood(problem: Problem, gamma: FloatArray) -> tuple[float, FloatArray]:
    """Log-likelihood at (beta, sigma) and its gradient, nodes moving with the parameters."""
    fixed, sigma = problem.X @ gamma[:-1], float(gamma[-1])
    mode = modes(problem, fixed, sigma)
    spread = np.sqrt(2 / mode.bend)
    at = mode.u[:, None] + spread[:, None] * problem.nodes
    at_row = at[problem.subject]
    eta = fixed[:, None] + sigma * at_row
    rows = problem.y[:, None] * eta - problem.cumulant(eta)
    terms = problem.by_subject(rows) - at**2 / 2 + problem.log_weights
    greatest = terms.max(axis=1, keepdims=True)
    shares = np.exp(terms - greatest)
    total = shares.sum(axis=1, keepdims=True)
    shares = shares / total
    value = (np.log(total) + greatest)[:, 0] + np.log(spread) - np.log(2 * np.pi) / 2
    # direct derivatives: weighted means over the nodes
    residual = problem.y[:, None] - problem.mean(eta)
    weighted = residual * shares[problem.subject]
    direct = np.append(weighted.sum(axis=1) @ problem.X, (weighted * at_row).sum())
    # through the nodes: the mode and the spread move
    pull = shares * (sigma * problem.by_subject(residual) - at)
    by_mode = pull.sum(axis=1)
    by_spread = (pull * problem.nodes).sum(axis=1) + 1 / spread
    moved = _movement(problem, mode, sigma)
    moving = by_mode @ moved.mode + (by_spread * -spread / (2 * mode.bend)) @ moved.bend
    return float(value.sum()) - problem.constant, direct + moving


@dataclass(frozen=True)
class _Movement:
    """Derivatives of mode and bend by (beta, sigma), shape (subjects, p + 1)."""

    mode: FloatArray
    bend: FloatArray


def _movement(problem: Problem, mode: Modes, sigma: float) -> _Movement:
    """By the implicit function theorem: the slope of the integrand stays zero at its mode."""
    u_row = mode.u[problem.subject]
    columns = np.column_stack([problem.X, u_row])
    first = problem.by_subject(mode.variance[:, None] * columns)
    slope = -sigma * first
    slope[:, -1] += problem.by_subject(mode.residual)
    moved = slope / mode.bend[:, None]
    third = problem.variance_slope(mode.mean)
    bent = sigma**2 * problem.by_subject(third[:, None] * columns)
    bent += sigma**3 * problem.by_subject(third)[:, None] * moved
    bent[:, -1] += 2 * (mode.bend - 1) / sigma if sigma else 0.0
    return _Movement(moved, bent)
