"""The register of relations: which published numbers are functions of counts that are not shown.

Relations that follow from how any row is built stand here; what only a family knows of its numbers
it contributes itself (`Family.relations`).
"""

from collections import defaultdict
from collections.abc import Iterator
from typing import Final

from ketaoutcomes.families.registry import families
from ketaoutcomes.privacy.counts import Cells
from ketaoutcomes.privacy.digits import FEWEST_DF, error_of, is_ratio
from ketaoutcomes.privacy.moments import MEAN, UNITS, few_beyond_a_value
from ketaoutcomes.privacy.relations import (
    WHOLE,
    DegreesOfFreedom,
    InformationBound,
    Mixture,
    Quantile,
    Relation,
    WholeSum,
    whole_sum,
)
from ketaoutcomes.privacy.rows import OF_OTHERS
from ketaoutcomes.results import Result

Rows = tuple[Result, ...]
"""The rows of the results after counts were hidden, in the order of those that the cells know."""

MEANS: Final = (MEAN, "mean cost", "mean effect", "mean of the highest value")
MOST_SUBJECTS: Final = 10_000
"""Of more subjects any sum is near to a whole number."""

Where = tuple[str, ...]


def relations_of(cells: Cells, rows: Rows) -> tuple[Relation, ...]:
    """All relations between what the rows still show and counts."""
    subjects = _Counted(cells)
    found: list[Relation] = [
        *_errors_by_subjects(subjects, rows),
        *_degrees_of_freedom(subjects, rows),
        *_means_over_arms(cells, rows),
        *_sums_of_whole_numbers(cells, rows),
        *few_beyond_a_value(cells, rows),
    ]
    for family in families():
        if family.relations is not None:
            found += family.relations(cells, rows)
    return tuple(found)


class _Counted:
    """The cell of the subjects of each row, and of each of the two arms that a row compares."""

    def __init__(self, cells: Cells) -> None:
        self.rows, self._book = cells.rows, cells.book
        self._own = {place: cell for (place, field), cell in cells.of.items() if field == "n"}
        self._of_arm: dict[Where, int] = {}
        for place, cell in self._own.items():
            row = self.rows[place]
            if not row.reference:
                for where in _about(row, row.arm):
                    self._of_arm.setdefault(where, cell)

    def of(self, place: int) -> tuple[int, ...]:
        """The counts behind a row: those of its two arms where they are shown apart, or its own."""
        row = self.rows[place]
        if row.reference:
            of_arms = zip(*(_about(row, arm) for arm in (row.arm, row.reference)), strict=True)
            for pair in of_arms:
                arms = [self._of_arm.get(where) for where in pair]
                if None not in arms:
                    return tuple(cell for cell in arms if cell is not None)
        return (self._own[place],) if place in self._own else ()

    def all_of(self, place: int) -> tuple[int, ...]:
        """Every count of subjects that the analysis of a row shows; its own of a description."""
        analysis = self.rows[place].analysis
        if not analysis:
            return self.of(place)
        cells = (c for p, c in self._own.items() if self.rows[p].analysis == analysis)
        return tuple(dict.fromkeys((*self.of(place), *cells)))

    def count(self, cell: int) -> int:
        """How many a cell counts."""
        return self._book.count_of(cell)


def _about(row: Result, arm: str) -> Iterator[Where]:
    """What the count of an arm is about: as its own table has it, or another of the analysis.

    The hypotheses that are tested together, and effects in standard deviations, stand in tables
    of their own, without the arms that they compare.
    """
    yield (row.table, row.analysis, row.phase, row.visit, row.group, arm)
    yield ("", row.analysis, row.phase, row.visit, "" if row.table in OF_OTHERS else row.group, arm)


def _errors_by_subjects(counted: _Counted, rows: Rows) -> Iterator[Relation]:
    """The squared error of a mean is one over the subjects, of a difference the sum of two."""
    for place, row in enumerate(rows):
        cells = counted.of(place)
        if cells and not is_ratio(row) and error_of(row) is not None:
            counts = tuple(map(counted.count, cells))
            if min(counts) > 0:
                yield InformationBound(cells, counts, (place,), row)


def _degrees_of_freedom(counted: _Counted, rows: Rows) -> Iterator[Relation]:
    """Degrees of freedom count every subject of the analysis, here or at another visit."""
    for place, row in enumerate(rows):
        if row.df is not None and row.df >= FEWEST_DF:
            for cell in counted.all_of(place):
                yield DegreesOfFreedom((cell,), (place,), row)
                yield Quantile((cell,), (place,), row)


def _means_over_arms(cells: Cells, rows: Rows) -> Iterator[Relation]:
    """The mean over two arms lies between theirs as their subjects say."""
    found: dict[Where, dict[str, int]] = defaultdict(dict)
    for place, row in enumerate(rows):
        if row.statistic == MEAN and row.estimate is not None and not row.reference:
            found[row.table, row.phase, row.visit, row.group][row.arm] = place
    for of_arm in found.values():
        arms = [place for arm, place in of_arm.items() if arm]
        over = of_arm.get("")
        if over is None or len(arms) != 2:  # noqa: PLR2004 - of more arms more than one is free
            continue
        for one, other in (arms, arms[::-1]):
            if (one, "n") in cells.of and cells.rows[over].n:
                points = (rows[one], rows[other], rows[over])
                part, whole = cells.rows[one].n or 0, cells.rows[over].n or 0
                yield Mixture((cells.of[one, "n"],), (one, other, over), part, whole, points)


def _sums_of_whole_numbers(cells: Cells, rows: Rows) -> Iterator[Relation]:
    """A mean of scores times their number is a whole number, and so is the sum of squares.

    Few numbers of subjects satisfy that (Brown & Heathers 2017, Soc Psychol Personal Sci
    8:363-369).
    """
    for place, row in enumerate(rows):
        cell, n = cells.of.get((place, "n")), cells.rows[place].n
        if cell is None or not n or n > MOST_SUBJECTS or row.estimate is None or row.reference:
            continue
        kind = {**dict.fromkeys(MEANS, 1), "SD": 2}.get(row.statistic)
        unit = None if kind is None else _unit_of(row.estimate, n, kind)
        if kind is not None and unit is not None:
            yield WholeSum((cell,), (place,), n, unit, kind, row)


def _unit_of(estimate: float, n: int, kind: int) -> float | None:
    """The coarsest unit in which a sum, or one of squares, is a whole number."""
    total = whole_sum(estimate, n, kind)
    fits = (u for u in UNITS if abs(total / u**kind - round(total / u**kind)) < WHOLE)
    return next(fits, None)
