"""What is measured at the visits of a phase: scores, items, further scales, acute effects."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ketaoutcomes.cohorts.simulation.course import deviation_path
from ketaoutcomes.cohorts.simulation.draws import PhaseDraws
from ketaoutcomes.cohorts.simulation.items import ITEMS
from ketaoutcomes.cohorts.simulation.parts_course import AcuteEffect, FurtherScale
from ketaoutcomes.cohorts.simulation.pharmacokinetics import DISPOSITION, level, strength
from ketaoutcomes.cohorts.simulation.scale_parts import split_scale
from ketaoutcomes.cohorts.simulation.scenario import Scenario
from ketaoutcomes.cohorts.simulation.severity import MediatorPath, acute_sensitivity
from ketaoutcomes.cohorts.simulation.treatment import Treatment, saturating
from ketaoutcomes.scales import SCALES

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

SESSION_DAYS = 0.5
"""Acute effects are measured until so long after a dose."""

DAYS_PER_YEAR = 365.25


@dataclass(frozen=True)
class Measured:
    """What the scores of a phase rest on.

    Attributes
    ----------
    severity, state : array, shape (n, v)
        The state of the drug has no row where no scale asks for it.
    amount : array, shape (n, d)
        Doses taken, relative to the arm's; 0 where none was.
    """

    phase: str
    days: FloatArray
    severity: FloatArray
    state: FloatArray
    treatment: Treatment
    amount: FloatArray
    swings: FloatArray


def measure(
    scenario: Scenario,
    of: Measured,
    draws: PhaseDraws,
    wanted: tuple[str, ...] | None,
    mediators: Mapping[str, MediatorPath],
) -> dict[str, FloatArray]:
    """Scores by scale: the main one, then those wanted."""
    total = main_score(scenario, of, draws)
    scores = {scenario.scale.name: total}
    parts = _asked(scenario.scale.measured, wanted)
    if parts:
        split = split_scale(total, scenario.scale, draws)
        scores |= {name: split[name] for name in parts}
    for name in _asked(scenario.further_scales, wanted):
        scores[name] = further_score(scenario, name, of, draws)
    for name in _asked(scenario.mediators, wanted):
        scores[name] = mediator_level(name, scenario, of, draws, mediators[name])
    if scenario.items:
        scores |= _items(scores, draws)
    session = session_visits(of)
    if session[1:].any():
        for name in _asked(scenario.acute, wanted):
            scores[name] = acute_score(name, scenario.acute[name], of, draws, session)
    return scores


def _items(scores: Mapping[str, FloatArray], draws: PhaseDraws) -> dict[str, FloatArray]:
    """Items of the totals whose items are known and are no parts of the scenario."""
    known = [name for name in ITEMS if name in scores and not set(ITEMS[name].parts) & set(scores)]
    return {
        item: values
        for name in known
        for item, values in split_scale(
            scores[name], ITEMS[name], draws, f"items of {name}"
        ).items()
    }


def _asked(scales: Iterable[str], wanted: tuple[str, ...] | None) -> tuple[str, ...]:
    return tuple(name for name in scales if wanted is None or name in wanted)


def main_score(scenario: Scenario, of: Measured, draws: PhaseDraws) -> FloatArray:
    """Totals of the main scale: severity with error, rounded, within the scale."""
    scale = scenario.scale
    error = draws.normal("measurement", of.days.size)
    error *= scenario.severity.measurement_sd * of.swings[:, None]
    error += of.severity
    np.rint(error, out=error)
    np.clip(error, scale.low, scale.high, out=error)
    if scenario.phases[of.phase].before is None:
        entry = scenario.severity.baseline.entry_at_least  # whoever seems less ill is not let in
        error[:, 0] = np.minimum(np.ceil(entry) + np.abs(error[:, 0] - np.ceil(entry)), scale.high)
    return error


def further_score(scenario: Scenario, name: str, of: Measured, draws: PhaseDraws) -> FloatArray:
    """A scale that follows severity."""
    scale = scenario.further_scales[name]
    centre = scenario.severity.baseline.mean
    slope = scale.drug + scale.drug_sd * draws.lasting_normal(f"{name} slope")
    value = own_level(name, scale, draws)[:, None] + scale.per_point * (of.severity - centre)
    value = value + slope[:, None] * of.state + _drift(scale, of)
    if scenario.phases[of.phase].before is None:
        value[:, 0] += scale.at_entry
    if scale.deviation.sd > 0:
        _, loadings = deviation_path(of.days, scale.deviation)
        path = draws.normal(f"{name} deviation", of.days.size) @ loadings.T
        value = value + scale.deviation.sd * path
    return _recorded(name, scale, value, of, draws)


def own_level(name: str, scale: FurtherScale, draws: PhaseDraws) -> FloatArray:
    """The level of each subject around which a scale moves."""
    return scale.mean + scale.sd * draws.lasting_normal(f"{name} level")


def mediator_level(
    name: str, scenario: Scenario, of: Measured, draws: PhaseDraws, path: MediatorPath
) -> FloatArray:
    """A biomarker through which a part of the effect runs."""
    mediator = scenario.mediators[name]
    value = own_level(name, mediator, draws)[:, None] + path.apart
    value = value + path.slope[:, None] * of.state
    if not mediator.lognormal:
        return _recorded(name, mediator, value, of, draws)
    error = mediator.measurement_sd * draws.normal(f"{name} measurement", of.days.size)
    return _rounded(name, mediator.step, np.exp(value + error))


def _drift(scale: FurtherScale, of: Measured) -> FloatArray | float:
    """Change with time, and with each dose taken."""
    drift: FloatArray | float = 0.0
    if scale.drift_per_year:
        drift = scale.drift_per_year * of.days[None, :] / DAYS_PER_YEAR
    if scale.drift_per_dose:
        before = (of.treatment.doses[:, None] < of.days[None, :]).astype(float)
        on_drug = np.array([strength(a.drug, "mood") > 0 for a in of.treatment.arms])
        taken = (of.amount > 0) * on_drug[of.treatment.arm][:, None]
        drift = drift + scale.drift_per_dose * (taken @ before)
    return drift


def _recorded(
    name: str, scale: FurtherScale, value: FloatArray, of: Measured, draws: PhaseDraws
) -> FloatArray:
    error = scale.measurement_sd * draws.normal(f"{name} measurement", of.days.size)
    score = _rounded(name, scale.step, value + error)
    if not scale.visits_with_hours:
        score[:, ~np.isclose(of.days, np.rint(of.days))] = np.nan
    return score


def _rounded(name: str, step: float, value: FloatArray) -> FloatArray:
    """Rounded to the step of the scale and within it."""
    steps = np.rint(value / step)
    score = steps * step if step >= 1 else steps / np.rint(1 / step)
    return np.clip(score, SCALES[name].low, SCALES[name].high)


def session_visits(of: Measured) -> BoolArray:
    """The first visit, and those within hours after a dose of any arm, shape (v,)."""
    since = of.days[:, None] - of.treatment.doses[None, :]
    within = np.asarray(((since > 0) & (since <= SESSION_DAYS)).any(axis=1))
    within[0] = True
    return within


def acute_score(
    name: str, effect: AcuteEffect, of: Measured, draws: PhaseDraws, session: BoolArray
) -> FloatArray:
    """An effect of the plasma level, at the visits of a session."""
    days = of.days[session]
    size = saturating(effect, plasma_level(name, of, days))
    if effect.attenuation > 0:
        before = (of.treatment.doses[:, None] < days[None, :]).astype(float)
        earlier = np.maximum((of.amount > 0) @ before - 1, 0)
        size = size * (1 - effect.attenuation) ** earlier
    peak = effect.peak * acute_sensitivity(name, effect, draws)
    level_of = effect.baseline + effect.baseline_sd * draws.lasting_normal(f"{name} level")
    error = effect.measurement_sd * draws.normal(f"{name} measurement", of.days.size)[:, session]
    score = np.full((len(peak), of.days.size), np.nan)
    value = level_of[:, None] + peak[:, None] * size + error
    score[:, session] = _rounded(name, effect.step, value)
    return score


def plasma_level(name: str, of: Measured, days: FloatArray) -> FloatArray:
    """Level in ng/mL of racemic ketamine as strong in an effect as what was given, shape (n, v)."""
    total = np.zeros((len(of.amount), days.size))
    hours = 24 * (days[None, :] - of.treatment.doses[:, None])
    for place, arm in enumerate(of.treatment.arms):
        if arm.drug not in DISPOSITION:
            continue
        rows = np.flatnonzero(of.treatment.arm == place)
        per_kg = of.amount[rows] @ level(arm.drug, arm.route, hours)
        amount = of.treatment.mg_kg[rows] * of.treatment.exposure[rows]
        total[rows] = per_kg * (amount * strength(arm.drug, name))[:, None]
    return total
