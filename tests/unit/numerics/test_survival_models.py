"""Regression models by closed forms, simulation with a known truth, and other software."""

import lifelines
import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from ketaoutcomes.numerics.survival import cox_likelihood
from ketaoutcomes.numerics.survival.aft_fit import (
    aft_model,
    fit_aft,
    predict_quantiles,
    right_censored_limits,
)
from ketaoutcomes.numerics.survival.aft_likelihood import evaluate_aft
from ketaoutcomes.numerics.survival.competing_risks import cumulative_incidence, mean_time_in_state
from ketaoutcomes.numerics.survival.concordance import concordance
from ketaoutcomes.numerics.survival.counting import SurvivalDataError
from ketaoutcomes.numerics.survival.cox_baseline import baseline_hazard, predict_survival
from ketaoutcomes.numerics.survival.cox_fit import fit_cox
from ketaoutcomes.numerics.survival.cox_likelihood import evaluate
from ketaoutcomes.numerics.survival.cox_residuals import martingale_residuals, score_residuals
from ketaoutcomes.numerics.survival.cox_risk_sets import Ties, cox_model
from ketaoutcomes.numerics.survival.fine_gray import fit_fine_gray
from ketaoutcomes.numerics.survival.frailty import fit_frailty
from ketaoutcomes.numerics.survival.gray_test import gray_test
from ketaoutcomes.numerics.survival.kaplan_meier import kaplan_meier
from ketaoutcomes.numerics.survival.log_rank import log_rank
from ketaoutcomes.numerics.survival.proportional_hazards import model_test
from ketaoutcomes.numerics.survival.time_splitting import split_at_events
from tolerances import EXACT, SAME_OPTIMUM


@pytest.fixture(scope="module")
def trial() -> pd.DataFrame:
    """Tied times, two covariates, a stratum, a site and a competing cause."""
    rng = np.random.default_rng(11)
    n = 240
    arm, age = rng.integers(0, 2, n), rng.normal(0, 1, n)
    latent = rng.exponential(20 * np.exp(0.6 * arm - 0.3 * age))
    censored = rng.uniform(5, 45, n)
    event = latent <= censored
    return pd.DataFrame(
        {
            "time": np.ceil(np.minimum(latent, censored)),
            "event": event,
            "cause": np.where(event, 1 + (rng.uniform(size=n) < 0.4), 0),
            "arm": arm,
            "age": age,
            "stratum": rng.integers(0, 3, n),
            "site": rng.integers(0, 12, n),
            "weight": rng.integers(1, 4, n),
        }
    )


def _model(trial: pd.DataFrame, **options):
    return cox_model(trial["time"], trial["event"], trial[["arm", "age"]], **options)


@pytest.mark.parametrize("ties", ["efron", "breslow", "exact"])
def test_derivatives_are_those_of_the_likelihood(trial, ties) -> None:
    model = _model(trial.head(60), ties=ties, strata=trial["stratum"].head(60))
    beta, h = np.array([0.3, -0.2]), 1e-5
    at = evaluate(model, beta)
    for k in range(2):
        step = h * np.eye(2)[k]
        up, down = evaluate(model, beta + step), evaluate(model, beta - step)
        slope = (up.log_likelihood - down.log_likelihood) / (2 * h)
        assert slope == pytest.approx(at.score[k], rel=1e-6, abs=1e-6)
        np.testing.assert_allclose((down.score - up.score) / (2 * h), at.information[k], rtol=1e-6)


def test_without_ties_the_three_rules_agree() -> None:
    rng = np.random.default_rng(2)
    time, X = rng.exponential(size=40), rng.normal(size=(40, 2))
    fits = [fit_cox(cox_model(time, time > 0.1, X, ties=t)) for t in ("efron", "breslow", "exact")]
    for fit in fits[1:]:
        np.testing.assert_allclose(fit.beta, fits[0].beta, rtol=1e-9)
        np.testing.assert_allclose(fit.covariance, fits[0].covariance, rtol=1e-9)


def test_efron_equals_lifelines(trial) -> None:
    fit = fit_cox(_model(trial, strata=trial["stratum"]))
    columns = trial[["time", "event", "arm", "age", "stratum"]]
    other = lifelines.CoxPHFitter()
    other.fit(columns, "time", "event", strata=["stratum"], fit_options={"precision": 1e-10})
    np.testing.assert_allclose(fit.beta, other.params_, rtol=SAME_OPTIMUM)
    np.testing.assert_allclose(fit.std_error, other.standard_errors_, rtol=SAME_OPTIMUM)
    assert fit.log_likelihood == pytest.approx(other.log_likelihood_, rel=1e-10)


def test_two_groups_with_one_event_each_in_closed_form() -> None:
    # b dies first with a at risk twice: the score 1 - 1/(1 + 2r) - r/(r + 1) is 0 at r^2 = 1/2
    fit = fit_cox(cox_model([1.0, 2.0, 3.0], [1, 1, 0], [[0.0], [1.0], [0.0]]))
    ratio = np.exp(fit.beta[0])
    # terms 1/(2 + r) and r/(1 + r): their product is greatest at r = sqrt(2)
    assert ratio == pytest.approx(np.sqrt(2), rel=1e-9)
    assert fit.log_likelihood == pytest.approx(np.log(ratio / (2 + ratio) / (1 + ratio)), rel=1e-9)


def test_the_score_test_of_one_arm_without_ties_is_the_log_rank_test() -> None:
    rng = np.random.default_rng(5)
    time, arm = rng.exponential(size=50), rng.integers(0, 2, 50)
    event = rng.uniform(size=50) < 0.7
    fit = fit_cox(cox_model(time, event, arm[:, None]))
    assert fit.score.statistic == pytest.approx(log_rank(time, event, arm).statistic, rel=1e-10)


def test_breslow_weights_count_as_repeated_subjects(trial) -> None:
    weighted = fit_cox(_model(trial, ties="breslow", weight=trial["weight"]))
    repeated = fit_cox(_model(trial.loc[trial.index.repeat(trial["weight"])], ties="breslow"))
    np.testing.assert_allclose(weighted.beta, repeated.beta, rtol=1e-9)
    np.testing.assert_allclose(weighted.covariance, repeated.covariance, rtol=1e-9)


@pytest.mark.parametrize("size", [300.0, 20_000.0])
def test_a_large_trial_has_the_estimate_of_a_small_one(trial, size: float) -> None:
    """With Breslow's ties a trial a thousand times over has the same maximum, by definition.

    Its steps are as long, but many more standard errors; none of them may pass for an estimate
    that runs away.
    """
    given = trial["time"], trial["event"], trial[["arm"]]
    small = fit_cox(cox_model(*given, ties="breslow"))
    large = fit_cox(cox_model(*given, ties="breslow", weight=np.full(len(trial), size)))
    assert large.convergence.converged
    np.testing.assert_allclose(large.beta, small.beta, rtol=1e-9)
    np.testing.assert_allclose(large.std_error, small.std_error / np.sqrt(size), rtol=1e-9)


@pytest.mark.parametrize("size", [1.0, 200_000.0])
def test_an_estimate_runs_away_in_a_trial_of_any_size(trial, size: float) -> None:
    never = np.where(trial["event"], 0.0, trial["stratum"] == 1)
    X, weight = np.column_stack([trial["arm"], never]), np.full(len(trial), size)
    fit = fit_cox(cox_model(trial["time"], trial["event"], X, weight=weight, ties="breslow"))
    assert fit.convergence.monotone == (1,)
    assert np.isfinite(fit.std_error[0])


def test_splitting_the_follow_up_changes_nothing(trial) -> None:
    rows = split_at_events(trial["time"], trial["event"])
    X = trial[["arm", "age"]].to_numpy(float)
    split = fit_cox(cox_model(rows.time, rows.event, X[rows.row], entry=rows.entry), rows.row)
    whole = fit_cox(_model(trial), np.arange(len(trial)))
    assert rows.event.sum() == trial["event"].sum()
    np.testing.assert_allclose(split.beta, whole.beta, rtol=1e-9)
    np.testing.assert_allclose(split.covariance, whole.covariance, rtol=1e-8)


def test_an_offset_at_the_estimate_leaves_nothing_to_estimate(trial) -> None:
    fit = fit_cox(_model(trial))
    offset = trial[["arm", "age"]].to_numpy(float) @ fit.beta
    again = fit_cox(_model(trial, offset=offset))
    np.testing.assert_allclose(again.beta, 0, atol=1e-8)
    assert again.log_likelihood_null == pytest.approx(fit.log_likelihood, rel=1e-10)


@pytest.mark.parametrize("at_a_time", [1, 7, 60])
def test_some_deaths_at_a_time_give_the_test_of_all(trial, monkeypatch, at_a_time: int) -> None:
    model = _model(trial, strata=trial["stratum"])
    beta = fit_cox(model).beta
    whole = model_test(model, beta)
    monkeypatch.setattr(cox_likelihood, "_DEATHS_AT_A_TIME", at_a_time)
    parts = [deaths for deaths, _ in cox_likelihood.some_terms_at(model, beta)]
    assert [part.start for part in parts] == [0, *(part.stop for part in parts[:-1])]
    assert parts[-1].stop == trial["event"].sum()
    assert len(parts) > 1
    some = model_test(model, beta)
    np.testing.assert_allclose(some.scaled_residuals, whole.scaled_residuals, rtol=1e-10)
    for found, expected in zip(some.terms, whole.terms, strict=True):
        assert found.statistic == pytest.approx(expected.statistic, rel=1e-10)


def test_residuals_sum_to_nothing(trial) -> None:
    fit = fit_cox(_model(trial, strata=trial["stratum"]))
    assert martingale_residuals(fit.model, fit.beta).sum() == pytest.approx(0, abs=1e-9)
    totals = score_residuals(fit.model, fit.beta).sum(axis=0)
    np.testing.assert_allclose(totals, 0, atol=1e-8)


def test_an_arm_without_events_has_an_infinite_estimate_and_a_valid_test() -> None:
    time, arm = np.arange(1.0, 13.0), np.tile([0.0, 1.0], 6)[:, None]
    fit = fit_cox(cox_model(time, arm[:, 0] == 0, arm))
    assert fit.beta[0] == -np.inf
    assert np.isnan(fit.std_error[0])
    assert fit.convergence.monotone == (0,)
    assert fit.convergence.message == "monotone likelihood: the estimate is infinite"
    assert not fit.convergence.converged
    assert np.isfinite(fit.likelihood_ratio.p_value)
    assert np.isnan(fit.wald.statistic)
    with pytest.raises(ValueError, match="every coefficient is finite"):
        model_test(fit.model, fit.beta)
    with pytest.raises(ValueError, match="needs finite coefficients"):
        baseline_hazard(fit)


def test_beside_a_monotone_coefficient_the_other_is_still_estimated(trial) -> None:
    never = np.where(trial["event"], 0.0, trial["stratum"] == 1)
    X = np.column_stack([trial[["arm", "age"]], never])
    fit = fit_cox(cox_model(trial["time"], trial["event"], X), np.arange(len(trial)))
    assert fit.convergence.monotone == (2,)
    # the limit of the likelihood is that of the rows whose risk does not vanish
    kept = never == 0
    limit = fit_cox(cox_model(trial["time"][kept], trial["event"][kept], X[kept, :2]))
    np.testing.assert_allclose(fit.beta[:2], limit.beta, rtol=1e-4)
    assert np.isfinite(fit.std_error[:2]).all()


def test_a_covariate_the_others_determine_is_not_estimated(trial) -> None:
    X = np.column_stack([trial["arm"], 1 - trial["arm"], trial["age"]])
    fit = fit_cox(cox_model(trial["time"], trial["event"], X))
    np.testing.assert_allclose(fit.beta[[0, 2]], fit_cox(_model(trial)).beta, rtol=1e-9)
    assert fit.convergence.aliased == (1,)
    assert np.isnan(fit.beta[1])


@pytest.mark.parametrize(
    ("event", "X", "message"),
    [
        ([0, 0, 0], [[0.0], [1.0], [2.0]], "no event"),
        ([1, 1, 0], [[1.0], [1.0], [1.0]], "no covariate differs among those at risk"),
    ],
)
def test_a_model_with_nothing_to_estimate_says_why(event, X, message) -> None:
    fit = fit_cox(cox_model([1.0, 2.0, 3.0], event, X))
    assert np.isnan(fit.beta).all()
    assert fit.convergence.message == message


@pytest.mark.parametrize(
    ("X", "options", "message"),
    [
        ([1.0, 2.0], {}, "X must have one row for each time"),
        ([[1.0], [np.nan]], {}, "a covariate is missing"),
        ([[1.0], [2.0]], {"ties": "exact", "weight": [1, 2]}, "exact ties know no case weights"),
    ],
)
def test_models_that_cannot_be_are_refused(X, options, message) -> None:
    with pytest.raises(SurvivalDataError, match=message):
        cox_model([1.0, 2.0], [1, 1], X, **options)


def test_robust_variance_of_exact_ties_is_refused(trial) -> None:
    with pytest.raises(ValueError, match="not defined for exact ties"):
        fit_cox(_model(trial.head(30), ties="exact"), np.arange(30))


def test_baseline_without_effects_is_the_nelson_aalen_estimate(trial) -> None:
    fit = fit_cox(_model(trial, ties="breslow", offset=np.zeros(len(trial))))
    flat = fit_cox(cox_model(trial["time"], trial["event"], trial[["arm"]], ties="breslow"))
    assert flat.log_likelihood_null == fit.log_likelihood_null
    offset = -trial["arm"] * flat.beta[0]
    null = fit_cox(
        cox_model(trial["time"], trial["event"], trial[["arm"]], ties="breslow", offset=offset * 0)
    )
    predicted = predict_survival(null, np.array([0.0]), np.array([10.0, 20.0]))
    assert (np.diff(predicted.survival) < 0).all()
    assert (predicted.conf_low < predicted.survival).all()


def test_proportional_hazards_are_refused_where_they_cross() -> None:
    rng = np.random.default_rng(4)
    arm = np.repeat([0.0, 1.0], 300)
    time = np.concatenate([rng.weibull(0.6, 300), rng.weibull(2.5, 300)])
    fit = fit_cox(cox_model(time, np.ones(600), arm[:, None]))
    crossed = model_test(fit.model, fit.beta)
    assert crossed.terms[0].p_value < 1e-6
    assert crossed.together.statistic == pytest.approx(crossed.terms[0].statistic)
    assert crossed.scaled_residuals.shape == (600, 1)


@pytest.mark.parametrize("ties", ["efron", "breslow"])
def test_the_last_digits_of_the_maximum_are_not_seen_in_the_test_of_many(ties: Ties) -> None:
    """To first order the score test is free of beta (Cox & Hinkley 1974, section 9.3).

    It moves by a tenth of the step from the maximum here. Were the scores of the constant columns
    taken as zero, it would move by more than twice the step, and more the more participants.
    """
    rng = np.random.default_rng(1)
    arm = rng.integers(0, 2, 50_000)
    time = np.ceil(rng.exponential(60, arm.size) * np.exp(0.4 * arm))
    censored = rng.integers(30, 120, arm.size)
    model = cox_model(np.minimum(time, censored), time <= censored, arm[:, None], ties=ties)
    beta = fit_cox(model).beta
    at, beside = (model_test(model, beta + step).together.statistic for step in (0.0, 1e-6))
    assert beside == pytest.approx(at, rel=3e-7)


def test_cumulative_incidence_without_censoring_is_the_share_of_each_cause() -> None:
    time, cause = np.array([1.0, 2, 2, 3, 4, 5]), np.array([1, 2, 1, 1, 2, 1])
    curve = cumulative_incidence(time, cause)
    for k in (1, 2):
        shares = np.array([((time <= t) & (cause == k)).mean() for t in curve.times])
        np.testing.assert_allclose(curve.probability[:, k], shares, atol=EXACT)
        spread = np.sqrt(shares * (1 - shares) / time.size)
        np.testing.assert_allclose(curve.std_error[:, k], spread, atol=1e-10)
    lost = mean_time_in_state(curve, 5.0)
    assert lost.sum() == pytest.approx(5.0)
    assert lost[0] == pytest.approx(time.mean())


@pytest.mark.parametrize("delayed", [False, True])
def test_errors_of_the_incidence_are_those_of_subjects_followed_in_parts(delayed: bool) -> None:
    """One row a subject goes by running sums, several rows by a walk over all times."""
    rng = np.random.default_rng(5)
    entry = np.floor(rng.uniform(0, 10, 150)) if delayed else np.zeros(150)
    time = entry + np.ceil(rng.exponential(20, 150))
    cause = rng.integers(0, 3, 150)
    whole = cumulative_incidence(time, cause, entry=entry)
    middle = (entry + time) / 2
    parts = cumulative_incidence(
        np.concatenate([middle, time]),
        np.concatenate([np.zeros(150, dtype=int), cause]),
        entry=np.concatenate([entry, middle]),
        subject=np.tile(np.arange(150), 2),
        n_causes=2,
    )
    at = np.searchsorted(parts.times, whole.times)
    np.testing.assert_allclose(whole.std_error, parts.std_error[at], rtol=1e-10, atol=1e-15)


def test_cumulative_incidences_and_survival_sum_to_one(trial) -> None:
    curve = cumulative_incidence(trial["time"], trial["cause"])
    np.testing.assert_allclose(curve.probability.sum(axis=1), 1, atol=EXACT)
    overall = kaplan_meier(trial["time"], trial["cause"] > 0)
    np.testing.assert_allclose(curve.probability[:, 0], overall.survival, atol=EXACT)


def test_with_one_cause_gray_and_fine_gray_are_log_rank_and_cox(trial) -> None:
    fine = fit_fine_gray(trial["time"], trial["event"].astype(int), trial[["arm", "age"]])
    cox = fit_cox(_model(trial), np.arange(len(trial)))
    np.testing.assert_allclose(fine.beta, cox.beta, rtol=1e-9)
    np.testing.assert_allclose(fine.covariance, cox.covariance, rtol=1e-8)
    gray = gray_test(trial["time"], trial["event"].astype(int), trial["arm"])
    test = log_rank(trial["time"], trial["event"], trial["arm"])
    np.testing.assert_allclose(gray.score, test.score, rtol=1e-9)
    assert gray.statistic == pytest.approx(test.statistic, rel=0.02)


def test_fine_gray_without_censoring_keeps_competing_events_at_risk(trial) -> None:
    cause = np.where(trial["cause"] == 0, 2, trial["cause"])
    fine = fit_fine_gray(trial["time"], cause, trial[["arm", "age"]], ties="breslow")
    never = np.where(cause == 1, trial["time"], trial["time"].max() + 1)
    cox = fit_cox(cox_model(never, cause == 1, trial[["arm", "age"]], ties="breslow"))
    np.testing.assert_allclose(fine.beta, cox.beta, rtol=1e-9)


def test_gray_without_the_cause_says_so() -> None:
    test = gray_test([1.0, 2.0], [2, 0], ["a", "b"])
    assert test.reason == "no event of the cause while two groups were at risk"
    with pytest.raises(SurvivalDataError, match="a cause is not 0"):
        gray_test([1.0], [-1], ["a"])


def test_concordance_by_hand() -> None:
    # comparable pairs: (1,2) (1,3) (1,4) (3,4); subject 2 is censored
    found = concordance([1.0, 2.0, 3.0, 4.0], [1, 0, 1, 1], [4.0, 5.0, 2.0, 2.0])
    assert (found.concordant, found.discordant, found.tied_risk) == (2, 1, 1)
    assert found.estimate == 2.5 / 4
    nothing = concordance([1.0, 2.0], [0, 0], [1.0, 2.0])
    assert np.isnan(nothing.estimate)


@pytest.mark.parametrize("law", ["weibull", "log-normal", "log-logistic", "gaussian", "logistic"])
def test_aft_derivatives_are_those_of_the_likelihood(trial, law) -> None:
    low, high = right_censored_limits(trial["time"], trial["event"])
    # some subjects are known within an interval, some only to be before a time
    high[:20], low[:20] = trial["time"][:20] + 3.0, trial["time"][:20]
    low[20:30], high[20:30] = (0.0 if law.startswith(("w", "log-")) else -np.inf), 15.0
    X = np.column_stack([np.ones(len(trial)), trial["arm"]])
    model = aft_model(low, high, X, law, scale_strata=trial["stratum"])
    fit = fit_aft(model)
    assert fit.converged
    theta, h = fit.theta + 0.05, 1e-5
    at = evaluate_aft(model, theta)
    for k in range(theta.size):
        step = h * np.eye(theta.size)[k]
        up, down = evaluate_aft(model, theta + step), evaluate_aft(model, theta - step)
        slope = (up.log_likelihood - down.log_likelihood) / (2 * h)
        assert slope == pytest.approx(at.scores[:, k].sum(), rel=1e-5, abs=1e-5)
        curved = (down.scores.sum(axis=0) - up.scores.sum(axis=0)) / (2 * h)
        np.testing.assert_allclose(curved, at.information[k], rtol=1e-5, atol=1e-5)


def test_exponential_without_covariates_is_events_over_time(trial) -> None:
    limits = right_censored_limits(trial["time"], trial["event"])
    fit = fit_aft(aft_model(*limits, np.ones((len(trial), 1)), "exponential"))
    assert np.exp(fit.beta[0]) == pytest.approx(trial["time"].sum() / trial["event"].sum())
    assert fit.std_error[0] == pytest.approx(trial["event"].sum() ** -0.5)
    median = predict_quantiles(fit, np.array([1.0]), np.array([0.5]))
    assert median.estimate[0] == pytest.approx(np.exp(fit.beta[0]) * np.log(2))


def test_gaussian_without_censoring_is_least_squares(trial) -> None:
    X = np.column_stack([np.ones(len(trial)), trial["age"]])
    fit = fit_aft(aft_model(trial["time"], trial["time"], X, "gaussian"))
    beta, residual = np.linalg.lstsq(X, trial["time"].to_numpy(), rcond=None)[:2]
    np.testing.assert_allclose(fit.beta, beta, rtol=1e-9)
    assert fit.scale[0] ** 2 == pytest.approx(residual[0] / len(trial))
    expected = norm.logpdf(trial["time"], X @ beta, fit.scale[0]).sum()
    assert fit.log_likelihood == pytest.approx(expected)
    assert (fit.p_value <= 1).all()


def test_weibull_equals_lifelines(trial) -> None:
    limits = right_censored_limits(trial["time"], trial["event"])
    X = np.column_stack([np.ones(len(trial)), trial[["arm", "age"]]])
    fit = fit_aft(aft_model(*limits, X, "weibull"))
    other = lifelines.WeibullAFTFitter().fit(
        trial[["time", "event", "arm", "age"]], "time", "event"
    )
    expected = other.params_["lambda_"][["Intercept", "arm", "age"]].to_numpy()
    np.testing.assert_allclose(fit.beta, expected, rtol=1e-4)
    assert fit.log_likelihood >= other.log_likelihood_ - 1e-6


@pytest.mark.parametrize(
    ("low", "high", "law", "message"),
    [
        ([1.0, 2.0], [1.0], "weibull", "same number of rows"),
        ([3.0, 2.0], [1.0, 2.0], "weibull", "the limits cross"),
        ([0.0, 2.0], [0.0, 2.0], "weibull", "a weibull time must be positive"),
    ],
)
def test_aft_data_that_cannot_be_used_are_refused(low, high, law, message) -> None:
    with pytest.raises(SurvivalDataError, match=message):
        aft_model(low, high, np.ones((2, 1)), law)


def test_aft_with_dependent_covariates_is_refused() -> None:
    with pytest.raises(SurvivalDataError, match="determine one another"):
        fit_aft(aft_model([1.0, 2.0], [1.0, 2.0], np.ones((2, 2)), "gaussian"))


def test_an_aft_model_without_events_does_not_claim_to_have_converged() -> None:
    limits = right_censored_limits([1.0, 2.0, 3.0], [0, 0, 0])
    fit = fit_aft(aft_model(*limits, np.ones((3, 1)), "weibull"))
    assert not fit.converged
    assert fit.message == "the likelihood has no maximum that Newton's method finds"
    assert np.isnan(fit.std_error).all()


@pytest.mark.parametrize("law", ["gamma", "gaussian", "gaussian reml"])
def test_without_clustering_the_frailty_model_is_the_plain_one(trial, law) -> None:
    fit = fit_frailty(trial["time"], trial["event"], trial[["arm", "age"]], trial["site"], law)
    plain = fit_cox(_model(trial))
    if fit.at_boundary:
        assert fit.variance == 0
        np.testing.assert_allclose(fit.beta, plain.beta, rtol=1e-3)
    assert fit.log_likelihood >= plain.log_likelihood - 1e-3
    assert fit.converged


def test_frailty_variance_is_recovered() -> None:
    rng = np.random.default_rng(21)
    site = np.repeat(np.arange(60), 12)
    b = rng.normal(0, 0.7, 60)
    arm = rng.integers(0, 2, site.size)
    time = rng.exponential(np.exp(-(b[site] - 0.5 * arm)))
    event = time < 3
    fit = fit_frailty(np.minimum(time, 3), event, arm[:, None], site)
    # three standard errors of a standard deviation estimated from 60 sites
    assert fit.variance**0.5 == pytest.approx(0.7, abs=3 * 0.7 / np.sqrt(2 * 60) * 1.3)
    assert fit.beta[0] == pytest.approx(-0.5, abs=3 * fit.covariance[0, 0] ** 0.5)
    assert np.corrcoef(fit.effects, b[[int(name) for name in fit.clusters]])[0, 1] > 0.8


def test_no_trend_can_be_tested_where_one_time_tells_of_the_arm() -> None:
    """After day 14 only one arm is at risk: its later events say nothing of the hazard ratio."""
    time = np.array([14.0, 14.0, 28.0, 49.0, 147.0, 168.0])
    event = np.array([1.0, 1.0, 1.0, 1.0, 1.0, 0.0])
    arm = np.array([0.0, 1.0, 1.0, 1.0, 1.0, 1.0])
    fit = fit_cox(cox_model(time, event, arm[:, None]))
    assert np.isfinite(fit.beta).all()
    test = model_test(fit.model, fit.beta)
    assert np.isnan([test.together.statistic, test.together.p_value]).all()
    assert np.isnan(test.terms[0].p_value)
    later = np.append(arm, 0.0)
    fit = fit_cox(cox_model(np.append(time, 160.0), np.append(event, 0.0), later[:, None]))
    assert 0 < model_test(fit.model, fit.beta).together.p_value < 1


@pytest.mark.parametrize("law", ["weibull", "exponential", "log-normal", "log-logistic"])
def test_an_arm_without_events_has_an_infinite_time_ratio_in_every_law(law):
    rng = np.random.default_rng(0)
    arm = np.arange(60) % 2 * 1.0
    time = rng.exponential(10, 60) + 0.1
    event = (rng.random(60) < 0.7) & (arm == 0)
    X = np.column_stack([np.ones(60), arm])
    fit = fit_aft(aft_model(time, np.where(event, time, np.inf), X, law))
    assert not fit.converged
    assert "infinite" in fit.message
    # one event in that arm, and the estimate is finite
    event[1] = True
    assert fit_aft(aft_model(time, np.where(event, time, np.inf), X, law)).converged


def test_arms_that_never_overlap_have_no_frailty_model():
    rng = np.random.default_rng(0)
    arm = np.arange(60) % 2 * 1.0
    time = np.where(arm == 1, rng.uniform(1, 2, 60), rng.uniform(5, 9, 60))
    fit = fit_frailty(time, np.ones(60), arm[:, None], np.arange(60) // 6)
    assert not fit.converged


def test_fine_gray_follows_ties_and_is_that_of_crr_without_them():
    rng = np.random.default_rng(3)
    n = 40
    x, cause = np.arange(n) % 2 * 1.0, rng.choice([0, 1, 2], n, p=[0.3, 0.4, 0.3])
    time = np.ceil(rng.exponential(5, n))
    breslow, efron = (
        fit_fine_gray(time, cause, x[:, None], ties=ties) for ties in ("breslow", "efron")
    )
    assert breslow.beta[0] != efron.beta[0]
    apart = time + np.arange(n) / 1000
    breslow, efron = (
        fit_fine_gray(apart, cause, x[:, None], ties=ties) for ties in ("breslow", "efron")
    )
    assert breslow.beta[0] == pytest.approx(efron.beta[0], rel=1e-12)


@pytest.mark.filterwarnings("error")
def test_a_model_of_a_handful_of_participants_ends_in_words_or_numbers_never_in_an_error():
    """Where covariates order the events, estimates run away until hazards are no numbers."""
    for seed in range(400, 600):
        rng = np.random.default_rng(seed)
        n, p = int(rng.integers(3, 9)), int(rng.integers(1, 5))
        X = rng.normal(0, 10 ** rng.uniform(-1, 2), (n, p))
        if p > 1:
            X[:, 0] = rng.integers(0, 2, n)
        time = rng.integers(1, 9, n).astype(float)
        fit = fit_cox(cox_model(time, rng.integers(0, 2, n).astype(bool), X, ties="efron"))
        assert fit.convergence.converged or fit.convergence.message
