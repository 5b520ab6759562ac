"""CDISC ADaM without a word of mapping; harms, doses and costs."""

from copy import deepcopy

import pandas as pd
import pytest

from ketaoutcomes.describe.flow import participant_flow
from ketaoutcomes.describe.missing import missing_data
from ketaoutcomes.families.fitting import derive_endpoint
from ketaoutcomes.plan import AnalysisPlan
from unit.data.conftest import CHANGE_PLAN, TIME_PLAN, SmallTrial

ADSL = """\
USUBJID,TRT01P,TRTDURD,DCSREAS,AGE
01-1,Active,15,COMPLETED,41
01-2,Control,9,Adverse Event,52
01-3,Active,16,Completed,60
01-4,Control,15,completed,38
"""
ADQS = """\
USUBJID,PARAMCD,AVISIT,ADY,AVAL,BASE,ANL01FL,DTYPE
01-1,MADRSTOT,Week 1,8,20,30,Y,
01-1,MADRSTOT,Week 2,15,18,30,Y,
01-1,MADRSTOT,Week 2,17,1,30,,
01-1,BDITOT,Week 2,15,44,40,Y,
01-2,MADRSTOT,Week 1,8,29,31,Y,
01-2,MADRSTOT,Week 2,,29,31,Y,LOCF
01-3,MADRSTOT,Week 1,7,22,28,Y,
01-4,MADRSTOT,Week 2,15,27.5,33,Y,
"""
ADTTE = """\
USUBJID,PARAMCD,AVAL,CNSR,EVNTDESC
01-1,TTR,15,0,Relapse
01-2,TTR,9,1,Withdrawn
01-3,TTR,16,1,End of study
01-4,TTR,3,2,Died of another cause
"""
ADAE = """\
USUBJID,ASTDY,AEBODSYS,AEDECOD,AESEV,AESER,AEREL,TRTEMFL
01-1,2,Psychiatric disorders,Dissociation,MILD,N,PROBABLE,Y
01-1,-3,Nervous system disorders,Headache,MILD,N,NONE,
01-2,,Nervous system disorders,Headache,SEVERE,Y,,Y
"""


@pytest.fixture
def adam_trial(tmp_path):
    """Scores and people as ADaM has them."""
    trial = SmallTrial(tmp_path, CHANGE_PLAN, "adqs.csv", ADQS)
    trial.data.clear()
    trial.data |= {
        "files": {"subjects": "adsl.csv", "visits": "adqs.csv"},
        "standard": "adam",
        "columns": {"covariates": {"age": "AGE"}},
        "labels": {
            "arm": {"Active": "active", "Control": "control"},
            "scale": {"MADRSTOT": "MADRS"},
        },
    }
    trial.plan["analyses"]["main"]["covariates"] = ["baseline", "age"]
    trial.add("adsl.csv", ADSL)
    return trial


def test_scores_of_adam(adam_trial):
    cohort = adam_trial.load()
    assert cohort.assignments["arm"].tolist() == ["active", "control", "active", "control"]
    after = cohort.visits[cohort.visits["visit"] != "Baseline"]
    told = after[["subject", "visit", "day", "scale", "score"]].to_records(index=False).tolist()
    assert told == [
        ("01-1", "Week 1", 7.0, "MADRS", 20.0),  # neither the second record of Week 2
        ("01-1", "Week 2", 14.0, "MADRS", 18.0),  # nor the other parameter
        ("01-2", "Week 1", 7.0, "MADRS", 29.0),  # nor the score carried forward
        ("01-3", "Week 1", 6.0, "MADRS", 22.0),
        ("01-4", "Week 2", 14.0, "MADRS", 27.5),
    ]


def test_carried_forward_scores_where_the_plan_asks_for_them(adam_trial):
    adam_trial.data["where"] = {"visits": {"DTYPE": ["", "LOCF"]}}
    visits = adam_trial.load().visits
    assert ((visits["subject"] == "01-2") & (visits["visit"] == "Week 2")).sum() == 1


def test_end_of_follow_up(adam_trial):
    adam_trial.data["labels"]["reason"] = {"Adverse Event": "adverse event"}
    cohort = adam_trial.load()
    reasons = ["completed", "adverse event", "completed", "completed"]
    assert cohort.follow_up["reason"].tolist() == reasons  # DCSREAS is of the study,
    assert cohort.follow_up["last_day"].isna().all()  # TRTDURD of treatment
    assert cohort.treatment_end["last_day"].tolist() == [14.0, 8.0, 15.0, 14.0]
    assert cohort.treatment_end["reason"].isna().all()


def test_the_plan_may_name_other_columns(adam_trial):
    adam_trial.text = adam_trial.text.replace("AVAL", "SCORE")
    told = [problem.expected for problem in adam_trial.problems()]
    assert "a column `AVAL`" in told
    adam_trial.data["columns"]["value"] = "SCORE"
    assert len(adam_trial.load().visits) == 9


def test_times_of_adam_with_cnsr_turned_round(tmp_path):
    trial = SmallTrial(tmp_path, TIME_PLAN, "adtte.csv", ADTTE.replace(",2,", ",1,"))
    trial.data.clear()
    trial.data |= {
        "files": {"subjects": "adsl.csv", "times": "adtte.csv"},
        "standard": "adam",
        "columns": {"covariates": {"age": "AGE"}},
        "labels": {"arm": {"Active": "active", "Control": "control"}},
    }
    trial.add("adsl.csv", ADSL)
    times = trial.load().times
    assert times["event"].tolist() == [True, False, False, False]
    assert times["reason"].tolist()[0] == "Relapse"


def test_any_cnsr_but_zero_is_censored(tmp_path):
    """BDS for time to event: 0 is the event, every value above it a kind of censoring."""
    trial = SmallTrial(tmp_path, TIME_PLAN, "adtte.csv", ADTTE)
    trial.data.clear()
    trial.data |= {
        "files": {"subjects": "adsl.csv", "times": "adtte.csv"},
        "standard": "adam",
        "columns": {"covariates": {"age": "AGE"}},
        "labels": {"arm": {"Active": "active", "Control": "control"}},
    }
    trial.add("adsl.csv", ADSL)
    assert trial.load().times["event"].tolist() == [True, False, False, False]


def test_harms_of_adam(adam_trial):
    adam_trial.data["files"]["adverse_events"] = "adae.csv"
    adam_trial.add("adae.csv", ADAE)
    cohort = adam_trial.load()
    assert cohort.adverse_events.to_dict("records")[0] == {
        "subject": "01-1",
        "phase": "treatment",
        "day": 1.0,
        "soc": "Psychiatric disorders",
        "term": "Dissociation",
        "severity": "mild",
        "serious": False,
        "related": True,
    }
    second = cohort.adverse_events.iloc[1]  # the harm before treatment is left out
    assert pd.isna(second["day"])
    assert (second["serious"], second["related"]) == (True, True)
    assert tuple(remark.sentence() for remark in cohort.source.remarks) == (
        "The day of onset is missing for 1 adverse event of 2.",
        "The relation to treatment is missing for 1 adverse event of 2; counted as related.",
    )


def test_harms_in_unknown_words(adam_trial):
    adam_trial.data["files"]["adverse_events"] = "adae.csv"
    adam_trial.add("adae.csv", ADAE.replace("SEVERE", "AWFUL").replace("PROBABLE", "PERHAPS"))
    told = {problem.place: problem for problem in adam_trial.problems()}
    severity = told["adae.csv, column `AESEV`, row 4"]
    assert severity.expected == "one of: `mild`, `moderate`, `severe`"
    assert "data.labels.severity" in severity.remedy
    assert told["adae.csv, column `AEREL`, row 2"].found == "`PERHAPS`"
    adam_trial.data["labels"] |= {"severity": {"AWFUL": "severe"}, "related": {"PERHAPS": "yes"}}
    assert adam_trial.load().adverse_events["severity"].tolist() == ["mild", "severe"]


def test_harms_of_a_stranger(adam_trial):
    adam_trial.data["files"]["adverse_events"] = "adae.csv"
    adam_trial.add("adae.csv", ADAE.replace("01-2,", "01-9,"))
    assert adam_trial.problem()[1] == "participants with an arm"


DOSES = "id,day,mg,unit,by\n01-1,1,56,mg,nasal\n01-2,1,0,mg,nasal\n"


@pytest.fixture
def dosed_trial(adam_trial):
    trial = adam_trial
    trial.data["files"]["exposure"] = "doses.csv"
    trial.data["columns"] |= {
        "subject": ["USUBJID", "id"],
        "day": ["ADY", "day"],
        "dose": "mg",
        "unit": "unit",
        "route": "by",
    }
    trial.add("doses.csv", DOSES)
    return trial


def test_doses_where_a_file_names_its_columns_otherwise(dosed_trial):
    assert dosed_trial.load().exposure.to_dict("records") == [
        {
            "subject": subject,
            "phase": "treatment",
            "day": 0.0,
            "dose": dose,
            "unit": "mg",
            "route": "nasal",
        }
        for subject, dose in (("01-1", 56.0), ("01-2", 0.0))
    ]


def test_doses_that_are_no_numbers(dosed_trial):
    dosed_trial.add("doses.csv", DOSES.replace("56", "much").replace("01-2,1", "01-2,"))
    told = {problem.place for problem in dosed_trial.problems()}
    assert told == {"doses.csv, column `mg`, row 2", "doses.csv, column `day`, row 3"}


def test_costs(dosed_trial):
    plan = deepcopy(dosed_trial.data)
    plan["files"] = {"subjects": "adsl.csv", "visits": "adqs.csv", "costs": "costs.csv"}
    for field in ("dose", "unit", "route"):
        del plan["columns"][field]
    plan["columns"] |= {"item": "what", "amount": "price", "currency": "money"}
    dosed_trial.data.clear()
    dosed_trial.data |= plan
    dosed_trial.add("costs.csv", "id,day,what,price,money\n01-1,1,session,250.5,GBP\n")
    (row,) = dosed_trial.load().costs.to_dict("records")
    assert (row["item"], row["amount"], row["currency"]) == ("session", 250.5, "GBP")
    del dosed_trial.data["columns"]["currency"]
    assert "`currency: EUR`" in dosed_trial.problem()[3]
    dosed_trial.data["currency"] = "EUR"
    (row,) = dosed_trial.load().costs.to_dict("records")
    assert (row["amount"], row["currency"]) == (250.5, "EUR")


def missing_of(adam_trial):
    """Rows of missing data of the main analysis: (statistic, visit, arm) -> subjects."""
    plan = AnalysisPlan.model_validate(adam_trial.plan)
    data = derive_endpoint(plan, "main", adam_trial.load())
    rows = missing_data(data)
    counts = {(r.statistic, r.visit, r.arm): r.estimate for r in rows if r.statistic != "pattern"}
    return data, counts


def test_scores_carried_forward_are_not_observed(adam_trial):
    """By hand: at Week 2 control has 01-4 observed and 01-2 carried forward; none is missing."""
    adam_trial.data["where"] = {"visits": {"DTYPE": ["", "LOCF"]}}
    data, counts = missing_of(adam_trial)
    at = {statistic: counts[statistic, "Week 2", "control"] for statistic in STATES}
    assert at == {"observed": 1, "derived": 1, "missing": 0}
    (said,) = [remark for remark in data.remarks if "derived (LOCF)" in remark.what]
    assert (said.count, said.gravity) == (1, "warning")


def test_without_derived_rows_nothing_is_said_of_them(adam_trial):
    data, counts = missing_of(adam_trial)
    assert not any(statistic == "derived" for statistic, _, _ in counts)
    assert counts["missing", "Week 2", "control"] == 1
    assert not data.remarks


STATES = ("observed", "derived", "missing")


def test_who_has_no_row_that_the_plan_keeps_is_out_for_that_reason(adam_trial):
    """01-2 has rows that the plan leaves out: it does not lack a baseline, it has no score."""
    adam_trial.text = adam_trial.text.replace("01-2,", "01-9,")
    adam_trial.data["where"] = {"visits": {"ANL01FL": "Y"}}
    adam_trial.add("adsl.csv", ADSL + "01-9,Control,9,Completed,52\n")
    data, _ = missing_of(adam_trial)
    reason = "no MADRS score in the rows that the plan keeps (ANL01FL Y)"
    assert dict(data.excluded) == {reason: 1}


def test_either_column_of_adam_tells_a_fatal_event(adam_trial):
    """AESDTH and AEOUT may each be empty or contradict the other: a death told once is a death."""
    adae = (
        "USUBJID,ASTDY,AEDECOD,AESER,AESDTH,AEOUT\n"
        "01-1,2,Stroke,Y,Y,\n01-2,3,Suicide,N,N,FATAL\n01-3,4,Rash,N,,RECOVERED\n01-4,5,Cough,N,,\n"
    )
    adam_trial.data["files"]["adverse_events"] = "adae.csv"
    adam_trial.add("adae.csv", adae)
    cohort = adam_trial.load()
    fatal = cohort.adverse_events.set_index("subject")["fatal"]
    assert fatal.where(fatal.notna(), None).to_dict() == {
        "01-1": True,
        "01-2": True,
        "01-3": False,
        "01-4": None,
    }
    (said,) = [r for r in cohort.source.remarks if "flag as serious" in r.what]
    assert said.count == 1


ALL_SCREENED = """\
USUBJID,TRT01P,TRTDURD,DCSREAS,AGE,ARM
01-1,Active,15,COMPLETED,41,Active
01-2,Control,9,Adverse Event,52,Control
01-3,Active,16,Completed,60,Active
01-4,Control,15,completed,38,Control
01-5,,,Inclusion criteria not met,44,Screen Failure
01-6,,,Screen Failure,47,Screen Failure
01-7,,,Inclusion criteria not met,49,Screen Failure
"""


def test_screen_failures_of_adsl_are_counted_and_are_in_no_analysis(adam_trial) -> None:
    adam_trial.add("adsl.csv", ALL_SCREENED)
    cohort = adam_trial.load()
    assert set(cohort.subjects["subject"]) == {"01-1", "01-2", "01-3", "01-4"}
    assert cohort.source.assessed == 7
    assert cohort.source.not_entered == (
        ("inclusion criteria not met", 2),
        ("did not pass screening", 1),
    )
    adam_trial.plan["report"] = {"smallest_cell": 1}
    shown_in_full = AnalysisPlan.model_validate(adam_trial.plan)
    rows = [
        (row.statistic, row.group, row.n)
        for row in participant_flow(shown_in_full, cohort, {})
        if not row.arm
    ]
    assert rows[0] == ("assessed for eligibility", "", 7)
    assert sum(n or 0 for statistic, _, n in rows if statistic == "not enrolled") == 3


def test_adsl_of_those_who_entered_says_nothing_of_screening(adam_trial) -> None:
    assert adam_trial.load().source.assessed is None
