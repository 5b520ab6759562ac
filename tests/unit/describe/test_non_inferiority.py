"""Conclusions against a margin, by the direction in which the endpoint is worse."""

from pathlib import Path

import pytest
from scipy import stats

from ketaoutcomes.hypotheses.non_inferiority import limit_of, non_inferiority_results
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.reading.plan_file import read_plan
from ketaoutcomes.results import Result

TRD = Path(__file__).parents[3] / "analyses" / "trd.yaml"


def with_margin(analysis: str, margin: float) -> AnalysisPlan:
    data = read_plan(TRD)[0].model_dump(exclude_none=True)
    data["analyses"][analysis]["margin"] = margin
    return AnalysisPlan.model_validate(data)


def compared(
    analysis: str, margin: float, estimate: float, half: float, **fields: object
) -> Result:
    known = {
        "primary": ("mmrmt01", "difference in LS means", "esketamine", "placebo", "Day 28"),
        "response": ("rspt01", "risk difference", "esketamine", "placebo", "Day 28"),
        "relapse": ("ttet01", "difference in restricted means", "continue", "withdraw", ""),
    }
    table, statistic, arm, reference, visit = known[analysis]
    row = Result(
        table=table,
        statistic=statistic,
        analysis=analysis,
        arm=arm,
        reference=reference,
        visit=visit,
        estimate=estimate,
        conf_low=estimate - half,
        conf_high=estimate + half,
        conf_level=0.95,
        **fields,
    )
    (found,) = non_inferiority_results(with_margin(analysis, margin), (row,))
    return found


@pytest.mark.parametrize(
    ("analysis", "margin", "estimate", "half", "met"),
    [
        # a rise of the MADRS is worse
        ("primary", 2, 0.5, 1.4, True),
        ("primary", 2, 0.5, 1.6, False),
        ("primary", 2, -5.0, 1.0, True),
        # fewer responders are worse
        ("response", 0.1, -0.05, 0.04, True),
        ("response", 0.1, -0.05, 0.06, False),
        # an earlier relapse is worse
        ("relapse", 7, -3.0, 3.0, True),
        ("relapse", 7, -3.0, 5.0, False),
    ],
)
def test_the_whole_interval_lies_on_the_right_side(analysis, margin, estimate, half, met):
    row = compared(analysis, margin, estimate, half)
    assert row.message.startswith("non-inferior:" if met else "non-inferiority not shown")


def test_the_one_sided_test_agrees_with_the_interval():
    df, se = 40.0, 0.7
    half = stats.t.ppf(0.975, df) * se
    for estimate in (0.5, 0.58, 0.6, 1.5):
        row = compared("primary", 2, estimate, half, std_error=se, df=df)
        assert row.p_value == pytest.approx(stats.t.cdf((estimate - 2) / se, df))
        assert (row.p_value < 0.025) == row.message.startswith("non-inferior:")


def test_without_an_interval_nothing_is_concluded():
    plan = with_margin("primary", 2)
    (row,) = non_inferiority_results(plan, ())
    assert (row.status, row.message) == ("failed", "there is no interval")


@pytest.mark.parametrize(
    ("plan_name", "analysis", "summary", "value", "higher_is_worse"),
    [
        # an earlier relapse is worse, an earlier response is better
        ("maintenance", "relapse", "hazard ratio", 1.25, True),
        ("onset_comparison", "onset", "hazard ratio", 0.8, False),
        ("maintenance", "relapse", "time ratio", 0.8, False),
        ("onset_comparison", "onset", "time ratio", 1.25, True),
        ("maintenance", "severe_episodes", "rate ratio", 1.25, True),
    ],
)
def test_the_limit_of_a_ratio(plan_name, analysis, summary, value, higher_is_worse):
    plan, _ = read_plan(TRD.with_name(f"{plan_name}.yaml"))
    name = plan.analyses[analysis].estimand
    changed = plan.estimands[name].model_copy(update={"summary": summary})
    plan = plan.model_copy(update={"estimands": {**plan.estimands, name: changed}})
    limit = limit_of(plan, analysis, 1.25)
    assert (limit.value, limit.higher_is_worse) == (pytest.approx(value), higher_is_worse)


@pytest.mark.parametrize(
    ("plan_name", "analysis", "summary", "higher_is_worse"),
    [
        # a first session is wanted: the later it comes and the fewer have one, the worse
        ("access", "access", "difference in proportions", False),
        ("access", "wait", "difference in restricted mean time", True),
        ("access", "wait", "hazard ratio", False),
        # an attempt is not
        ("suicidality", "attempt", "difference in proportions", True),
    ],
)
def test_the_side_that_is_worse_follows_what_the_event_is(
    plan_name, analysis, summary, higher_is_worse
):
    plan, _ = read_plan(TRD.with_name(f"{plan_name}.yaml"))
    name = plan.analyses[analysis].estimand
    changed = plan.estimands[name].model_copy(update={"summary": summary})
    plan = plan.model_copy(update={"estimands": {**plan.estimands, name: changed}})
    assert limit_of(plan, analysis, 1.25).higher_is_worse == higher_is_worse
