"""Pooling, shifts and binary outcomes against the definitions and other software."""

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import stats

from incomplete_trials import analysis_design, fitted, incomplete, parameters, simulated
from ketaoutcomes.numerics.imputation.ancova import Analysed, fit_ancova, weighted_coefficients
from ketaoutcomes.numerics.imputation.binary import (
    fit_logistic,
    marginal_risk_difference,
    proportion,
    risk_difference,
)
from ketaoutcomes.numerics.imputation.complete import complete
from ketaoutcomes.numerics.imputation.posterior import draw_posterior
from ketaoutcomes.numerics.imputation.resample import jackknife_weights, refit
from ketaoutcomes.numerics.imputation.rubin import (
    missing_information,
    monte_carlo_error,
    pool_bootstrap,
    pool_by_rubin,
    pool_jackknife,
)
from ketaoutcomes.numerics.imputation.shift import (
    ShiftedResamples,
    shifted_coefficients,
    shifted_imputations,
    tipping_shift,
)
from tolerances import EXACT

ROUNDING = 1e-10
ARM = np.array([0.0, 1.0, 0.0])


def test_rubins_rules_by_hand() -> None:
    """Five estimates 1 ... 5 with variance 2: W = 2, B = 2.5, T = 2 + 1.2 * 2.5 = 5."""
    analysed = Analysed(np.arange(1.0, 6.0), np.full(5, np.sqrt(2)), 30)
    pooled = pool_by_rubin(analysed)
    share = 3 / 5
    old = 4 / share**2
    observed = 31 / 33 * 30 * (1 - share)
    assert pooled.estimate == 3
    assert pooled.std_error == pytest.approx(np.sqrt(5), rel=EXACT)
    assert pooled.df == pytest.approx(1 / (1 / old + 1 / observed), rel=EXACT)
    low, high = pooled.limits(0.95)
    half = stats.t.ppf(0.975, float(pooled.df)) * np.sqrt(5)
    assert (float(low), float(high)) == pytest.approx((3 - half, 3 + half), rel=EXACT)
    assert pooled.p_value == pytest.approx(2 * stats.t.sf(3 / np.sqrt(5), float(pooled.df)))
    assert missing_information(analysed) == pytest.approx(share, rel=EXACT)


def test_identical_imputations_leave_the_complete_analysis() -> None:
    pooled = pool_by_rubin(Analysed(np.full(4, 2.0), np.full(4, 0.5), 28))
    assert pooled.std_error == pytest.approx(0.5, rel=EXACT)
    assert pooled.df == pytest.approx(29 / 31 * 28, rel=EXACT)


def test_one_imputation_cannot_be_pooled() -> None:
    with pytest.raises(ValueError, match="at least two"):
        pool_by_rubin(Analysed(np.ones(1), np.ones(1), 10))


def test_monte_carlo_error_leaves_out_one_imputation_at_a_time() -> None:
    rng = np.random.default_rng(1)
    e, s = rng.normal(-2, 1, 12), rng.uniform(1, 2, 12)
    without = [pool_by_rubin(Analysed(np.delete(e, m), np.delete(s, m), 40.0)) for m in range(12)]
    error = monte_carlo_error(Analysed(e, s, 40.0))
    for name in ("estimate", "std_error", "p_value"):
        values = np.array([float(getattr(pooled, name)) for pooled in without])
        expected = np.sqrt(11 / 12 * ((values - values.mean()) ** 2).sum())
        assert getattr(error, name) == pytest.approx(expected, rel=1e-9)
    # of the mean it is the usual standard error
    assert error.estimate == pytest.approx(e.std(ddof=1) / np.sqrt(12), rel=1e-9)


def test_jackknife_and_bootstrap_by_definition() -> None:
    values = np.array([1.0, 2.0, 4.0])
    assert pool_jackknife(np.float64(2.0), values).std_error == pytest.approx(
        np.sqrt(2 / 3 * ((values - 7 / 3) ** 2).sum()), rel=EXACT
    )
    assert pool_bootstrap(np.float64(2.0), values).std_error == pytest.approx(
        values.std(ddof=1), rel=EXACT
    )
    # of a mean the jackknife is exact
    sample = np.random.default_rng(1).normal(size=20)
    without = (sample.sum() - sample) / 19
    assert pool_jackknife(sample.mean(), without).std_error == pytest.approx(
        sample.std(ddof=1) / np.sqrt(20), rel=1e-9
    )


@pytest.mark.parametrize("kind", ["model", "robust"])
def test_ancova_is_that_of_statsmodels(kind: str) -> None:
    y, arm, baseline = simulated(dropout=0.0)
    design = analysis_design(arm, baseline)
    ours = fit_ancova(design, y[:, -1][None], kind).combination(ARM)
    theirs = sm.OLS(y[:, -1], design.A).fit(cov_type="nonrobust" if kind == "model" else "HC3")
    assert ours.estimate[0] == pytest.approx(theirs.params[1], rel=ROUNDING)
    assert ours.std_error[0] == pytest.approx(theirs.bse[1], rel=ROUNDING)
    assert ours.df == theirs.df_resid


@pytest.fixture(scope="module")
def imputed() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Completed outcomes at the last visit, arm, baseline, and who was imputed by arm."""
    y, arm, baseline = simulated(seed=3, n=120)
    data = incomplete(y, arm, baseline, "jump to reference")
    rng = np.random.default_rng(1)
    values = complete(data, draw_posterior(fitted(data), 30, rng), rng)[..., -1]
    missing = np.isnan(y[:, -1])
    return values, arm, baseline, np.column_stack([missing & (arm == 0), missing & (arm == 1)])


@pytest.mark.parametrize("kind", ["model", "robust"])
def test_a_shift_is_the_analysis_of_shifted_outcomes(
    imputed: tuple[np.ndarray, ...], kind: str
) -> None:
    values, arm, baseline, shifted = imputed
    design = analysis_design(arm, baseline)
    family = shifted_imputations(design, values, shifted.astype(float), ARM, kind)
    points = np.array([[0.0, 0.0], [-1.0, 4.0]])
    pooled = family.pool_at(points)
    for place, point in enumerate(points):
        direct = pool_by_rubin(fit_ancova(design, values + shifted @ point, kind).combination(ARM))
        assert pooled.estimate[place] == pytest.approx(float(direct.estimate), rel=ROUNDING)
        assert pooled.std_error[place] == pytest.approx(float(direct.std_error), rel=ROUNDING)
        assert pooled.df[place] == pytest.approx(float(direct.df), rel=ROUNDING)


def test_a_shift_of_conditional_means_is_that_of_shifted_outcomes() -> None:
    y, arm, baseline = simulated(n=40)
    data = incomplete(y, arm, baseline)
    weights = jackknife_weights(40)
    fit = fitted(data)
    whole = complete(data, parameters(fit))[..., -1]
    each = complete(data, refit(data, fit, weights).parameters)[..., -1]
    shifted = (np.isnan(y[:, -1]) & (arm == 1)).astype(float)[:, None]
    design, one = analysis_design(arm, baseline), np.ones((1, 40))
    family = ShiftedResamples(
        shifted_coefficients(design, whole, shifted, one, ARM)[0],
        shifted_coefficients(design, each, shifted, weights, ARM),
        pool_jackknife,
    )
    pooled = family.pool_at(np.array([[3.0]]))
    add = 3 * shifted[:, 0]
    direct = pool_jackknife(
        weighted_coefficients(design, whole + add, one)[0, 1],
        weighted_coefficients(design, each + add, weights)[:, 1],
    )
    assert pooled.estimate[0] == pytest.approx(float(direct.estimate), rel=ROUNDING)
    assert pooled.std_error[0] == pytest.approx(float(direct.std_error), rel=ROUNDING)


def test_at_the_tipping_shift_the_p_value_is_the_level(imputed: tuple[np.ndarray, ...]) -> None:
    values, arm, baseline, shifted = imputed
    family = shifted_imputations(analysis_design(arm, baseline), values, shifted.astype(float), ARM)

    def line(delta: np.ndarray) -> np.ndarray:
        return np.column_stack([np.zeros_like(delta), delta])

    start = family.pool_at(np.zeros((1, 2)))
    assert start.p_value[0] < 0.05
    tip = tipping_shift(family.pool_at, line, (0.0, 30.0), -1.0, 0.95)
    assert tip is not None
    assert family.pool_at(line(np.array([tip]))).p_value[0] == pytest.approx(0.05, abs=1e-8)
    assert tipping_shift(family.pool_at, line, (0.0, tip / 2), -1.0, 0.95) is None


# --- success or failure -------------------------------------------------------------------------


def test_logistic_regression_and_its_marginal_difference_are_those_of_statsmodels() -> None:
    rng = np.random.default_rng(3)
    arm, baseline = np.arange(120) % 2, rng.normal(0, 4, 120)
    outcome = (rng.random((2, 120)) < 1 / (1 + np.exp(-(arm - 0.5 + 0.1 * baseline)))).astype(float)
    design = analysis_design(arm, baseline)
    fits = fit_logistic(design, outcome)
    assert fits.converged.all()
    marginal = marginal_risk_difference(design, fits, 1, 0)
    for m in range(2):
        theirs = sm.Logit(outcome[m], design.A).fit(disp=False, tol=1e-12)
        np.testing.assert_allclose(fits.beta[m], theirs.params, rtol=1e-7)
        assert fits.combination(ARM).std_error[m] == pytest.approx(theirs.bse[1], rel=1e-7)
        effects = theirs.get_margeff(at="overall", dummy=True)
        assert marginal.estimate[m] == pytest.approx(effects.margeff[0], rel=1e-6)
        assert marginal.std_error[m] == pytest.approx(effects.margeff_se[0], rel=1e-6)


def test_separated_outcomes_do_not_converge() -> None:
    arm, baseline = np.arange(40) % 2, np.linspace(-2, 2, 40)
    fits = fit_logistic(analysis_design(arm, baseline), np.stack([baseline > 0, arm == 1]) * 1.0)
    assert not fits.converged.any()


def test_risk_difference_by_hand() -> None:
    outcome = np.array([[1.0, 1.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0]])
    first = np.arange(8) < 4
    difference = risk_difference(proportion(outcome, first), proportion(outcome, ~first))
    assert difference.estimate[0] == pytest.approx(0.25)
    assert difference.std_error[0] == pytest.approx(np.sqrt(0.25 / 4 + 0.25 * 0.75 / 4))
