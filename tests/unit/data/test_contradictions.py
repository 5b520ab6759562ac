"""Days and values that contradict each other are told, with their number counted by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ketaoutcomes.cohort import Cohort
from ketaoutcomes.data.contradictions import in_two_units


def said(cohort: Cohort) -> str:
    return " ".join(remark.sentence() for remark in cohort.source.remarks)


WORDS = ("dated after", "lies beyond", "far below those without", "without a day", "is repeated")


@pytest.mark.parametrize("trial", ["visits_trial", "times_trial"])
def test_nothing_is_said_of_data_in_order(trial, request):
    small = request.getfixturevalue(trial)
    assert not any(words in said(small.load()) for words in WORDS)


def test_baseline_scores_after_the_first_dose(visits_trial):
    del visits_trial.data["columns"]["baseline"]
    visits_trial.data["labels"]["visit"]["0"] = "Baseline"
    visits_trial.text += "1,Active,0,1,30,30,006,41\n2,Control,0,4,31,31,028,52.5\n"
    visits_trial.text += "3,Active,0,2,28,28,006,\n4,Control,0,-1,33,33,028,38\n"
    # day 1 is that of the dose, and day -1 the day before: participants 2 and 3
    assert "baseline score of 2 participants is dated after the start" in said(visits_trial.load())


def test_scores_whose_day_is_that_of_another_visit(visits_trial):
    # day 40 is farther from week 2 (day 15) than week 2 from week 1, and day 23 is not: 2 x 14 - 7
    visits_trial.replace("1,Active,2,15,", "1,Active,2,40,")
    visits_trial.replace("3,Active,2,16,", "3,Active,2,22,")
    assert "visit of their label: 1 score." in said(visits_trial.load())


def test_scores_without_a_day_take_that_of_the_plan(visits_trial):
    visits_trial.replace("3,Active,2,16,15", "3,Active,2,,15")
    cohort = visits_trial.load()
    assert "take the planned day of their visit: 1 score" in said(cohort)
    rows = cohort.visits[(cohort.visits["subject"] == "3") & (cohort.visits["visit"] == "Week 2")]
    assert rows["day"].tolist() == [14.0]


def test_scores_after_the_last_day_in_the_study(visits_trial):
    visits_trial.data["files"]["follow_up"] = "ends.csv"
    visits_trial.data["columns"] |= {"reason": "WHY", "day": ["DAY", "LAST"]}
    visits_trial.add("ends.csv", "ID,LAST,WHY\n1,15,completed\n2,9,lost\n3,10,lost\n4,15,lost\n")
    assert "Scores of 1 participant are dated after the last day" in said(visits_trial.load())


def test_an_event_that_is_repeated_on_a_day(visits_trial):
    visits_trial.data["files"]["events"] = "events.csv"
    visits_trial.data["columns"] |= {"event": "WHAT"}
    visits_trial.add(
        "events.csv", "ID,WHAT,DAY\n1,fall,3\n1,fall,3\n1,fall,4\n2,fall,3\n1,rescue,3\n1,fall,3\n"
    )
    cohort = visits_trial.load()
    assert "counted once: 2 rows left out" in said(cohort)
    assert len(cohort.events) == 4


def test_times_in_two_units(times_trial):
    times_trial.data["time_unit"] = "days"
    times_trial.text = "ID,TRT,WEEKS,CNSR,AGE\n" + "".join(
        f"{i},{'Active' if i % 2 else 'Control'},{time},{i % 3 == 0:d},40\n"
        for i, time in enumerate([56, 90, 77, 120, 0.5, 2.25, 3.1, 1.75, 64, 101])
    )
    assert "Times to event with decimals (4 values) are all far below" in said(times_trial.load())


DAYS = st.lists(st.integers(20, 400).map(float), min_size=5, max_size=30)


@given(days=DAYS, months=st.lists(st.integers(2, 23), min_size=3, max_size=20))
def test_days_and_months_are_told_apart(days: list[float], months: list[int]) -> None:
    """Months with quarters below 2.5, and days from 20 on; halved, whole months are left out."""
    quarters = [month / 10 for month in months if month % 10]
    found = in_two_units(np.array([*days, *quarters]))
    enough = len(quarters) >= max(3, 0.05 * (len(days) + len(quarters)))
    assert found == (len(quarters) if enough else 0)


@given(st.lists(st.floats(0.01, 1e4), min_size=3, max_size=60))
def test_measurements_rounded_to_three_digits_are_of_one_unit(values: list[float]) -> None:
    """As a laboratory writes them: 0.52, 7.31, 45.2, 118; from 100 on they are whole."""
    measured = np.array([float(f"{value:.3g}") for value in values])
    dense = np.unique(np.concatenate([measured, np.round(np.geomspace(5, 1000, 40), 1)]))
    assert in_two_units(np.array([float(f"{value:.3g}") for value in dense])) == 0


@pytest.mark.parametrize(
    "values",
    [
        [10, 20, 30, 40, 50],  # whole
        [10, 20, 30, 0.5, 40],  # a single slip
        [1, 2, 3, 2.5, 3.5, 4.5],  # halves among whole numbers
        [0, 0, 0.5, 0.25, 0.75, 1, 1],  # fractions up to one
    ],
)
def test_one_unit(values: list[float]) -> None:
    assert in_two_units(np.array(values, dtype=float)) == 0
