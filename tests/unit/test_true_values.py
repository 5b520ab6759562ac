"""The truth of a plan on a synthetic scenario: what must hold whatever the numbers."""

from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from ketaoutcomes.cohorts.obtain import obtain_cohort, schedule_of
from ketaoutcomes.cohorts.simulation.phase import Regime
from ketaoutcomes.cohorts.simulation.scenario import read_scenario
from ketaoutcomes.cohorts.simulation.simulate import simulate
from ketaoutcomes.cohorts.truth import true_values
from ketaoutcomes.families.fitting import derive_endpoint
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.reading.plan_file import read_plan
from ketaoutcomes.results import Result

ANALYSES = Path(__file__).resolve().parents[2] / "analyses"


def plan_of(name: str, *analyses: str) -> AnalysisPlan:
    plan, _ = read_plan(ANALYSES / f"{name}.yaml")
    kept = {key: plan.analyses[key] for key in analyses}
    return plan.model_copy(update={"analyses": kept})


@cache
def primary() -> tuple[Result, ...]:
    return true_values(plan_of("trd", "primary"), each_strategy=True)


def by_strategy() -> dict[str, Result]:
    return {row.method: row for row in primary() if row.table == "trut02"}


def estimates() -> dict[str, float]:
    return {way: row.estimate or 0.0 for way, row in by_strategy().items()}


def test_the_declared_strategy_is_one_of_those_beside_it() -> None:
    declared = next(r for r in primary() if r.table == "trut01" and r.visit == "Day 28")
    hypothetical = by_strategy()["hypothetical"]
    assert declared.estimate == hypothetical.estimate
    assert declared.std_error == hypothetical.std_error


def test_stopping_makes_the_effect_smaller() -> None:
    truth = estimates()
    assert truth["hypothetical"] < truth["treatment policy"] < 0
    assert truth["hypothetical"] < truth["jump to reference"] < 0


def test_a_failure_that_counts_costs_more_than_one_that_does_not() -> None:
    truth = estimates()
    assert truth["hypothetical"] < truth["composite"] < 0


def test_the_monte_carlo_error_is_below_a_tenth_of_the_trial_s() -> None:
    plan = plan_of("trd", "primary")
    cohort, _ = obtain_cohort(plan, None)
    frame = derive_endpoint(plan, "primary", cohort).frame
    last = frame[frame["visit"] == "Day 28"].dropna(subset="change")
    per_arm = last.groupby("arm")["change"].agg(["var", "size"])
    trial = np.sqrt((per_arm["var"] / per_arm["size"]).sum())
    assert all((row.std_error or 1) < trial / 10 for row in by_strategy().values())


def test_a_trial_of_any_size_has_a_truth_within_half_a_percent_of_an_sd() -> None:
    plan = plan_of("trd", "primary")
    cohort, _ = obtain_cohort(plan, None)
    frame = derive_endpoint(plan, "primary", cohort).frame
    last = frame[frame["visit"] == "Day 28"].dropna(subset="change")
    sd = np.sqrt(last.groupby("arm")["change"].var().mean())
    assert plan.data.synthetic is not None
    synthetic = plan.data.synthetic.model_copy(update={"subjects": 200_000})
    large = plan.model_copy(update={"data": plan.data.model_copy(update={"synthetic": synthetic})})
    truth = next(row for row in true_values(large) if row.visit == "Day 28")
    assert truth.n == 40_000
    assert 0 < (truth.std_error or 0) < 0.005 * sd


def test_swapping_the_arms_turns_the_sign() -> None:
    plan = plan_of("trd", "primary")
    treatment = plan.estimands["primary"].treatment
    swapped = treatment.model_copy(
        update={"active": treatment.reference, "reference": treatment.active}
    )
    estimand = plan.estimands["primary"].model_copy(update={"treatment": swapped})
    other = plan.model_copy(update={"estimands": plan.estimands | {"primary": estimand}})
    here = {r.visit: r.estimate for r in primary() if r.table == "trut01"}
    there = {r.visit: r.estimate for r in true_values(other)}
    assert {visit: -value for visit, value in there.items()} == pytest.approx(here)


def test_without_events_all_strategies_agree() -> None:
    """The scenario is made free of stopping; then there is nothing to disagree on."""
    scenario = read_scenario("trd_short_term")
    quiet = scenario.discontinuation.model_copy(
        update={"per_day": 0, "per_day_and_point": 0, "per_day_on_drug_first_week": 0}
    )
    scenario = scenario.model_copy(update={"discontinuation": quiet})
    schedule = {"induction": schedule_of(plan_of("trd", "primary"))["induction"]}
    regime = Regime(arms=(("induction", "esketamine"),), missing=False)
    made = [
        simulate(scenario, "x", schedule, 1, 500, r).visits["score"]
        for r in (regime, replace(regime, discontinuation=False))
    ]
    pd.testing.assert_series_equal(*made)


def test_a_truth_does_not_hang_on_the_seed_of_the_cohort() -> None:
    plan = plan_of("trd", "primary")
    assert plan.data.synthetic is not None
    synthetic = plan.data.synthetic.model_copy(update={"seed": 5})
    other = plan.model_copy(update={"data": plan.data.model_copy(update={"synthetic": synthetic})})
    kept = tuple(row for row in primary() if row.table == "trut01")
    assert true_values(other) == kept


def test_real_data_have_no_known_truth() -> None:
    assert true_values(plan_of("hamd17", "primary"), each_strategy=True) == ()


def test_a_time_has_a_truth_where_its_events_count_or_do_not_happen() -> None:
    rows = true_values(plan_of("trd", "relapse"), each_strategy=True)
    declared = next(row for row in rows if row.table == "trut01")
    truth = {row.method: row.estimate or 0.0 for row in rows if row.table == "trut02"}
    assert set(truth) == {"treatment policy", "hypothetical", "composite"}
    assert truth["treatment policy"] == declared.estimate
    assert 0 < truth["composite"] < truth["treatment policy"] < truth["hypothetical"]


def test_what_runs_through_a_biomarker_is_its_change_times_its_weight() -> None:
    plan, _ = read_plan(ANALYSES / "biomarkers.yaml")
    through = {n: a for n, a in plan.analyses.items() if a.model == "mediation"}
    rows = true_values(plan.model_copy(update={"analyses": through}))
    carrier = next(n for n, a in through.items() if a.mediator.scale == "BDNF")
    truth = {r.statistic: r for r in rows if r.estimand == through[carrier].estimand}
    weight = read_scenario("biomarkers").mediators["BDNF"].severity_per_unit
    indirect = truth["natural indirect effect"]
    assert indirect.estimate is not None
    # The mediator is looked at hours before the outcome, while its level still moves, and who is
    # nearly well has no room for all of it: 20 per cent.
    moved = truth["effect of treatment on the mediator"].estimate
    assert indirect.estimate == pytest.approx(-weight * (moved or 0.0), rel=0.2)
    assert abs(indirect.estimate) < abs(truth["total effect"].estimate or 0.0)
    bystander = next(n for n, a in through.items() if a.mediator.scale == "CRP")
    idle = [r for r in rows if r.estimand == through[bystander].estimand]
    assert [r.estimate for r in idle if r.statistic == "natural indirect effect"] == [0.0]
