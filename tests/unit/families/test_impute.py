"""Analyses of imputed data: what they estimate, what they do not depend on, how they fail."""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from imputation_plans import (
    STOPPED,
    VISITS,
    binary_data,
    change_data,
    fitted,
    plan,
    with_frame,
)
from ketaoutcomes.endpoints.data import ChangeData
from ketaoutcomes.families.imputation.data import ImputedData
from ketaoutcomes.families.imputation.impute import impute_endpoint
from ketaoutcomes.families.imputation.record import TippingRecord
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.results import Result

JUMP = {STOPPED: "jump to reference"}


def main(of_plan: AnalysisPlan, data: ChangeData) -> Result:
    rows = fitted(of_plan, data).results
    return next(
        r for r in rows if r.statistic == "difference in LS means" and r.visit == VISITS[-1]
    )


def imputed(of_plan: AnalysisPlan, data: ChangeData) -> ImputedData:
    found = impute_endpoint(of_plan, "a", data)
    assert isinstance(found, ImputedData)
    return found


def estimate(model: str, data: ChangeData, **options: Any) -> float:
    value = main(plan(model, **options), data).estimate
    assert value is not None
    return value


def test_the_event_decides_the_strategy_and_all_else_is_at_random() -> None:
    of_plan = plan("conditional_mean", strategies=JUMP)
    data = imputed(of_plan, change_data())
    rows = [r for r in fitted(of_plan, change_data()).results if r.table == "impt03"]
    counts = {(r.arm, r.group): r.estimate for r in rows}
    missing = np.isnan(data.trial.y)
    for code, arm in enumerate(("control", "drug")):
        stopped = (missing & ~data.trial.before).any(axis=1) & (data.trial.arm == code)
        assert counts[arm, f"scores: after {STOPPED}"] == stopped.sum()
        assert sum(n for (a, _), n in counts.items() if a == arm) == 40
    assert counts["control", "scores: missing otherwise"] == 1
    assert data.trial.strategy[0] == "missing at random"
    assert data.trial.before[0].all()


def test_of_two_events_the_first_decides() -> None:
    data = change_data()
    frame = data.frame.copy()
    late = frame["visit"] == VISITS[2]
    frame.loc[late & (frame["event"] == STOPPED), "event"] = "rescue"
    strategies = {STOPPED: "jump to reference", "rescue": "copy reference"}
    trial = imputed(plan("conditional_mean", strategies=strategies), with_frame(data, frame)).trial
    stopped = frame["event"].to_numpy().reshape(-1, 3)
    for row, how in zip(stopped, trial.strategy, strict=True):
        first = next((event for event in row if event), "")
        assert how == strategies.get(first, "missing at random")


def test_dropout_counts_as_an_event_where_the_plan_says_so() -> None:
    data = change_data()
    silent = with_frame(data, data.frame.assign(event=""))
    told = plan("conditional_mean", strategies=JUMP)
    counted = plan("conditional_mean", strategies=JUMP, dropout_counts_as=STOPPED)
    assert main(counted, silent) == main(counted, data)
    assert main(counted, silent).estimate == main(told, data).estimate
    assert main(told, silent).estimate != main(told, data).estimate


@pytest.mark.parametrize("model", ["conditional_mean", "multiple_imputation"])
def test_names_do_not_matter(model: str) -> None:
    data, of_plan = change_data(), plan(model, strategies=JUMP, covariates=["baseline", "sex"])
    frame = data.frame.replace({"sex": {"F": "Fem", "M": "Mal"}})
    renamed = with_frame(data, frame.assign(subject="x" + frame["subject"]))
    first, second = main(of_plan, data), main(of_plan, renamed)
    assert second.estimate == pytest.approx(first.estimate, rel=1e-9)
    assert second.std_error == pytest.approx(first.std_error, rel=1e-9)


@pytest.mark.parametrize("model", ["conditional_mean", "multiple_imputation"])
def test_no_delta_is_a_delta_of_zero(model: str) -> None:
    data = change_data()
    plain = main(plan(model, strategies=JUMP), data)
    assert main(plan(model, strategies=JUMP, delta={"drug": 0, "control": 0}), data) == plain
    assert estimate(model, data, strategies=JUMP, delta={"drug": 4}) > (plain.estimate or 0) + 0.3


def test_a_delta_per_visit_grows_from_the_event_on() -> None:
    data = change_data()
    plain, grown = (
        imputed(plan("conditional_mean", strategies=JUMP, delta=delta, delta_per_visit=True), data)
        for delta in ({}, {"drug": 2})
    )
    added = (grown.values - plain.values)[0]  # noqa: PD011
    after = np.cumsum(~plain.trial.before, axis=1)
    expected = 2 * after * (plain.trial.arm == 1)[:, None] * plain.missing
    np.testing.assert_allclose(added, expected, atol=1e-12)
    assert added.max() == pytest.approx(4)


def test_the_same_seed_gives_the_same_result_and_another_does_not() -> None:
    data = change_data()
    once, again = (fitted(plan("multiple_imputation"), data).results for _ in range(2))
    assert once == again
    assert main(plan("multiple_imputation", seed=2), data) != main(
        plan("multiple_imputation"), data
    )


def test_the_conditional_mean_is_the_limit_of_many_imputations() -> None:
    """Up to the spread of the posterior, which moves the mean by less than its own error here."""
    data = change_data(n=200)
    rows = fitted(plan("multiple_imputation", imputations=1000, strategies=JUMP), data).results
    error = next(
        r.estimate for r in rows if r.statistic.startswith("Monte-Carlo error of the diff")
    )
    many = estimate("multiple_imputation", data, imputations=1000, strategies=JUMP)
    assert error is not None
    assert many == pytest.approx(estimate("conditional_mean", data, strategies=JUMP), abs=4 * error)


@pytest.mark.parametrize(
    "options",
    [
        {"draws": "bootstrap"},
        {"draws": "bootstrap", "covariance": "csh"},
        {"analysed_by": "mmrm"},
        {"standard_errors": "robust"},
        {"covariance_by_arm": True},
    ],
)
def test_other_ways_of_multiple_imputation_come_near(options: dict[str, Any]) -> None:
    data = change_data(n=120)
    usual = main(plan("multiple_imputation", imputations=100), data)
    other = main(plan("multiple_imputation", imputations=100, **options), data)
    assert other.status == "ok"
    assert usual.std_error is not None
    assert other.estimate == pytest.approx(usual.estimate, abs=0.25 * usual.std_error)
    assert other.std_error == pytest.approx(usual.std_error, rel=0.15)


@pytest.mark.parametrize("options", [{"resampling": "bootstrap", "resamples": 400}])
def test_bootstrap_and_jackknife_agree(options: dict[str, Any]) -> None:
    data = change_data()
    jackknife = main(plan("conditional_mean"), data)
    bootstrap = main(plan("conditional_mean", **options), data)
    assert bootstrap.estimate == jackknife.estimate
    # relative error of a bootstrap SE about sqrt(1 / 800) = 4 %, and the jackknife is larger
    assert bootstrap.std_error == pytest.approx(jackknife.std_error, rel=0.15)


def test_subjects_and_baselines_that_others_leave_out() -> None:
    data = change_data()
    frame = data.frame.copy()
    unseen = frame["subject"] == "s007"
    frame.loc[unseen, ["score", "change"]] = np.nan
    frame.loc[unseen, "event"] = STOPPED
    blank = frame["subject"] == "s010"
    frame.loc[blank, ["baseline", "change"]] = np.nan
    frame.loc[frame["subject"] == "s011", "sex"] = None
    of_plan = plan(
        "conditional_mean", strategies=JUMP, missing_baseline="mean", covariates=["baseline", "sex"]
    )
    result = fitted(of_plan, with_frame(data, frame))
    rows = [r for r in result.results if r.statistic == "LS mean" and r.visit == VISITS[-1]]
    assert sum(r.n or 0 for r in rows) == 80
    assert all(r.status == "ok" for r in rows)
    found = {r.group: r.estimate for r in result.results if r.statistic == "subjects"}
    assert found == {"baseline set: baseline": 1, "baseline set: sex": 1}


def test_without_missing_scores_imputing_changes_nothing() -> None:
    data = change_data()
    frame = data.frame.sort_values(["subject", "visit"]).copy()
    frame["score"] = frame["score"].fillna(20.0)
    frame["change"] = frame["score"] - frame["baseline"]
    whole = with_frame(data, frame)
    found = {
        model: main(plan(model, strategies=JUMP), whole)
        for model in ("conditional_mean", "multiple_imputation")
    }
    assert found["conditional_mean"].estimate == pytest.approx(
        found["multiple_imputation"].estimate, rel=1e-9
    )


# --- response -----------------------------------------------------------------------------------


def test_a_response_follows_from_the_imputed_score() -> None:
    data = change_data()
    scores = imputed(plan("multiple_imputation", strategies=JUMP), data)
    responses = impute_endpoint(
        plan("multiple_imputation", "response", strategies=JUMP), "a", binary_data(data)
    )
    assert isinstance(responses, ImputedData)
    baseline = data.frame["baseline"].to_numpy().reshape(-1, 3)
    np.testing.assert_array_equal(responses.values, scores.values <= -0.5 * baseline)  # noqa: PD011


def test_a_failure_by_a_composite_event_stays_a_failure() -> None:
    binary = binary_data(change_data())
    frame = binary.frame.copy()
    lost = (frame["visit"] == VISITS[-1]) & frame["outcome"].isna()
    frame.loc[lost, "outcome"] = 0.0
    done = impute_endpoint(
        plan("multiple_imputation", "response"), "a", replace(binary, frame=frame)
    )
    assert isinstance(done, ImputedData)
    outcome = done.values[..., -1]  # noqa: PD011
    assert (outcome[:, lost.to_numpy().reshape(-1, 3)[:, -1]] == 0).all()


def test_response_is_compared_in_three_ways() -> None:
    rows = fitted(
        plan("multiple_imputation", "response", strategies=JUMP), binary_data(change_data())
    ).results
    found = {(r.statistic, r.arm): r for r in rows}
    shares = [found["proportion", arm].estimate for arm in ("drug", "control")]
    difference = found["risk difference", "drug"]
    assert difference.estimate == pytest.approx((shares[0] or 0) - (shares[1] or 0))
    assert found["odds ratio", "drug"].estimate > 1
    assert found["marginal risk difference", "drug"].estimate == pytest.approx(
        difference.estimate, abs=0.05
    )


def test_separation_is_told() -> None:
    binary = binary_data(change_data())
    one_sided = binary.frame.assign(outcome=(binary.frame["arm"] == "drug").astype(float))
    rows = fitted(plan("multiple_imputation", "response"), replace(binary, frame=one_sided)).results
    ratio = next(r for r in rows if r.statistic == "odds ratio")
    assert ratio.estimate is None
    assert "logistic regression has no maximum in 20 of 20 imputations" in ratio.message


# --- tipping point ------------------------------------------------------------------------------


@pytest.mark.parametrize("by", ["conditional_mean", "multiple_imputation"])
def test_a_tipping_shift_is_where_a_delta_loses_significance(by: str) -> None:
    data = change_data()
    result = fitted(plan("tipping_point", imputed_by=by, delta_range={"drug": [0, 40]}), data)
    tip = next(r for r in result.results if r.statistic == "tipping shift").estimate
    assert tip is not None
    options: dict[str, Any] = {"imputations": 200} if by == "multiple_imputation" else {}
    at = main(plan(by, delta={"drug": tip}, **options), data)
    assert at.p_value == pytest.approx(0.05, abs=1e-6)
    record = result.record
    assert isinstance(record, TippingRecord)
    assert record.contour[0] == tip
    assert record.estimate.shape == (1, 11)


def test_two_arms_make_a_surface_whose_contour_runs_through_the_tipping_shift() -> None:
    shifts = {"control": [-10, 10], "drug": [0, 40]}
    result = fitted(plan("tipping_point", delta_range=shifts, steps=5), change_data())
    record = result.record
    assert isinstance(record, TippingRecord)
    assert record.arms == ("drug", "control")
    assert record.p_value.shape == (5, 5)
    tips = {r.group: r.estimate for r in result.results if r.statistic == "tipping shift"}
    middle = np.flatnonzero(record.contour_rows == 0)[0]
    assert record.contour[middle] == pytest.approx(tips["drug shifted"], rel=1e-9)
    # the more the control is worsened, the more the drug may be
    finite = record.contour[np.isfinite(record.contour)]
    assert (np.diff(finite) > 0).all()
    assert sum(r.table == "tipt01" for r in result.results) == 2 + 25


def test_a_difference_that_never_tips_says_so() -> None:
    rows = fitted(plan("tipping_point", delta_range={"drug": [0, 0.5]}), change_data()).results
    assert rows[0].estimate is None
    assert rows[0].message == "significant at every delta from 0 to 0.5"


# --- what cannot be estimated -------------------------------------------------------------------


@pytest.mark.parametrize("model", ["conditional_mean", "multiple_imputation", "tipping_point"])
def test_a_model_that_cannot_be_fitted_is_a_failed_result(model: str) -> None:
    data = change_data(n=8)
    frame = data.frame.copy()
    frame.loc[(frame["visit"] == VISITS[-1]) & (frame["arm"] == "drug"), "score"] = np.nan
    (row,) = fitted(plan(model), with_frame(data, frame)).results
    assert row.status == "failed"
    assert row.message.startswith("the imputation model could not be fitted: ")
    assert (row.arm, row.reference, row.visit) == ("drug", "control", VISITS[-1])


@pytest.mark.parametrize(
    ("model", "options", "message"),
    [
        ("multiple_imputation", {"covariance": "cs"}, "unstructured"),
        (
            "multiple_imputation",
            {"analysed_by": "mmrm", "standard_errors": "robust"},
            "goes with `analysed_by: ancova`",
        ),
        ("tipping_point", {"delta_range": {"drug": [1, 3]}}, "around 0"),
        ("tipping_point", {"delta_range": {}}, "at least 1"),
    ],
)
def test_a_plan_that_contradicts_itself_is_refused(
    model: str, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValidationError, match=message):
        plan(model, **options)


def test_input_is_not_changed() -> None:
    data = change_data()
    before = data.frame.copy()
    fitted(plan("multiple_imputation", strategies=JUMP, delta={"drug": 1}), data)
    pd.testing.assert_frame_equal(data.frame, before)


def test_three_arms_jump_to_the_same_reference() -> None:
    data = change_data(n=120)
    number = data.frame["subject"].str[1:].astype(int)
    frame = data.frame.assign(arm=data.frame["arm"].mask(number % 4 == 3, "high"))
    three = replace(data, arms=("control", "drug", "high"), frame=frame)
    rows = fitted(plan("conditional_mean", strategies=JUMP), three).results
    found = {
        r.arm: r.estimate
        for r in rows
        if r.statistic == "difference in LS means" and r.visit == VISITS[-1]
    }
    assert set(found) == {"drug", "high"}
    done = imputed(plan("conditional_mean", strategies=JUMP), three)
    means = done.trial.X_reference
    same = done.trial.arm == 0
    # in the reference arm the two designs are one; in both others the arm's columns vanish
    np.testing.assert_array_equal(means[same], done.trial.X[same])
    assert (means[:, :, 3:9] == 0).all()
    assert done.trial.X[~same][:, :, 3:9].any()


@settings(max_examples=10)
@given(shift=st.floats(-5, 5), after=st.sampled_from(["missing at random", "jump to reference"]))
def test_a_shift_moves_the_difference_by_the_share_imputed(shift: float, after: str) -> None:
    """By the coefficient of "was imputed", the same for every shift."""
    data = change_data()
    assumed = {STOPPED: after}
    plain = estimate("conditional_mean", data, strategies=assumed)
    unit = estimate("conditional_mean", data, strategies=assumed, delta={"drug": 1.0}) - plain
    moved = estimate("conditional_mean", data, strategies=assumed, delta={"drug": shift}) - plain
    assert moved == pytest.approx(shift * unit, rel=1e-6, abs=1e-9)


# --- which imputed scores are moved -------------------------------------------------------------


def added_by_delta(data: ChangeData, **options: Any) -> tuple[np.ndarray, ImputedData]:
    """Points that `delta: {drug: 2}` adds to each score of the first dataset."""
    plain = imputed(plan("conditional_mean", strategies=JUMP), data)
    moved = imputed(plan("conditional_mean", strategies=JUMP, delta={"drug": 2}, **options), data)
    return (moved.values - plain.values)[0], plain  # noqa: PD011


@pytest.mark.parametrize("per_visit", [False, True])
def test_a_delta_after_the_event_leaves_what_was_missed_before_it(per_visit: bool) -> None:
    """Counted by hand, subject by subject: the rule of rbmi's delta_template."""
    options = {"delta_per_visit": True} if per_visit else {"applies_to": "after the event"}
    data = change_data()
    # a subject on drug who misses a visit and has no event
    frame = data.frame.copy()
    whole = frame.groupby("subject")["score"].transform(lambda s: s.notna().all())
    first = frame.index[whole & (frame["arm"] == "drug")][0]
    frame.loc[first, ["score", "change"]] = np.nan
    added, plain = added_by_delta(replace(data, frame=frame), **options)
    scores = frame["score"].to_numpy().reshape(added.shape)
    events = frame["event"].to_numpy().reshape(added.shape)
    arm = frame["arm"].to_numpy().reshape(added.shape)[:, 0]
    for i, row in enumerate(added):
        since = 0
        for v, points in enumerate(row):
            since += bool(events[i, v]) or since > 0
            times = (since if per_visit else min(since, 1)) if np.isnan(scores[i, v]) else 0
            assert points == pytest.approx(2 * times * (arm[i] == "drug"), abs=1e-12)
    left = plain.missing & plain.trial.before & (plain.trial.arm == 1)[:, None]
    assert left.any()
    result = fitted(plan("conditional_mean", strategies=JUMP, delta={"drug": 2}, **options), data)
    assert {remark.gravity for remark in result.remarks} <= {"note"}


def test_a_delta_applies_to_all_imputed_scores_unless_the_plan_says_otherwise() -> None:
    added, plain = added_by_delta(change_data())
    np.testing.assert_allclose(
        added, 2.0 * plain.missing * (plain.trial.arm == 1)[:, None], atol=1e-12
    )
    said, _ = added_by_delta(change_data(), applies_to="all imputed")
    np.testing.assert_array_equal(added, said)


def test_a_tipping_shift_after_the_event_is_where_that_delta_loses_significance() -> None:
    data = change_data()
    options: dict[str, Any] = {"strategies": JUMP, "applies_to": "after the event"}
    rows = fitted(plan("tipping_point", delta_range={"drug": [0, 60]}, **options), data).results
    tip = next(r for r in rows if r.statistic == "tipping shift").estimate
    assert tip is not None
    at = main(plan("conditional_mean", delta={"drug": tip}, **options), data)
    assert at.p_value == pytest.approx(0.05, abs=1e-6)


def test_a_shift_that_moves_nothing_is_a_warning_and_what_it_leaves_is_counted() -> None:
    data = change_data()
    without = replace(data, frame=data.frame.assign(event=""))
    options: dict[str, Any] = {"strategies": JUMP, "applies_to": "after the event"}
    result = fitted(plan("conditional_mean", delta={"drug": 2}, **options), without)
    (remark,) = result.remarks
    assert remark.gravity == "warning"
    assert "the shift moves nothing" in remark.sentence()
    some = data.frame["subject"].isin(sorted(data.frame["subject"].unique())[:40])
    half = data.frame.assign(event=data.frame["event"].where(some, ""))
    result = fitted(
        plan("tipping_point", delta_range={"drug": [0, 5]}, **options), replace(data, frame=half)
    )
    last = half[(half["visit"] == VISITS[-1]) & (half["arm"] == "drug") & half["score"].isna()]
    (remark,) = result.remarks
    assert remark.count == int((last["event"] == "").sum()) > 0


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"applies_to": "after the event"}, "after_the_event` needs an event in `strategies`"),
        ({"delta_per_visit": True}, "counts visits from an event of `strategies`; name one there"),
        (
            {"strategies": JUMP, "delta_per_visit": True, "applies_to": "all imputed"},
            "does not go with",
        ),
    ],
)
def test_a_shift_after_an_event_needs_one(options: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        plan("conditional_mean", delta={"drug": 2}, **options)
