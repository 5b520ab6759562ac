"""Exact intervals against published tables, closed forms and statsmodels."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom, poisson
from statsmodels.stats.rates import confint_poisson_2indep

from ketaoutcomes.numerics.incidence import (
    TwoRates,
    clopper_pearson,
    fisher_p_value,
    garwood,
    rate_difference,
    upper_bound,
)
from ketaoutcomes.numerics.proportions import TwoProportions
from tolerances import EXACT

ROOT = 1e-9
"""Quantiles and score limits come from a root search; it stops well below this."""


def test_clopper_pearson_of_the_published_example() -> None:
    # Newcombe 1998, Stat Med 17:857-872, table I: 81/263 gives 0.2527 to 0.3676, 15/148 0.0578 to
    # 0.1617, 1/29 0.0009 to 0.1776 (four decimals).
    for (x, n), limits in {
        (81, 263): (0.2527, 0.3676),
        (15, 148): (0.0578, 0.1617),
        (1, 29): (0.0009, 0.1776),
    }.items():
        found = clopper_pearson(x, n, 0.95)
        assert (found.conf_low, found.conf_high) == pytest.approx(limits, abs=5e-5)


@given(st.integers(1, 300), st.data())
def test_clopper_pearson_inverts_the_binomial_tails(n: int, data: st.DataObject) -> None:
    x = data.draw(st.integers(0, n))
    found = clopper_pearson(x, n, 0.95)
    if x:
        assert binom.sf(x - 1, n, found.conf_low) == pytest.approx(0.025, rel=1e-6)
    if x < n:
        assert binom.cdf(x, n, found.conf_high) == pytest.approx(0.025, rel=1e-6)


def test_the_bound_without_an_event_is_near_the_rule_of_three() -> None:
    # Hanley & Lippman-Hand 1983: exactly 1 - 0.05^(1/n), and 3/n from about 30 subjects on.
    assert upper_bound(0, 100, 0.95) == pytest.approx(1 - 0.05**0.01, rel=EXACT)
    assert upper_bound(0, 100, 0.95) == pytest.approx(3 / 100, rel=0.02)
    assert upper_bound(4, 4, 0.95) == 1.0
    assert binom.cdf(2, 50, upper_bound(2, 50, 0.95)) == pytest.approx(0.05, rel=1e-9)


def test_garwood_of_the_published_table() -> None:
    # Garwood 1936 (also Ulm 1990, Am J Epidemiol 131:373-375): 95 % limits of a count, 0 to 3.689,
    # 1 (0.0253, 5.572), 10 (4.795, 18.39). R's poisson.test(10) prints 4.795389 and 18.390356
    # (README of mclements/MonetDB-rmath); the tests of epigraphhub's port of epitools' pois.exact
    # hold 0.02531781 and 5.57164339 for 1.
    assert garwood(0, 1, 0.95).conf_high == pytest.approx(3.689, abs=5e-4)
    one, ten = garwood(1, 1, 0.95), garwood(10, 1, 0.95)
    assert (one.conf_low, one.conf_high) == pytest.approx((0.0253, 5.572), abs=5e-4)
    assert (ten.conf_low, ten.conf_high) == pytest.approx((4.795, 18.39), abs=5e-3)


@given(st.integers(1, 200), st.floats(0.1, 50))
def test_garwood_inverts_the_poisson_tails(events: int, time: float) -> None:
    found = garwood(events, time, 0.9)
    assert poisson.cdf(events, found.conf_high * time) == pytest.approx(0.05, rel=1e-6)
    assert poisson.sf(events - 1, found.conf_low * time) == pytest.approx(0.05, rel=1e-6)


@pytest.mark.parametrize(
    ("events", "time", "reference_events", "reference_time"),
    [(60, 51477.5, 30, 54308.7), (5, 12.0, 2, 15.5), (3, 1.2, 9, 0.8)],
)
def test_the_rate_difference_is_that_of_statsmodels(
    events: int, time: float, reference_events: int, reference_time: float
) -> None:
    # statsmodels gives the same score interval by its own root search.
    found = rate_difference(TwoRates(events, time, reference_events, reference_time), 0.95)
    other = confint_poisson_2indep(
        events, time, reference_events, reference_time, method="score", compare="diff"
    )
    assert found.conf_low == pytest.approx(other[0], rel=1e-5)
    assert found.conf_high == pytest.approx(other[1], rel=1e-5)


@settings(max_examples=50)
@given(st.integers(0, 40), st.floats(0.5, 50), st.integers(0, 40), st.floats(0.5, 50))
def test_swapping_the_arms_turns_the_rate_difference_round(
    a: int, s: float, b: int, t: float
) -> None:
    one = rate_difference(TwoRates(a, s, b, t), 0.95)
    two = rate_difference(TwoRates(b, t, a, s), 0.95)
    assert two.estimate == pytest.approx(-one.estimate, rel=EXACT, abs=EXACT)
    assert two.conf_low == pytest.approx(-one.conf_high, rel=ROOT, abs=1e-7)
    assert one.conf_low < one.estimate < one.conf_high


def test_no_time_at_risk_is_refused() -> None:
    with pytest.raises(ValueError, match=r"3 events in a time of 0\.0"):
        TwoRates(3, 0.0, 1, 2.0)


def test_fisher_of_the_tea_tasting_lady() -> None:
    # Fisher 1935, The Design of Experiments: all eight cups right, two-sided p = 2/70.
    assert fisher_p_value(TwoProportions(4, 4, 0, 4)) == pytest.approx(2 / 70, rel=1e-9)
    assert np.isclose(fisher_p_value(TwoProportions(3, 4, 1, 4)), 34 / 70)
