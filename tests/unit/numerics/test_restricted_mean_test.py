"""Restricted means of few subjects: Welch's test where nobody is censored, the level elsewhere."""

import numpy as np
import pytest
from scipy import stats

from ketaoutcomes.numerics.survival.kaplan_meier import kaplan_meier
from ketaoutcomes.numerics.survival.restricted_mean import (
    RestrictedMean,
    difference,
    ratio,
    restricted_mean,
    signed_sum,
)
from tolerances import EXACT

TAU = 20.0


def arm(rng: np.random.Generator, n: int, mean: float = 20.0) -> np.ndarray:
    return np.minimum(rng.exponential(mean, n), 40.0)


def of_uncensored(time: np.ndarray) -> RestrictedMean:
    return restricted_mean(kaplan_meier(time, np.ones(time.size)), TAU)


@pytest.mark.parametrize("sizes", [(7, 12), (30, 30)])
def test_without_censoring_it_is_welchs_test_of_the_bounded_times(sizes: tuple[int, int]) -> None:
    rng = np.random.default_rng(5)
    times = [arm(rng, n, 10.0 + n) for n in sizes]
    found = difference(*map(of_uncensored, times), 0.9, "t")
    welch = stats.ttest_ind(*(np.minimum(t, TAU) for t in times), equal_var=False)
    assert found.df == pytest.approx(welch.df, rel=EXACT)
    assert found.estimate / found.std_error == pytest.approx(welch.statistic, rel=EXACT)
    assert found.p_value == pytest.approx(welch.pvalue, rel=1e-10)
    low, high = welch.confidence_interval(0.9)
    assert (found.conf_low, found.conf_high) == pytest.approx((low, high), rel=1e-10)


def test_four_arms_have_the_degrees_of_freedom_of_satterthwaite() -> None:
    """By hand: V = (2, 1, 4, 1) / 10 times n / (n - 1), n = (11, 11, 5, 21)."""
    given = ((0.2, 11), (0.1, 11), (0.4, 5), (0.1, 21))
    means = [RestrictedMean(float(k), v, TAU, n) for k, (v, n) in enumerate(given)]
    found = signed_sum((1, -1, -1, 1), means, 0.95, "t")
    parts = np.array([0.22, 0.11, 0.5, 0.105])
    expected = parts.sum() ** 2 / (parts**2 / [10, 10, 4, 20]).sum()
    assert found.estimate == 0.0
    assert found.std_error == pytest.approx(np.sqrt(parts.sum()), rel=EXACT)
    assert found.df == pytest.approx(expected, rel=EXACT)


def test_the_law_leaves_the_estimate_and_the_default_is_normal() -> None:
    rng = np.random.default_rng(6)
    means = [of_uncensored(arm(rng, n)) for n in (9, 14)]
    for compare in (difference, ratio):
        normal, t = compare(*means, 0.95), compare(*means, 0.95, "t")
        assert normal.df is None
        assert normal.estimate == t.estimate
        assert normal.std_error < t.std_error
        assert normal.p_value < t.p_value
        assert normal == compare(*means, 0.95, "normal")


def test_an_arm_without_variance_gives_no_degrees_of_freedom() -> None:
    whole = RestrictedMean(TAU, 0.0, TAU, 1)
    some = RestrictedMean(15.0, 0.5, TAU, 11)
    assert difference(some, whole, 0.95, "t").df == pytest.approx(10)
    nothing = difference(whole, whole, 0.95, "t")
    assert (nothing.p_value, nothing.df) == (None, None)


def test_few_subjects_reject_too_often_by_the_normal_law_and_not_by_t() -> None:
    """2,000 trials of 12 an arm with censoring: 5% within three Monte-Carlo errors of 0.5%."""
    rng = np.random.default_rng(7)
    rejected = {"normal": [], "t": []}
    for _ in range(2000):
        means = []
        for _ in range(2):
            time, end = rng.exponential(20.0, 12), rng.uniform(TAU / 2, 2 * TAU, 12)
            curve = kaplan_meier(np.minimum(time, end), time <= end)
            means.append(RestrictedMean(*_area(curve), TAU, 12))
        for law, tests in rejected.items():
            p = difference(*means, 0.95, law).p_value
            tests.append(p is not None and p < 0.05)
    shares = {law: np.mean(tests) for law, tests in rejected.items()}
    assert shares["normal"] > 0.065
    assert abs(shares["t"] - 0.05) < 0.015


def _area(curve) -> tuple[float, float]:
    """Mean and variance, the curve drawn on where follow-up ends early."""
    if curve.times[-1] < TAU and curve.survival[-1] > 0:
        inside = restricted_mean(curve, float(curve.times[-1]))
        return inside.estimate + (TAU - inside.tau) * curve.survival[-1], inside.variance
    found = restricted_mean(curve, TAU)
    return found.estimate, found.variance
