"""Public datasets, in the formats in which they are published."""

from pathlib import Path

import pandas as pd
import pytest

from ketaoutcomes.data import load_cohort
from ketaoutcomes.families.fitting import derive_endpoint
from ketaoutcomes.families.repeated_measures.mmrm import fit_mmrm_analysis
from ketaoutcomes.families.repeated_measures.plan import MmrmAnalysis
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.reading.plan_file import read_plan
from unit.data.test_load import assert_same_cohort

ANALYSES = Path(__file__).parents[3] / "analyses"
PRINTED_DIGITS = 5e-4
"""The published numbers have three decimals."""

PILOT_DATES = (
    *("TRTSDT", "TRTEDT", "DISONSDT", "VISIT1DT", "RFSTDTC", "RFENDTC", "RFENDT"),
    *("STARTDT", "ADT"),
)


def with_data(plan: AnalysisPlan, **changes) -> AnalysisPlan:
    return plan.model_copy(update={"data": plan.data.model_copy(update=changes)})


@pytest.fixture
def hamd17():
    return read_plan(ANALYSES / "hamd17.yaml")[0]


@pytest.fixture
def hamd17_cohort(hamd17, real_data_dir):
    return load_cohort(hamd17, real_data_dir / "dia_antidepressant_hamd17")


def test_hamd17_counts(hamd17_cohort):
    """Published: 84 on drug and 88 on placebo; 608 scores after baseline."""
    assert hamd17_cohort.assignments["arm"].value_counts().to_dict() == {"placebo": 88, "drug": 84}
    visits = hamd17_cohort.visits
    assert (visits["visit"] != "Baseline").sum() == 608
    assert visits.groupby("visit")["day"].median().tolist() == [0.0, 7.0, 14.0, 28.0, 42.0]


def test_sas_and_csv_are_the_same_cohort(hamd17, hamd17_cohort, real_data_dir):
    sas = with_data(hamd17, files={"visits": "original/chapter15_example.sas7bdat"})
    by_sas = load_cohort(sas, real_data_dir / "dia_antidepressant_hamd17")
    assert_same_cohort(hamd17_cohort, by_sas)


def test_hamd17_mmrm_as_published(hamd17, hamd17_cohort):
    """CAMIS (PSIaims), reference-based imputation pages: -2.829, SE 1.117, p 0.0123."""
    analysis = hamd17.analyses["primary"]
    assert isinstance(analysis, MmrmAnalysis)
    endpoint = derive_endpoint(hamd17, "primary", hamd17_cohort)
    fitted = fit_mmrm_analysis("primary", analysis, hamd17.estimands["primary"], endpoint, 0.95)
    wanted = "week_6/drug/placebo/difference_in_ls_means"
    (difference,) = (row for row in fitted.results if row.id.endswith(wanted))
    assert difference.estimate == pytest.approx(-2.829, abs=PRINTED_DIGITS)
    assert difference.std_error == pytest.approx(1.117, abs=PRINTED_DIGITS)
    assert difference.p_value == pytest.approx(0.0123, abs=5e-5)


def test_smoking_relapse(real_data_dir):
    """Steinberg et al. 2009: 125 subjects, 61 on the combination, followed to day 182."""
    plan = read_plan(ANALYSES / "smoking_relapse.yaml")[0]
    cohort = load_cohort(plan, real_data_dir / "smoking_relapse_pharmacotherapy")
    arms = cohort.assignments["arm"].value_counts().to_dict()
    assert arms == {"patch": 64, "combination": 61}
    assert cohort.times["event"].sum() == 89
    assert cohort.times["time"].max() == 182.0
    assert cohort.subjects["age"].dtype == float


def test_adam_by_xpt_and_csv(real_data_dir):
    """ADSL and ADTTE of the CDISC pilot: 254 subjects, CNSR turned round, other arms left out."""
    smoking = read_plan(ANALYSES / "smoking_relapse.yaml")[0].model_dump(exclude_none=True)
    phase = smoking["phases"]["treatment"] | {
        "arms": {"placebo": "Placebo", "high": "Xanomeline high dose"},
        "reference": "placebo",
    }
    contrast = {"active": "high", "reference": "placebo"}
    estimand = smoking["estimands"]["relapse"] | {"treatment": contrast}
    analysis = smoking["analyses"]["relapse"] | {"covariates": ["age", "sex"]}
    arms = ("Placebo", "Xanomeline High Dose")
    data = {
        "files": {"subjects": "original/adsl.xpt", "times": "original/adtte.xpt"},
        "columns": {
            "subject": "USUBJID",
            "arm": "TRT01A",
            "time": "AVAL",
            "censored": "CNSR",
            "covariates": {"age": "AGE", "sex": "SEX"},
        },
        "labels": {"arm": {arms[0]: "placebo", arms[1]: "high"}},
        "deidentification": {"accept": dict.fromkeys(PILOT_DATES, "moved before publication")},
        "where": {
            "subjects": {"TRT01A": arms},
            "times": {"PARAMCD": ("TTDE",), "TRTA": arms},
        },
    }
    plan = AnalysisPlan.model_validate(
        smoking
        | {"data": data, "phases": {"treatment": phase}, "estimands": {"relapse": estimand}}
        | {"analyses": {"relapse": analysis}, "report": {}}
    )
    folder = real_data_dir / "cdiscpilot01_adam"
    cohort = load_cohort(plan, folder)
    assert cohort.assignments["arm"].value_counts().to_dict() == {"placebo": 86, "high": 84}
    raw = pd.read_csv(folder / "adtte.csv")
    raw = raw[(raw["PARAMCD"] == "TTDE") & raw["TRTA"].isin(arms)]
    assert cohort.times["event"].sum() == (raw["CNSR"] == 0).sum()
    assert cohort.times["time"].sum() == raw["AVAL"].sum()
    by_csv = with_data(
        plan,
        files={"subjects": "adsl.csv", "times": "adtte.csv"},
        citation=cohort.source.description,
    )
    assert_same_cohort(cohort, load_cohort(by_csv, folder))
