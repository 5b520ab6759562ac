"""Least squares of simulated against published results, with weak priors."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import count

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import least_squares

from ketaoutcomes.cohorts.calibration.problem import Problem
from ketaoutcomes.cohorts.calibration.transforms import to_free
from ketaoutcomes.progress import Share

FloatArray = NDArray[np.float64]

STEP = 0.08
"""Absolute step of the derivatives on the transformed scale: rates and rounded scores are steps in
the parameters, and a step in proportion to a parameter at 0 would be none."""

SMALL_CHANGE = 1e-4
"""Relative change of cost or parameters at which a fit has converged."""

ROBUST_AT = 3.0
"""Residuals beyond so many standard errors count by their size and not by its square."""


@dataclass(frozen=True)
class Solution:
    """Where a fit ended.

    Attributes
    ----------
    free : array
        Parameters on the transformed scale.
    covariance : array
        Inverse of J'J with the priors: as certain as targets and priors make it.
    effective_parameters : float
        Trace of the hat matrix: how many parameters the targets, and not the priors, decide.
    cost : float
    """

    free: FloatArray
    covariance: FloatArray
    effective_parameters: float
    cost: float
    evaluations: int
    converged: bool


def fit(
    problem: Problem, start: FloatArray | None, evaluations: int, tell: Callable[[str], None]
) -> Solution:
    """Fit the free parameters of a problem.

    Parameters
    ----------
    start : array, optional
        Default: the centres of the priors.
    evaluations : int
        The most Jacobians that may be taken.
    """
    centre = problem.start()
    spread = np.array([p.spec.prior_sd for p in problem.parameters])
    low, high = _bounds(problem)

    def function(free: FloatArray) -> FloatArray:
        data = _softened(_residuals(problem, free))
        return np.concatenate([data, (free - centre) / spread])

    steps = count()

    def jacobian(free: FloatArray) -> FloatArray:
        cost = 0.5 * float(np.sum(function(free) ** 2))
        tell(Share(f"cost {cost:9.2f}", next(steps), evaluations))
        return np.concatenate([_slopes(problem, free, high), np.diag(1 / spread)])

    first = np.clip(centre if start is None else start, low + 1e-9, high - 1e-9)
    found = least_squares(
        function,
        first,
        jac=jacobian,
        bounds=(low, high),
        max_nfev=evaluations,
        xtol=1e-4,
        ftol=1e-4,
    )
    whole: FloatArray = np.asarray(found.jac, dtype=float)
    slopes = whole[: -spread.size]
    information = whole.T @ whole
    covariance = np.asarray(np.linalg.inv(information), dtype=np.float64)
    effective = float(np.trace(slopes @ covariance @ slopes.T))
    return Solution(
        free=found.x,
        covariance=covariance,
        effective_parameters=effective,
        cost=float(found.cost),
        evaluations=int(found.nfev),
        converged=bool(found.status > 0),
    )


def _bounds(problem: Problem) -> tuple[FloatArray, FloatArray]:
    specs = [p.spec for p in problem.parameters]
    low = np.array([to_free(spec, spec.low) for spec in specs])
    return low, np.array([to_free(spec, spec.high) for spec in specs])


def _residuals(problem: Problem, free: FloatArray) -> FloatArray:
    return np.concatenate(
        [problem.residuals(trial, problem.values(free, trial)) for trial in problem.trials]
    )


def _softened(residuals: FloatArray) -> FloatArray:
    """Residuals whose square is the soft L1 loss."""
    z = residuals / ROBUST_AT
    return np.asarray(ROBUST_AT * np.sign(z) * np.sqrt(2 * (np.sqrt(1 + z**2) - 1)))


def _slopes(problem: Problem, free: FloatArray, high: FloatArray) -> FloatArray:
    """Forward differences of the softened residuals; a trial's parameter moves that trial alone."""
    base = {
        trial: problem.residuals(trial, problem.values(free, trial)) for trial in problem.trials
    }
    sizes = [base[trial].size for trial in problem.trials]
    starts = dict(zip(problem.trials, np.concatenate([[0], np.cumsum(sizes)[:-1]]), strict=True))
    slopes = np.zeros((sum(sizes), free.size))
    for column, parameter in enumerate(problem.parameters):
        step = STEP if free[column] + STEP <= high[column] else -STEP
        moved = free.copy()
        moved[column] += step
        for trial in problem.moved_by(parameter):
            after = problem.residuals(trial, problem.values(moved, trial))
            rows = slice(starts[trial], starts[trial] + after.size)
            slopes[rows, column] = (_softened(after) - _softened(base[trial])) / step
    return slopes
