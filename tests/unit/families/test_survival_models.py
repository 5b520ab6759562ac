"""Parametric and recurrent-event analyses against lifelines and themselves."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from lifelines import CoxPHFitter, CoxTimeVaryingFitter, LogNormalAFTFitter, WeibullAFTFitter

from ketaoutcomes.endpoints.data import RecurrentData, TimeToEventData
from ketaoutcomes.families.parametric_survival.fit import fit_parametric_analysis
from ketaoutcomes.families.parametric_survival.plan import AftAnalysis, IntervalCensoredAnalysis
from ketaoutcomes.families.parametric_survival.record import ParametricRecord
from ketaoutcomes.families.recurrent_events.fit import fit_recurrent_analysis
from ketaoutcomes.families.recurrent_events.plan import RecurrentEventsAnalysis
from ketaoutcomes.families.recurrent_events.record import RecurrentRecord
from ketaoutcomes.families.shared.rows import design_of
from ketaoutcomes.plan.estimand import Estimand
from ketaoutcomes.results import Result
from tolerances import OTHER_SOFTWARE, SAME_OPTIMUM

ARMS = ("control", "drug")
ESTIMAND = Estimand.model_validate(
    {
        "population": "x",
        "treatment": {"active": "drug", "reference": "control"},
        "endpoint": "y",
        "summary": "difference in restricted mean time",
    }
)


def times(n: int = 200) -> pd.DataFrame:
    rng = np.random.default_rng(9)
    arm, age = rng.integers(0, 2, n), rng.normal(0, 1, n)
    time = rng.weibull(1.3, n) * 50 * np.exp(0.4 * arm - 0.2 * age)
    end = rng.uniform(20, 120, n)
    event, seen = time <= end, np.minimum(time, end)
    return pd.DataFrame(
        {
            "subject": [f"s{i}" for i in range(n)],
            "arm": np.where(arm, "drug", "control"),
            "time": seen,
            "event": event,
            "reason": "",
            "after": 7 * np.floor(seen / 7),
            "by": np.where(event, 7 * np.floor(seen / 7) + 7, np.inf),
            "age": age,
        }
    )


def parametric(
    frame: pd.DataFrame, model: str, **options: Any
) -> tuple[dict[str, Result], ParametricRecord | None]:
    kind = AftAnalysis if model == "aft" else IntervalCensoredAnalysis
    asked = {"estimand": "e", "role": "sensitivity", "model": model, "rmst_days": 60}
    analysis = kind.model_validate(asked | options)
    data = TimeToEventData("y", "p", ARMS, frame, "rule", "relapse")
    fitted = fit_parametric_analysis("a", analysis, ESTIMAND, data, 0.95)
    rows = {
        "/".join(filter(None, (r.statistic, r.group, "" if r.reference else r.arm))): r
        for r in fitted.results
    }
    assert fitted.record is None or isinstance(fitted.record, ParametricRecord)
    return rows, fitted.record


@pytest.mark.parametrize(
    ("law", "fitter"), [("weibull", WeibullAFTFitter), ("log-normal", LogNormalAFTFitter)]
)
def test_the_time_ratio_is_that_of_lifelines(law: str, fitter: type[WeibullAFTFitter]) -> None:
    frame = times()
    rows, record = parametric(frame, "aft", distribution=law, covariates=["age"])
    data = frame.assign(drug=(frame["arm"] == "drug") * 1.0)[["time", "event", "drug", "age"]]
    other = fitter().fit(data, "time", "event")
    name = "lambda_" if law == "weibull" else "mu_"
    coefficient = other.params_[name]["drug"]
    ratio = rows["time ratio"]
    # lifelines stops at a gradient of its own; estimates agree to four digits
    assert np.log(ratio.estimate or 0) == pytest.approx(coefficient, rel=OTHER_SOFTWARE)
    error = other.standard_errors_[name]["drug"]
    assert ratio.std_error == pytest.approx(error, rel=OTHER_SOFTWARE)
    assert rows["Akaike's criterion"].estimate == pytest.approx(other.AIC_, rel=SAME_OPTIMUM)
    assert record is not None
    assert [curve.arm for curve in record.curves] == list(ARMS)


def test_under_a_weibull_law_both_ratios_say_the_same() -> None:
    rows, _ = parametric(times(), "aft")
    time, hazard, scale = (rows[k] for k in ("time ratio", "hazard ratio", "scale"))
    expected = -np.log(time.estimate or 0) / (scale.estimate or 1)
    assert np.log(hazard.estimate or 0) == pytest.approx(expected, rel=1e-12)
    # Wald tests of one hypothesis on two scales differ a little
    assert hazard.p_value == pytest.approx(time.p_value, rel=0.5)
    assert "hazard ratio" not in parametric(times(), "aft", distribution="log-normal")[0]


def test_restricted_means_and_their_difference_agree() -> None:
    rows, _ = parametric(times(), "aft")
    means = [rows[f"restricted mean/{arm}"].estimate or 0 for arm in ("drug", "control")]
    gap = rows["difference in restricted means"]
    assert gap.estimate == pytest.approx(means[0] - means[1], abs=1e-9)
    assert gap.conf_low is not None
    assert gap.conf_low < (gap.estimate or 0)


def test_known_times_are_intervals_of_no_width() -> None:
    frame = times()
    exact = frame.assign(after=frame["time"], by=np.where(frame["event"], frame["time"], np.inf))
    one, two = parametric(exact, "interval_censored")[0], parametric(frame, "aft")[0]
    for statistic in ("time ratio", "difference in restricted means"):
        assert one[statistic].estimate == pytest.approx(two[statistic].estimate, rel=1e-9)


def test_intervals_of_a_week_change_little() -> None:
    rows, record = parametric(times(), "interval_censored", risk_table_every_days=14)
    exact = parametric(times(), "aft")[0]["time ratio"]
    ratio = rows["time ratio"]
    assert np.log(ratio.estimate or 0) == pytest.approx(np.log(exact.estimate or 0), abs=0.05)
    # Assessments on multiples of 7: survival is known there.
    assert rows["survival/day 14/drug"].status == "ok"
    assert record is not None
    between = parametric(times(), "interval_censored", risk_table_every_days=10)[0]
    row = between["survival/day 10/drug"]
    assert (row.status, row.estimate) == ("warning", None)
    assert row.message.startswith("between ")


def test_an_event_at_time_0_is_placed_within_the_dosing_day() -> None:
    """It has no logarithm, and left out it would be lost: it counts at half a day."""
    at_start, within = times(), times()
    at_start.loc[0, ["time", "event"]] = [0.0, True]
    earliest = min(0.5, at_start.loc[at_start["time"] > 0, "time"].min() / 2)
    within.loc[0, ["time", "event"]] = [earliest, True]
    rows, record = parametric(at_start, "aft")
    assert record is not None
    statistic = "difference in restricted means"
    assert rows[statistic].estimate == parametric(within, "aft")[0][statistic].estimate


def repeated(n: int = 150) -> pd.DataFrame:
    rng = np.random.default_rng(3)
    rows = []
    for i in range(n):
        arm = i % 2
        rate = rng.gamma(2, 0.5) * 0.02 * np.exp(-0.5 * arm)
        end, start, number = rng.uniform(60, 200), 0.0, 1
        while start < end:
            stop = min(start + rng.exponential(1 / rate), end)
            rows.append((f"s{i}", ARMS[arm], start, stop, stop < end, number))
            start, number = (stop, number + 1) if stop < end else (end, number)
    columns = ["subject", "arm", "start", "stop", "event", "number"]
    return pd.DataFrame(rows, columns=columns)


def recurrent(frame: pd.DataFrame, **options: Any) -> tuple[dict[str, Result], RecurrentRecord]:
    asked = {"estimand": "e", "role": "primary", "model": "recurrent_events"}
    analysis = RecurrentEventsAnalysis.model_validate(asked | options)
    data = RecurrentData("y", "p", ARMS, frame, "rule", "stay")
    fitted = fit_recurrent_analysis("a", analysis, ESTIMAND, data, 0.95)
    assert isinstance(fitted.record, RecurrentRecord)
    rows = {
        "/".join(filter(None, (r.statistic, r.group, "" if r.reference else r.arm))): r
        for r in fitted.results
    }
    return rows, fitted.record


def test_andersen_gill_is_the_counting_process_fit_of_lifelines() -> None:
    frame = repeated()
    data = frame.assign(drug=(frame["arm"] == "drug") * 1.0, event=frame["event"].astype(int))
    other = CoxTimeVaryingFitter().fit(
        data[["subject", "start", "stop", "event", "drug"]],
        id_col="subject",
        event_col="event",
        start_col="start",
        stop_col="stop",
    )
    ratio = recurrent(frame)[0]["rate ratio"]
    assert np.log(ratio.estimate or 0) == pytest.approx(other.params_["drug"], rel=OTHER_SOFTWARE)


def test_pwp_gap_time_is_the_stratified_fit_of_lifelines() -> None:
    frame = repeated()
    data = frame.assign(
        drug=(frame["arm"] == "drug") * 1.0,
        gap=frame["stop"] - frame["start"],
        code=pd.factorize(frame["subject"])[0],
    )
    first = data[data["number"] <= 3]
    other = CoxPHFitter().fit(
        first[["gap", "event", "drug", "number", "code"]],
        "gap",
        "event",
        strata=["number"],
        cluster_col="code",
    )
    ratio = recurrent(frame, at_most_events=3)[0]["hazard ratio (PWP gap time)"]
    assert np.log(ratio.estimate or 0) == pytest.approx(other.params_["drug"], rel=OTHER_SOFTWARE)
    assert ratio.std_error == pytest.approx(other.standard_errors_["drug"], rel=OTHER_SOFTWARE)


def test_rates_and_counts_of_an_arm() -> None:
    frame = repeated()
    rows, record = recurrent(frame)
    here = frame[frame["arm"] == "drug"]
    days = (here["stop"] - here["start"]).sum()
    rate = rows["events a year/drug"].estimate
    assert rate == pytest.approx(here["event"].sum() / days * 365.25)
    assert rows["subjects with an event/drug"].estimate == here[here["event"]]["subject"].nunique()
    assert [curve.arm for curve in record.curves] == list(ARMS)


def test_a_mean_number_of_none_has_no_interval() -> None:
    """As of a curve that has not fallen: Nelson's variance of no event is 0, and says nothing."""
    frame = repeated()
    frame.loc[frame["arm"] == "drug", "event"] = False
    rows, _ = recurrent(frame)
    means = [row for key, row in rows.items() if key.startswith("mean number of events")]
    without = [row for row in means if row.arm == "drug" and row.status == "ok"]
    assert without
    assert {(r.estimate, r.std_error, r.conf_low, r.conf_high) for r in without} == {
        (0.0, None, None, None)
    }
    assert all(row.conf_low is not None for row in means if row.arm == "control")


def test_an_arm_without_events_has_no_ratio() -> None:
    frame = repeated()
    frame = frame.assign(event=frame["event"] & (frame["arm"] == "control"))
    rows, _ = recurrent(frame)
    assert (rows["rate ratio"].status, rows["rate ratio"].message) == (
        "failed",
        "an arm has no event",
    )


def test_a_covariate_that_is_the_same_for_all_changes_no_model() -> None:
    frame = times().assign(height=4.0, category="same")
    with_constants = ("height", "age", "category")
    assert (
        parametric(frame, "aft", covariates=with_constants)[0]
        == (parametric(frame, "aft", covariates=("age",))[0])
    )
    design, plain = design_of(frame, "drug", with_constants), design_of(frame, "drug", ("age",))
    assert design.terms == plain.terms == (("arm", (0,)), ("age", (1,)))
    np.testing.assert_array_equal(design.X, plain.X)
