"""Who enters a later phase, how steady they are in it, and what a new episode does."""

import numpy as np
import pytest

from ketaoutcomes.cohorts.simulation.draws import BLOCK, Draws, PhaseDraws
from ketaoutcomes.cohorts.simulation.entering import columns_of_entry
from ketaoutcomes.cohorts.simulation.happenings import episodes
from ketaoutcomes.cohorts.simulation.parts_events import Relapse
from ketaoutcomes.cohorts.simulation.phase import PhaseCourse, Regime
from ketaoutcomes.cohorts.simulation.scenario import Scenario, read_scenario
from ketaoutcomes.cohorts.simulation.severity import acute_sensitivity
from ketaoutcomes.cohorts.simulation.simulate import courses

DAYS = {
    "open_label": {f"Day {day + 1}": float(day) for day in range(0, 113, 7)},
    "maintenance": {f"Day {day + 1}": float(day) for day in range(0, 141, 7)},
}
WITHOUT_EPISODES = {"per_day": 0.0, "per_day_and_point": 0.0}


def changed(scenario: Scenario, **parts: dict[str, object]) -> Scenario:
    """The scenario with some values of its parts changed."""
    plain = scenario.model_dump()
    for name, values in parts.items():
        plain[name] = plain[name] | values
    return Scenario.model_validate(plain)


def with_deviation(scenario: Scenario, **values: float) -> Scenario:
    severity = scenario.model_dump()["severity"]
    return changed(scenario, severity={"deviation": severity["deviation"] | values})


def maintenance(scenario: Scenario) -> dict[str, PhaseCourse]:
    """The phases of one block, everybody seen to the end, all going on with the drug."""
    regime = Regime(
        arms=(("maintenance", "continue"),),
        missing=False,
        discontinuation=False,
        safety=False,
        scales=("MADRS",),
    )
    return courses(scenario, DAYS, Draws(5, 0), regime, BLOCK)[1]


@pytest.fixture(scope="module")
def scenario() -> Scenario:
    return read_scenario("maintenance")


def test_those_who_enter_had_improved_by_the_day_asked_and_at_the_end(scenario: Scenario) -> None:
    done = maintenance(scenario)
    before, rows = done["open_label"], done["maintenance"].rows
    scores = before.scores["MADRS"][rows]
    visit = list(DAYS["open_label"].values()).index(28.0)
    needed = scores[:, :1] / 2
    assert (scores[:, [visit, -2, -1]] <= needed).all()
    # without the day more enter, and all of these are among them
    phases = scenario.model_dump()["phases"]
    phases["maintenance"]["enters"] |= {"first_on_day": None}
    other = maintenance(changed(scenario, phases=phases))["maintenance"].rows
    assert set(rows) < set(other)


def test_a_new_episode_lifts_severity_to_its_level_and_never_lowers_it(scenario: Scenario) -> None:
    level = {"mean": 30.0, "sd": 0.0, "days": 0.01}
    calm = changed(scenario, relapse=WITHOUT_EPISODES | {"level": level})
    certain = changed(scenario, relapse={"per_day": 10.0, "level": level})
    before = maintenance(calm)["maintenance"].severity[:, 1:]
    after = maintenance(certain)["maintenance"].severity[:, 1:]
    np.testing.assert_allclose(after, np.maximum(before, 30.0), atol=1e-9)


def test_the_stable_vary_by_a_share_of_what_others_do(scenario: Scenario) -> None:
    # The deviation fades from what it was at entry; late in the phase only the new one is left.
    # Where nothing remains of illness, severity bends nowhere above 0.
    bare = changed(scenario, relapse=WITHOUT_EPISODES, severity={"least": 0.0})
    last = {
        share: maintenance(with_deviation(bare, when_stable=share))["maintenance"].severity[:, -1]
        for share in (0.0, 0.5, 1.0)
    }
    ill = np.min(list(last.values()), axis=0) > 0
    assert ill.mean() > 0.5
    half, whole = (np.std((last[share] - last[0.0])[ill]) for share in (0.5, 1.0))
    assert half == pytest.approx(whole / 2, rel=1e-9)
    assert whole > 1


def test_hazard_depends_on_the_drug_and_on_remission_at_entry() -> None:
    """By hand: 1, 0.5, 2 and 0.5 per cent a day; the number drawn over the hazard is the day."""
    relapse = Relapse(
        per_day=0.01,
        hazard_ratio_on_drug=0.5,
        hazard_ratio_without_remission=2.0,
        hazard_ratio_on_drug_without_remission=0.25,
        level={"mean": 100.0, "sd": 0.0, "days": 0.01},
    )
    place = np.arange(BLOCK) % 4
    remission, treated = place < 2, place % 2 == 1
    draws = PhaseDraws(Draws(3, 0), "maintenance", np.arange(BLOCK))
    days = np.array([0.0, 50.0, 100.0])
    protected = np.repeat(treated[:, None], 2, axis=1).astype(float)
    ones = np.ones(BLOCK)
    lifted = episodes(relapse, days, np.zeros((BLOCK, 3)), protected, ones, remission, draws)
    onset = draws.exponential("episode") / np.array([0.01, 0.005, 0.02, 0.005])[place]
    assert ((lifted[:, 2] > 0) == (onset < 100)).all()
    assert ((lifted[:, 1] > 0) == (onset < 50)).all()
    everybody = episodes(relapse, days, np.zeros((BLOCK, 3)), protected, ones, None, draws)
    same = draws.exponential("episode") / np.array([0.01, 0.005])[place % 2]
    assert ((everybody[:, 2] > 0) == (same < 100)).all()


def test_those_without_remission_are_the_ones_of_the_other_stratum(scenario: Scenario) -> None:
    """The hazard of who is in remission at entry is left alone, and all the others relapse."""
    level = {"mean": 59.0, "sd": 0.0, "days": 0.01}
    calm = WITHOUT_EPISODES | {"per_day": 1e-9, "level": level, "hazard_ratio_on_drug": 1.0}
    ratios = {
        "hazard_ratio_without_remission": 1e10,
        "hazard_ratio_on_drug_without_remission": 1.0,
    }
    done = maintenance(changed(scenario, relapse=calm | ratios))
    stratum = columns_of_entry(scenario, "maintenance", done)["remission_at_randomisation"]
    lifted = done["maintenance"].severity[:, -1] > 58.9
    assert (lifted == (stratum == "no")).all()
    assert 0.1 < lifted.mean() < 0.9


@pytest.mark.parametrize("correlation", [0.0, 0.6, 1.0])
def test_acute_sensitivity_goes_with_the_drug_effect_as_asked(correlation: float) -> None:
    scenario = read_scenario("single_dose")
    effect = scenario.acute["CADSS"].model_copy(update={"with_drug_effect": correlation})
    draws = PhaseDraws(Draws(1, 0), "infusion", np.arange(BLOCK))
    sensitivity = np.log(acute_sensitivity("CADSS", effect, draws))
    # same distribution whatever the correlation; 4,096 subjects: SE of an SD 0.011 of it
    assert sensitivity.std() == pytest.approx(effect.sensitivity_sd, rel=0.05)
    liability = -draws.lasting_uniform("drug responder")
    found = np.corrcoef(np.argsort(np.argsort(liability)), np.argsort(np.argsort(sensitivity)))
    # rank correlation of a bivariate normal is 6/pi asin(r/2); its SE is below 0.016
    assert found[0, 1] == pytest.approx(6 / np.pi * np.arcsin(correlation / 2), abs=0.05)
