"""Readings that a first look took as evident in files nobody had tried, and asks or says since.

Each file is a trial in small, with the habit that was misread; what is true of it stands in the
name of its test.
"""

from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from ketaoutcomes.data.inspection.inspect import inspect_folder
from ketaoutcomes.data.inspection.propose import Proposal

PEOPLE = range(40)


def score(person: int, place: int) -> int:
    return 30 + (7 * person + 3 * place) % 9 - 4 * place


def of_visits(labels: tuple[Any, ...], column: str = "visit") -> pd.DataFrame:
    """Forty participants in two arms, with a score at each visit."""
    rows = [
        (f"P{person:02d}", ("placebo", "drug")[person % 2], label, score(person, place))
        for person in PEOPLE
        for place, label in enumerate(labels)
    ]
    return pd.DataFrame(rows, columns=["id", "arm", column, "MADRS"])


def once(**columns: Any) -> pd.DataFrame:
    """Forty participants in two arms, a row each."""
    arms = [("placebo", "drug")[person % 2] for person in PEOPLE]
    ids = [f"P{person:02d}" for person in PEOPLE]
    return pd.DataFrame({"id": ids, "arm": arms} | columns)


def look(folder: Path, answers: dict[str, str] | None = None, **files: pd.DataFrame) -> Proposal:
    for name, frame in files.items():
        frame.to_csv(folder / f"{name}.csv", index=False)
    chosen = inspect_folder(folder, "made", answers).chosen
    assert chosen is not None
    return chosen


def open_in(chosen: Proposal) -> set[str]:
    return {question.key for question in chosen.questions if question.is_open}


def days(chosen: Proposal) -> dict[str, float]:
    (phase,) = chosen.plan["phases"].values()
    return {visit: at["day"] for visit, at in phase["visits"].items()}


def test_durations_of_iso_8601_have_their_days(tmp_path: Path) -> None:
    """Two weeks come before one month: days 1, 15 and 31, as a first dose is on day 1."""
    chosen = look(tmp_path, x=of_visits(("P0D", "P2W", "P1M")))
    assert days(chosen) == {"Baseline": 1, "P2W": 15, "P1M": 31}


@pytest.mark.parametrize(
    "labels", [("08:00", "10:00", "16:00"), ("March", "April", "June"), ("week one", "week two")]
)
def test_the_order_of_visits_that_say_no_day_is_asked(tmp_path: Path, labels) -> None:
    assert "visits" in open_in(look(tmp_path, x=of_visits(labels)))
    told = look(tmp_path, {"visits": "another order"}, x=of_visits(labels))
    assert "visits" not in open_in(told)
    assert str(told.plan["phases"]["treatment"]["visits"]).startswith("fill this:")


def test_a_number_of_a_follow_up_is_not_that_of_a_week(tmp_path: Path) -> None:
    chosen = look(tmp_path, x=of_visits(("BL", "W4", "EOT", "FU1")))
    assert days(chosen) == {"Baseline": 1, "W4": 29}
    assert any("`FU1`" in remark for remark in chosen.remarks)


def test_a_week_after_treatment_is_no_baseline(tmp_path: Path) -> None:
    frame = of_visits((0, 12), "week_after_treatment").assign(baseline_madrs=33)
    assert "Week 0" in days(look(tmp_path, x=frame))


def test_two_columns_of_one_scale_are_both_listed(tmp_path: Path) -> None:
    frame = of_visits(("Baseline", "Week 4")).rename(columns={"MADRS": "madrs_self"})
    chosen = look(tmp_path, x=frame.assign(madrs_clin=frame["madrs_self"][::-1].to_numpy()))
    assert "outcome" in open_in(chosen)


@pytest.mark.parametrize("code", ["kit", "record"])
def test_arms_that_another_file_tells_are_asked_about(tmp_path: Path, code: str) -> None:
    """By the number of a kit, or by the codes of participants under another name."""
    ids = [f"P{person:02d}" for person in PEOPLE]
    kits = [f"K{(person * 7) % 40 + 100}" for person in PEOPLE]
    scores = of_visits(("Baseline", "Week 4")).drop(columns="arm")
    scores["kit"] = [kit for kit in kits for _ in range(2)]
    arms = pd.DataFrame({code: kits if code == "kit" else ids, "treatment": ["A", "B"] * 20})
    arms = arms.rename(columns={"record": "record_id"})
    chosen = look(tmp_path, scores=scores, randlist=arms)
    assert "group" in open_in(chosen)
    named = look(tmp_path, {"group": "treatment of randlist.csv"}, scores=scores, randlist=arms)
    assert "by a SELECT" in str(named.plan["phases"]["treatment"]["arms"])


def test_a_baseline_in_another_file_is_asked_about(tmp_path: Path) -> None:
    later = of_visits(("Week 2", "Week 4"))
    first = of_visits(("x",)).drop(columns=["visit", "arm"])
    chosen = look(tmp_path, later=later, first=first)
    assert "baseline" in open_in(chosen)
    assert any("`first.csv` holds `MADRS`" in remark for remark in chosen.remarks)


def test_several_columns_called_a_baseline_are_asked_about(tmp_path: Path) -> None:
    values = {
        name: [score(person, place) for person in PEOPLE]
        for place, name in enumerate(("gad7_base1", "gad7_base2", "gad7_wk4", "gad7_wk8"))
    }
    chosen = look(tmp_path, {"baseline": "gad7_base2"}, x=once(**values))
    (columns,) = chosen.plan["data"]["columns"]["scores"].values()
    assert columns == {"Baseline": "gad7_base2", "Week 4": "gad7_wk4", "Week 8": "gad7_wk8"}
    assert "baseline" in open_in(look(tmp_path, x=once(**values)))


def test_several_visits_called_a_baseline_are_asked_about(tmp_path: Path) -> None:
    frame = of_visits(("Baseline A", "Baseline B", "Week 4"))
    assert "baseline" in open_in(look(tmp_path, x=frame))


def test_the_unit_of_times_with_decimals_is_asked(tmp_path: Path) -> None:
    """A mean of 10.25 in months is 312 days."""
    frame = once(
        time=[0.5 + person / 2 for person in PEOPLE], relapse=[person % 2 for person in PEOPLE]
    )
    chosen = look(tmp_path, x=frame)
    (unit,) = (question for question in chosen.questions if question.key == "unit")
    assert unit.is_open
    assert "months (the mean is 312 days)" in unit.told
    assert chosen.plan["analyses"]["time_to_event"]["rmst_days"] == unit.gap
    assert look(tmp_path, {"unit": "months"}, x=frame).plan["data"]["time_unit"] == "months"


def test_a_time_in_a_study_next_to_a_mark_is_asked_about(tmp_path: Path) -> None:
    frame = once(
        days_in_study=[5 + 2 * person for person in PEOPLE], event=[person % 2 for person in PEOPLE]
    )
    assert "outcome" in open_in(look(tmp_path, x=frame))


def test_arms_that_change_from_row_to_row_are_asked_about(tmp_path: Path) -> None:
    frame = of_visits((1, 2, 3, 4), "week")
    frame["arm"] = frame["week"].map({1: "A", 2: "B", 3: "A", 4: "B"})
    assert "group" in open_in(look(tmp_path, x=frame))
    told = look(tmp_path, {"group": "arm"}, x=frame)
    assert "as `phase`" in str(told.plan["phases"]["treatment"]["arms"])


def test_arms_with_one_label_and_empty_cells_are_asked_about(tmp_path: Path) -> None:
    frame = of_visits(("Baseline", "Week 4")).replace({"arm": {"placebo": ""}})
    assert "group" in open_in(look(tmp_path, x=frame))
    told = look(tmp_path, {"group": "arm"}, x=frame)
    assert "`derive`" in str(told.plan["phases"]["treatment"]["arms"])


def test_codes_that_end_in_a_visit_are_asked_about(tmp_path: Path) -> None:
    frame = of_visits(("V1", "V2", "V3"))
    frame["id"] = frame["id"] + "-" + frame.pop("visit")
    assert "whose" in open_in(look(tmp_path, x=frame))


def test_labels_that_one_letter_tells_apart_are_asked_about(tmp_path: Path) -> None:
    frame = of_visits(("Baseline", "Week 4"))
    frame.loc[frame["id"] < "P14", "arm"] = frame["arm"].replace("placebo", "plasebo")
    assert "spelling" in open_in(look(tmp_path, x=frame))
    one = look(tmp_path, {"spelling": "one arm"}, x=frame)
    assert set(one.plan["phases"]["treatment"]["arms"]) == {"drug", "placebo"}
    assert {r.follows for r in one.readings if "`spelling`" in r.says}


def test_names_that_differ_by_a_letter_of_their_own_are_arms(tmp_path: Path) -> None:
    frame = of_visits(("Baseline", "Week 4"))
    frame["arm"] = frame["arm"].replace({"placebo": "R-ketamine", "drug": "S-ketamine"})
    assert "spelling" not in open_in(look(tmp_path, x=frame))


def test_labels_of_nobody_who_was_treated_are_asked_about(tmp_path: Path) -> None:
    frame = of_visits(("Baseline", "Week 4"))
    frame.loc[frame["id"] >= "P30", "arm"] = "Screen Failure"
    assert "no_arm" in open_in(look(tmp_path, x=frame))
    told = look(tmp_path, {"no_arm": "left out"}, x=frame)
    assert told.plan["data"]["where"]["visits"]["arm"] == ["drug", "placebo"]


def test_a_group_of_therapy_does_not_hide_the_condition(tmp_path: Path) -> None:
    frame = of_visits(("Baseline", "Week 4")).rename(columns={"arm": "condition"})
    frame["group"] = frame["id"].str[1:].astype(int) // 10
    assert "group" in open_in(look(tmp_path, x=frame))


def test_a_column_called_after_a_control_says_1_of_controls(tmp_path: Path) -> None:
    frame = of_visits(("Baseline", "Week 4")).rename(columns={"arm": "placebo"})
    frame["placebo"] = (frame["placebo"] == "placebo").astype(int)
    chosen = look(tmp_path, {"group": "placebo"}, x=frame)
    assert {q.key: q.taken for q in chosen.questions}["reference"] == "1"


def test_codes_of_missing_are_seen_next_to_words(tmp_path: Path) -> None:
    frame = of_visits(("Baseline", "Week 4")).astype({"MADRS": str})
    frame.loc[1:20:4, "MADRS"] = "999"
    frame.loc[3:30:4, "MADRS"] = "ND"
    assert set(look(tmp_path, x=frame).plan["data"]["missing"]) == {"999", "ND"}


def test_columns_of_nearly_equal_numbers_are_not_evident_visits(tmp_path: Path) -> None:
    first = [5 + (11 * person) % 37 for person in PEOPLE]
    second = [value + person % 3 - 1 for person, value in enumerate(first)]
    third = [value + (person // 2) % 3 - 1 for person, value in enumerate(first)]
    chosen = look(tmp_path, x=once(total_1=first, total_2=second, total_3=third))
    assert "outcome" in open_in(chosen)


def test_a_flag_of_baseline_is_no_calculated_row(tmp_path: Path) -> None:
    frame = of_visits(("Baseline", "Week 4"))
    frame["ABLFL"] = ["Y" if visit == "Baseline" else "" for visit in frame["visit"]]
    (said,) = (r for r in look(tmp_path, x=frame).remarks if "ABLFL" in r)
    assert "which row is the baseline" in said


def test_clusters_are_said_while_it_is_open_which_column_tells_arms(tmp_path: Path) -> None:
    frame = of_visits(("Baseline", "Week 4")).rename(columns={"arm": "music"})
    frame["ward"] = "w" + (frame["id"].str[1:].astype(int) % 4).astype(str)
    chosen = look(tmp_path, x=frame)
    assert "group" in open_in(chosen)
    assert any("cluster trial" in remark for remark in chosen.remarks)
