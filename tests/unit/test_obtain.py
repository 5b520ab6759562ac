"""Levels of a covariate as the arms of a phase, and some of a scenario's arms."""

from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ketaoutcomes.cohort import TIME_COLUMNS, Cohort, Source, empty_frame
from ketaoutcomes.cohorts.obtain import grouped, obtain_cohort, scenario_of
from ketaoutcomes.cohorts.truth import true_values
from ketaoutcomes.errors import DataError, PlanError
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
    with pytest.raises(DataError, match="a covariate of the participants"):
        grouped(plan, without)


def test_nobody_is_allocated_to_a_payer_so_there_is_no_true_effect(plan: AnalysisPlan) -> None:
    assert true_values(plan) == ()


def dose_plan(arms: list[str], **synthetic: int) -> AnalysisPlan:
    """Some arms of the scenario `dose`, the first as reference."""
    return AnalysisPlan.model_validate(
        {
            "study": {"id": "x", "title": "x", "question": "x", "condition": "x"},
            "data": {"synthetic": {"scenario": "dose", "seed": 1, **synthetic}},
            "phases": {
                "infusion": {
                    "label": "x",
                    "arms": {arm: arm for arm in arms},
                    "reference": arms[0],
                    "visits": {"Baseline": {"hours": 0}, "Day 2": {"day": 2}},
                }
            },
            "endpoints": {"c": {"kind": "change", "phase": "infusion", "scale": "MADRS"}},
            "estimands": {
                "c": {
                    "population": "x",
                    "treatment": {"active": arms[1], "reference": arms[0]},
                    "endpoint": "c",
                    "visit": "Day 2",
                    "summary": "difference in means",
                }
            },
            "analyses": {"c": {"estimand": "c", "role": "primary", "model": "mmrm"}},
        }
    )


ARMS = ["midazolam", "ketamine_0_1", "ketamine_0_2", "ketamine_0_5", "ketamine_1_0"]


@given(st.lists(st.sampled_from(ARMS), min_size=2, unique=True), st.integers(20, 120))
@settings(max_examples=15)
def test_the_arms_of_the_plan_share_all_the_participants(arms: list[str], n: int) -> None:
    cohort, _ = obtain_cohort(dose_plan(arms, subjects=n), None)
    assert len(cohort.subjects) == len(cohort.assignments) == n
    assert set(cohort.assignments["arm"]) <= set(arms)
    told = [remark.what for remark in cohort.source.remarks]
    assert len(told) == (len(arms) < len(ARMS))


def test_participants_are_the_same_whatever_arms_they_are_offered() -> None:
    """Two routes: baseline scores do not hang on the allocation."""
    some, every = (
        obtain_cohort(dose_plan(arms, subjects=80), None)[0].visits for arms in (ARMS[:2], ARMS)
    )
    baseline = [v[v["visit"] == "Baseline"].reset_index(drop=True) for v in (some, every)]
    pd.testing.assert_frame_equal(*baseline)


@pytest.mark.usefixtures("few_pairs")
def test_the_truth_of_two_arms_is_that_of_the_whole_scenario() -> None:
    arms = ["midazolam", "ketamine_0_5"]
    of_some = true_values(dose_plan(arms, subjects=40))
    of_every = true_values(dose_plan([*arms, *(a for a in ARMS if a not in arms)], subjects=40))
    assert [row.estimate for row in of_some] == [row.estimate for row in of_every]


def test_a_phase_needs_the_arm_from_which_its_participants_come() -> None:
    plan = read_plan(ACCESS.with_name("trd.yaml"))[0]
    first = plan.phases["induction"]
    arms = {arm: label for arm, label in first.arms.items() if arm != "esketamine"}
    without = first.model_copy(update={"arms": arms, "reference": ""})
    changed = plan.model_copy(update={"phases": {**plan.phases, "induction": without}})
    with pytest.raises(PlanError, match="from which the participants of"):
        scenario_of(changed)


def test_periods_of_a_crossover_need_the_same_arms() -> None:
    plan = read_plan(ACCESS.with_name("ocd.yaml"))[0]
    first = plan.phases["period_1"]
    one = dict(list(first.arms.items())[:1])
    alone = first.model_copy(update={"arms": one, "reference": ""})
    changed = plan.model_copy(update={"phases": {**plan.phases, "period_1": alone}})
    with pytest.raises(PlanError, match="name the same arms in both phases"):
        scenario_of(changed)
