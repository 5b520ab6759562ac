"""What n, mean and SD of a description tell of how few differ from the value that most have.

Where one participant had an event and the others had none, the sum of the events, squared, is the
sum of their squares. Where all who left did so at one visit, the sum of the days that they lack is
a multiple of the days between this visit and the last.
"""

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, Final

import numpy as np

from ketaoutcomes.numerics.allowed import STEPS, BoolArray
from ketaoutcomes.privacy.counts import Cells
from ketaoutcomes.privacy.digits import EXACT, NO_TEST, Coarseness, coarse, rounded, steps_at
from ketaoutcomes.privacy.relations import WHOLE, Relation
from ketaoutcomes.results import Result

MEAN, SD, MEDIAN = "mean", "SD", "median"
UNITS: Final = (1.0, 0.5, 0.1, 0.05, 0.01, 0.005, 0.001)
"""In which scores, ages, weights and amounts of money are measured."""
MOST_PARTS: Final = 60
"""A sum of more units than these leaves many counts open."""
PARTICIPANTS: Final = (0.0, 5.0, 8.0, 10.0, 20.0, 50.0)
"""Level of coarsening -> the step of a mean, in participants who lie one unit from most."""
ESTIMATE_ONLY: Final = Coarseness(error=NO_TEST)
NOTHING: Final = Coarseness(error=NO_TEST, estimate=NO_TEST)

Where = tuple[str, ...]


def beyond(total: float, squares: float) -> tuple[float, float]:
    """The fewest and the most whole numbers of 1 or more with a sum and a sum of squares.

    By the inequality of Cauchy and Schwarz they are at least total^2 / squares; they are most where
    all but one are 1. The most are fewer than the fewest where no such numbers exist.
    """
    if total <= 0 or squares <= 0:
        return 0.0, 0.0
    return total**2 / squares, total - _greatest(total, squares) + 1


def _greatest(total: float, squares: float) -> float:
    """The greatest of these numbers, where all others are 1."""
    return (1 + math.sqrt(1 + 4 * max(squares - total, 0.0))) / 2


@dataclass(frozen=True)
class FewBeyond:
    """How many differ from the value that most of the described have.

    The SD goes first: with the mean rounded it still tells how many differ. The mean is then given
    in steps of so many participants.

    Attributes
    ----------
    count : int
        The fewest that can differ.
    n : int
        The participants described.
    base, unit : float
        The value that most have, and in what the distances from it are whole.
    coarsest : float
        The greatest unit of all bases that are tried; steps are multiples of it.
    mean, spread : Result
    """

    cells: tuple[int, ...]
    rows: tuple[int, int]
    count: int
    n: int
    base: float
    unit: float
    coarsest: float
    mean: Result
    spread: Result
    aspect: ClassVar[str] = "estimate"

    def fits(self, level: int) -> BoolArray:
        """The numbers that can differ, by what is published."""
        if level >= len(PARTICIPANTS):
            return np.ones(STEPS.size, dtype=bool)
        total, squares = self._sums()
        counts = self.count + STEPS
        fewest, most = beyond(total, squares)
        if level > 0:
            told, step = self._rounded(level)
            near, far = sorted(abs(end - self.base) for end in (told - step / 2, told + step / 2))
            near = 0.0 if abs(told - self.base) <= step / 2 else near
            most = self.n * far / self.unit
            fewest = self.n * near / self.unit / _greatest(total, squares)
        found = (counts >= max(fewest, 1.0) - WHOLE) & (counts <= most + WHOLE)
        return np.asarray(found | (STEPS == 0))

    def redrawn(self, level: int) -> Mapping[int, Result]:
        """The mean in a round number, without the SD."""
        if level <= 0:
            return {}
        mean, spread = self.rows
        hidden = {mean: coarse(self.mean, NOTHING), spread: coarse(self.spread, NOTHING)}
        if level < len(PARTICIPANTS):
            told, step = self._rounded(level)
            bare = coarse(self.mean, ESTIMATE_ONLY)
            words = sorted({*bare.suppressed.split(), f"estimate:{step:g}"})
            hidden[mean] = replace(bare, estimate=told, suppressed=" ".join(words))
        return hidden

    def _sums(self) -> tuple[float, float]:
        """The sum of the distances from the base, and that of their squares, in units."""
        off, spread = (self.mean.estimate or 0.0) - self.base, self.spread.estimate or 0.0
        squares = (self.n - 1) * spread**2 + self.n * off**2
        return self.n * abs(off) / self.unit, squares / self.unit**2

    def _rounded(self, level: int) -> tuple[float, float]:
        """The mean as it is published, and its step; no finer than means are that tell of n."""
        step = _nice_above(PARTICIPANTS[level] * self.coarsest / self.n)
        others = steps_at(self.mean, Coarseness(estimate=level)).of.get("estimate", 0.0)
        step = max(step, others)
        return rounded(self.mean.estimate or 0.0, step), step


def _nice_above(step: float) -> float:
    """The least of 1, 2, 5, 10, ... that is not under a number."""
    power = 10.0 ** math.floor(math.log10(step) + EXACT)
    return next(digit * power for digit in (1, 2, 5, 10) if digit * power >= step * (1 - EXACT))


def few_beyond_a_value(cells: Cells, rows: Sequence[Result]) -> Iterator[Relation]:
    """How many differ from the value that most have, wherever n, mean and SD are shown."""
    found: dict[Where, dict[str, int]] = defaultdict(dict)
    for place, row in enumerate(cells.rows):
        if row.statistic in (MEAN, SD, MEDIAN) and row.estimate is not None and not row.reference:
            key = (row.table, row.analysis, row.phase, row.visit, row.group, row.arm, row.unit)
            found[key][row.statistic] = place
    for about, places in found.items():
        known = [name for name in (MEAN, SD) if name in places and _is_shown(rows[places[name]])]
        if len(known) == len((MEAN, SD)):
            yield from _of_bases(cells, about, places)


def _is_shown(row: Result) -> bool:
    """Whether a row has its number, and how many it describes."""
    return row.estimate is not None and bool(row.n)


def _of_bases(cells: Cells, about: Where, places: Mapping[str, int]) -> Iterator[Relation]:
    """By the value that most may have: the median, or without one nought or a whole number."""
    told = places[MEAN], places[SD]
    mean, spread = (cells.rows[place] for place in told)
    n, middle, sd = mean.n or 0, mean.estimate or 0.0, spread.estimate or 0.0
    median = cells.rows[places[MEDIAN]].estimate if MEDIAN in places else None
    bases = (0.0, math.floor(middle), math.ceil(middle)) if median is None else (median,)
    units = {float(base): _coarsest_unit(n, abs(middle - base), sd) for base in bases}
    coarsest = max((unit for unit in units.values() if unit is not None), default=0.0)
    for base, unit in units.items():
        if unit is None:
            continue
        one = FewBeyond((0,), told, 0, n, base, unit, coarsest, mean, spread)
        fewest, most = beyond(*one._sums())  # noqa: SLF001 - of this module
        count = math.ceil(fewest - WHOLE)
        if 1 <= count <= most + WHOLE:
            cell = cells.book.cell(("beyond", *about, base), count)
            yield replace(one, cells=(cell,), count=count)


def _coarsest_unit(n: int, off: float, spread: float) -> float | None:
    """The greatest unit in which the distances from a value, and their squares, add up to wholes.

    None where no unit does, or the distances add up to none.
    """
    total, squares = n * off, (n - 1) * spread**2 + n * off**2
    fine = next((unit for unit in UNITS if _are_whole(total / unit, squares / unit**2)), None)
    if fine is None:
        return None
    whole = round(total / fine)
    parts = (part for part in range(1, min(whole, MOST_PARTS) + 1) if whole % part == 0)
    units = (fine * whole / part for part in parts)
    return next((unit for unit in units if _are_whole(total / unit, squares / unit**2)), fine)


def _are_whole(total: float, squares: float) -> bool:
    """Whether whole numbers of 1 or more can have these sums: both are odd, or both even."""
    whole = all(abs(value - round(value)) < WHOLE for value in (total, squares))
    return whole and 1 <= round(total) <= round(squares) and round(squares - total) % 2 == 0
