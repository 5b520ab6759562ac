"""Two proportions: difference, ratios and the number needed to treat.

Newcombe 1998, Stat Med 17:873-890 (method 10: hybrid score interval of a difference); Wilson 1927,
JASA 22:209-212; Miettinen & Nurminen 1985, Stat Med 4:213-226; Altman 1998, BMJ 317:1309-1312
(number needed to treat).
"""

import math
from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq

from ketaoutcomes.numerics.distributions import norm

AT_THE_ESTIMATE = 1e-9


@dataclass(frozen=True)
class Proportion:
    """A proportion with its interval."""

    estimate: float
    conf_low: float
    conf_high: float


@dataclass(frozen=True)
class TwoProportions:
    """Successes and subjects of two arms.

    Raises
    ------
    ValueError
        If an arm is empty or has more successes than subjects.
    """

    successes: int
    n: int
    reference_successes: int
    reference_n: int

    def __post_init__(self) -> None:
        for successes, n in (
            (self.successes, self.n),
            (self.reference_successes, self.reference_n),
        ):
            if not 0 <= successes <= n or n == 0:
                raise ValueError(f"{successes} successes among {n} participants")

    @property
    def p1(self) -> float:
        """Proportion in the active arm."""
        return self.successes / self.n

    @property
    def p2(self) -> float:
        """Proportion in the reference arm."""
        return self.reference_successes / self.reference_n


def wilson(successes: int, n: int, conf_level: float) -> Proportion:
    """Score interval of one proportion.

    Wilson 1927, JASA 22:209-212, as Newcombe 1998, Stat Med 17:857-872, writes it (method 3); the
    operations are those of scipy.stats, which takes long to import.
    """
    p, z = successes / n, float(norm.ppf(0.5 + 0.5 * conf_level))
    divisor = 2 * (n + z**2)
    middle = (2 * n * p + z**2) / divisor
    half = z / divisor * math.sqrt(4 * n * p * (1 - p) + z**2)
    low = 0.0 if successes == 0 else middle - half
    high = 1.0 if successes == n else middle + half
    return Proportion(p, low, high)


def newcombe_difference(data: TwoProportions, conf_level: float) -> Proportion:
    """Difference active minus reference with the hybrid score interval."""
    one = wilson(data.successes, data.n, conf_level)
    two = wilson(data.reference_successes, data.reference_n, conf_level)
    d = data.p1 - data.p2
    low = d - np.hypot(data.p1 - one.conf_low, two.conf_high - data.p2)
    high = d + np.hypot(one.conf_high - data.p1, data.p2 - two.conf_low)
    return Proportion(d, float(low), float(high))


def score_p_value(data: TwoProportions) -> float:
    """Two-sided p of the score test of equal proportions (Pearson's chi-square)."""
    pooled = (data.successes + data.reference_successes) / (data.n + data.reference_n)
    variance = pooled * (1 - pooled) * (1 / data.n + 1 / data.reference_n)
    if variance == 0:
        return 1.0
    return float(2 * norm.sf(abs(data.p1 - data.p2) / np.sqrt(variance)))


def miettinen_nurminen_difference(data: TwoProportions, conf_level: float) -> Proportion:
    """Difference with the asymptotic score interval, found by root search."""
    critical = _z(conf_level)
    d = data.p1 - data.p2

    def excess(delta: float, sign: int) -> float:
        # at the estimate the score is zero, where its formula is zero over zero
        score = 0.0 if abs(delta - d) < AT_THE_ESTIMATE else sign * _score(data, delta)
        return score - critical

    edge = 1 - 1e-12
    low, high = -1.0, 1.0
    if d > -edge and excess(-edge, 1) > 0:
        low = float(brentq(excess, -edge, d, args=(1,), xtol=1e-12))
    if d < edge and excess(edge, -1) > 0:
        high = float(brentq(excess, d, edge, args=(-1,), xtol=1e-12))
    return Proportion(d, low, high)


def miettinen_nurminen_p_value(data: TwoProportions) -> float:
    """Two-sided p of the score test of equal proportions whose inversion is the interval.

    At no difference the restricted estimates are the pooled proportion, and the variance has the
    factor N / (N - 1): Pearson's chi-square times (N - 1) / N.
    """
    if data.successes + data.reference_successes in (0, data.n + data.reference_n):
        return 1.0
    return float(2 * norm.sf(abs(_score(data, 0.0))))


def _score(data: TwoProportions, delta: float) -> float:
    """Score statistic at a difference, with the restricted estimates of their appendix 1."""
    n1, n2, N = data.n, data.reference_n, data.n + data.reference_n
    x2, c = data.reference_successes, data.successes + data.reference_successes
    L2 = (n1 + 2 * n2) * delta - N - c
    L1 = (n2 * delta - N - 2 * x2) * delta + c
    L0 = x2 * delta * (1 - delta)
    q = L2**3 / (3 * N) ** 3 - L1 * L2 / (6 * N**2) + L0 / (2 * N)
    p = np.copysign(np.sqrt(max(L2**2 / (3 * N) ** 2 - L1 / (3 * N), 0.0)), q)
    angle = (np.pi + np.arccos(np.clip(q / p**3 if p else 0.0, -1, 1))) / 3
    r2 = float(np.clip(2 * p * np.cos(angle) - L2 / (3 * N), 0, 1))
    r1 = float(np.clip(r2 + delta, 0, 1))
    variance = (r1 * (1 - r1) / n1 + r2 * (1 - r2) / n2) * N / (N - 1)
    return float((data.p1 - data.p2 - delta) / np.sqrt(max(variance, 1e-300)))


def log_ratio(data: TwoProportions, conf_level: float, *, odds: bool) -> Proportion | None:
    """Risk ratio or odds ratio with the interval on its logarithm; None with an empty cell.

    Nor is there an interval for the risk ratio where everybody responded: its variance is then zero
    and the limits would meet at 1.
    """
    a, c = data.successes, data.reference_successes
    b, d = data.n - a, data.reference_n - c
    if min(a, c) == 0 or max(b, d) == 0 or (odds and min(b, d) == 0):
        return None
    if odds:
        estimate, variance = a * d / (b * c), 1 / a + 1 / b + 1 / c + 1 / d
    else:
        estimate, variance = data.p1 / data.p2, 1 / a - 1 / data.n + 1 / c - 1 / data.reference_n
    half = _z(conf_level) * np.sqrt(variance)
    return Proportion(estimate, float(estimate * np.exp(-half)), float(estimate * np.exp(half)))


@dataclass(frozen=True)
class NumberNeededToTreat:
    """One over the risk difference.

    Attributes
    ----------
    estimate : float
        Positive: number needed to benefit; negative: to harm; infinite at no difference.
    bound_low, bound_high : float
        One over the limits of the difference, the one nearer to no effect second. If
        `through_infinity`, the interval runs from the first through infinity to the second.
    """

    estimate: float
    bound_low: float
    bound_high: float
    through_infinity: bool


def number_needed_to_treat(difference: Proportion) -> NumberNeededToTreat:
    """The number needed to treat, with an interval through infinity where 0 is not excluded."""

    def inverse(d: float) -> float:
        return float("inf") if d == 0 else 1 / d

    return NumberNeededToTreat(
        estimate=inverse(difference.estimate),
        bound_low=inverse(difference.conf_high),
        bound_high=inverse(difference.conf_low),
        through_infinity=difference.conf_low <= 0 <= difference.conf_high,
    )


def _z(conf_level: float) -> float:
    return float(norm.ppf(0.5 + conf_level / 2))
