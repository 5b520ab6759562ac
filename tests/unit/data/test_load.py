"""What a cohort holds, and that format, row order and spelling do not matter."""

import dataclasses
import random
from pathlib import Path

import pandas as pd
import pyreadstat
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from ketaoutcomes.cohort import COMPLETED, Cohort

FRAMES = tuple(field.name for field in dataclasses.fields(Cohort) if field.name != "source")


def assert_same_cohort(left, right, rows_left_out=0):
    """The same frames and source, but for the rows that `where` leaves out of the right one."""
    for name in FRAMES:
        assert_frame_equal(getattr(left, name), getattr(right, name))
    remarks = right.source.remarks
    if rows_left_out:
        counts = [remark.count for remark in remarks if remark.unit == "row"]
        assert counts == [rows_left_out]
        remarks = tuple(remark for remark in remarks if remark.unit != "row")
    assert left.source == dataclasses.replace(
        right.source, remarks=remarks, sha256s=left.source.sha256s
    )


def test_subjects_hold_typed_covariates(visits_trial):
    subjects = visits_trial.load().subjects
    assert subjects["subject"].tolist() == ["1", "2", "3", "4"]
    assert subjects["site"].tolist() == ["006", "028", "006", "028"]
    assert subjects["age"].dtype == float
    assert subjects["age"].tolist()[:2] == [41.0, 52.5]
    assert pd.isna(subjects["age"][2])


def test_assignments(visits_trial):
    assert visits_trial.load().assignments.to_dict("list") == {
        "subject": ["1", "2", "3", "4"],
        "phase": ["treatment"] * 4,
        "arm": ["active", "control", "active", "control"],
    }


def test_baseline_column_becomes_a_visit(visits_trial):
    visits = visits_trial.load().visits
    first = visits[visits["subject"] == "1"]
    assert first["visit"].tolist() == ["Baseline", "Week 1", "Week 2"]
    assert first["score"].tolist() == [30.0, 20.0, 18.0]
    assert set(visits["scale"]) == {"MADRS"}


def test_day_one_is_the_first_dose(visits_trial):
    visits = visits_trial.load().visits
    assert visits[visits["subject"] == "3"]["day"].tolist() == [0.0, 6.0, 15.0]


def test_days_may_count_from_zero(visits_trial):
    visits_trial.data["first_dose_day"] = 0
    visits = visits_trial.load().visits
    assert visits[visits["subject"] == "3"]["day"].tolist() == [0.0, 7.0, 16.0]


def test_day_before_the_first_dose_is_minus_one(visits_trial):
    """Study days have no day 0, so that -1 is followed by 1."""
    visits = visits_trial.replace("3,Active,1,7", "3,Active,1,-1").load().visits
    assert visits[visits["subject"] == "3"]["day"].tolist() == [-1.0, 0.0, 15.0]


def test_nominal_day_where_none_is_told(visits_trial):
    del visits_trial.data["columns"]["day"]
    visits = visits_trial.load().visits
    assert visits[visits["subject"] == "3"]["day"].tolist() == [0.0, 7.0, 14.0]


def test_baseline_may_be_a_visit(visits_trial):
    by_column = visits_trial.load()
    del visits_trial.data["columns"]["baseline"]
    visits_trial.data["labels"]["visit"]["0"] = "Baseline"
    for line in ("1,Active,0,1,30", "2,Control,0,1,31", "3,Active,0,1,28", "4,Control,0,1,33"):
        visits_trial.text += f"{line},,,\n"
    by_visit = visits_trial.load()
    scored = by_visit.visits.dropna(subset="score").reset_index(drop=True)
    assert_frame_equal(by_column.visits, scored)
    assert_frame_equal(by_column.subjects, by_visit.subjects)


def test_times_in_weeks_and_censoring_turned_round(times_trial):
    times = times_trial.load().times
    assert times["time"].tolist() == [17.5, 56.0, 56.0, 7.0]
    assert times["event"].tolist() == [True, False, False, True]
    assert times["event"].dtype == bool
    assert times["reason"].tolist() == ["relapse", "censored", "censored", "relapse"]


def test_occurred_is_not_turned_round(times_trial):
    times_trial.data["columns"]["occurred"] = times_trial.data["columns"].pop("censored")
    assert times_trial.load().times["event"].tolist() == [False, True, True, False]


def test_arms_covariates_and_follow_up_from_the_subjects_file(visits_trial):
    together = visits_trial.load()
    visits_trial.data["files"]["subjects"] = "subjects.csv"
    visits_trial.data["columns"]["reason"] = "WHY"
    visits_trial.add(
        "subjects.csv",
        "ID,TRT,SITE,AGE,DAY,WHY\n"
        "1,Active,006,41,15,completed\n2,Control,028,52.5,9,adverse event\n"
        "3,Active,006,,16,completed\n4,Control,028,38,15,completed\n",
    )
    frame = pd.read_csv(visits_trial.folder / "visits.csv", dtype=str)
    visits_trial.text = frame.drop(columns=["TRT", "SITE", "AGE"]).to_csv(index=False)
    apart = visits_trial.load()
    assert_frame_equal(together.subjects, apart.subjects)
    assert_frame_equal(together.assignments, apart.assignments)
    assert apart.follow_up["last_day"].tolist() == [14.0, 8.0, 15.0, 14.0]
    assert apart.follow_up["reason"].tolist() == [COMPLETED, "adverse event", COMPLETED, COMPLETED]


def test_events(visits_trial):
    visits_trial.data["files"]["events"] = "events.csv"
    visits_trial.data["columns"]["event"] = "WHAT"
    visits_trial.data["labels"]["event"] = {"DROPOUT": "treatment discontinuation"}
    visits_trial.add("events.csv", "ID,DAY,WHAT\n2,9,DROPOUT\n")
    assert visits_trial.load().events.to_dict("list") == {
        "subject": ["2"],
        "phase": ["treatment"],
        "day": [8.0],
        "event": ["treatment discontinuation"],
    }


def test_keep_leaves_other_rows_out(times_trial):
    wanted = times_trial.load()
    lines = times_trial.text.splitlines()
    doubled = [f"{line},A\n{line.replace('Active', 'Screened')},B" for line in lines[1:]]
    times_trial.text = "\n".join([f"{lines[0]},PARAM", *doubled])
    times_trial.data["where"] = {"times": {"PARAM": ("A",)}}
    assert_same_cohort(wanted, times_trial.load(), rows_left_out=len(doubled))


def test_factor_written_as_numbers_stays_a_factor(visits_trial):
    visits_trial.data["factors"] = ["age"]
    assert visits_trial.load().subjects["age"].tolist() == ["41", "52.5", None, "38"]


def test_source_tells_whose_data(visits_trial, times_trial):
    assert visits_trial.load().source.description == "A small trial, made by hand"
    assert times_trial.load().source.description == "the files times.csv"
    assert times_trial.load().source.kind == "real"


def typed(visits_trial):
    """The visits as another program holds them: numbers, and text for the codes."""
    visits_trial.load()
    return pd.read_csv(visits_trial.folder / "visits.csv", dtype={"SITE": str})


def test_parquet_is_the_same_cohort(visits_trial):
    by_csv = visits_trial.load()
    typed(visits_trial).to_parquet(visits_trial.folder / "visits.parquet")
    visits_trial.data["files"]["visits"] = "visits.parquet"
    assert_same_cohort(by_csv, visits_trial.load())


def test_xpt_is_the_same_cohort_and_case_of_names_is_free(visits_trial):
    by_csv = visits_trial.load()
    frame = typed(visits_trial).rename(columns={"SCORE": "score"})
    pyreadstat.write_xport(frame, str(visits_trial.folder / "visits.xpt"), file_format_version=5)
    visits_trial.data["files"]["visits"] = "visits.xpt"
    assert_same_cohort(by_csv, visits_trial.load())


def test_other_encoding_when_named(visits_trial):
    visits_trial.replace("006", "Orléans")
    visits_trial.data["encoding"] = "cp1252"
    visits_trial.add = lambda file, text: (visits_trial.folder / file).write_bytes(
        text.encode("cp1252")
    )
    assert visits_trial.load().subjects["site"][0] == "Orléans"


def test_byte_order_mark_is_no_part_of_the_first_column(visits_trial):
    plain = visits_trial.load()
    visits_trial.text = "\ufeff" + visits_trial.text
    assert_same_cohort(plain, visits_trial.load())


@pytest.mark.parametrize("ending", ["\r\n", "\n\n"])
def test_line_ends_and_blank_lines_do_not_matter(visits_trial, ending):
    plain = visits_trial.load()
    (visits_trial.folder / "visits.csv").write_bytes(
        visits_trial.text.replace("\n", ending).encode()
    )
    visits_trial.add = lambda *_: None
    assert_same_cohort(plain, visits_trial.load())


@given(seed=st.integers(0, 2**32))
@settings(
    max_examples=20,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_row_order_does_not_matter(visits_trial, seed):
    header, *rows = visits_trial.text.splitlines()
    random.Random(seed).shuffle(rows)
    in_order = visits_trial.load()
    text, visits_trial.text = visits_trial.text, "\n".join([header, *rows])
    shuffled = visits_trial.load()
    visits_trial.text = text
    assert_same_cohort(in_order, shuffled)


@given(score=st.floats(0, 60, allow_subnormal=False))
@settings(
    max_examples=50,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_numbers_keep_every_bit(visits_trial, score):
    text = visits_trial.text
    by_csv = visits_trial.replace("1,8,20,", f"1,8,{score!r},").load()
    frame = typed(visits_trial)
    visits_trial.text = text
    frame["SCORE"] = frame["SCORE"].mask((frame["ID"] == 1) & (frame["WEEK"] == 1), score)
    frame.to_parquet(visits_trial.folder / "visits.parquet")
    visits_trial.data["files"]["visits"] = "visits.parquet"
    by_parquet = visits_trial.load()
    visits_trial.data["files"]["visits"] = "visits.csv"
    assert by_csv.visits["score"][1] == score
    assert by_parquet.visits["score"][1] == score


def test_nothing_is_written(visits_trial):
    visits_trial.load()
    before = sorted(Path(visits_trial.folder).iterdir())
    visits_trial.load()
    assert sorted(Path(visits_trial.folder).iterdir()) == before
