"""Levels of a covariate as the arms of a phase."""

from pathlib import Path

import pandas as pd
import pytest

from ketaoutcomes.cohort import TIME_COLUMNS, Cohort, Source, empty_frame
from ketaoutcomes.cohorts.obtain import grouped
from ketaoutcomes.cohorts.truth import true_values
from ketaoutcomes.errors import DataError
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.reading.plan_file import read_plan

ACCESS = Path(__file__).resolve().parents[2] / "analyses" / "access.yaml"


def cohort(payers: list[str]) -> Cohort:
    subjects = [f"s{i}" for i in range(len(payers))]
    return Cohort(
        subjects=pd.DataFrame({"subject": subjects, "payer": payers}),
        assignments=pd.DataFrame({"subject": subjects, "phase": "referral", "arm": "referred"}),
        visits=empty_frame(("subject", "phase", "visit", "day", "scale", "score")),
        events=empty_frame(("subject", "phase", "day", "event")),
        follow_up=empty_frame(("subject", "phase", "last_day", "reason")),
        times=empty_frame(TIME_COLUMNS),
        source=Source("synthetic", ""),
    )


@pytest.fixture(scope="module")
def plan() -> AnalysisPlan:
    return read_plan(ACCESS)[0]


def test_the_levels_become_the_arms(plan: AnalysisPlan) -> None:
    found = grouped(plan, cohort(["Medicaid", "commercial"]))
    assert found.assignments["arm"].tolist() == ["Medicaid", "commercial"]


def test_a_level_that_the_plan_does_not_name_is_told(plan: AnalysisPlan) -> None:
    with pytest.raises(DataError, match="Tricare") as caught:
        grouped(plan, cohort(["commercial", "Tricare"]))
    assert "name them under `arms`" in str(caught.value)


def test_a_covariate_that_is_not_there_is_told(plan: AnalysisPlan) -> None:
    whole = cohort(["commercial"])
    without = Cohort(**{**vars(whole), "subjects": whole.subjects.rename(columns={"payer": "p"})})
    with pytest.raises(DataError, match="a covariate of the subjects"):
        grouped(plan, without)


def test_nobody_is_allocated_to_a_payer_so_there_is_no_true_effect(plan: AnalysisPlan) -> None:
    assert true_values(plan) == ()
