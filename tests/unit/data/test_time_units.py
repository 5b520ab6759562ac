"""A unit is read where it is written: in the plan, in AVALU, in the words of PARAM."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ketaoutcomes.data.values.time_units import UNIT_WORDS, unit_in, unit_of
from ketaoutcomes.errors import DataError
from unit.data.conftest import TIME_PLAN, SmallTrial

DAYS_IN = {"hours": 1 / 24, "days": 1.0, "weeks": 7.0, "months": 365.25 / 12, "years": 365.25}


def trial_of(folder, avalu: str | None, param: str | None) -> SmallTrial:
    columns = {"AVALU": avalu, "PARAM": param}
    told = {name: text for name, text in columns.items() if text is not None}
    head = ",".join(["ID,TRT,AVAL,CNSR,AGE", *told])
    rows = ("1,Active,2.5,0,41", "2,Control,8,1,52", "3,Active,8,1,47", "4,Control,1,0,38")
    text = "\n".join([head, *(",".join([row, *told.values()]) for row in rows)]) + "\n"
    trial = SmallTrial(folder, TIME_PLAN, "times.csv", text)
    del trial.data["time_unit"]
    trial.data["standard"] = "adam"
    trial.data["columns"] = {"subject": "ID", "arm": "TRT", "covariates": {"age": "AGE"}}
    return trial


@pytest.mark.parametrize("unit", DAYS_IN)
@pytest.mark.parametrize("where", ["AVALU", "PARAM", "both", "plan", "column"])
def test_one_trial_written_in_five_ways(tmp_path, unit, where):
    """By hand: the times of the file times the days of the unit."""
    avalu = unit.upper() if where in ("AVALU", "both", "column") else None
    param = f"Time to relapse ({unit})" if where in ("PARAM", "both") else None
    trial = trial_of(tmp_path, avalu, param)
    if where == "plan":
        trial.data["time_unit"] = unit
    if where == "column":  # data of no standard
        del trial.data["standard"]
        trial.data["columns"] |= {"time": "AVAL", "censored": "CNSR", "time_unit": "AVALU"}
    times = trial.load().times["time"]
    pd.testing.assert_series_equal(
        times, pd.Series([2.5, 8, 8, 1]) * DAYS_IN[unit], check_names=False, rtol=1e-12
    )


@pytest.mark.parametrize(
    ("avalu", "param", "plan", "found"),
    [
        ("MONTHS", "Time to relapse (days)", None, "`Time to relapse (days)`"),
        ("MONTHS", None, "days", "`MONTHS`"),
        (None, "Time to relapse (weeks)", "days", "`Time to relapse (weeks)`"),
        ("FORTNIGHTS", None, None, "`FORTNIGHTS`"),
    ],
)
def test_units_that_differ_or_are_unknown_are_a_fault(tmp_path, avalu, param, plan, found):
    trial = trial_of(tmp_path, avalu, param)
    if plan:
        trial.data["time_unit"] = plan
    with pytest.raises(DataError) as raised:
        trial.load()
    assert [problem.found for problem in raised.value.problems] == [found]


def test_rows_of_two_units_are_a_fault_unless_one_is_kept(tmp_path):
    trial = trial_of(tmp_path, "MONTHS", None)
    trial.text = trial.text.replace("47,MONTHS", "47,DAYS")
    with pytest.raises(DataError, match="times in months"):
        trial.load()


@given(st.sampled_from(sorted(UNIT_WORDS)), st.booleans(), st.sampled_from(["()", "[]"]))
def test_every_word_of_a_unit(word, capitals, brackets):
    written = word.upper() if capitals else word
    assert unit_of(written) == UNIT_WORDS[word]
    title = f"Time to first relapse within 6 months {brackets[0]}{written}{brackets[1]}"
    assert unit_in(title) == UNIT_WORDS[word]
    assert unit_in(f"Time to relapse in {written}") == UNIT_WORDS[word]


@pytest.mark.parametrize(
    "title", ["Time to relapse", "Relapse (MADRS)", "Time to relapse within 6 months, first event"]
)
def test_titles_without_a_unit(title):
    assert unit_in(title) is None
