"""Imputation by closed forms, invariances and slow ways of computing the same."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from incomplete_trials import (
    AT_RANDOM,
    STRATEGIES,
    analysis_design,
    fitted,
    incomplete,
    parameters,
    simulated,
)
from ketaoutcomes.numerics.imputation.ancova import fit_ancova, weighted_coefficients
from ketaoutcomes.numerics.imputation.complete import complete
from ketaoutcomes.numerics.imputation.completed_mmrm import analyse_by_mmrm
from ketaoutcomes.numerics.imputation.posterior import draw_posterior
from ketaoutcomes.numerics.imputation.resample import bootstrap_weights, jackknife_weights, refit
from ketaoutcomes.numerics.imputation.strategies import Profile, jump_to_reference
from ketaoutcomes.numerics.imputation.trial import IncompleteTrial, Parameters
from ketaoutcomes.numerics.mmrm.contrasts import Inference, contrast
from ketaoutcomes.numerics.mmrm.fit import fit_mmrm
from ketaoutcomes.numerics.mmrm.identify import NotIdentifiedError
from ketaoutcomes.numerics.mmrm.packed import PackedProducts
from ketaoutcomes.numerics.mmrm.patterns import pattern_statistics
from tolerances import EXACT, SAME_OPTIMUM

ROUNDING = 1e-10
"""The same numbers after many more operations than one formula."""
ARM = np.array([0.0, 1.0, 0.0])


def trial(strategy: str = AT_RANDOM, seed: int = 1, n: int = 60) -> IncompleteTrial:
    return incomplete(*simulated(seed, n), strategy)


def last_difference(data: IncompleteTrial, baseline: np.ndarray) -> float:
    """ANCOVA of the conditional means at the last visit."""
    values = complete(data, parameters(fitted(data)))
    return float(fit_ancova(analysis_design(data.arm, baseline), values[..., -1]).beta[0, 1])


# --- strategies ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("strategy", "mean_1", "mean_2"),
    [
        ("missing at random", -2.0, -5.0),
        ("jump to reference", -2.0, -3.0),
        ("copy reference", -1.0, -3.0),
        ("copy increments in reference", -2.0, -4.0),
        ("last mean carried forward", -2.0, -2.0),
    ],
)
def test_two_visits_in_closed_form(strategy: str, mean_1: float, mean_2: float) -> None:
    """The mean at visit 2 given y1 is mean_2 + s12 / s11 (y1 - mean_1)."""
    y = np.array([[-4.0, np.nan]])
    arm = np.array([1])
    data = incomplete(y, arm, np.zeros(1), strategy)
    # reference -1, -3; the drug -1 and -2 lower
    beta = np.array([[-1.0, -3.0, -1.0, -2.0, 0.0, 0.0]])
    sigma = np.array([[4.0, 3.0], [3.0, 9.0]])[None, None]
    filled = complete(data, Parameters(beta, sigma))[0, 0]
    assert filled[0] == -4
    assert filled[1] == pytest.approx(mean_2 + 3 / 4 * (-4 - mean_1), rel=EXACT)


@pytest.mark.parametrize(
    ("strategy", "expected"),
    [("copy increments in reference", -1.0), ("last mean carried forward", 0.0)],
)
def test_an_event_before_the_first_visit_starts_at_baseline(strategy: str, expected: float) -> None:
    data = incomplete(np.full((1, 2), np.nan), np.array([1]), np.zeros(1), strategy)
    beta = np.array([[-1.0, -3.0, -1.0, -2.0, 0.0, 0.0]])
    filled = complete(data, Parameters(beta, np.eye(2)[None, None]))[0, 0]
    assert filled[0] == expected


def test_after_a_jump_later_visits_follow_the_regression_of_the_reference() -> None:
    rng = np.random.default_rng(1)
    own, reference = (a @ a.T for a in rng.standard_normal((2, 4, 4)))
    before = np.array([True, True, False, False])
    mean = rng.standard_normal((2, 1, 4))
    joined = jump_to_reference(
        Profile(mean[0], own), Profile(mean[1], reference), before
    ).covariance

    def regression(V: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        B = V[2:, :2] @ np.linalg.inv(V[:2, :2])
        return B, V[2:, 2:] - B @ V[:2, 2:]

    np.testing.assert_allclose(joined[:2, :2], own[:2, :2], rtol=EXACT)
    for ours, theirs in zip(regression(joined), regression(reference), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=ROUNDING)
    np.testing.assert_allclose(joined, joined.T, rtol=ROUNDING)


@pytest.mark.parametrize("strategy", STRATEGIES.values())
def test_without_missing_outcomes_every_strategy_is_the_complete_analysis(strategy: str) -> None:
    y, arm, baseline = simulated(dropout=0.0)
    assert not np.isnan(y).any()
    values = complete(incomplete(y, arm, baseline, strategy), parameters(fitted(trial())))
    np.testing.assert_array_equal(values[0], y)


def test_borrowing_more_from_the_reference_shrinks_a_growing_effect() -> None:
    y, arm, baseline = simulated(seed=3, n=300)
    found = {
        name: last_difference(incomplete(y, arm, baseline, strategy), baseline)
        for name, strategy in STRATEGIES.items()
    }
    assert found["MAR"] < found["CIR"] < found["JR"] < 0
    assert found["MAR"] < found["CR"] < found["JR"]


def test_scores_seen_after_the_event_count_but_do_not_teach_the_model() -> None:
    y, arm, baseline = simulated()
    data = incomplete(y, arm, baseline, "jump to reference")
    dropped = np.flatnonzero(~data.before[:, 1] & (arm == 1))[0]
    retrieved = y.copy()
    retrieved[dropped, 1] = 40.0
    again = replace(data, y=retrieved)
    np.testing.assert_array_equal(fitted(again).beta, fitted(data).beta)
    values = complete(again, parameters(fitted(again)))[0, dropped]
    assert values[1] == 40
    assert values[2] > complete(data, parameters(fitted(data)))[0, dropped, 2] + 5


@settings(max_examples=10)
@given(seed=st.integers(0, 10_000), strategy=st.sampled_from(list(STRATEGIES.values())))
def test_the_order_of_subjects_does_not_matter(seed: int, strategy: str) -> None:
    y, arm, baseline = simulated(seed % 50)
    order = np.random.default_rng(seed).permutation(arm.size)
    straight = last_difference(incomplete(y, arm, baseline, strategy), baseline)
    shuffled = incomplete(y[order], arm[order], baseline[order], strategy)
    assert last_difference(shuffled, baseline[order]) == pytest.approx(straight, rel=1e-8)


def test_exchanging_the_arms_flips_the_sign_at_random() -> None:
    y, arm, baseline = simulated()
    forth = last_difference(incomplete(y, arm, baseline), baseline)
    back = last_difference(incomplete(y, 1 - arm, baseline), baseline)
    assert back == pytest.approx(-forth, rel=1e-8)


def test_the_conditional_mean_is_the_limit_of_many_imputations() -> None:
    data = trial("copy increments in reference")
    fit, M = fitted(data), 4000
    many = Parameters(np.tile(fit.beta, (M, 1)), np.tile(fit.covariance, (M, 1, 1, 1)))
    draws = complete(data, many, np.random.default_rng(1))
    mean = complete(data, parameters(fit))[0]
    error = np.maximum(draws.std(axis=0), 1e-9) / np.sqrt(M)
    # about 40 imputed values: four standard errors
    assert np.abs((draws.mean(axis=0) - mean) / error).max() < 4


def test_draws_have_the_remaining_covariance() -> None:
    data = incomplete(np.array([[1.0, np.nan, np.nan]]), np.zeros(1, dtype=int), np.zeros(1))
    V = np.array([[4.0, 2.0, 1.0], [2.0, 5.0, 3.0], [1.0, 3.0, 6.0]])
    M = 20_000
    many = Parameters(np.zeros((M, 9)), np.tile(V, (M, 1, 1, 1)))
    draws = complete(data, many, np.random.default_rng(1))[:, 0, 1:]
    expected = V[1:, 1:] - np.outer(V[1:, 0], V[0, 1:]) / V[0, 0]
    # relative standard error of a variance: sqrt(2 / M) = 1 %
    np.testing.assert_allclose(np.cov(draws.T), expected, rtol=0.04)


# --- versions of the trial ----------------------------------------------------------------------


@pytest.mark.parametrize("by_arm", [False, True])
def test_each_refit_is_the_fit_without_the_subject(by_arm: bool) -> None:
    y, arm, baseline = simulated(n=40)
    data = incomplete(y, arm, baseline, covariance_by_arm=by_arm)
    refits = refit(data, fitted(data), jackknife_weights(arm.size))
    assert refits.converged.all()
    for subject in (0, 17):
        rest = np.arange(arm.size) != subject
        alone = fitted(incomplete(y[rest], arm[rest], baseline[rest], covariance_by_arm=by_arm))
        np.testing.assert_allclose(refits.parameters.beta[subject], alone.beta, rtol=1e-8)
        np.testing.assert_allclose(refits.parameters.sigma[subject], alone.covariance, rtol=1e-7)


def test_a_bootstrap_sample_is_the_trial_with_subjects_repeated() -> None:
    y, arm, baseline = simulated(n=40)
    data = incomplete(y, arm, baseline)
    weights = bootstrap_weights(arm, 3, np.random.default_rng(1))
    assert (weights[:, arm == 0].sum(axis=1) == (arm == 0).sum()).all()
    refits = refit(data, fitted(data), weights)
    drawn = np.repeat(np.arange(arm.size), weights[2].astype(int))
    alone = fitted(incomplete(y[drawn], arm[drawn], baseline[drawn]))
    np.testing.assert_allclose(refits.parameters.beta[2], alone.beta, rtol=1e-8)
    values = complete(data, parameters(alone))[..., -1]
    design = analysis_design(arm, baseline)
    weighted = weighted_coefficients(design, values, weights[2:])
    repeated = fit_ancova(analysis_design(arm[drawn], baseline[drawn]), values[:, drawn])
    np.testing.assert_allclose(weighted, repeated.beta, rtol=ROUNDING)


def test_a_version_without_a_level_of_a_factor_is_fitted_without_its_column() -> None:
    y, arm, baseline = simulated(n=40)
    only = (np.arange(40) == 5).astype(float)
    data = incomplete(y, arm, baseline, sex=only)
    refits = refit(data, fitted(data), jackknife_weights(40)[4:6])
    assert refits.converged.all()
    rest = np.arange(40) != 5
    alone = fitted(incomplete(y[rest], arm[rest], baseline[rest]))
    np.testing.assert_allclose(refits.parameters.beta[1, :-1], alone.beta, rtol=1e-8)
    assert refits.parameters.beta[1, -1] == 0


def test_a_start_does_not_change_a_refit() -> None:
    data = trial()
    weights = jackknife_weights(60)[:5]
    near = refit(data, fitted(data), weights)
    far = refit(data, replace(fitted(data), theta=fitted(data).theta + 0.7), weights)
    np.testing.assert_allclose(near.parameters.beta, far.parameters.beta, rtol=1e-7)


# --- posterior ----------------------------------------------------------------------------------


def test_the_posterior_of_complete_data_is_known() -> None:
    """All columns of X act at every visit: beta is matrix t, the covariance inverse Wishart."""
    y, arm, baseline = simulated(n=40, dropout=0.0)
    data = incomplete(y, arm, baseline)
    draws = draw_posterior(fitted(data), 6000, np.random.default_rng(1))
    A = np.column_stack([np.ones(40), arm, baseline])
    B, T, df = np.linalg.lstsq(A, y, rcond=None)[0], 3, 40 - 3
    S = (y - A @ B).T @ (y - A @ B)
    mean = S / (df - T - 1)
    np.testing.assert_allclose(draws.sigma.mean(axis=0)[0], mean, rtol=0.02)
    np.testing.assert_allclose(draws.beta.mean(axis=0).reshape(3, T), B, atol=0.05)
    variance = np.outer(np.diag(np.linalg.inv(A.T @ A)), np.diag(mean))
    # relative standard error of a variance about sqrt(2 / 6000) = 2 %
    np.testing.assert_allclose(draws.beta.var(axis=0).reshape(3, T), variance, rtol=0.08)


def test_the_posterior_of_monotone_data_factors() -> None:
    """Anderson 1957: the second mean is that of the first carried along the regression line."""
    rng = np.random.default_rng(2)
    y = rng.multivariate_normal([1, 2], [[4, 3], [3, 6]], 30)
    y[20:, 1] = np.nan
    n, seen = len(y), 20
    cell = np.broadcast_to(np.eye(2), (n, 2, 2))
    data = IncompleteTrial(
        y=y,
        X=cell,
        X_reference=cell,
        arm=np.zeros(n, dtype=int),
        before=np.ones((n, 2), dtype=bool),
        strategy=(AT_RANDOM,) * n,
        group=np.zeros(n, dtype=int),
        reference_group=np.zeros(n, dtype=int),
    )
    draws = draw_posterior(fitted(data), 6000, np.random.default_rng(3))
    first, second = y[:seen, 0], y[:seen, 1]
    b = np.cov(first, second)[0, 1] / first.var(ddof=1)
    mean_2 = second.mean() + b * (y[:, 0].mean() - first.mean())
    error = draws.beta[:, 1].std() / np.sqrt(6000)
    assert draws.beta[:, 1].mean() == pytest.approx(mean_2, abs=4 * error)
    # the first visit is complete: its mean has variance S11 / (n (n - 1 - 2)) under this prior,
    # which lends the degree of freedom of the second covariance element
    spread = ((y[:, 0] - y[:, 0].mean()) ** 2).sum()
    ratio = draws.beta[:, 0].var() / (spread / n)
    assert 1 / ratio == pytest.approx(n - 1 - 1 - 2, rel=0.08)


def test_the_posterior_with_gaps_is_near_the_likelihood() -> None:
    """In a large trial posterior and sampling distribution agree: within a twentieth of an SE."""
    y, arm, baseline = simulated(seed=4, n=600, dropout=0.5)
    y[::7, 1] = np.nan
    fit = fitted(incomplete(y, arm, baseline))
    draws = draw_posterior(fit, 2000, np.random.default_rng(5))
    se = np.sqrt(np.diag(fit.beta_covariance))
    assert np.abs((draws.beta.mean(axis=0) - fit.beta) / se).max() < 0.1
    np.testing.assert_allclose(draws.beta.std(axis=0), se, rtol=0.08)


def test_a_seed_fixes_the_draws() -> None:
    fit = fitted(trial())
    first, second = (draw_posterior(fit, 50, np.random.default_rng(9)) for _ in range(2))
    np.testing.assert_array_equal(first.beta, second.beta)


def test_the_posterior_refuses_what_it_does_not_know() -> None:
    data = trial()
    with pytest.raises(ValueError, match="unstructured"):
        draw_posterior(fit_mmrm(data.statistics, "cs"), 2, np.random.default_rng(1))


# --- analysis of completed data -----------------------------------------------------------------


def test_mmrm_of_completed_data_is_that_of_each() -> None:
    data = trial()
    rng = np.random.default_rng(1)
    values = complete(data, draw_posterior(fitted(data), 70, rng), rng)
    c = np.eye(9)[5]
    (analysed,) = analyse_by_mmrm(data.X, values, c[None])
    rows = replace(data, y=values[69]).rows
    alone = contrast(Inference(fit_mmrm(pattern_statistics(rows), "us")), c)
    assert analysed.estimate[69] == pytest.approx(alone.estimate, rel=SAME_OPTIMUM)
    assert analysed.std_error[69] == pytest.approx(alone.std_error, rel=SAME_OPTIMUM)


def test_completed_data_without_a_model_are_refused() -> None:
    y, arm, baseline = simulated(dropout=0.0)
    y[:, 2] = y[:, 1]
    data = incomplete(y, arm, baseline)
    with pytest.raises(NotIdentifiedError, match="2 of 2 models of completed data"):
        analyse_by_mmrm(data.X, np.stack([y, y]), np.eye(9)[:1])


def test_with_all_terms_by_visit_mmrm_and_ancova_agree() -> None:
    y, arm, baseline = simulated(dropout=0.0)
    data = incomplete(y, arm, baseline)
    (mmrm,) = analyse_by_mmrm(data.X, y[None], np.eye(9)[5:6])
    ancova = fit_ancova(analysis_design(arm, baseline), y[None, :, -1]).combination(ARM)
    assert mmrm.estimate[0] == pytest.approx(ancova.estimate[0], rel=SAME_OPTIMUM)
    assert mmrm.std_error[0] == pytest.approx(ancova.std_error[0], rel=SAME_OPTIMUM)
    assert mmrm.df == pytest.approx(ancova.df, rel=SAME_OPTIMUM)


def test_products_of_subjects_add_up_to_those_of_a_pattern() -> None:
    rows = trial().rows
    whole = PackedProducts.of(pattern_statistics(rows).S)
    own = PackedProducts.of_subjects(rows.Z).flat.sum(axis=0)
    np.testing.assert_allclose(
        own, whole.flat.reshape(whole.n_patterns, *own.shape).sum(axis=0), rtol=1e-10, atol=1e-9
    )
