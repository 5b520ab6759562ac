"""Visits and sessions that are early or late: each is on a day near the one of the schedule."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ketaoutcomes.cohorts.simulation.draws import PhaseDraws
from ketaoutcomes.cohorts.simulation.treatment import Treatment

if TYPE_CHECKING:
    from ketaoutcomes.cohorts.simulation.phase import PhaseCourse

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

ON_ITS_DAY = 0.5
"""Chance of a visit or session to be on its day; the farther other days, the less likely."""

FIRST_DAYS = 3.0
"""What comes before is part of the first session's care, and on its day."""


@dataclass(frozen=True)
class PossibleDays:
    """All days on which the visits, or the sessions, of a phase may be.

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

    def of_each(self, uniform: FloatArray) -> IntArray:
        """The place in the grid of each visit of each subject, shape (n, v).

        Parameters
        ----------
        uniform : array, shape (n, v)
        """
        places = range(self.nominal.size)
        return np.stack([self._chosen(place, uniform[:, place]) for place in places], axis=1)

    def _chosen(self, place: int, uniform: FloatArray) -> IntArray:
        choices = self.choices[place]
        away = np.abs(self.grid[choices] - self.nominal[place])
        others = np.where(away > 0, 0.5**away, 0.0)
        chance = others * (1 - ON_ITS_DAY) / max(others.sum(), 1e-300)
        chance[away == 0] = 1 - chance.sum()
        return np.asarray(choices[np.searchsorted(np.cumsum(chance)[:-1], uniform, side="right")])


def possible_days(
    nominal: FloatArray, most: int, fixed: frozenset[float] = frozenset()
) -> PossibleDays:
    """The days up to so many before and after each visit, none nearer to another visit's.

    The first visit, those of the first days and those at hours of a day are on their day; the last
    is never late.

    Parameters
    ----------
    nominal : array, shape (v,), increasing
    most : int
    fixed : frozenset of float
        Further days that nothing moves.
    """
    days = [
        nominal[[place]] if nominal[place] in fixed else _days_near(nominal, place, most)
        for place in range(nominal.size)
    ]
    grid = np.unique(np.concatenate([np.zeros(0), *days]))
    return PossibleDays(nominal, grid, tuple(np.searchsorted(grid, each) for each in days))


def _days_near(nominal: FloatArray, place: int, most: int) -> FloatArray:
    day, last = nominal[place], place == nominal.size - 1
    if place == 0 or day < FIRST_DAYS or day != int(day):
        return np.array([day])
    before = int(min(most, (day - nominal[place - 1] - 1) // 2))
    after = 0 if last else int(min(most, (nominal[place + 1] - day - 1) // 2))
    return day + np.arange(-max(before, 0), max(after, 0) + 1)


def days_of_acute_visits(days: FloatArray) -> frozenset[float]:
    """The days with visits at hours of a day: a session that they belong to is on its day."""
    return frozenset(np.floor(days[days != np.floor(days)]).tolist())


def with_sessions_off_their_days(
    treatment: Treatment, until: float, most: int, fixed: frozenset[float], draws: PhaseDraws
) -> Treatment:
    """The treatment with each session up to so many days early or late.

    Parameters
    ----------
    until : float
        Days of the phase.
    fixed : frozenset of float
        Days whose sessions nothing moves. Those that a subject holds at a pace of their own stay,
        too.
    """
    own = [np.array(arm.days_of_doses(until), dtype=float) for arm in treatment.arms]
    moves = [place for place, arm in enumerate(treatment.arms) if arm.pace is None]
    possible = {place: possible_days(own[place], most, fixed) for place in moves}
    grid = np.unique(np.concatenate([treatment.doses, *(each.grid for each in possible.values())]))
    planned = np.zeros((len(treatment.arm), grid.size), dtype=bool)
    planned[:, np.searchsorted(grid, treatment.doses)] = treatment.planned
    uniform = draws.uniform("session day", max((days.size for days in own), default=0))
    for place, days in possible.items():
        rows = np.flatnonzero(treatment.arm == place)
        if days.nominal.size == 0:
            continue
        planned[rows] = False
        chosen = days.grid[days.of_each(uniform[rows, : days.nominal.size])]
        planned[rows[:, None], np.searchsorted(grid, chosen)] = True
    return replace(treatment, doses=grid, planned=planned)


def on_a_day_each(course: "PhaseCourse", days: PossibleDays, draws: PhaseDraws) -> "PhaseCourse":
    """The course on all possible days, as each subject was seen on one of them for each visit."""
    chosen = days.of_each(draws.uniform("visit day", days.nominal.size))
    row = np.arange(len(course.rows))[:, None]
    return replace(
        course,
        days=days.nominal,
        scores={scale: values[row, chosen] for scale, values in course.scores.items()},
        severity=course.severity[row, chosen],
        seen_on=days.grid[chosen],
    )
