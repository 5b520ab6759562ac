"""A cohort has the published numbers, and the same subjects whatever else is asked."""

import numpy as np
import pandas as pd
import pytest

from ketaoutcomes.cohort import Cohort
from ketaoutcomes.cohorts.simulation.course import deviation_path, drug_state, time_of_event
from ketaoutcomes.cohorts.simulation.parts_course import Deviation, DrugEffect
from ketaoutcomes.cohorts.simulation.phase import Regime
from ketaoutcomes.cohorts.simulation.scenario import read_scenario
from ketaoutcomes.cohorts.simulation.simulate import simulate
from tolerances import EXACT

SCHEDULE = {
    "induction": {"Baseline": 0.0, "24 hours": 1.0, "Day 8": 7.0, "Day 15": 14.0, "Day 28": 27.0},
    "maintenance": {"Baseline": 0.0} | {f"Day {d + 1}": float(d) for d in range(7, 169, 7)},
}
LARGE = 20_000


def cohort(n: int, seed: int = 7, regime: Regime | None = None) -> Cohort:
    return simulate(read_scenario("trd_short_term"), "trd_short_term", SCHEDULE, seed, n, regime)


@pytest.fixture(scope="module")
def large() -> Cohort:
    return cohort(LARGE)


@pytest.fixture(scope="module")
def changes(large: Cohort) -> pd.DataFrame:
    visits = large.visits[large.visits["phase"] == "induction"]
    wide = visits.pivot(index="subject", columns="visit", values="score")
    arms = large.assignments.query("phase == 'induction'").set_index("subject")["arm"]
    return wide.assign(arm=arms, change=wide["Day 28"] - wide["Baseline"])


# TRANSFORM-1/-2 pooled: Jones et al. 2022, doi:10.1007/s00737-021-01185-6 (n = 343 and 222). The
# tolerance is one published standard error, SD / sqrt(n), and two for an SD, SD / sqrt(2 n); to
# that of the mean come two Monte-Carlo errors, as the 10,000 of an arm are a sample too.
@pytest.mark.parametrize(
    ("arm", "mean", "sd", "n"),
    [("esketamine", -19.69, 13.48, 310), ("placebo", -15.87, 14.51, 208)],
)
def test_change_at_day_28_is_the_published_one(
    changes: pd.DataFrame, arm: str, mean: float, sd: float, n: int
) -> None:
    change = changes.loc[changes["arm"] == arm, "change"]
    error = sd / np.sqrt(n) + 2 * sd / np.sqrt(change.count())
    assert change.mean() == pytest.approx(mean, abs=error)
    assert change.std() == pytest.approx(sd, abs=2 * sd / np.sqrt(2 * n))


# The HAM-D17 trial that the DIA working group on missing data distributes (84 and 88 subjects,
# weeks 1 to 6): correlations of the change between visits are 0.71 to 0.87 on the drug and 0.36 to
# 0.74 on placebo, so 0.36 to 0.87 over both arms.
@pytest.mark.parametrize("arm", ["placebo", "esketamine"])
def test_visits_are_correlated_as_in_a_real_trial(changes: pd.DataFrame, arm: str) -> None:
    here = changes[changes["arm"] == arm]
    later = here[["Day 8", "Day 15", "Day 28"]].sub(here["Baseline"], axis=0)
    correlation = later.corr().to_numpy()[np.triu_indices(3, 1)]
    assert correlation.min() >= 0.36
    assert correlation.max() <= 0.87


def test_baseline_is_the_published_one(changes: pd.DataFrame) -> None:
    # The same source, baseline of the esketamine arm 37.45 (SD 5.35), n = 343.
    assert changes["Baseline"].mean() == pytest.approx(37.45, abs=0.5)
    assert changes["Baseline"].std() == pytest.approx(5.35, abs=0.4)


# Pooled by n from TRANSFORM-1 and -2, doi:10.1002/cpt.2024; tolerance one binomial standard error.
@pytest.mark.parametrize(
    ("arm", "response", "n"), [("esketamine", 0.588, 343), ("placebo", 0.453, 222)]
)
def test_response_is_near_the_published_one(
    changes: pd.DataFrame, arm: str, response: float, n: int
) -> None:
    here = changes[changes["arm"] == arm].dropna()
    share = (here["Day 28"] <= here["Baseline"] / 2).mean()
    assert share == pytest.approx(response, abs=2 * np.sqrt(response * (1 - response) / n))


def test_scores_are_whole_and_within_the_scale(large: Cohort) -> None:
    score = large.visits["score"]
    assert score.between(0, 60).all()
    assert (score == score.round()).all()


def test_only_treated_responders_enter_maintenance(large: Cohort, changes: pd.DataFrame) -> None:
    entered = large.assignments.query("phase == 'maintenance'")["subject"]
    of_them = changes.loc[entered]
    assert (of_them["arm"] == "esketamine").all()
    assert (of_them["Day 28"] <= of_them["Baseline"] / 2).all()


def test_a_subject_is_the_same_in_a_larger_cohort() -> None:
    small, larger = cohort(300), cohort(1_500)
    for name, frame in small.frames().items():
        other = larger.frames()[name]
        same = other[other["subject"].isin(small.subjects["subject"])].reset_index(drop=True)
        pd.testing.assert_frame_equal(frame.reset_index(drop=True), same)


def test_another_seed_gives_another_cohort() -> None:
    assert not cohort(50, seed=1).visits["score"].equals(cohort(50, seed=2).visits["score"])


def test_a_forced_arm_changes_nothing_before_the_first_dose() -> None:
    regimes = [
        Regime(arms=(("induction", arm),), discontinuation=False, missing=False)
        for arm in ("placebo", "esketamine")
    ]
    one, two = (cohort(200, regime=regime).visits for regime in regimes)
    first = "phase == 'induction' and visit == 'Baseline'"
    assert one.query(first)["score"].tolist() == two.query(first)["score"].tolist()
    last = "phase == 'induction' and visit == 'Day 28'"
    assert two.query(last)["score"].mean() < one.query(last)["score"].mean()


def test_everybody_is_seen_when_nothing_may_be_missing() -> None:
    full = cohort(200, regime=Regime(missing=False))
    visits = full.visits[full.visits["phase"] == "induction"]
    assert len(visits) == 200 * len(SCHEDULE["induction"])
    assert (full.follow_up["reason"] == "completed").all()


def test_the_deviation_has_its_variance_and_correlation() -> None:
    days = np.array([0.0, 3.0, 10.0])
    process = Deviation(sd=4, correlation_days=10)
    _, loadings = deviation_path(days, process)
    expected = np.exp(-np.abs(days[:, None] - days) / 10)
    np.testing.assert_allclose(loadings @ loadings.T, expected, atol=EXACT)


def test_the_deviation_goes_on_in_the_next_phase() -> None:
    process = Deviation(sd=4, correlation_days=10)
    whole = deviation_path(np.array([0.0, 3.0, 10.0, 14.0]), process)[1]
    first = deviation_path(np.array([0.0, 3.0]), process)[1]
    carried, later = deviation_path(np.array([0.0, 4.0]), process, gap=7.0)
    joined = np.zeros((4, 4))
    joined[:2, :2], joined[2:, 2:] = first, later
    joined[2:, :2] = np.outer(carried, first[-1])
    np.testing.assert_allclose(joined @ joined.T, whole @ whole.T, atol=EXACT)


def test_the_deviation_widens_from_a_narrow_entry() -> None:
    process = Deviation(sd=4, correlation_days=10, at_entry=0.2)
    _, loadings = deviation_path(np.array([0.0, 5.0, 80.0]), process)
    variance = np.diag(loadings @ loadings.T)
    expected = 1 - (1 - 0.2**2) * np.exp(-2 * np.array([0.0, 5.0, 80.0]) / 10)
    np.testing.assert_allclose(variance, expected, atol=EXACT)


def test_one_dose_fades_with_its_half_life() -> None:
    drug = DrugEffect(
        responders=1,
        mean=1,
        sd=0,
        others_mean=0,
        others_sd=0,
        onset_hours=1e-6,
        half_life_days=5,
        saturation=0,
    )
    state = drug_state(drug, np.array([0.0, 5.0, 10.0]), np.array([0.0]), np.ones((1, 1)))
    assert state[0] == pytest.approx([0, 0.5, 0.25], abs=1e-6)


def test_a_constant_hazard_gives_exponential_times() -> None:
    hazard = np.full((4, 3), 0.1)
    days = np.array([0.0, 10.0, 20.0, 30.0])
    time = time_of_event(hazard, days, np.array([0.5, 1.0, 2.5, 3.5]))
    assert time == pytest.approx([5, 10, 25, np.inf])


# Prescribing information, four weeks, n = 346 and 222 (https://www.spravatohcp.com/safety). A share
# of subjects stops before the event would come, so the rate met is a little lower: tolerance the
# published binomial standard error. Of dissociation the scenario lies between the label (41%) and
# other trials of the same doses; ASPIRE II has 38.6% of 114 (Ionescu 2021).
@pytest.mark.parametrize(
    ("term", "arm", "percent", "n"),
    [
        ("Dissociation", "esketamine", 38.6, 114),
        ("Nausea", "esketamine", 28, 346),
        ("Headache", "placebo", 17, 222),
    ],
)
def test_adverse_events_are_as_frequent_as_published(
    large: Cohort, term: str, arm: str, percent: float, n: int
) -> None:
    assigned, events = (
        frame[frame["phase"] == "induction"] for frame in (large.assignments, large.adverse_events)
    )
    with_event = events.loc[events["term"] == term, "subject"]
    share = assigned.loc[assigned["arm"] == arm, "subject"].isin(with_event).mean()
    published = percent / 100
    assert share == pytest.approx(published, abs=np.sqrt(published * (1 - published) / n))


def test_session_events_begin_within_hours_of_a_dose(large: Cohort) -> None:
    events = large.adverse_events.query("term == 'Dissociation'")
    keys = ["subject", "phase", "day"]  # an event comes back at later sessions
    doses = large.exposure.merge(events, on=["subject", "phase"], suffixes=("_dose", ""))
    since = (doses["day"] - doses["day_dose"]).where(lambda gap: gap >= 0)
    nearest = since.groupby([doses[key] for key in keys]).min()
    assert len(nearest) == len(events)
    assert nearest.max() <= 0.08


def test_placebo_is_a_dose_of_nothing(large: Cohort) -> None:
    arms = large.assignments[["subject", "phase", "arm"]]
    doses = large.exposure.merge(arms, on=["subject", "phase"])
    assert (doses.loc[doses["arm"].isin(["placebo", "withdraw"]), "dose"] == 0).all()
    assert (doses.loc[doses["arm"].isin(["esketamine", "continue"]), "dose"] == 66).all()


def test_a_cohort_of_categories_says_what_one_of_words_says() -> None:
    """Over two blocks, so that the categories of both are the same."""
    whole = cohort(5_000)
    lean = simulate(
        read_scenario("trd_short_term"), "trd_short_term", SCHEDULE, 7, 5_000, lean=True
    )
    words = ["phase", "visit", "scale"]
    assert all(isinstance(lean.visits[word].dtype, pd.CategoricalDtype) for word in words)
    pd.testing.assert_frame_equal(
        lean.visits.astype(dict.fromkeys(words, object)), whole.visits, check_exact=True
    )
