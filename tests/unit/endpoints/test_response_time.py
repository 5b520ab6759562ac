"""Time to response, duration of response and incidence, by examples worked by hand."""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ketaoutcomes.cohort import TIME_COLUMNS, Cohort, Source, empty_frame
from ketaoutcomes.families.fitting import derive_endpoint
from ketaoutcomes.plan import AnalysisPlan
from two_arm_plans import two_arm_plan

DAYS = (0.0, 1.0, 7.0, 14.0, 21.0, 28.0)


def plan(kind: str, strategy: str = "treatment policy", **rule: Any) -> AnalysisPlan:
    incidence = kind == "incidence"
    model = {"model": "incidence"} if incidence else {"model": "time_to_event", "rmst_days": 20}
    return two_arm_plan(
        {f"v{day:g}": {"hours": 24 * day} for day in DAYS},
        {"kind": kind} | ({} if incidence else {"scale": "MADRS"}) | rule,
        {
            "intercurrent_events": {"stop": strategy},
            "summary": "difference in proportions" if incidence else "hazard ratio",
        },
        model,
        scales={"HIGH": {"label": "x", "low": 0, "high": 100, "better": "higher", "source": "x"}},
    )


def cohort(scores: list[float | None], scale: str = "MADRS", stop: float | None = None) -> Cohort:
    """One subject with these scores on DAYS."""
    visits = pd.DataFrame(
        [
            {"visit": f"v{day:g}", "day": day, "score": score}
            for day, score in zip(DAYS, scores, strict=False)
            if score is not None
        ]
    ).assign(subject="s", phase="p", scale=scale)
    events = pd.DataFrame({"day": [] if stop is None else [stop]}).assign(
        subject="s", phase="p", event="stop"
    )
    return Cohort(
        subjects=pd.DataFrame({"subject": ["s"]}),
        assignments=pd.DataFrame({"subject": ["s"], "phase": ["p"], "arm": ["drug"]}),
        visits=visits,
        events=events,
        follow_up=empty_frame(("subject", "phase", "last_day", "reason")),
        times=empty_frame(TIME_COLUMNS),
        source=Source("synthetic", ""),
    )


def only(plan_: AnalysisPlan, cohort_: Cohort) -> dict[str, Any]:
    frame = derive_endpoint(plan_, "a", cohort_).frame
    return frame.iloc[0].to_dict() if len(frame) else {}


def interval(row: dict[str, Any]) -> tuple[float, bool, float, float]:
    return row["time"], bool(row["event"]), row["after"], row["by"]


def test_response_is_dated_at_the_visit_and_lies_after_the_one_before() -> None:
    row = only(plan("time_to_response"), cohort([40, 30, 20, 10, 10, 10]))
    assert interval(row) == (7.0, True, 1.0, 7.0)


def test_a_response_at_the_first_visit_lies_after_the_start() -> None:
    assert interval(only(plan("time_to_response"), cohort([40, 10]))) == (1.0, True, 0.0, 1.0)


def test_a_response_that_does_not_hold_does_not_count() -> None:
    scores: list[float | None] = [40, 15, 35, 15, 15, 35]
    row = only(plan("time_to_response", consecutive=2), cohort(scores))
    assert interval(row) == (14.0, True, 7.0, 14.0)


def test_without_response_the_last_assessment_censors() -> None:
    row = only(plan("time_to_response"), cohort([40, 30, None, 30]))
    assert interval(row) == (14.0, False, 14.0, np.inf)
    assert row["reason"] == "last assessment"


def test_a_missed_visit_widens_the_interval() -> None:
    row = only(plan("time_to_response"), cohort([40, 30, None, 18]))
    assert interval(row) == (14.0, True, 1.0, 14.0)


def test_the_hypothetical_strategy_censors_at_the_last_assessment_before_the_event() -> None:
    scores: list[float | None] = [40, 30, 30, 10, 10, 10]
    row = only(plan("time_to_response", "hypothetical"), cohort(scores, stop=10.0))
    assert interval(row) == (7.0, False, 7.0, np.inf)
    assert row["reason"] == "intercurrent event"


def test_where_higher_is_better_a_rise_is_a_response() -> None:
    row = only(plan("time_to_response", scale="HIGH"), cohort([40, 50, 61], scale="HIGH"))
    assert interval(row) == (7.0, True, 1.0, 7.0)


def test_the_duration_lies_between_the_least_and_greatest_that_the_visits_allow() -> None:
    # Began in (1, 7], lost in (14, 21]: it lasted 7 days at least and less than 20.
    row = only(plan("duration_of_response"), cohort([40, 30, 20, 15, 30, 30]))
    assert interval(row) == (14.0, True, 7.0, 20.0)


def test_a_response_still_held_is_censored_at_the_last_assessment() -> None:
    row = only(plan("duration_of_response"), cohort([40, 10, 10, 10]))
    assert interval(row) == (13.0, False, 13.0, np.inf)


def test_a_loss_may_need_a_lower_fall_and_more_than_one_visit() -> None:
    rule = {"lost_below_percent": 25, "lost_consecutive": 2}
    row = only(plan("duration_of_response", **rule), cohort([40, 10, 35, 25, 35, 36]))
    assert interval(row) == (20.0, True, 13.0, 21.0)


def test_who_never_responded_has_no_duration() -> None:
    data = derive_endpoint(plan("duration_of_response"), "a", cohort([40, 30, 30]))
    assert data.excluded == (("no response", 1),)


def test_a_response_cannot_be_lost_before_it_begins() -> None:
    with pytest.raises(ValueError, match="must not exceed"):
        plan("duration_of_response", improvement_at_least_percent=30, lost_below_percent=50)


@settings(max_examples=60)
@given(
    st.lists(st.one_of(st.none(), st.integers(0, 60)), min_size=5, max_size=5),
    st.integers(1, 3),
)
def test_the_interval_holds_the_time(scores: list[int | None], consecutive: int) -> None:
    rule = plan("time_to_response", consecutive=consecutive)
    row = only(rule, cohort([40, *scores]))
    if row:
        assert 0 <= row["after"] <= row["time"] <= row["by"]
        assert (row["after"] < row["by"]) is True
        assert bool(row["event"]) == np.isfinite(row["by"])


SWITCH = {"scale": "YMRS", "at_least": 12, "consecutive": 2}


@pytest.mark.parametrize(
    ("scores", "outcome"),
    [([4, 12, 13], 1.0), ([4, 12, 5, 13], 0.0), ([4, 3], 0.0), ([4], np.nan)],
)
def test_a_switch_needs_two_high_scores_in_a_row(
    scores: list[float | None], outcome: float
) -> None:
    row = only(plan("incidence", any_of=[SWITCH]), cohort(scores, scale="YMRS"))
    assert row["outcome"] == outcome or (np.isnan(outcome) and np.isnan(row["outcome"]))
    assert row["visit"] == ""


@pytest.mark.parametrize(
    ("strategy", "outcome"), [("treatment policy", 1.0), ("hypothetical", np.nan), ("composite", 1)]
)
def test_a_switch_after_the_intercurrent_event(strategy: str, outcome: float) -> None:
    rule = plan("incidence", strategy, any_of=[SWITCH])
    row = only(rule, cohort([4, 4, 12, 13], scale="YMRS", stop=1.5))
    assert row["outcome"] == outcome or (np.isnan(outcome) and np.isnan(row["outcome"]))


def test_an_event_of_the_phase_counts() -> None:
    row = only(plan("incidence", any_of=[{"event": "stop"}]), cohort([4, 4], stop=0.5))
    assert row["outcome"] == 1.0


def test_a_response_after_a_failure_does_not_count() -> None:
    scores: list[float | None] = [40, 30, 30, 10, 10, 10]
    rule = plan("time_to_response", "composite")
    assert interval(only(rule, cohort(scores, stop=10.0))) == (28.0, False, 28.0, np.inf)
    assert interval(only(rule, cohort(scores, stop=20.0))) == (14.0, True, 7.0, 14.0)


def test_a_failure_ends_a_response_on_its_day() -> None:
    scores: list[float | None] = [40, 10, 10, 10, 10, 10]
    row = only(plan("duration_of_response", "composite"), cohort(scores, stop=15.5))
    assert interval(row) == (14.5, True, 14.5, 14.5)


def relapse_plan(**rule: Any) -> AnalysisPlan:
    return two_arm_plan(
        {f"v{day:g}": {"hours": 24 * day} for day in DAYS},
        {"kind": "time_to_relapse"} | rule,
        {"intercurrent_events": {"stop": "treatment policy"}, "summary": "hazard ratio"},
        {"model": "time_to_event", "rmst_days": 20},
    )


@pytest.mark.parametrize(
    ("kind", "rule"),
    [
        ("time_to_response", {}),
        ("incidence", {"any_of": [{"scale": "MADRS", "at_least": 35}]}),
        ("time_to_relapse", {"any_of": [{"scale": "MADRS", "at_least": 35}]}),
    ],
)
def test_scores_carried_forward_are_told(kind, rule):
    """Three of the five scores after baseline stand for missing ones."""
    observed = cohort([30, 29, 28, 27, 26, 25])
    carried = replace(
        observed,
        visits=observed.visits.assign(derived=[None, None, None, "LOCF", "LOCF", "LOCF"]),
    )
    asked = relapse_plan(**rule) if kind == "time_to_relapse" else plan(kind, **rule)
    told = [r for r in derive_endpoint(asked, "a", carried).remarks if "not observed" in r.what]
    assert [(r.count, r.total, r.gravity) for r in told] == [(3, 5, "warning")]
    assert not [
        r for r in derive_endpoint(asked, "a", observed).remarks if "not observed" in r.what
    ]
