"""Minimise the negative log-likelihood: quasi-Newton from several starts, then Newton to the end."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from ketaoutcomes.numerics.mmrm.likelihood import Evaluation, Model, evaluate, gradient, hessian

FloatArray = NDArray[np.float64]

GRADIENT_TOLERANCE = 1e-6
NEWTON_STEPS = 12
LARGE = 1e10


@dataclass(frozen=True)
class Convergence:
    """What the optimiser found, as data.

    Attributes
    ----------
    converged : bool
        The gradient vanishes and the Hessian is positive definite.
    gradient_norm : float
        Largest absolute derivative by theta.
    hessian_smallest_eigenvalue : float
    iterations, starts : int
    messages : tuple of str
        Why it did not converge; empty if it did.
    """

    converged: bool
    gradient_norm: float
    hessian_smallest_eigenvalue: float
    iterations: int
    starts: int
    messages: tuple[str, ...]


@dataclass(frozen=True)
class Optimum:
    """The best point found."""

    theta: FloatArray
    at: Evaluation
    hessian: FloatArray
    convergence: Convergence


def minimise(model: Model) -> Optimum | None:
    """The minimum of the negative log-likelihood; None where no start has a likelihood."""
    best: Optimum | None = None
    for tried, start in enumerate(_starts(model), start=1):
        found = _from_start(model, start, tried)
        if found is None:
            continue
        if best is None or found.at.value < best.at.value:
            best = found
        if best.convergence.converged:
            break
    return best


def _starts(model: Model) -> Iterator[FloatArray]:
    """The pooled residual variance first, with no correlation; then with some, then far off."""
    statistics = model.statistics
    T, n = statistics.n_visits, model.n_per_group
    n_log_sd = model.structure.n_log_sd(T)
    log_sd = 0.5 * np.log(_residual_variances(model))
    scales = log_sd if n_log_sd == T else np.array([0.5 * np.log(np.exp(2 * log_sd).mean())])
    for correlation, shift in ((0.0, 0.0), (0.5, 0.0), (0.2, 0.5), (0.0, -0.5)):
        one_group = np.concatenate([model.structure.log_power * (scales + shift), np.full(n - n_log_sd, correlation)])
        yield np.tile(one_group, statistics.n_groups)


def _residual_variances(model: Model) -> FloatArray:
    """Residual variance of an ordinary regression at each visit, shape (n_visits,)."""
    statistics = model.statistics
    diagonal = np.einsum("kttij->tij", statistics.S)
    total = diagonal.sum(axis=0)
    beta = np.linalg.lstsq(total[:-1, :-1], total[:-1, -1], rcond=None)[0]
    b = np.append(-beta, 1.0)
    sums = np.einsum("i,tij,j->t", b, diagonal, b)
    counts = np.maximum(statistics.n_subjects @ statistics.observed, 1)
    overall = max(float(sums.sum() / counts.sum()), np.finfo(float).tiny)
    return np.maximum(sums / counts, 1e-4 * overall)


def _from_start(model: Model, start: FloatArray, tried: int) -> Optimum | None:
    """Quasi-Newton until it is near, Newton until the gradient vanishes."""

    def value_and_gradient(theta: FloatArray) -> tuple[float, FloatArray]:
        at = evaluate(model, theta)
        if at is None or not np.isfinite(at.value):
            return LARGE, np.zeros_like(theta)
        return at.value, gradient(model, theta, at)

    rough = minimize(
        value_and_gradient, start, jac=True, method="BFGS", options={"gtol": 1e-2, "maxiter": 500}
    )
    theta, at = rough.x, evaluate(model, rough.x)
    if at is None:
        return None
    theta, at, H, steps = _newton(model, theta, at)
    slope = gradient(model, theta, at)
    convergence = _convergence(H, slope, int(rough.nit) + steps, tried)
    return Optimum(theta, at, H, convergence)


def _newton(
    model: Model, theta: FloatArray, at: Evaluation
) -> tuple[FloatArray, Evaluation, FloatArray, int]:
    """Newton steps, halved while they do not improve, until the steps are rounding."""
    H = hessian(model, theta, at)
    for step_number in range(NEWTON_STEPS):
        slope = gradient(model, theta, at)
        if not np.isfinite(H).all() or np.linalg.eigvalsh(H)[0] <= 0:
            return theta, at, H, step_number
        step = np.asarray(np.linalg.solve(H, slope), dtype=float)
        if slope @ step < 1e-18:
            return theta, at, H, step_number
        taken = _halved(model, theta, at, step)
        if taken is None:
            return theta, at, H, step_number
        theta, at = taken
        if slope @ step > 1e-10:
            H = hessian(model, theta, at)
    return theta, at, H, NEWTON_STEPS


def _halved(
    model: Model, theta: FloatArray, at: Evaluation, step: FloatArray
) -> tuple[FloatArray, Evaluation] | None:
    """The longest of the step and its halves that does not raise the value by more than rounding."""
    for halving in range(20):
        moved = theta - step * 0.5**halving
        there = evaluate(model, moved)
        if there is not None and there.value <= at.value + 1e-12 * abs(at.value):
            return moved, there
    return None


def _convergence(H: FloatArray, slope: FloatArray, iterations: int, starts: int) -> Convergence:
    smallest = float(np.linalg.eigvalsh(H)[0]) if np.isfinite(H).all() else float("nan")
    norm = float(np.abs(slope).max())
    messages = []
    if not norm < GRADIENT_TOLERANCE * max(1.0, float(np.abs(H).max())):
        messages.append(f"the gradient does not vanish (largest derivative {norm:.3g})")
    if not smallest > 0:
        messages.append(
            f"the Hessian is not positive definite (smallest eigenvalue {smallest:.3g})"
        )
    return Convergence(not messages, norm, smallest, iterations, starts, tuple(messages))
