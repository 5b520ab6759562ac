"""Strata that leave participants out: counted, and without them every stratified result stands."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ketaoutcomes.endpoints.data import BinaryData, TimeToEventData
from ketaoutcomes.endpoints.strata import StrataUsed, strata_remarks, strata_used
from ketaoutcomes.numerics.survival.log_rank import Weight, log_rank
from two_arm_plans import two_arm_plan

TIMES = {"kind": "time_to_event"}
PROPORTION = {"visit": "v", "summary": "difference in proportions"}
VISITS = {"b": {"day": 1}, "v": {"day": 8}}


def times(age: list[int], arm: list[str], time: list[float], event: list[bool]) -> pd.DataFrame:
    columns = {"age": age, "arm": arm, "time": time, "event": event}
    return pd.DataFrame({"subject": [f"s{i}" for i in range(len(age))], **columns})


def test_counted_by_hand() -> None:
    rows = times(
        [40, 40, 41, 42, 42, 43, 43],
        ["drug", "control", "drug", "drug", "control", "drug", "control"],
        [5, 6, 7, 3, 9, 2, 8],
        [True, False, True, False, True, False, False],
    )
    # 40: event at 5 with both at risk; 41: one arm; 42: event at 9 after the drug arm is gone;
    # 43: no event
    assert strata_used(rows, ("age",), "drug") == StrataUsed(4, 1, 7, 5)
    assert strata_used(rows.drop(columns=["time", "event"]), ("age",), "drug") == StrataUsed(
        4, 3, 7, 1
    )


@given(
    st.lists(
        st.tuples(
            st.integers(1, 6),
            st.sampled_from(["drug", "control"]),
            st.integers(1, 9),
            st.booleans(),
        ),
        min_size=6,
        max_size=40,
    )
)
def test_the_log_rank_test_does_not_need_those_left_out(
    rows: list[tuple[int, str, int, bool]],
) -> None:
    """Two routes: all participants, and those of the informative strata alone."""
    frame = times(*(list(column) for column in zip(*rows, strict=True)))
    keep = [
        key
        for key, part in frame.groupby("age")
        if strata_used(part, ("age",), "drug").n_informative
    ]
    used = strata_used(frame, ("age",), "drug")
    inside = frame[frame["age"].isin(keep)]
    assert used.n - used.n_left_out == len(inside)
    tests = [
        log_rank(
            part["time"].to_numpy(float),
            part["event"].to_numpy(bool),
            part["arm"],
            Weight(),
            strata=part["age"].to_numpy(np.int64),
            groups=("control", "drug"),
        )
        for part in (frame, inside)
        if len(keep)
    ]
    if not keep:
        return
    whole, alone = tests
    assert bool(whole.reason) == bool(alone.reason)
    if not whole.reason:
        assert whole.statistic == pytest.approx(alone.statistic, rel=1e-12)


def analysed(strata: list[str], frame: pd.DataFrame) -> tuple:
    plan = two_arm_plan(
        VISITS,
        TIMES,
        {"summary": "hazard ratio"},
        {"model": "time_to_event", "rmst_days": 5, "strata": strata},
    )
    endpoint = TimeToEventData("y", "p", ("control", "drug"), frame, "", "event", pd.DataFrame())
    return strata_remarks(plan, "a", endpoint)


def test_an_age_in_years_as_a_stratum_is_a_warning_with_its_count() -> None:
    n = 60
    frame = times(
        list(range(20, 20 + n)), ["drug", "control"] * (n // 2), [5.0] * n, [True] * n
    ).assign(sex=["f", "f", "m", "m"] * (n // 4))
    (remark,) = analysed(["age"], frame)
    assert (remark.count, remark.total, remark.gravity) == (n, n, "warning")
    assert "0 of 60 strata" in remark.what
    assert analysed(["sex"], frame) == ()
    assert analysed([], frame) == ()


def test_a_stratum_of_a_few_is_a_note() -> None:
    frame = times([1] * 60 + [2], ["drug", "control"] * 30 + ["drug"], [5.0] * 61, [True] * 61)
    (remark,) = analysed(["age"], frame)
    assert (remark.count, remark.gravity) == (1, "note")


def test_of_a_proportion_those_at_the_visit_count() -> None:
    plan = two_arm_plan(
        VISITS,
        {"kind": "response", "scale": "MADRS"},
        PROPORTION,
        {"model": "proportions", "strata": ["age"], "missing_as": "excluded"},
    )
    frame = pd.DataFrame(
        {
            "subject": ["a", "b", "c", "d"],
            "visit": "v",
            "arm": ["drug", "control", "drug", "control"],
            "age": [1, 1, 2, 2],
            "outcome": [1.0, 0.0, 1.0, np.nan],
        }
    )
    data = BinaryData("y", "p", "MADRS", ("control", "drug"), ("v",), frame, "", ())
    (remark,) = strata_remarks(plan, "a", data)
    assert (remark.count, remark.total) == (1, 3)
