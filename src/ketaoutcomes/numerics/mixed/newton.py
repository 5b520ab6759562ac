"""Newton's method for a smooth function of few parameters, with honest convergence."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
Derivatives = tuple[float, FloatArray, FloatArray]

MAX_STEP = 1.0
"""Longest step; the callers scale their parameters to be of order one."""

SMALLEST_DECREMENT = 1e-17
"""g' H^-1 g at which the distance to the optimum is under 1e-8 standard errors."""


@dataclass(frozen=True)
class Minimum:
    """Where the search ended.

    Attributes
    ----------
    x, gradient : array, shape (k,)
    hessian : array, shape (k, k)
    converged : bool
        The gradient is negligible and the Hessian is positive definite.
    message : str
        Empty, or why the point is not a minimum.
    """

    x: FloatArray
    value: float
    gradient: FloatArray
    hessian: FloatArray
    converged: bool
    message: str


def minimise(
    objective: Callable[[FloatArray], Derivatives], start: FloatArray, max_iterations: int = 100
) -> Minimum:
    """Minimise a function given with its gradient and Hessian.

    Negative curvature is followed downhill with its sign turned (Nocedal & Wright 2006, Numerical
    Optimization, section 3.4), and a step that does not descend is halved.

    Parameters
    ----------
    objective : callable
        Value, gradient and Hessian at a point.
    start : array, shape (k,)
    """
    x = start
    value, gradient, hessian = objective(x)
    for _ in range(max_iterations):
        step = _step(gradient, hessian)
        if abs(float(gradient @ step)) < SMALLEST_DECREMENT:
            break
        moved = _halve_until_lower(objective, x, value, step)
        if moved is None:
            break
        x, (value, gradient, hessian) = moved
    message = _complaint(gradient, hessian)
    return Minimum(x, value, gradient, hessian, not message, message)


def _step(gradient: FloatArray, hessian: FloatArray) -> FloatArray:
    eigenvalues, vectors = np.linalg.eigh(hessian)
    curvature = np.maximum(np.abs(eigenvalues), 1e-10 * np.abs(eigenvalues).max() + 1e-300)
    step = -vectors @ ((vectors.T @ gradient) / curvature)
    return np.asarray(step * min(1.0, MAX_STEP / float(np.linalg.norm(step) + 1e-300)))


def _halve_until_lower(
    objective: Callable[[FloatArray], Derivatives], x: FloatArray, value: float, step: FloatArray
) -> tuple[FloatArray, Derivatives] | None:
    rounding = 1e-13 * (1 + abs(value))
    for halvings in range(40):
        candidate = x + step * 0.5**halvings
        found = objective(candidate)
        if np.isfinite(found[0]) and found[0] <= value + rounding:
            return candidate, found
    return None


def _complaint(gradient: FloatArray, hessian: FloatArray) -> str:
    eigenvalues = np.linalg.eigvalsh(hessian)
    if eigenvalues[0] <= 1e-9 * max(float(eigenvalues[-1]), 1.0):
        return "the likelihood is flat in some direction: the Hessian is not positive definite"
    decrement = float(gradient @ np.linalg.solve(hessian, gradient))
    if decrement > 1e-10:
        return f"the gradient did not vanish: g' H^-1 g = {decrement:.1e}"
    return ""
