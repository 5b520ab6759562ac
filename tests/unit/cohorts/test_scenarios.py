"""Every scenario gives a whole cohort, names its sources, and together they cover the claims."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from ketaoutcomes.cohort import (
    ADVERSE_EVENT_COLUMNS,
    COST_COLUMNS,
    EVENT_COLUMNS,
    EXPOSURE_COLUMNS,
    FOLLOW_UP_COLUMNS,
    VISIT_COLUMNS,
    Cohort,
)
from ketaoutcomes.cohorts.evidence.files import read_evidence
from ketaoutcomes.cohorts.publish import standard_schedule
from ketaoutcomes.cohorts.simulation.phase import Regime
from ketaoutcomes.cohorts.simulation.scenario import read_scenario, scenario_names
from ketaoutcomes.cohorts.simulation.simulate import simulate
from ketaoutcomes.scales import SCALES

SCENARIOS = scenario_names()


@pytest.fixture(scope="module")
def cohorts() -> dict[str, Cohort]:
    return {name: cohort(name, 64) for name in SCENARIOS}


def cohort(name: str, n: int, regime: Regime | None = None) -> Cohort:
    scenario = read_scenario(name)
    return simulate(scenario, name, standard_schedule(scenario), 5, n, regime)


def test_the_scenarios_cover_every_claim() -> None:
    covered = {claim for name in SCENARIOS for claim in read_scenario(name).claims}
    assert covered == set(read_evidence().claims)


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_scenario_names_its_sources(name: str) -> None:
    calibrations = read_scenario(name).calibrated_to
    assert calibrations
    assert all("doi:" in c.source or "http" in c.source for c in calibrations)
    assert all(c.results for c in calibrations)


@pytest.mark.parametrize("name", SCENARIOS)
def test_frames_have_their_columns_and_order(cohorts: dict[str, Cohort], name: str) -> None:
    made = cohorts[name]
    for frame, columns in (
        (made.visits, VISIT_COLUMNS),
        (made.events, EVENT_COLUMNS),
        (made.follow_up, FOLLOW_UP_COLUMNS),
        (made.adverse_events, ADVERSE_EVENT_COLUMNS),
        (made.exposure, EXPOSURE_COLUMNS),
        (made.costs, COST_COLUMNS),
    ):
        assert tuple(frame.columns) == columns
        assert frame["subject"].is_monotonic_increasing
        assert frame.notna().all(axis=None)
    assert len(made.subjects) == 64


@pytest.mark.parametrize("name", SCENARIOS)
def test_scores_stay_within_their_scales(cohorts: dict[str, Cohort], name: str) -> None:
    for scale, scores in cohorts[name].visits.groupby("scale")["score"]:
        assert scores.between(SCALES[scale].low, SCALES[scale].high).all()


@pytest.mark.parametrize("name", ["suicidality", "ptsd"])
def test_items_add_up_to_the_total(name: str) -> None:
    scenario = read_scenario(name)
    wide = cohort(name, 600).visits.pivot(
        index=["subject", "phase", "visit"], columns="scale", values="score"
    )
    parts = wide[list(scenario.scale.parts)]
    assert (parts.sum(axis=1) == wide[scenario.scale.name]).all()
    assert (parts == parts.round()).all(axis=None)
    for part, bounds in scenario.scale.parts.items():
        assert parts[part].between(0, bounds.high).all()
        items = wide[list(bounds.items)]
        assert not bounds.items or (items.sum(axis=1) == wide[part]).all()
        for item, its_bounds in bounds.items.items():
            assert items[item].between(0, its_bounds.high).all()


def test_a_crossover_gives_each_subject_the_other_arm() -> None:
    both = cohort("bipolar", 400).assignments.pivot(index="subject", columns="phase", values="arm")
    both = both.dropna()
    assert len(both) > 300
    assert (both["period_1"] != both["period_2"]).all()


def test_the_sequence_is_the_same_in_both_periods() -> None:
    assigned = cohort("bipolar", 400).assignments
    per_subject = assigned.drop_duplicates(["subject", "sequence"])["subject"]
    assert per_subject.is_unique
    first = assigned[assigned["phase"] == "period_1"]
    assert (first["sequence"].str.split("-").str[0] == first["arm"]).all()


def test_the_first_infusion_is_carried_over() -> None:
    made = cohort("bipolar", 6_000)
    start = made.visits.query("phase == 'period_2' and visit == 'Baseline' and scale == 'MADRS'")
    start = start.merge(made.assignments.query("phase == 'period_2'"), on=["subject", "phase"])
    mean = start.groupby("arm")["score"].mean()
    assert mean["placebo"] < mean["ketamine"] - 1


def test_followed_responders_keep_their_arm() -> None:
    arms = cohort("psychotherapy", 600).assignments.pivot(
        index="subject", columns="phase", values="arm"
    )
    followed = arms.dropna()
    assert len(followed) > 100
    assert (followed["induction"] == followed["follow_up"]).all()
    factors = cohort("psychotherapy", 200).assignments
    made_of = factors["drug"] + "_" + factors["therapy"].str.split().str[0]
    assert (factors["arm"].str.replace("therapy", "psychotherapy") == made_of).all()


def test_only_those_with_a_first_session_are_treated() -> None:
    made = cohort("access", 600)
    treated = set(made.assignments.query("phase == 'treatment'")["subject"])
    had_session = set(made.events.query("event == 'first session'")["subject"])
    assert treated
    assert treated <= had_session


def test_who_lives_far_is_treated_less() -> None:
    made = cohort("access", 4_000)
    treated = made.assignments.query("phase == 'treatment'")["subject"]
    near = made.subjects["distance_miles"] <= made.subjects["distance_miles"].median()
    is_treated = made.subjects["subject"].isin(treated)
    assert is_treated[near].mean() > 1.3 * is_treated[~near].mean()


def test_a_stronger_dose_dissociates_more_and_lifts_mood_more() -> None:
    made = cohort("dose", 5_000)
    visits = made.visits.merge(made.assignments[["subject", "arm"]], on="subject")
    at = {"CADSS": "40 minutes", "MADRS": "Day 2"}
    means = {
        scale: visits.query("scale == @scale and visit == @visit").groupby("arm")["score"].mean()
        for scale, visit in at.items()
    }
    doses = ["ketamine_0_1", "ketamine_0_2", "ketamine_0_5", "ketamine_1_0"]
    assert means["CADSS"][doses].is_monotonic_increasing
    assert means["MADRS"][doses].is_monotonic_decreasing
    assert means["CADSS"]["midazolam"] < means["CADSS"]["ketamine_0_2"]


# Published: largest mean rises 7.4, 6.0 mmHg and 1.9 a minute at 30 to 40 minutes of 0.5 mg/kg, 135
# subjects, 741 infusions; tolerance 1 mmHg and 1 a minute, the precision that they are given to.
@pytest.mark.parametrize(("scale", "rise"), [("SBP", 7.4), ("DBP", 6.0), ("Heart rate", 1.9)])
def test_vital_signs_rise_as_published(scale: str, rise: float) -> None:
    made = cohort("single_dose", 6_000)
    visits = made.visits.merge(made.assignments[["subject", "arm"]], on="subject")
    here = visits[(visits["scale"] == scale) & (visits["arm"] == "ketamine")]
    means = here.groupby("visit")["score"].mean()
    assert means["40 minutes"] - means["Baseline"] == pytest.approx(rise, abs=1)
    assert means["230 minutes"] - means["Baseline"] == pytest.approx(0, abs=0.5)


def test_a_biomarker_carries_its_part_of_the_effect() -> None:
    regimes = [
        Regime(arms=(("infusion", arm),), missing=False) for arm in ("midazolam", "ketamine")
    ]
    day = [
        made.visits[made.visits["visit"] == "24 hours"].pivot(
            index="subject", columns="scale", values="score"
        )
        for made in (cohort("biomarkers", 8_000, regime) for regime in regimes)
    ]
    change = {scale: (day[1][scale] - day[0][scale]).mean() for scale in ("BDNF", "MADRS", "CRP")}
    scenario = read_scenario("biomarkers")
    assert change["BDNF"] == pytest.approx(scenario.mediators["BDNF"].drug, rel=0.15)
    assert change["CRP"] == pytest.approx(0, abs=0.01)
    carried = scenario.mediators["BDNF"].severity_per_unit * change["BDNF"]
    assert 0.2 < carried / -change["MADRS"] < 0.8


def test_who_is_worse_leaves_sooner() -> None:
    """By 0.17 SD on the drug and 0.39 on placebo (errors 0.25) in the HAM-D17 trial.

    That trial is the one that the DIA working group distributes. Whoever misses a visit has nearly
    always left: in the trial 43 of 44, here asked of nine in ten.
    """
    visits = cohort("heterogeneity", 20_000).visits
    wide = visits.pivot(index="subject", columns="visit", values="score")
    order = ["24 hours", "Day 8", "Day 15", "Day 22", "Day 28"]
    gaps = []
    for here, there in pairwise(order):
        seen = wide[wide[here].notna()]
        lost = seen[there].isna()
        gap = seen.loc[lost, here].mean() - seen.loc[~lost, here].mean()
        gaps.append(gap / seen[here].std())
    assert 0.1 < float(np.mean(gaps[1:])) < 0.5


@pytest.mark.parametrize("name", [n for n in SCENARIOS if n != "access"])
def test_who_misses_a_visit_has_nearly_always_left(name: str) -> None:
    """Missing to the end in 43 of 44 (HAM-D17) and 48 of 48 (Beat the Blues); before, in 2 of 3.

    `access` stands for routine care, where an assessment is often missed.
    """
    scenario = read_scenario(name)
    made, schedule = cohort(name, 3_000), standard_schedule(scenario)
    first = next(iter(schedule))
    main = made.visits[made.visits["scale"] == scenario.scale.name].query("phase == @first")
    wide = main.pivot(index="subject", columns="visit", values="score")[list(schedule[first])]
    gone = wide.isna().to_numpy()
    from_first_gap = np.maximum.accumulate(gone, axis=1)
    missed, to_the_end = gone.any(axis=1), (gone == from_first_gap).all(axis=1)
    assert (missed & to_the_end).sum() > 1.5 * (missed & ~to_the_end).sum()


# The HAM-D17 trial that the DIA working group distributes: changes at visits a week or more apart
# are correlated by at most 0.87; 0.01 is two Monte-Carlo errors at 3,000 an arm. A first version of
# the generator had 0.98: visits were copies of one another.
@pytest.mark.parametrize("name", SCENARIOS)
def test_no_visit_is_a_copy_of_another(name: str) -> None:
    scenario = read_scenario(name)
    first = next(iter(scenario.phases))
    schedule = {first: standard_schedule(scenario)[first]}
    made = simulate(scenario, name, schedule, 3, 6_000, Regime(scales=(), safety=False))
    visits = made.visits.merge(made.assignments[["subject", "arm"]], on="subject")
    for _, here in visits.groupby("arm"):
        wide = here.pivot(index="subject", columns="day", values="score")
        change = wide.sub(wide[0.0], axis=0)
        days = [day for day in change if 7 <= day <= 42]
        apart = [(a, b) for a in days for b in days if b - a >= 7]
        assert all(change[a].corr(change[b]) <= 0.88 for a, b in apart)


def test_who_feels_the_drug_expects_more_of_it() -> None:
    arms = [Regime(arms=(("infusion", arm),), missing=False) for arm in ("ketamine", "midazolam")]
    effect = []
    for unblinding in (True, False):
        scores = [
            made.visits[(made.visits["visit"] == "Day 15") & (made.visits["scale"] == "MADRS")]
            for made in (
                cohort("single_dose", 4_000, replace(arm, unblinding=unblinding)) for arm in arms
            )
        ]
        effect.append(scores[0]["score"].mean() - scores[1]["score"].mean())
    assert effect[0] < effect[1] - 0.5


def test_a_regime_may_measure_one_scale_only() -> None:
    lean = cohort("suicidality", 64, Regime(scales=("SSI",), safety=False))
    assert set(lean.visits["scale"]) == {"MADRS", "SSI"}
    whole = cohort("suicidality", 64)
    keys = ["subject", "visit", "scale"]
    both = lean.visits.merge(whole.visits, on=keys, suffixes=("", "_whole"))
    assert len(both) == len(lean.visits)
    pd.testing.assert_series_equal(both["score"], both["score_whole"], check_names=False)


def test_whoever_had_a_first_session_is_treated_and_nobody_waits_without_efficacy() -> None:
    """The population of the treatment phase is that of its label, whatever came later."""
    made = cohort("access", 600)
    treated = set(made.assignments.loc[made.assignments["phase"] == "treatment", "subject"])
    waited = made.events[made.events["phase"] == "referral"]
    assert treated == set(waited.loc[waited["event"] == "first session", "subject"])
    left = made.follow_up[made.follow_up["phase"] == "referral"]
    assert "lack of efficacy" not in set(left["reason"])
    assert len(left[left["subject"].isin(treated) & (left["reason"] != "completed")])
