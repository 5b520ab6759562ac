"""How precise a published result is: its standard error, and where that comes from."""

from dataclasses import dataclass
from math import inf, log, sqrt

from ketaoutcomes.cohorts.evidence.records import (
    CORRELATIONS,
    RATES,
    RATIOS,
    SPREADS,
    PublishedResult,
)

NORMAL_975 = 1.959963984540054
"""Upper 2.5 % point of the normal distribution: limits of 95 % stand this many errors away."""


@dataclass(frozen=True)
class Precision:
    """A standard error on the scale of comparison, and how it was had.

    Attributes
    ----------
    std_error : float
    origin : str
        "published SE", "CI", "SD/sqrt(n)", "SD of an SD", "binomial", "Fisher z" or "assumed".
    """

    std_error: float
    origin: str


def on_scale_of_comparison(result: PublishedResult, value: float) -> float:
    """A value of the result's kind as residuals are taken: ratios by their logarithm."""
    if result.statistic not in RATIOS:
        return value
    return log(value) if value > 0 else -inf


def precision_of(result: PublishedResult) -> Precision | None:
    """Standard error of a published result; None where the record gives no way to it."""
    if result.tolerance is not None:
        return Precision(result.tolerance, "assumed")
    if result.se is not None:
        return Precision(result.se, "published SE")
    if result.ci is not None:
        low, high = (on_scale_of_comparison(result, limit) for limit in result.ci)
        return Precision((high - low) / (2 * NORMAL_975), "CI")
    return _from_size(result)


def _from_size(result: PublishedResult) -> Precision | None:
    """The sampling error of a rate, an SD, a correlation or a mean of n subjects.

    Rates take one more of each kind (Laplace), so that 0 of n has an error too; the error of an SD
    is that of a normal sample, SD / sqrt(2 (n - 1)); that of a correlation (1 - r^2) / sqrt(n - 3).
    """
    n, value = result.n, result.value
    if n is None:
        return None
    if result.statistic in RATES:
        rate = (n * value / 100 + 1) / (n + 2)
        return Precision(100 * sqrt(rate * (1 - rate) / n), "binomial")
    if result.statistic in SPREADS:
        return Precision(value / sqrt(2 * (n - 1)), "SD of an SD")
    if result.statistic in CORRELATIONS:
        return Precision((1 - value**2) / sqrt(n - 3), "Fisher z")
    return None if result.sd is None else Precision(result.sd / sqrt(n), "SD/sqrt(n)")
