"""Trials of one design differ: the spread, its draws, and what becomes of the true values."""

import numpy as np
import pytest
from scipy.special import logit

from ketaoutcomes.cohorts.calibration.between_trials import between_trials
from ketaoutcomes.cohorts.calibration.replay import with_values
from ketaoutcomes.cohorts.evidence.files import read_evidence
from ketaoutcomes.cohorts.obtain import obtain_cohort, scenario_of
from ketaoutcomes.cohorts.simulation.draws import BLOCK, Draws
from ketaoutcomes.cohorts.simulation.new_trials import (
    AMOUNTS,
    factor_of,
    first_trial,
    percent_in_trial,
)
from ketaoutcomes.cohorts.simulation.parts_design import TrialSpread
from ketaoutcomes.cohorts.simulation.phase import Regime
from ketaoutcomes.cohorts.simulation.scenario import read_scenario
from ketaoutcomes.cohorts.simulation.simulate import simulate
from ketaoutcomes.cohorts.truth import true_values
from ketaoutcomes.plan import AnalysisPlan

SCHEDULE = {"induction": {"Baseline": 0.0, "Day 28": 27.0}}
AS_ONE = 10_000_000


def test_the_spread_of_the_drug_effect_is_the_fitted_one():
    fitted = read_evidence().fitted["depression"].between_trials_sd
    assert TrialSpread().drug == pytest.approx(fitted, abs=0.005)


def test_the_spread_of_the_placebo_response_is_that_of_the_fitted_trials():
    """The SD of the log of the mean response over the depression trials that stand in the fit."""
    trials = read_evidence().fitted["depression"].trials.values()
    own = [t.own for t in trials]
    share = np.array([o["severity.placebo.responders"] for o in own])
    most = np.array([o["severity.placebo.mean"] for o in own])
    others = np.array([o["severity.placebo.others_mean"] for o in own])
    means = share * most + (1 - share) * others
    assert len(means) > 20
    assert TrialSpread().placebo == pytest.approx(np.log(means).std(ddof=1), abs=0.005)


def test_the_spread_of_adverse_events_is_between_two_programmes():
    """Random effects of log odds, one mean for each term and arm, in the label and in ASPIRE.

    The moment estimate of DerSimonian & Laird with several strata: Q, its degrees of freedom and
    its divisor are summed over the strata.
    """
    found: dict[tuple[str, str | None], list[tuple[float, float]]] = {}
    for result in read_evidence().results:
        if result.statistic == "adverse event" and result.trial in ("trd_safety_set", "aspire"):
            if result.n is None:
                continue  # a share of a printed range
            had = result.value / 100 * result.n + 0.5
            free = result.n + 1 - had
            odds, error = np.log(had / free), np.sqrt(1 / had + 1 / free)
            found.setdefault((result.arm, result.event), []).append((odds, error))
    excess = divisor = 0.0
    for pair in (p for p in found.values() if len(p) > 1):
        effects, errors = np.array(pair).T
        told = between_trials(effects, errors)
        weight = 1 / errors**2
        excess += told.q - told.df
        divisor += weight.sum() - (weight @ weight) / weight.sum()
    assert TrialSpread().adverse_events == pytest.approx(np.sqrt(excess / divisor), abs=0.005)


def test_a_factor_is_one_on_average_and_has_the_spread():
    drawn = np.random.default_rng(1).standard_normal(400_000)
    factors = factor_of(0.43, drawn)
    assert np.log(factors).std() == pytest.approx(0.43, abs=0.002)
    assert factors.mean() == pytest.approx(1, abs=0.003)  # error 0.45 / sqrt(400,000) = 0.0007


def test_percentages_move_on_the_scale_of_log_odds_and_stay_at_their_ends():
    moved = percent_in_trial(np.array([0.0, 20.0, 50.0, 100.0]), 0.4)
    assert moved[[0, 3]].tolist() == [0.0, 100.0]
    np.testing.assert_allclose(logit(moved[1:3] / 100) - logit([0.2, 0.5]), 0.4)


def test_subjects_of_a_trial_share_a_number_that_no_block_changes():
    drawn = np.concatenate([Draws(3, block).of_trials("x", 1000) for block in (0, 1)])
    trial = np.arange(2 * BLOCK) // 1000
    assert all(len(set(drawn[trial == number])) == 1 for number in range(9))
    assert len(set(drawn)) == 9
    assert drawn[0] == Draws(3, 5).of_trial("x")


def test_the_trial_of_a_seed_is_the_first_of_many():
    """Two ways to one cohort: a scenario with the trial's values, and draws for many trials."""
    scenario = read_scenario("trd_short_term")
    ways = (
        simulate(first_trial(scenario, 5), "x", SCHEDULE, 5, 300),
        simulate(scenario, "x", SCHEDULE, 5, 300, Regime(subjects_a_trial=AS_ONE)),
    )
    for name in ("visits", "adverse_events", "events", "follow_up", "exposure"):
        one, other = (way.frames()[name] for way in ways)
        assert one.equals(other), name
    typical = simulate(scenario, "x", SCHEDULE, 5, 300)
    assert not typical.visits.equals(ways[0].visits)


def test_each_of_many_trials_has_its_own_difference():
    """The difference of a trial follows its factor, and its spread is that of the factors.

    200 trials of 2,000: the factors give the difference an SD of about 1.8 points, chance one of
    0.6 and the placebo response, by the ends of the scale, one of about as much: a correlation of
    0.9.
    """
    scenario, n, trials = read_scenario("trd_short_term"), 2000, 200
    cohort = simulate(
        scenario, "x", SCHEDULE, 9, n * trials, Regime(safety=False, subjects_a_trial=n)
    )
    last = cohort.visits[cohort.visits["visit"] == "Day 28"].merge(cohort.assignments)
    number = (last["subject"].str.slice(1).astype(int) - 1) // n
    means = last.groupby([number, "arm"])["score"].mean().unstack()
    difference = (means["placebo"] - means["esketamine"]).to_numpy()
    blocks = range(-(-n * trials // BLOCK))
    drawn = np.concatenate([Draws(9, b).of_trials("drug effect", n) for b in blocks])
    factors = factor_of(scenario.between_trials.drug, drawn[: n * trials : n])
    assert np.corrcoef(factors, difference)[0, 1] > 0.85
    slope = np.polyfit(factors, difference, 1)[0]
    # What the arms differ by without any drug, as their shares of the placebo response differ,
    # follows no factor: 0.3 points is two errors of it in 30,000 people.
    idle = with_values(scenario, {f"severity.drug.{name}": 0.0 for name in AMOUNTS})
    made = simulate(idle, "x", SCHEDULE, 10, 30_000, Regime(safety=False))
    rest = made.visits[made.visits["visit"] == "Day 28"].merge(made.assignments)
    without = rest.groupby("arm")["score"].mean()
    own = difference.mean() - (without["placebo"] - without["esketamine"])
    assert slope == pytest.approx(own, rel=0.2, abs=0.3)


def plan_of(trial: str, seed: int) -> AnalysisPlan:
    return AnalysisPlan.model_validate(
        {
            "study": {"id": "x", "title": "x", "question": "x?", "condition": "x"},
            "data": {
                "synthetic": {
                    "scenario": "trd_short_term",
                    "seed": seed,
                    "subjects": 60,
                    "trial": trial,
                }
            },
            "phases": {
                "induction": {
                    "label": "Induction",
                    "arms": {"placebo": "Placebo", "esketamine": "Esketamine"},
                    "reference": "placebo",
                    "visits": {"Baseline": {"hours": 0}, "Day 28": {"day": 28}},
                }
            },
            "endpoints": {"change": {"kind": "change", "phase": "induction", "scale": "MADRS"}},
            "estimands": {
                "main": {
                    "population": "All",
                    "treatment": {"active": "esketamine", "reference": "placebo"},
                    "endpoint": "change",
                    "visit": "Day 28",
                    "summary": "difference in means",
                }
            },
            "analyses": {"main": {"estimand": "main", "role": "primary", "model": "mmrm"}},
        }
    )


def test_the_true_value_of_a_new_trial_is_its_own():
    """The drug effect is proportional to its factor, but for what the scale's ends cut off."""
    true = {}
    for seed in (2, 3):
        typical, new = (
            next(r.estimate for r in true_values(plan_of(trial, seed)) if r.visit == "Day 28")
            for trial in ("typical", "new")
        )
        assert typical is not None
        assert new is not None
        true[seed] = typical, new
        spread = read_scenario("trd_short_term").between_trials.drug
        factor = factor_of(spread, Draws(seed, 0).of_trial("drug effect"))
        assert (abs(new) > abs(typical)) == (factor > 1)
    assert true[2][0] == true[3][0]
    assert true[2][1] != true[3][1]


def test_a_new_trial_is_said_and_the_typical_one_is_not():
    words = [
        [remark.what for remark in obtain_cohort(plan_of(trial, 2), None)[0].source.remarks]
        for trial in ("typical", "new")
    ]
    assert words[0] == []
    assert "new trial of scenario `trd_short_term`" in words[1][0]
    assert scenario_of(plan_of("typical", 2)) == read_scenario("trd_short_term").model_copy(
        update={"phases": scenario_of(plan_of("typical", 2)).phases}
    )
