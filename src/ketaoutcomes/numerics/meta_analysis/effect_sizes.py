"""The effect that one study found, and its sampling variance.

Active less control throughout: below 0 (ratios: below 1) where the active arm has less.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import gammaln

HALF = 0.5


@dataclass(frozen=True)
class Means:
    """Mean and SD of a number of subjects."""

    n: int
    mean: float
    sd: float


@dataclass(frozen=True)
class Counts:
    """Subjects with the event, and all."""

    events: int
    n: int


@dataclass(frozen=True)
class Published:
    """An effect as its study tells it.

    Attributes
    ----------
    estimate, std_error : float
        Of a ratio those of the logarithm.
    active_n, control_n : int or None
        Subjects, where they are told.
    """

    estimate: float
    std_error: float
    active_n: int | None = None
    control_n: int | None = None


@dataclass(frozen=True)
class Effect:
    """An effect, of a ratio the logarithm, and its sampling variance."""

    estimate: float
    variance: float


def hedges_g(active: Means, control: Means) -> Effect:
    """Standardised mean difference without small-sample bias.

    Hedges 1981, J Educ Stat 6:107-128, with the exact factor; variance by its large-sample form at
    the corrected estimate (Hedges & Olkin 1985, p. 86), as metafor's `escalc(measure = "SMD")`.
    """
    g = bias_factor(active.n + control.n - 2) * cohens_d(active, control)
    n = active.n + control.n
    return Effect(g, 1 / active.n + 1 / control.n + g**2 / (2 * n))


def cohens_d(active: Means, control: Means) -> float:
    """Difference of means over the pooled SD."""
    within = (active.n - 1) * active.sd**2 + (control.n - 1) * control.sd**2
    return (active.mean - control.mean) / float(np.sqrt(within / (active.n + control.n - 2)))


def bias_factor(df: int) -> float:
    """How much smaller the population value is than the mean of d."""
    return float(np.exp(gammaln(df / 2) - np.log(np.sqrt(df / 2)) - gammaln((df - 1) / 2)))


def mean_difference(active: Means, control: Means) -> Effect:
    """Difference of means; the variances of the arms may differ."""
    return Effect(active.mean - control.mean, active.sd**2 / active.n + control.sd**2 / control.n)


def log_risk_ratio(active: Counts, control: Counts) -> Effect:
    """Logarithm of the risk ratio; half an event is added to every cell if one is empty."""
    (a, n), (c, m) = _cells(active, control)
    return Effect(float(np.log(a / n) - np.log(c / m)), 1 / a - 1 / n + 1 / c - 1 / m)


def log_odds_ratio(active: Counts, control: Counts) -> Effect:
    """Logarithm of the odds ratio; half an event is added to every cell if one is empty."""
    (a, n), (c, m) = _cells(active, control)
    b, d = n - a, m - c
    return Effect(float(np.log(a / b) - np.log(c / d)), 1 / a + 1 / b + 1 / c + 1 / d)


def risk_difference(active: Counts, control: Counts) -> Effect:
    """Difference of risks; half an event is added to every cell if one is empty."""
    (a, n), (c, m) = _cells(active, control)
    p, q = a / n, c / m
    return Effect(
        active.events / active.n - control.events / control.n,
        p * (1 - p) / n + q * (1 - q) / m,
    )


def tells_nothing(active: Counts, control: Counts) -> bool:
    """Whether nobody, or everybody, has the event in both arms: no ratio can be had of them."""
    events = active.events + control.events
    return events in (0, active.n + control.n)


def _cells(active: Counts, control: Counts) -> tuple[tuple[float, float], tuple[float, float]]:
    """Events and subjects of each arm, mended where a cell is empty."""
    arms = (active, control)
    empty = any(arm.events in (0, arm.n) for arm in arms)
    extra = HALF if empty else 0.0
    first, second = ((arm.events + extra, arm.n + 2 * extra) for arm in arms)
    return first, second
