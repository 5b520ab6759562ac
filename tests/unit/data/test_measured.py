"""Laboratory values of a file: what is read, what is refused, what is told with its number."""

from typing import Any

import pandas as pd
import pytest

from ketaoutcomes.cohort import Cohort
from ketaoutcomes.data import load_cohort
from ketaoutcomes.data.frames import Frames
from ketaoutcomes.errors import DataError
from ketaoutcomes.names_in_data import name_remarks
from ketaoutcomes.plan import AnalysisPlan
from laboratory_trial import Row, adlb, adqs, adsl, plan_of_laboratory

NUMBER = 4


def rows() -> list[Row]:
    """Four participants; the last row repeats the one before."""
    return adlb(3, NUMBER)


def load(laboratory: list[Row], plan: dict[str, Any] | None = None) -> Cohort:
    files = {"subjects": adsl(NUMBER), "visits": adqs(NUMBER), "laboratory": laboratory}
    frames = Frames.of({name: pd.DataFrame(frame) for name, frame in files.items()})
    return load_cohort(AnalysisPlan.model_validate(plan or plan_of_laboratory()), frames)


def problems(laboratory: list[Row], plan: dict[str, Any] | None = None) -> list[tuple[str, str]]:
    """Where each fault is, and what was expected."""
    with pytest.raises(DataError) as error:
        load(laboratory, plan)
    return [(problem.place, problem.expected) for problem in error.value.problems]


def told(cohort: Cohort) -> list[str]:
    return [remark.sentence() for remark in cohort.source.remarks]


def changed(test: str, day: int, **values: object) -> list[Row]:
    """The rows, one of participant S000 with other values."""
    return [
        row | values if (row["USUBJID"], row["PARAMCD"], row["ADY"]) == ("S000", test, day) else row
        for row in rows()
    ]


def test_values_of_the_tests_of_the_plan_are_read_with_their_range() -> None:
    frame = load(rows()).laboratory
    wanted = {
        (r["USUBJID"], r["PARAMCD"], float(r["ADY"] - (r["ADY"] > 0)), r["AVAL"])
        for r in rows()
        if r["PARAMCD"] != "GLUC"
    }
    assert set(frame[["subject", "test", "day", "value"]].itertuples(index=False)) == wanted
    assert len(frame) == len(wanted)
    assert frame["baseline"].sum() == NUMBER * 2
    assert set(frame.loc[frame["test"] == "ALT", "high"]) == {40.0}


def test_rows_left_out_are_told_with_their_number() -> None:
    first = next(row for row in rows() if row["ADY"] == 15 and row["PARAMCD"] == "ALT")
    laboratory = [*rows(), first, first | {"AVAL": None}, first | {"ADY": None}]
    words = " ".join(told(load(laboratory)))
    others = sum(row["PARAMCD"] == "GLUC" for row in laboratory)
    assert f"Values of tests that the plan does not name are left out: {others} values" in words
    assert "without a value are left out: 1 value" in words
    assert "without a day that are not marked as baseline are left out: 1 value" in words
    assert "that repeat another value of the same day are left out: 1 value" in words


def test_values_without_a_range_are_told_and_an_indicator_is_enough() -> None:
    bare = [{k: v for k, v in row.items() if k not in ("A1LO", "A1HI")} for row in rows()]
    assert not any("without a reference range" in words for words in told(load(bare)))
    nothing = [{**row, "ANRIND": "" if row["PARAMCD"] == "K" else "N"} for row in bare]
    number = len({(r["USUBJID"], r["ADY"]) for r in rows() if r["PARAMCD"] == "K"})
    (words,) = [words for words in told(load(nothing)) if "without a reference range" in words]
    assert "Values of test `K`" in words
    assert f"shift table: {number} values" in words


def test_an_indicator_that_its_range_speaks_against_is_told() -> None:
    """In the CDISC pilot the indicator was made with 1.5 times the upper limit."""
    one = changed("ALT", 1, AVAL=50.0, ANRIND="NORMAL")
    (words,) = [said for said in told(load(one)) if "not what their range says" in said]
    assert "Values of test `ALT` whose indicator is not what their range says: 1 value." in words


@pytest.mark.parametrize(
    ("values", "column", "expected"),
    [
        ({"AVAL": "<5"}, "AVAL", "a number"),
        ({"A1LO": 40.0}, "A1LO", "a lower limit below the upper limit"),
        ({"ANRIND": "odd"}, "ANRIND", "one of: `low`, `normal`, `high`"),
        ({"ABLFL": "maybe"}, "ABLFL", "one of: `Y`, `N`"),
        ({"AVALU": "ukat/L"}, "AVALU", "values of `ALT` in `U/L`, as `safety.laboratory` says"),
        ({"PARAMCD": None}, "PARAMCD", "a test in every row"),
    ],
)
def test_a_faulty_value_is_refused_with_its_row(
    values: dict[str, object], column: str, expected: str
) -> None:
    ((where, wanted),) = problems(changed("ALT", 1, **values))
    assert f"column `{column}`, row" in where
    assert wanted == expected


def test_two_baselines_of_a_test_are_refused() -> None:
    marked = next(row for row in rows() if row["ABLFL"] == "Y")
    extra = {**marked, "AVAL": 20.0, "ADY": -1}
    ((_, wanted),) = problems([*rows(), extra])
    assert wanted == "one baseline value of a test per participant and phase"


def test_someone_without_an_arm_is_refused() -> None:
    ((_, wanted),) = problems([*rows(), {**rows()[0], "USUBJID": "nobody"}])
    assert wanted == "participants with an arm"


def test_a_file_without_a_test_to_show_is_refused() -> None:
    plan = plan_of_laboratory()
    plan["safety"] = {}
    ((where, wanted),) = problems(rows(), plan)
    assert where == "the plan, data.files.laboratory"
    assert wanted == "tests to show, under `safety.laboratory`"


def test_a_test_that_no_row_has_is_told() -> None:
    plan = plan_of_laboratory()
    plan["safety"]["laboratory"]["AST"] = {"label": "Aspartate aminotransferase"}
    parsed = AnalysisPlan.model_validate(plan)
    words = [r.sentence() for r in name_remarks(parsed, load(rows(), plan))]
    assert any("AST" in said and "no table of it" in said for said in words)


def test_files_of_another_form_are_mapped() -> None:
    """Names and words of the data that are not those of ADaM."""
    names = {
        "PARAMCD": "lab",
        "AVAL": "value",
        "ANRIND": "flag",
        "USUBJID": "USUBJID",
        "ADY": "ADY",
    }
    words = {"LOW": "too low", "NORMAL": "within", "HIGH": "too high", "K": "Potassium"}
    mine = [
        {names[k]: words.get(str(value), value) for k, value in row.items() if k in names}
        for row in rows()
    ]
    plan = plan_of_laboratory(columns={"test": "lab", "result": "value", "indicator": "flag"})
    plan["data"]["labels"] |= {
        "indicator": {"too low": "low", "within": "normal", "too high": "high"},
        "test": {"Potassium": "K"},
    }
    frame = load(mine, plan).laboratory
    first = load(rows()).laboratory
    assert frame["indicator"].tolist() == first["indicator"].tolist()
    assert frame["baseline"].isna().all()


def test_electrocardiograms_are_read_in_the_same_form() -> None:
    """QTc of ADEG beside ALT of ADLB, each from its own file."""
    ecg = [row | {"PARAMCD": "QTCF", "AVALU": "ms"} for row in rows() if row["PARAMCD"] == "K"]
    plan = plan_of_laboratory()
    plan["data"]["files"]["ecg"] = "adeg.csv"
    plan["safety"]["laboratory"]["QTCF"] = {"label": "QTcF", "unit": "ms", "above": [480]}
    files = {"subjects": adsl(NUMBER), "visits": adqs(NUMBER), "laboratory": rows(), "ecg": ecg}
    frames = Frames.of({name: pd.DataFrame(frame) for name, frame in files.items()})
    found = load_cohort(AnalysisPlan.model_validate(plan), frames).laboratory
    counts = found["test"].value_counts()
    assert counts["QTCF"] == counts["K"]
    assert set(found.loc[found["test"] == "QTCF", "unit"]) == {"ms"}


def test_participants_without_a_baseline_value_are_told() -> None:
    """Two of the four have values of ALT after the first dose only; potassium is complete."""
    late = [
        row
        for row in rows()
        if row["PARAMCD"] != "ALT" or row["USUBJID"] in ("S002", "S003") or row["ADY"] > 1
    ]
    words = [one for one in told(load(late)) if "none at baseline" in one]
    assert len(words) == 1
    assert "2 participants have values of ALT and none at baseline" in words[0]
    assert not any("none at baseline" in one for one in told(load(rows())))
