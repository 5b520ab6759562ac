"""The subjects of a block: who they are, and what each would make of any treatment."""

from collections.abc import Mapping
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from ketaoutcomes.cohorts.simulation.course import (
    entry_severity,
    mean_at_entry,
    mixture,
)
from ketaoutcomes.cohorts.simulation.covariates import Values
from ketaoutcomes.cohorts.simulation.draws import Draws, Rows, at_rows
from ketaoutcomes.cohorts.simulation.new_trials import DRUG, PLACEBO, factor_of
from ketaoutcomes.cohorts.simulation.scenario import Scenario
from ketaoutcomes.cohorts.simulation.sites import effects_of_sites

FloatArray = NDArray[np.float64]

PER_UNIT = "per_unit"
"""Key of the change with one unit of a covariate that is a number."""


DRUG_RESPONDER = "drug responder"
"""The uniform number that decides who responds to the drug: the lower, the sooner."""


MOST_LEAST = 0.5
"""Share of the mean at baseline above which a lowest severity would rise as illness falls."""


@dataclass(frozen=True)
class People:
    """What a subject brings along; all arrays have one element a subject.

    Attributes
    ----------
    baseline : array
        True severity at entry.
    placebo, expectancy, drug, oral, therapy : array
        Points of improvement under each at its full effect.
    exposure : array
        Factor of the plasma level.
    swings : array
        Factor of deviation and error: some people's course is steady, others' swings.
    leaving : array
        Factor of the hazard of stopping.
    least : array
        Points near which severity bends towards its lowest in who is well.
    """

    baseline: FloatArray
    placebo: FloatArray
    expectancy: FloatArray
    drug: FloatArray
    oral: FloatArray
    therapy: FloatArray
    exposure: FloatArray
    swings: FloatArray
    leaving: FloatArray
    least: FloatArray

    def of(self, rows: Rows) -> "People":
        """Some of them."""
        return People(*(at_rows(getattr(self, field.name), rows) for field in fields(self)))


def people_of(
    scenario: Scenario,
    draws: Draws,
    covariates: Mapping[str, Values],
    *,
    subjects_a_trial: int = 0,
    subjects_a_set_of_sites: int = 0,
) -> People:
    """Draw the subjects of a block.

    Parameters
    ----------
    subjects_a_trial : int
        So many subjects each share a drug effect and a placebo response; 0 is the typical trial.
    subjects_a_set_of_sites : int
        So many subjects each share a set of sites, where the scenario has sites; 0 is all of them.
    """
    s = scenario.severity
    baseline = entry_severity(s.baseline, draws.uniform("baseline"))
    placebo = mixture(s.placebo, draws.uniform("placebo responder"), draws.normal("placebo effect"))
    drug = mixture(s.drug, draws.uniform(DRUG_RESPONDER), draws.normal("drug effect"))
    for name, modifier in scenario.modifiers.items():
        values = covariates[name]
        baseline = baseline + effect_of(values, modifier.baseline, modifier.centre, 0.0)
        drug = drug * effect_of(values, modifier.drug, modifier.centre, 1.0)
        placebo = placebo * effect_of(values, modifier.placebo, modifier.centre, 1.0)
    if subjects_a_trial:
        spread = scenario.between_trials
        drug = drug * factor_of(spread.drug, draws.of_trials(DRUG, subjects_a_trial))
        placebo = placebo * factor_of(spread.placebo, draws.of_trials(PLACEBO, subjects_a_trial))
    n = len(baseline)
    leaving = np.ones(n)
    if scenario.sites is not None:
        own = effects_of_sites(scenario.sites, draws, subjects_a_set_of_sites)
        baseline = baseline + own.baseline
        drug, placebo, leaving = drug * own.drug, placebo * own.placebo, own.leaving
    oral, therapy = s.oral_antidepressant, s.psychotherapy
    expectancy = s.expectancy.mean + s.expectancy.sd * draws.normal("expectancy")
    ill = (np.maximum(baseline, 0) / mean_at_entry(s.baseline)) ** s.grows_with_baseline
    return People(
        baseline=baseline,
        placebo=ill * placebo,
        expectancy=ill * np.maximum(expectancy, 0.0),
        drug=ill * drug,
        oral=ill * (oral.mean + oral.sd * draws.normal("oral effect"))
        if oral.mean
        else np.zeros(n),
        therapy=ill * (therapy.mean + therapy.sd * draws.normal("therapy effect"))
        if therapy.mean
        else np.zeros(n),
        exposure=np.exp(s.drug.exposure_sd * draws.normal("exposure")),
        swings=np.exp(s.swings_sd * draws.normal("swings") - s.swings_sd**2),
        leaving=leaving,
        least=s.baseline.mean
        * np.minimum(s.least * draws.exponential("least severity"), MOST_LEAST),
    )


def effect_of(
    values: Values, effects: dict[str, float], centre: float, neutral: float
) -> FloatArray | float:
    """What a covariate adds (neutral 0) or multiplies by (neutral 1) in each subject."""
    if not effects:
        return neutral
    if PER_UNIT in effects:
        from_centre = values.astype(float) - centre
        if neutral == 0:
            return effects[PER_UNIT] * from_centre
        return effects[PER_UNIT] ** from_centre
    total = np.full(len(values), neutral)
    for level, effect in effects.items():
        total[values == level] = effect
    return total
