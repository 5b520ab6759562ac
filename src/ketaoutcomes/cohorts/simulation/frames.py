"""What happened to a block of subjects, as the frames of a cohort."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ketaoutcomes.cohort import COMPLETED, TREATMENT_DISCONTINUATION, empty_frame
from ketaoutcomes.cohorts.simulation.covariates import Values
from ketaoutcomes.cohorts.simulation.draws import Draws, PhaseDraws
from ketaoutcomes.cohorts.simulation.phase import PhaseCourse
from ketaoutcomes.cohorts.simulation.safety import adverse_events
from ketaoutcomes.cohorts.simulation.scenario import Scenario

FloatArray = NDArray[np.float64]
Labels = NDArray[np.str_]


@dataclass(frozen=True)
class Entered:
    """A phase as the subjects of a block who entered it saw it.

    Attributes
    ----------
    labels : str array, shape (n,)
        The subjects.
    further : mapping of str array
        Further columns of the assignment.
    """

    phase: str
    visits: tuple[str, ...]
    course: PhaseCourse
    labels: Labels
    further: dict[str, NDArray[np.str_]]


def stacked(frames: list[pd.DataFrame], columns: tuple[str, ...]) -> pd.DataFrame:
    """The frames of all phases in one, sorted by subject."""
    kept = [frame for frame in frames if len(frame)]
    if not kept:
        return empty_frame(columns)
    if len(kept) == 1:
        return kept[0].reset_index(drop=True)
    return pd.concat(kept, ignore_index=True).sort_values(
        "subject", kind="stable", ignore_index=True
    )


def subjects_frame(covariates: dict[str, Values], labels: Labels) -> pd.DataFrame:
    """The subjects and their covariates."""
    size = len(labels)
    columns = {name: values[:size] for name, values in covariates.items()}
    return pd.DataFrame({"subject": labels, **columns})


def assignments_frame(e: Entered, arms: tuple[str, ...]) -> pd.DataFrame:
    """The arm of everybody who entered, with strata, sequence and factors."""
    arm = np.array(arms)[e.course.treatment.arm]
    return pd.DataFrame({"subject": e.labels, "phase": e.phase, "arm": arm, **e.further})


def visits_frame(e: Entered, words: dict[str, pd.CategoricalDtype] | None = None) -> pd.DataFrame:
    """The scores that were observed.

    Parameters
    ----------
    words : dict, optional
        The categories of phase, visit and scale, where these are to be no words.
    """
    n, v = len(e.labels), len(e.visits)
    scales = tuple(e.course.scores)
    score = np.stack([e.course.scores[scale] for scale in scales], axis=2)
    seen = np.isfinite(score).reshape(-1)
    day = np.tile(e.course.days, n) if e.course.seen_on is None else e.course.seen_on.reshape(-1)
    of_scales, of_visits = np.arange(len(scales)), np.repeat(np.arange(v), len(scales))

    def named(column: str, names: tuple[str, ...], place: NDArray[np.int64]) -> Any:
        """The names by their places, as words or as categories."""
        if words is None:
            return np.array(names, dtype=object)[place]
        codes: Any = words[column].categories.get_indexer(pd.Index(names))
        return pd.Categorical.from_codes(codes[place], dtype=words[column])

    frame = {
        "subject": np.repeat(e.labels.astype(object), v * len(scales))[seen],
        "phase": named("phase", (e.phase,), np.zeros(int(seen.sum()), dtype=np.int64)),
        "visit": named("visit", e.visits, np.tile(of_visits, n)[seen]),
        "day": np.repeat(day, len(scales))[seen],
        "scale": named("scale", scales, np.tile(of_scales, n * v)[seen]),
        "score": score.reshape(-1)[seen],
    }
    return pd.DataFrame(frame)


def events_frame(e: Entered) -> pd.DataFrame:
    """Events up to the end of the phase and before the subject left."""
    course = e.course
    frames = []
    for event, time in ((TREATMENT_DISCONTINUATION, course.stopped), *course.events.items()):
        seen = np.flatnonzero(time <= course.seen_until)
        frames.append(
            pd.DataFrame(
                {
                    "subject": e.labels[seen],
                    "phase": e.phase,
                    "day": _to_hundredths(time[seen]),
                    "event": event,
                }
            )
        )
    return pd.concat(frames, ignore_index=True).sort_values(["subject", "day"], ignore_index=True)


def follow_up_frame(e: Entered) -> pd.DataFrame:
    """When follow-up ended, and why."""
    course, end = e.course, e.course.days[-1]
    return pd.DataFrame(
        {
            "subject": e.labels,
            "phase": e.phase,
            "last_day": _to_hundredths(course.seen_until),
            "reason": np.where(course.left < end, course.reason, COMPLETED),
        }
    )


def adverse_events_frame(
    scenario: Scenario, draws: Draws, e: Entered, subjects_a_trial: int = 0
) -> pd.DataFrame:
    """Adverse events up to the end of the phase and before the subject left."""
    own = PhaseDraws(draws, e.phase, e.course.rows)
    frame = adverse_events(scenario, e.phase, own, e.course, subjects_a_trial)
    if frame.empty:
        return frame
    frame.insert(0, "subject", e.labels[frame.pop("row")])
    frame.insert(1, "phase", e.phase)
    frame["day"] = _to_hundredths(frame["day"].to_numpy())
    return frame.sort_values(["subject", "day", "term"], ignore_index=True)


def exposure_frame(e: Entered) -> pd.DataFrame:
    """The doses taken, placebo as a dose of 0, and what was dispensed of an oral antidepressant."""
    treatment = e.course.treatment
    row, dose = np.nonzero(e.course.doses_seen)
    arm = treatment.arm[row]
    words = {
        name: np.array([getattr(a, name) for a in treatment.arms], dtype=object)[arm]
        for name in ("unit", "route")
    }
    sessions = pd.DataFrame(
        {
            "subject": e.labels[row],
            "phase": e.phase,
            "day": _to_hundredths(treatment.doses[dose]),
            "dose": treatment.by_arm("dose")[row] * e.course.amount[row, dose],
            **words,
        }
    )
    dispensed = _dispensed(e)
    if dispensed.empty:
        return sessions
    frame = pd.concat([sessions, dispensed], ignore_index=True)
    return frame.sort_values(["subject", "day"], kind="stable", ignore_index=True)


SUPPLY_DAYS = 28
"""An oral antidepressant is dispensed for so many days."""


def _dispensed(e: Entered) -> pd.DataFrame:
    """Supplies of an oral antidepressant, each on the day that the one before is used up."""
    course, treatment = e.course, e.course.treatment
    days = np.arange(0, course.days[-1], SUPPLY_DAYS, dtype=float)
    until = np.minimum(course.stopped, course.seen_until)
    takes = treatment.by_arm("oral_antidepressant") > 0
    row, supply = np.nonzero(takes[:, None] & (days[None, :] < until[:, None]))
    return pd.DataFrame(
        {
            "subject": e.labels[row],
            "phase": e.phase,
            "day": days[supply],
            "dose": SUPPLY_DAYS * treatment.by_arm("oral_mg_a_day")[row],
            "unit": "mg",
            "route": "oral",
        }
    )


def costs_frame(
    scenario: Scenario, arms: tuple[str, ...], e: Entered, distance: FloatArray | None
) -> pd.DataFrame:
    """What is paid for doses, for travel to them, and for events."""
    prices, course = scenario.costs, e.course
    if prices is None:
        return pd.DataFrame()
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
    frames = [
        pd.DataFrame(
            {
                "subject": e.labels[rows],
                "phase": e.phase,
                "day": _to_hundredths(day),
                "item": item,
                "amount": np.round(amount, 2),
                "currency": prices.currency,
            }
        )
        for item, rows, day, amount in items
    ]
    frame = pd.concat([frame for frame in frames if len(frame)] or frames[:1], ignore_index=True)
    frame = frame[frame["amount"] > 0]
    return frame.sort_values(["subject", "day", "item"], ignore_index=True)


def _to_hundredths(days: FloatArray) -> FloatArray:
    """Days as they are recorded; files then do not hang on the last bit of a processor."""
    return np.round(days, 2)
