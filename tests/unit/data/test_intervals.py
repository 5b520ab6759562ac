"""Delayed entry and start-stop rows: what the times file may hold and what it may not."""

import numpy as np
import pandas as pd
import pytest

from ketaoutcomes.endpoints.data import TimeToEventData
from ketaoutcomes.families.fitting import derive_endpoint
from ketaoutcomes.plan import AnalysisPlan

INTERVALS_CSV = """\
ID,TRT,FROM,WEEKS,CNSR,AGE,DOSE
1,Active,0,2,1,41,high
1,Active,2,2.5,0,41,low
2,Control,1,8,1,52,high
3,Active,4,8,1,47,high
3,Active,0,3,1,47,low
4,Control,0.5,1,0,38,low
"""


@pytest.fixture
def intervals(times_trial):
    times_trial.text = INTERVALS_CSV
    times_trial.data["columns"]["entry"] = "FROM"
    times_trial.data["columns"]["covariates"]["level"] = "DOSE"
    return times_trial


def test_the_cohort_holds_each_interval_in_order_and_what_changes(intervals):
    times = intervals.load().times
    assert times["subject"].tolist() == ["1", "1", "2", "3", "3", "4"]
    assert times["entry"].tolist() == [0, 14, 7, 0, 28, 3.5]
    assert times["time"].tolist() == [14, 17.5, 56, 21, 56, 7]
    assert times["event"].tolist() == [False, True, False, False, False, True]
    assert times["level"].tolist() == ["high", "low", "high", "low", "high", "low"]
    assert "AGE" not in times


def test_elsewhere_the_first_interval_tells_the_covariate(intervals):
    cohort = intervals.load()
    subjects = cohort.subjects.set_index("subject")
    assert subjects["level"].to_dict() == {"1": "high", "2": "high", "3": "low", "4": "low"}
    told = " ".join(remark.sentence() for remark in cohort.source.remarks)
    assert "2 participants came under observation after time 0" in told
    assert "`level` changes during the follow-up of 2 participants" in told


def test_a_covariate_that_is_alike_at_the_start_is_not_said_to_be_left_out(intervals):
    """All begin low here, and the model of times has each interval's value."""
    intervals.plan["analyses"]["main"]["covariates"] = ["level"]
    intervals.text = INTERVALS_CSV.replace("1,41,high", "1,41,low").replace("1,52,high", "1,52,low")
    told = [remark.what for remark in intervals.load().source.remarks]
    assert any("`level` changes" in what for what in told)
    assert not any("the same value" in what for what in told)


def test_the_order_of_rows_does_not_matter(intervals):
    first = intervals.load()
    head, *lines = INTERVALS_CSV.splitlines()
    intervals.text = "\n".join([head, *reversed(lines)]) + "\n"
    second = intervals.load()
    pd.testing.assert_frame_equal(first.times, second.times)
    pd.testing.assert_frame_equal(first.subjects, second.subjects)


def test_a_subject_is_one_row_of_the_endpoint_and_several_at_risk(intervals):
    intervals.plan["analyses"]["main"]["covariates"] = ["age", "level"]
    data = derive_endpoint(AnalysisPlan.model_validate(intervals.plan), "main", intervals.load())
    assert isinstance(data, TimeToEventData)
    assert data.frame["entry"].tolist() == [0, 7, 0, 3.5]
    assert data.frame["time"].tolist() == [17.5, 56, 56, 7]
    assert data.frame["event"].tolist() == [True, False, False, True]
    rows = data.intervals
    assert rows["event"].tolist() == [False, True, False, False, False, True]
    assert rows["level"].tolist() == ["high", "low", "high", "low", "high", "low"]


def test_an_intercurrent_event_ends_the_intervals(intervals):
    intervals.data["files"]["events"] = "events.csv"
    intervals.data["columns"] |= {"day": "DY", "event": "EV"}
    intervals.add("events.csv", "ID,DY,EV\n3,31,stop\n2,5,stop\n1,15,stop\n")
    intervals.plan["estimands"]["main"]["intercurrent_events"] = {"stop": "hypothetical"}
    intervals.plan["analyses"]["main"]["covariates"] = ["level"]
    data = derive_endpoint(AnalysisPlan.model_validate(intervals.plan), "main", intervals.load())
    assert isinstance(data, TimeToEventData)
    assert data.excluded == (("intercurrent event before observation began", 1),)
    assert data.frame["subject"].tolist() == ["1", "3", "4"]
    assert data.frame["time"].tolist() == [14, 30, 7]
    assert data.intervals["time"].tolist() == [14, 21, 30, 7]
    assert data.intervals["event"].tolist() == [False, False, False, True]


def test_without_the_column_everybody_enters_at_0(times_trial):
    assert times_trial.load().times["entry"].tolist() == [0, 0, 0, 0]


@pytest.mark.parametrize(
    ("old", "new", "place", "expected", "found"),
    [
        ("2,Control,1,8", "2,Control,8,8", "`FROM`, row 4", "before the end", "entry 8, time 8"),
        ("2,Control,1,8", "2,Control,9,8", "`FROM`, row 4", "before the end", "entry 9, time 8"),
        ("2,Control,1,8", "2,Control,,8", "`FROM`, row 4", "0 for who was observed", "no value"),
        ("2,Control,1,8", "2,Control,-1,8", "`FROM`, row 4", "0 or more weeks", "`-1`"),
        ("3,Active,4,8", "3,Active,2.9,8", "`FROM`, row 5", "follow one another", "`2.9`"),
        ("0,2,1,41", "0,2,0,41", "`WEEKS`, row 2", "one event per participant", "`2`"),
        ("8,1,52,high", "8,1,,high", None, "", ""),
        ("3,1,47,low", "3,1,47,", "`DOSE`, row 6", "in each interval", "no value"),
    ],
)
def test_intervals_keep_the_contract(intervals, old, new, place, expected, found):
    intervals.replace(old, new)
    if place is None:  # a covariate that no interval of a subject tells is missing, as elsewhere
        assert intervals.load().subjects["age"].isna().tolist() == [False, True, False, False]
        return
    where, wanted, what, remedy = intervals.problem()
    assert place in where
    assert expected in wanted
    assert found in what
    assert remedy


def test_several_rows_without_a_start_name_the_column_to_add(intervals):
    del intervals.data["columns"]["entry"]
    remedies = " ".join(problem.remedy for problem in intervals.problems())
    assert "`data.columns.entry`" in remedies


def test_an_arm_that_changes_is_refused(intervals):
    intervals.replace("1,Active,2", "1,Control,2")
    assert "one arm per participant" in intervals.problem()[1]


def test_times_are_converted_alike(intervals):
    intervals.data["time_unit"] = "days"
    times = intervals.load().times
    np.testing.assert_allclose(times["entry"], [0, 2, 1, 0, 4, 0.5])
