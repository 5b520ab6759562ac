"""Pooled effects against what metafor prints, statsmodels, closed forms and properties."""

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.stats import f_oneway, norm
from statsmodels.stats.meta_analysis import combine_effects, effectsize_smd

from ketaoutcomes.numerics.meta_analysis.effect_sizes import (
    Counts,
    Means,
    bias_factor,
    hedges_g,
    log_odds_ratio,
    log_risk_ratio,
    mean_difference,
    risk_difference,
    tells_nothing,
)
from ketaoutcomes.numerics.meta_analysis.pooling import pool, small_study_effects, without_each
from ketaoutcomes.numerics.meta_analysis.regression import indicators, regress
from ketaoutcomes.numerics.meta_analysis.spread import between_studies
from tolerances import EXACT

# Tuberculosis with and without vaccination in 13 trials: positive and negative of the vaccinated,
# then of the others (Colditz et al. 1994, JAMA 271:698-702; van Houwelingen, Arends & Stijnen 2002,
# Stat Med 21:589-624, table I).
BCG = (
    (4, 119, 11, 128),
    (6, 300, 29, 274),
    (3, 228, 11, 209),
    (62, 13536, 248, 12619),
    (33, 5036, 47, 5761),
    (180, 1361, 372, 1079),
    (8, 2537, 10, 619),
    (505, 87886, 499, 87892),
    (29, 7470, 45, 7232),
    (17, 1699, 65, 1600),
    (186, 50448, 141, 27197),
    (5, 2493, 3, 2338),
    (27, 16886, 29, 17825),
)
TWO_SUMMITS = (
    np.array([-0.239, 1.538, -1.49, -0.253]),
    np.array([0.0131, 0.3142, 0.3058, 0.0056]),
)
"""Two precise and two vague studies: the restricted likelihood is high at 0, and higher at 1.06."""
PRINTED = 6e-5
"""metafor prints four decimals; half a unit of the last, and its own rounding."""


def bcg(measure=log_risk_ratio):
    effects = [measure(Counts(a, a + b), Counts(c, c + d)) for a, b, c, d in BCG]
    return np.array([e.estimate for e in effects]), np.array([e.variance for e in effects])


def some(seed: int, k: int = 8, between: float = 0.1, decades: float = 1.3):
    rng = np.random.default_rng(seed)
    v = 0.4 * 10 ** -rng.uniform(0, decades, k)
    return rng.normal(-0.4, np.sqrt(v + between)), v


def ones(y):
    return np.ones((y.size, 1))


def test_restricted_likelihood_is_what_metafor_prints():
    # rma(yi, vi) of escalc(measure = "RR") of dat.bcg, printed at
    # cttir.github.io/courses/course3_design_causal/labs/lab_week4_session2_slides.html
    pooled = pool(*bcg(), "reml", "normal")
    assert pooled.heterogeneity is not None
    found = [
        pooled.estimate,
        pooled.std_error,
        pooled.statistic,
        pooled.conf_low,
        pooled.conf_high,
        pooled.heterogeneity.tau2,
        pooled.heterogeneity.q,
    ]
    printed = [-0.7145, 0.1798, -3.9744, -1.0669, -0.3622, 0.3132, 152.2330]
    np.testing.assert_allclose(found, printed, atol=PRINTED)
    assert pooled.heterogeneity.i2 == pytest.approx(92.22, abs=0.005)


def test_the_regression_test_is_what_metafor_prints():
    # regtest(res, model = "lm"), on the same page: t = -1.4013, df = 11, p = 0.1887
    test = small_study_effects(*bcg())
    assert (test.df, round(test.statistic, 4), round(test.p_value, 4)) == (11, -1.4013, 0.1887)


def test_the_interval_of_the_variance_is_what_metafor_prints():
    # confint of the log odds ratios, 0.1302 to 1.1812, at
    # metafor-project.org/doku.php/analyses:vanhouwelingen2002; it is printed to the last digit but
    # one, for its root finder stops at 1e-4
    spread = pool(*bcg(log_odds_ratio)).heterogeneity
    assert spread is not None
    np.testing.assert_allclose([spread.conf_low, spread.conf_high], [0.1302, 1.1812], atol=1e-4)


# statsmodels lets the variance between studies go below 0; these studies differ too much for that.
@pytest.mark.parametrize(
    "data", [bcg(), some(1, between=2), some(2, between=2)], ids=["bcg", "some", "others"]
)
def test_moments_and_paule_mandel_are_those_of_statsmodels(data):
    y, v = data
    for ours, theirs in (("paule-mandel", "iterated"), ("dersimonian-laird", "chi2")):
        other = combine_effects(y, v, method_re=theirs)
        found = pool(y, v, ours, "normal")
        # its iteration stops at a relative change of 1e-5
        assert between_studies(y, v, ours, ones(y)) == pytest.approx(other.tau2, rel=1e-4, abs=1e-9)
        assert found.estimate == pytest.approx(other.mean_effect_re, rel=1e-5)
        assert found.std_error == pytest.approx(other.sd_eff_w_re, rel=1e-5)
        wider = max(other.sd_eff_w_re_hksj, other.sd_eff_w_re)
        assert pool(y, v, ours).std_error == pytest.approx(wider, rel=1e-5)
    common = pool(y, v, "none")
    assert common.estimate == pytest.approx(combine_effects(y, v).mean_effect_fe, rel=EXACT)


def restricted_likelihood(y, v, tau2):
    w = 1 / (v + tau2)
    mean = w @ y / w.sum()
    return norm.logpdf(y, mean, np.sqrt(v + tau2)).sum() - 0.5 * np.log(w.sum())


@given(seed=st.integers(0, 4000), k=st.integers(2, 8), decades=st.floats(0, 4))
@example(seed=0, k=0, decades=0)
@settings(max_examples=60)
def test_no_other_variance_is_more_likely(seed, k, decades):
    y, v = some(seed, k, decades=decades) if k else TWO_SUMMITS
    best = between_studies(y, v, "reml", ones(y))
    others = np.append(0, np.geomspace(1e-6, 20, 600))
    highest = max(restricted_likelihood(y, v, other) for other in others)
    assert restricted_likelihood(y, v, best) >= highest - 1e-9


def test_a_variance_of_zero_is_not_taken_where_another_is_likelier():
    spread = pool(*TWO_SUMMITS).heterogeneity
    assert spread is not None
    assert spread.tau2 == pytest.approx(1.062, abs=5e-4)
    assert spread.conf_low < spread.tau2 < spread.conf_high


def test_equal_variances_have_closed_forms():
    y, v = np.array([-1.0, 0.0, 0.4, 1.6]), np.full(4, 0.2)
    for estimator in ("reml", "paule-mandel", "dersimonian-laird"):
        # the variance between is the variance of the effects less that within
        assert between_studies(y, v, estimator, ones(y)) == pytest.approx(
            y.var(ddof=1) - 0.2, rel=1e-9
        )
    pooled = pool(y, v)
    assert pooled.estimate == pytest.approx(y.mean(), rel=EXACT)
    assert pooled.std_error == pytest.approx(y.std(ddof=1) / 2, rel=1e-9)


def test_studies_that_agree_by_chance_do_not_narrow_the_interval():
    y, v = np.array([0.5, 0.5001, 0.4999]), np.full(3, 0.1)
    pooled = pool(y, v)
    assert pooled.std_error == pytest.approx(np.sqrt(0.1 / 3), rel=EXACT)
    assert pooled.heterogeneity is not None
    assert pooled.heterogeneity.tau2 == 0


def test_one_study_is_itself():
    pooled = pool(np.array([0.3]), np.array([0.04]))
    assert (pooled.estimate, pooled.heterogeneity, pooled.prediction) == (0.3, None, None)
    assert pooled.std_error == pytest.approx(0.2, rel=EXACT)


@given(seed=st.integers(0, 200), factor=st.floats(0.1, 50), shift=st.floats(-5, 5))
@settings(max_examples=30)
def test_order_sign_and_unit_only_move_the_result(seed, factor, shift):
    y, v = some(seed)
    one = pool(y, v)
    order = np.random.default_rng(seed).permutation(y.size)
    other = pool(-factor * y[order] + shift, factor**2 * v[order])
    assert other.estimate == pytest.approx(-factor * one.estimate + shift, rel=1e-7, abs=1e-7)
    assert other.std_error == pytest.approx(factor * one.std_error, rel=1e-7)
    assert one.heterogeneity is not None
    assert other.heterogeneity is not None
    assert other.heterogeneity.i2 == pytest.approx(one.heterogeneity.i2, abs=1e-5)


def test_without_each_is_the_pool_of_the_others():
    y, v = some(3)
    second = without_each(y, v, "reml", "hartung-knapp", 0.95)[1]
    assert second.estimate == pool(np.delete(y, 1), np.delete(v, 1)).estimate


LATITUDE = np.array([44, 55, 42, 52, 13, 44, 19, 13, 27, 42, 18, 33, 33.0])
"""Degrees from the equator of the 13 trials (Berkey et al. 1995, table I)."""


def smoothed():
    """Log risk ratios, with the smoothed variances of Berkey et al. 1995, p. 408."""
    y, _ = bcg()
    a, b, c, d = np.array(BCG, dtype=float).T
    v = (b / a).sum() / (13 * (a + b)) + (d / c).sum() / (13 * (c + d))
    return y, v, np.column_stack([np.ones(13), LATITUDE - 33.46])


def test_the_regression_on_latitude_is_the_published_one():
    # Berkey, Hoaglin, Mosteller & Colditz 1995, Stat Med 14:395-411, p. 408, as metafor's tests
    # quote it: coefficients and errors with four decimals, the variance with three. Their empirical
    # Bayes variance is Paule and Mandel's.
    found = regress(*smoothed(), "paule-mandel", knapp_hartung=False)
    np.testing.assert_allclose(found.beta, [-0.6303, -0.0268], atol=PRINTED)
    np.testing.assert_allclose(found.std_error, [0.1591, 0.0110], atol=PRINTED)
    assert found.tau2 == pytest.approx(0.157, abs=5e-4)
    assert found.explained == pytest.approx(0.41, abs=5e-3)
    y, v, X = smoothed()
    assert between_studies(y, v, "paule-mandel", X[:, :1]) == pytest.approx(0.268, abs=5e-4)


def test_the_regression_with_one_common_effect_is_the_published_one():
    found = regress(*smoothed(), "none", knapp_hartung=False)
    np.testing.assert_allclose(found.beta, [-0.5949, -0.0282], atol=PRINTED)
    np.testing.assert_allclose(found.std_error, [0.0696, 0.0040], atol=PRINTED)


@pytest.mark.parametrize("estimator", ["reml", "paule-mandel", "dersimonian-laird"])
def test_with_equal_variances_the_regression_is_least_squares(estimator):
    rng = np.random.default_rng(3)
    x = rng.normal(size=12)
    y, v = 0.3 * x + rng.normal(size=12), np.full(12, 0.05)
    ours = regress(y, v, np.column_stack([np.ones(12), x]), estimator)
    theirs = sm.OLS(y, sm.add_constant(x)).fit()
    # the residual variance of least squares is v + tau2, and F is the square of its t
    np.testing.assert_allclose(ours.beta, theirs.params, rtol=1e-9)
    np.testing.assert_allclose(ours.std_error, theirs.bse, rtol=1e-9)
    np.testing.assert_allclose(ours.p_value, theirs.pvalues, rtol=1e-8)
    assert ours.tau2 == pytest.approx(theirs.mse_resid - 0.05, rel=1e-9)
    assert ours.p_of_all == pytest.approx(theirs.f_pvalue, rel=1e-8)


def test_with_equal_variances_groups_are_compared_by_analysis_of_variance():
    rng = np.random.default_rng(4)
    labels = ["b"] * 5 + ["a"] * 4 + ["c"] * 6
    y, v = rng.normal(size=15), np.full(15, 0.1)
    found = regress(y, v, indicators(labels))
    groups = [y[[label == name for label in labels]] for name in "abc"]
    other = f_oneway(*groups)
    assert (found.df, found.df_residual) == (2, 12)
    assert found.statistic == pytest.approx(other.statistic, rel=1e-8)
    assert found.p_of_all == pytest.approx(other.pvalue, rel=1e-8)


@given(seed=st.integers(0, 400), factor=st.floats(0.2, 5), shift=st.floats(-3, 3))
@settings(max_examples=25)
def test_the_test_of_a_slope_does_not_know_its_unit(seed, factor, shift):
    y, v = some(seed, decades=2.5)
    x = np.random.default_rng(seed + 1).normal(size=y.size)
    one = regress(y, v, np.column_stack([np.ones(y.size), x]))
    other = regress(y, v, np.column_stack([np.ones(y.size), shift + factor * x]))
    assert other.p_of_all == pytest.approx(one.p_of_all, rel=1e-6)
    assert factor * other.beta[1] == pytest.approx(one.beta[1], rel=1e-6)


def test_hedges_g_is_that_of_statsmodels_but_for_the_exact_factor():
    active, control = Means(15, 6.33, 6.72), Means(15, 19.07, 10.34)
    other, _ = effectsize_smd(6.33, 6.72, 15, 19.07, 10.34, 15)
    # statsmodels' factor is the approximation 1 - 3 / (4 df - 1)
    g = hedges_g(active, control)
    assert g.estimate == pytest.approx(other * bias_factor(28) / (1 - 3 / (4 * 28 - 1)), rel=EXACT)
    assert g.variance == pytest.approx(2 / 15 + g.estimate**2 / 60, rel=EXACT)


def test_differences_and_ratios_by_hand():
    found = mean_difference(Means(10, 5.0, 2.0), Means(20, 7.0, 3.0))
    assert (found.estimate, found.variance) == pytest.approx((-2.0, 4 / 10 + 9 / 20))
    a, c = Counts(6, 20), Counts(3, 30)
    assert log_risk_ratio(a, c).estimate == pytest.approx(np.log(3), rel=EXACT)
    assert log_risk_ratio(a, c).variance == pytest.approx(1 / 6 - 1 / 20 + 1 / 3 - 1 / 30)
    assert log_odds_ratio(a, c).estimate == pytest.approx(np.log(6 * 27 / (14 * 3)), rel=EXACT)
    assert log_odds_ratio(a, c).variance == pytest.approx(1 / 6 + 1 / 14 + 1 / 3 + 1 / 27)
    assert risk_difference(a, c).estimate == pytest.approx(0.2, rel=EXACT)
    # an empty cell: half an event more in each of the four
    empty = log_risk_ratio(Counts(0, 20), c)
    assert empty.estimate == pytest.approx(np.log((0.5 / 21) / (3.5 / 31)), rel=EXACT)


@pytest.mark.parametrize(
    ("active", "control", "nothing"),
    [((0, 9), (0, 8), True), ((9, 9), (8, 8), True), ((0, 9), (1, 8), False)],
)
def test_studies_without_any_event_or_with_all_tell_no_ratio(active, control, nothing):
    assert tells_nothing(Counts(*active), Counts(*control)) is nothing
