"""What a model of yes and no says of each visit, written out: proportions, differences, odds."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm
from scipy.stats import t as student

from ketaoutcomes.results import Result
from ketaoutcomes.second.cells import Cells
from ketaoutcomes.second.check import Check, Second
from ketaoutcomes.second.rows import Asked, exponentiated, wald

FloatArray = NDArray[np.float64]
LARGEST = 15.0
"""A linear predictor beyond which outcomes are separated, and the model has no finite optimum."""


@dataclass(frozen=True)
class Fitted:
    """A fitted model as its numbers need it.

    Attributes
    ----------
    parameters : array, shape (k,)
        Coefficients of `cells.X` first.
    covariance : array, shape (k, k), or None
        None where this program has no such standard errors.
    risk : callable
        From parameters and rows of X, the mean probability.
    df : float or None
        Of t; None for the normal distribution, NaN where the route has none.
    blank : Second
        The program and its tolerances.
    """

    cells: Cells
    parameters: FloatArray
    covariance: FloatArray | None
    risk: Callable[[FloatArray, FloatArray], float]
    df: float | None
    blank: Second

    def error(self, gradient: FloatArray) -> float | None:
        """Standard error by the delta method."""
        if self.covariance is None:
            return None
        return float(np.sqrt(gradient @ self.covariance @ gradient))

    def with_test(self, row: Result, second: Second) -> Second:
        """With interval and test, where the degrees of freedom are known."""
        return second if self.df is not None and np.isnan(self.df) else wald(second, row, self.df)

    def mean(self, visit: str, arm: str) -> tuple[float, FloatArray]:
        """A standardised proportion and its gradient, by central differences."""
        rows, gradient = self.cells.with_everybody(visit, arm), np.empty(len(self.parameters))
        for place in range(len(gradient)):
            step = np.zeros(len(gradient))
            step[place] = 1e-5
            up, down = self.parameters + step, self.parameters - step
            gradient[place] = (self.risk(up, rows) - self.risk(down, rows)) / 2e-5
        return self.risk(self.parameters, rows), gradient


def check_binary(asked: Asked, fitted: Fitted, table: str) -> tuple[Check, ...]:
    """The proportions, differences and odds ratios of a model of yes and no."""

    def estimable(row: Result) -> FloatArray | None:
        return fitted.cells.combination(row.visit, row.arm, row.reference)

    def proportion(row: Result) -> Second | None:
        if estimable(row) is None or row.std_error is None:
            return None
        p, gradient = fitted.mean(row.visit, row.arm)
        error = fitted.error(gradient)
        second = replace(fitted.blank, estimate=p, std_error=error)
        unknown = fitted.df is not None and np.isnan(fitted.df)
        if error is None or unknown or row.conf_level is None:
            return second
        law = norm() if fitted.df is None else student(fitted.df)
        half = float(law.isf((1 - row.conf_level) / 2)) * error / (p * (1 - p))
        low, high = 1 / (1 + np.exp(-(np.log(p / (1 - p)) + np.array([-half, half]))))
        return replace(second, conf_low=float(low), conf_high=float(high))

    def difference(row: Result) -> Second | None:
        if estimable(row) is None or row.std_error is None:
            return None
        (p1, g1), (p0, g0) = (fitted.mean(row.visit, arm) for arm in (row.arm, row.reference))
        error = fitted.error(g1 - g0)
        return fitted.with_test(row, replace(fitted.blank, estimate=p1 - p0, std_error=error))

    def odds(row: Result) -> Second | None:
        c = estimable(row)
        if c is None or row.std_error is None:
            return None
        gradient = np.append(c, np.zeros(len(fitted.parameters) - len(c)))
        log_ratio = float(gradient @ fitted.parameters)
        second = replace(fitted.blank, estimate=log_ratio, std_error=fitted.error(gradient))
        return exponentiated(fitted.with_test(row, second))

    return (
        *asked.checked("proportion", proportion, table=table, contrast=False),
        *asked.checked("risk difference", difference, table=table),
        *asked.checked("odds ratio", odds, table=table),
    )
