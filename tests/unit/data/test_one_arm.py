"""A phase of one arm needs no column of arms: everybody in its files is in it."""

from copy import deepcopy
from typing import Any

import pytest

OPEN: dict[str, Any] = {
    "label": "Open",
    "arms": {"active": "Active"},
    "visits": {"Baseline": {"day": 1}, "Week 1": {"day": 8}, "Week 2": {"day": 15}},
}


@pytest.fixture
def open_trial(visits_trial):
    """The small trial with one arm in the plan, and no column of arms named."""
    visits_trial.plan["phases"]["treatment"] = deepcopy(OPEN)
    visits_trial.plan["estimands"]["main"] |= {
        "treatment": {"active": "active"},
        "summary": "mean change",
    }
    del visits_trial.data["columns"]["arm"]
    del visits_trial.data["labels"]["arm"]
    return visits_trial


def arms_of(trial: Any) -> dict[str, list[str]]:
    return trial.load().assignments.to_dict("list")


def test_everybody_with_a_score_is_in_the_arm(open_trial) -> None:
    assert arms_of(open_trial) == {
        "subject": ["1", "2", "3", "4"],
        "phase": ["treatment"] * 4,
        "arm": ["active"] * 4,
    }


def test_a_file_of_subjects_says_who_is_in(open_trial) -> None:
    open_trial.data["files"]["subjects"] = "subjects.csv"
    open_trial.add("subjects.csv", "ID\n1\n2\n3\n4\n5\n")
    assert arms_of(open_trial)["subject"] == ["1", "2", "3", "4", "5"]


def test_a_column_of_arms_is_read_where_it_is_named(open_trial) -> None:
    open_trial.data["columns"]["arm"] = "TRT"
    open_trial.data["labels"]["arm"] = {"Active": "active"}
    problems = open_trial.problems()
    assert {problem.found for problem in problems} == {"`Control`"}
    open_trial.data["where"] = {"visits": {"TRT": ["Active"]}}
    assert arms_of(open_trial)["subject"] == ["1", "3"]


def test_rows_of_one_arm_of_a_trial_may_be_kept(open_trial) -> None:
    open_trial.data["where"] = {"visits": {"TRT": ["Control"]}}
    assert arms_of(open_trial)["subject"] == ["2", "4"]


def test_two_open_phases_each_have_their_arm(open_trial) -> None:
    later = deepcopy(OPEN) | {"label": "Later", "arms": {"weekly": "Weekly"}}
    open_trial.plan["phases"]["later"] = later
    open_trial.plan["endpoints"]["late"] = {
        "kind": "change",
        "phase": "later",
        "scale": "MADRS",
    }
    main, analysis = open_trial.plan["estimands"]["main"], open_trial.plan["analyses"]["main"]
    open_trial.plan["estimands"]["late"] = main | {
        "endpoint": "late",
        "treatment": {"active": "weekly"},
    }
    open_trial.plan["analyses"]["late"] = analysis | {"estimand": "late"}
    open_trial.data["columns"]["phase"] = "PHASE"
    lines = open_trial.text.splitlines()
    phases = ["PHASE", *["treatment"] * (len(lines) - 3), *["later"] * 2]
    rows = [f"{line},{phase}" for line, phase in zip(lines, phases, strict=True)]
    open_trial.text = "\n".join(rows) + "\n"
    open_trial.data["files"]["subjects"] = "subjects.csv"
    open_trial.add("subjects.csv", "ID\n1\n2\n3\n4\n")
    assert arms_of(open_trial) == {
        "subject": ["1", "2", "3", "4"],
        "phase": ["treatment", "treatment", "treatment", "later"],
        "arm": ["active", "active", "active", "weekly"],
    }


def test_a_phase_of_several_arms_needs_the_column(visits_trial) -> None:
    del visits_trial.data["columns"]["arm"]
    _, expected, found, _ = visits_trial.problem()
    assert expected == "the name of the column that holds the arm"
    assert found == "no name"
