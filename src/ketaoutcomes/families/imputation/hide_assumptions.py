"""What two assumptions side by side tell of how many had imputed scores.

Where delta is added, the mean of an arm moves by delta times the share that was imputed, to the
last digit. Under jump to reference (Carpenter, Roger & Kenward 2013, J Biopharm Stat 23:1352-1371)
a difference shrinks by about that share. What is published is then the mean under the first
assumption and the distances of the others from it, for a round number of imputed participants.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

import numpy as np

from ketaoutcomes.numerics.allowed import STEPS, BoolArray
from ketaoutcomes.privacy.counts import Cells
from ketaoutcomes.privacy.digits import EXACT, coarse, nice
from ketaoutcomes.privacy.planes import (
    EVERY_NUMBER,
    SHARE_OF_ERROR,
    SUBJECTS_OF_SLOPE,
    point_at,
    written,
)
from ketaoutcomes.privacy.relations import Relation
from ketaoutcomes.privacy.sides import agree_with_sides
from ketaoutcomes.results import Result

TABLE: Final = "impt01"
MEAN, DIFFERENCE = "LS mean", "difference in LS means"
DRAWN: Final = "multiple imputation"
"""Begins the method of analyses with a Monte-Carlo error."""
SAME: Final = 1e-9
"""Means that differ by less are of the same imputed scores."""

Key = tuple[str, ...]


@dataclass(frozen=True)
class Distance:
    """How far the mean of an arm lies from that under the first assumption, and for how many.

    Attributes
    ----------
    apart : float
    count : int
        The participants of the arm whose score was imputed.
    """

    apart: float
    count: int

    def told(self, level: int) -> tuple[float, float]:
        """By how far the mean is moved from where it lies, and the step of that distance."""
        step = SUBJECTS_OF_SLOPE[level]
        off = round(self.count / step) * step - self.count
        return self.each * off, abs(self.each) * step

    @property
    def each(self) -> float:
        """By how far each participant whose score was imputed moves the mean."""
        return self.apart / self.count


@dataclass(frozen=True)
class ImputedBehindDistances:
    """The distances of an arm's means from that under the first assumption.

    Attributes
    ----------
    count : int
        The participants of the arm whose score was imputed.
    points : mapping of int to Result
        Its rows, those that compare it included.
    distances : mapping of (str, str) to Distance
        By analysis and arm, those of the other arm that a row compares included.
    """

    cells: tuple[int, ...]
    rows: tuple[int, ...]
    arm: str
    count: int
    points: Mapping[int, Result]
    distances: Mapping[tuple[str, str], Distance]
    aspect: ClassVar[str] = "estimate"

    def fits(self, level: int) -> BoolArray:
        """The numbers rounded to the one whose distances are published, with rows as told."""
        if level >= len(SUBJECTS_OF_SLOPE):
            return np.ones(STEPS.size, dtype=bool)
        if level <= 0:
            return np.asarray(STEPS == 0)
        step = SUBJECTS_OF_SLOPE[level]
        off = self.count - round(self.count / step) * step
        told = (np.abs(STEPS + off) < step / 2 - EXACT) & self._as_told()
        return np.asarray(told | (STEPS == 0))

    def _as_told(self) -> BoolArray:
        """The numbers with which every row lies on its side of no effect and of 0.05."""
        found = np.ones(STEPS.size, dtype=bool)
        for row in self.points.values():
            own = self.distances.get((row.analysis, self.arm))
            if own:
                each = own.each if row.arm == self.arm else -own.each
                found &= agree_with_sides(row, (row.estimate or 0.0) + each * STEPS)
        return found

    def redrawn(self, level: int) -> Mapping[int, Result]:
        """The rows as they are published, by their numbers."""
        if level <= 0:
            return {}
        if level >= len(SUBJECTS_OF_SLOPE):
            return {place: coarse(row, EVERY_NUMBER) for place, row in self.points.items()}
        return {place: self._moved(row, level) for place, row in self.points.items()}

    def _moved(self, row: Result, level: int) -> Result:
        """A row with its estimate where the rounded distances of its arms have it."""
        moved = open_ = 0.0
        for sign, arm in ((1, row.arm), (-1, row.reference)):
            if distance := self.distances.get((row.analysis, arm)):
                off, step = distance.told(level)
                moved, open_ = moved + sign * off, open_ + step
        if not open_:
            return row
        error = nice(SHARE_OF_ERROR * (row.std_error or 0.0))
        return point_at(row, *written((row.estimate or 0.0) + moved, open_), error)


def imputed_behind_assumptions(cells: Cells, rows: Sequence[Result]) -> Iterator[Relation]:
    """How far the means of two analyses of one endpoint differ, for each arm and visit.

    Those by multiple imputation are compared with each other, as all of them have the draws of one
    seed; those by conditional means also with a model that imputes nothing.
    """
    means = _Means(cells)
    together: dict[Key, list[int]] = defaultdict(list)
    for place, row in enumerate(rows):
        if row.table == TABLE and row.statistic in (MEAN, DIFFERENCE) and row.estimate is not None:
            together[row.endpoint, row.phase, row.visit, row.method].append(place)
    for places in together.values():
        yield from _of_one_visit(means, {place: rows[place] for place in places})


def _of_one_visit(means: "_Means", points: Mapping[int, Result]) -> Iterator[Relation]:
    """The relations of each arm."""
    distances = {
        (row.analysis, row.arm): distance
        for row in points.values()
        if row.statistic == MEAN
        for distance in [means.distance(row, tuple(points.values()))]
        if distance is not None
    }
    for arm in dict.fromkeys(arm for _, arm in distances):
        of_arm = {
            place: row
            for place, row in points.items()
            if any((row.analysis, one) in distances for one in (row.arm, row.reference))
            and arm in (row.arm, row.reference)
        }
        first = next(row for row in points.values() if row.arm == arm and row.statistic == MEAN)
        imputed = means.imputed(first)
        if imputed is not None:
            cell, count = imputed
            yield ImputedBehindDistances((cell,), tuple(of_arm), arm, count, of_arm, distances)


class _Means:
    """The means of arms in each analysis, and how many of the scores behind them were imputed."""

    def __init__(self, cells: Cells) -> None:
        self._book = cells.book
        self._whole: dict[Key, int] = {}
        self._seen: dict[Key, int] = {}
        self._elsewhere: dict[Key, float] = {}
        for (place, name), cell in cells.of.items():
            row = cells.rows[place]
            if name == "estimate" and row.statistic == "observed":
                self._seen[_about(row)] = cell
            elif name == "n" and row.statistic == MEAN and row.table == TABLE:
                self._whole[row.analysis, row.visit, row.arm] = cell
        for row in cells.rows:
            if row.statistic == MEAN and row.table != TABLE and not row.group and row.estimate:
                self._elsewhere.setdefault(_about(row), row.estimate)

    def distance(self, row: Result, others: Sequence[Result]) -> Distance | None:
        """How far a mean lies from that of the first analysis, or of a model of what was seen."""
        first = next(one for one in others if one.arm == row.arm and one.statistic == MEAN)
        start = first.estimate
        if not row.method.startswith(DRAWN):
            start = self._elsewhere.get(_about(row), start)
        apart = (row.estimate or 0.0) - (start or 0.0)
        imputed = self.imputed(row)
        return Distance(apart, imputed[1]) if imputed and abs(apart) > SAME else None

    def imputed(self, row: Result) -> tuple[int, int] | None:
        """The cell of those of an arm whose score at a visit was imputed, and how many they are."""
        whole = self._whole.get((row.analysis, row.visit, row.arm))
        seen = self._seen.get(_about(row))
        if whole is None or seen is None:
            return None
        count = self._book.count_of(whole) - self._book.count_of(seen)
        if count <= 0:
            return None
        cell = self._book.cell(("imputed", *_about(row)), count)
        self._book.total([whole], [seen, cell])
        return cell, count


def _about(row: Result) -> Key:
    return (row.endpoint, row.phase, row.visit, row.arm)
