"""The last day in the study may stand in a file of its own."""

import pytest
from pandas.testing import assert_frame_equal

from ketaoutcomes.errors import DataError

ENDS = "ID,LAST,WHY\n1,16,Completed\n2,9,withdrew consent\n3,17,completed\n4,15,lost\n"


@pytest.fixture
def with_ends(visits_trial):
    visits_trial.data["files"]["follow_up"] = "ends.csv"
    visits_trial.data["columns"]["reason"] = "WHY"
    visits_trial.data["columns"]["day"] = ["DAY", "LAST"]
    visits_trial.add("ends.csv", ENDS)
    return visits_trial


def test_the_last_day_and_the_reason_are_read(with_ends):
    assert with_ends.load().follow_up.to_dict("list") == {
        "subject": ["1", "2", "3", "4"],
        "phase": ["treatment"] * 4,
        "last_day": [15.0, 8.0, 16.0, 14.0],
        "reason": ["completed", "withdrew consent", "completed", "lost"],
    }


def test_it_says_the_same_as_columns_of_the_subjects_file(with_ends):
    apart = with_ends.load().follow_up
    with_ends.data["files"]["subjects"] = with_ends.data["files"].pop("follow_up")
    assert_frame_equal(apart, with_ends.load().follow_up)


def test_who_is_told_twice_is_a_fault(with_ends):
    with_ends.add("ends.csv", ENDS + "2,10,died\n")
    with pytest.raises(DataError) as error:
        with_ends.load()
    (problem,) = error.value.problems
    assert "ends.csv, column `ID`, row 6" in problem.place
    assert "data.take.follow_up" in problem.remedy


def test_two_files_that_say_why_are_a_fault(with_ends):
    with_ends.data["files"]["subjects"] = "people.csv"
    with_ends.add("people.csv", "ID,WHY\n1,x\n2,x\n3,x\n4,x\n")
    with pytest.raises(DataError) as error:
        with_ends.load()
    assert [p.place for p in error.value.problems] == ["people.csv, column `WHY`"]
