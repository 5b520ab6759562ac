"""What the plan asked for fails a run; what comes along does not."""

from collections.abc import Mapping
from typing import Any

import pytest

from ketaoutcomes.describe.standing import unavailable_remarks, with_standing
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.results import Result, ResultTable
from two_arm_plans import two_arm_plan

VISITS = {"b": {"day": 1}, "v": {"day": 8}, "w": {"day": 15}}


def survival_plan(**options: Any) -> AnalysisPlan:
    model = {"model": "time_to_event", "rmst_days": 20, **options}
    return two_arm_plan({}, {"kind": "time_to_event"}, {"summary": "hazard ratio"}, model)


def row(table: str, statistic: str, *, done: bool, **fields: Any) -> Result:
    return Result(
        table=table,
        statistic=statistic,
        analysis="a",
        arm="drug",
        reference="control",
        estimate=0.5 if done else None,
        status="ok" if done else "failed",
        message="" if done else "for this reason",
        **fields,
    )


HAZARD_RATIO = row("ttet01", "hazard ratio", done=True)
ADDED: Mapping[str, Result] = {
    "proportional hazards": row("ttet01", "proportional hazards test", done=False, group="global"),
    "log-rank": row("ttet01", "log-rank test", done=False),
    "restricted mean": row("ttet01", "difference in restricted means", done=False),
    "adjusted": row("ttet01", "ratio of restricted means (adjusted)", done=False),
    "a kind that nobody had": row("cift01", "Gray's test", done=False, group="x", n_events=0),
}
NAMED: Mapping[str, Result] = {
    "milestone": row("ttet01", "difference in survival", done=False, group="day 90"),
    "weighted test": row("ttet01", "Tarone-Ware test", done=False),
    "competing kind": row("cift01", "Gray's test", done=False, group="x", n_events=3),
    "margin": row("nint01", "non-inferiority", done=False),
    "hypothesis": row("multt01", "p-value", done=False),
    "subgroup": row("subt01", "interaction", done=False, group="sex"),
}


@pytest.mark.parametrize("what", ADDED)
def test_what_comes_along_is_unavailable_and_fails_no_run(what: str) -> None:
    rows = with_standing(survival_plan(), (HAZARD_RATIO, ADDED[what]))
    assert [one.status for one in rows] == ["ok", "unavailable"]
    assert ResultTable(rows).failures == ()
    (remark,) = unavailable_remarks(rows)
    assert "could not be computed: for this reason" in remark.what
    assert remark.analyses == ("a",)


@pytest.mark.parametrize("what", NAMED)
def test_what_the_plan_names_fails_the_run(what: str) -> None:
    rows = with_standing(survival_plan(), (HAZARD_RATIO, NAMED[what]))
    assert len(ResultTable(rows).failures) == 1
    assert unavailable_remarks(rows) == ()


@pytest.mark.parametrize("what", [*ADDED, *NAMED])
def test_without_the_main_result_every_failure_says_why(what: str) -> None:
    failed = row("ttet01", "hazard ratio", done=False)
    rows = with_standing(survival_plan(), (failed, {**ADDED, **NAMED}[what]))
    assert len(ResultTable(rows).failures) == 2


def test_the_identity_of_a_row_stays() -> None:
    rows = (HAZARD_RATIO, *ADDED.values())
    assert [r.id for r in with_standing(survival_plan(), rows)] == [r.id for r in rows]


def test_a_visit_that_the_estimand_does_not_ask_about_comes_along() -> None:
    estimand = {"visit": "w", "summary": "difference in means"}
    plan = two_arm_plan(VISITS, {"kind": "change", "scale": "MADRS"}, estimand, {"model": "mmrm"})
    asked = row("mmrmt01", "difference in LS means", done=True, visit="w")
    other = row("mmrmt01", "difference in LS means", done=False, visit="v")
    assert with_standing(plan, (asked, other))[1].status == "unavailable"


@pytest.mark.parametrize(
    ("written", "status"), [({}, "unavailable"), ({"carryover": True}, "failed")]
)
def test_carry_over_is_asked_for_where_the_plan_writes_it(
    written: dict[str, bool], status: str
) -> None:
    estimand = {"visit": "v", "summary": "difference in means"}
    model = {"model": "crossover", "periods": ["p", "q"], **written}
    plan = two_arm_plan(VISITS, {"kind": "change", "scale": "MADRS"}, estimand, model)
    main = row("crot01", "difference in LS means", done=True, visit="v")
    carry = row("crot01", "carry-over", done=False, visit="v")
    assert with_standing(plan, (main, carry))[1].status == status


def test_a_true_value_that_cannot_be_had_fails_no_run() -> None:
    truth = Result(table="trut01", statistic="rate ratio", status="failed", message="no event")
    (found,) = with_standing(survival_plan(), (truth,))
    assert found.status == "unavailable"
