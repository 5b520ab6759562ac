"""A folder of REDCap exports: codes by the data dictionary, events and repeating instruments."""

import io

import pandas as pd
import pytest

from ketaoutcomes.data import load_cohort
from ketaoutcomes.data.frames import Frames
from ketaoutcomes.data.inspection.inspect import inspect_folder
from ketaoutcomes.errors import DataError
from ketaoutcomes.plan import AnalysisPlan
from unit.data.conftest import SmallTrial
from unit.data.test_derive import assert_same_frames

HEADER = (
    '"Variable / Field Name","Form Name","Field Type","Field Label",'
    '"Choices, Calculations, OR Slider Labels"\n'
)
FIELDS = """\
record_id,enrolment,text,"Study ID",
treat,enrolment,radio,"Treatment","1, Control | 2, Active"
sex,enrolment,dropdown,"Sex","0, Female | 1, Male"
smoker,enrolment,yesno,"Smokes",
drug,enrolment,checkbox,"Drugs","1, SSRI, any | 2, Lithium"
madrs,scores,calc,"MADRS total","sum([a],[b])"
"""
DICTIONARY = HEADER + FIELDS
EXPORT = """\
record_id,redcap_event_name,redcap_repeat_instrument,treat,sex,smoker,drug___1,madrs
1,baseline_arm_1,,2,0,1,1,30
1,week_1_arm_1,,,,,,20
1,week_2_arm_1,,,,,,18
2,baseline_arm_1,,1,1,0,0,31
2,week_1_arm_1,,,,,,29
2,week_2_arm_1,,,,,,
3,baseline_arm_1,,2,0,0,0,28
3,week_1_arm_1,,,,,,22
3,week_2_arm_1,,,,,,15
4,baseline_arm_1,,1,1,1,1,33
4,week_1_arm_1,,,,,,30
4,week_2_arm_1,,,,,,27.5
4,week_2_arm_1,side_effects,,,,,
"""


@pytest.fixture
def redcap(visits_trial: SmallTrial) -> SmallTrial:
    visits_trial.file, visits_trial.text = "export.csv", EXPORT
    visits_trial.add("dictionary.csv", DICTIONARY)
    visits_trial.data |= {
        "files": {"subjects": "export.csv", "visits": "export.csv"},
        "dictionary": "dictionary.csv",
        "where": {
            "subjects": {"redcap_event_name": "baseline_arm_1"},
            "visits": {"redcap_repeat_instrument": ""},
        },
        "columns": {
            "subject": "record_id",
            "arm": "treat",
            "visit": "redcap_event_name",
            "value": "madrs",
            "covariates": {"sex": "sex", "smoker": "smoker"},
        },
        "labels": {
            "arm": {"Active": "active", "Control": "control"},
            "visit": {
                "baseline_arm_1": "Baseline",
                "week_1_arm_1": "Week 1",
                "week_2_arm_1": "Week 2",
            },
        },
    }
    visits_trial.plan["analyses"]["main"]["covariates"] = ["baseline", "sex"]
    return visits_trial


def test_codes_become_the_words_of_the_dictionary(redcap):
    cohort = redcap.load()
    assert cohort.assignments["arm"].tolist() == ["active", "control", "active", "control"]
    assert cohort.subjects["sex"].tolist() == ["Female", "Male", "Female", "Male"]
    assert cohort.subjects["smoker"].tolist() == ["Yes", "No", "No", "Yes"]
    assert [name for name, _ in cohort.source.sha256s] == ["export.csv", "dictionary.csv"]
    said = "export.csv: The codes of `treat`, `sex`, `smoker` are read as the words of"
    assert any(remark.sentence().startswith(said) for remark in cohort.source.remarks)


def test_an_export_of_labels_gives_the_same(redcap):
    by_codes = redcap.load()
    for code, word in ((",2,0,1,", ",Active,Female,Yes,"), (",1,1,0,", ",Control,Male,No,")):
        redcap.replace(code, word)
    redcap.replace(",2,0,0,", ",Active,Female,No,").replace(",1,1,1,", ",Control,Male,Yes,")
    assert_same_frames(by_codes, redcap.load())


def test_codes_stay_where_the_plan_asks_for_them(redcap):
    redcap.data["labelled_values"] = "codes"
    redcap.data["labels"]["arm"] = {"2": "active", "1": "control"}
    assert redcap.load().subjects["sex"].tolist() == [0, 1, 0, 1]


def test_a_code_without_words_is_told(redcap):
    redcap.replace("3,baseline_arm_1,,2,0,", "3,baseline_arm_1,,2,7,")
    redcap.data["factors"] = ["sex"]
    cohort = redcap.load()
    assert cohort.subjects["sex"].tolist() == ["0", "1", "7", "1"]
    said = "Some codes of `sex` have no words in dictionary.csv; the codes stay"
    assert any(said in remark.sentence() for remark in cohort.source.remarks)


def test_frames_in_place_of_files_are_read_without_a_dictionary(redcap):
    redcap.data["labels"]["arm"] = {"2": "active", "1": "control"}
    frame = pd.read_csv(io.StringIO(EXPORT), dtype=str)
    plan = AnalysisPlan.model_validate(redcap.plan)
    cohort = load_cohort(plan, Frames({"subjects": frame, "visits": frame}))
    said = "The data dictionary was not read, as frames stand for the files"
    assert any(said in remark.sentence() for remark in cohort.source.remarks)
    assert cohort.subjects["sex"].tolist() == [0, 1, 0, 1]


def test_a_dictionary_that_is_none_is_refused(redcap):
    redcap.add("dictionary.csv", "a,b\n1,2\n")
    assert any(p.place == "dictionary.csv" for p in redcap.problems())
    redcap.data["dictionary"] = "none.csv"
    assert any(p.found == "no such file" for p in redcap.problems())


def test_inspect_reads_a_folder_of_exports_with_its_dictionary(tmp_path):
    (tmp_path / "dictionary.csv").write_text(DICTIONARY, encoding="utf-8")
    rows = (f"{n},{1 + n % 2},{20 + n},{15 + n},{12 + n}" for n in range(24))
    head = "record_id,treat,madrs_base,madrs_1d,madrs_7d"
    (tmp_path / "export.csv").write_text("\n".join([head, *rows]), encoding="utf-8")
    seen = inspect_folder(tmp_path)
    (guess,) = seen.guesses
    assert guess.columns["treat"].labels() == ("Active", "Control")
    assert [proposal.plan["data"]["dictionary"] for proposal in seen.proposals] == [
        "dictionary.csv"
    ]


def test_a_folder_that_holds_a_dictionary_alone(tmp_path):
    (tmp_path / "dictionary.csv").write_text(DICTIONARY, encoding="utf-8")
    with pytest.raises(DataError, match="nothing to look at"):
        inspect_folder(tmp_path)
