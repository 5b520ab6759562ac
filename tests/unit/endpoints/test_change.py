"""Change, response and remission, by examples worked by hand."""

from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

from ketaoutcomes.cohort import TIME_COLUMNS, Cohort, Source, empty_frame
from ketaoutcomes.endpoints.data import BinaryData, ChangeData, EndpointData
from ketaoutcomes.errors import DataError, PlanError
from ketaoutcomes.families.fitting import derive_endpoint
from ketaoutcomes.plan import AnalysisPlan
from two_arm_plans import two_arm_plan

SUMMARIES = {"change": "difference in means"}
MODELS = {"change": "random_intercept"}


def plan(
    endpoint: dict[str, Any], strategy: str = "treatment policy", covariates: tuple[str, ...] = ()
) -> AnalysisPlan:
    kind = endpoint["kind"]
    analysis: dict[str, Any] = {"model": MODELS.get(kind, "proportions")}
    if kind == "change":
        analysis |= {"covariates": ["baseline", *covariates], "by_visit": []}
    return two_arm_plan(
        {"Start": {"day": 1}, "Week 1": {"day": 8}, "Week 2": {"day": 15}},
        {"scale": "MADRS"} | endpoint,
        {
            "visit": "Week 2",
            "intercurrent_events": {"treatment discontinuation": strategy},
            "summary": SUMMARIES.get(kind, "difference in proportions"),
        },
        analysis,
    )


def cohort(scores: dict[str, tuple[float | None, ...]], stopped: dict[str, float]) -> Cohort:
    """Scores at Start, Week 1 and Week 2 of each subject; those in `stopped` stop that day."""
    visits = [
        {"subject": s, "phase": "p", "visit": v, "day": d, "scale": "MADRS", "score": score}
        for s, row in scores.items()
        for v, d, score in zip(("Start", "Week 1", "Week 2"), (0.0, 7.0, 14.0), row, strict=True)
        if score is not None
    ]
    events = [
        {"subject": s, "phase": "p", "day": d, "event": "treatment discontinuation"}
        for s, d in stopped.items()
    ]
    return Cohort(
        subjects=pd.DataFrame({"subject": list(scores), "age": [40.0] * len(scores)}),
        assignments=pd.DataFrame({"subject": list(scores), "phase": "p", "arm": "drug"}),
        visits=pd.DataFrame(visits),
        events=pd.DataFrame(events, columns=["subject", "phase", "day", "event"]),
        follow_up=empty_frame(("subject", "phase", "last_day", "reason")),
        times=empty_frame(TIME_COLUMNS),
        source=Source("real", "by hand"),
    )


SCORES: dict[str, tuple[float | None, ...]] = {
    "1": (30, 20, 15),
    "2": (30, 28, None),
    "3": (None, 10, 10),
    "4": (30, None, None),
    "5": (24, 12, 13),
}


def changes(strategy: str, stopped: dict[str, float]) -> dict[tuple[str, str], float | None]:
    data = derive_endpoint(plan({"kind": "change"}, strategy), "a", cohort(SCORES, stopped))
    assert isinstance(data, ChangeData)
    return {
        (row.subject, row.visit): None if pd.isna(row.change) else row.change
        for row in data.frame.itertuples()
    }


def test_change_is_score_minus_baseline() -> None:
    found = changes("treatment policy", {})
    assert found["1", "Week 1"] == -10
    assert found["1", "Week 2"] == -15
    assert found["2", "Week 2"] is None


def test_who_cannot_be_analysed_is_counted() -> None:
    data = derive_endpoint(plan({"kind": "change"}), "a", cohort(SCORES, {}))
    assert set(data.frame["subject"]) == {"1", "2", "5"}
    assert data.excluded == (("no baseline score", 1), ("no score after baseline", 1))


def test_hypothetical_drops_scores_after_the_event_only() -> None:
    found = changes("hypothetical", {"1": 10.0})
    assert found["1", "Week 1"] == -10
    assert found["1", "Week 2"] is None
    assert changes("treatment policy", {"1": 10.0})["1", "Week 2"] == -15


def test_a_strategy_that_a_change_cannot_carry_out_is_refused() -> None:
    with pytest.raises(PlanError, match="a strategy for a change endpoint"):
        changes("composite", {})


def outcomes(
    endpoint: dict[str, Any], strategy: str, stopped: dict[str, float]
) -> dict[str, float | None]:
    data = derive_endpoint(plan(endpoint, strategy), "a", cohort(SCORES, stopped))
    assert isinstance(data, BinaryData)
    last = data.frame[data.frame["visit"] == "Week 2"]
    return {r.subject: None if pd.isna(r.outcome) else r.outcome for r in last.itertuples()}


RESPONSE = {"kind": "response", "improvement_at_least_percent": 50}


@pytest.mark.parametrize(
    ("endpoint", "strategy", "stopped", "expected"),
    [
        # half of 30 is 15: just a response; 13 of 24 is not
        (RESPONSE, "treatment policy", {}, {"1": 1, "2": None, "4": None, "5": 0}),
        (RESPONSE, "composite", {"1": 10.0, "2": 3.0}, {"1": 0, "2": 0, "4": None, "5": 0}),
        (RESPONSE, "hypothetical", {"1": 10.0}, {"1": None, "2": None, "4": None, "5": 0}),
        (
            {"kind": "remission", "at_most": 13},
            "treatment policy",
            {},
            {"1": 0, "2": None, "4": None, "5": 1},
        ),
    ],
)
def test_response_and_remission(
    endpoint: dict[str, Any],
    strategy: str,
    stopped: dict[str, float],
    expected: dict[str, float | None],
) -> None:
    assert outcomes(endpoint, strategy, stopped) == expected


def test_a_covariate_that_the_data_lack_is_named() -> None:
    with pytest.raises(DataError, match="the covariate `weight`") as caught:
        derive_endpoint(plan({"kind": "change"}, covariates=("weight",)), "a", cohort(SCORES, {}))
    assert "use one of: age" in caught.value.problems[0].remedy


def test_two_scores_at_a_visit_are_two_rows_and_a_visit_without_one_is_missing() -> None:
    """However the rows of the data are ordered, and whether or not places can be looked up."""
    data = cohort({"b": (30, 20, None), "a": (28, None, 10)}, {})
    again = data.visits[data.visits["subject"] == "b"].tail(1).assign(score=22.0)
    for extra, weeks in ((0, 2), (1, 3)):
        visits = pd.concat([data.visits, *([again] * extra)]).sample(frac=1, random_state=1)
        frame = derive_endpoint(plan({"kind": "change"}), "a", replace(data, visits=visits)).frame
        assert frame["subject"].tolist() == ["a"] * 2 + ["b"] * weeks
        assert frame.loc[frame["subject"] == "a", "change"].isna().tolist() == [True, False]
        assert sorted(frame.loc[frame["visit"] == "Week 1", "change"].dropna()) == (
            [-10.0, -8.0] if extra else [-10.0]
        )


def test_analyses_that_ask_the_same_share_what_is_derived() -> None:
    whole = plan({"kind": "change"})
    (first,) = whole.analyses.values()
    others = {
        "again": first.model_copy(update={"role": "sensitivity"}),
        "alone": first.model_copy(update={"covariates": ()}),
    }
    asked = whole.model_copy(update={"analyses": {"main": first, **others}})
    seen = cohort({"A1": (30, 20, 10), "B1": (28, 24, 20)}, {})
    shared = dict[tuple[str, tuple[str, ...]], EndpointData]()
    data = {name: derive_endpoint(asked, name, seen, shared) for name in asked.analyses}
    assert data["again"].frame is data["main"].frame
    assert "baseline" in data["main"].frame
    assert data["alone"].frame is not data["main"].frame
    for name, found in data.items():
        alone = derive_endpoint(asked, name, seen)
        pd.testing.assert_frame_equal(found.frame, alone.frame)
        assert found.remarks == alone.remarks
