"""How the counts of paired comparisons add up, and what means of whole scores tell of them."""

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

import numpy as np

from ketaoutcomes.families.paired.fit import AFTER, BEFORE, DIFFERENCE, OF_PAIRS, TABLE
from ketaoutcomes.families.paired.fit_proportions import BOTH, CELLS, GAINED
from ketaoutcomes.families.paired.fit_proportions import DIFFERENCE as SHARE_DIFFERENCE
from ketaoutcomes.families.paired.fit_proportions import TABLE as OF_OUTCOMES
from ketaoutcomes.numerics.allowed import STEPS, BoolArray
from ketaoutcomes.privacy.counts import Cells
from ketaoutcomes.privacy.digits import Coarseness, told_of_estimate
from ketaoutcomes.privacy.relations import Relation
from ketaoutcomes.results import Result

Place = tuple[str, str, str]
PARTS_OF_A_POINT: Final = (1, 2, 4, 10)
"""Scores are whole, or counted in halves, quarters or tenths."""
NEARLY_WHOLE: Final = 1e-6


@dataclass(frozen=True)
class MeanOfWhole:
    """A mean of scores without many digits: times the participants it is their sum.

    Attributes
    ----------
    count : int
    per_point : int
        Scores times this are whole numbers.
    """

    cells: tuple[int, ...]
    rows: tuple[int, ...]
    count: int
    per_point: int
    row: Result
    aspect: ClassVar[str] = "estimate"

    def fits(self, level: int) -> BoolArray:
        """Where some whole sum gives the mean to the digits shown."""
        how = Coarseness(estimate=level)
        low, high = told_of_estimate(self.row, how)
        if math.isinf(high):
            return np.ones(STEPS.size, dtype=bool)
        n = np.maximum(self.count + STEPS, 1) * self.per_point
        middle = (self.row.estimate or 0.0) + (low + high) / 2
        off = np.abs(middle * n - np.round(middle * n))
        return np.asarray(off <= n * (high - low) / 2 + NEARLY_WHOLE)


def counts_of_pairs(cells: Cells) -> None:
    """Those of one visit are some of those analysed, and those with one score are some of them."""
    counts_of_outcomes(cells)
    analysed = {
        (row.analysis, row.arm): cell
        for row, cell, _ in cells.of_field("n", flow=True)
        if row.statistic == "analysed"
    }
    whole: dict[Place, int] = {}
    parts: dict[Place, list[int]] = defaultdict(list)
    for row, cell, _ in cells.of_field("n"):
        if row.table != TABLE:
            continue
        place = (row.analysis, row.arm, row.visit)
        if row.statistic == DIFFERENCE:
            whole[place] = cell
        elif row.statistic in (BEFORE, AFTER):
            parts[place].append(cell)
    for place, cell in whole.items():
        for part in parts[place]:
            cells.book.total([cell], [part])
        if (found := analysed.get(place[:2])) is not None:
            cells.book.total([found], [cell])


def counts_of_outcomes(cells: Cells) -> None:
    """The four counts of pairs are all participants with both outcomes.

    Those with a yes at the later visit are counted by proportions of the same participants, too.
    """
    found: dict[Place, dict[str, int]] = defaultdict(dict)
    for row, cell, _ in cells.of_field("estimate"):
        if row.table == OF_OUTCOMES and row.statistic in CELLS:
            found[row.analysis, row.arm, row.visit][row.statistic] = cell
    _alike_in_analyses(cells)
    for row, cell, _ in cells.of_field("n"):
        parts = found.get((row.analysis, row.arm, row.visit), {})
        if row.table == OF_OUTCOMES and row.statistic == SHARE_DIFFERENCE and parts:
            cells.book.total([cell], [*parts.values()])
            _as_others_count(cells, row, parts)


def _alike_in_analyses(cells: Cells) -> None:
    """The same count of the same participants in two analyses is one."""
    known: dict[tuple[object, ...], int] = {}
    for row, cell, _ in cells.of_field("estimate"):
        if row.table == OF_OUTCOMES and row.statistic in CELLS:
            where = (row.endpoint, row.visit, row.arm, row.n, row.statistic, row.estimate)
            other = known.setdefault(where, cell)
            if other != cell:
                cells.book.total([other], [cell])


def _as_others_count(cells: Cells, pairs: Result, parts: dict[str, int]) -> None:
    for row, cell, _ in cells.of_field("estimate"):
        same = (row.endpoint, row.phase, row.visit, row.arm, row.n) == (
            pairs.endpoint, pairs.phase, pairs.visit, pairs.arm, pairs.n
        )  # fmt: skip
        if same and row.statistic == "responders":
            cells.book.total([cell], [parts[BOTH], parts[GAINED]])


def pairs_behind_means(cells: Cells, rows: Sequence[Result]) -> Iterator[Relation]:
    """The participants by whom sums of scores were divided."""
    for place, row in enumerate(rows):
        is_mean = row.table == TABLE and row.statistic in (BEFORE, AFTER, DIFFERENCE)
        n = cells.rows[place].n  # that of the row itself may be hidden
        if not (is_mean and row.method in OF_PAIRS and n and row.estimate is not None):
            continue
        total = row.estimate * n
        whole = (k for k in PARTS_OF_A_POINT if abs(total * k - round(total * k)) < NEARLY_WHOLE)
        if (per_point := next(whole, None)) is not None:
            yield MeanOfWhole((cells.of[place, "n"],), (place,), n, per_point, row)
