"""What cohorts give now of things that have no published result with a standard error."""

from collections.abc import Callable, Mapping
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from ketaoutcomes.cohort import Cohort
from ketaoutcomes.cohorts.calibration.replay import with_values
from ketaoutcomes.cohorts.calibration.statistics import severity_before_leaving
from ketaoutcomes.cohorts.evidence.named import Measure
from ketaoutcomes.cohorts.publish import standard_schedule
from ketaoutcomes.cohorts.simulation.draws import BLOCK
from ketaoutcomes.cohorts.simulation.phase import Regime
from ketaoutcomes.cohorts.simulation.scenario import read_scenario
from ketaoutcomes.cohorts.simulation.simulate import simulate

if TYPE_CHECKING:
    import pandas as pd

SEED = 9301
EIGHTH = 8

CARE = "treatment"
LONG_CARE = 1_500.0
"""Days within which all but a few in a thousand have had eight sessions."""


@cache
def measured(measure: Measure, scenario: str) -> str:
    """A measure of a cohort of 4,096 participants of a scenario, in words."""
    return MEASURES[measure](scenario)


@cache
def _cohort(name: str) -> Cohort:
    scenario = read_scenario(name)
    return simulate(scenario, name, standard_schedule(scenario), SEED, BLOCK)


def _eighth_session(name: str) -> str:
    """Of all in care, nobody stopping: in the scenario's own year the slow ones have no eighth."""
    scenario = with_values(read_scenario(name), {f"phases.{CARE}.days": LONG_CARE})
    schedule = standard_schedule(scenario) | {CARE: {"Baseline": 0.0, "Last day": LONG_CARE}}
    everybody = Regime(discontinuation=False, missing=False, safety=True)
    cohort = simulate(scenario, name, schedule, SEED, BLOCK, everybody)
    sessions = cohort.exposure[cohort.exposure["phase"] == CARE]
    days = sessions.groupby("subject")["day"].nth(EIGHTH - 1)
    return f"mean {days.mean():.0f} (SD {days.std():.0f}), median {days.median():.0f}"


def _related_on_placebo(name: str) -> str:
    cohort = _cohort(name)
    events = cohort.adverse_events.merge(cohort.assignments, on=["subject", "phase"])
    return _percent(events.loc[events["arm"] == "placebo", "related"].astype(bool))


def _nausea(name: str) -> str:
    cohort = _cohort(name)
    there = cohort.assignments.loc[cohort.assignments["arm"] == "antidepressant", "subject"]
    events = cohort.adverse_events
    with_event = events.loc[events["term"] == "Nausea", "subject"]
    return _percent(there.isin(with_event))


def _gaps(name: str) -> str:
    """Participants with no score after the first missing one, and with one, in the first phase."""
    visits = _cohort(name).visits
    here = visits[visits["phase"] == visits["phase"].iloc[0]]
    wide = here.pivot_table(
        index="subject", columns="day", values="score", aggfunc="first", dropna=False
    ).isna()
    missing = wide.to_numpy()
    ever = missing.any(axis=1)
    dropped = ever & (np.diff(missing.astype(int), axis=1) >= 0).all(axis=1)
    return f"{dropped.sum():,} monotone to {(ever & ~dropped).sum():,} intermittent"


def _before_leaving(name: str) -> str:
    """How far those who then left were above the others at their last visit, in SDs, by arm."""
    cohort = _cohort(name)
    first = cohort.visits["phase"].iloc[0]
    here = cohort.visits[(cohort.visits["phase"] == first) & (cohort.visits["scale"] == "MADRS")]
    wide = here.pivot_table(index="subject", columns="day", values="score", dropna=False)
    own = cohort.assignments[cohort.assignments["phase"] == first].set_index("subject")["arm"]
    by_arm = {
        arm: severity_before_leaving(wide[own.reindex(wide.index) == arm].to_numpy())
        for arm in sorted(own.unique())
    }
    return ", ".join(f"{gap.value:.2f} {arm}" for arm, gap in by_arm.items())


def _highest_age(name: str) -> str:
    age = _cohort(name).subjects["age"]
    return _percent(age == age.max())


def _least_distance(name: str) -> str:
    miles = _cohort(name).subjects["distance_miles"]
    return _percent(miles == miles.min())


def _heavier(name: str) -> str:
    weight = _cohort(name).subjects.groupby("sex")["weight"].mean()
    return f"{weight['male'] - weight['female']:.1f} kg"


def _percent(which: "pd.Series[bool]") -> str:
    return f"{100 * which.mean():.1f}%"


MEASURES: Mapping[Measure, Callable[[str], str]] = {
    "day of the eighth session": _eighth_session,
    "related on placebo": _related_on_placebo,
    "nausea on the oral antidepressant": _nausea,
    "intermittent gaps": _gaps,
    "severity before leaving": _before_leaving,
    "at the highest age": _highest_age,
    "at the least distance": _least_distance,
    "weight of men above women": _heavier,
}
