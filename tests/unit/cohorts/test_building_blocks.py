"""Parts of the generator against closed forms, by hand, and for whatever numbers come."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import kstest

from ketaoutcomes.cohorts.simulation.course import (
    drug_state,
    entry_severity,
    mixture,
    placebo_course,
    time_of_event,
)
from ketaoutcomes.cohorts.simulation.draws import BLOCK, Draws, PhaseDraws, at_rows, category
from ketaoutcomes.cohorts.simulation.happenings import (
    hazard_with_time,
    protection_after_doses,
    stopping,
)
from ketaoutcomes.cohorts.simulation.parts_course import (
    AcuteEffect,
    BaselineSeverity,
    DrugEffect,
    Mixture,
    PlaceboResponse,
)
from ketaoutcomes.cohorts.simulation.parts_design import (
    Dosing,
    Escalation,
    Pace,
    ScenarioPhase,
)
from ketaoutcomes.cohorts.simulation.parts_events import Discontinuation
from ketaoutcomes.cohorts.simulation.scale_parts import apportioned
from ketaoutcomes.cohorts.simulation.scenario import Scenario, read_scenario
from ketaoutcomes.cohorts.simulation.simulate import simulate, simulate_in_parts
from ketaoutcomes.cohorts.simulation.treatment import (
    dose_weights,
    escalated,
    first_peak,
    plan_treatment,
    saturating,
)
from tolerances import EXACT

SCHEDULE = {"induction": {"Baseline": 0.0, "Day 8": 7.0, "Day 28": 27.0}}


def drug(**changes: float) -> DrugEffect:
    values = {
        "responders": 1.0,
        "mean": 10.0,
        "sd": 0.0,
        "onset_hours": 4.0,
        "half_life_days": 5.0,
        "saturation": 0.0,
    }
    return DrugEffect(**(values | changes))


@settings(max_examples=60)
@given(
    total=st.integers(0, 60),
    weights=st.lists(st.floats(0.01, 100), min_size=10, max_size=10),
)
def test_parts_add_up_and_stay_within_their_bounds(total: int, weights: list[float]) -> None:
    high = np.full(10, 6.0)
    parts = apportioned(np.array([[float(total)]]), np.array([[weights]]), high)[0, 0]
    assert parts.sum() == total
    assert (parts >= 0).all()
    assert (parts <= high).all()
    assert (parts == parts.round()).all()


def test_parts_are_in_proportion_where_nothing_is_in_the_way() -> None:
    parts = apportioned(np.array([[10.0]]), np.array([[[1.0, 1.0, 3.0]]]), np.full(3, 20.0))
    assert parts[0, 0].tolist() == [2, 2, 6]


def test_what_a_full_part_cannot_take_goes_to_the_others() -> None:
    parts = apportioned(np.array([[10.0]]), np.array([[[1.0, 1.0, 8.0]]]), np.array([9.0, 9, 4]))
    assert parts[0, 0].tolist() == [3, 3, 4]


@settings(max_examples=60)
@given(
    rates=st.lists(st.floats(0.001, 2), min_size=3, max_size=3),
    drawn=st.floats(0.001, 5),
)
def test_the_hazard_up_to_the_event_is_the_number_drawn(rates: list[float], drawn: float) -> None:
    days = np.array([0.0, 2.0, 5.0, 6.0])
    time = time_of_event(np.array([rates]), days, np.array([drawn]))[0]
    steps = np.clip(min(time, days[-1]) - days[:-1], 0, np.diff(days))
    reached = float(steps @ np.array(rates))
    if np.isfinite(time):
        assert reached == pytest.approx(drawn, rel=1e-9)
    else:
        assert reached <= drawn + 1e-12


def test_times_under_a_constant_hazard_are_exponential() -> None:
    drawn = Draws(3, 0).exponential("test")
    days = np.linspace(0, 1_000, 50)
    time = time_of_event(np.full((BLOCK, 49), 0.05), days, drawn)
    assert kstest(time, "expon", args=(0, 1 / 0.05)).pvalue > 0.001


def test_doses_add_up_by_superposition() -> None:
    days, doses = np.array([1.0, 8.0, 30.0]), np.array([0.0, 3.0, 7.0])
    together = drug_state(drug(), days, doses, np.ones((1, 3)))
    one_by_one = sum(drug_state(drug(), days, doses, row[None]) for row in np.eye(3))
    np.testing.assert_allclose(together, one_by_one, atol=EXACT)


def test_a_consolidated_share_outlasts_the_rest() -> None:
    lasting = drug(consolidated_share=0.4, consolidated_half_life_days=50)
    days, doses, once = np.array([50.0]), np.array([0.0]), np.ones((1, 1))
    expected = 0.6 * 0.5 ** (50 / 5) + 0.4 * 0.5
    assert drug_state(lasting, days, doses, once)[0, 0] == pytest.approx(expected)


def test_saturation_bends_but_keeps_one_dose_at_one() -> None:
    at_full = drug(saturation=2.0, onset_hours=1e-9, half_life_days=1e9)
    state = drug_state(at_full, np.array([1.0]), np.zeros(1), np.array([[0.0], [1.0], [1e9]]))
    assert state[:, 0] == pytest.approx([0, 1, 1.5])


def test_entry_severity_is_a_normal_cut_at_the_criterion() -> None:
    baseline = BaselineSeverity(mean=30, sd=5, entry_at_least=28)
    drawn = entry_severity(baseline, (np.arange(100_000) + 0.5) / 100_000)
    ratio = np.exp(-0.08) / np.sqrt(2 * np.pi) / 0.6554217416103242
    assert drawn.min() >= 28
    # Mean of a truncated normal in closed form (Johnson, Kotz & Balakrishnan 1994, 13.10); the grid
    # of 100,000 quantiles misses the tail by about 1e-4.
    assert drawn.mean() == pytest.approx(30 + 5 * ratio, abs=1e-3)


def test_a_mixture_has_its_mean() -> None:
    effect = Mixture(responders=0.3, mean=10, sd=2, others_mean=1, others_sd=1)
    draws = Draws(1, 0)
    values = mixture(effect, draws.uniform("a"), draws.normal("b"))
    error = values.std() / np.sqrt(BLOCK)
    assert values.mean() == pytest.approx(0.3 * 10 + 0.7 * 1, abs=4 * error)


def test_categories_have_their_shares() -> None:
    counts = np.bincount(category((1, 3), (np.arange(1_000) + 0.5) / 1_000))
    assert counts.tolist() == [250, 750]


def test_some_rows_are_those_rows() -> None:
    values = np.arange(10.0)
    assert at_rows(values, np.array([0, 1, 2])).tolist() == [0, 1, 2]
    assert at_rows(values, np.array([0, 4, 9])).tolist() == [0, 4, 9]
    assert at_rows(values, np.array([], dtype=int)).tolist() == []


def phase(**arms: Dosing) -> ScenarioPhase:
    return ScenarioPhase(days=28, arms=arms)


KETAMINE = Dosing(drug="ketamine", dose=0.5, unit="mg/kg", dose_days=(0.0, 7.0))


def test_the_reference_infusion_counts_one() -> None:
    made = plan_treatment(phase(a=KETAMINE), np.zeros(1, dtype=int), np.ones(1), None)
    assert dose_weights(drug(), made).tolist() == [[1.0, 1.0]]


def test_placebo_and_midazolam_count_nothing() -> None:
    arms = phase(
        a=Dosing(dose_days=(0.0,)),
        b=Dosing(drug="midazolam", dose=0.045, unit="mg/kg", dose_days=(0.0,)),
    )
    made = plan_treatment(arms, np.array([0, 1]), np.ones(2), None)
    assert dose_weights(drug(), made).tolist() == [[0.0], [0.0]]
    assert made.on_drug.tolist() == [False, False]


def test_tolerance_weakens_each_dose_by_its_share() -> None:
    made = plan_treatment(phase(a=KETAMINE), np.zeros(1, dtype=int), np.ones(1), None)
    assert dose_weights(drug(tolerance=0.2), made)[0] == pytest.approx([1.0, 0.8])


def test_an_effect_builds_up_over_the_doses_that_are_taken() -> None:
    """By hand: 0.4 of the full weight is there at once, and 0.6 exp(-k / 2) is missing after k."""
    four = KETAMINE.model_copy(update={"dose_days": (0.0, 2.0, 4.0, 7.0)})
    made = plan_treatment(phase(a=four), np.zeros(2, dtype=int), np.ones(2), None)
    missed = np.array([[True, True, True, True], [True, False, True, True]])
    building = drug(first_dose=0.4, builds_up_over=2.0)
    weights = dose_weights(building, replace(made, planned=missed))
    assert weights[0] == pytest.approx(1 - 0.6 * np.exp(-np.arange(4) / 2))
    assert weights[1, [0, 2, 3]] == pytest.approx(1 - 0.6 * np.exp(-np.arange(3) / 2))
    later = dose_weights(building, made, earlier=np.array([0, 50]))
    assert later[0] == pytest.approx(weights[0])
    assert later[1] == pytest.approx(np.ones(4))


IN_CARE = Dosing(
    drug="esketamine",
    dose=66,
    dose_days=(0.0, 3.0, 7.0, 10.0, 14.0, 17.0, 21.0, 24.0),
    pace=Pace(mean=3.33, sd=3.0),
)


def test_sessions_in_care_take_as_long_as_in_claims() -> None:
    """The eighth on day 80 on average, SD 72 (issue), half by day 58.5 (claims of 2023).

    A session waits for the next of two days a week, 1.75 days on average, and is held a day early.
    The SD of a log-normal is estimated within a fifth by so many.
    """
    normal = np.random.default_rng(1).standard_normal(50_000)
    arms = ScenarioPhase(days=3_000, arms={"a": IN_CARE})
    everybody = np.zeros(normal.size, dtype=int)
    made = plan_treatment(arms, everybody, np.ones(normal.size), None, normal)
    assert (made.planned.sum(axis=1) >= 7).all()
    eighth = made.doses[made.doses.size - 1 - made.planned[:, ::-1].argmax(axis=1)]
    assert eighth.mean() == pytest.approx(80 + 0.75, abs=2.5)
    assert eighth.std() == pytest.approx(72, rel=0.2)
    assert np.median(eighth) == pytest.approx(58.5 + 0.75, abs=3)


@given(st.floats(-3, 3), st.floats(10, 300))
def test_who_is_slow_has_the_same_sessions_later_and_never_two_on_a_day(
    slow: float, length: float
) -> None:
    arms = ScenarioPhase(days=length, arms={"a": IN_CARE, "b": KETAMINE})
    made = plan_treatment(arms, np.zeros(2, dtype=int), np.ones(2), None, np.array([-9.0, slow]))
    on_time, own = (made.doses[row] for row in made.planned)
    assert on_time.tolist() == [day for day in IN_CARE.dose_days if day < length]
    assert own[0] == 0
    assert own.size <= on_time.size
    assert (own >= on_time[: own.size]).all()
    assert set(own % 7) <= {0.0, 3.0}


def test_an_arm_without_a_pace_keeps_its_days_beside_one_that_has_it() -> None:
    arms = ScenarioPhase(days=60, arms={"a": IN_CARE, "b": KETAMINE})
    made = plan_treatment(arms, np.ones(1, dtype=int), np.ones(1), None, np.zeros(1))
    assert made.doses[made.planned[0]].tolist() == [0, 7]


def test_a_response_that_fades_follows_the_session_and_the_rest_stays() -> None:
    """By hand at two times, in a first period and in a second one, twenty days later."""
    response = PlaceboResponse(responders=1, mean=10, sd=0, days=5.0, lasts=0.25, fades_in_days=7.0)
    days = np.array([0.0, 2.0, 10.0])
    first = placebo_course(response, days, days)
    built = 1 - np.exp(-days / 5)
    assert first == pytest.approx(built * (0.25 + 0.75 * np.exp(-days / 7)))
    second = placebo_course(response, days, days + 20)
    stays = 0.25 * (1 - np.exp(-(days + 20) / 5))
    assert second == pytest.approx(stays + 0.75 * built * np.exp(-days / 7))
    lasting = response.model_copy(update={"lasts": 1.0})
    assert placebo_course(lasting, days, days) == pytest.approx(built)


def test_a_route_counts_by_what_reaches_the_blood() -> None:
    by_mouth = KETAMINE.model_copy(update={"route": "oral"})
    made = plan_treatment(phase(a=by_mouth), np.zeros(1, dtype=int), np.ones(1), None)
    x = 0.2 * 0.5
    assert dose_weights(drug(), made)[0, 0] == pytest.approx(x / (x + 0.2) / (0.5 / 0.7))


def test_milligrams_are_spread_over_body_weight() -> None:
    fixed = KETAMINE.model_copy(update={"dose": 40.0, "unit": "mg"})
    made = plan_treatment(phase(a=fixed), np.zeros(2, dtype=int), np.ones(2), np.array([80.0, 40]))
    assert made.mg_kg.tolist() == [0.5, 1.0]


def test_only_who_has_not_improved_enough_gets_more() -> None:
    rising = KETAMINE.model_copy(update={"escalation": Escalation(days=(5,), factors=(1.5,))})
    made = plan_treatment(phase(a=rising), np.zeros(2, dtype=int), np.ones(2), None)
    severity = np.array([[30.0, 10.0], [30.0, 25.0]])
    amount = escalated(made, np.array([0.0, 4.0]), lambda _: severity)
    assert amount.tolist() == [[1.0, 1.0], [1.0, 1.5]]


def test_a_dose_goes_up_step_by_step_until_it_is_enough() -> None:
    """Counted by hand: never enough, enough after the first step, enough from the start."""
    ladder = Escalation(days=(7, 14, 21), factors=(1.2, 1.5))
    weekly = KETAMINE.model_copy(update={"dose_days": (0.0, 7, 14, 21), "escalation": ladder})
    fixed = weekly.model_copy(update={"escalation": None})
    made = plan_treatment(phase(a=weekly, b=fixed), np.array([0, 0, 0, 1]), np.ones(4), None)

    def severity(amount):
        """Those who need more than 1 are well once they get it; the first is never well."""
        needs = np.array([9.0, 1.1, 1.0, 9.0])
        return np.where(np.c_[np.zeros(4), amount[:, :3]] >= needs[:, None], 10.0, 30.0)

    amount = escalated(made, np.array([0.0, 7, 14, 21]), severity)
    assert amount.tolist() == [
        [1.0, 1.2, 1.5, 1.5],
        [1.0, 1.2, 1.2, 1.2],
        [1.0, 1.0, 1.0, 1.0],
        [1.0, 1.0, 1.0, 1.0],
    ]


@pytest.mark.parametrize(
    ("days", "factors"), [((0,), (1.5,)), ((7, 5), (1.5,)), ((7,), (1.5, 1.2)), ((7,), (1.0,))]
)
def test_a_ladder_that_does_not_rise_is_refused(days, factors) -> None:
    with pytest.raises(ValueError, match="escalation rise"):
        Escalation(days=days, factors=factors)


def test_protection_halves_after_the_last_dose_that_was_taken() -> None:
    taken = np.array([[True, True], [True, False], [False, False]])
    left = protection_after_doses(np.array([-1.0, 0, 7, 14]), np.array([0.0, 7]), taken, 7)
    assert left.tolist() == [[0, 1, 1, 0.5], [0, 1, 0.5, 0.25], [0, 0, 0, 0]]


@pytest.mark.parametrize(("shape", "from_day"), [(0.4, 0.0), (0.4, 10.0), (2.0, 0.0), (1, 10.0)])
def test_stopping_follows_the_distribution_of_weibull(shape: float, from_day: float) -> None:
    """Shares who stopped by each visit, 20,480 people: 1 - exp(-H), H to the power of the time.

    Over the phase of 60 days H is 0.02 a day times 60, as without a shape.
    """
    rates = Discontinuation(per_day=0.02, shape=shape, from_day=from_day)
    days = np.array([0.0, 7, 14, 28, 60])
    with_time = hazard_with_time(rates, days, 0.0, 60.0)
    found = np.concatenate(
        [
            stopping(
                rates,
                days,
                np.zeros((BLOCK, 5)),
                np.zeros(BLOCK, dtype=bool),
                np.ones(BLOCK),
                with_time,
                PhaseDraws(Draws(4, block), "care", np.arange(BLOCK)),
            ).day
            for block in range(5)
        ]
    )
    since = np.maximum(days - from_day, 0)
    expected = 1 - np.exp(-0.02 * 60 * (since / since[-1]) ** shape)
    share = (found[:, None] <= days).mean(axis=0)
    np.testing.assert_allclose(share, expected, atol=5 * np.sqrt(0.25 / found.size))


def test_a_hazard_that_stays_is_left_as_it_is() -> None:
    rates = Discontinuation(per_day=0.02)
    assert hazard_with_time(rates, np.array([0.0, 1 / 3, 7]), 14.1, 7.0).tolist() == [1, 1]


def test_a_later_phase_goes_on_with_the_time_since_the_start() -> None:
    """By hand: roots of 36, 49 and 64 days are 6, 7 and 8; 2 of them in 28 days are the mean."""
    rates = Discontinuation(per_day=0.02, shape=0.5)
    found = hazard_with_time(rates, np.array([0.0, 13, 28]), 36.0, 28.0)
    np.testing.assert_allclose(found, [28 / 26, 28 / 30])
    gone = Discontinuation(per_day=0.02, from_day=90)
    assert hazard_with_time(gone, np.array([0.0, 13, 28]), 36.0, 28.0).tolist() == [0, 0]


def test_an_acute_effect_is_half_at_its_half_level() -> None:
    effect = AcuteEffect(baseline=0, peak=40, half_ng_ml=200, hill=3)
    assert saturating(effect, np.array([0.0, 200.0])).tolist() == [0.0, 0.5]


def test_a_placebo_has_no_acute_effect() -> None:
    effect = AcuteEffect(baseline=0, peak=40, half_ng_ml=200)
    arms = phase(a=Dosing(dose_days=(0.0,)), b=KETAMINE)
    made = plan_treatment(arms, np.array([0, 1]), np.ones(2), None)
    peaks = first_peak("CADSS", effect, made)
    assert peaks[0] == 0
    assert 0.3 < peaks[1] < 0.7


def test_regular_doses_go_on_to_the_end_of_the_phase() -> None:
    dosing = Dosing(dose_days=(0.0, 3.0), every_days=7)
    assert dosing.days_of_doses(24) == (0, 3, 10, 17)
    assert dosing.days_of_doses(25) == (0, 3, 10, 17, 24)
    assert Dosing(every_days=10).days_of_doses(30) == (0, 10, 20)


def test_processes_change_nothing() -> None:
    scenario = read_scenario("trd_short_term")
    one, two = (
        simulate(scenario, "x", SCHEDULE, 1, BLOCK + 50, processes=count) for count in (1, 2)
    )
    for name, frame in one.frames().items():
        pd.testing.assert_frame_equal(frame, two.frames()[name])


def test_a_cohort_in_parts_is_the_same_cohort() -> None:
    scenario = read_scenario("trd_short_term")
    whole = simulate(scenario, "x", SCHEDULE, 1, BLOCK + 50)
    parts = list(simulate_in_parts(scenario, "x", SCHEDULE, 1, BLOCK + 50, blocks_at_once=1))
    assert len(parts) == 2
    joined = pd.concat([part.visits for part in parts], ignore_index=True)
    pd.testing.assert_frame_equal(joined, whole.visits)


def test_a_trial_effect_is_drawn_once_a_seed() -> None:
    draws = [Draws(seed, block).of_trial("drug effect") for seed in (1, 2) for block in (0, 7)]
    assert draws[0] == draws[1]
    assert draws[0] != draws[2]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"modifiers": {"shoe_size": {}}}, "modifiers that are not covariates: shoe_size"),
        ({"further_scales": {"XYZ": {"mean": 1.0}}}, "the package does not know: XYZ"),
        ({"relapse": None}, "needs the block `relapse`"),
    ],
)
def test_a_scenario_that_contradicts_itself_is_refused(change: dict, words: str) -> None:
    whole = read_scenario("trd_short_term").model_dump(exclude_unset=True)
    with pytest.raises(ValueError, match=words):
        Scenario.model_validate(whole | change)
