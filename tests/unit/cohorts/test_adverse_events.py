"""Adverse events: what causes them, whether they are held to be related, and that they recur."""

import numpy as np
import pandas as pd
import pytest

from ketaoutcomes.cohort import Cohort
from ketaoutcomes.cohorts.publish import standard_schedule
from ketaoutcomes.cohorts.simulation.pharmacokinetics import strength
from ketaoutcomes.cohorts.simulation.safety import caused_share
from ketaoutcomes.cohorts.simulation.scenario import read_scenario, scenario_names
from ketaoutcomes.cohorts.simulation.simulate import simulate

SCENARIOS = scenario_names()
N = 3_000


@pytest.fixture(scope="module")
def cohorts() -> dict[str, Cohort]:
    return {name: cohort(name) for name in SCENARIOS}


def cohort(name: str) -> Cohort:
    scenario = read_scenario(name)
    return simulate(scenario, name, standard_schedule(scenario), 5, N)


def with_arms(made: Cohort, frame: pd.DataFrame) -> pd.DataFrame:
    return frame.merge(made.assignments[["subject", "phase", "arm"]], on=["subject", "phase"])


def test_the_caused_share_is_what_exceeds_the_spontaneous_percent() -> None:
    """41 % on the drug and 9 % without it: 32 of 41 are caused."""
    share = caused_share(np.array([41.0, 9.0, 5.0]), np.array([9.0, 9.0, 9.0]))
    np.testing.assert_allclose(share, [32 / 41, 0, 0])


@pytest.mark.parametrize("name", SCENARIOS)
def test_what_no_drug_caused_is_mostly_held_unrelated(
    cohorts: dict[str, Cohort], name: str
) -> None:
    """On placebo, saline or midazolam 30 % in expectation; before, 84 %."""
    scenario, made = read_scenario(name), cohorts[name]
    events = with_arms(made, made.adverse_events)
    for (phase, arm), here in list(events.groupby(["phase", "arm"])):
        dosing = scenario.phases[str(phase)].arms[str(arm)]
        if strength(dosing.drug, "mood") == 0 and not dosing.oral_antidepressant:
            error = np.sqrt(0.3 * 0.7 / len(here))
            assert here["related"].mean() < 0.3 + 5 * error, (phase, arm)


@pytest.mark.parametrize("name", SCENARIOS)
def test_dissociation_of_the_drug_is_mostly_held_related(
    cohorts: dict[str, Cohort], name: str
) -> None:
    scenario, made = read_scenario(name), cohorts[name]
    events = with_arms(made, made.adverse_events).query("term == 'Dissociation'")
    shares = events.groupby(["phase", "arm"])["related"].mean()
    for phase, arm, share in shares.reset_index().itertuples(index=False):
        dosing = scenario.phases[str(phase)].arms[str(arm)]
        if strength(dosing.drug, "mood") > 0 and dosing.dose != 0.1:  # a tenth: as midazolam
            assert share > 0.6, (phase, arm)


@pytest.mark.parametrize("name", SCENARIOS)
def test_events_recur_at_sessions_only_and_after_the_first(
    cohorts: dict[str, Cohort], name: str
) -> None:
    scenario, made = read_scenario(name), cohorts[name]
    keys = ["subject", "phase", "term"]
    events = made.adverse_events
    again = events[events.duplicated(keys)]
    timing = {term: event.timing for term, event in scenario.adverse_events.items()}
    assert set(again["term"].map(timing)) <= {"session"}
    sessions = made.exposure[made.exposure["dose"] > 0].groupby(["subject", "phase"]).size()
    most = events.groupby(keys).size().groupby(["subject", "phase"]).max()
    on_drug = most[most > 1]
    assert (on_drug <= sessions.reindex(on_drug.index)).all()


def test_dissociation_comes_back_at_half_of_the_later_sessions(
    cohorts: dict[str, Cohort],
) -> None:
    """Of those whose dissociation was caused, 32 of 41: 39 % of all later sessions of them all."""
    made = cohorts["trd_short_term"]
    events = made.adverse_events.query("term == 'Dissociation' and phase == 'induction'")
    events = with_arms(made, events).query("arm == 'esketamine'")
    first = events.groupby("subject")["day"].min().rename("first")
    doses = made.exposure.query("phase == 'induction'").merge(first, on="subject")
    later = doses[doses["day"] > doses["first"]]
    expected = 0.5 * 32 / 41
    share = (len(events) - len(first)) / len(later)
    # sessions of one participant go together: with about five each the error is near that of people
    assert share == pytest.approx(expected, abs=4 * np.sqrt(expected * 0.61 / len(first)))


@pytest.mark.parametrize(
    ("name", "arm"),
    [
        ("safety", "antidepressant"),
        ("quality_of_life", "antidepressant"),
        ("onset_comparison", "oral"),
    ],
)
def test_an_oral_antidepressant_has_events_and_doses_of_its_own(
    cohorts: dict[str, Cohort], name: str, arm: str
) -> None:
    """Nausea of 25 % (prescribing information of sertraline); before, nobody had any in a year."""
    made = cohorts[name]
    people = made.assignments.loc[made.assignments["arm"] == arm, "subject"]
    events = made.adverse_events[made.adverse_events["subject"].isin(people)]
    nausea = events[events["term"] == "Nausea"]
    share = nausea["subject"].nunique() / len(people)
    # Who leaves before it would come has none: at most a tenth fewer.
    assert 0.25 * 0.85 < share < 0.25 + 4 * np.sqrt(0.25 * 0.75 / len(people))
    assert nausea["day"].median() < 14
    doses = made.exposure[made.exposure["subject"].isin(people)]
    assert set(doses["route"]) == {"oral"}
    assert people.isin(doses["subject"]).all()
    assert (doses["dose"] == 2800).all()
    gaps = doses.groupby("subject")["day"].diff().dropna()
    assert (gaps == 28).all()
    last = made.follow_up.set_index("subject")["last_day"]
    assert (doses["day"] <= doses["subject"].map(last)).all()
