"""Whether an event occurred, in any words: read, or refused with the words to write."""

import pandas as pd
import pyreadstat
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

PAIRS = [
    *(("1", "0"), ("1.0", "0.0"), ("true", "false"), ("TRUE", "FALSE"), ("True", "False")),
    *(("yes", "no"), ("Yes", "No"), ("Y", "N"), ("y", "n"), ("T", "F"), ("t", "f")),
]


def with_words(trial, yes, no):
    """The trial with the event told in these words, under `occurred`."""
    trial.data["columns"]["occurred"] = trial.data["columns"].pop("censored")
    head, *rows = trial.text.splitlines()
    cells = [row.split(",") for row in rows]
    for row in cells:
        row[3] = no if row[3] == "0" else yes
    trial.text = "\n".join([head, *map(",".join, cells)])
    return trial


@pytest.mark.parametrize(("yes", "no"), PAIRS)
def test_words_of_yes_and_no_are_read(times_trial, yes, no):
    assert with_words(times_trial, yes, no).load().times["event"].tolist() == [
        False,
        True,
        True,
        False,
    ]


@pytest.mark.parametrize(
    ("yes", "no", "example"),
    [
        ("2", "1", '`occurred: {"1": no, "2": yes}`'),
        ("relapse", "censored", '`occurred: {"censored": no, "relapse": yes}`'),
        ("Dead", "Alive", '`occurred: {"Alive": no, "Dead": yes}`'),
        ("died", "lost to follow-up", '`occurred: {"died": yes, "lost to follow-up": no}`'),
    ],
)
def test_other_words_are_refused_with_what_to_write(times_trial, yes, no, example):
    place, expected, _, remedy = with_words(times_trial, yes, no).problem()
    assert place.startswith("times.csv, column `CNSR`")
    assert expected == "0 or 1, no or yes, or false or true"
    assert example in remedy
    times_trial.data["labels"]["occurred"] = {yes: "yes", no: "no"}
    assert times_trial.load().times["event"].tolist() == [False, True, True, False]


def test_the_codes_of_the_plan_may_be_numbers(times_trial):
    with_words(times_trial, "2.0", "1.0")
    times_trial.data["labels"]["occurred"] = {2: True, 1: False}
    assert times_trial.load().times["event"].tolist() == [False, True, True, False]


def test_a_missing_indicator_is_a_fault_of_its_own(times_trial):
    times_trial.replace("4,Control,1,0", "4,Control,1,")
    place, expected, found, remedy = times_trial.problem()
    assert (place, found) == ("times.csv, column `CNSR`, row 5", "no value")
    assert expected.endswith("in every row")
    assert "`data.where.times`" in remedy


@given(
    yes=st.text("abcxyz39", min_size=1, max_size=5),
    no=st.text("ABCXYZ48", min_size=1, max_size=5),
)
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_two_words_can_say_it(times_trial, yes, no):
    """The same events, once as 0 and 1 and once in words that the plan explains."""
    text, columns = times_trial.text, dict(times_trial.data["columns"])
    plain = times_trial.load().times["event"].tolist()
    words = pd.read_csv(pd.io.common.StringIO(text), dtype=str)
    words["CNSR"] = words["CNSR"].map({"1": yes, "0": no})
    times_trial.text = words.to_csv(index=False)
    times_trial.data["labels"]["censored"] = {yes: "yes", no: "no"}
    told = times_trial.load().times["event"].tolist()
    times_trial.text, times_trial.data["columns"] = text, columns
    del times_trial.data["labels"]["censored"]
    assert told == plain


def test_labels_of_spss(times_trial):
    frame = pd.read_csv(pd.io.common.StringIO(times_trial.text))
    labels = {"CNSR": {0: "relapse", 1: "censored"}}
    pyreadstat.write_sav(frame, str(times_trial.folder / "times.sav"), variable_value_labels=labels)
    times_trial.data["files"] = {"times": "times.sav"}
    *_, remedy = times_trial.problem()
    assert '`censored: {"censored": yes, "relapse": no}`' in remedy
    assert "`data.labelled_values: codes`" in remedy
    times_trial.data["labels"]["censored"] = {"censored": "yes", "relapse": "no"}
    by_label = times_trial.load().times["event"].tolist()
    del times_trial.data["labels"]["censored"]
    times_trial.data["labelled_values"] = "codes"
    assert times_trial.load().times["event"].tolist() == by_label == [True, False, False, True]
