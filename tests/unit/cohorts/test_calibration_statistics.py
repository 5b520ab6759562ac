"""Statistics of simulated arms, against hand-made arms."""

from math import inf, isclose, log, nan, sqrt

import numpy as np
import pytest

from ketaoutcomes.cohorts.calibration.problem import target_of
from ketaoutcomes.cohorts.calibration.relapse import relapse_by_score
from ketaoutcomes.cohorts.calibration.statistics import (
    ArmCourse,
    achieved,
    severity_before_leaving,
)
from ketaoutcomes.cohorts.evidence.ledger import verdict_of
from ketaoutcomes.cohorts.evidence.records import PublishedResult

DAYS = np.array([0.0, 1.0, 27.0])
ACTIVE = np.array([[30, 20, 10], [40, 30, 16], [20, 22, nan], [36, 18, 18]], dtype=float)
OTHER = np.array([[30, 28, 24], [40, 40, 30], [20, 20, 12], [36, 30, 30]], dtype=float)


def arm(scores, relapse=(inf,) * 4, followed=(27.0,) * 4, events=None) -> ArmCourse:
    return ArmCourse(
        DAYS,
        {"MADRS": scores},
        "MADRS",
        np.array(relapse, dtype=float),
        np.array(followed, dtype=float),
        events or {},
    )


ARMS = {
    "active": arm(ACTIVE, events={"nausea": np.array([0.1, inf, 20.0, inf])}),
    "other": arm(OTHER),
}


def published(statistic, value=1.0, **fields) -> PublishedResult:
    given = {"id": "X-1", "trial": "t", "arm": "active", "source": "s", "statistic": statistic}
    merged = {**given, "value": value, "tolerance": 1.0, **fields}
    return PublishedResult.model_validate({k: v for k, v in merged.items() if v is not None})


# Worked by hand: changes at day 28 are -20, -24 and -18 (the third subject is not seen).
@pytest.mark.parametrize(
    ("result", "value"),
    [
        (published("mean", day=28), 44 / 3),
        (published("SD", day=28), sqrt((14**2 + 4**2 + 10**2) / 9 / 2)),
        (published("mean change", day=28), -62 / 3),
        (published("SD of change", day=28), sqrt(28 / 3)),
        (published("mean change", hours=24.0), (-10 - 10 + 2 - 18) / 4),
        (published("response", day=28), 100.0),
        (published("response", hours=24.0), 25.0),
        (published("response", hours=24.0, fall_percent=30), 50.0),
        (published("response ever", day=28), 75.0),
        (published("remission", day=28, at_most=12.0), 100 / 3),
        (published("remission of all", day=28, at_most=12.0), 25.0),
        (published("difference", day=28, versus="other"), -62 / 3 - (-6 - 10 - 8 - 6) / 4),
        (published("adverse event", day=28, event="nausea"), 50.0),
        (published("adverse event", hours=24.0, event="nausea"), 25.0),
        (published("correlation", 0.5, hours=24.0, with_hours=0.0),
         np.corrcoef(ACTIVE[:, 0], ACTIVE[:, 1])[0, 1]),
    ],
)  # fmt: skip
def test_statistics_of_a_hand_made_arm(result, value):
    assert isclose(achieved(result, ARMS).value, value, rel_tol=1e-12)


COHORT = ArmCourse(
    np.array([0.0, 0.1, 1.0]),
    {
        "MADRS": np.array([[30, 28, 8], [30, 20, 14], [30, 29, 28], [30, 30, nan]], dtype=float),
        "SBP": np.array([[120, 162, nan], [118, 150, nan], [140, 181, nan], [120, 121, nan]]),
        "EQ-5D": np.array([[0.3, 0.3, 0.9], [0.3, 0.4, 0.7], [0.3, 0.3, 0.5], [0.3, 0.3, nan]]),
    },
    "MADRS",
    np.full(4, inf),
    np.full(4, 1.0),
    happened={"first session": np.array([0.5, inf, 0.9, 3.0])},
    stopped=np.array([inf, 0.4, inf, 0.9]),
    withdrawn=np.array([inf, 0.4, inf, inf]),
    covariates={"sex": np.array(["f", "f", "m", "m"]), "miles": np.array([2.0, 12.0, 15.0, 40.0])},
)
PLACEBO = ArmCourse(
    COHORT.days,
    {"MADRS": np.array([[30, 28, 28], [30, 29, 15], [30, 29, 28], [30, 30, 30.0]])},
    "MADRS",
    np.full(4, inf),
    np.full(4, 1.0),
)


# Worked by hand. At day 1 three are seen: falls of 22, 16 and 2 of 30 points; scores 8, 14 and 28.
@pytest.mark.parametrize(
    ("result", "value"),
    [
        (published("response of all", hours=24.0), 50.0),
        (published("completed", hours=24.0), 50.0),
        (published("stopped for adverse event", hours=24.0), 25.0),
        (published("event", hours=24.0, event="first session"), 50.0),
        (published("rise ever", hours=24.0, scale="SBP", at_least=40.0), 50.0),
        (published("level ever", hours=24.0, scale="SBP", at_least=180.0), 25.0),
        (published("at or above", hours=0.0, scale="SBP", at_least=120.0), 75.0),
        (published("difference in response", hours=24.0, versus="other"), 200 / 3 - 25),
        (published("difference in remission", hours=24.0, versus="other", at_most=10.0), 100 / 3),
        (published("odds ratio of response", hours=24.0, versus="other"), 2 / (1 / 3)),
        (published("mean", 0.9, hours=24.0, scale="EQ-5D", state="remission", at_most=10.0), 0.9),
        (published("mean", 0.7, hours=24.0, scale="EQ-5D", state="response", at_most=10.0), 0.7),
        (published("mean", 0.5, hours=24.0, scale="EQ-5D", state="no response", at_most=10.0), 0.5),
        (published("mean change", hours=24.0, among={"sex": "m"}), -2.0),
        (published("mean change", hours=24.0, among={"miles": [10, None]}), -9.0),
        (
            published("relative rate of event", hours=24.0, event="first session",
                      among={"miles": [10, None]}, against={"miles": [None, 10]}),
            100 * (1 / 3 - 1),
        ),
    ],
)  # fmt: skip
def test_statistics_of_a_hand_made_cohort(result, value):
    # everybody twice, so that one person alone has an error too; no share and no mean changes
    twice = np.repeat(np.arange(4), 2)
    arms = {"active": COHORT.rows(twice), "other": PLACEBO}
    assert isclose(achieved(result, arms).value, value, rel_tol=1e-12)


def test_an_odds_ratio_between_people_is_that_of_the_table():
    # of those beyond 10 miles 1 of 3 had it by then, of the women 1 of 2
    result = published(
        "odds ratio of event", hours=24.0, event="first session",
        among={"miles": [10, None]}, against={"sex": "f"},
    )  # fmt: skip
    assert isclose(achieved(result, {"active": COHORT}).value, (1 / 2) / (1 / 1))


def test_correlation_of_change_is_that_of_the_differences_from_baseline():
    result = published("correlation of change", 0.5, day=28, with_hours=24.0)
    seen = [0, 1, 3]
    early, late = (ACTIVE[seen, column] - ACTIVE[seen, 0] for column in (1, 2))
    assert isclose(achieved(result, ARMS).value, np.corrcoef(early, late)[0, 1])


def test_correlation_with_a_marker_is_between_its_time_and_that_of_the_score():
    marker = np.array([[1, 5, 2], [2, 9, 7], [3, 1, 1], [4, 8, 3.0]])
    both = ArmCourse(
        DAYS, {"MADRS": ACTIVE, "BDNF": marker}, "MADRS", np.full(4, inf), np.full(4, 27.0)
    )
    result = published("correlation with marker", 0.5, hours=24.0, with_hours=0.0, marker="BDNF")
    expected = np.corrcoef(marker[:, 0], ACTIVE[:, 1])[0, 1]
    assert isclose(achieved(result, {"active": both}).value, expected)


def test_effect_size_is_the_difference_over_the_pooled_sd():
    result = published("effect size", hours=24.0, versus="other")
    a, b = ACTIVE[:, 1], OTHER[:, 1]
    pooled = sqrt((a.var(ddof=1) + b.var(ddof=1)) / 2)
    assert isclose(achieved(result, ARMS).value, (a.mean() - b.mean()) / pooled)


def test_monte_carlo_error_of_a_mean_is_its_standard_error():
    found = achieved(published("mean change", hours=24.0), ARMS)
    change = np.array([-10, -10, 2, -18.0])
    assert isclose(found.mc_error, change.std(ddof=1) / 2)


def test_severity_before_leaving_is_the_gap_in_sds():
    # two are at 22 and 24 before being lost; the others at 20, 30 and 18 go on
    found = achieved(published("severity before leaving"), {"active": arm_with_two_lost()})
    seen = np.array([20, 30, 22, 24, 18.0])
    assert isclose(found.value, ((22 + 24) / 2 - (20 + 30 + 18) / 3) / seen.std(ddof=1))
    # standard errors of the two means: 1 (SD of 22 and 24 is the root of 2), and that of three
    error = np.hypot(1, np.std([20, 30, 18], ddof=1) / sqrt(3)) / seen.std(ddof=1)
    assert isclose(found.mc_error, error)


def test_severity_before_leaving_is_averaged_over_visits_by_who_leaves():
    """By hand: 2 of 5 leave after the first visit, 2 of the 4 others at most after the second.

    Everybody is 10 points better at the second visit; a missed visit in between is no leaving.
    """
    scores = np.array(
        [
            [30, 24, nan, nan],
            [30, 26, nan, nan],
            [30, 20, 16, nan],
            [30, nan, 14, nan],
            [30, 20, 10, 9],
            [30, 30, 20, 8],
        ]
    )
    first = (25 - np.mean([20, 20, 30])) / np.std([24, 26, 20, 20, 30], ddof=1)
    second = (15 - 15) / np.std([16, 14, 10, 20], ddof=1)
    assert isclose(severity_before_leaving(scores).value, (2 * first + 2 * second) / 4)
    assert np.isnan(severity_before_leaving(scores[:, :2]).value)


def arm_with_two_lost() -> ArmCourse:
    scores = np.array([[30, 20, 10], [40, 30, 16], [20, 22, nan], [20, 24, nan], [36, 18, 18.0]])
    return ArmCourse(DAYS, {"MADRS": scores}, "MADRS", np.full(5, inf), np.full(5, 27.0))


@pytest.mark.parametrize(
    ("scores", "day"),
    [
        ([30, 22, 25, 10], 14.0),  # two in a row, 7 days apart
        ([30, 22, 10, 22], inf),  # a low one between them
        ([30, 22, nan, 22], 21.0),  # a missing one between: 14 days apart
        ([30, 10, 10, 22], inf),  # only one
        ([30, 30, 21, 30], inf),  # baseline does not count
    ],
)
def test_relapse_is_two_high_scores_in_a_row(scores, day):
    days = np.array([0.0, 7.0, 14.0, 21.0])
    assert relapse_by_score(days, np.array([scores], dtype=float), 22.0)[0] == day


def test_high_scores_too_far_apart_are_no_relapse():
    days = np.array([0.0, 7.0, 23.0])
    assert np.isinf(relapse_by_score(days, np.array([[30.0, 25, 25]]), 22.0)[0])


def test_relapse_share_counts_those_seen_to_relapse():
    course = arm(OTHER, relapse=(10, 20, inf, 25), followed=(27, 15, 27, 27))
    result = published("relapse", 50.0)
    assert achieved(result, {"active": course}).value == 50.0


# Kaplan-Meier by hand: 4 at risk at day 10, then one is lost, 2 at risk at day 25.
def test_relapse_at_a_day_is_by_kaplan_meier():
    course = arm(OTHER, relapse=(10, 20, inf, 25), followed=(27, 15, 27, 27))
    result = published("relapse", 50.0, day=27)
    assert isclose(achieved(result, {"active": course}).value, 100 * (1 - 0.75 * 0.5))


def test_hazard_ratio_of_twice_the_rate_is_two():
    rng = np.random.default_rng(1)
    n = 20_000
    times = rng.exponential(1, n)
    arms = {
        "active": ArmCourse(DAYS, {}, "MADRS", times * 10, np.full(n, 1000.0)),
        "other": ArmCourse(DAYS, {}, "MADRS", rng.exponential(1, n) * 20, np.full(n, 1000.0)),
    }
    found = achieved(published("hazard ratio", versus="other"), arms)
    assert abs(log(found.value / 2)) < 4 * found.mc_error
    # 1 / events of each arm; unequal risk sets cost a few per cent more
    assert sqrt(2 / n) <= found.mc_error < 1.1 * sqrt(2 / n)


def test_residuals_are_in_standard_errors_and_of_a_ratio_on_the_log_scale():
    mean = target_of(published("mean change", -10.0, day=28, tolerance=2.0))
    assert mean.residual(-13.0) == -1.5
    ratio = target_of(
        published("hazard ratio", 0.5, versus="other", ci=[0.25, 1.0], tolerance=None)
    )
    assert isclose(ratio.residual(1.0), 1.959964, rel_tol=1e-6)
    assert ratio.residual(0.5) == 0


@pytest.mark.parametrize(
    ("residual", "verdict"),
    [(0.0, "within 1 SE"), (-1.0, "within 1 SE"), (1.01, "within 2 SE"), (-2.0, "within 2 SE"),
     (2.01, "missed")],
)  # fmt: skip
def test_verdicts(residual, verdict):
    assert verdict_of(residual) == verdict
