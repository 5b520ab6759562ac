"""Sites and countries: who is where, what differs between sites, and that means do not."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import gamma

from ketaoutcomes.cli.main import main
from ketaoutcomes.cohort import Cohort
from ketaoutcomes.cohorts.counterfactual import questions
from ketaoutcomes.cohorts.obtain import obtain_cohort
from ketaoutcomes.cohorts.publish import standard_schedule
from ketaoutcomes.cohorts.simulation.draws import BLOCK, Draws
from ketaoutcomes.cohorts.simulation.parts_design import Sites
from ketaoutcomes.cohorts.simulation.phase import Regime
from ketaoutcomes.cohorts.simulation.scenario import Scenario, read_scenario
from ketaoutcomes.cohorts.simulation.simulate import simulate
from ketaoutcomes.cohorts.simulation.sites import (
    columns_of_site,
    effects_of_sites,
    shares_of,
    sites_of,
    with_sites,
)
from ketaoutcomes.plan.reading.plan_file import read_plan

ANALYSES = Path(__file__).resolve().parents[3] / "analyses"
TWO = {"Australia": 0.6, "New Zealand": 0.4}
STRONG = Sites(number=6, baseline=3, placebo=0.5, drug=0.5, leaving=0.8)


def cohort(scenario: Scenario, n: int, regime: Regime | None = None, seed: int = 3) -> Cohort:
    return simulate(scenario, "", standard_schedule(scenario), seed, n, regime)


def with_strong_sites() -> Scenario:
    return read_scenario("trd_short_term").model_copy(update={"sites": STRONG})


def test_without_sites_there_is_no_such_column() -> None:
    assert "site" not in cohort(read_scenario("ocd"), 8).subjects


def test_enrolment_is_uneven_as_the_gamma_distribution_says() -> None:
    """Middles of equal shares of a gamma distribution of shape 1.5, by scipy's quantiles."""
    middles = gamma.ppf([0.9, 0.7, 0.5, 0.3, 0.1], 1.5)
    assert shares_of(Sites(number=5)) == pytest.approx(middles / middles.sum())
    site = sites_of(Sites(number=5), Draws(1, 0))
    counts = np.bincount(site) / BLOCK
    assert np.abs(counts - middles / middles.sum()).max() < 0.03  # four errors of a share of 0.45


def test_a_site_is_in_one_country_and_each_country_has_sites() -> None:
    columns = pd.DataFrame(columns_of_site(Sites(number=10, countries=TWO), Draws(1, 0)))
    places = columns.drop_duplicates()
    assert len(places) == 10
    assert places["country"].value_counts().to_dict() == {"Australia": 6, "New Zealand": 4}


def test_those_of_a_site_share_its_effects_in_every_block() -> None:
    found = []
    for block in (0, 3):
        draws = Draws(5, block)
        own = effects_of_sites(STRONG, draws)
        frame = pd.DataFrame({"site": sites_of(STRONG, draws), "effect": own.baseline})
        assert len(frame.drop_duplicates()) == STRONG.number
        found.append(frame.groupby("site")["effect"].first())
    pd.testing.assert_series_equal(*found)


def test_each_trial_of_a_power_simulation_has_sites_of_its_own() -> None:
    draws, trial = Draws(5, 0), np.arange(BLOCK) // 1024
    frame = pd.DataFrame(
        {
            "trial": trial,
            "site": sites_of(STRONG, draws),
            "effect": effects_of_sites(STRONG, draws, 1024).baseline,
        }
    )
    trials = BLOCK // 1024
    assert len(frame.drop_duplicates()) == trials * STRONG.number
    assert len(set(frame["effect"])) == trials * STRONG.number


def test_effects_have_the_spread_that_is_asked_for() -> None:
    """Over many sites: SD of baseline 3, log factors with SD 0.5 and mean factor 1."""
    own = effects_of_sites(STRONG, Draws(2, 0), 1)
    error = 1 / np.sqrt(BLOCK)
    assert own.baseline.mean() == pytest.approx(0, abs=4 * 3 * error)
    assert own.baseline.std() == pytest.approx(3, abs=4 * 3 * error)
    assert np.log(own.placebo).std() == pytest.approx(0.5, abs=4 * 0.5 * error)
    assert own.drug.mean() == pytest.approx(1, abs=4 * 0.54 * error)  # SD sqrt(exp(0.25) - 1)


def test_sites_of_a_country_are_more_alike() -> None:
    """Two sites of one country have a correlation of `of_country`, of two countries none."""
    sites = Sites(number=10, countries=TWO, of_country=0.6, baseline=1)
    site = sites_of(sites, Draws(1, 0))
    names = columns_of_site(sites, Draws(1, 0))["country"]
    own = effects_of_sites(sites, Draws(1, 0), 2).baseline  # two subjects a set
    first, second = own[::2], own[1::2]
    apart = site[::2] != site[1::2]
    same = names[::2] == names[1::2]

    def correlation(rows: np.ndarray) -> tuple[float, float]:
        return float(np.corrcoef(first[rows], second[rows])[0, 1]), 4 / np.sqrt(rows.sum())

    r, error = correlation(apart & same)
    assert r == pytest.approx(0.6, abs=error)
    r, error = correlation(~same)
    assert r == pytest.approx(0, abs=error)


def test_sites_change_no_mean_over_all_sites() -> None:
    """The same 20,480 people with the usual sites and without, arm by arm.

    The errors are those of the differences person by person; severity is bent and rounded near its
    ends, and more leave early at some sites, which moves a mean by a tenth of a point at most.
    """
    plain = read_scenario("trd_short_term")
    regime = Regime(safety=False, scales=(), subjects_a_set_of_sites=1)
    schedule = {"induction": {"Baseline": 0.0, "Day 8": 7.0, "Day 28": 27.0}}
    scores = []
    for scenario in (plain, with_sites(plain, 12)):
        made = simulate(scenario, "", schedule, 4, 5 * BLOCK, regime)
        wide = made.visits.pivot(index="subject", columns="visit", values="score")
        scores.append(wide.join(made.assignments.set_index("subject")["arm"]))
    for arm in ("placebo", "esketamine"):
        without, those_with = (each[each["arm"] == arm] for each in scores)
        for visit in ("Baseline", "Day 8", "Day 28"):
            difference = (those_with[visit] - without[visit]).dropna()
            error = difference.std() / np.sqrt(len(difference))
            assert abs(difference.mean()) < 4 * error + 0.1, (arm, visit)


def test_sites_differ_in_score_response_and_dropout() -> None:
    made = cohort(with_strong_sites(), 12_000, Regime(safety=False))
    visits = made.visits.query("phase == 'induction' and scale == 'MADRS'")
    wide = visits.pivot(index="subject", columns="visit", values="score")
    wide["change"] = wide["Day 28"] - wide["Baseline"]
    followed = made.follow_up.query("phase == 'induction'").set_index("subject")["reason"]
    wide["left"] = followed != "completed"
    grouped = wide.join(made.subjects.set_index("subject")["site"]).groupby("site")
    for column in ("Baseline", "change", "left"):
        mean = grouped[column].mean()
        error = grouped[column].std() / np.sqrt(grouped[column].count())
        assert (((mean - mean.mean()) / error) ** 2).sum() > 50, column  # chi squared, 5 df


def test_true_values_are_those_over_all_sites() -> None:
    question = next(questions(read_plan(ANALYSES / "titration.yaml")[0]))
    assert {regime.subjects_a_set_of_sites for regime in question.regimes} == {1}


def test_a_plan_asks_for_sites(tmp_path: Path) -> None:
    text = (ANALYSES / "ocd.yaml").read_text()
    asked = tmp_path / "ocd.yaml"
    asked.write_text(text.replace("synthetic: {", "synthetic: {sites: 3, "))
    made, _ = obtain_cohort(read_plan(asked)[0], None)
    assert set(made.subjects["site"]) <= {"Site 1", "Site 2", "Site 3"}
    assert len(set(made.subjects["site"])) > 1


def test_the_command_writes_sites(tmp_path: Path) -> None:
    out = tmp_path / "out"
    words = ["simulate", "ocd", "--subjects", "40", "--seed", "2", "--out", str(out)]
    assert main([*words, "--sites", "4"]) == 0
    assert json.loads((out / "MANIFEST.json").read_text())["command"].endswith("--sites 4")
    assert pd.read_csv(out / "ocd" / "subjects.csv")["site"].nunique() > 2
    dictionary = pd.read_csv(out / "dictionary.csv")
    assert "site" in set(dictionary.query("file == 'subjects'")["column"])
