"""The treatment of a phase: arms, the days of their doses, and how much each dose counts."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ketaoutcomes.cohorts.simulation.draws import PhaseDraws, category
from ketaoutcomes.cohorts.simulation.parts_course import AcuteEffect, DrugEffect
from ketaoutcomes.cohorts.simulation.parts_design import Dosing, Pace, ScenarioPhase
from ketaoutcomes.cohorts.simulation.pharmacokinetics import (
    DISPOSITION,
    available,
    mg_per_kg,
    peak_level,
    strength,
)

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
IntArray = NDArray[np.int64]

REFERENCE_MG_KG = 0.5
"""The infusion to whose effect the others are relative."""


@dataclass(frozen=True)
class Treatment:
    """Arms and doses of some subjects.

    Attributes
    ----------
    arms : tuple of Dosing
    arm : int array, shape (n,)
    doses : array, shape (d,)
        Days of the doses of any arm.
    planned : bool array, shape (n, d)
    mg_kg : array, shape (n,)
        The amount of a dose, before any escalation.
    exposure : array, shape (n,)
    body_weight : array or None
    """

    arms: tuple[Dosing, ...]
    arm: IntArray
    doses: FloatArray
    planned: BoolArray
    mg_kg: FloatArray
    exposure: FloatArray
    body_weight: FloatArray | None

    def by_arm(self, value: str) -> FloatArray:
        """A number of each subject's arm, or 1 where its switch is on."""
        return np.array([float(getattr(arm, value)) for arm in self.arms])[self.arm]

    @property
    def on_drug(self) -> BoolArray:
        """Who is given a drug that acts on mood."""
        acts = np.array([strength(arm.drug, "mood") > 0 for arm in self.arms])
        return acts[self.arm] & self.planned.any(axis=1)


SESSION_WEEKDAYS = (0.0, 3.0)
"""Days of a week on which care holds sessions: those of the labelled induction."""


def plan_treatment(
    phase: ScenarioPhase,
    arm: IntArray,
    exposure: FloatArray,
    body_weight: FloatArray | None,
    pace: FloatArray | None = None,
) -> Treatment:
    """What each subject is due in a phase.

    Parameters
    ----------
    pace : array, shape (n,), optional
        Standard normal: who is slow. Needed where an arm has a pace.
    """
    arms = tuple(phase.arms.values())
    days = [np.array(a.days_of_doses(phase.days), dtype=float) for a in arms]
    slots = _slots(phase.days) if any(a.pace for a in arms) else np.zeros(0)
    doses = np.unique(np.concatenate([*days, slots]))
    planned = np.stack([np.isin(doses, own) for own in days])[arm]
    for place, (own, each) in enumerate(zip(days, arms, strict=True)):
        if each.pace is not None and pace is not None:
            rows = np.flatnonzero(arm == place)
            stretch = _stretch(each.pace, pace[rows])
            planned[rows] = _at_own_pace(own, stretch, slots, doses)
    amounts = np.stack([np.broadcast_to(mg_per_kg(a, body_weight), len(arm)) for a in arms])
    own = amounts[arm, np.arange(len(arm))]
    return Treatment(arms, arm, doses, planned, own, exposure, body_weight)


def _slots(until: float) -> FloatArray:
    """Days on which care holds sessions."""
    weeks = np.arange(0, until, 7)
    days = np.sort((weeks[:, None] + np.array(SESSION_WEEKDAYS)).ravel())
    return np.asarray(days[days < until])


def _stretch(pace: Pace, normal: FloatArray) -> FloatArray:
    """How many times as long as written the course of each subject takes."""
    longer = pace.mean - 1
    log_sd = np.sqrt(np.log1p((pace.sd / longer) ** 2))
    return np.asarray(1 + longer * np.exp(log_sd * normal - log_sd**2 / 2))


def _at_own_pace(
    written: FloatArray, stretch: FloatArray, slots: FloatArray, doses: FloatArray
) -> BoolArray:
    """Which of the doses are due, shape (n, d): each on the first free day of sessions.

    A session is held up to a day early, so that who hardly waits keeps to the schedule.
    """
    place = np.searchsorted(slots, stretch[:, None] * written[None, :] - 1)
    order = np.arange(written.size)
    place = np.maximum.accumulate(place - order, axis=1) + order
    row, session = np.nonzero(place < slots.size)
    due = np.zeros((len(stretch), doses.size), dtype=bool)
    due[row, np.searchsorted(doses, slots[place[row, session]])] = True
    return due


def allocate(phase: ScenarioPhase, draws: PhaseDraws) -> IntArray:
    """Arm of each subject, by the allocation ratio."""
    shares = tuple(dosing.share for dosing in phase.arms.values())
    return category(shares, draws.uniform("allocation"))


def dose_weights(
    drug: DrugEffect,
    treatment: Treatment,
    amount: FloatArray | None = None,
    earlier: IntArray | int = 0,
) -> FloatArray:
    """How much each planned dose counts, relative to one 0.5 mg/kg infusion.

    Parameters
    ----------
    amount : array, shape (n, d), optional
        The dose relative to the arm's, where doses were changed.
    earlier : int array, shape (n,)
        Doses of the drug in the phases before.
    """
    factor = np.array([available(a.route) * strength(a.drug, "mood") for a in treatment.arms])
    reach = (factor[treatment.arm] * treatment.mg_kg * treatment.exposure)[:, None]
    effect = reach if amount is None else reach * amount
    half = drug.half_effect_mg_kg
    effect /= effect + half
    effect *= 1 + half / REFERENCE_MG_KG
    weights: FloatArray = effect * treatment.planned
    if drug.tolerance > 0 or drug.first_dose < 1:
        number = np.cumsum(treatment.planned, axis=1, dtype=np.int32)
        number -= treatment.planned
        weights *= ((1 - drug.tolerance) ** _counts(number))[number]
        number += np.reshape(np.asarray(earlier, dtype=np.int32), (-1, 1))
        first = 1 - drug.first_dose
        weights *= (1 - first * np.exp(-_counts(number) / drug.builds_up_over))[number]
    return weights


def _counts(number: NDArray[np.int32]) -> IntArray:
    """All whole numbers up to the largest: what follows from one is looked up, not computed."""
    return np.arange(number.max(initial=0) + 1)


def escalated(
    treatment: Treatment, days: FloatArray, severity: Callable[[FloatArray], FloatArray]
) -> FloatArray:
    """The amount of each dose relative to the arm's, raised where improvement is not enough.

    Parameters
    ----------
    severity : callable
        Severity at the visits, shape (n, v), under given amounts: what is judged on a later day
        follows from the steps before it.
    """
    amount = np.ones(treatment.planned.shape)
    step = np.zeros(len(treatment.arm), dtype=np.int64)
    rules = {place: a.escalation for place, a in enumerate(treatment.arms) if a.escalation}
    for day in sorted({day for rule in rules.values() for day in rule.days}):
        judged = max(int(np.searchsorted(days, day, side="right")) - 1, 0)
        now = severity(amount)
        for place, rule in rules.items():
            if day not in rule.days:
                continue
            enough = now[:, judged] <= now[:, 0] * (1 - rule.fall_below_percent / 100)
            raised = (treatment.arm == place) & ~enough & (step < len(rule.factors))
            step[raised] += 1
            reached = np.array(rule.factors)[step[raised] - 1]
            amount[np.ix_(raised, treatment.doses >= day)] = reached[:, None]
    return amount


def first_peak(name: str, effect: AcuteEffect, treatment: Treatment) -> FloatArray:
    """The share of an acute effect's peak that the first dose reaches, between 0 and 1."""
    peak = np.array(
        [
            peak_level(arm.drug, arm.route) * strength(arm.drug, name)
            if arm.drug in DISPOSITION
            else 0.0
            for arm in treatment.arms
        ]
    )
    return saturating(effect, peak[treatment.arm] * treatment.mg_kg * treatment.exposure)


def saturating(effect: AcuteEffect, level: FloatArray) -> FloatArray:
    """C^h / (C^h + half^h)."""
    power = (np.maximum(level, 0) / effect.half_ng_ml) ** effect.hill
    return np.asarray(power / (1 + power))
