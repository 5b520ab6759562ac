"""A classifier tells real people from synthetic ones, as far as they differ."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import kurtosis

from ketaoutcomes.cli.main import main
from ketaoutcomes.cohorts.evidence.settings import SETTINGS
from ketaoutcomes.cohorts.likeness import against, compare
from ketaoutcomes.cohorts.likeness.compare import (
    _areas,
    _everybody_until,
    compared,
    with_baseline_of,
)
from ketaoutcomes.cohorts.likeness.steps import steps_of
from ketaoutcomes.cohorts.likeness.wide import (
    Alignment,
    People,
    alignment_of,
    features_of,
    own_visits,
    with_gaps_of,
    without_steps,
)
from ketaoutcomes.cohorts.obtain import obtain_cohort
from ketaoutcomes.cohorts.simulation.scenario import read_scenario
from ketaoutcomes.cohorts.simulation.simulate import simulate
from ketaoutcomes.plan.reading.plan_file import read_plan
from ketaoutcomes.scales import SCALES

ANALYSES = Path(__file__).resolve().parents[3] / "analyses"
ARMS = np.repeat([[0, 0, 0], [1, 1, 1]], 300, axis=0)


def drawn(seed: int, centre: float, spread: float) -> People:
    scores = np.random.default_rng(seed).normal(centre, spread, (600, 3))
    return People(np.rint(np.clip(scores, 0, 60)), ARMS)


def test_matched_scores_have_the_mean_and_sd_of_the_real_ones_and_leave_nothing_at_zero() -> None:
    real, synthetic = drawn(1, 14, 6), drawn(2, 30, 10)
    synthetic.scores[:40] = 0
    smooth = without_steps(synthetic, np.random.default_rng(3))
    made = alignment_of(smooth, real).of(smooth, SCALES["MADRS"])
    for arm in (slice(0, 300), slice(300, 600)):
        # rounding and spreading by half a point, and cutting at 0, change a little
        np.testing.assert_allclose(made.scores[arm].mean(0), real.scores[arm].mean(0), atol=0.1)
        np.testing.assert_allclose(made.scores[arm].std(0), real.scores[arm].std(0), atol=0.15)
    assert (made.scores[:40] <= 2).all()


def test_gaps_are_those_of_real_people_of_the_same_arm() -> None:
    real, synthetic = drawn(1, 20, 5), drawn(2, 20, 5)
    real.scores[:300, 2] = np.nan
    made = with_gaps_of(synthetic, real, np.random.default_rng(3))
    assert np.isnan(made.scores[:300, 2]).all()
    assert np.isfinite(made.scores[300:]).all()
    assert np.isfinite(synthetic.scores).all()


def test_features_count_equal_scores_turns_and_zeros() -> None:
    """10, 10, 0, missing, 4: steps 0, -10, 0, 4; one equal pair seen, a turn, two zeros by then."""
    people = People(np.array([[10, 10, 0, np.nan, 4]]), np.zeros((1, 5), dtype=np.int64))
    equal, turns, zeros, mean, most = features_of(people)[0, -5:]
    assert (equal, turns, zeros, mean, most) == (1, 0, 2, 3.5, 10)


def test_measures_of_steps_are_those_of_numpy_and_scipy_for_one_arm_without_gaps() -> None:
    people = drawn(5, 25, 6).of(np.arange(300))
    scores = people.scores
    steps = np.diff(scores, axis=1)
    standard = (steps - steps.mean(axis=0)) / steps.std(axis=0)
    every = np.corrcoef(scores.T)
    expected = [
        np.sqrt(steps.var(axis=0).mean()),
        (every[0, 1] + every[1, 2]) / 2,
        every[0, 2],
        np.corrcoef(steps.T)[0, 1],
        kurtosis(standard.ravel()),
        (steps == 0).mean(),
    ]
    # kurtosis of both visits together: standardised steps have a mean of 0 and a variance of 1
    np.testing.assert_allclose(steps_of(people), expected, rtol=1e-9)


def test_steps_over_a_gap_do_not_count_and_arms_count_by_their_steps() -> None:
    """By hand: six steps of 1 to either side in the first arm, four of 3 in the second."""
    scores = np.array([[10, 11, 12], [10, 9, 8], [10, 11, np.nan], [10, 9, np.nan]], dtype=float)
    other = np.array([[10, 13, 10], [10, 7, 10], [10, np.nan, 4], [10, np.nan, 30]], dtype=float)
    people = People(np.concatenate([scores, other]), np.repeat([[0] * 3, [1] * 3], 4, axis=0))
    assert steps_of(people)[0] == pytest.approx((6 * 1 + 4 * 3) / 10)


def test_the_scenario_takes_the_spread_of_real_baseline_scores() -> None:
    """Scores 12 to 28 with mean 20: a factor of the mean of the scenario over 20."""
    scenario = read_scenario("trd_short_term")
    mean = scenario.severity.baseline.mean
    scores = np.linspace(12, 28, 101)
    changed = with_baseline_of(scenario, scores, SCALES["HAMD17"]).severity
    assert changed.baseline.mean == mean
    assert changed.baseline.entry_at_least == pytest.approx(12 * mean / 20)
    by_visit = changed.measurement_sd**2 + (changed.deviation.at_entry * changed.deviation.sd) ** 2
    total = np.sqrt(changed.baseline.sd**2 + by_visit)
    assert total == pytest.approx(scores.std(ddof=1) * mean / 20)


def test_the_scenario_has_room_above_as_the_real_scale_has() -> None:
    """A BDI-II of 20 of 63 at entry: nobody is held at 60 points of a MADRS of 36.6."""
    scenario = read_scenario("trd_short_term")
    changed = with_baseline_of(scenario, np.linspace(2, 38, 101), SCALES["BDI-II"])
    assert changed.scale.high == round(36.6 / 20 * 63)


def test_a_baseline_that_a_file_holds_twice_is_compared_once() -> None:
    """The third visit repeats the first in everybody seen; the fourth differs in one person."""
    scores = np.array([[30, 20, 30, 30], [25, 25, 25, 24], [28, 10, np.nan, 28.0]])
    assert own_visits(People(scores, np.zeros((3, 4), dtype=np.int64))) == (0, 1, 3)
    assert own_visits(People(scores[:, [1, 0]], np.zeros((3, 2), dtype=np.int64))) == (0, 1)


def test_leaving_begins_after_the_first_visits_that_nearly_everybody_has() -> None:
    schedule = {"one": {"Baseline": 0.0, "Week 1": 7.0, "Week 2": 14.0}, "two": {"Week 3": 21.0}}
    columns = tuple((phase, visit) for phase, visits in schedule.items() for visit in visits)
    scores = np.full((100, 4), 20.0)
    people = People(scores, np.zeros((100, 4), dtype=np.int64))
    assert _everybody_until(schedule, columns, people) == 14  # of the first phase
    scores[:6, 2:] = np.nan
    assert _everybody_until(schedule, columns, people) == 7
    scores[:5, 1] = np.nan  # one in twenty is still nearly everybody
    assert _everybody_until(schedule, columns, people) == 7
    scores[:6, 0] = np.nan
    assert _everybody_until(schedule, columns, people) == 0


def test_shapes_of_leaving_follow_from_published_numbers() -> None:
    """Numbers seen after 6 and 12 months, and shares of 26% who left by weeks 2 and 12.

    The shape is the slope of log(-log(share seen)) on log time; the one used lies between.
    """
    months = np.log(np.log(3567 / 5442) / np.log(3804 / 5442)) / np.log(12 / 6)
    weeks = np.log(np.log(1 - 0.26 * 0.93) / np.log(1 - 0.26 * 0.34)) / np.log(12 / 2)
    words = SETTINGS["primary_care"].source
    assert f"{months:.2f}" in words
    assert f"{weeks:.2f}" in words
    assert SETTINGS["primary_care"].shape == pytest.approx(np.sqrt(months * weeks), abs=0.03)


def write_trial(folder: Path, *, equal: bool) -> Path:
    """A trial whose people are the scenario's own, or have their scores in reverse order."""
    days = {"Baseline": 0.0, "Day 8": 7.0, "Day 15": 14.0, "Day 28": 27.0}
    made = simulate(read_scenario("trd_short_term"), "", {"induction": days}, 99, 200)
    visits = made.visits.merge(made.assignments, on=["subject", "phase"])
    if not equal:
        wide = visits.pivot(index="subject", columns="visit", values="score")[list(days)]
        wide[["Day 8", "Day 15"]] = wide[["Day 15", "Day 8"]] % 4 * 9
        long = wide.melt(ignore_index=False, value_name="score").reset_index()
        visits = visits.drop(columns="score").merge(long, on=["subject", "visit"])
    visits.to_csv(folder / "visits.csv", index=False)
    plan = folder / "plan.yaml"
    plan.write_text(
        """study: {id: x, title: X, question: Is it?, condition: depression}
data:
  files: {visits: visits.csv}
  columns: {subject: subject, arm: arm, visit: visit, scores: {MADRS: score}}
phases:
  induction:
    label: Induction
    arms: {placebo: Placebo, esketamine: Esketamine}
    reference: placebo
    visits: {Baseline: {day: 1}, Day 8: {day: 8}, Day 15: {day: 15}, Day 28: {day: 28}}
endpoints:
  change: {kind: change, phase: induction, scale: MADRS}
estimands:
  main:
    population: All
    treatment: {active: esketamine, reference: placebo}
    endpoint: change
    visit: Day 28
    summary: difference_in_means
analyses:
  main: {estimand: main, role: primary, model: mmrm}
""",
        encoding="utf-8",
    )
    return plan


def test_the_scenario_is_not_told_from_itself_and_nonsense_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(against, "DRAWS", 4)
    monkeypatch.setattr(compare, "DRAWS_OF_A_TRIAL", 2)
    areas = []
    for equal in (True, False):
        plan = write_trial(tmp_path, equal=equal)
        monkeypatch.setattr(against, "TRIALS", 4 if equal else 2)
        assert main(["calibrate", "trd_short_term", "--against", str(plan), "-q"]) == 0
        lines = capsys.readouterr().out.splitlines()
        assert lines[-1] == (
            "Real participants against those of `trd_short_term`, MADRS; 0.5 is by chance. "
            "`itself` compares two samples of the scenario; `chance` holds 95% of trials that are "
            "samples of it."
        )
        areas.append([float(line.split()[-6]) for line in lines[1:5]])
        itself = [float(line.split()[-4]) for line in lines[1:5]]
        low, high = ([float(line.split()[place]) for line in lines[1:5]] for place in (-3, -1))
        # An area of 100 and 100 in two arms has an SE of 0.03, and 0.02 as a mean of four.
        # The range takes its SD from four trials: it may be half as wide again.
        assert all(0.35 < a < b < 0.7 for a, b in zip(low, high, strict=True))
        assert all(0.4 < area < 0.62 for area in itself)
        if equal:
            # two means of four draws, each with an SD near 0.04
            np.testing.assert_allclose(areas[0], itself, atol=0.08)
            inside = zip(low, areas[0], high, strict=True)
            assert all(a - 0.06 < area < b + 0.06 for a, area, b in inside)
        telling = [line.split() for line in lines[7:12]]
        far = [abs(float(words[-3]) - 0.5) for words in telling]
        assert far == sorted(far, reverse=True)
    # The alignment alone leaves up to 0.06 above a half, as `itself` shows.
    assert 0.4 < min(areas[0]) <= max(areas[0]) < 0.62
    assert areas[1][0] > 0.8


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["pain", "ocd"], "one scenario"),
        (["pan"], "a scenario"),
        (["pain", "--scale", "BDI-II"], "use one of: MADRS"),
    ],
)
def test_what_does_not_go_together_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], told: str
) -> None:
    plan = write_trial(tmp_path, equal=True)
    assert main(["calibrate", *words, "--against", str(plan), "-q"]) == 2
    assert told in capsys.readouterr().err


def test_a_synthetic_plan_has_no_real_people(capsys: pytest.CaptureFixture[str]) -> None:
    plan = str(ANALYSES / "trd.yaml")
    assert main(["calibrate", "pain", "--against", plan, "-q"]) == 2
    assert "a plan on real data" in capsys.readouterr().err


@pytest.mark.parametrize("factor", [1.0, 0.5])
def test_an_alignment_neither_makes_nor_loses_repeats_and_keeps_zeros(factor: float) -> None:
    """Steps of SD 8 in whole numbers repeat a score as often as a density of 1 / (8 sqrt(2 pi)).

    In points of twice the size twice as often. Of 40,000 people a share of 0.1 has an SE of 0.0015.
    """
    generator = np.random.default_rng(1)
    first = generator.normal(30, 5, 40_000)
    scores = np.rint(np.stack([first, first + generator.normal(0, 8, first.size)], axis=1))
    scores[:100] = 0
    people = People(np.clip(scores, 0, 60), np.zeros(scores.shape, dtype=np.int64))
    smooth = without_steps(people, generator)
    made = Alignment(np.ones((2, 2)), np.full((2, 2), factor)).of(smooth, SCALES["MADRS"]).scores
    expected = 1 / (factor * 8 * np.sqrt(2 * np.pi))
    assert (made[100:, 0] == made[100:, 1]).mean() == pytest.approx(expected, abs=0.006)
    assert (made[:100] == 0).all()


def test_an_alignment_is_learnt_without_those_who_are_judged() -> None:
    """Two samples of 60 from one distribution: the mean area of 16 pairs has an error of 0.01.

    Aligned with all, the classifiers did worse than guessing, at 0.35 to 0.40.
    """
    areas = []
    for seed in range(16):
        real, synthetic = (
            People(each.scores[240:360], each.arm[240:360])
            for each in (drawn(seed, 24, 6), drawn(seed + 100, 24, 6))
        )
        areas.append(_areas(real, synthetic, SCALES["MADRS"], np.random.default_rng(seed)))
    mean = pd.DataFrame(areas).mean()
    assert mean.between(0.46, 0.56).all(), mean


@pytest.mark.parametrize(
    ("name", "folder", "scenario", "most"),
    [
        ("hamd17", "dia_antidepressant_hamd17", "trd_short_term", 0.56),
        ("ketamine_crossover", "nimh_ketamine_crossover_ds005917", "bipolar", 0.56),
        ("btheb", "btheb_cbt_bdi", "trd_short_term", 0.66),
    ],
)
def test_real_trials_are_told_as_well_as_the_page_says(
    real_data_dir: Path, name: str, folder: str, scenario: str, most: float
) -> None:
    """Three draws of the twelve of the page, whose SD is 0.05, and 0.09 in the smallest trial.

    People of Beat the Blues left as those of primary care do; here the scenario is as it ships.
    """
    plan = read_plan(ANALYSES / f"{name}.yaml")[0]
    cohort, _ = obtain_cohort(plan, real_data_dir / folder)
    scale = next(iter(plan.endpoints.values())).scale
    found = compared(plan, cohort, read_scenario(scenario), scale, 1, draws=3).classifiers
    assert max(row.area for row in found) <= most + 0.06
    page = (ANALYSES.parent / "docs" / "patients.md").read_text(encoding="utf-8")
    told = pd.Series({(row.gaps, row.classifier): row.area for row in found})
    row = next(line for line in page.splitlines() if f"`{name}`" in line and "|" in line)
    numbers = [float(cell.split("(")[0]) for cell in row.split("|")[-5:-1]]
    np.testing.assert_allclose(numbers, told.to_numpy(), atol=0.12)
