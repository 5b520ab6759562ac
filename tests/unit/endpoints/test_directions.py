"""Scales where higher is better: the same trial on a scale and on its mirror image."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ketaoutcomes.cohort import TIME_COLUMNS, Cohort, Source, empty_frame
from ketaoutcomes.endpoints.data import BinaryData
from ketaoutcomes.families.fitting import derive_endpoint
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.remarks import Remark
from two_arm_plans import two_arm_plan

DAYS = (0, 7, 14, 21)
VISITS = {f"v{day}": {"hours": 24 * day} for day in DAYS}
LOW, HIGH = 0, 60
SCALES = {
    name: {"label": name, "low": low, "high": HIGH, "better": better, "source": "x"}
    for name, low, better in (
        ("ILL", LOW, "lower"),
        ("WELL", LOW, "higher"),
        ("FROM 30", 30, "lower"),
        ("SIGNED", -HIGH, "higher"),
    )
}
SUMMARIES = {
    "response": "difference in proportions",
    "remission": "difference in proportions",
    "incidence": "difference in proportions",
    "change": "difference in means",
    "costs_and_effects": "incremental net monetary benefit",
}
MODELS: dict[str, dict[str, Any]] = {
    "response": {"model": "proportions"},
    "remission": {"model": "proportions"},
    "incidence": {"model": "incidence"},
    "change": {"model": "mmrm"},
    "costs_and_effects": {"model": "cost_effectiveness", "willingness_to_pay": [1]},
}


def plan(kind: str, analysis: dict[str, Any] | None = None, **rule: Any) -> AnalysisPlan:
    summary = SUMMARIES.get(kind, "hazard ratio")
    model = MODELS.get(kind, {"model": "time_to_event", "rmst_days": 20})
    visit = {"visit": "v21"} if kind in ("response", "remission", "change") else {}
    return two_arm_plan(
        VISITS,
        {"kind": kind, **rule},
        {"intercurrent_events": {"stop": "treatment policy"}, "summary": summary, **visit},
        analysis or model,
        scales=SCALES,
    )


def cohort(scores: list[list[float]], scale: str) -> Cohort:
    """A subject for each list of scores on DAYS, in turn on drug and on control."""
    visits = [
        {"subject": f"s{i:02d}", "visit": f"v{day}", "day": float(day), "score": float(score)}
        for i, of_one in enumerate(scores)
        for day, score in zip(DAYS, of_one, strict=True)
    ]
    subjects = [f"s{i:02d}" for i in range(len(scores))]
    arms = ["drug" if i % 2 else "control" for i in range(len(scores))]
    costs = pd.DataFrame({"subject": subjects, "phase": "p", "day": 0.0, "item": "x"})
    return Cohort(
        subjects=pd.DataFrame({"subject": subjects}),
        assignments=pd.DataFrame({"subject": subjects, "phase": "p", "arm": arms}),
        visits=pd.DataFrame(visits).assign(phase="p", scale=scale),
        events=empty_frame(("subject", "phase", "day", "event")),
        follow_up=empty_frame(("subject", "phase", "last_day", "reason")),
        times=empty_frame(TIME_COLUMNS),
        source=Source("synthetic", ""),
        costs=costs.assign(amount=1.0, currency="EUR"),
    )


def derived(plan_: AnalysisPlan, scores: list[list[float]], scale: str) -> Any:
    return derive_endpoint(plan_, "a", cohort(scores, scale))


def mirrored(scores: list[list[int]]) -> list[list[int]]:
    return [[LOW + HIGH - score for score in of_one] for of_one in scores]


COURSES = st.lists(
    st.lists(st.integers(LOW, HIGH), min_size=len(DAYS), max_size=len(DAYS)),
    min_size=2,
    max_size=6,
)


@settings(max_examples=40)
@given(COURSES, st.integers(LOW, HIGH), st.integers(1, 3))
def test_remission_and_relapse_are_the_same_on_the_mirrored_scale(
    scores: list[list[int]], cut: int, consecutive: int
) -> None:
    other = LOW + HIGH - cut
    ill = derived(plan("remission", scale="ILL", at_most=cut), scores, "ILL")
    well = derived(plan("remission", scale="WELL", at_least=other), mirrored(scores), "WELL")
    assert ill.frame["outcome"].tolist() == well.frame["outcome"].tolist()
    held = {"consecutive": consecutive}
    for kind in ("time_to_relapse", "incidence"):
        rule = {"scale": "ILL", "at_least": cut, **held}
        first = derived(plan(kind, any_of=[rule]), scores, "ILL").frame
        rule = {"scale": "WELL", "at_most": other, **held}
        second = derived(plan(kind, any_of=[rule]), mirrored(scores), "WELL").frame
        shared = [c for c in ("time", "event", "after", "by", "outcome") if c in first]
        pd.testing.assert_frame_equal(first[shared], second[shared])


@settings(max_examples=40)
@given(COURSES, st.integers(LOW, HIGH))
def test_success_is_the_same_on_the_mirrored_scale(scores: list[list[int]], cut: int) -> None:
    at = {"visit": "v21"}
    ill = plan("costs_and_effects", success={"scale": "ILL", "at_most": cut, **at})
    well = plan("costs_and_effects", success={"scale": "WELL", "at_least": LOW + HIGH - cut, **at})
    first = derived(ill, scores, "ILL").effect.tolist()
    assert first == derived(well, mirrored(scores), "WELL").effect.tolist()


@settings(max_examples=40)
@given(COURSES, st.integers(1, 100))
def test_a_first_response_agrees_with_the_response_at_each_visit(
    scores: list[list[int]], percent: int
) -> None:
    """Two routes to one rule, on every scale and with either kind of percentage."""
    for scale, of in (("ILL", "baseline"), ("WELL", "baseline"), ("FROM 30", "above_lowest")):
        rule = {"scale": scale, "improvement_at_least_percent": percent, "percent_of": of}
        moved = [[max(s, 30) for s in one] for one in scores] if scale == "FROM 30" else scores
        by_visit = derived(plan("response", **rule), moved, scale)
        assert isinstance(by_visit, BinaryData)
        times = derived(plan("time_to_response", **rule), moved, scale).frame
        wide = by_visit.frame.pivot_table(
            index="subject", columns="visit", values="outcome", sort=False
        )[list(VISITS)[1:]].to_numpy()
        ever = wide.max(axis=1) > 0
        assert times["event"].tolist() == ever.tolist()
        first = np.array(DAYS[1:])[wide.argmax(axis=1)]
        assert times.loc[ever, "time"].tolist() == first[ever].tolist()


def words(remarks: tuple[Remark, ...]) -> str:
    return " ".join(f"{remark.gravity}: {remark.sentence()}" for remark in remarks)


@pytest.mark.parametrize("kind", ["response", "time_to_response"])
def test_a_baseline_of_0_has_no_response_and_is_counted(kind: str) -> None:
    data = derived(plan(kind, scale="ILL"), [[0, 0, 0, 0], [20, 10, 10, 10], [0, 5, 5, 5]], "ILL")
    outcome = data.frame["outcome" if kind == "response" else "event"].astype(float)
    assert outcome.groupby(data.frame["subject"]).max().tolist() == [0, 1, 0]
    assert "warning: endpoint `y`: 2 participants had a baseline ILL of 0" in words(data.remarks)


def test_at_the_lowest_score_there_is_no_percentage_either() -> None:
    rule = {"scale": "FROM 30", "percent_of": "above_lowest"}
    data = derived(plan("response", **rule), [[30, 30, 30, 30], [50, 40, 40, 40]], "FROM 30")
    assert data.frame.groupby("subject")["outcome"].max().tolist() == [0, 1]
    assert "1 participant had a baseline FROM 30 of 30" in words(data.remarks)


def test_of_a_negative_baseline_the_percentage_is_that_of_its_size() -> None:
    """From -20 to -25 is worse where higher is better; to -10 it is a rise of a half."""
    scores: list[list[float]] = [[-20, -25, -25, -25], [-20, -10, -10, -10]]
    data = derived(plan("response", scale="SIGNED", percent_of="baseline"), scores, "SIGNED")
    assert data.frame.groupby("subject")["outcome"].max().tolist() == [0, 1]
    assert "note: endpoint `y`: 2 participants had a baseline SIGNED below 0" in words(data.remarks)


def test_a_scale_that_does_not_start_at_0_is_said_unless_the_plan_says_which() -> None:
    scores: list[list[float]] = [[60, 40, 40, 40], [60, 60, 60, 60]]
    silent = derived(plan("response", scale="FROM 30"), scores, "FROM 30")
    assert "FROM 30 starts at 30 and not at 0" in words(silent.remarks)
    assert "Write `percent_of: above_lowest`" in words(silent.remarks)
    for of in ("baseline", "above_lowest"):
        said = derived(plan("response", scale="FROM 30", percent_of=of), scores, "FROM 30")
        assert said.remarks == ()
    assert derived(plan("response", scale="ILL"), scores, "ILL").remarks == ()


def test_an_incidence_of_an_improvement_is_said() -> None:
    scores: list[list[float]] = [[30, 10, 10, 10], [30, 30, 30, 30]]
    rule = {"any_of": [{"scale": "ILL", "at_most": 12}]}
    assert "Write `event_is: wanted`" in words(
        derived(plan("incidence", **rule), scores, "ILL").remarks
    )
    assert derived(plan("incidence", event_is="wanted", **rule), scores, "ILL").remarks == ()


TIP = {"model": "tipping_point", "role": "sensitivity", "strategies": {"stop": "missing at random"}}
MEAN = TIP | {"model": "conditional_mean"}


@pytest.mark.parametrize(
    ("scale", "analysis", "favours"),
    [
        ("ILL", TIP | {"delta_range": {"drug": [0, 5]}}, False),
        ("ILL", TIP | {"delta_range": {"drug": [-5, 0]}}, True),
        ("ILL", TIP | {"delta_range": {"drug": [-5, 1]}}, True),
        ("ILL", TIP | {"delta_range": {"drug": [0, 5], "control": [0, 5]}}, False),
        ("ILL", TIP | {"delta_range": {"control": [0, 5]}}, True),
        ("ILL", TIP | {"delta_range": {"control": [-5, 0]}}, False),
        ("ILL", TIP | {"delta_range": {"drug": [-5, 5]}}, False),
        ("WELL", TIP | {"delta_range": {"drug": [0, 5]}}, True),
        ("WELL", TIP | {"delta_range": {"drug": [-5, 0]}}, False),
        ("ILL", MEAN | {"delta": {"drug": 3}}, False),
        ("ILL", MEAN | {"delta": {"drug": -3}}, True),
        ("ILL", MEAN | {"delta": {"drug": 3, "control": 3}}, False),
        ("ILL", MEAN | {"delta": {"drug": 3, "control": 5}}, True),
        ("WELL", MEAN | {"delta": {"drug": 3}}, True),
        ("WELL", MEAN | {"delta": {"drug": -3}}, False),
        ("WELL", MEAN, False),
    ],
)
def test_shifts_that_favour_the_treatment_are_a_warning(
    scale: str, analysis: dict[str, Any], favours: bool
) -> None:
    scores: list[list[float]] = [[30, 20, 20, 20], [30, 20, 20, 20]]
    found = words(derived(plan("change", analysis, scale=scale), scores, scale).remarks)
    assert ("in favour of Drug" in found) == favours
    if favours:
        better = "lower" if scale == "ILL" else "higher"
        assert f"as {better} scores are better" in found
