"""Likelihood of an accelerated failure time model under any censoring, with its derivatives."""

from dataclasses import dataclass, replace

import numpy as np

from ketaoutcomes.numerics.survival.aft_distributions import ErrorLaw, Family
from ketaoutcomes.numerics.survival.counting import BoolArray, FloatArray, IntArray


@dataclass(frozen=True)
class AftModel:
    """Outcomes known exactly or within limits.

    Attributes
    ----------
    low, high : array, shape (n,)
        Limits of the time or of its logarithm; equal for an event, infinite where there is
        none.
    X : array, shape (n, p)
    scale_group : array, shape (n,)
        Which scale a row has.
    jacobian : float
        Sum of the log times of the events, which brings the likelihood to the scale of time.
    """

    family: Family
    low: FloatArray
    high: FloatArray
    X: FloatArray
    scale_group: IntArray
    jacobian: float

    @property
    def exact(self) -> BoolArray:
        """Rows with an event at a known time."""
        return self.low == self.high

    @property
    def n_scales(self) -> int:
        """Scales to be estimated."""
        return 0 if self.family.fixed_scale is not None else int(self.scale_group.max()) + 1


@dataclass(frozen=True)
class AftEvaluation:
    """Log likelihood, the score of each row (n, q) and the observed information (q, q)."""

    log_likelihood: float
    scores: FloatArray
    information: FloatArray


@dataclass(frozen=True)
class _Derivatives:
    """Log likelihood of each row and its derivatives in the standardised limits."""

    value: FloatArray
    first: FloatArray
    second: FloatArray
    first_low: FloatArray
    second_low: FloatArray
    mixed: FloatArray


def evaluate_aft(model: AftModel, theta: FloatArray) -> AftEvaluation:
    """Evaluate at theta, the coefficients followed by the logs of the scales.

    Where a scale vanishes the likelihood is minus infinity: no step may end there.
    """
    with np.errstate(all="ignore"):
        at = _evaluate(model, theta)
    if np.isfinite(at.log_likelihood) and np.isfinite(at.information).all():
        return at
    return replace(at, log_likelihood=-np.inf)


def _evaluate(model: AftModel, theta: FloatArray) -> AftEvaluation:
    p, k = model.X.shape[1], model.n_scales
    sigma = _scales(model, theta[p:])
    centre = model.X @ theta[:p]
    high, low = (model.high - centre) / sigma, (model.low - centre) / sigma
    d = _by_row(model.family.law, low, high, model.exact)
    value = d.value - np.where(model.exact, np.log(sigma), 0.0)
    member = np.zeros((sigma.size, k))
    if k:
        member[np.arange(sigma.size), model.scale_group] = 1.0
    # each standardised limit z moves by -x / sigma with beta and by -z with log sigma
    scores = np.zeros((sigma.size, p + k))
    information = np.zeros((p + k, p + k))
    jacobians = []
    for z, first in ((high, d.first), (low, d.first_low)):
        known = np.where(np.isfinite(z), z, 0.0)
        J = -np.concatenate([model.X / sigma[:, None], member * known[:, None]], axis=1)
        jacobians.append(J)
        scores += first[:, None] * J
        # second derivatives of z: x / sigma in (beta, log sigma), z in (log sigma, log sigma)
        cross = (first / sigma)[:, None] * model.X
        information[:p, p:] -= cross.T @ member
        information[p:, p:] -= np.diag((first * known) @ member)
    scores[:, p:] -= np.where(model.exact, 1.0, 0.0)[:, None] * member
    information[p:, :p] = information[:p, p:].T
    upper, lower = jacobians
    information -= upper.T @ (d.second[:, None] * upper) + lower.T @ (d.second_low[:, None] * lower)
    mixed = upper.T @ (d.mixed[:, None] * lower)
    information -= mixed + mixed.T
    return AftEvaluation(float(value.sum()) - model.jacobian, scores, information)


def _scales(model: AftModel, log_scales: FloatArray) -> FloatArray:
    if model.family.fixed_scale is not None:
        return np.full(model.low.shape, model.family.fixed_scale)
    scales: FloatArray = np.exp(log_scales)[model.scale_group]
    return scales


def _by_row(law: ErrorLaw, low: FloatArray, high: FloatArray, exact: BoolArray) -> _Derivatives:
    """Events by the density; the others by the probability between their limits."""
    zeros = np.zeros(low.shape)
    value, first, second = zeros.copy(), zeros.copy(), zeros.copy()
    first_low, second_low, mixed = zeros.copy(), zeros.copy(), zeros.copy()
    value[exact] = law.log_density(high[exact])
    first[exact], second[exact] = law.slope(high[exact]), law.curvature(high[exact])
    rest = ~exact
    a, b = low[rest], high[rest]
    value[rest] = log_probability = _log_between(law, a, b)
    f_a, slope_a = _relative_density(law, a, log_probability)
    f_b, slope_b = _relative_density(law, b, log_probability)
    first[rest], second[rest] = f_b, slope_b * f_b - f_b**2
    first_low[rest], second_low[rest] = -f_a, -slope_a * f_a - f_a**2
    mixed[rest] = f_a * f_b
    return _Derivatives(value, first, second, first_low, second_low, mixed)


def _relative_density(
    law: ErrorLaw, z: FloatArray, log_probability: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Density over the probability of the row, and the slope of the log density; 0 at infinity."""
    finite = np.isfinite(z)
    known = np.where(finite, z, 0.0)
    density = np.where(finite, np.exp(law.log_density(known) - log_probability), 0.0)
    return density, np.where(finite, law.slope(known), 0.0)


def _log_between(law: ErrorLaw, a: FloatArray, b: FloatArray) -> FloatArray:
    """Log of the probability between two limits, from the tail in which they lie."""
    result = np.empty(a.shape)
    right, left = np.isposinf(b), np.isneginf(a)
    result[right] = law.log_survival(a[right])
    result[left] = law.log_cumulative(b[left])
    both = ~right & ~left
    x, y = a[both], b[both]
    upper = law.log_survival(x), law.log_survival(y)
    lower = law.log_cumulative(y), law.log_cumulative(x)
    in_right = upper[0] < lower[0]
    greater, lesser = np.where(in_right, upper, lower)
    result[both] = greater + np.log(-np.expm1(np.minimum(lesser - greater, -1e-300)))
    return result
