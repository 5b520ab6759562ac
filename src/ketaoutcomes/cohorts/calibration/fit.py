"""Least squares of simulated against published results, with weak priors."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import OptimizeResult, least_squares

from ketaoutcomes.cohorts.calibration.problem import Problem
from ketaoutcomes.cohorts.calibration.transforms import to_free
from ketaoutcomes.progress import Share

FloatArray = NDArray[np.float64]

STEP = 0.08
"""Absolute step of the derivatives on the transformed scale: rates and rounded scores are steps in
the parameters, and a step in proportion to a parameter at 0 would be none."""

SMALL_CHANGE = 1e-4
"""Relative change of cost or parameters at which the steps of a round end."""

SMALL_GAIN = 0.5
"""A round that lowers the cost by less ends the fit: half a square is one standard error of one
result."""

SMALL_STEP = STEP / 4
"""Shorter steps of a result's own parameters say more of its rounding than of its slopes."""

LATEST_POINTS = 4
"""Points whose residuals are kept: cost, slopes and the next round ask for the same ones."""

MOST_ROUNDS = 4
"""Slopes are taken by differences anew so often; in between they are kept and improved."""

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
    evaluations : int
        How often all trials were simulated, apart from slopes by differences.
    slopes : array
        Slopes of the softened residuals, as the last round left them.
    """

    free: FloatArray
    covariance: FloatArray
    effective_parameters: float
    cost: float
    evaluations: int
    converged: bool
    slopes: FloatArray


@dataclass
class KeptSlopes:
    """Slopes that are improved by every step instead of being taken anew.

    A step changes the slopes of a result in its own parameters alone, by as little as makes them
    agree with what the step did: Broyden's rule for a Jacobian with a known pattern of zeros
    (Schubert 1970, Math Comp 24:27-30).
    """

    slopes: FloatArray
    pattern: FloatArray
    free: FloatArray
    residuals: FloatArray

    def follow(self, free: FloatArray, residuals: FloatArray) -> FloatArray:
        """The slopes at another point, given the residuals there."""
        step = free - self.free
        surprise = residuals - self.residuals - self.slopes @ step
        length = self.pattern @ step**2
        share = np.where(length > SMALL_STEP**2, surprise / np.maximum(length, SMALL_STEP**2), 0)
        self.slopes = self.slopes + share[:, None] * self.pattern * step
        self.free, self.residuals = free.copy(), residuals
        return self.slopes


def fit(
    problem: Problem,
    start: FloatArray | None,
    steps: int,
    tell: Callable[[str], None],
    slopes: FloatArray | None = None,
) -> Solution:
    """Fit the free parameters of a problem.

    Parameters
    ----------
    start : array, optional
        Default: the centres of the priors.
    steps : int
        The most steps of a round. Each costs one simulation of all trials.
    slopes : array, optional
        Of a fit with another seed. They are kept for one round, and no others are taken.
    """
    centre = problem.start()
    spread = np.array([p.spec.prior_sd for p in problem.parameters])
    low, high = _bounds(problem)

    @lru_cache(maxsize=LATEST_POINTS)
    def simulated(written: bytes) -> FloatArray:
        return _softened(_residuals(problem, np.frombuffer(written)))

    def data(free: FloatArray) -> FloatArray:
        return simulated(free.tobytes())

    def function(free: FloatArray) -> FloatArray:
        return np.concatenate([data(free), (free - centre) / spread])

    def one_round(at: FloatArray, slopes: FloatArray) -> tuple[OptimizeResult, FloatArray]:
        kept = KeptSlopes(slopes, pattern, at, data(at))

        def jacobian(free: FloatArray) -> FloatArray:
            return np.concatenate([kept.follow(free, data(free)), np.diag(1 / spread)])

        found = least_squares(
            function,
            at,
            jac=jacobian,
            bounds=(low, high),
            max_nfev=steps,
            xtol=SMALL_CHANGE,
            ftol=SMALL_CHANGE,
        )
        return found, kept.slopes

    at = np.clip(centre if start is None else start, low + 1e-9, high - 1e-9)
    pattern, evaluations = _pattern(problem), 0
    latest = _slopes(problem, at, high) if slopes is None else slopes
    for place in range(MOST_ROUNDS if slopes is None else 1):
        before = 0.5 * float(np.sum(function(at) ** 2))
        tell(Share(f"cost {before:9.2f}", place, MOST_ROUNDS))
        found, latest = one_round(at, _slopes(problem, at, high) if place else latest)
        at, evaluations = found.x, evaluations + int(found.nfev)
        if before - float(found.cost) < SMALL_GAIN:
            break
    information = latest.T @ latest + np.diag(1 / spread**2)
    covariance = np.asarray(np.linalg.inv(information), dtype=np.float64)
    return Solution(
        free=at,
        covariance=covariance,
        effective_parameters=float(np.trace(latest @ covariance @ latest.T)),
        cost=float(found.cost),
        evaluations=evaluations,
        converged=bool(found.status > 0),
        slopes=latest,
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


def _pattern(problem: Problem) -> FloatArray:
    """1 where a parameter can move a result, else 0."""
    return np.array(
        [
            [trial in problem.moved_by(parameter) for parameter in problem.parameters]
            for trial in problem.trials
            for _ in problem.targets[trial]
        ],
        dtype=float,
    )


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
