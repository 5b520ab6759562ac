"""Truths of hand-made cohorts, each strategy by hand."""

import numpy as np
import pandas as pd
import pytest

from ketaoutcomes.cohorts.strategies import Seen, composite, jump_to_reference, while_on_treatment
from ketaoutcomes.cohorts.true_values import _restricted_mean
from ketaoutcomes.endpoints.data import TimeToEventData
from ketaoutcomes.families.shared.truth import Pair, contrast_of
from ketaoutcomes.results import Result

ROW = Result(table="trut01", statistic="x")


def times(days: list[float], happened: list[bool]) -> TimeToEventData:
    subjects = [str(i) for i in range(len(days))]
    frame = pd.DataFrame({"subject": subjects, "time": days, "event": happened})
    return TimeToEventData("t", "p", ("a", "b"), frame, "", "event")


def test_the_true_restricted_mean_is_the_mean_of_the_cut_times() -> None:
    pair = Pair(times([10.0, 50.0], [True, True]), times([4.0, 90.0], [True, True]))
    row = _restricted_mean(ROW, pair, 30.0)
    assert row.estimate == pytest.approx((6 + 0) / 2)
    assert row.status == "ok"


def test_a_truth_that_was_not_followed_to_the_end_says_so() -> None:
    data = times([10.0], [False])
    row = _restricted_mean(ROW, Pair(data, data), 30.0)
    assert row.status == "warning"
    assert "not followed" in row.message


def test_other_subjects_on_each_treatment_are_compared_by_their_means() -> None:
    active = pd.Series([1.0, 3.0], index=["1", "2"])
    reference = pd.Series([0.0, 0.0, 3.0], index=["7", "8", "9"])
    row = contrast_of(ROW, (active, reference), paired=False)
    assert row.estimate == pytest.approx(2 - 1)
    assert row.std_error == pytest.approx(np.sqrt(2 / 2 + 3 / 3))
    assert row.n == 5


def test_of_one_treatment_the_truth_is_the_mean_of_everybody_on_it() -> None:
    row = contrast_of(ROW, (pd.Series([1.0, 3.0, 8.0], index=["1", "2", "3"]),), paired=True)
    assert row.estimate == pytest.approx(4.0)
    assert row.std_error == pytest.approx(np.sqrt(13 / 3))
    cut = _restricted_mean(ROW, Pair(times([10.0, 50.0], [True, True]), None), 30.0)
    assert cut.estimate == pytest.approx((10 + 30) / 2)


# Three subjects, visits on days 7 and 14: one never stops, one stops on day 10, one on day 3.
SEEN = Seen(
    outcome=pd.DataFrame({"a": [-5.0, -6.0, -1.0], "b": [-9.0, -2.0, 0.5]}, index=["1", "2", "3"]),
    visit_days=np.array([7.0, 14.0]),
    event_day=pd.Series({"2": 10.0, "3": 3.0}),
)


def test_while_on_treatment_takes_the_last_value_before_the_event() -> None:
    assert while_on_treatment(SEEN).tolist() == [-9.0, -6.0, 0.0]


def test_composite_counts_the_event_as_no_change() -> None:
    assert composite(SEEN).tolist() == [-9.0, 0.0, 0.0]


def test_jump_to_reference_takes_the_reference_after_the_event() -> None:
    reference = pd.Series({"3": -30.0, "2": -20.0, "1": -10.0})
    assert jump_to_reference(SEEN, reference).tolist() == [-9.0, -20.0, -30.0]
