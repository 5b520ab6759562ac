"""The relapse rule, by examples worked by hand."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ketaoutcomes.cohort import Cohort
from ketaoutcomes.families.fitting import derive_endpoint
from ketaoutcomes.plan import AnalysisPlan
from relapse_plans import one_subject, relapse_plan


def plan(
    strategy: str = "treatment policy", score: dict[str, Any] | None = None, **rule: Any
) -> AnalysisPlan:
    return relapse_plan(36, {"treatment discontinuation": strategy}, score=score, rule=rule)


def cohort(scores: dict[float, float], events: dict[str, float] | None = None) -> Cohort:
    return one_subject(scores, events or {}, last_day=35.0)


def outcome(the_plan: AnalysisPlan, the_cohort: Cohort) -> tuple[float, bool, str]:
    row = derive_endpoint(the_plan, "relapse", the_cohort).frame.iloc[0]
    return float(row["time"]), bool(row["event"]), str(row["reason"])


@pytest.mark.parametrize(
    ("scores", "expected"),
    [
        # high twice, a week apart: dated at the confirmation
        ({0: 8, 7: 22, 14: 25, 21: 10}, (14, True, "MADRS at or above 22")),
        # high once only
        ({0: 8, 7: 30, 14: 21, 21: 30, 28: 5}, (35, False, "completed")),
        # the assessment between was missed: 14 days apart is near enough
        ({0: 8, 7: 30, 21: 30}, (21, True, "MADRS at or above 22")),
        # 21 days apart is too far
        ({0: 8, 7: 30, 28: 30}, (35, False, "completed")),
        # 3 days apart is too near; the next pair counts
        ({0: 8, 7: 30, 10: 30, 16: 30}, (16, True, "MADRS at or above 22")),
        # a high score at randomisation itself does not count
        ({0: 30, 7: 30, 14: 8}, (35, False, "completed")),
    ],
)
def test_relapse_by_score(scores: dict[float, float], expected: tuple[float, bool, str]) -> None:
    assert outcome(plan(), cohort(scores)) == expected


def test_relapse_may_be_dated_at_the_first_assessment() -> None:
    assert outcome(plan(dated_at="first"), cohort({0: 8, 7: 22, 14: 25}))[0] == 7


def test_three_assessments_in_a_row() -> None:
    three = plan(score={"consecutive": 3})
    assert outcome(three, cohort({0: 8, 7: 22, 14: 25, 21: 10}))[1] is False
    assert outcome(three, cohort({0: 8, 7: 22, 14: 25, 21: 30}))[0] == 21


def test_the_earliest_criterion_counts() -> None:
    both = cohort({0: 8, 7: 22, 14: 25}, {"hospitalisation": 9.0})
    assert outcome(plan(), both) == (9, True, "hospitalisation")


def test_an_event_after_the_end_of_follow_up_does_not_count() -> None:
    late = cohort({0: 8, 7: 9}, {"hospitalisation": 50.0})
    assert outcome(plan(), late) == (35, False, "completed")


@pytest.mark.parametrize(
    ("strategy", "expected"),
    [
        ("treatment policy", (14, True, "MADRS at or above 22")),
        ("hypothetical", (10, False, "treatment discontinuation")),
        ("composite", (10, True, "treatment discontinuation")),
    ],
)
def test_strategies_for_discontinuation(strategy: str, expected: tuple[float, bool, str]) -> None:
    stopped = cohort({0: 8, 7: 22, 14: 25}, {"treatment discontinuation": 10.0})
    assert outcome(plan(strategy), stopped) == expected


def relapse_by_loop(days: list[int], scores: list[int]) -> float:
    """The rule as a reader would check it by hand, pair by pair."""
    for (d1, s1), (d2, s2) in zip(
        zip(days, scores, strict=True), list(zip(days, scores, strict=True))[1:], strict=False
    ):
        if d1 > 0 and s1 >= 22 and s2 >= 22 and 5 <= d2 - d1 <= 15:
            return float(d2)
    return np.inf


@settings(max_examples=60)
@given(
    gaps=st.lists(st.integers(1, 20), min_size=2, max_size=8),
    scores=st.lists(st.integers(15, 30), min_size=9, max_size=9),
)
def test_the_rule_agrees_with_a_loop(gaps: list[int], scores: list[int]) -> None:
    days = [0, *np.cumsum(gaps).tolist()]
    used = scores[: len(days)]
    time, event, _ = outcome(plan(), cohort(dict(zip(map(float, days), used, strict=True))))
    expected = relapse_by_loop(days, used)
    assert event == np.isfinite(expected)
    if event:
        assert time == expected
