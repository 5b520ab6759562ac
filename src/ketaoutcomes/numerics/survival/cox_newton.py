"""Newton's method for the partial likelihood, with a watch on estimates that run away."""

from dataclasses import dataclass

import numpy as np

from ketaoutcomes.numerics.survival.counting import FloatArray
from ketaoutcomes.numerics.survival.cox_likelihood import Evaluation, evaluate
from ketaoutcomes.numerics.survival.cox_risk_sets import CoxModel

_MAX_ITERATIONS = 50
_SMALL_STEP = 1e-9
_DIVERGING_STEP = 0.05
_NEXT_TO_NOTHING = 1e-8
_MOST_LOG_LIKELIHOOD = 1e4
"""A gain is compared with no more than this: a step of some standard errors gains the same in data
of any size, and 1e-8 of the log-likelihood of a million events is as much as such a step gains.
"""


@dataclass(frozen=True)
class Convergence:
    """How the maximisation ended.

    Attributes
    ----------
    converged : bool
        The last Newton step was below 1e-9 standard errors in every coefficient.
    largest_step : float
        Largest last step, in standard errors.
    monotone : tuple of int
        Coefficients that ran away: the likelihood rises for ever along them, and the estimate is
        infinite (Bryson & Johnson 1981, Technometrics 23:381-383).
    aliased : tuple of int
        Coefficients the others determine; not estimated.
    """

    converged: bool
    iterations: int
    largest_step: float
    monotone: tuple[int, ...] = ()
    aliased: tuple[int, ...] = ()
    message: str = ""


def maximise(
    model: CoxModel, at_zero: Evaluation | None = None
) -> tuple[FloatArray, Evaluation, Convergence]:
    """Newton's method with halving; a long step that gains next to nothing runs away.

    Parameters
    ----------
    at_zero : Evaluation, optional
        The likelihood without effects, if it is known already.
    """
    beta = np.zeros(model.X.shape[1])
    at = at_zero or evaluate(model, beta)
    size, iterations = np.full(beta.shape, np.inf), 0
    scale = np.sqrt(np.diag(at.information))
    while iterations < _MAX_ITERATIONS:
        step = _newton_step(at)
        size = np.abs(step) * np.sqrt(np.maximum(np.diag(at.information), 0))
        if size.max() < _SMALL_STEP and (np.abs(step) * scale).max() < _DIVERGING_STEP:
            return beta, at, Convergence(True, iterations, float(size.max()))
        if _runs_away(step * scale, at, iterations):
            break
        beta, at = _climb(model, beta, at, step)
        iterations += 1
    gone = tuple(int(k) for k in np.flatnonzero(np.abs(step) * scale > _DIVERGING_STEP))
    message = "monotone likelihood: the estimate is infinite" if gone else "too many iterations"
    return beta, at, Convergence(False, iterations, float(size.max()), gone, (), message)


def _newton_step(at: Evaluation) -> FloatArray:
    step: FloatArray = np.linalg.lstsq(at.information, at.score, rcond=None)[0].astype(np.float64)
    return step


def _runs_away(step: FloatArray, at: Evaluation, iterations: int) -> bool:
    """Whether a long step promises next to no gain in likelihood."""
    gain = abs(float(at.score @ _newton_step(at)))
    flat = gain < _NEXT_TO_NOTHING * (min(abs(at.log_likelihood), _MOST_LOG_LIKELIHOOD) + 1)
    return iterations > 0 and flat and bool(np.abs(step).max() > _DIVERGING_STEP)


def _climb(
    model: CoxModel, beta: FloatArray, at: Evaluation, step: FloatArray
) -> tuple[FloatArray, Evaluation]:
    """Halve the step until the likelihood does not fall and its slopes are numbers.

    Where an estimate runs away, the hazards of a risk set may all be too small for a number.
    """
    for halving in range(20):
        trial = beta + step / 2**halving
        with np.errstate(all="ignore"):
            there = evaluate(model, trial)
        if not np.isfinite(there.information).all():
            continue
        if there.log_likelihood >= at.log_likelihood - 1e-10 * abs(at.log_likelihood):
            return trial, there
    return beta, at
