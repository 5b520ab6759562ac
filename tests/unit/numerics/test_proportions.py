"""Proportions and their comparisons against published tables and other software."""

from itertools import product

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar
from scipy.special import xlogy
from scipy.stats import binomtest, chi2, chi2_contingency, norm

from ketaoutcomes.numerics.proportions import (
    Proportion,
    TwoProportions,
    log_ratio,
    miettinen_nurminen_difference,
    miettinen_nurminen_p_value,
    newcombe_difference,
    number_needed_to_treat,
    wilson,
)
from ketaoutcomes.numerics.stratified_proportions import (
    StratifiedProportions,
    mantel_haenszel_difference,
    mantel_haenszel_risk_ratio,
)
from tolerances import EXACT

PRINTED = 0.5e-4
"""The published tables have four decimals."""

# Newcombe 1998, Stat Med 17:873-890, table II: successes, subjects, reference successes, subjects,
# and the 95% limits of method 10, the hybrid score. Rows a and b are those that the tests of the R
# package propint take from the paper; c to h are recalled as commonly printed, the paper was not
# at hand.
NEWCOMBE_TABLE_II = {
    "a": ((56, 70, 48, 80), (0.0524, 0.3339)),
    "b": ((9, 10, 3, 10), (0.1705, 0.8090)),
    "c": ((6, 7, 2, 7), (0.0582, 0.8062)),
    "d": ((5, 56, 0, 29), (-0.0381, 0.1926)),
    "e": ((0, 10, 0, 20), (-0.1611, 0.2775)),
    "f": ((0, 10, 0, 10), (-0.2775, 0.2775)),
    "g": ((10, 10, 0, 20), (0.6791, 1.0000)),
    "h": ((10, 10, 0, 10), (0.6075, 1.0000)),
}


@pytest.mark.parametrize("case", sorted(NEWCOMBE_TABLE_II))
def test_hybrid_score_limits_are_those_of_newcombes_table(case: str) -> None:
    counts, (low, high) = NEWCOMBE_TABLE_II[case]
    found = newcombe_difference(TwoProportions(*counts), 0.95)
    assert found.conf_low == pytest.approx(low, abs=PRINTED)
    assert found.conf_high == pytest.approx(high, abs=PRINTED)


# The same table, limits of Miettinen and Nurminen, recalled likewise; they are also found
# below by solving their equation.
MIETTINEN_NURMINEN = {
    "a": (0.0528, 0.3382),
    "b": (0.1700, 0.8406),
    "d": (-0.0326, 0.1933),
    "e": (-0.1658, 0.2844),
}


@pytest.mark.parametrize("case", sorted(MIETTINEN_NURMINEN))
def test_score_limits_are_those_of_newcombes_table(case: str) -> None:
    found = miettinen_nurminen_difference(TwoProportions(*NEWCOMBE_TABLE_II[case][0]), 0.95)
    limits = (found.conf_low, found.conf_high)
    assert limits == pytest.approx(MIETTINEN_NURMINEN[case], abs=PRINTED)


def score_by_search(counts: tuple[int, int, int, int], delta: float) -> float:
    """Miettinen and Nurminen's statistic, the restricted estimates found by plain search."""
    x1, n1, x2, n2 = counts

    def minus_log_likelihood(p2: float) -> float:
        p1 = p2 + delta
        return -(xlogy(x1, p1) + xlogy(n1 - x1, 1 - p1) + xlogy(x2, p2) + xlogy(n2 - x2, 1 - p2))

    bounds = (max(0.0, -delta), min(1.0, 1 - delta))
    best = minimize_scalar(minus_log_likelihood, bounds=bounds, options={"xatol": 1e-12})
    p2 = float(best.x)
    p1, total = p2 + delta, n1 + n2
    variance = (p1 * (1 - p1) / n1 + p2 * (1 - p2) / n2) * total / (total - 1)
    return (x1 / n1 - x2 / n2 - delta) / np.sqrt(variance)


@pytest.mark.parametrize("case", sorted(NEWCOMBE_TABLE_II))
def test_score_limits_solve_their_equation(case: str) -> None:
    """statsmodels 0.14 is no witness here: for 56/70 - 48/80 its upper limit is 0.3440."""
    counts = NEWCOMBE_TABLE_II[case][0]
    found = miettinen_nurminen_difference(TwoProportions(*counts), 0.95)
    for limit, critical in ((found.conf_low, norm.isf(0.025)), (found.conf_high, norm.isf(0.975))):
        if abs(limit) < 1:
            # the search finds the estimates to 1e-6 or so
            assert score_by_search(counts, limit) == pytest.approx(critical, abs=1e-4)


def test_score_limits_reach_the_edge_where_all_and_none_succeed() -> None:
    found = miettinen_nurminen_difference(TwoProportions(10, 10, 0, 20), 0.95)
    assert (found.estimate, found.conf_high) == (1.0, 1.0)
    assert found.conf_low < 1


def test_a_number_needed_to_treat_runs_through_infinity() -> None:
    """Altman 1998, BMJ 317:1309: a difference of 10% (-5% to 25%) is 10, harm 20 to benefit 4."""
    nnt = number_needed_to_treat(Proportion(0.10, -0.05, 0.25))
    assert nnt.through_infinity
    found = (nnt.estimate, nnt.bound_low, nnt.bound_high)
    assert found == pytest.approx((10, 4, -20), abs=EXACT * 100)
    certain = number_needed_to_treat(Proportion(0.25, 0.1, 0.5))
    assert not certain.through_infinity
    assert (certain.bound_low, certain.bound_high) == pytest.approx((2, 10))
    assert number_needed_to_treat(Proportion(0.0, -0.1, 0.1)).estimate == np.inf


# Rothman, Greenland & Lash 2008, Modern Epidemiology, table 15-1: deaths on tolbutamide and placebo
# below and above 55 years; Mantel-Haenszel results with 90% limits as R's metafor has them.
TOLBUTAMIDE = StratifiedProportions(
    np.array([8.0, 22]), np.array([106.0, 98]), np.array([5.0, 16]), np.array([120.0, 85])
)


def test_the_mantel_haenszel_difference_of_the_tolbutamide_trial() -> None:
    found = mantel_haenszel_difference(TOLBUTAMIDE, 0.90)
    assert found is not None
    expected = (0.0349, -0.0176, 0.0874)
    assert (found.estimate, found.conf_low, found.conf_high) == pytest.approx(expected, abs=PRINTED)


def test_the_mantel_haenszel_risk_ratio_of_the_tolbutamide_trial() -> None:
    found = mantel_haenszel_risk_ratio(TOLBUTAMIDE, 0.90)
    assert found is not None
    logs = np.log([found.estimate, found.conf_low, found.conf_high])
    np.testing.assert_allclose(logs, (0.2818, -0.1442, 0.7078), atol=PRINTED)


def test_one_stratum_is_no_stratum() -> None:
    one = StratifiedProportions(*(np.array([x]) for x in (56.0, 70.0, 48.0, 80.0)))
    data = TwoProportions(56, 70, 48, 80)
    difference, ratio = mantel_haenszel_difference(one, 0.95), mantel_haenszel_risk_ratio(one, 0.95)
    assert difference is not None
    assert difference.estimate == pytest.approx(data.p1 - data.p2, abs=EXACT)
    plain = log_ratio(data, 0.95, odds=False)
    assert ratio is not None
    assert plain is not None
    assert (ratio.estimate, ratio.conf_low) == pytest.approx((plain.estimate, plain.conf_low))


def test_a_stratum_with_one_arm_changes_nothing() -> None:
    lonely = StratifiedProportions(
        *(
            np.append(column, extra)
            for column, extra in (
                (TOLBUTAMIDE.successes, 3.0),
                (TOLBUTAMIDE.n, 9.0),
                (TOLBUTAMIDE.reference_successes, 0.0),
                (TOLBUTAMIDE.reference_n, 0.0),
            )
        )
    )
    assert mantel_haenszel_difference(lonely, 0.9) == mantel_haenszel_difference(TOLBUTAMIDE, 0.9)


COUNTS = st.tuples(st.integers(1, 60), st.integers(1, 60)).flatmap(
    lambda n: st.tuples(st.integers(0, n[0]), st.just(n[0]), st.integers(0, n[1]), st.just(n[1]))
)


@settings(max_examples=80)
@given(counts=COUNTS)
def test_swapping_the_arms_turns_the_interval_over(counts: tuple[int, int, int, int]) -> None:
    x1, n1, x2, n2 = counts
    for interval in (newcombe_difference, miettinen_nurminen_difference):
        one = interval(TwoProportions(x1, n1, x2, n2), 0.95)
        two = interval(TwoProportions(x2, n2, x1, n1), 0.95)
        assert one.conf_low == pytest.approx(-two.conf_high, abs=1e-8)
        assert one.conf_low <= one.estimate <= one.conf_high


def test_a_proportion_of_none_or_all_has_an_interval_to_the_edge() -> None:
    assert wilson(0, 12, 0.95).conf_low == 0.0
    assert wilson(12, 12, 0.95).conf_high == 1.0


@given(st.integers(1, 100_000), st.data(), st.sampled_from([0.8, 0.9, 0.95, 0.99]))
def test_the_score_interval_is_that_of_scipy(n: int, data: st.DataObject, level: float) -> None:
    successes = data.draw(st.integers(0, n))
    found = wilson(successes, n, level)
    expected = binomtest(successes, n).proportion_ci(level, method="wilson")
    # the same operations in the same order
    assert (found.conf_low, found.conf_high) == (expected.low, expected.high)


@pytest.mark.parametrize("n", [1, 3, 6])
def test_score_limits_hold_the_estimate_in_every_small_table(n: int) -> None:
    for a, b in product(range(n + 1), repeat=2):
        found = miettinen_nurminen_difference(TwoProportions(a, n, b, n), 0.95)
        assert -1 <= found.conf_low <= found.estimate <= found.conf_high <= 1


def test_score_limits_without_an_event_in_closed_form() -> None:
    """With no event in either arm the score is n d / (1 - d) N / (N - 1) of n = n1 = n2."""
    n, z2 = 10, 1.959964**2
    scaled = z2 * 2 * n / (2 * n - 1)
    found = miettinen_nurminen_difference(TwoProportions(0, n, 0, n), 0.95)
    assert found.conf_high == pytest.approx(scaled / (n + scaled), rel=1e-6)
    assert found.conf_low == pytest.approx(-found.conf_high, rel=1e-9)


def test_no_risk_ratio_is_claimed_certain_where_everybody_responded() -> None:
    assert log_ratio(TwoProportions(5, 5, 5, 5), 0.95, odds=False) is None
    everybody = StratifiedProportions(
        *(np.array(x) for x in ([5.0, 4], [5.0, 4], [5.0, 3], [5.0, 3]))
    )
    assert mantel_haenszel_risk_ratio(everybody, 0.95) is None
    one_failed = log_ratio(TwoProportions(5, 5, 4, 5), 0.95, odds=False)
    assert one_failed is not None
    assert one_failed.conf_low < one_failed.estimate < one_failed.conf_high


@given(counts=COUNTS, level=st.sampled_from([0.8, 0.9, 0.95, 0.99]))
def test_the_score_interval_excludes_no_difference_where_its_test_rejects(
    counts: tuple[int, int, int, int], level: float
) -> None:
    """Interval and p-value are those of one test."""
    data = TwoProportions(*counts)
    p_value = miettinen_nurminen_p_value(data)
    assume(abs(p_value - (1 - level)) > 1e-9)
    found = miettinen_nurminen_difference(data, level)
    assert (found.conf_low > 0 or found.conf_high < 0) == (p_value < 1 - level)


@given(counts=COUNTS)
def test_the_score_test_is_pearsons_with_one_fewer(counts: tuple[int, int, int, int]) -> None:
    """scipy's chi-square times (N - 1) / N, wherever it is defined."""
    x1, n1, x2, n2 = counts
    assume(0 < x1 + x2 < n1 + n2)
    table = [[x1, n1 - x1], [x2, n2 - x2]]
    statistic = chi2_contingency(table, correction=False).statistic
    expected = chi2.sf(statistic * (n1 + n2 - 1) / (n1 + n2), 1)
    assert miettinen_nurminen_p_value(TwoProportions(*counts)) == pytest.approx(expected, rel=1e-9)
