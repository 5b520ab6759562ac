"""Curves, restricted means and tests by closed forms and by hand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lifelines import KaplanMeierFitter
from scipy.optimize import minimize
from statsmodels.duration.survfunc import survdiff

from ketaoutcomes.numerics.survival.counting import SurvivalDataError
from ketaoutcomes.numerics.survival.kaplan_meier import (
    Quantile,
    at_risk,
    kaplan_meier,
    milestone_difference,
    quantile,
    survival_at,
)
from ketaoutcomes.numerics.survival.log_rank import Weight, log_rank, log_rank_scores
from ketaoutcomes.numerics.survival.max_combo import DEFAULT_WEIGHTS, max_combo
from ketaoutcomes.numerics.survival.pseudo_values import pseudo_restricted_mean, pseudo_survival
from ketaoutcomes.numerics.survival.restricted_mean import (
    BeyondFollowUpError,
    largest_tau,
    restricted_mean,
    time_lost_ratio,
)
from ketaoutcomes.numerics.survival.restricted_mean_regression import regress_restricted_mean
from ketaoutcomes.numerics.survival.turnbull import turnbull
from tolerances import EXACT

TIME = np.array([3.0, 5, 5, 7, 8, 11, 12, 12, 15, 20])
ALL_EVENTS = np.ones(10, bool)
SOME_EVENTS = np.array([1, 1, 0, 1, 0, 1, 1, 0, 0, 1], bool)


def _simulated(n: int = 120, seed: int = 3) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    arm = rng.integers(0, 2, n)
    latent, censored = rng.exponential(20 + 10 * arm), rng.uniform(5, 40, n)
    time = np.ceil(np.minimum(latent, censored))
    return time, latent <= censored, arm


def test_without_censoring_the_curve_is_the_empirical_survival() -> None:
    curve = kaplan_meier(TIME, ALL_EVENTS, "plain")
    empirical = np.array([(t < TIME).mean() for t in curve.times])
    np.testing.assert_allclose(curve.survival, empirical, atol=EXACT)
    # Greenwood's variance is then the binomial one
    binomial = np.sqrt(empirical * (1 - empirical) / TIME.size)
    np.testing.assert_allclose(curve.std_error[:-1], binomial[:-1], rtol=EXACT)
    assert np.isnan(curve.std_error[-1])
    assert np.isnan(curve.conf_low[-1])


def test_curve_equals_lifelines() -> None:
    time, event, _ = _simulated()
    curve = kaplan_meier(time, event)
    other = KaplanMeierFitter().fit(time, event)
    expected = other.survival_function_at_times(curve.times).to_numpy()
    np.testing.assert_allclose(curve.survival, expected, rtol=1e-10)
    limits = other.confidence_interval_.loc[curve.times].to_numpy()
    known = (curve.survival > 0) & (curve.survival < 1)
    np.testing.assert_allclose(curve.conf_low[known], limits[known, 0], rtol=1e-8)
    np.testing.assert_allclose(curve.conf_high[known], limits[known, 1], rtol=1e-8)


def test_weights_count_as_repeated_subjects() -> None:
    weight = np.array([1, 2, 1, 3, 1, 1, 2, 1, 1, 2])
    weighted = kaplan_meier(TIME, SOME_EVENTS, weight=weight)
    repeated = kaplan_meier(np.repeat(TIME, weight), np.repeat(SOME_EVENTS, weight))
    np.testing.assert_allclose(weighted.survival, repeated.survival, rtol=EXACT)
    np.testing.assert_allclose(weighted.std_error, repeated.std_error, rtol=EXACT)


def test_delayed_entry_leaves_subjects_out_until_they_enter() -> None:
    curve = kaplan_meier([2.0, 4.0, 6.0], [1, 1, 1], entry=[0.0, 3.0, 1.0])
    assert curve.n_at_risk.tolist() == [2, 2, 1]
    np.testing.assert_allclose(curve.survival, [1 / 2, 1 / 4, 0])


def test_at_risk_is_counted_at_the_tick() -> None:
    assert at_risk([28.0, 28.0, 10.0], [0, 10, 28, 29]).tolist() == [3, 3, 2, 0]
    assert at_risk([28.0, 28.0], [5, 28], entry=[5.0, 0.0]).tolist() == [1, 2]


def test_quantile_takes_the_middle_of_a_flat_stretch() -> None:
    curve = kaplan_meier([1.0, 2.0, 3.0, 4.0], [1, 1, 1, 1])
    assert quantile(curve, 0.5).estimate == 2.5
    assert quantile(curve, 0.6).estimate == 3.0
    assert quantile(curve, 0.5).conf_high is None


def test_a_median_that_is_not_reached_is_none() -> None:
    curve = kaplan_meier([1.0, 2.0, 3.0, 4.0], [1, 0, 0, 0])
    assert quantile(curve) == Quantile(None, 1.0, None)


def test_an_arm_without_events_keeps_its_curve_at_one() -> None:
    curve = kaplan_meier([3.0, 4.0], [0, 0])
    assert curve.survival.tolist() == curve.conf_low.tolist() == [1.0, 1.0]
    assert quantile(curve).estimate is None
    mean = restricted_mean(curve, 4.0)
    assert (mean.estimate, mean.variance) == (4.0, 0.0)


def test_survival_beyond_follow_up_is_missing_unless_zero() -> None:
    censored, ended = kaplan_meier([1.0, 2.0], [1, 0]), kaplan_meier([1.0, 2.0], [1, 1])
    assert np.isnan(survival_at(censored, 3.0)[0])
    assert survival_at(ended, 3.0)[0] == 0
    assert survival_at(censored, 0.5) == (1.0, 1.0, 1.0)


def test_milestone_difference_without_censoring_is_that_of_two_proportions() -> None:
    time, _, arm = _simulated()
    curves = [kaplan_meier(time[arm == k], np.ones((arm == k).sum())) for k in (1, 0)]
    found = milestone_difference(*curves, 15.0)
    shares = [(time[arm == k] > 15).mean() for k in (1, 0)]
    variance = sum(p * (1 - p) / (arm == k).sum() for p, k in zip(shares, (1, 0), strict=True))
    assert found.estimate == pytest.approx(shares[0] - shares[1], abs=EXACT)
    assert found.std_error == pytest.approx(variance**0.5, rel=EXACT)
    assert found.conf_low < found.estimate < found.conf_high


def test_milestone_difference_says_why_there_is_none() -> None:
    first, second = kaplan_meier([1.0, 9.0], [1, 0]), kaplan_meier([1.0, 2.0], [1, 0])
    assert milestone_difference(first, second, 5.0).reason == "beyond follow-up"
    early = milestone_difference(first, second, 0.5)
    assert early.reason == "no variance: survival is 0 or 1"
    assert np.isnan(early.p_value)


def test_restricted_mean_without_censoring_is_the_mean_of_the_bounded_times() -> None:
    tau = 13.0
    mean = restricted_mean(kaplan_meier(TIME, ALL_EVENTS), tau)
    bounded = np.minimum(TIME, tau)
    assert mean.estimate == pytest.approx(bounded.mean(), rel=EXACT)
    assert mean.variance == pytest.approx(bounded.var() / TIME.size, rel=EXACT)


def test_tau_beyond_follow_up_is_refused() -> None:
    curve = kaplan_meier([1.0, 5.0], [1, 0])
    with pytest.raises(
        BeyondFollowUpError, match=r"follow-up ends at 5, before the time horizon of the RMST, 6"
    ):
        restricted_mean(curve, 6.0)


def test_largest_tau_is_that_of_the_shortest_open_curve() -> None:
    open_ended, ended = kaplan_meier([1.0, 5.0], [1, 0]), kaplan_meier([1.0, 3.0], [1, 1])
    assert largest_tau((open_ended, ended)) == 5
    assert largest_tau((ended, ended)) == 3


def test_no_ratio_of_time_lost_where_none_is_lost() -> None:
    whole = restricted_mean(kaplan_meier([5.0, 6.0], [0, 0]), 5.0)
    some = restricted_mean(kaplan_meier([2.0, 6.0], [1, 0]), 5.0)
    assert time_lost_ratio(whole, some, 0.95) is None


def test_restricted_mean_regression_without_censoring_is_least_squares() -> None:
    time, _, arm = _simulated()
    X = np.column_stack([np.ones(time.size), arm])
    fit = regress_restricted_mean(time, np.ones(time.size), X, arm, 25.0)
    y = np.minimum(time, 25.0)
    expected = [y[arm == 0].mean(), y[arm == 1].mean() - y[arm == 0].mean()]
    np.testing.assert_allclose(fit.beta, expected, rtol=EXACT)
    variances = [y[arm == k].var() / (arm == k).sum() for k in (0, 1)]
    np.testing.assert_allclose(fit.std_error[1] ** 2, sum(variances), rtol=1e-10)
    logs = regress_restricted_mean(time, np.ones(time.size), X, arm, 25.0, "ratio")
    np.testing.assert_allclose(np.exp(logs.beta[0]), expected[0], rtol=1e-10)


def test_pseudo_values_without_censoring_are_the_outcomes() -> None:
    found = pseudo_survival(TIME, ALL_EVENTS, [6.0, 12.0])
    np.testing.assert_allclose(found, TIME[:, None] > [6.0, 12.0], atol=1e-10)
    areas = pseudo_restricted_mean(TIME, ALL_EVENTS, [13.0])
    np.testing.assert_allclose(areas[:, 0], np.minimum(TIME, 13.0), rtol=1e-10)


def test_log_rank_by_hand() -> None:
    # risk sets at 1: (2 a, 2 b), a dies; at 2: (1, 2), b dies; at 3: (1, 1), a dies
    test = log_rank([1.0, 3.0, 2.0, 4.0], [1, 1, 1, 0], ["a", "a", "b", "b"])
    expected = 1 / 2 + 1 / 3 + 1 / 2
    variance = 1 / 4 + 2 / 9 + 1 / 4
    np.testing.assert_allclose(test.expected, [expected, 3 - expected], rtol=EXACT)
    assert test.statistic == pytest.approx((2 - expected) ** 2 / variance, rel=EXACT)
    assert test.z == pytest.approx(-(2 - expected) / variance**0.5, rel=EXACT)


def test_stratified_log_rank_equals_statsmodels() -> None:
    time, event, arm = _simulated()
    strata = np.arange(time.size) % 3
    found = log_rank(time, event, arm, strata=strata)
    statistic, p_value = survdiff(time, event.astype(int), arm, strata=strata)
    assert found.statistic == pytest.approx(statistic, rel=1e-10)
    assert found.p_value == pytest.approx(p_value, rel=1e-10)
    assert found.df == 1


def test_fleming_harrington_weights_sum_to_the_log_rank() -> None:
    time, event, arm = _simulated()
    weights = DEFAULT_WEIGHTS[:3]
    scores = log_rank_scores(time, event, arm, weights)
    np.testing.assert_allclose(scores.score[0], scores.score[1] + scores.score[2], rtol=1e-10)


def test_a_log_rank_test_without_events_says_so() -> None:
    nothing = log_rank([1.0, 2.0], [0, 0], ["a", "b"])
    assert nothing.reason == "no event in any group"
    assert np.isnan(nothing.p_value)
    alone = log_rank([1.0, 2.0], [0, 1], ["a", "b"])
    assert alone.reason == "no event while two groups were at risk"


def test_a_stranger_among_the_groups_is_named() -> None:
    with pytest.raises(ValueError, match="groups not among a, b: c"):
        log_rank([1.0, 2.0], [1, 1], ["a", "c"], groups=("a", "b"))


def test_max_combo_of_one_weight_is_its_own_normal_test() -> None:
    time, event, arm = _simulated()
    combined = max_combo(time, event, arm, (Weight(),))
    assert combined.p_value == pytest.approx(log_rank(time, event, arm).p_value, rel=1e-6)


def test_max_combo_integral_equals_quadrature_over_angles() -> None:
    # log-rank, late and early weights span a plane: P(max |z| < c) is an integral over one angle
    time, event, arm = _simulated(seed=8)
    test = max_combo(time, event, arm, DEFAULT_WEIGHTS[:3])
    values, vectors = np.linalg.eigh(test.correlation)
    assert values[0] == pytest.approx(0, abs=1e-10)
    directions = vectors[:, 1:] * np.sqrt(values[1:])
    angle = np.linspace(0, 2 * np.pi, 20_000, endpoint=False)
    reach = np.abs(directions @ np.stack([np.cos(angle), np.sin(angle)])).max(axis=0)
    outside = np.exp(-0.5 * (abs(test.statistic) / reach) ** 2).mean()
    assert test.p_value == pytest.approx(outside, abs=2e-5)


def test_max_combo_is_the_same_twice_and_wants_two_groups() -> None:
    time, event, arm = _simulated()
    assert max_combo(time, event, arm).p_value == max_combo(time, event, arm).p_value
    with pytest.raises(ValueError, match="compares two groups, not 3"):
        max_combo(time, event, np.arange(time.size) % 3)


def test_max_combo_without_events_says_so() -> None:
    test = max_combo([1.0, 2.0], [0, 0], ["a", "b"])
    assert test.reason == "a weight leaves no event while two groups were at risk"


def test_turnbull_of_exact_and_right_censored_times_is_kaplan_meier() -> None:
    high = np.where(SOME_EVENTS, TIME, np.inf)
    # a censored subject's event comes after its time
    curve = turnbull(TIME, high)
    expected = kaplan_meier(TIME, SOME_EVENTS)
    at = curve.times[np.isfinite(curve.right)]
    places = np.searchsorted(expected.times, at)
    assert curve.converged
    np.testing.assert_allclose(curve.survival[: at.size], expected.survival[places], atol=1e-12)


def test_turnbull_of_disjoint_intervals_is_their_shares() -> None:
    curve = turnbull([0.0, 0.0, 2.0, 5.0], [1.0, 1.0, 3.0, 6.0])
    np.testing.assert_allclose(curve.probability, [1 / 2, 1 / 4, 1 / 4], rtol=EXACT)
    assert curve.times.tolist() == [0.5, 2.5, 5.5]


@pytest.mark.parametrize(
    ("time", "event", "options", "message"),
    [
        ([1.0], [1, 0], {}, "must have the same length"),
        ([], [], {}, "there is no observation"),
        ([np.nan], [1], {}, "a time is missing or infinite"),
        ([-1.0], [1], {}, "a time is negative"),
        ([1.0], [2], {}, "an event is not 0 or 1"),
        ([1.0], [1], {"entry": [1.0]}, "a time is not after its entry"),
        ([1.0], [1], {"weight": [0.0]}, "a weight is not positive"),
        ([[1.0]], [[1]], {}, "time must be one column"),
    ],
)
def test_data_that_cannot_be_used_are_refused(time, event, options, message) -> None:
    with pytest.raises(SurvivalDataError, match=message):
        kaplan_meier(time, event, **options)


def test_crossed_limits_are_refused() -> None:
    with pytest.raises(SurvivalDataError, match="the limits cross"):
        turnbull([2.0], [1.0])


def inspection_data(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Events seen at irregular visits: between the last visit before and the first after."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(8, 40))
    event = rng.exponential(10, n)
    visits = np.sort(np.ceil(rng.uniform(0, 30, (n, 4))), axis=1)
    low = np.array([max([0, *v[v < t]]) for v, t in zip(visits, event, strict=True)])
    high = np.array([min([np.inf, *v[v >= t]]) for v, t in zip(visits, event, strict=True)])
    return low, high


@pytest.mark.parametrize("seed", range(12))
def test_turnbull_is_the_constrained_maximum_of_another_optimiser(seed) -> None:
    low, high = inspection_data(seed)
    curve = turnbull(low, high)
    inside = 1.0 * ((curve.left >= low[:, None]) & (curve.right <= high[:, None]))

    def minus(p: np.ndarray) -> float:
        return -float(np.log(np.maximum(inside @ p, 1e-300)).sum())

    k = curve.left.size
    found = minimize(
        minus,
        np.full(k, 1 / k),
        jac=lambda p: -inside.T @ (1 / (inside @ p)),
        bounds=[(1e-12, 1)] * k,
        constraints={"type": "eq", "fun": lambda p: p.sum() - 1, "jac": np.ones_like},
        method="SLSQP",
        options={"ftol": 1e-14, "maxiter": 2000},
    )
    assert curve.converged
    # no other point is higher, and SLSQP comes within its own error of this one
    assert -1e-9 <= curve.log_likelihood + found.fun < 1e-5
    gradient = inside.T @ (1 / (inside @ curve.probability)) / low.size
    assert gradient.max() < 1 + 1e-10
    assert curve.probability.sum() == pytest.approx(1.0, abs=1e-12)


@given(st.integers(0, 10_000))
@settings(max_examples=25, deadline=None)
def test_turnbull_does_not_depend_on_the_order_or_on_copies_of_the_data(seed) -> None:
    low, high = inspection_data(seed)
    order = np.random.default_rng(seed).permutation(low.size)
    plain, other = turnbull(low, high), turnbull(np.tile(low[order], 3), np.tile(high[order], 3))
    assert plain.converged
    assert other.converged
    fitted = [
        ((c.left >= low[:, None]) & (c.right <= high[:, None])) @ c.probability
        for c in (plain, other)
    ]
    # the probabilities of the subjects' intervals are unique, those of the support need not be
    np.testing.assert_allclose(fitted[0], fitted[1], atol=1e-7)


def test_turnbull_converges_where_self_consistency_crawls() -> None:
    # mass that leaves an interval only as 1 / iteration: 100,000 such steps did not get there
    low = np.array([0, 0, 1, 1, 2, 2, 3, 0.0] * 40)
    high = np.array([2, 3, 3, 4, 4, 5, np.inf, 1.0] * 40)
    curve = turnbull(low, high)
    assert curve.converged
    assert curve.iterations < 60
