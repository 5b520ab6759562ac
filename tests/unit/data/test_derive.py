"""Derived columns, taken rows, joined and numbered subjects: worked out by hand."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal
from pydantic import ValidationError

from ketaoutcomes.cohort import Cohort
from ketaoutcomes.data.formulas import UnfitValuesError, evaluated
from ketaoutcomes.data.readers.raw import RawTable
from ketaoutcomes.errors import DataError
from ketaoutcomes.plan.expression import parsed
from unit.data.conftest import VISITS_CSV
from unit.data.test_adam import adam_trial
from unit.data.test_load import FRAMES

__all__ = ["adam_trial"]


def assert_same_frames(left: Cohort, right: Cohort) -> None:
    for name in FRAMES:
        assert_frame_equal(getattr(left, name), getattr(right, name))


def table(**columns: list[str | None]) -> RawTable:
    frame = pd.DataFrame(columns, dtype=object)
    return RawTable("t.csv", frame.set_axis(pd.RangeIndex(2, len(frame) + 2), axis=0))


def worked_out(formula: str, raw: RawTable) -> list[str | None]:
    return evaluated(parsed(formula), raw).tolist()


ROWS = table(
    a=["1", "2.5", None, "-4"],
    b=["3", None, "2", "0"],
    s=["F", "male", None, "f"],
    c=["007", "012", "007", None],
    d=["2021-02-27", "2020-02-28", "2021-01-01", None],
    e=["2021-03-01", "2020-03-01", None, "2021-01-01"],
    y=["yes", "no", None, "Yes"],
)


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("a + b", ["4", None, None, "-4"]),
        ("a - b * 2", ["-5", None, None, "-4"]),
        ("-a ^ 2", ["-1", "-6.25", None, "-16"]),
        ("b / 2", ["1.5", None, "1", "0"]),
        ("a > 1", ["no", "yes", None, "no"]),
        ("a > 1 and b > 2", ["no", None, "no", "no"]),  # no and anything is no
        ("a < 2 or b > 2", ["yes", None, None, "yes"]),  # yes or anything is yes
        ("not y", ["no", "yes", None, "no"]),
        ("y and a = 1", ["yes", "no", None, "no"]),
        ('if(a >= 1, "high", "low")', ["high", "high", None, "low"]),
        ("if(y, a, b)", ["1", None, None, "-4"]),
        ("coalesce(a, b)", ["1", "2.5", "2", "-4"]),
        ("coalesce(s, c)", ["F", "male", "007", "f"]),
        ("missing(a)", ["no", "no", "yes", "no"]),
        ("missing(a) or a < 0", ["no", "no", "yes", "yes"]),
        ('s in ("F", "f")', ["yes", "no", None, "yes"]),
        ("a not in (1, -4)", ["no", "yes", None, "no"]),
        ('lower(s) & "-" & c', ["f-007", "male-012", None, None]),
        ('c = "007"', ["yes", "no", "yes", None]),
        ('a = "1.0"', ["yes", "no", None, "no"]),
        ("(a > 0) + (b > 0)", ["2", None, None, "0"]),
        ("round(a / 3, 2)", ["0.33", "0.83", None, "-1.33"]),
        ("round(a)", ["1", "3", None, "-4"]),  # halves away from zero
        ("floor(a)", ["1", "2", None, "-4"]),
        ("ceiling(a)", ["1", "3", None, "-4"]),
        ("min(a, b, 2)", ["1", None, None, "-4"]),
        ("max(a, b)", ["3", None, None, "0"]),
        ("sum(a, b, 1)", ["5", None, None, "-3"]),
        ("mean(a, b)", ["2", None, None, "-2"]),
        ("abs(a)", ["1", "2.5", None, "4"]),
        ("days_between(d, e)", ["2", "2", None, None]),  # 2020 is a leap year
        ("days_between(d, e) + 1", ["3", "3", None, None]),
        ('part("1_yes", "_", 2)', ["yes"] * 4),
        ('part(d, "-", -1)', ["27", "28", "01", None]),
        ('replace(s, "male", "M")', ["F", "M", None, "f"]),
        ('replace(c, "0", "")', ["7", "12", "7", None]),
        ('replace(s, "male", c)', ["F", "012", None, None]),
        ('s & ", " & c', ["F, 007", "male, 012", None, None]),
        ('part("Week 4", " ", 2)', ["4"] * 4),
        ('if(a > 1, " ", "x")', ["x", None, None, "x"]),  # a cell of blanks is empty
        ('s = "F "', ["yes", "no", None, "no"]),
        ('contains(s, "al")', ["no", "yes", None, "no"]),
        ('starts_with(c, "00")', ["yes", "no", "yes", None]),
        ("number(c) + 1", ["8", "13", "8", None]),
        ("text(a)", ["1", "2.5", None, "-4"]),
    ],
)
def test_formulas_by_hand(formula, expected):
    assert worked_out(formula, ROWS) == expected


GROWING = "d & 'x'"
for _ in range(6):
    GROWING = f"replace({GROWING}, 'x', 'xxxxxxxxxx')"
GROWING = f"replace({GROWING}, 'x', d)"
"""Of a million letters within one line of a plan, and more with each step."""


@pytest.mark.parametrize(
    ("formula", "column", "rows", "expected"),
    [
        ("s + 1", "s", [2, 3, 5], "numbers, as `+` needs"),
        ("a / b", "a", [5], "values for which `/` is a number"),
        ("log(a)", "a", [5], "values for which `log` is a number"),
        ("sqrt(a)", "a", [5], "values for which `sqrt` is a number"),
        ("if(a, 1, 2)", "a", [3, 5], "a condition or yes and no, as `if` needs"),
        ("days_between(s, d)", "s", [2, 3, 5], "dates as 2021-05-03, as `days_between` needs"),
        ("s = 1", "s", [2, 3, 5], "numbers, as `=` needs"),
        (
            'days_between("2021", d)',
            None,
            [2, 3, 4, 5],
            "dates as 2021-05-03, as `days_between` needs",
        ),
        ("part(d, '-', s)", "s", [2, 3, 5], "numbers, as `part` needs"),
        ("part(d, '-', a)", "a", [3], "whole numbers, as `part` needs"),
        ("round(b, a / 2)", "b", [2], "values for which `round` is a number"),
        (GROWING, None, [2, 3, 4], "texts of at most 10,000 letters"),
    ],
)
def test_values_that_a_formula_cannot_use(formula, column, rows, expected):
    with pytest.raises(UnfitValuesError) as caught:
        evaluated(parsed(formula), ROWS)
    assert (caught.value.column, caught.value.expected) == (column, expected)
    assert ROWS.frame.index[caught.value.rows].tolist() == rows


NUMBERS = st.lists(
    st.one_of(st.none(), st.floats(-1e6, 1e6, allow_nan=False)), min_size=1, max_size=8
)


@given(NUMBERS, st.floats(-1e3, 1e3))
def test_arithmetic_is_that_of_python(values, number):
    raw = table(x=[None if v is None else repr(v) for v in values])
    found = worked_out(f"x * 2 - {number!r}".replace("- -", "+ "), raw)
    for text, value in zip(found, values, strict=True):
        if value is None:
            assert text is None
        else:
            assert math.isclose(float(text), value * 2 - number, rel_tol=0, abs_tol=0)


@given(st.permutations(range(4)))
def test_the_order_of_rows_does_not_matter(order):
    moved = RawTable("t.csv", ROWS.frame.iloc[list(order)])
    by_row = evaluated(parsed("coalesce(a, b) & s"), moved)
    assert by_row.sort_index().equals(evaluated(parsed("coalesce(a, b) & s"), ROWS))


# in a plan ------------------------------------------------------------------------------------


def test_renamed_recoded_and_calculated_columns(visits_trial):
    plain = visits_trial.load()
    text = visits_trial.text.replace("Active", "A").replace("Control", "c")
    visits_trial.text = text.replace("SCORE", "sum of items").replace("WEEK", "w")
    visits_trial.data["derive"] = {
        "visits": {
            "WEEK": "w",
            "SCORE": "`sum of items`",
            "TRT": {"column": "TRT", "recode": {"A": "Active", "C": "Control", "c": "Control"}},
        }
    }
    cohort = visits_trial.load()
    assert_same_frames(plain, cohort)
    said = [remark.sentence() for remark in cohort.source.remarks]
    assert (
        "visits.csv, `data.derive`: `SCORE` is derived: `sum of items`; it is missing in 1 row."
        in said
    )
    assert "No row has `C`, which `data.derive.visits.TRT` recodes." in said


def test_a_derived_column_may_use_one_that_was_derived_before(visits_trial):
    plain = visits_trial.load()
    visits_trial.data["derive"] = {"visits": {"half": "SCORE / 2", "SCORE": "half * 2"}}
    assert_same_frames(plain, visits_trial.load())


def test_problems_of_derived_columns_are_told_together(visits_trial):
    visits_trial.replace("2,15,27.5", "2,15,much")
    visits_trial.data["derive"] = {
        "visits": {
            "fall": "BASE - SCORE",
            "older": "AGEE > 40",
            "sex": {"column": "TRT", "recode": {"Active": "a"}, "others": "error"},
        }
    }
    problems = {p.place: p for p in visits_trial.problems()}
    fall = problems["visits.csv, column `SCORE`, row 9"]
    assert fall.expected in ("numbers, as `-` needs in data.derive.visits.fall", "a number")
    older = problems["the plan, data.derive.visits.older"]
    assert older.found == "`AGEE`"
    assert older.remedy.startswith("did you mean `AGE`?")
    others = problems["visits.csv, column `TRT`, row 4, 5, 8, 9".replace("row ", "rows ")]
    assert others.found == "`Control`"


@pytest.mark.parametrize("formula", ["BASE -", "open('x')", "BASE; 1", "x" * 1001, "1e999"])
def test_a_formula_that_is_none_is_a_fault_of_the_plan(visits_trial, formula):
    visits_trial.data["derive"] = {"visits": {"fall": formula}}
    with pytest.raises(ValidationError, match=r"data.derive.visits.fall"):
        visits_trial.load()


def test_of_several_rows_one_is_taken(visits_trial):
    plain = visits_trial.load()
    visits_trial.text += "4,Control,2,20,12,33,028,38\n1,Active,1,9,11,30,006,41\n"
    visits_trial.data["take"] = {"visits": {"row": "first", "per": ["ID", "WEEK"], "by": "DAY"}}
    cohort = visits_trial.load()
    assert_same_frames(plain, cohort)
    assert any(
        "the first was taken, by `DAY`; 2 rows are left out" in remark.sentence()
        for remark in cohort.source.remarks
    )
    visits_trial.data["take"]["visits"] = {"row": "first", "per": ["ID", "WEEK"]}
    assert_same_frames(plain, visits_trial.load())  # in the order of the file
    visits_trial.data["take"]["visits"]["row"] = "last"
    visits = visits_trial.load().visits.set_index(["subject", "visit"])["score"]
    assert (visits["1", "Week 1"], visits["4", "Week 2"]) == (11, 12)


def test_rows_are_taken_of_those_that_are_kept(visits_trial):
    plain = visits_trial.load()
    visits_trial.text = visits_trial.text.replace("AGE\n", "AGE,OK\n").replace("41\n", "41,y\n")
    lines = [line if line.count(",") == 8 else f"{line},y" for line in visits_trial.text.split()]
    visits_trial.text = "\n".join([*lines, "4,Control,2,1,12,33,028,38,n"]) + "\n"
    visits_trial.data["where"] = {"visits": {"OK": "y"}}
    visits_trial.data["take"] = {"visits": {"row": "first", "per": ["ID", "WEEK"], "by": "DAY"}}
    assert_same_frames(plain, visits_trial.load())


def test_rows_that_nothing_puts_in_order_are_told(visits_trial):
    visits_trial.text += "4,Control,2,15,12,33,028,38\n3,Active,1,,11,28,006,\n"
    visits_trial.data["take"] = {"visits": {"row": "last", "per": ["ID", "WEEK"], "by": "DAY"}}
    told = {(p.place, p.expected) for p in visits_trial.problems()}
    of = "as `data.take.visits` puts them in order"
    assert ("visits.csv, column `DAY`, rows 9, 10", f"rows that differ in it, {of}") in told
    number = f"a number or a date as 2021-05-03, {of}"
    assert ("visits.csv, column `DAY`, row 11", number) in told


# whose a row is -------------------------------------------------------------------------------

CENTRES = """\
CENTER,ID,TRT,WEEK,SCORE,BASE
north,1,Active,1,20,30
north,1,Active,2,18,30
north,2,Control,1,29,31
north,2,Control,2,25,31
south,1,Control,1,22,28
south,1,Control,2,15,28
south,2,Active,1,30,33
south,2,Active,2,27,33
"""


@pytest.fixture
def centres(visits_trial):
    visits_trial.text = CENTRES
    visits_trial.data["columns"] = {
        "subject": "ID",
        "arm": "TRT",
        "visit": "WEEK",
        "value": "SCORE",
        "baseline": "BASE",
        "covariates": {"site": "CENTER"},
    }
    return visits_trial


def test_numbers_that_begin_anew_in_each_centre(centres):
    problem = next(p for p in centres.problems() if "one row per participant" in p.expected)
    assert "`CENTER`, write `subject: [CENTER, ID]` under `data.columns`" in problem.remedy
    centres.data["columns"]["subject"] = ["CENTER", "ID"]
    cohort = centres.load()
    assert cohort.subjects["subject"].tolist() == ["north/1", "north/2", "south/1", "south/2"]
    said = "visits.csv: `CENTER`, `ID` together say whose a row is, of 4 participants."
    assert said in [remark.sentence() for remark in cohort.source.remarks]


def test_a_file_that_lacks_a_part_of_the_subject_is_told(centres):
    centres.data["columns"]["subject"] = ["CENTER", "ID"]
    centres.data["files"]["events"] = "events.csv"
    centres.data["columns"] |= {"day": "DAY", "event": "WHAT"}
    centres.add("events.csv", "ID,DAY,WHAT\n1,3,fall\n")
    problem = next(p for p in centres.problems() if p.place == "events.csv, the header")
    assert problem.found == "no column `CENTER`"


@given(st.lists(st.tuples(st.text("a/\\ ", max_size=3), st.text("a/\\ ", max_size=3)), max_size=6))
def test_joined_codes_stay_apart(pairs):
    from ketaoutcomes.data.derive import _one_text  # noqa: PLC0415

    assert len({_one_text(pair) for pair in pairs}) == len(set(pairs))


WIDE = "TRT,BASE,W1,W2\nActive,30,20,18\nControl,31,29,25\nActive,28,22,15\nControl,33,30,27.5\n"


def test_rows_without_a_column_of_subjects_are_numbered(visits_trial):
    visits_trial.text = WIDE
    visits_trial.plan["analyses"]["main"]["covariates"] = ["baseline"]
    weeks = {"Baseline": "BASE", "Week 1": "W1", "Week 2": "W2"}
    visits_trial.data["columns"] = {"arm": "TRT", "scores": {"MADRS": weeks}}
    with pytest.raises(ValidationError, match="write `rows_are_subjects: true`"):
        visits_trial.load()
    visits_trial.data["rows_are_subjects"] = True
    cohort = visits_trial.load()
    assert cohort.subjects["subject"].tolist() == ["1", "2", "3", "4"]
    said = "4 rows are taken for as many participants, and numbered."
    assert any(said in remark.sentence() for remark in cohort.source.remarks)
    visits_trial.data["files"] = {"visits": "visits.csv", "events": "events.csv"}
    with pytest.raises(ValidationError, match="needs one file"):
        visits_trial.load()


def test_times_repeated_on_every_row_of_a_subject(times_trial):
    plain = times_trial.load()
    head, *rows = times_trial.text.splitlines()
    times_trial.text = "\n".join([head, *(row for row in rows for _ in range(3))]) + "\n"
    cohort = times_trial.load()
    assert_same_frames(plain, cohort)
    said = "times.csv: 8 rows repeat an earlier row of the participant in every column that the"
    assert any(remark.sentence().startswith(said) for remark in cohort.source.remarks)
    times_trial.text += "1,Active,9,0,41\n"
    (problem,) = times_trial.problems()
    assert problem.place == "times.csv, column `ID`, row 14"
    assert "data.take.times" in problem.remedy


@pytest.mark.parametrize(("short", "word"), [("F", "female"), ("m", "Male")])
def test_a_level_that_is_cut_short_is_another_spelling(visits_trial, short, word):
    visits_trial.text = VISITS_CSV.replace("006", word).replace("028", "other")
    visits_trial.text += f"5,Active,1,8,20,30,{short},41\n5,Active,2,15,18,30,{short},41\n"
    place, _, found, remedy = visits_trial.problem()
    assert (place, found) == ("visits.csv, column `SITE`, rows 10, 11", f"`{short}`")
    assert f"recode: {{{short}: {word}}}}}` under `data.derive.visits`" in remedy


def test_blood_groups_are_not_cut_short(visits_trial):
    visits_trial.text = VISITS_CSV.replace("006", "A").replace("028", "AB")
    visits_trial.load()


def test_names_of_adam_in_small_letters(adam_trial):
    plain = adam_trial.load()
    head, _, rows = adam_trial.text.partition("\n")
    adam_trial.text = f"{head.lower()}\n{rows}"
    people = (adam_trial.folder / "adsl.csv").read_text(encoding="utf-8")
    head, _, rows = people.partition("\n")
    adam_trial.add("adsl.csv", f"{head.lower()}\n{rows}")
    assert_same_frames(plain, adam_trial.load())


def test_a_frame_in_place_of_a_file_is_derived_too(visits_trial):
    from ketaoutcomes.data import load_cohort  # noqa: PLC0415
    from ketaoutcomes.data.frames import Frames  # noqa: PLC0415
    from ketaoutcomes.plan import AnalysisPlan  # noqa: PLC0415

    visits_trial.data["derive"] = {"visits": {"SCORE": "SCORE + 1"}}
    plan = AnalysisPlan.model_validate(visits_trial.plan)
    frame = pd.read_csv(pd.io.common.StringIO(VISITS_CSV), dtype={"SITE": str})
    cohort = load_cohort(plan, Frames({"visits": frame}))
    by_file = visits_trial.load()
    assert np.allclose(cohort.visits["score"], by_file.visits["score"], equal_nan=True)


def test_identifiers_that_a_formula_makes_are_refused(visits_trial):
    visits_trial.data["derive"] = {"visits": {"mail": '"p" & ID & "@example.org"'}}
    with pytest.raises(DataError, match="may identify a person"):
        visits_trial.load()
