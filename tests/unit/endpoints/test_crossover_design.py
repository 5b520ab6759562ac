"""Participants who do not cross over are refused before anything is fitted."""

import pandas as pd
import pytest

from ketaoutcomes.cohort import TIME_COLUMNS, Cohort, Source, empty_frame
from ketaoutcomes.errors import DataError
from ketaoutcomes.families.crossover.derive import derive_crossover
from ketaoutcomes.families.crossover.plan import CrossoverAnalysis
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.reading.references import dangling_references
from two_arm_plans import two_arm_plan

VISITS = {"b": {"day": 1}, "v": {"day": 8}}
CHANGE = {"kind": "change", "scale": "MADRS"}
MEANS = {"visit": "v", "summary": "difference in means"}


def plan_of(periods: list[str], second: dict[str, object] | None = None) -> AnalysisPlan:
    analysis = {"model": "crossover", "periods": periods, "covariates": []}
    plan = two_arm_plan(VISITS, CHANGE, MEANS, analysis)
    further = plan.phases["p"].model_copy(update=second or {})
    return plan.model_copy(update={"phases": {**plan.phases, "q": further}})


def cohort(sequences: list[tuple[str, ...]]) -> Cohort:
    rows = [
        (f"s{place:02d}", phase, arm)
        for place, arms in enumerate(sequences)
        for phase, arm in zip("pq", arms, strict=False)
    ]
    assignments = pd.DataFrame(rows, columns=["subject", "phase", "arm"])
    scores = [
        (one, phase, visit, day, "MADRS", 20.0 + place)
        for place, (one, phase, _) in enumerate(rows)
        for visit, day in (("b", 0.0), ("v", 7.0))
    ]
    columns = ["subject", "phase", "visit", "day", "scale", "score"]
    return Cohort(
        subjects=assignments[["subject"]].drop_duplicates(ignore_index=True),
        assignments=assignments,
        visits=pd.DataFrame(scores, columns=columns),
        events=empty_frame(("subject", "phase", "day", "event")),
        follow_up=empty_frame(("subject", "phase", "last_day", "reason")),
        times=empty_frame(TIME_COLUMNS),
        source=Source("real", ""),
    )


def derived(sequences: list[tuple[str, ...]]) -> object:
    plan = plan_of(["p", "q"])
    assert isinstance(plan.analyses["a"], CrossoverAnalysis)
    return derive_crossover(plan, "a", cohort(sequences))


CROSSOVERS = {
    "two sequences": [("drug", "control"), ("control", "drug")] * 3,
    "two sequences, some left early": [("drug", "control"), ("control", "drug"), ("drug",)] * 3,
    "Balaam's design": [(a, b) for a in ("drug", "control") for b in ("drug", "control")] * 2,
}
NO_CROSSOVERS = {
    "parallel groups": [("drug", "drug"), ("control", "control")] * 3,
    "one sequence": [("control", "drug")] * 6,
    "non-responders to control again": [("control", "drug"), ("control", "control"), ("drug",)] * 3,
    "the drug goes on": [("control", "drug"), ("control", "control"), ("drug", "drug")] * 3,
}


@pytest.mark.parametrize("design", CROSSOVERS)
def test_a_crossover_is_taken(design: str) -> None:
    derived(CROSSOVERS[design])


@pytest.mark.parametrize("design", NO_CROSSOVERS)
def test_another_design_is_refused_with_the_reason(design: str) -> None:
    with pytest.raises(DataError, match="do not cross over"):
        derived(NO_CROSSOVERS[design])


@pytest.mark.parametrize(
    ("periods", "second", "words"),
    [
        (["p", "q"], {"visits": {"b": {"day": 1}, "w": {"day": 8}}}, "same visits"),
        (["p", "q"], {"arms": {"control": "C", "other": "O"}}, "same arms"),
        (["p", "p"], {}, "each period once"),
        (["q", "q"], {}, "is the phase of the estimand"),
    ],
)
def test_periods_that_do_not_fit_each_other_are_a_fault_of_the_plan(
    periods: list[str], second: dict[str, object], words: str
) -> None:
    plan = plan_of(periods)
    data = plan.model_dump()
    data["phases"]["q"] |= second
    faults = dangling_references(AnalysisPlan.model_validate(data))
    assert any(words in fault.expected for fault in faults)


@pytest.mark.parametrize(("model", "least"), [("random_intercept", 2), ("random_slope", 3)])
def test_random_effects_need_one_visit_more_than_they_are(model: str, least: int) -> None:
    for n_visits in (1, 2, 3):
        visits = {"b": {"day": 1}} | {f"v{i}": {"day": 8 * i} for i in range(1, n_visits + 1)}
        estimand = {"visit": "v1", "summary": "difference in means"}
        plan = two_arm_plan(visits, CHANGE, estimand, {"model": model})
        refused = [f for f in dangling_references(plan) if "visits after baseline" in f.expected]
        assert bool(refused) == (n_visits < least)
