"""Severity of the subjects of a phase, as a function of the doses that they take."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri

from ketaoutcomes.cohorts.simulation.course import (
    bent_upwards,
    built_up,
    deviation_path,
    drug_state,
    placebo_course,
)
from ketaoutcomes.cohorts.simulation.draws import BLOCK, PhaseDraws, Rows
from ketaoutcomes.cohorts.simulation.parts_course import AcuteEffect, Mediator
from ketaoutcomes.cohorts.simulation.people import DRUG_RESPONDER, People
from ketaoutcomes.cohorts.simulation.scenario import Scenario
from ketaoutcomes.cohorts.simulation.treatment import Treatment, first_peak

FloatArray = NDArray[np.float64]

CONFOUNDING_DAYS = 7.0
"""How fast a shared cause of biomarker and severity comes to act."""


@dataclass(frozen=True)
class History:
    """The subjects who enter a phase, and what they bring from the phases before.

    Attributes
    ----------
    rows : int array, shape (n,)
        Their rows in the block.
    doses, weights : arrays, shapes (d,) and (n, d)
        Earlier doses, on the clock of this phase.
    elapsed : float
        Days since the study began.
    arm : int array or None
        Arm in the phase before.
    in_stratum : bool array or None
        Whether the scores before the phase are at or below the cut of its stratum.
    deviation : array or None
        Last value of the standardised deviation, `gap` days before this phase.
    """

    rows: Rows
    doses: FloatArray
    weights: FloatArray
    elapsed: float = 0.0
    arm: NDArray[np.int64] | None = None
    in_stratum: NDArray[np.bool_] | None = None
    deviation: FloatArray | None = None
    gap: float = 0.0


def newcomers(size: int) -> History:
    """The first subjects of a block, without any history."""
    rows = np.arange(min(size, BLOCK))
    return History(rows, np.zeros(0), np.zeros((len(rows), 0)))


@dataclass(frozen=True)
class MediatorPath:
    """A biomarker's change apart from the drug's part in it, shape (n, v), and the drug's slope."""

    apart: FloatArray
    slope: FloatArray


@dataclass(frozen=True)
class Outlook:
    """Severity without the drug, how far the drug lowers it, and the doses of the past.

    Attributes
    ----------
    fixed : array, shape (n, v)
        Severity without the drug and without deviation.
    sensitivity : array, shape (n,)
        Points at full effect of the drug.
    deviation : array, shape (n, v)
        The standardised deviation.
    """

    scenario: Scenario

    days: FloatArray
    doses: FloatArray
    history: History
    fixed: FloatArray
    sensitivity: FloatArray
    deviation: FloatArray
    swings: FloatArray
    least: FloatArray
    mediators: Mapping[str, MediatorPath]

    def with_mediator_of(self, name: str, weights: FloatArray) -> "Outlook":
        """The same with a mediator that these doses move, not the subject's own."""
        per_unit = self.scenario.mediators[name].severity_per_unit
        carried = per_unit * self.mediators[name].slope
        return replace(
            self,
            fixed=self.fixed - carried[:, None] * self.state(weights),
            sensitivity=self.sensitivity - carried,
        )

    def state(self, weights: FloatArray, rows: Rows | None = None) -> FloatArray:
        """State of the effect compartment after these doses of the phase and those before it."""
        drug = self.scenario.severity.drug
        if not self.history.doses.size:
            return drug_state(drug, self.days, self.doses, weights)
        past = self.history.weights if rows is None else self.history.weights[rows]
        doses = np.concatenate([self.history.doses, self.doses])
        return drug_state(drug, self.days, doses, np.concatenate([past, weights], axis=1))

    def severity(self, weights: FloatArray, rows: Rows | None = None) -> FloatArray:
        """Severity of all subjects, or of some of them."""
        some = slice(None) if rows is None else rows
        s = self.scenario.severity
        expected = self.fixed[some] - self.sensitivity[some, None] * self.state(weights, rows)
        ill = np.clip(expected / s.baseline.mean, 0, 1)
        spread = ill * (1 - s.deviation.when_well)
        spread += s.deviation.when_well
        spread *= self.deviation[some]
        spread *= s.deviation.sd * self.swings[some, None]
        expected += spread
        np.subtract(1, ill, out=ill)  # what remains of illness is seen in those who are well
        ill *= self.least[some, None]
        return bent_upwards(expected, ill)


def outlook(
    scenario: Scenario,
    name: str,
    days: FloatArray,
    people: People,
    treatment: Treatment,
    draws: PhaseDraws,
    history: History,
) -> Outlook:
    """What is known of a phase before its doses are."""
    s = scenario.severity
    restarts = scenario.phases[name].crosses is not None
    since_start = days + history.elapsed
    since_session = days if restarts else since_start
    terms = _terms(scenario, people, treatment, draws, since_session, since_start)
    fixed = np.stack([a for a, _ in terms], axis=1) @ np.stack([b for _, b in terms])
    carried, loadings = deviation_path(
        days, s.deviation, None if history.deviation is None else history.gap
    )
    share = s.deviation.when_stable if scenario.phases[name].takes_the_improved else 1.0
    path = share * draws.normal("deviation", days.size) @ loadings.T
    if history.deviation is not None:
        path += history.deviation[:, None] * carried
    therapy = np.where(treatment.by_arm("psychotherapy") > 0, s.psychotherapy.drug_factor, 1.0)
    sensitivity = people.drug * therapy
    mediators = {
        key: _mediator(key, mediator, days, since_start, draws)
        for key, mediator in scenario.mediators.items()
    }
    for key, mediator in scenario.mediators.items():
        fixed -= mediator.severity_per_unit * mediators[key].apart
        sensitivity = sensitivity + mediator.severity_per_unit * mediators[key].slope
        if mediator.confounding:
            fixed -= mediator.confounding * _shared_cause(key, since_start, draws)
    return Outlook(
        scenario,
        days,
        treatment.doses,
        history,
        fixed,
        sensitivity,
        path,
        people.swings,
        people.least,
        mediators,
    )


def _terms(
    scenario: Scenario,
    people: People,
    treatment: Treatment,
    draws: PhaseDraws,
    since_session: FloatArray,
    since_start: FloatArray,
) -> list[tuple[FloatArray, FloatArray]]:
    """Points of each subject and their course, for each reason of severity but drug and chance."""
    s = scenario.severity
    placebo = people.placebo * treatment.by_arm("placebo")
    if s.unblinding.gain > 0 or s.unblinding.loss > 0:
        felt = _felt(scenario, treatment, draws)
        placebo = np.maximum(placebo + s.unblinding.gain * felt - s.unblinding.loss * (1 - felt), 0)
    acute = built_up(since_session, 1 / 24) * np.exp(-since_session / s.expectancy.fades_in_days)
    terms = [
        (people.baseline, np.ones(since_start.size)),
        (-placebo, placebo_course(s.placebo, since_session, since_start)),
        (-people.expectancy * treatment.by_arm("expectancy"), acute),
    ]
    if s.oral_antidepressant.mean:
        slow = 1 - np.exp(-((since_start / s.oral_antidepressant.days) ** 2))
        terms.append((-people.oral * treatment.by_arm("oral_antidepressant"), slow))
    if s.psychotherapy.mean:
        grown = built_up(since_start, s.psychotherapy.days)
        terms.append((-people.therapy * treatment.by_arm("psychotherapy"), grown))
    return terms


def _felt(scenario: Scenario, treatment: Treatment, draws: PhaseDraws) -> FloatArray:
    """How surely each subject feels the first dose, between 0 and 1."""
    effect = scenario.acute["CADSS"]
    peak = first_peak("CADSS", effect, treatment) * effect.peak
    peak = peak * acute_sensitivity("CADSS", effect, draws)
    return peak / (peak + scenario.severity.unblinding.half_felt)


def acute_sensitivity(name: str, effect: AcuteEffect, draws: PhaseDraws) -> FloatArray:
    """Factor of each subject's acute effect, of mean 1."""
    spread = effect.sensitivity_sd
    normal = draws.lasting_normal(f"{name} sensitivity")
    if effect.with_drug_effect:
        r = effect.with_drug_effect
        normal = r * -ndtri(draws.lasting_uniform(DRUG_RESPONDER)) + np.sqrt(1 - r**2) * normal
    return np.asarray(np.exp(spread * normal - spread**2 / 2))


def _mediator(
    name: str, mediator: Mediator, days: FloatArray, since_start: FloatArray, draws: PhaseDraws
) -> MediatorPath:
    _, loadings = deviation_path(days, mediator.deviation)
    apart = mediator.deviation.sd * draws.normal(f"{name} deviation", days.size) @ loadings.T
    if mediator.confounding:
        apart += mediator.deviation.sd * _shared_cause(name, since_start, draws)
    slope = mediator.drug + mediator.drug_sd * draws.lasting_normal(f"{name} slope")
    return MediatorPath(apart, slope)


def _shared_cause(name: str, since_start: FloatArray, draws: PhaseDraws) -> FloatArray:
    """What moves both a biomarker and severity, shape (n, v)."""
    cause = draws.lasting_normal(f"{name} shared cause")
    return cause[:, None] * built_up(since_start, CONFOUNDING_DAYS)
