"""ADSL tells two ends of a subject, of the study and of treatment; an estimand asks for one."""

from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ketaoutcomes.data.adam import ends_of_subjects
from ketaoutcomes.data.readers.raw import RawTable
from ketaoutcomes.describe.safety.population import safety_population
from ketaoutcomes.errors import DataError
from ketaoutcomes.families.fitting import derive_endpoint
from ketaoutcomes.plan import AnalysisPlan
from unit.data.conftest import CHANGE_PLAN, SmallTrial

# 1 completes both; 2 stops treatment and stays; 3 leaves both; 4 is still in the study
ADSL = """\
USUBJID,TRT01P,EOSDY,EOSSTT,DCSREAS,TRTDURD,EOTSTT,DCTREAS
1,Active,57,COMPLETED,,29,COMPLETED,
2,Active,57,COMPLETED,,15,DISCONTINUED,ADVERSE EVENT
3,Control,20,DISCONTINUED,WITHDRAWAL,20,DISCONTINUED,WITHDRAWAL
4,Control,,ONGOING,,29,COMPLETED,
"""
FALLS = "USUBJID,ASTDY,AEDECOD\n1,10,FALL\n1,40,FALL\n2,15,FALL\n2,16,FALL\n3,20,FALL\n4,29,FALL\n"


def trial_of(folder, strategy: str, kind: str = "recurrent_events") -> SmallTrial:
    trial = SmallTrial(folder, CHANGE_PLAN, "falls.csv", FALLS)
    trial.data.clear()
    trial.data |= {
        "standard": "adam",
        "files": {"subjects": "adsl.csv", "events": "falls.csv"},
        "labels": {"arm": {"Active": "active", "Control": "control"}},
    }
    endpoints: dict[str, Any] = {
        "recurrent_events": {"kind": kind, "phase": "treatment", "events": ["FALL"]},
        "incidence": {"kind": kind, "phase": "treatment", "any_of": [{"event": "FALL"}]},
        "time_to_relapse": {"kind": kind, "phase": "treatment", "any_of": [{"event": "FALL"}]},
    }
    models: dict[str, Any] = {
        "recurrent_events": {"model": "recurrent_events"},
        "incidence": {"model": "incidence"},
        "time_to_relapse": {"model": "time_to_event", "rmst_days": 10},
    }
    summaries = {"incidence": "difference in proportions", "time_to_relapse": "hazard ratio"}
    trial.plan["endpoints"] = {"falls": endpoints[kind]}
    estimand = trial.plan["estimands"]["main"]
    del estimand["visit"]
    estimand |= {"endpoint": "falls", "summary": summaries.get(kind, "rate ratio")}
    estimand["intercurrent_events"] = {"treatment discontinuation": strategy}
    trial.plan["analyses"] = {"main": {"estimand": "main", "role": "primary", **models[kind]}}
    trial.add("adsl.csv", ADSL)
    return trial


def derived(trial: SmallTrial):
    return derive_endpoint(AnalysisPlan.model_validate(trial.plan), "main", trial.load())


def last_days(data) -> list[float]:
    return data.frame.groupby("subject")["stop"].max().tolist()


def test_both_ends_with_their_reasons(tmp_path):
    cohort = trial_of(tmp_path, "treatment policy").load()
    assert cohort.follow_up["last_day"].fillna(-1).tolist() == [56, 56, 19, -1]
    reasons = ["completed", "completed", "WITHDRAWAL", ""]
    assert cohort.follow_up["reason"].fillna("").tolist() == reasons
    assert cohort.treatment_end["last_day"].tolist() == [28, 14, 19, 28]
    reasons = ["completed", "ADVERSE EVENT", "WITHDRAWAL", "completed"]
    assert cohort.treatment_end["reason"].tolist() == reasons


@pytest.mark.parametrize(
    ("strategy", "falls", "ends"),
    [
        ("treatment policy", 6, [56, 56, 19, 28]),  # of 4 only the end of treatment is known
        ("hypothetical", 5, [56, 14, 19, 28]),  # who completes treatment is followed on
        ("while on treatment", 4, [28, 14, 19, 28]),
    ],
)
def test_the_strategy_asks_for_an_end(tmp_path, strategy, falls, ends):
    """By hand: falls up to the last day, which is day - 1 of the file."""
    data = derived(trial_of(tmp_path, strategy))
    assert int(data.frame["event"].sum()) == falls
    assert last_days(data) == ends


def test_a_warning_where_only_the_end_of_treatment_is_known(tmp_path):
    remarks = derived(trial_of(tmp_path, "treatment policy")).remarks
    (told,) = (remark for remark in remarks if remark.gravity == "warning")
    assert "Follow-up of 1 participant ends with treatment" in told.sentence()
    others = derived(trial_of(tmp_path, "hypothetical")).remarks
    assert not any(remark.gravity == "warning" for remark in others)


def test_incidence_while_on_treatment(tmp_path):
    trial = trial_of(tmp_path, "while on treatment", "incidence")
    trial.text = "USUBJID,ASTDY,AEDECOD\n1,30,FALL\n2,15,FALL\n3,20,FALL\n"
    assert derived(trial).frame["outcome"].tolist() == [0, 1, 1, 0]
    trial = trial_of(tmp_path, "treatment policy", "incidence")
    trial.text = "USUBJID,ASTDY,AEDECOD\n1,30,FALL\n2,15,FALL\n3,20,FALL\n"
    assert derived(trial).frame["outcome"].tolist() == [1, 1, 1, 0]


def test_relapse_under_treatment_policy_is_followed_to_the_end_of_the_study(tmp_path):
    trial = trial_of(tmp_path, "treatment policy", "time_to_relapse")
    trial.text = "USUBJID,ASTDY,AEDECOD\n1,40,FALL\n"
    assert derived(trial).frame["time"].tolist() == [39, 56, 19, 28]
    trial = trial_of(tmp_path, "hypothetical", "time_to_relapse")
    trial.text = "USUBJID,ASTDY,AEDECOD\n1,40,FALL\n"
    assert derived(trial).frame["time"].tolist() == [39, 14, 19, 28]


def test_discontinuation_told_by_the_events_counts_before_that_of_the_subjects(tmp_path):
    trial = trial_of(tmp_path, "hypothetical")
    cohort = trial.load()
    stopped = cohort.events[cohort.events["event"] == "treatment discontinuation"]
    assert stopped[["subject", "day"]].to_numpy().tolist() == [["2", 14.0], ["3", 19.0]]
    assert "Treatment discontinuation of 2 participants is dated" in " ".join(
        remark.sentence() for remark in cohort.source.remarks
    )
    trial.text = FALLS + "2,12,treatment discontinuation\n"
    events = trial.load().events
    assert events.loc[events["event"] != "FALL", "day"].tolist() == [11.0]


def test_adverse_events_count_on_treatment(tmp_path):
    """ADAE holds those that arose on treatment: time at risk ends with treatment."""
    trial = trial_of(tmp_path, "treatment policy")
    plan, cohort = AnalysisPlan.model_validate(trial.plan), trial.load()
    people = safety_population(plan, cohort, "treatment").subjects
    assert people["last_day"].tolist() == [28, 14, 19, 28]
    assert people["followed"].tolist() == [56, 56, 19, 28]


def test_the_same_ends_in_columns_that_the_plan_names(tmp_path):
    """Data of no standard tell both ends as well."""
    of_adam = derived(trial_of(tmp_path, "while on treatment")).frame
    trial = trial_of(tmp_path, "while on treatment")
    del trial.data["standard"]
    trial.data["columns"] = {
        "subject": "USUBJID",
        "arm": "TRT01P",
        "day": ["ASTDY", "EOSDY"],
        "reason": "EOSSTT",
        "treatment_day": "TRTDURD",
        "treatment_reason": "EOTSTT",
        "event": "AEDECOD",
    }
    pd.testing.assert_frame_equal(derived(trial).frame, of_adam)


def test_a_last_day_that_is_no_number(tmp_path):
    trial = trial_of(tmp_path, "treatment policy")
    trial.add("adsl.csv", ADSL.replace("15,DISC", "long,DISC"))
    with pytest.raises(DataError) as raised:
        trial.load()
    assert "adsl.csv, column `TRTDURD`, row 3" in str(raised.value)


def test_a_column_that_the_plan_names_is_missed_though_the_standard_has_one(tmp_path):
    trial = trial_of(tmp_path, "treatment policy")
    trial.data["columns"] = {"reason": "WHY"}
    with pytest.raises(DataError, match="a column `WHY`"):
        trial.load()


start = st.dates(date(1990, 1, 1), date(2030, 1, 1))


@given(start, st.integers(-50, 2000), st.booleans())
def test_dates_and_study_days_give_the_same_ends(first, length, as_numbers):
    """EOSDT - TRTSDT + 1 is EOSDY; there is no day 0."""
    last = first + timedelta(days=length)
    epoch = date(1960, 1, 1)
    texts = [str((d - epoch).days) if as_numbers else d.isoformat() for d in (first, last)]
    frame = pd.DataFrame([texts], columns=["TRTSDT", "EOSDT"], index=[1], dtype=object)
    ends, columns = ends_of_subjects(RawTable("adsl", frame))
    assert ends["day"].tolist() == [str(length + 1 if length >= 0 else length)]
    assert columns["day"] == "EOSDT"


@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=6))
def test_the_first_value_that_is_there(told):
    """By two routes: columns of reasons one after the other, and row by row."""
    rows = [("LEFT" if a else None, "STATUS" if b else None) for a, b in told]
    frame = pd.DataFrame(rows, columns=["DCSREAS", "EOSSTT"], dtype=object)
    reasons = ends_of_subjects(RawTable("adsl", frame))[0]["reason"]
    expected = [next((word for word in row if word), None) for row in rows]
    assert reasons.where(reasons.notna(), None).tolist() == expected
    assert np.shape(reasons) == (len(rows),)
