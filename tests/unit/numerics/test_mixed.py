"""Mixed models against closed forms, direct integration and another library."""

import warnings

import numpy as np
import pytest
from scipy import integrate, stats
from scipy.optimize import minimize_scalar
from statsmodels.regression.mixed_linear_model import MixedLM

from ketaoutcomes.numerics.mixed.generalised import AT_ZERO, fit_generalised_mixed_model
from ketaoutcomes.numerics.mixed.inference import MixedInference, mixed_contrast, mixed_f_test
from ketaoutcomes.numerics.mixed.linear import fit_linear_mixed_model
from ketaoutcomes.numerics.mixed.quadrature import likelihood, sorted_problem
from tolerances import SAME_OPTIMUM

N, T = 40, 4


def rows(seed: int = 1, spread: float = 2.0):
    """Two arms, visits complete: y, the columns of X, the days and the subjects."""
    rng = np.random.default_rng(seed)
    subject, visit = np.repeat(np.arange(N), T), np.tile(np.arange(T), N)
    drug = (subject % 2).astype(float)
    own = rng.normal(0, spread, (N, 2)) * [1, 0.3]
    y = 10 - visit - drug * visit + own[subject, 0] + own[subject, 1] * visit
    y = y + rng.normal(0, 1, N * T)
    X = np.column_stack([np.ones(N * T), drug, visit, drug * visit]).astype(float)
    return y, X, visit.astype(float), subject


def test_a_random_slope_with_complete_data_is_the_t_test_of_the_subjects_own_slopes():
    y, X, visit, subject = rows()
    Z = np.column_stack([np.ones(len(y)), visit])
    inference = MixedInference(fit_linear_mixed_model(y, X, Z, subject))
    slopes = np.polyfit(np.arange(T), y.reshape(N, T).T, 1)[0]
    test = stats.ttest_ind(slopes[1::2], slopes[::2])
    found = mixed_contrast(inference, np.array([0.0, 0.0, 0.0, 1.0]))
    expected = test.statistic, test.df, test.pvalue
    np.testing.assert_allclose((found.statistic, found.df, found.p_value), expected, rtol=1e-6)


def test_a_random_intercept_with_complete_data_is_the_split_plot_analysis():
    y, X, _, subject = rows()
    fit = fit_linear_mixed_model(y, X[:, :2], np.ones((len(y), 1)), subject)
    means = y.reshape(N, T).mean(axis=1)
    test = stats.ttest_ind(means[1::2], means[::2])
    for df_method in ("satterthwaite", "kenward-roger"):
        found = mixed_f_test(MixedInference(fit, df_method), np.array([[0.0, 1.0]]))
        expected = test.statistic**2, test.df
        np.testing.assert_allclose((found.statistic, found.den_df), expected, rtol=SAME_OPTIMUM)


def test_another_library_finds_the_same_optimum():
    """statsmodels stops at a relative change of 1e-8 of its likelihood: four digits."""
    y, X, visit, subject = rows()
    seen = np.random.default_rng(2).random(len(y)) < 0.8
    y, X, visit, subject = y[seen], X[seen], visit[seen], subject[seen]
    Z = np.column_stack([np.ones(len(y)), visit])
    ours = fit_linear_mixed_model(y, X, Z, subject)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = MixedLM(y, X, groups=subject, exog_re=Z).fit(reml=True)
    np.testing.assert_allclose(ours.beta, theirs.fe_params, rtol=1e-4)
    np.testing.assert_allclose(ours.random_covariance, theirs.cov_re, rtol=1e-3, atol=1e-4)
    assert ours.log_likelihood >= theirs.llf - 1e-7


def test_units_and_order_do_not_matter():
    y, X, visit, subject = rows()
    Z = np.column_stack([np.ones(len(y)), visit])
    order = np.random.default_rng(3).permutation(len(y))
    plain = fit_linear_mixed_model(y, X, Z, subject)
    moved = fit_linear_mixed_model(
        -3 * (y[order] + 50), X[order], Z[order] * [1, 7], subject[order]
    )
    c = np.array([0.0, 0.0, 0.0, 1.0])
    one, two = (mixed_contrast(MixedInference(fit), c) for fit in (plain, moved))
    np.testing.assert_allclose(two.estimate, -3 * one.estimate, rtol=SAME_OPTIMUM)
    np.testing.assert_allclose((two.df, two.p_value), (one.df, one.p_value), rtol=SAME_OPTIMUM)
    np.testing.assert_allclose(moved.random_effects[:, 0], -3 * plain.random_effects[:, 0], 1e-5)


def test_ml_is_never_above_reml_in_its_variances():
    y, X, _, subject = rows()
    Z = np.ones((len(y), 1))
    reml, ml = (fit_linear_mixed_model(y, X, Z, subject, reml=r) for r in (True, False))
    assert ml.random_covariance[0, 0] < reml.random_covariance[0, 0]
    with pytest.raises(ValueError, match="REML only"):
        MixedInference(ml, "kenward-roger")


def test_a_variance_of_zero_is_told():
    y, X, _, subject = rows(spread=0)
    # residuals that sum to zero in each subject leave nothing between subjects
    y = y - np.repeat((y - X[:, :2] @ [10, 0]).reshape(N, T).mean(axis=1), T)
    fit = fit_linear_mixed_model(y, X[:, :2], np.ones((len(y), 1)), subject)
    assert fit.singular
    assert "a variance is estimated as 0" in fit.messages[0]


@pytest.mark.parametrize("family", ["binomial", "poisson"])
def test_the_gradient_is_that_of_the_quadrature(family):
    y, X, subject = counts(family)
    for nodes in (1, 2, 9):
        problem = sorted_problem(y, X, subject, family, nodes)
        at = np.array([0.1, 0.3, 0.7])
        step = 1e-5 * np.eye(3)
        numerical = [
            (likelihood(problem, at + h)[0] - likelihood(problem, at - h)[0]) / 2e-5 for h in step
        ]
        found = likelihood(problem, at)[1]
        np.testing.assert_allclose(found, numerical, rtol=1e-6, atol=1e-6)


def counts(family: str, n: int = 30, seed: int = 4, spread: float = 1.0):
    rng = np.random.default_rng(seed)
    subject = np.repeat(np.arange(n), 3)
    X = np.column_stack([np.ones(3 * n), rng.normal(size=3 * n)])
    eta = X @ [0.2, 0.5] + spread * rng.normal(size=n)[subject]
    mean = 1 / (1 + np.exp(-eta)) if family == "binomial" else np.exp(eta)
    y = rng.random(3 * n) < mean if family == "binomial" else rng.poisson(mean)
    return y.astype(float), X, subject


def log_density(family: str, y: np.ndarray, eta: np.ndarray) -> float:
    if family == "binomial":
        return float(stats.bernoulli.logpmf(y, 1 / (1 + np.exp(-eta))).sum())
    return float(stats.poisson.logpmf(y, np.exp(eta)).sum())


@pytest.mark.parametrize("family", ["binomial", "poisson"])
def test_many_nodes_are_the_integral(family):
    y, X, subject = counts(family)
    fit = fit_generalised_mixed_model(y, X, subject, family, 40)
    assert fit.converged

    def integrand(b: float, of: np.ndarray) -> float:
        density = log_density(family, y[of], X[of] @ fit.beta + fit.sigma * b)
        return float(np.exp(density) * stats.norm.pdf(b))

    total = sum(
        np.log(integrate.quad(integrand, -9, 9, args=(subject == i,), epsabs=1e-13)[0])
        for i in range(subject.max() + 1)
    )
    assert fit.log_likelihood == pytest.approx(total, rel=1e-8)


@pytest.mark.parametrize("family", ["binomial", "poisson"])
def test_one_node_is_laplaces_formula(family):
    y, X, subject = counts(family)
    fit = fit_generalised_mixed_model(y, X, subject, family, 1)
    total = 0.0
    for i in range(subject.max() + 1):
        of = subject == i

        def negative(b: float, of: np.ndarray = of) -> float:
            density = log_density(family, y[of], X[of] @ fit.beta + fit.sigma * b)
            return -density + b**2 / 2

        mode = minimize_scalar(negative, bracket=(-1, 1), tol=1e-12).x
        eta = X[of] @ fit.beta + fit.sigma * mode
        mean = 1 / (1 + np.exp(-eta)) if family == "binomial" else np.exp(eta)
        weight = mean * (1 - mean) if family == "binomial" else mean
        total += -negative(mode) - np.log(1 + fit.sigma**2 * weight.sum()) / 2
    assert fit.log_likelihood == pytest.approx(total, rel=1e-10)


def test_intercepts_that_do_not_vary_are_told():
    _, X, subject = counts("poisson")
    even = np.tile([0.0, 1.0, 2.0], subject.max() + 1)
    fit = fit_generalised_mixed_model(even, X[:, :1], subject, "poisson", 9)
    assert fit.messages == (AT_ZERO,)
    assert fit.converged


def test_separation_is_told():
    y, X, subject = counts("binomial")
    X[:, 1] = np.where(y == 1, 1.0, -1.0)
    fit = fit_generalised_mixed_model(y, X, subject, "binomial", 5)
    assert not fit.converged
    assert "an effect may be infinite" in fit.messages[0] or "did not vanish" in fit.messages[0]


def test_what_is_no_outcome_is_refused():
    y, X, subject = counts("binomial")
    with pytest.raises(ValueError, match="0 or 1"):
        fit_generalised_mixed_model(y + 1, X, subject, "binomial")
    with pytest.raises(ValueError, match="linearly dependent"):
        fit_generalised_mixed_model(y, np.column_stack([X, X[:, 0]]), subject, "binomial")
