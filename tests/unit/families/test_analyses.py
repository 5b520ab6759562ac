"""Analyses say what they could not estimate, and do not depend on order, names or direction."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from ketaoutcomes.endpoints.data import BinaryData, ChangeData, TimeToEventData
from ketaoutcomes.families.incidence.fit import fit_incidence_analysis
from ketaoutcomes.families.incidence.plan import IncidenceAnalysis
from ketaoutcomes.families.proportions.fit import fit_proportions_analysis
from ketaoutcomes.families.proportions.plan import ProportionAnalysis
from ketaoutcomes.families.repeated_measures.mmrm import fit_mmrm_analysis
from ketaoutcomes.families.repeated_measures.plan import MmrmAnalysis, RandomInterceptAnalysis
from ketaoutcomes.families.repeated_measures.random_effects import fit_random_effects_analysis
from ketaoutcomes.families.time_to_event.fit import fit_time_to_event_analysis
from ketaoutcomes.families.time_to_event.plan import TimeToEventAnalysis
from ketaoutcomes.plan.estimand import Estimand
from ketaoutcomes.results import Result
from tolerances import SAME_OPTIMUM

VISITS = ("v1", "v2", "v3")


def estimand(active: str = "drug", reference: str = "control") -> Estimand:
    return Estimand.model_validate(
        {
            "population": "x",
            "treatment": {"active": active, "reference": reference},
            "endpoint": "y",
            "visit": "v3",
            "summary": "difference in means",
        }
    )


def change_data(n: int = 60, seed: int = 3) -> ChangeData:
    """A trial with dropout, correlated visits and an effect of -2 at the last visit."""
    rng = np.random.default_rng(seed)
    arm = np.where(np.arange(n) % 2, "drug", "control")
    baseline = rng.normal(30, 4, n)
    own = rng.normal(0, 3, n)
    rows = []
    for i in range(n):
        last = 1 + rng.integers(0, 6)
        for v, visit in enumerate(VISITS):
            score = baseline[i] - 3 - 2 * v + own[i] + rng.normal(0, 2) - v * (arm[i] == "drug")
            seen = v < last
            rows.append((f"s{i:03d}", arm[i], baseline[i], visit, score if seen else np.nan))
    frame = pd.DataFrame(rows, columns=["subject", "arm", "baseline", "visit", "score"])
    frame["change"] = frame["score"] - frame["baseline"]
    return ChangeData("y", "p", "MADRS", ("control", "drug"), VISITS, frame)


def mmrm(data: ChangeData, target: Estimand | None = None, **options: Any) -> tuple[Result, ...]:
    analysis = MmrmAnalysis.model_validate(
        {"estimand": "e", "role": "primary", "model": "mmrm"} | options
    )
    return fit_mmrm_analysis("a", analysis, target or estimand(), data, 0.95).results


def last(rows: tuple[Result, ...]) -> Result:
    return next(r for r in rows if r.visit == "v3" and r.statistic.startswith("difference"))


def with_frame(data: ChangeData, frame: pd.DataFrame) -> ChangeData:
    return ChangeData(data.name, data.phase, data.scale, data.arms, data.visits, frame)


def test_row_order_does_not_matter() -> None:
    data = change_data()
    shuffled = with_frame(data, data.frame.sample(frac=1, random_state=1))
    one, two = last(mmrm(data)), last(mmrm(shuffled))
    # The sums over subjects are added in another order: rounding only.
    assert two.estimate == pytest.approx(one.estimate, rel=1e-9)
    assert two.std_error == pytest.approx(one.std_error, rel=1e-9)


def test_subject_names_do_not_matter() -> None:
    data = change_data()
    renamed = data.frame.assign(subject=data.frame["subject"].map(lambda name: name[::-1]))
    assert last(mmrm(with_frame(data, renamed))).estimate == pytest.approx(
        last(mmrm(data)).estimate, rel=1e-9
    )


def test_swapping_the_arms_flips_the_sign() -> None:
    data = change_data()
    one, two = last(mmrm(data)), last(mmrm(data, estimand("control", "drug")))
    assert one.estimate is not None
    assert two.estimate == pytest.approx(-one.estimate, rel=1e-8)
    assert two.p_value == pytest.approx(one.p_value, rel=1e-6)


def test_the_unit_of_the_score_does_not_matter() -> None:
    data = change_data()
    scaled = data.frame.assign(change=data.frame["change"] * 10)
    one, two = last(mmrm(data)), last(mmrm(with_frame(data, scaled)))
    assert one.estimate is not None
    assert two.estimate == pytest.approx(10 * one.estimate, rel=1e-8)
    assert two.df == pytest.approx(one.df, rel=1e-5)


def test_the_random_intercept_model_is_the_exchangeable_mmrm() -> None:
    """With a positive correlation both have one likelihood, degrees of freedom and all."""
    data = change_data()
    analysis = RandomInterceptAnalysis.model_validate(
        {"estimand": "e", "role": "sensitivity", "model": "random_intercept"}
    )
    other = last(fit_random_effects_analysis("a", analysis, estimand(), data, 0.95).results)
    own = last(mmrm(data, covariance=["cs"]))
    for name in ("estimate", "std_error", "df", "p_value"):
        assert getattr(own, name) == pytest.approx(getattr(other, name), rel=SAME_OPTIMUM)


def test_a_covariance_that_cannot_be_estimated_falls_back_and_says_so() -> None:
    data = change_data(60)
    frame = data.frame.copy()
    odd = frame["subject"].str[-1].isin(list("13579"))
    frame.loc[odd & (frame["visit"] == "v3"), "change"] = np.nan
    frame.loc[~odd & (frame["visit"] == "v2"), "change"] = np.nan
    frame["arm"] = np.where(frame["subject"].str[-2].isin(list("024")), "drug", "control")
    analysis = MmrmAnalysis.model_validate(
        {"estimand": "e", "role": "primary", "model": "mmrm", "covariance": ["us", "cs"]}
    )
    fitted = fit_mmrm_analysis("a", analysis, estimand(), with_frame(data, frame), 0.95)
    assert fitted.record is not None
    (first, why), (second, kept) = fitted.record.ladder  # type: ignore[union-attr]
    assert (first, second, kept) == ("us", "cs", "kept")
    assert (
        "too few participants for an unstructured covariance: 0 were observed at v2 and v3" in why
    )


def survival(rows: list[tuple[str, float, bool]]) -> TimeToEventData:
    frame = pd.DataFrame(rows, columns=["arm", "time", "event"])
    frame = frame.assign(subject=[f"s{i}" for i in range(len(frame))], reason="")
    return TimeToEventData("y", "p", ("control", "drug"), frame, "rule", "relapse")


def time_to_event(data: TimeToEventData, days: float = 20) -> dict[str, Result]:
    analysis = TimeToEventAnalysis.model_validate(
        {
            "estimand": "e",
            "role": "primary",
            "model": "time_to_event",
            "rmst_days": days,
            "risk_table_every_days": 10,
        }
    )
    fitted = fit_time_to_event_analysis("a", analysis, estimand(), data, 0.95)
    return {f"{r.statistic} {r.arm}": r for r in fitted.results}


CONTROL = [("control", float(t), True) for t in (2, 4, 6, 8, 30)]


def test_an_arm_without_events_has_no_hazard_ratio() -> None:
    rows = time_to_event(survival([*CONTROL, *[("drug", 25.0, False)] * 5]))
    ratio = rows["hazard ratio drug"]
    assert (ratio.status, ratio.estimate) == ("failed", None)
    assert "no event" in ratio.message
    assert rows["median drug"].message == "not reached"
    assert rows["log-rank test drug"].status == "ok"


def test_a_hazard_ratio_of_one_time_has_no_test_of_its_course() -> None:
    """After day 2 only controls are at risk, so that their events say nothing of the ratio."""
    rows = time_to_event(survival([*CONTROL, ("drug", 2.0, True)]), days=2)
    assert rows["hazard ratio drug"].status == "ok"
    test = rows["proportional hazards test drug"]
    assert (test.status, test.p_value, test.test_statistic) == ("failed", None, None)
    assert "fall on one time" in test.message
    assert rows["difference in restricted means drug"].status == "ok"


def test_a_restricted_mean_beyond_follow_up_is_refused() -> None:
    data = survival([*CONTROL, *[("drug", 15.0, False)] * 4, ("drug", 3.0, True)])
    row = time_to_event(data)["difference in restricted means drug"]
    assert row.status == "failed"
    assert "follow-up ends at 15" in row.message


def test_without_events_nothing_is_tested() -> None:
    data = survival([("control", 25.0, False), ("drug", 25.0, False)])
    assert time_to_event(data)["log-rank test drug"].message == "no event in any group"


def test_counts_at_risk_are_taken_at_the_tick() -> None:
    rows = survival([("control", 10.0, True), ("control", 20.0, False), ("drug", 10.0, False)])
    analysis = TimeToEventAnalysis.model_validate(
        {
            "estimand": "e",
            "role": "primary",
            "model": "time_to_event",
            "rmst_days": 5,
            "risk_table_every_days": 10,
        }
    )
    record = fit_time_to_event_analysis("a", analysis, estimand(), rows, 0.95).record
    assert record is not None
    # A subject with a time of 10 is still at risk at day 10.
    assert [curve.at_risk for curve in record.curves] == [(2, 2, 1), (1, 1, 0)]  # type: ignore[union-attr]


def proportions(outcomes: dict[str, list[float]], missing_as: str = "failure") -> dict[str, Result]:
    frame = pd.DataFrame(
        [
            {"subject": f"{arm}{i}", "arm": arm, "visit": "v3", "outcome": o}
            for arm, row in outcomes.items()
            for i, o in enumerate(row)
        ]
    )
    data = BinaryData("y", "p", "MADRS", ("control", "drug"), ("v3",), frame, "rule")
    analysis = ProportionAnalysis.model_validate(
        {"estimand": "e", "role": "secondary", "model": "proportions", "missing_as": missing_as}
    )
    fitted = fit_proportions_analysis("a", analysis, estimand(), data, 0.95)
    return {f"{r.statistic} {r.arm}": r for r in fitted.results}


def test_missing_outcomes_count_as_the_plan_says() -> None:
    outcomes = {"control": [1, 0, 0, np.nan], "drug": [1, 1, 0, np.nan]}
    assert proportions(outcomes)["proportion drug"].estimate == 2 / 4
    assert proportions(outcomes, "excluded")["proportion drug"].estimate == pytest.approx(2 / 3)


def test_a_ratio_to_nothing_is_not_defined() -> None:
    rows = proportions({"control": [0, 0, 0], "drug": [1, 1, 0]})
    assert rows["risk ratio drug"].status == "warning"
    assert rows["risk ratio drug"].estimate is None
    assert rows["risk difference drug"].estimate == pytest.approx(2 / 3)


def incidence(outcomes: dict[str, list[float]], missing_as: str) -> dict[str, Result]:
    frame = pd.DataFrame(
        [
            {"subject": f"{arm}{i}", "arm": arm, "visit": "", "outcome": o}
            for arm, row in outcomes.items()
            for i, o in enumerate(row)
        ]
    )
    data = BinaryData("y", "p", "YMRS", ("control", "drug"), ("",), frame, "rule")
    analysis = IncidenceAnalysis.model_validate(
        {"estimand": "e", "role": "secondary", "model": "incidence", "missing_as": missing_as}
    )
    target = estimand().model_copy(update={"visit": None})
    fitted = fit_incidence_analysis("a", analysis, target, data, 0.95)
    return {f"{r.statistic} {r.arm}": r for r in fitted.results}


def test_an_event_never_seen_has_exact_limits() -> None:
    rows = incidence({"control": [0] * 10, "drug": [0] * 9 + [np.nan]}, "excluded")
    share, bound = rows["proportion drug"], rows["upper bound drug"]
    # Closed form with no event: 1 - 0.025^(1/9) and 1 - 0.05^(1/9).
    assert (share.conf_low, share.conf_high) == pytest.approx((0.0, 1 - 0.025 ** (1 / 9)))
    assert bound.estimate == pytest.approx(1 - 0.05 ** (1 / 9))
    assert rows["risk difference drug"].p_value == 1.0


def test_missing_outcomes_are_left_out_or_no_event() -> None:
    outcomes = {"control": [1.0, 0.0], "drug": [1.0, 0.0, np.nan]}
    assert incidence(outcomes, "excluded")["proportion drug"].estimate == 1 / 2
    assert incidence(outcomes, "no event")["proportion drug"].estimate == pytest.approx(1 / 3)


def test_an_arm_without_an_outcome_has_no_difference() -> None:
    row = incidence({"control": [np.nan], "drug": [1.0]}, "excluded")["risk difference drug"]
    assert (row.status, row.message) == ("failed", "an arm has no participant with an outcome")


def test_the_last_observation_is_carried_forward_within_a_subject() -> None:
    rows = [
        ("a", "drug", "v1", 1.0),
        ("a", "drug", "v3", np.nan),
        ("b", "drug", "v1", np.nan),
        ("b", "drug", "v3", np.nan),
        ("c", "control", "v1", 1.0),
        ("c", "control", "v3", 0.0),
    ]
    frame = pd.DataFrame(rows, columns=["subject", "arm", "visit", "outcome"])
    data = BinaryData("y", "p", "MADRS", ("control", "drug"), ("v1", "v3"), frame, "rule")
    analysis = ProportionAnalysis.model_validate(
        {
            "estimand": "e",
            "role": "secondary",
            "model": "proportions",
            "missing_as": "last observation",
        }
    )
    results = fit_proportions_analysis("a", analysis, estimand(), data, 0.95).results
    shares = {r.arm: r.estimate for r in results if r.statistic == "proportion"}
    assert shares == {"drug": 0.5, "control": 0.0}


def tolbutamide() -> pd.DataFrame:
    """Deaths below and above 55: Rothman, Greenland & Lash 2008, table 15-1."""
    cells = [
        ("below", "drug", 8, 106),
        ("below", "control", 5, 120),
        ("above", "drug", 22, 98),
        ("above", "control", 16, 85),
    ]
    rows = [
        {
            "subject": f"{age}{arm}{i}",
            "age": age,
            "arm": arm,
            "visit": "v3",
            "outcome": float(i < x),
        }
        for age, arm, x, n in cells
        for i in range(n)
    ]
    return pd.DataFrame(rows)


def stratified(frame: pd.DataFrame) -> dict[str, Result]:
    data = BinaryData("y", "p", "MADRS", ("control", "drug"), ("v3",), frame, "rule")
    analysis = ProportionAnalysis.model_validate(
        {"estimand": "e", "role": "secondary", "model": "proportions", "strata": ["age"]}
    )
    fitted = fit_proportions_analysis("a", analysis, estimand(), data, 0.90)
    return {r.statistic: r for r in fitted.results if r.reference}


def test_the_published_mantel_haenszel_results_of_the_tolbutamide_trial() -> None:
    """Numbers with four decimals as R's metafor prints them for this table."""
    rows = stratified(tolbutamide())
    odds, difference = rows["odds ratio"], rows["risk difference"]
    logs = np.log([odds.estimate or 0, odds.conf_low or 0, odds.conf_high or 0])
    np.testing.assert_allclose(logs, (0.3387, -0.1731, 0.8505), atol=0.5e-4)
    assert difference.p_value == pytest.approx(0.2750, abs=0.5e-4)
    assert difference.estimate == pytest.approx(0.0349, abs=0.5e-4)
    homogeneity = rows["test of one odds ratio in all strata"]
    assert homogeneity.test_statistic == pytest.approx(0.3489, abs=2e-3)
    assert homogeneity.df == 1
    assert rows["number needed to treat"].status == "warning"


def test_strata_that_hold_one_arm_each_compare_nothing() -> None:
    frame = tolbutamide()
    row = stratified(frame.assign(age=frame["arm"]))["risk difference"]
    assert (row.status, row.message) == ("failed", "no stratum has participants in both arms")


def test_all_against_none_has_no_limits_either_but_a_test() -> None:
    frame = tolbutamide()
    rows = stratified(frame.assign(outcome=(frame["arm"] == "drug").astype(float)))
    difference = rows["risk difference"]
    assert (difference.estimate, difference.conf_high) == (1, None)
    assert difference.p_value is not None
    assert difference.p_value < 1e-12


def test_no_success_at_all_has_a_difference_without_limits_and_no_ratio() -> None:
    """Sato's variance is zero there; limits of no width would claim certainty."""
    rows = stratified(tolbutamide().assign(outcome=0.0))
    difference = rows["risk difference"]
    assert (difference.estimate, difference.conf_low, difference.status) == (0, None, "warning")
    assert "number needed to treat" not in rows
    assert rows["odds ratio"].status == "warning"
    assert rows["risk ratio"].status == "warning"
