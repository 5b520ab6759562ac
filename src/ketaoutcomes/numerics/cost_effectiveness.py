"""Cost-effectiveness of two arms from the costs and effects of their subjects.

Incremental net monetary benefit: Stinnett & Mullahy 1998, Med Decis Making 18:S68-S80.
Acceptability curve: van Hout, Al, Gordon & Rutten 1994, Health Econ 3:309-319. Bootstrap of the
cost-effectiveness plane: Briggs, Wonderling & Mooney 1997, Health Econ 6:327-340. Probabilistic
sensitivity of prices (gamma) and utilities (beta): Briggs, Claxton & Sculpher 2006, Decision
Modelling for Health Economic Evaluation, chapter 4.

A subject's cost is a sum over items of what was used times a price, an effect a sum over health
states of the time spent times a utility. Both are linear, so a resample needs only the mean use and
time of each arm, and prices and utilities may be drawn beside the subjects.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

CHUNK = 4_000_000
"""Weights held at a time."""


@dataclass(frozen=True)
class ValueRows:
    """What the subjects of one arm used and gained.

    Attributes
    ----------
    costs : array, shape (n, items)
        Cost by item at the price as planned.
    times : array, shape (n, states)
        Time by health state, or the effect itself in one column.
    """

    costs: FloatArray
    times: FloatArray


@dataclass(frozen=True)
class Uncertainty:
    """What is not known beside the sampling of subjects.

    Attributes
    ----------
    price_error : array, shape (items,)
        Relative standard error of each item's price; 0 where it is fixed.
    utility, utility_error : array, shape (states,)
        Mean and standard error of each state's utility; error 0 where it is fixed.
    """

    price_error: FloatArray
    utility: FloatArray
    utility_error: FloatArray


@dataclass(frozen=True)
class Increments:
    """Cost and effect of the active minus the reference arm, one value a resample."""

    cost: FloatArray
    effect: FloatArray

    def net_benefit(self, worth: float) -> FloatArray:
        """Incremental net monetary benefit where a unit of effect is worth so much."""
        return worth * self.effect - self.cost

    def acceptability(self, worths: FloatArray) -> FloatArray:
        """Share of resamples in which the active arm has the greater net benefit."""
        return np.array([np.mean(self.net_benefit(worth) > 0) for worth in worths])

    def quadrants(self) -> dict[str, float]:
        """Share of resamples in each quadrant of the plane."""
        dearer, better = self.cost > 0, self.effect > 0
        return {
            "dearer and more effective": float(np.mean(dearer & better)),
            "dearer and less effective": float(np.mean(dearer & ~better)),
            "cheaper and more effective": float(np.mean(~dearer & better)),
            "cheaper and less effective": float(np.mean(~dearer & ~better)),
        }


@dataclass(frozen=True)
class Means:
    """Mean cost and effect of an arm with the covariance of the two means."""

    cost: float
    effect: float
    covariance: FloatArray


def arm_means(rows: ValueRows, uncertainty: Uncertainty) -> Means:
    """Means at planned prices and mean utilities.

    Raises
    ------
    ValueError
        With fewer than two subjects.
    """
    n = len(rows.costs)
    if n < 2:
        raise ValueError("an arm has fewer than two participants with costs and effects")
    both = np.column_stack([rows.costs.sum(axis=1), rows.times @ uncertainty.utility])
    cost, effect = both.mean(axis=0)
    return Means(float(cost), float(effect), np.cov(both, rowvar=False) / n)


def net_benefit_error(active: Means, reference: Means, worth: float) -> float:
    """Standard error of the incremental net monetary benefit from the sampling of subjects."""
    c = np.array([-1.0, worth])
    return float(np.sqrt(c @ (active.covariance + reference.covariance) @ c))


def resampled_increments(
    active: ValueRows, reference: ValueRows, uncertainty: Uncertainty, resamples: int, seed: int
) -> Increments:
    """Bootstrap of the subjects within arms, with prices and utilities drawn anew each time."""
    parameters = np.random.default_rng([seed, 2])
    price = _gamma(parameters, uncertainty.price_error, resamples)
    utility = _beta(parameters, uncertainty.utility, uncertainty.utility_error, resamples)
    totals = []
    for place, rows in enumerate((active, reference)):
        draws = np.random.default_rng([seed, place])
        costs, times = _mean_resamples(draws, rows, resamples)
        totals.append(((costs * price).sum(axis=1), (times * utility).sum(axis=1)))
    (active_cost, active_effect), (reference_cost, reference_effect) = totals
    return Increments(active_cost - reference_cost, active_effect - reference_effect)


def _mean_resamples(
    draws: np.random.Generator, rows: ValueRows, resamples: int
) -> tuple[FloatArray, FloatArray]:
    """Mean costs and times of bootstrap samples, in chunks that fit the memory."""
    n = len(rows.costs)
    both = np.column_stack([rows.costs, rows.times])
    share = np.full(n, 1 / n)
    step = max(1, CHUNK // n)
    means = [
        draws.multinomial(n, share, size=min(step, resamples - start)) @ both / n
        for start in range(0, resamples, step)
    ]
    stacked = np.concatenate(means)
    return stacked[:, : rows.costs.shape[1]], stacked[:, rows.costs.shape[1] :]


def _gamma(draws: np.random.Generator, error: FloatArray, size: int) -> FloatArray:
    """Multipliers of mean 1 with these relative standard errors."""
    safe = np.where(error > 0, error, 1.0)
    drawn = draws.gamma(1 / safe**2, safe**2, size=(size, error.size))
    return np.where(error > 0, drawn, 1.0)


def _beta(draws: np.random.Generator, mean: FloatArray, error: FloatArray, size: int) -> FloatArray:
    """Utilities by the method of moments; with error 0 or a mean outside (0, 1) one is fixed."""
    spread = mean * (1 - mean)
    free = (error > 0) & (error**2 < spread)
    m = np.where(free, mean, 0.5)
    k = np.where(free, spread, 0.25) / np.where(free, error, 0.1) ** 2 - 1
    drawn = draws.beta(m * k, (1 - m) * k, size=(size, mean.size))
    return np.where(free, drawn, mean)
