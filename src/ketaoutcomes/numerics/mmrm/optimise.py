"""Minimise the negative log-likelihood by Newton's method with exact derivatives."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ketaoutcomes.numerics.mmrm.likelihood import Evaluation
from ketaoutcomes.numerics.mmrm.model import (
    Model,
    RoughSlopes,
    Slopes,
    evaluate,
    gradient,
    rough_slopes,
    slopes,
)

FloatArray = NDArray[np.float64]

LARGEST_DECREMENT = 1e-10
"""Gain in log-likelihood that a Newton step may still promise at an optimum: theta is then within
1.4e-5 standard errors of it."""
LARGEST_LAST_STEP = 0.01
"""Where the likelihood rises towards infinity of a parameter it flattens, and promises little gain,
but the step stays of order one."""
FLAT = 1e-13
"""Eigenvalue of the Hessian, relative to its largest, that is rounding of zero."""
SMALLEST_CORRELATION_EIGENVALUE = 1e-8
WELL_AWAY = 1e-3
"""Smallest eigenvalue of the correlations of a covariance that is a good place to start from."""
MAXIMUM_ITERATIONS = 100
LONGEST_STEP = 1.0
ROUNDING = 1e-12
NO_GAIN = 1e-22
"""Gain that a step promises from which on there is nothing left: theta is then within 1.4e-11
standard errors of the optimum."""
LITTLE_GAIN = 1e-18
"""The same where the next step promises no less, because what is left is rounding."""
NEAR = 1e-5
"""Gain that a step promises from which on the next may use the same Hessian."""
STEADY = 2
"""Steps by a Hessian of before from which on each gains about the same share of the former."""
QUICKLY = 1e-2
"""Share of the former gain that it must be below, else the next step takes the exact Hessian."""


@dataclass(frozen=True)
class Convergence:
    """What the optimiser found, as data.

    Attributes
    ----------
    converged : bool
        Another Newton step would gain nothing and is short, the Hessian is positive definite and
        no covariance matrix is singular.
    decrement : float
        Gain in log-likelihood that another Newton step promises, g'H^-1 g / 2.
    gradient_norm : float
        Largest absolute derivative by theta, for y in units of its residual standard deviation.
    hessian_smallest_eigenvalue : float
    iterations : int
        Newton steps from the start that was kept.
    starts : int
        Starting values tried.
    messages : tuple of str
        Why it did not converge; empty if it did.
    """

    converged: bool
    decrement: float
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
    slopes: Slopes
    convergence: Convergence


def minimise(model: Model, first: FloatArray | None = None) -> Optimum | None:
    """The minimum of the negative log-likelihood; None where no start has a likelihood.

    Parameters
    ----------
    first : array, shape (n_theta,), optional
        Tried before the usual starts.
    """
    if first is None and (near := _by_moments(model)) is not None:
        found = _from_start(model, near, 1)
        if found is not None and found.convergence.converged:
            return found
    best: Optimum | None = None
    given = () if first is None else (first,)
    for tried, start in enumerate(chain(given, starts(model)), start=1):
        found = _from_start(model, start, tried)
        if found is None:
            continue
        if best is None or _better(found, best):
            best = found
        if best.convergence.converged:
            break
    return best


def _better(found: Optimum, best: Optimum) -> bool:
    """A converged point beats one that is not; else the higher likelihood counts."""
    if found.convergence.converged != best.convergence.converged:
        return found.convergence.converged
    return bool(found.at.value < best.at.value)


def starts(model: Model) -> Iterator[FloatArray]:
    """The pooled residual variance first, with some correlation; then with none, then far off."""
    statistics = model.statistics
    T, n = statistics.n_visits, model.n_per_group
    n_log_sd = model.structure.n_log_sd(T)
    log_sd = 0.5 * np.log(_residual_variances(model))
    scales = log_sd if n_log_sd == T else np.array([0.5 * np.log(np.exp(2 * log_sd).mean())])
    for correlation, shift in ((0.3, 0.0), (0.0, 0.0), (0.7, 0.5), (0.0, -0.5)):
        scale = model.structure.log_power * (scales + shift)
        correlations = model.structure.middling(statistics.coordinates, n - n_log_sd, correlation)
        one_group = np.concatenate([scale, correlations])
        yield np.tile(one_group, statistics.n_groups)


def _by_moments(model: Model) -> FloatArray | None:
    """Theta of the mean products of the residuals of an ordinary regression, near the optimum.

    It saves some steps; None where these products are no covariance that is well away from a
    singular one, or the structure cannot take any.
    """
    statistics, parameters_of = model.statistics, model.structure.parameters_of
    if parameters_of is None:
        return None
    seen = statistics.observed.astype(float)
    pairs = seen[:, :, None] * seen[:, None, :] * statistics.n_subjects[:, None, None]
    sums = np.zeros((statistics.n_groups, 2, *pairs.shape[1:]))
    np.add.at(sums, statistics.group, np.stack([_residual_sums(model), pairs], axis=1))
    lost = statistics.p / statistics.n_visits if model.reml else 0.0
    V = sums[:, 0] / np.maximum(sums[:, 1] - lost, 1.0)
    everywhere = np.ones((len(V), statistics.n_visits), dtype=bool)
    sound = np.diagonal(V, axis1=-2, axis2=-1) > 0
    if not sound.all() or smallest_correlation_eigenvalues(V, everywhere).min() < WELL_AWAY:
        return None
    return parameters_of(V).reshape(-1)


def _residual_sums(model: Model) -> FloatArray:
    """Sums of products of the residuals of an ordinary regression, shape (K, T, T)."""
    statistics, products = model.statistics, model.sample.products
    T = statistics.n_visits
    total = products.quadratic(np.broadcast_to(np.eye(T), (len(statistics.observed), T, T)))
    beta = np.linalg.lstsq(total[:-1, :-1], total[:-1, -1], rcond=None)[0]
    b = np.append(-beta, 1.0)
    return products.weighted(np.outer(b, b))


def _residual_variances(model: Model) -> FloatArray:
    """Residual variance of an ordinary regression at each visit, shape (n_visits,)."""
    statistics = model.statistics
    sums = np.einsum("ktt->t", _residual_sums(model))
    counts = np.maximum(statistics.n_subjects @ statistics.observed, 1)
    overall = max(float(sums.sum() / counts.sum()), np.finfo(float).tiny)
    return np.maximum(sums / counts, 1e-4 * overall)


def _from_start(model: Model, theta: FloatArray, tried: int) -> Optimum | None:
    """Newton steps until the gradient is rounding or no step lowers the value."""
    at = evaluate(model, theta)
    if at is None:
        return None
    rough = rough_slopes(model, theta, at)
    slope, axes, exact = rough.gradient, Axes.of(rough.hessian), False
    iterations, former, kept = 0, np.inf, 0
    while iterations < MAXIMUM_ITERATIONS:
        iterations += 1
        step = axes.newton_step(slope)
        gain = float(slope @ step)
        taken = _halved(model, theta, at, step, gain)
        if taken is None and exact:
            break
        theta, at = taken or (theta, at)
        if nothing_left(gain, former, kept):
            break
        # the exact Hessian takes the most time: it is for where a rough or a former one fails
        exact = taken is None or gain > QUICKLY * former
        kept, former = 0 if exact or gain > NEAR else kept + 1, gain
        if kept:
            slope = gradient(model, theta, at)
        else:
            here: RoughSlopes = (slopes if exact else rough_slopes)(model, theta, at)
            slope, axes = here.gradient, Axes.of(here.hessian)
    last = slopes(model, theta, at)
    return Optimum(theta, at, last, _convergence(model, theta, last, iterations, tried))


def nothing_left(gain: Any, former: Any, kept: Any) -> Any:
    """Whether another step would gain nothing, once one that promised this gain was taken.

    Parameters
    ----------
    gain, former : float or array
        Promised by the last step and by the one before.
    kept : int or array
        To how many steps the Hessian of the last one is from before.
    """
    expected = gain * np.where(kept >= STEADY, gain / former, 1.0)
    return ~(expected >= NO_GAIN) | ((gain < LITTLE_GAIN) & (gain > QUICKLY * former))


@dataclass(frozen=True)
class Axes:
    """Eigenvalues and eigenvectors of a Hessian.

    Attributes
    ----------
    values : array, shape (..., n_theta)
    vectors : array, shape (..., n_theta, n_theta)
        One a column.
    """

    values: FloatArray
    vectors: FloatArray

    @classmethod
    def of(cls, H: FloatArray) -> "Axes":
        """Of a Hessian, shape (..., n_theta, n_theta)."""
        return cls(*np.linalg.eigh(H))

    def only(self, chosen: NDArray[np.int64]) -> "Axes":
        """Of some of several Hessians."""
        return Axes(self.values[chosen], self.vectors[chosen])

    def with_only(self, chosen: NDArray[np.int64], other: "Axes") -> "Axes":
        """With some of several from elsewhere."""
        values, vectors = self.values.copy(), self.vectors.copy()
        values[chosen], vectors[chosen] = other.values, other.vectors
        return Axes(values, vectors)

    def newton_step(self, slope: FloatArray) -> FloatArray:
        """H^-1 slope with the eigenvalues of H made positive, so that it always leads downhill.

        Nocedal & Wright 2006, Numerical Optimization, section 3.4. A component longer than one, a
        factor of e in a standard deviation, shortens the whole step.

        Parameters
        ----------
        slope : array, shape (..., n_theta)
        """
        size = np.abs(self.values)
        size = np.maximum(size, 1e-8 * size.max(axis=-1, keepdims=True) + np.finfo(float).tiny)
        turned = (slope[..., None, :] @ self.vectors)[..., 0, :] / size
        step = (self.vectors @ turned[..., None])[..., 0]
        longest = np.abs(step).max(axis=-1, keepdims=True)
        return np.asarray(step * np.minimum(1.0, LONGEST_STEP / np.maximum(longest, LONGEST_STEP)))


def _halved(
    model: Model, theta: FloatArray, at: Evaluation, step: FloatArray, gain: float
) -> tuple[FloatArray, Evaluation] | None:
    """The longest of the step and its halves that lowers the value, up to rounding."""
    for halving in range(30):
        share = 0.5**halving
        there = evaluate(model, theta - share * step)
        enough = at.value - 1e-4 * share * gain + ROUNDING * (1 + abs(at.value))
        if there is not None and there.value <= enough:
            return theta - share * step, there
    return None


def _convergence(
    model: Model,
    theta: FloatArray,
    here: Slopes,
    iterations: int,
    starts_tried: int,
) -> Convergence:
    at = optimality(here.gradient, here.hessian)
    observed = model.statistics.observed
    singular = smallest_correlation_eigenvalues(model.covariances(theta), observed).min()
    messages = []
    if not singular > SMALLEST_CORRELATION_EIGENVALUE:
        messages.append(
            "a covariance matrix is singular "
            f"(smallest eigenvalue of its correlations {singular:.3g})"
        )
    if not at.curved:
        messages.append(
            "the likelihood is flat in some direction of the covariance parameters "
            f"(smallest eigenvalue of the Hessian {float(at.smallest):.3g})"
        )
    elif not at.reached:
        messages.append(
            f"the likelihood still rose after {iterations} steps "
            f"(another step promises {float(at.decrement):.2g})"
        )
    return Convergence(
        not messages,
        float(at.decrement),
        float(np.abs(here.gradient).max()),
        float(at.smallest),
        iterations,
        starts_tried,
        tuple(messages),
    )


@dataclass(frozen=True)
class Optimality:
    """How near a point is to a minimum, by Newton's method; arrays of shape (...).

    Attributes
    ----------
    smallest : array
        Smallest eigenvalue of the Hessian.
    curved : bool array
        The Hessian is positive definite beyond rounding.
    decrement : array
        g'H^-1 g / 2; infinite where the Hessian is not positive definite.
    reached : bool array
        The decrement is negligible and the step short.
    """

    smallest: FloatArray
    curved: NDArray[np.bool_]
    decrement: FloatArray
    reached: NDArray[np.bool_]


def optimality(slope: FloatArray, H: FloatArray) -> Optimality:
    """Whether Newton's method has anything left to do.

    Boyd & Vandenberghe 2004, Convex Optimization, section 9.5, on the decrement.

    Parameters
    ----------
    slope : array, shape (..., n_theta)
    H : array, shape (..., n_theta, n_theta)
    """
    values, vectors = np.linalg.eigh(np.where(np.isfinite(H), H, 0.0))
    smallest = values[..., 0]
    curved = smallest > FLAT * np.abs(values).max(axis=-1)
    safe = np.where(curved[..., None], values, 1.0)
    turned = np.einsum("...ai,...a->...i", vectors, slope)
    decrement = np.where(curved, 0.5 * (turned**2 / safe).sum(axis=-1), np.inf)
    step = np.einsum("...ai,...i->...a", vectors, turned / safe)
    reached = (decrement < LARGEST_DECREMENT) & (np.abs(step).max(axis=-1) < LARGEST_LAST_STEP)
    return Optimality(smallest, curved, decrement, curved & reached)


def smallest_correlation_eigenvalues(V: FloatArray, observed: NDArray[np.bool_]) -> FloatArray:
    """Of the covariances of the observed visits of each pattern, shape (..., K).

    Parameters
    ----------
    V : array, shape (..., K, n_visits, n_visits)
    observed : bool array, shape (..., K, n_visits)
    """
    both = observed[..., :, None] & observed[..., None, :]
    padded = np.where(both, V, np.eye(V.shape[-1]))
    sd = np.sqrt(np.diagonal(padded, axis1=-2, axis2=-1))
    correlations = padded / (sd[..., :, None] * sd[..., None, :])
    return np.asarray(np.linalg.eigvalsh(correlations)[..., 0])
