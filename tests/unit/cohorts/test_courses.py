"""Courses are like real ones: how far scores step, how often they repeat, where they pile up."""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import kurtosis, norm, skew, truncnorm

from ketaoutcomes.cohorts.publish import standard_schedule
from ketaoutcomes.cohorts.simulation.course import bent_upwards, entry_severity
from ketaoutcomes.cohorts.simulation.draws import BLOCK, Draws
from ketaoutcomes.cohorts.simulation.parts_course import BaselineSeverity
from ketaoutcomes.cohorts.simulation.people import People, people_of
from ketaoutcomes.cohorts.simulation.phase import Regime
from ketaoutcomes.cohorts.simulation.scenario import Scenario, read_scenario, scenario_names
from ketaoutcomes.cohorts.simulation.simulate import courses

SCENARIOS = scenario_names()
BLOCKS = 5


def totals(name: str) -> NDArray[np.float64]:
    """Totals of the first phase at whole days, everybody seen; the first column is baseline."""
    scenario = read_scenario(name)
    first = next(iter(scenario.phases))
    visits = standard_schedule(scenario)[first]
    schedule = {first: {visit: day for visit, day in visits.items() if day == int(day)}}
    regime = Regime(missing=False, scales=())
    return np.concatenate(
        [
            courses(scenario, schedule, Draws(1, block), regime, BLOCK)[1][first].scores[
                scenario.scale.name
            ]
            for block in range(BLOCKS)
        ]
    )


@pytest.fixture(scope="module")
def scores() -> dict[str, NDArray[np.float64]]:
    return {name: totals(name) for name in SCENARIOS}


@pytest.mark.parametrize("name", SCENARIOS)
def test_steps_have_longer_tails_than_a_normal_distribution(
    scores: dict[str, NDArray[np.float64]], name: str
) -> None:
    """Excess kurtosis 0.5 to 3.0 in the trials at hand; before, -0.1 to 0.6."""
    steps = np.diff(scores[name][:, 1:], axis=1)
    assert 0.5 < kurtosis(steps.ravel()) < 3.0


@pytest.mark.parametrize("name", SCENARIOS)
def test_successive_totals_are_equal_as_often_as_real_ones(
    scores: dict[str, NDArray[np.float64]], name: str
) -> None:
    """2 to 16 % in arms of three trials; more on a scale of eleven numbers, less on one of 145."""
    equal = (np.diff(scores[name], axis=1) == 0).mean()
    assert 0.03 < equal < (0.3 if name == "pain" else 0.2)


@pytest.mark.parametrize("name", SCENARIOS)
def test_totals_do_not_heap_up_at_the_entry_criterion(
    scores: dict[str, NDArray[np.float64]], name: str
) -> None:
    """Before, up to 7 % stood at it and 3 % one point above."""
    entry = np.ceil(read_scenario(name).severity.baseline.entry_at_least)
    baseline = scores[name][:, 0]
    assert baseline.min() >= entry
    here, above = (baseline == entry).sum(), (baseline == entry + 1).sum()
    assert here <= above + 5 * np.sqrt(above + 1)


@pytest.mark.parametrize("name", SCENARIOS)
def test_baseline_totals_are_hardly_skewed(
    scores: dict[str, NDArray[np.float64]], name: str
) -> None:
    """-0.5 to 0.5 in the trials at hand; before, up to 0.38."""
    assert abs(skew(scores[name][:, 0])) < 0.35


def test_true_severity_at_entry_has_the_moments_of_the_truncated_normal_and_no_skew() -> None:
    baseline = BaselineSeverity(mean=36.9, sd=4.7, entry_at_least=28)
    drawn = entry_severity(baseline, (np.arange(100_000) + 0.5) / 100_000)
    expected = truncnorm((28 - 36.9) / 4.7, np.inf, 36.9, 4.7)
    assert drawn.min() >= 28
    assert drawn.mean() == pytest.approx(expected.mean(), abs=1e-3)
    assert drawn.std() == pytest.approx(expected.std(), abs=1e-3)
    assert skew(drawn) == pytest.approx(0, abs=1e-3)


def test_without_an_entry_criterion_severity_is_normal() -> None:
    baseline = BaselineSeverity(mean=24, sd=2, entry_at_least=0)
    uniform = np.array([0.001, 0.3, 0.5, 0.999])
    np.testing.assert_allclose(entry_severity(baseline, uniform), norm.ppf(uniform, 24, 2))


def test_where_most_are_cut_off_the_rest_of_the_normal_is_left() -> None:
    baseline = BaselineSeverity(mean=20, sd=5, entry_at_least=28)
    uniform = np.array([0.1, 0.5, 0.9])
    expected = truncnorm((28 - 20) / 5, np.inf, 20, 5).ppf(uniform)
    np.testing.assert_allclose(entry_severity(baseline, uniform), expected)


def test_severity_bends_towards_nothing_and_never_falls_below() -> None:
    """(x + sqrt(x^2 + 4 c^2)) / 2 at x = 0 is c, at x = 1.5 c is 2 c, at -1.5 c is c / 2."""
    bent = bent_upwards(np.array([0.0, 3.0, -3.0, 40.0]), np.full(4, 2.0))
    np.testing.assert_allclose(bent, [2, 4, 1, 40 + 0.0998], atol=1e-4)


def test_what_remains_in_the_well_is_that_of_healthy_people() -> None:
    """MADRS 4.0 in 569 controls, SD 5.8 (Zimmerman, Chelminski & Posternak 2004), 36.6 at entry.

    An exponential number has an SD as large as its mean, as the HAM-D17 of 1,014 controls has (3.2
    and 3.2); it is cut at half of the mean at entry, which one in 90 would exceed.
    """
    scenario = read_scenario("trd_short_term")
    remains = np.concatenate([people_of(scenario, Draws(7, block), {}).least for block in range(9)])
    assert remains.mean() == pytest.approx(4.0, abs=0.1)
    assert remains.std() == pytest.approx(4.0, rel=0.08)
    assert remains.max() <= 36.6 / 2


def test_who_is_as_ill_as_at_entry_is_not_lifted() -> None:
    """Severity against what it would be with nothing left: equal from the mean at entry on."""
    plain = read_scenario("trd_short_term").model_dump()
    plain["severity"]["deviation"]["sd"] = 0.0
    seen = {}
    for least in (0.0, 0.11):
        plain["severity"]["least"] = least
        scenario = Scenario.model_validate(plain)
        schedule = {"induction": {"Baseline": 0.0, "Day 28": 27.0}}
        seen[least] = courses(scenario, schedule, Draws(1, 0), Regime(), BLOCK)[1]["induction"]
    before, now = (course.severity.ravel() for course in seen.values())
    ill = before >= plain["severity"]["baseline"]["mean"]
    np.testing.assert_allclose(now[ill], before[ill])
    assert (now >= before - 1e-9).all()
    assert (now - before)[before < 5].mean() > 2


@pytest.mark.parametrize("name", SCENARIOS)
def test_swings_leave_the_variance_of_the_scenario(name: str) -> None:
    """Their mean square is 1; the error of it over 20,480 is sqrt(exp(4 s^2) - 1) / 143."""
    scenario = read_scenario(name)
    spread = scenario.severity.swings_sd
    covariates = {
        key: np.zeros(BLOCK) if "per_unit" in str(modifier) else np.full(BLOCK, "")
        for key, modifier in scenario.modifiers.items()
    }
    square = np.concatenate(
        [people_of(scenario, Draws(2, block), covariates).swings ** 2 for block in range(BLOCKS)]
    )
    error = np.sqrt(np.expm1(4 * spread**2) / square.size)
    assert square.mean() == pytest.approx(1, abs=5 * error)


def test_improvement_grows_with_severity_at_entry_and_keeps_its_mean() -> None:
    """Baseline over its mean, by scipy's truncated normal, to the power; 4,096 people of a seed."""
    scenario = read_scenario("trd_short_term")
    baseline = scenario.severity.baseline
    cut = (baseline.entry_at_least - baseline.mean) / baseline.sd
    mean = truncnorm(cut, np.inf, baseline.mean, baseline.sd).mean()

    def people(power: float) -> People:
        changed = scenario.severity.model_copy(update={"grows_with_baseline": power})
        return people_of(scenario.model_copy(update={"severity": changed}), Draws(3, 0), {})

    alike, by_share = people(0), people(1)
    for name in ("placebo", "drug", "expectancy"):
        points = getattr(alike, name)
        np.testing.assert_allclose(
            getattr(by_share, name), points * alike.baseline / mean, rtol=1e-9
        )
        # a mean of one with an SD of an eighth, times points that do not hang on it
        assert getattr(by_share, name).mean() == pytest.approx(points.mean(), rel=0.02)
    np.testing.assert_array_equal(alike.baseline, by_share.baseline)
    half = people(0.5).placebo
    np.testing.assert_allclose(half, alike.placebo * np.sqrt(alike.baseline / mean), rtol=1e-9)
