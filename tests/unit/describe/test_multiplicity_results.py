"""Families of hypotheses of a plan, from results to adjusted p-values."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from ketaoutcomes.cohorts.obtain import narrow_plan
from ketaoutcomes.errors import PlanError
from ketaoutcomes.families.shared.record import MmrmRecord
from ketaoutcomes.hypotheses.multiplicity import multiplicity_results
from ketaoutcomes.numerics.multiplicity.max_t import MaxT
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.reading.plan_file import read_plan
from ketaoutcomes.results import Result

TRD = Path(__file__).parents[3] / "analyses" / "trd.yaml"
VISITS = ("24 hours", "Day 8", "Day 15", "Day 22", "Day 28")


@pytest.fixture(scope="module")
def plan() -> AnalysisPlan:
    return read_plan(TRD)[0]


def with_family(plan: AnalysisPlan, **family: object) -> AnalysisPlan:
    data = plan.model_dump(exclude_none=True) | {"multiplicity": {"f": family}}
    return AnalysisPlan.model_validate(data)


def difference(visit: str, t: float, df: float = 300.0) -> Result:
    return Result(
        table="mmrmt01",
        statistic="difference in LS means",
        analysis="primary",
        visit=visit,
        arm="esketamine",
        reference="placebo",
        estimate=t,
        std_error=1.0,
        df=df,
        test_statistic=t,
        p_value=float(2 * stats.t.sf(abs(t), df)),
        unit="points",
    )


def proportion(analysis: str, p: float | None) -> Result:
    return Result(
        table="rspt01",
        statistic="risk difference",
        analysis=analysis,
        visit="Day 28",
        arm="esketamine",
        reference="placebo",
        estimate=0.1,
        p_value=p,
        status="ok" if p is not None else "failed",
        message="" if p is not None else "an arm has no participant",
    )


ROWS = tuple(
    difference(visit, t) for visit, t in zip(VISITS, (-4, -3, -2.5, -2, -2.4), strict=True)
)
R = 0.6 ** np.abs(np.subtract.outer(np.arange(5), np.arange(5)))
RECORD = MmrmRecord(
    analysis="primary",
    converged=True,
    structure="us",
    ladder=(("us", "kept"),),
    visits=VISITS,
    covariance=np.eye(5)[None],
    groups=(),
    residuals=np.zeros(1),
    n_subjects=300,
    n_obs=1500,
    tests=tuple(row.id for row in ROWS),
    correlation=R,
)


def adjusted(plan: AnalysisPlan, rows: tuple[Result, ...] = ROWS) -> dict[str, Result]:
    found = multiplicity_results(plan, rows, (RECORD,))
    return {row.group.split()[-1]: row for row in found if row.statistic == "adjusted p"}


def test_the_graph_passes_its_level_on(plan):
    rows = (*ROWS, proportion("response", 0.02), proportion("remission", 0.03))
    found = adjusted(plan, rows)
    assert found["change"].p_value == pytest.approx(ROWS[-1].p_value)
    # half of the level, then the rest
    assert found["response"].p_value == pytest.approx(0.04)
    assert found["remission"].p_value == pytest.approx(0.04)
    assert found["remission"].message == "rejected at 0.05"


def test_a_hypothesis_that_was_not_tested_is_not_rejected(plan):
    rows = (*ROWS, proportion("response", None), proportion("remission", 0.03))
    found = adjusted(plan, rows)
    assert found["response"].status == "failed"
    assert found["response"].message == (
        "an arm has no participant; the hypothesis counts as not rejected"
    )
    assert found["remission"].message == "not rejected at 0.05"


def test_correlated_visits_are_adjusted_together(plan):
    hypotheses = {f"h{i}": {"analysis": "primary", "visit": v} for i, v in enumerate(VISITS[:3])}
    found = adjusted(with_family(plan, method="dunnett", hypotheses=hypotheses))
    joint = MaxT(R[:3, :3], 300.0)
    for i in range(3):
        row = found[f"h{i}"]
        assert row.p_value == pytest.approx(joint.p_value(ROWS[i].test_statistic), rel=1e-9)
        half = joint.critical(0.95)
        limits = (ROWS[i].estimate - half, ROWS[i].estimate + half)
        assert (row.conf_low, row.conf_high) == pytest.approx(limits)
        # the interval and the adjusted p say the same
        assert (row.conf_high < 0) == (row.p_value < 0.05)


def test_bonferroni_has_intervals_at_its_own_level(plan):
    hypotheses = {"a": {"analysis": "primary"}, "b": {"analysis": "primary", "visit": "Day 8"}}
    row = adjusted(with_family(plan, method="bonferroni", hypotheses=hypotheses))["a"]
    half = stats.t.isf(0.05 / 4, 300)
    assert (row.conf_low, row.conf_high) == pytest.approx((-2.4 - half, -2.4 + half))
    holm = adjusted(with_family(plan, method="holm", hypotheses=hypotheses))["a"]
    assert (holm.conf_low, holm.conf_level) == (None, None)


def test_a_contrast_is_a_hypothesis(plan):
    hypotheses = {"a": {"analysis": "primary", "contrast": "average"}, "b": {"analysis": "primary"}}
    rows = (*ROWS, replace(difference("", -3.0), statistic="contrast", group="average"))
    found = adjusted(with_family(plan, method="fixed_sequence", hypotheses=hypotheses), rows)
    assert found["a"].p_value == rows[-1].p_value
    assert found["b"].p_value == pytest.approx(ROWS[-1].p_value)


def test_a_run_of_some_analyses_drops_families_that_need_others(plan):
    assert set(narrow_plan(plan, ("primary",), None).multiplicity) == {"every_visit"}
    assert set(narrow_plan(plan, (), None).multiplicity) == {"confirmatory", "every_visit"}


FAULTS = {
    "weights: {change: 1}": ("weights: {chang: 1}", "`hypotheses` has no chang"),
    "change: {response: 0.5, remission: 0.5}": (
        "change: {response: 0.7, remission: 0.5}",
        "the transitions of change must not be negative, and of sum at most 1",
    ),
    "method: dunnett\n": ("method: dunet\n", "did you mean `dunnett`?"),
    "day_8: {analysis: primary, visit: Day 8}": (
        "day_8: {analysis: response}",
        "all hypotheses of one analysis",
    ),
    "day_15: {analysis: primary, visit: Day 15}": (
        "day_15: {analysis: primary, visit: day_15}",
        "did you mean `Day 15`?",
    ),
    "change: {analysis: primary}": (
        "change: {analysis: primary, contrast: slop}",
        "did you mean `slope`?",
    ),
    "remission: {analysis: remission}": (
        "remission: {analysis: remision}",
        "did you mean `remission`?",
    ),
}


@pytest.mark.parametrize("old", FAULTS)
def test_a_fault_is_told_with_its_place(tmp_path, old):
    new, message = FAULTS[old]
    text = TRD.read_text()
    assert text.count(old) == 1
    path = tmp_path / "plan.yaml"
    path.write_text(text.replace(old, new))
    with pytest.raises(PlanError) as error:
        read_plan(path)
    assert message in str(error.value)
    assert f"{path}:" in str(error.value)
