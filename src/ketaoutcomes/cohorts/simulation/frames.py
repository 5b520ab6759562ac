"""What happened to a block of subjects, as the columns of a cohort's frames."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ketaoutcomes.cohort import COMPLETED, TREATMENT_DISCONTINUATION
from ketaoutcomes.cohorts.simulation.columns import (
    ROW,
    Columns,
    Words,
    joined,
    numbers_of,
    same,
    words_of,
)
from ketaoutcomes.cohorts.simulation.draws import Draws, PhaseDraws, Rows
from ketaoutcomes.cohorts.simulation.phase import PhaseCourse
from ketaoutcomes.cohorts.simulation.safety import adverse_events
from ketaoutcomes.cohorts.simulation.scenario import Scenario

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Entered:
    """A phase as the subjects of a block who entered it saw it.

    Attributes
    ----------
    further : mapping of str array
        Further columns of the assignment.
    scales : tuple of str
        Those that are recorded.
    """

    phase: str
    visits: tuple[str, ...]
    course: PhaseCourse
    further: dict[str, NDArray[np.str_]]
    scales: tuple[str, ...]

    def of(self, places: Rows) -> Columns:
        """Whose rows these are, by the places of the subjects in the course."""
        return {ROW: self.course.rows[places], "phase": same(self.phase, len(places))}

    @property
    def everybody(self) -> Columns:
        """One row a subject."""
        return self.of(np.arange(len(self.course.rows)))


def assignments(e: Entered, arms: tuple[str, ...]) -> Columns:
    """The arm of everybody who entered, with strata, sequence and factors."""
    further = {name: words_of(values) for name, values in e.further.items()}
    return {**e.everybody, "arm": Words(arms, e.course.treatment.arm), **further}


def visits(e: Entered) -> Columns:
    """The scores that were observed."""
    n, v = len(e.course.rows), len(e.visits)
    scales = e.scales
    score = np.stack([e.course.scores[scale] for scale in scales], axis=2)
    seen = np.flatnonzero(np.isfinite(score).reshape(-1))
    visit, scale = np.divmod(seen, len(scales))
    subject, visit = np.divmod(visit, v)
    days = e.course.days if e.course.seen_on is None else e.course.seen_on
    return {
        **e.of(subject),
        "visit": Words(e.visits, visit.astype(np.int16)),
        "day": np.broadcast_to(days, (n, v))[subject, visit],
        "scale": Words(scales, scale.astype(np.int16)),
        "score": score.reshape(-1)[seen],
    }


def events(e: Entered) -> Columns:
    """Events up to the end of the phase and before the subject left."""
    course = e.course
    parts = []
    for event, time in ((TREATMENT_DISCONTINUATION, course.stopped), *course.events.items()):
        seen = np.flatnonzero(time <= course.seen_until)
        day = _to_hundredths(time[seen])
        parts.append({**e.of(seen), "day": day, "event": same(event, len(seen))})
    return joined(parts)


def follow_up(e: Entered) -> Columns:
    """When follow-up ended, and why."""
    course, end = e.course, e.course.days[-1]
    reason = np.where(course.left < end, course.reason, COMPLETED)
    day = _to_hundredths(course.seen_until)
    return {**e.everybody, "last_day": day, "reason": words_of(reason)}


def harms(scenario: Scenario, draws: Draws, e: Entered, subjects_a_trial: int = 0) -> Columns:
    """Adverse events up to the end of the phase and before the subject left."""
    own = PhaseDraws(draws, e.phase, e.course.rows)
    columns = adverse_events(scenario, e.phase, own, e.course, subjects_a_trial)
    if not columns:
        return columns
    day = _to_hundredths(numbers_of(columns, "day"))
    what = {name: columns[name] for name in columns if name not in (ROW, "day")}
    return {**e.of(numbers_of(columns, ROW)), "day": day, **what}


def exposure(e: Entered) -> Columns:
    """The doses taken, placebo as a dose of 0, and what was dispensed of an oral antidepressant."""
    treatment = e.course.treatment
    row, dose = np.nonzero(e.course.doses_seen)
    arm = treatment.arm[row]
    sessions: Columns = {
        **e.of(row),
        "day": _to_hundredths(treatment.doses[dose]),
        "dose": treatment.by_arm("dose")[row] * e.course.amount[row, dose],
        "unit": Words(tuple(a.unit for a in treatment.arms), arm),
        "route": Words(tuple(a.route for a in treatment.arms), arm),
    }
    return joined([sessions, _dispensed(e)])


SUPPLY_DAYS = 28
"""An oral antidepressant is dispensed for so many days."""


def _dispensed(e: Entered) -> Columns:
    """Supplies of an oral antidepressant, each on the day that the one before is used up."""
    course, treatment = e.course, e.course.treatment
    days = np.arange(0, course.days[-1], SUPPLY_DAYS, dtype=float)
    until = np.minimum(course.stopped, course.seen_until)
    takes = treatment.by_arm("oral_antidepressant") > 0
    row, supply = np.nonzero(takes[:, None] & (days[None, :] < until[:, None]))
    return {
        **e.of(row),
        "day": days[supply],
        "dose": SUPPLY_DAYS * treatment.by_arm("oral_mg_a_day")[row],
        "unit": same("mg", len(row)),
        "route": same("oral", len(row)),
    }


def costs(
    scenario: Scenario, arms: tuple[str, ...], e: Entered, distance: FloatArray | None
) -> Columns:
    """What is paid for doses, for travel to them, and for events."""
    prices, course = scenario.costs, e.course
    if prices is None:
        return {}
    until = course.seen_until
    row, dose = np.nonzero(course.doses_seen)
    of_dose = np.array([prices.per_dose.get(arm, 0.0) for arm in arms])[course.treatment.arm][row]
    items = [("treatment session", row, course.treatment.doses[dose], of_dose)]
    if distance is not None and prices.per_mile:
        travel = 2 * prices.per_mile * distance[course.rows][row]
        items.append(("travel", row, course.treatment.doses[dose], travel))
    for event, price in prices.per_event.items():
        time = course.events.get(event, np.full(len(until), np.inf))
        seen = np.flatnonzero(time <= until)
        items.append((event, seen, time[seen], np.full(len(seen), price)))
    return joined([_paid(e, prices.currency, *item) for item in items])


def _paid(
    e: Entered, currency: str, item: str, rows: Rows, day: FloatArray, amount: FloatArray
) -> Columns:
    """What is paid for an item, where it is more than nothing."""
    amount = np.round(amount, 2)
    paid = amount > 0
    rows, day, amount = rows[paid], day[paid], amount[paid]
    return {
        **e.of(rows),
        "day": _to_hundredths(day),
        "item": same(item, len(rows)),
        "amount": amount,
        "currency": same(currency, len(rows)),
    }


def _to_hundredths(days: FloatArray) -> FloatArray:
    """Days as they are recorded; files then do not hang on the last bit of a processor."""
    return np.round(days, 2)
