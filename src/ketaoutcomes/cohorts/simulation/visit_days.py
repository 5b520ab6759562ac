"""Visits that are early or late: each subject is seen on a day near the one of the schedule."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ketaoutcomes.cohorts.simulation.draws import PhaseDraws
from ketaoutcomes.cohorts.simulation.phase import PhaseCourse

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

ON_ITS_DAY = 0.5
"""Chance of a visit to be on its day; the other days are the less likely the farther they are."""

FIRST_DAYS = 3.0
"""Visits before are part of the first session's care, and on their day."""


@dataclass(frozen=True)
class VisitDays:
    """All days on which the visits of a phase may be.

    Attributes
    ----------
    nominal : array, shape (v,)
        The days of the schedule.
    grid : array, shape (g,), increasing
    choices : tuple of int array
        For each visit the places of its days in the grid.
    """

    nominal: FloatArray
    grid: FloatArray
    choices: tuple[IntArray, ...]


def possible_days(visits: Mapping[str, float], most: int) -> VisitDays:
    """The days up to so many before and after each visit, none nearer to another visit's.

    The first visit, those of the first days and those at hours of a day are on their day; the last
    is never late.
    """
    nominal = np.array(list(visits.values()), dtype=float)
    days = [_days_near(nominal, place, most) for place in range(nominal.size)]
    grid = np.unique(np.concatenate(days))
    return VisitDays(nominal, grid, tuple(np.searchsorted(grid, each) for each in days))


def _days_near(nominal: FloatArray, place: int, most: int) -> FloatArray:
    day, last = nominal[place], place == nominal.size - 1
    if place == 0 or day < FIRST_DAYS or day != int(day):
        return np.array([day])
    before = int(min(most, (day - nominal[place - 1] - 1) // 2))
    after = 0 if last else int(min(most, (nominal[place + 1] - day - 1) // 2))
    return day + np.arange(-max(before, 0), max(after, 0) + 1)


def on_a_day_each(course: PhaseCourse, days: VisitDays, draws: PhaseDraws) -> PhaseCourse:
    """The course on all possible days, as each subject was seen on one of them for each visit."""
    uniform = draws.uniform("visit day", days.nominal.size)
    chosen = np.stack(
        [_chosen(days, place, uniform[:, place]) for place in range(days.nominal.size)], axis=1
    )
    row = np.arange(len(course.rows))[:, None]
    return replace(
        course,
        days=days.nominal,
        scores={scale: values[row, chosen] for scale, values in course.scores.items()},
        severity=course.severity[row, chosen],
        seen_on=days.grid[chosen],
    )


def _chosen(days: VisitDays, place: int, uniform: FloatArray) -> IntArray:
    """The place in the grid of the day of a visit, for each subject."""
    choices = days.choices[place]
    away = np.abs(days.grid[choices] - days.nominal[place])
    others = np.where(away > 0, 0.5**away, 0.0)
    chance = others * (1 - ON_ITS_DAY) / max(others.sum(), 1e-300)
    chance[away == 0] = 1 - chance.sum()
    return np.asarray(choices[np.searchsorted(np.cumsum(chance)[:-1], uniform, side="right")])
