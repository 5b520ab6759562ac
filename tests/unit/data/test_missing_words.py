"""Which words mean missing: none but NA and a point in text files, and what the plan lists."""

import pandas as pd
import pyreadstat
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from ketaoutcomes.data.inspection.inspect import inspect_folder
from unit.data.test_readers import write

FUNCTION_FIXTURE = settings(
    max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
LEVELS = ("None", "none", "null", "N/A", "nan", "NaN", "NaT", "<NA>", "missing", "n.a.")


def sites(cohort):
    return cohort.subjects["site"].tolist()


def counted(cohort):
    """Where something was read as missing, what, and in how many cells."""
    return {
        (remark.where, remark.what.split("`")[1]): remark.count
        for remark in cohort.source.remarks
        if "read as missing" in remark.what
    }


@pytest.mark.parametrize("word", LEVELS)
@pytest.mark.parametrize("kind", ["csv", "parquet", "sav", "xpt5", "duckdb", "sqlite"])
def test_a_word_is_a_level_in_every_format(visits_trial, kind, word):
    visits_trial.replace("006", word)
    write(visits_trial, kind)
    cohort = visits_trial.load()
    assert sites(cohort) == [word, "028", word, "028"]
    assert counted(cohort) == {}


@pytest.mark.parametrize("word", ["NA", "."])
def test_na_and_a_point_are_missing_in_text_and_counted(visits_trial, word):
    visits_trial.replace("006", word)
    cohort = visits_trial.load()
    assert sites(cohort) == [None, "028", None, "028"]
    assert counted(cohort) == {("visits.csv, column `SITE`", word): 4}


@pytest.mark.parametrize("kind", ["parquet", "sav", "xpt5", "duckdb", "sqlite"])
def test_na_is_a_level_where_the_format_has_its_own_mark(visits_trial, kind):
    visits_trial.replace("006", "NA")
    write(visits_trial, kind)
    assert sites(visits_trial.load()) == ["NA", "028", "NA", "028"]


def test_columns_that_the_plan_does_not_use_are_not_counted(visits_trial):
    visits_trial.replace("006", "NA")
    visits_trial.data["columns"]["covariates"].pop("site")
    visits_trial.plan["analyses"]["main"]["covariates"] = ["baseline"]
    assert counted(visits_trial.load()) == {}


def test_what_users_of_spss_call_missing_is_missing(visits_trial):
    frame = pd.read_csv(pd.io.common.StringIO(visits_trial.text), dtype={"SITE": str})
    frame["AGE"] = frame["AGE"].fillna(-9.0)
    path = visits_trial.folder / "visits.sav"
    pyreadstat.write_sav(frame, str(path), missing_ranges={"AGE": [-9.0]})
    visits_trial.data["files"] = {"visits": "visits.sav"}
    assert visits_trial.load().subjects["age"].isna().tolist() == [False, False, True, False]


@pytest.mark.parametrize(
    "listed",
    [
        [-9, "not done"],
        {"visits": [-9, "not done"]},
        {"visits": {"AGE": [-9], "SITE": "not done"}},
    ],
)
def test_the_plan_lists_codes_and_words(visits_trial, listed):
    visits_trial.replace("3,Active,1,7,22,28,006,", "3,Active,1,7,22,28,not done,-9.0")
    visits_trial.replace("3,Active,2,16,15,28,006,", "3,Active,2,16,15,28,not done,-9")
    visits_trial.data["missing"] = listed
    cohort = visits_trial.load()
    assert cohort.subjects["age"].isna().tolist() == [False, False, True, False]
    assert sites(cohort) == ["006", "028", None, "028"]
    assert counted(cohort) == {
        ("visits.csv, column `AGE`", "-9.0"): 1,
        ("visits.csv, column `AGE`", "-9"): 1,
        ("visits.csv, column `SITE`", "not done"): 2,
    }


def test_a_listed_value_that_no_cell_holds_is_reported_once(visits_trial):
    visits_trial.data["missing"] = [-99]
    remarks = [r.sentence() for r in visits_trial.load().source.remarks]
    assert remarks == ["No cell holds `-99`, which `data.missing` names."]


def test_a_code_is_missing_in_the_named_column_alone(visits_trial):
    """41 is the age of one subject, and no score."""
    visits_trial.replace("1,8,20,30", "1,8,41,30")
    visits_trial.data["missing"] = {"visits": {"AGE": [41]}}
    cohort = visits_trial.load()
    assert pd.isna(cohort.subjects["age"][0])
    assert 41.0 in cohort.visits["score"].tolist()


def test_a_listed_code_may_be_a_subject(visits_trial):
    visits_trial.data["missing"] = [3]
    assert visits_trial.load().subjects["subject"].tolist() == ["1", "2", "3", "4"]


def test_files_that_are_not_there_are_refused(visits_trial):
    visits_trial.data["missing"] = {"times": [-9]}
    with pytest.raises(ValidationError, match="`missing` speaks of times"):
        visits_trial.load()


@pytest.mark.parametrize("word", ["None", "N/A", "nan", "not done"])
def test_a_word_among_scores_is_a_fault_that_names_the_key(visits_trial, word):
    place, _, found, remedy = visits_trial.replace("2,15,27.5", f"2,15,{word}").problem()
    assert (place, found) == ("visits.csv, column `SCORE`, row 9", f"`{word}`")
    assert f'add `missing: ["{word}"]` under `data`' in remedy
    visits_trial.data["missing"] = [word]
    assert visits_trial.load().visits["score"].notna().all()


def test_a_word_among_the_numbers_of_a_covariate_names_the_key(visits_trial):
    visits_trial.text = visits_trial.text.replace("006,\n", "006,None\n")
    *_, remedy = visits_trial.problem()
    assert '`missing: ["None"]`' in remedy


@given(word=st.text("abcdefXYZ 0123456789-/", min_size=1, max_size=8).map(str.strip).filter(bool))
@FUNCTION_FIXTURE
def test_a_listed_word_is_the_same_as_an_empty_cell(visits_trial, word):
    """Two ways to write that a subject has no site."""
    text, visits_trial.text = visits_trial.text, visits_trial.text.replace("028", "")
    visits_trial.data["factors"] = ["site"]
    by_empty_cells = visits_trial.load()
    visits_trial.text = text.replace("028", word)
    visits_trial.data["missing"] = {"visits": {"SITE": [word]}}
    by_word = visits_trial.load()
    visits_trial.text = text
    visits_trial.data.pop("missing")
    assert sites(by_empty_cells) == sites(by_word)
    assert counted(by_word) == {("visits.csv, column `SITE`", word): 4}


def test_inspect_proposes_the_words_among_numbers(tmp_path):
    rows = [
        f"S{n:02d},{'drug' if n % 2 else 'placebo'},{30 + n % 5},{20 + n % 7}" for n in range(24)
    ]
    rows[3], rows[8] = "S03,drug,31,N/A", "S08,placebo,32,None"
    (tmp_path / "trial.csv").write_text("\n".join(["id,arm,madrs_base,madrs_7d", *rows]))
    (proposal, *_) = inspect_folder(tmp_path).proposals
    assert proposal.plan["data"]["missing"] == ["N/A", "None"]
