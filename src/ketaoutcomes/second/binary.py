"""What a model of yes and no says of each visit, written out: proportions, differences, odds."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

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

    def estimable(self, row: Result) -> FloatArray | None:
        """The combination of coefficients behind a result; None where there is no such number."""
        if row.std_error is None:
            return None
        return self.cells.combination(row.visit, row.arm, row.reference)

    def proportion(self, row: Result) -> Second | None:
        """An arm's proportion, with an interval on the logit."""
        if self.estimable(row) is None:
            return None
        p, gradient = self.mean(row.visit, row.arm)
        error = self.error(gradient)
        second = replace(self.blank, estimate=p, std_error=error)
        unknown = self.df is not None and np.isnan(self.df)
        if error is None or unknown or row.conf_level is None:
            return second
        from scipy import stats  # noqa: PLC0415 - slow to import

        law = stats.norm() if self.df is None else stats.t(self.df)
        half = float(law.isf((1 - row.conf_level) / 2)) * error / (p * (1 - p))
        low, high = expit(logit(p) + np.array([-half, half]))
        return replace(second, conf_low=float(low), conf_high=float(high))

    def difference(self, row: Result) -> Second | None:
        """The difference of two proportions."""
        if self.estimable(row) is None:
            return None
        (p1, g1), (p0, g0) = (self.mean(row.visit, arm) for arm in (row.arm, row.reference))
        error = self.error(g1 - g0)
        return self.with_test(row, replace(self.blank, estimate=p1 - p0, std_error=error))

    def odds(self, row: Result) -> Second | None:
        """The model's odds ratio."""
        c = self.estimable(row)
        if c is None:
            return None
        gradient = np.append(c, np.zeros(len(self.parameters) - len(c)))
        log_ratio = float(gradient @ self.parameters)
        second = replace(self.blank, estimate=log_ratio, std_error=self.error(gradient))
        return exponentiated(self.with_test(row, second))


def check_binary(asked: Asked, fitted: Fitted, table: str) -> tuple[Check, ...]:
    """The proportions, differences and odds ratios of a model of yes and no."""
    return (
        *asked.checked("proportion", fitted.proportion, table=table, contrast=False),
        *asked.checked("risk difference", fitted.difference, table=table),
        *asked.checked("odds ratio", fitted.odds, table=table),
    )
