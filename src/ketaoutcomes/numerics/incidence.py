"""Incidence of events: exact intervals of a proportion and of a rate, and their differences.

Clopper & Pearson 1934, Biometrika 26:404-413 (exact interval of a proportion); Garwood 1936,
Biometrika 28:437-442 (exact interval of a Poisson mean); Miettinen & Nurminen 1985, Stat Med
4:213-226 (score interval of a difference of rates, their section 4); Hanley & Lippman-Hand 1983,
JAMA 249:1743-1745 (if nothing goes wrong, is everything all right?); Fisher 1935, J R Stat Soc
98:39-82 (exact test of a fourfold table).
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq

from ketaoutcomes.numerics.distributions import beta, chi2, norm
from ketaoutcomes.numerics.proportions import Proportion, TwoProportions


@dataclass(frozen=True)
class Rate:
    """Events per unit of time with its interval."""

    estimate: float
    conf_low: float
    conf_high: float


@dataclass(frozen=True)
class TwoRates:
    """Events and time at risk of two arms.

    Raises
    ------
    ValueError
        If an arm has no time at risk or a negative number of events.
    """

    events: int
    time: float
    reference_events: int
    reference_time: float

    def __post_init__(self) -> None:
        for events, time in (
            (self.events, self.time),
            (self.reference_events, self.reference_time),
        ):
            if events < 0 or not time > 0:
                raise ValueError(f"{events} events in a time of {time}")


def clopper_pearson(successes: int, n: int, conf_level: float) -> Proportion:
    """Exact two-sided interval of one proportion.

    Quantiles of scipy's beta distribution: its `proportion_ci(method="exact")` searches a root to
    an absolute 1e-12, which is six digits of a limit for 1 of 100,000, at up to a hundred times
    the time.
    """
    tail = (1 - conf_level) / 2
    low = float(beta.ppf(tail, successes, n - successes + 1)) if successes else 0.0
    high = float(beta.ppf(1 - tail, successes + 1, n - successes)) if successes < n else 1.0
    return Proportion(successes / n, low, high)


def upper_bound(events: int, n: int, conf_level: float) -> float:
    """Exact one-sided upper bound of a proportion; 1 - alpha^(1/n) where no event was seen."""
    if events == n:
        return 1.0
    return float(beta.ppf(conf_level, events + 1, n - events))


def garwood(events: int, time: float, conf_level: float) -> Rate:
    """Exact two-sided interval of a rate."""
    tail = (1 - conf_level) / 2
    low = float(chi2.ppf(tail, 2 * events)) / 2 if events else 0.0
    high = float(chi2.ppf(1 - tail, 2 * events + 2)) / 2
    return Rate(events / time, low / time, high / time)


def rate_difference(data: TwoRates, conf_level: float) -> Rate:
    """Difference of two rates, active minus reference, with the score interval."""
    critical = float(norm.ppf(0.5 + conf_level / 2))
    d = data.events / data.time - data.reference_events / data.reference_time

    def excess(delta: float) -> float:
        return abs(_rate_score(data, d, delta)) - critical

    # The score grows without end on either side of the estimate: step out until it is passed.
    step = (1 + max(data.events, data.reference_events)) / min(data.time, data.reference_time)
    low, high = d - step, d + step
    while excess(low) < 0:
        low -= step
    while excess(high) < 0:
        high += step
    near = 1e-9 * step
    return Rate(
        d,
        float(brentq(excess, low, d - near, xtol=1e-14)),
        float(brentq(excess, d + near, high, xtol=1e-14)),
    )


def _rate_score(data: TwoRates, d: float, delta: float) -> float:
    """Score statistic at a difference, the rates estimated under it.

    The reference rate r solves N r^2 + (N delta - c) r - x2 delta = 0 with N the whole time, c all
    events and x2 those of the reference arm.
    """
    whole = data.time + data.reference_time
    linear = whole * delta - (data.events + data.reference_events)
    root = np.sqrt(max(linear**2 + 4 * whole * data.reference_events * delta, 0.0))
    r2 = max((-linear + root) / (2 * whole), 0.0, -delta)
    variance = (r2 + delta) / data.time + r2 / data.reference_time
    return float((d - delta) / np.sqrt(max(variance, 1e-300)))


def fisher_p_value(data: TwoProportions) -> float:
    """Two-sided p of Fisher's exact test: tables no more likely than the one seen."""
    from scipy.stats import fisher_exact  # noqa: PLC0415 - slow to import

    table = np.array(
        [
            [data.successes, data.n - data.successes],
            [data.reference_successes, data.reference_n - data.reference_successes],
        ]
    )
    return float(fisher_exact(table).pvalue)
