"""Proportional hazards with a penalty on the coefficients, as for ridge regression and frailties.

Gray 1992, J Am Stat Assoc 87:942-951; Therneau, Grambsch & Pankratz 2003, J Comput Graph Stat
12:156-175.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ketaoutcomes.numerics.survival.counting import FloatArray
from ketaoutcomes.numerics.survival.cox_likelihood import Evaluation, evaluate
from ketaoutcomes.numerics.survival.cox_risk_sets import CoxModel

_MAX_ITERATIONS = 100
_SMALL_STEP = 1e-10


@dataclass(frozen=True)
class PenaltyValue:
    """A penalty at one value of beta, with its gradient and the diagonal of its Hessian."""

    value: float
    gradient: FloatArray
    curvature: FloatArray


Penalty = Callable[[FloatArray], PenaltyValue]


@dataclass(frozen=True)
class PenalisedFit:
    """The maximum of the log partial likelihood less the penalty.

    Attributes
    ----------
    beta : array, shape (p,)
    covariance : array, shape (p, p)
        Inverse of the penalised information, as if the penalty were a prior.
    sampling_covariance : array, shape (p, p)
        That of the estimator with the penalty fixed; smaller, as the estimate is biased.
    log_likelihood : float
        Without the penalty.
    penalty : float
    degrees_of_freedom : array, shape (p,)
        Effective, by coefficient: diagonal of the covariance times the information.
    """

    beta: FloatArray
    covariance: FloatArray
    sampling_covariance: FloatArray
    log_likelihood_null: float
    log_likelihood: float
    penalty: float
    degrees_of_freedom: FloatArray
    converged: bool


def ridge(theta: float, weight: FloatArray) -> Penalty:
    """Penalise by theta / 2 times the weighted sum of squares; weight 0 sets a coefficient free."""

    def value(beta: FloatArray) -> PenaltyValue:
        return PenaltyValue(
            float(theta / 2 * (weight @ beta**2)), theta * weight * beta, theta * weight
        )

    return value


def fit_penalised(
    model: CoxModel, penalty: Penalty, start: FloatArray | None = None
) -> PenalisedFit:
    """Maximise by Newton's method with halving."""
    beta = np.zeros(model.X.shape[1]) if start is None else start
    null = evaluate(model, np.zeros(beta.size)).log_likelihood
    at, cost = evaluate(model, beta), penalty(beta)
    size, iterations = np.inf, 0
    while size > _SMALL_STEP and iterations < _MAX_ITERATIONS:
        H = at.information + np.diag(cost.curvature)
        step: FloatArray = np.linalg.lstsq(H, at.score - cost.gradient, rcond=None)[0].astype(
            np.float64
        )
        size = float((np.abs(step) * np.sqrt(np.maximum(np.diag(H), 0))).max())
        before = beta
        beta, at, cost = _climb(model, penalty, beta, step)
        iterations += 1
        if (beta == before).all():
            break
    H = at.information + np.diag(cost.curvature)
    covariance: FloatArray = np.linalg.pinv(H, hermitian=True).astype(np.float64)
    information = covariance @ at.information
    return PenalisedFit(
        beta,
        covariance,
        information @ covariance,
        null,
        at.log_likelihood,
        cost.value,
        np.diag(information),
        size <= _SMALL_STEP and bool(np.linalg.eigvalsh(H).min() > 0),
    )


def _climb(
    model: CoxModel, penalty: Penalty, beta: FloatArray, step: FloatArray
) -> tuple[FloatArray, Evaluation, PenaltyValue]:
    """Halve the step until the penalised likelihood does not fall."""
    here = evaluate(model, beta).log_likelihood - penalty(beta).value
    for halving in range(30):
        trial = beta + step / 2**halving
        at, cost = evaluate(model, trial), penalty(trial)
        if at.log_likelihood - cost.value >= here - 1e-10 * abs(here):
            return trial, at, cost
    return beta, evaluate(model, beta), penalty(beta)
