"""Costs, effects and mediators of a subject, worked by hand."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from ketaoutcomes.cohort import TIME_COLUMNS, Cohort, Source, empty_frame
from ketaoutcomes.endpoints.data import MediationData, ValueData
from ketaoutcomes.errors import DataError
from ketaoutcomes.families.fitting import derive_endpoint
from ketaoutcomes.plan import AnalysisPlan
from two_arm_plans import two_arm_plan

DAYS = {"Baseline": 0.0, "Day 100": 100.0, "Day 365": 365.25}
STATES = [
    {"label": "remission", "at_most": 12, "utility": 0.9, "std_error": 0.02},
    {"label": "ill", "utility": 0.5},
]


def plan(endpoint: dict[str, Any], analysis: dict[str, Any], summary: str) -> AnalysisPlan:
    last = "Day 365" if endpoint["kind"] == "change" else None
    visits = {visit: {"hours": 24 * day} for visit, day in DAYS.items()}
    return two_arm_plan(visits, endpoint, {"summary": summary, "visit": last}, analysis)


def value_plan(**effect: Any) -> AnalysisPlan:
    return plan(
        {"kind": "costs_and_effects"} | effect,
        {"model": "cost_effectiveness"},
        "incremental net monetary benefit",
    )


def cohort(
    scores: dict[str, list[float | None]],
    scale: str = "MADRS",
    currencies: tuple[str, ...] = ("USD",),
) -> Cohort:
    rows = [
        {"subject": s, "visit": visit, "day": DAYS[visit], "score": score, "scale": scale}
        for s, values in scores.items()
        for visit, score in zip(DAYS, values, strict=True)
        if score is not None
    ]
    costs = [
        {"subject": "a", "day": 0.0, "item": "dose", "amount": 600.0, "currency": c}
        for c in currencies
    ]
    costs += [{**cost, "day": 3.0, "item": "visit", "amount": 50.0} for cost in costs]
    columns = ["subject", "day", "item", "amount", "currency"]
    return Cohort(
        subjects=pd.DataFrame({"subject": list(scores)}),
        assignments=pd.DataFrame({"subject": list(scores)}).assign(phase="p", arm="drug"),
        visits=pd.DataFrame(rows).assign(phase="p"),
        events=empty_frame(("subject", "phase", "day", "event")),
        follow_up=empty_frame(("subject", "phase", "last_day", "reason")),
        times=empty_frame(TIME_COLUMNS),
        source=Source("synthetic", ""),
        costs=pd.DataFrame(costs, columns=columns).assign(phase="p"),
    )


def value(plan_: AnalysisPlan, cohort_: Cohort) -> ValueData:
    data = derive_endpoint(plan_, "a", cohort_)
    assert isinstance(data, ValueData)
    return data


def test_a_utility_that_was_measured_is_the_area_under_it() -> None:
    scores: dict[str, list[float | None]] = {"a": [0.4, 0.8, 0.8], "b": [0.5, None, None]}
    data = value(value_plan(measured_utility={"scale": "EQ-5D"}), cohort(scores, "EQ-5D"))
    # 0.4 to 0.8 over 100 days, then 0.8; the second subject keeps 0.5 for the year.
    expected = (0.6 * 100 + 0.8 * 265.25) / 365.25
    assert data.effect.tolist() == pytest.approx([expected, 0.5])
    assert data.unit == "QALY"


def test_time_in_a_health_state_is_worth_its_utility() -> None:
    scores: dict[str, list[float | None]] = {"a": [30, 12, 10], "b": [30, 13, None]}
    data = value(value_plan(state_utility={"scale": "MADRS", "states": STATES}), cohort(scores))
    # Half of the first interval counts for each of its ends.
    well = (50 + 265.25) / 365.25
    assert data.times["remission"].tolist() == pytest.approx([well, 0.0])
    assert data.effect.tolist() == pytest.approx([0.9 * well + 0.5 * (1 - well), 0.5])
    assert data.utilities == ((0.9, 0.02), (0.5, 0.0))


def test_costs_are_summed_by_item_and_nothing_is_none() -> None:
    rule = value_plan(
        success={"scale": "MADRS", "at_most": 12, "visit": "Day 365"}, price_errors={"dose": 0.2}
    )
    data = value(rule, cohort({"a": [30, 20, 10], "b": [30, 20, 20]}))
    assert data.cost.tolist() == [650.0, 0.0]
    assert data.effect.tolist() == [1.0, 0.0]
    assert dict(zip(data.costs, data.price_errors, strict=True)) == {"dose": 0.2, "visit": 0.0}


@pytest.mark.parametrize(
    ("currencies", "found"), [((), "no costs"), (("EUR", "USD"), "costs in EUR, USD")]
)
def test_costs_in_no_or_two_currencies_are_refused(currencies: tuple[str, ...], found: str) -> None:
    rule = value_plan(success={"scale": "MADRS", "at_most": 12, "visit": "Day 365"})
    with pytest.raises(DataError, match=found):
        derive_endpoint(rule, "a", cohort({"a": [30, 20, 10]}, currencies=currencies))


@pytest.mark.parametrize(
    "states",
    [
        [{"label": "x", "at_most": 12, "utility": 1}, {"label": "y", "at_most": 20, "utility": 0}],
        [
            {"label": "x", "at_most": 12, "utility": 1},
            {"label": "y", "at_most": 9, "utility": 0.5},
            {"label": "z", "utility": 0},
        ],
    ],
)
def test_states_that_do_not_rise_to_an_open_one_are_refused(states: list[dict[str, Any]]) -> None:
    with pytest.raises(ValueError, match="every state but the last takes `at_most`"):
        value_plan(state_utility={"scale": "MADRS", "states": states})


def mediation_plan(**mediator: Any) -> AnalysisPlan:
    return plan(
        {"kind": "change", "scale": "MADRS"},
        {"model": "mediation", "mediator": {"scale": "CRP", "visit": "Day 100"} | mediator},
        "natural indirect effect",
    )


def both_scales(crp: dict[str, list[float | None]]) -> Cohort:
    outcome = cohort({name: [30.0, None, 20.0] for name in crp})
    visits = pd.concat([outcome.visits, cohort(crp, "CRP").visits], ignore_index=True)
    return Cohort(**{**vars(outcome), "visits": visits})


def test_a_mediator_is_a_change_on_its_own_scale() -> None:
    data = derive_endpoint(
        mediation_plan(logarithm=True), "a", both_scales({"a": [4.0, 1.0, None], "b": [4, None, 1]})
    )
    assert isinstance(data, MediationData)
    row = data.frame.iloc[0]
    assert (row["outcome"], row["baseline"]) == (-10, 30)
    assert (row["mediator"], row["mediator_baseline"]) == pytest.approx((-np.log(4), np.log(4)))
    assert data.excluded == (("no CRP at Day 100 or at baseline", 1),)


def test_the_logarithm_of_nothing_is_refused() -> None:
    with pytest.raises(DataError, match="values above 0"):
        derive_endpoint(mediation_plan(logarithm=True), "a", both_scales({"a": [0.0, 1.0, None]}))


def test_an_error_of_a_price_that_nobody_paid_is_kept_for_the_analysis_to_tell() -> None:
    rule = value_plan(
        success={"scale": "MADRS", "at_most": 12, "visit": "Day 365"}, price_errors={"dosis": 0.2}
    )
    assert value(rule, cohort({"a": [30, 20, 10]})).unknown_prices == ("dosis",)
