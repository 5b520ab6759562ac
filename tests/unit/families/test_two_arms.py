"""Numbers of two survival curves against lifelines, statsmodels, scipy and closed forms."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from lifelines import CoxPHFitter, CoxTimeVaryingFitter
from pydantic import ValidationError
from scipy.interpolate import CubicSpline
from scipy.stats import norm, ttest_ind
from statsmodels.duration.hazard_regression import PHReg
from statsmodels.duration.survfunc import survdiff

from ketaoutcomes.endpoints.data import TimeToEventData
from ketaoutcomes.families.time_to_event.fit import fit_time_to_event_analysis
from ketaoutcomes.families.time_to_event.plan import TimeToEventAnalysis
from ketaoutcomes.families.time_to_event.record import SurvivalRecord
from ketaoutcomes.families.time_to_event.words import time_to_event_in_words
from ketaoutcomes.numerics.survival.residual_trend import residual_trend
from ketaoutcomes.plan.estimand import Estimand
from ketaoutcomes.results import Result
from tolerances import EXACT, OTHER_SOFTWARE, SAME_OPTIMUM

ESTIMAND = Estimand.model_validate(
    {
        "population": "x",
        "treatment": {"active": "drug", "reference": "control"},
        "endpoint": "y",
        "summary": "hazard ratio",
    }
)


def subjects(n: int = 240, seed: int = 5, *, censored: bool = True) -> pd.DataFrame:
    """Two arms, strata, sites, an age, times in whole days with ties, and why follow-up ended."""
    rng = np.random.default_rng(seed)
    arm = rng.integers(0, 2, n)
    site = rng.integers(0, 12, n)
    rate = 0.02 * np.exp(-0.6 * arm + 0.3 * (site % 3))
    time = np.ceil(rng.exponential(1 / rate))
    end = np.where(censored, np.ceil(rng.uniform(20, 120, n)), 1e6)
    kind = rng.random(n) < 0.25
    event = time <= end
    return pd.DataFrame(
        {
            "subject": [f"s{i:03d}" for i in range(n)],
            "arm": np.where(arm, "drug", "control"),
            "time": np.minimum(time, end),
            "event": event & ~kind,
            "reason": np.where(event, np.where(kind, "death", "score"), "completed"),
            "age": rng.normal(45, 10, n),
            "stage": np.where(rng.random(n) < 0.4, "first", "second"),
            "site": [f"site {s}" for s in site],
        }
    )


def fitted(
    frame: pd.DataFrame, courses: pd.DataFrame | None = None, **options: Any
) -> tuple[dict[str, Result], SurvivalRecord]:
    analysis = TimeToEventAnalysis.model_validate(
        {"estimand": "e", "role": "primary", "model": "time_to_event", "rmst_days": 60} | options
    )
    data = TimeToEventData("y", "p", ("control", "drug"), frame, "rule", "relapse")
    if courses is not None:
        data = TimeToEventData("y", "p", ("control", "drug"), frame, "rule", "relapse", courses)
    result = fit_time_to_event_analysis("a", analysis, ESTIMAND, data, 0.95)
    assert isinstance(result.record, SurvivalRecord)
    rows = {
        "/".join(filter(None, (r.statistic, r.group, r.visit, "" if r.reference else r.arm))): r
        for r in result.results
    }
    return rows, result.record


def lifelines_fit(frame: pd.DataFrame, columns: list[str], **options: Any) -> CoxPHFitter:
    data = frame.assign(drug=(frame["arm"] == "drug") * 1.0)[["time", "event", "drug", *columns]]
    fit_options = {"precision": 1e-12}
    return CoxPHFitter().fit(data, "time", "event", fit_options=fit_options, **options)


def test_efron_ratio_with_strata_and_covariates_is_that_of_lifelines() -> None:
    frame = subjects()
    rows, _ = fitted(frame, strata=["stage"], covariates=["age"])
    other = lifelines_fit(frame, ["age", "stage"], strata=["stage"])
    ratio = rows["hazard ratio"]
    assert ratio.estimate == pytest.approx(other.hazard_ratios_["drug"], rel=SAME_OPTIMUM)
    assert ratio.std_error == pytest.approx(other.standard_errors_["drug"], rel=SAME_OPTIMUM)
    assert ratio.p_value == pytest.approx(other.summary["p"]["drug"], rel=1e-5)


def test_breslow_ratio_is_that_of_statsmodels() -> None:
    frame = subjects()
    X = np.column_stack([frame["arm"] == "drug", frame["age"] - 45]).astype(float)
    other = PHReg(frame["time"], X, frame["event"] * 1, ties="breslow").fit()
    ratio = fitted(frame, covariates=["age"], ties="breslow")[0]["hazard ratio"]
    assert np.log(ratio.estimate or 0) == pytest.approx(other.params[0], rel=SAME_OPTIMUM)
    assert ratio.std_error == pytest.approx(other.bse[0], rel=SAME_OPTIMUM)
    assert ratio.method == "Cox model, Breslow ties"


def test_ties_agree_where_there_are_none() -> None:
    frame = subjects()
    frame["time"] += np.linspace(0, 0.5, len(frame))
    ratios = [fitted(frame, ties=ties)[0]["hazard ratio"] for ties in ("efron", "breslow", "exact")]
    for ratio in ratios[1:]:
        assert ratio.estimate == pytest.approx(ratios[0].estimate, rel=SAME_OPTIMUM)


def test_the_robust_error_is_that_of_lifelines() -> None:
    frame = subjects().assign(site=lambda f: f["site"].str[5:].astype(int))
    # lifelines and R agree on the robust variance where no times are tied
    frame["time"] += np.linspace(0, 0.5, len(frame))
    other = lifelines_fit(frame, ["site"], cluster_col="site")
    rows = fitted(frame, cluster="site")[0]
    ratio = rows["hazard ratio"]
    assert ratio.std_error == pytest.approx(other.standard_errors_["drug"], rel=SAME_OPTIMUM)
    plain = fitted(frame)[0]["hazard ratio"].std_error
    assert rows["hazard ratio (not robust)"].std_error == pytest.approx(plain, rel=SAME_OPTIMUM)


def test_exact_ties_have_no_robust_error() -> None:
    with pytest.raises(ValidationError, match="no robust variance"):
        fitted(subjects(), ties="exact", cluster="site")


def test_a_frailty_shared_within_sites_has_a_variance() -> None:
    rows, _ = fitted(subjects(), frailty="site", frailty_distribution="gaussian")
    assert (rows["frailty variance"].estimate or 0) > 0
    assert rows["hazard ratio (shared frailty)"].status == "ok"
    # without differences between clusters the frailty vanishes and the plain model is left
    alone = subjects().assign(site="one")
    rows, _ = fitted(alone, frailty="site")
    assert rows["frailty variance"].message == "at its lower limit"
    shared, plain = rows["hazard ratio (shared frailty)"], rows["hazard ratio"]
    assert shared.estimate == pytest.approx(plain.estimate, rel=OTHER_SOFTWARE)


def test_the_first_period_is_follow_up_cut_there_and_the_last_starts_there() -> None:
    frame = subjects()
    rows, _ = fitted(frame, periods_days=[28])
    cut = frame.assign(
        event=frame["event"] & (frame["time"] <= 28), time=frame["time"].clip(upper=28)
    )
    first = rows["hazard ratio in period/up to day 28"]
    expected = lifelines_fit(cut, []).hazard_ratios_["drug"]
    assert first.estimate == pytest.approx(expected, rel=SAME_OPTIMUM)
    later = frame[frame["time"] > 28]
    second = rows["hazard ratio in period/after day 28"]
    expected = lifelines_fit(later.assign(time=later["time"] - 28), []).hazard_ratios_["drug"]
    assert second.estimate == pytest.approx(expected, rel=SAME_OPTIMUM)
    assert (first.n_events or 0) + (second.n_events or 0) == frame["event"].sum()


def test_a_time_varying_covariate_is_taken_before_each_event() -> None:
    frame = subjects(120).assign(reason="")
    rng = np.random.default_rng(8)
    days = np.arange(0, 120, 7.0)
    courses = pd.DataFrame(
        {
            "subject": np.repeat(frame["subject"].to_numpy(), days.size),
            "name": "MADRS total",
            "day": np.tile(days, len(frame)),
            "value": rng.normal(20, 6, len(frame) * days.size),
        }
    )
    asked = [{"scale": "MADRS"}]
    rows, _ = fitted(frame, courses, time_varying=asked)
    # The same by lifelines on rows cut at the assessments: value of [start, stop) holds at stop.
    long = courses.merge(frame, on="subject").query("day < time")
    long["stop"] = np.minimum(long["day"] + 7, long["time"])
    long["event"] &= long["stop"] == long["time"]
    long["drug"] = (long["arm"] == "drug") * 1.0
    columns = ["subject", "day", "stop", "event", "drug", "value"]
    other = CoxTimeVaryingFitter().fit(
        long[columns].astype({"event": int}),
        id_col="subject",
        event_col="event",
        start_col="day",
        stop_col="stop",
        fit_options={"precision": 1e-12},
    )
    arm = rows["hazard ratio (time-varying covariates)"]
    score = rows["hazard ratio of a time-varying covariate/MADRS total"]
    assert np.log(arm.estimate or 0) == pytest.approx(other.params_["drug"], rel=SAME_OPTIMUM)
    assert np.log(score.estimate or 0) == pytest.approx(other.params_["value"], rel=1e-5)


def test_the_combination_adds_the_stages_by_their_weights() -> None:
    frame = subjects()
    combination = {"by": "stage", "weights": {"first": 1.0, "second": 3.0}}
    rows, _ = fitted(frame, combination=combination)
    z = {}
    for stage, here in frame.groupby("stage"):
        chi2, _ = survdiff(here["time"], here["event"] * 1, (here["arm"] == "drug") * 1)
        sign = np.sign(lifelines_fit(here, []).params_["drug"])
        z[stage] = sign * np.sqrt(chi2)
    expected = np.sqrt(0.25) * z["first"] + np.sqrt(0.75) * z["second"]
    test = rows["weighted combination log-rank test"]
    assert test.test_statistic == pytest.approx(expected, rel=1e-9)
    assert test.p_value == pytest.approx(2 * norm.sf(abs(expected)), rel=1e-9)


def test_one_stage_alone_carries_the_combination() -> None:
    frame = subjects()
    weights = {"first": 1e12, "second": 1e-12}
    rows, _ = fitted(frame, combination={"by": "stage", "weights": weights})
    alone = lifelines_fit(frame[frame["stage"] == "first"], [])
    ratio = rows["hazard ratio (weighted combination)"]
    assert ratio.estimate == pytest.approx(alone.hazard_ratios_["drug"], rel=1e-5)
    assert ratio.std_error == pytest.approx(alone.standard_errors_["drug"], rel=1e-5)


def test_a_stage_without_a_weight_is_named() -> None:
    combination = {"by": "stage", "weights": {"first": 0.5, "third": 0.5}}
    row = fitted(subjects(), combination=combination)[0]["weighted combination log-rank test"]
    assert (row.status, row.message) == ("failed", "no weight for stage second")


def test_incidences_and_survival_add_up_and_other_kinds_are_censored() -> None:
    frame = subjects()
    rows, record = fitted(frame, competing=["death"], risk_table_every_days=20)
    events = frame.assign(event=frame["reason"].isin(["death", "score"]))
    whole, _ = fitted(events, risk_table_every_days=20)
    for arm in ("control", "drug"):
        parts = [rows[f"cumulative incidence/{c}/day 40/{arm}"] for c in ("the event", "death")]
        none = whole[f"survival/day 40/{arm}"].estimate or 0
        assert sum(row.estimate or 0 for row in parts) == pytest.approx(1 - none, abs=EXACT)
    deaths = frame.assign(event=frame["reason"] == "death")
    expected = lifelines_fit(deaths, []).hazard_ratios_["drug"]
    found = rows["cause-specific hazard ratio/death"].estimate
    assert found == pytest.approx(expected, rel=SAME_OPTIMUM)
    assert {curve.cause for curve in record.incidence} == {"the event", "death"}


def test_restricted_means_are_compared_as_the_plan_says() -> None:
    """Without censoring `t` is scipy's Welch test of the bounded times; words and call say so."""
    frame = subjects(censored=False).assign(event=True)
    rows, _ = fitted(frame, restricted_mean_test="t")
    row = rows["difference in restricted means"]
    bounded = frame["time"].clip(upper=60)
    drug = frame["arm"] == "drug"
    welch = ttest_ind(bounded[drug], bounded[~drug], equal_var=False)
    assert (row.p_value, row.df) == pytest.approx((welch.pvalue, welch.df), rel=1e-9)
    assert fitted(frame)[0]["difference in restricted means"].df is None
    options = {"estimand": "e", "role": "primary", "model": "time_to_event"}
    analysis = TimeToEventAnalysis.model_validate(
        {**options, "rmst_days": 60, "restricted_mean_test": "t"}
    )
    assert "as in Welch's test" in time_to_event_in_words(analysis)


def test_without_censoring_the_adjusted_restricted_mean_is_a_regression() -> None:
    frame = subjects(censored=False).assign(event=True)
    row = fitted(frame, covariates=["age"])[0]["difference in restricted means (adjusted)"]
    X = np.column_stack([np.ones(len(frame)), frame["arm"] == "drug", frame["age"]]).astype(float)
    y = frame["time"].clip(upper=60).to_numpy()
    beta = np.linalg.lstsq(X, y, rcond=None)[0]
    assert row.estimate == pytest.approx(beta[1], rel=1e-9)
    bread = np.linalg.inv(X.T @ X)
    middle = (X * (y - X @ beta)[:, None]).T @ (X * (y - X @ beta)[:, None])
    assert row.std_error == pytest.approx((bread @ middle @ bread)[1, 1] ** 0.5, rel=1e-9)


def test_quantiles_milestones_and_reasons_are_rows() -> None:
    frame = subjects()
    asked = {"quantiles": [0.25, 0.5], "landmark_days": [30], "interval": "logit"}
    rows, _ = fitted(frame, **asked, weighted_tests=["max-combo", "Tarone-Ware"])
    assert rows["quantile/25%/drug"].estimate is not None
    gap = rows["difference in survival/day 30"]
    by_arm = [rows[f"survival/day 30/{arm}"].estimate or 0 for arm in ("drug", "control")]
    assert gap.estimate == pytest.approx(by_arm[0] - by_arm[1], abs=EXACT)
    assert rows["max-combo test"].p_value is not None
    assert rows["Tarone-Ware test"].df == 1
    counts = frame.groupby(["event", "reason", "arm"]).size()
    assert rows["event by/score/drug"].estimate == counts[True, "score", "drug"]
    assert rows["censored/death/control"].estimate == counts[False, "death", "control"]


def test_a_factor_is_one_term_of_the_proportional_hazards_test() -> None:
    frame = subjects().assign(site=lambda f: f["site"].str[-1])
    rows, record = fitted(frame, covariates=["site"])
    assert rows["proportional hazards test/site"].df == frame["site"].nunique() - 1
    assert record.trend is not None
    assert record.trend.residuals.size == frame["event"].sum()


def test_a_straight_course_is_drawn_straight() -> None:
    times = np.sort(np.random.default_rng(1).exponential(30, 80))
    trend = residual_trend(times, 1.5 - 0.02 * times, 0.04)
    assert trend is not None
    np.testing.assert_allclose(trend.estimate, 1.5 - 0.02 * trend.times, atol=1e-9)


def test_the_curve_is_the_least_squares_natural_spline() -> None:
    """scipy's natural splines through unit vectors span the same curves."""
    rng = np.random.default_rng(2)
    times = np.sort(rng.exponential(30, 90))
    scaled = rng.normal(0, 1, 90) + np.sin(times / 20)
    trend = residual_trend(times, scaled, 0.04)
    assert trend is not None
    knots = np.quantile(np.unique(times), np.linspace(0, 1, 5))
    units = [CubicSpline(knots, unit, bc_type="natural") for unit in np.eye(5)]
    X, at = (np.column_stack([u(x) for u in units]) for x in (times, trend.times))
    curve = at @ np.linalg.lstsq(X, scaled, rcond=None)[0]
    np.testing.assert_allclose(trend.estimate, curve, rtol=1e-8, atol=1e-8)
    spread = np.einsum("kp,pq,kq->k", at, np.linalg.inv(X.T @ X), at) * 90 * 0.04
    width = 2 * norm.isf(0.025) * np.sqrt(spread)
    np.testing.assert_allclose(trend.conf_high - trend.conf_low, width, rtol=1e-8)


EVERYTHING: dict[str, Any] = {
    "strata": ["stage"],
    "covariates": ["age"],
    "quantiles": [0.25, 0.5],
    "landmark_days": [30],
    "weighted_tests": ["Peto-Peto", "Fleming-Harrington (0, 1)"],
    "combination": {"by": "stage", "weights": {"first": 1, "second": 1}},
    "periods_days": [28],
    "cluster": "site",
    "frailty": "site",
    "competing": ["death"],
}


@pytest.mark.parametrize("seed", range(6))
def test_a_handful_of_subjects_gives_numbers_or_reasons(seed: int) -> None:
    """Whatever cannot be had is a row that says so: no traceback, no warning, no infinity."""
    frame = subjects(3 + 2 * seed, seed)
    rows, _ = fitted(frame, **EVERYTHING)
    for row in rows.values():
        numbers = (row.estimate, row.std_error, row.conf_low, row.conf_high, row.p_value)
        assert all(x is None or np.isfinite(x) for x in numbers), row
        assert row.status != "failed" or row.message


def test_censoring_at_an_event_under_treatment_policy_is_told() -> None:
    frame = subjects()
    frame["reason"] = frame["reason"].replace("completed", "Treatment discontinuation")
    strategies = {"treatment discontinuation": "treatment policy"}
    policy = ESTIMAND.model_copy(update={"intercurrent_events": strategies})
    hypothetical = policy.model_copy(
        update={"intercurrent_events": {"treatment discontinuation": "hypothetical"}}
    )
    analysis = TimeToEventAnalysis.model_validate(
        {"estimand": "e", "role": "primary", "model": "time_to_event", "rmst_days": 60}
        | {"competing": ["death"]}  # censored for it without this would be told for another reason
    )
    data = TimeToEventData("y", "p", ("control", "drug"), frame, "rule", "relapse")
    for estimand, status in ((policy, "warning"), (hypothetical, "ok")):
        results = fit_time_to_event_analysis("a", analysis, estimand, data, 0.95).results
        rows = [r for r in results if r.statistic == "censored"]
        at_stopping = [r for r in rows if r.group == "Treatment discontinuation"]
        assert {r.status for r in at_stopping} == {status}
        assert {r.status for r in rows if r not in at_stopping} == {"ok"}
        assert {r.group for r in rows} == {"Treatment discontinuation", "death"}
    assert not at_stopping[0].message


@pytest.mark.parametrize(("competing", "status"), [([], "warning"), (["death"], "ok")])
def test_censoring_for_death_is_told_unless_it_competes(competing: list[str], status: str) -> None:
    """Those who died are not like those who went on; as a competing event they are counted."""
    rows, _ = fitted(subjects(), competing=competing)
    for arm in ("control", "drug"):
        assert rows[f"censored/death/{arm}"].status == status
        assert ("informative censoring" in rows[f"censored/death/{arm}"].message) is (not competing)
        assert rows[f"censored/completed/{arm}"].status == "ok"
