"""Where the assumption holds, the analysis finds the truth and knows how well it does."""

import numpy as np

from incomplete_trials import analysis_design, fitted, incomplete, parameters
from ketaoutcomes.numerics.imputation.ancova import fit_ancova, weighted_coefficients
from ketaoutcomes.numerics.imputation.complete import complete
from ketaoutcomes.numerics.imputation.posterior import draw_posterior
from ketaoutcomes.numerics.imputation.resample import jackknife_weights, refit
from ketaoutcomes.numerics.imputation.rubin import pool_by_rubin, pool_jackknife
from ketaoutcomes.numerics.imputation.trial import IncompleteTrial

EFFECT, STAY, N = -4.0, 0.7, 100
TRUTH = EFFECT * STAY
"""Those who leave have the reference's mean at the end, so only those who stay have the effect."""
JUMP = "jump to reference"


def jumping_trial(rng: np.random.Generator) -> tuple[IncompleteTrial, np.ndarray]:
    """Three visits; 30 % leave after the first, whatever it was, and then jump to the reference."""
    arm, baseline = np.arange(N) % 2, rng.normal(0, 4, N)
    lag = np.abs(np.subtract.outer(np.arange(3), np.arange(3)))
    y = rng.standard_normal((N, 3)) @ np.linalg.cholesky(9 * 0.6**lag).T + 0.3 * baseline[:, None]
    y = y + EFFECT * np.array([0.5, 0.8, 1.0]) * arm[:, None]
    y[rng.random(N) >= STAY, 1:] = np.nan
    return incomplete(y, arm, baseline, JUMP), baseline


def test_the_conditional_mean_is_unbiased_and_its_jackknife_honest() -> None:
    rng = np.random.default_rng(1)
    estimates, errors = [], []
    for trial_number in range(120):
        data, baseline = jumping_trial(rng)
        design, fit = analysis_design(data.arm, baseline), fitted(data)
        whole = fit_ancova(design, complete(data, parameters(fit))[..., -1]).beta[0, 1]
        estimates.append(whole)
        if trial_number < 15:
            weights = jackknife_weights(N)
            each = complete(data, refit(data, fit, weights).parameters)[..., -1]
            without = weighted_coefficients(design, each, weights)[:, 1]
            errors.append(float(pool_jackknife(whole, without).std_error))
    spread = np.std(estimates, ddof=1)
    assert abs(np.mean(estimates) - TRUTH) < 3 * spread / np.sqrt(len(estimates))
    # relative error of an SD of 120 is 6.5 %: three of these
    assert abs(np.mean(errors) / spread - 1) < 0.2


def test_rubins_error_is_larger_than_the_spread_under_a_jump() -> None:
    """Cro, Carpenter & Kenward 2019, J R Stat Soc A 182:623-645: information anchored."""
    rng = np.random.default_rng(2)
    data, baseline = jumping_trial(rng)
    design, fit = analysis_design(data.arm, baseline), fitted(data)
    draws = complete(data, draw_posterior(fit, 200, rng), rng)[..., -1]
    arm = np.array([0.0, 1.0, 0.0])
    rubin = float(pool_by_rubin(fit_ancova(design, draws).combination(arm)).std_error)
    weights = jackknife_weights(N)
    each = complete(data, refit(data, fit, weights).parameters)[..., -1]
    whole = fit_ancova(design, complete(data, parameters(fit))[..., -1]).beta[0, 1]
    spread = float(
        pool_jackknife(whole, weighted_coefficients(design, each, weights)[:, 1]).std_error
    )
    assert rubin > 1.15 * spread
