"""Which values counts can have, given all that is published of them.

Each count starts with the whole numbers around the true one. A sum narrows each of its parts to the
interval that the others leave; a published number that is a function of one or two counts keeps the
values for which the function lies where the digits shown say. Both are repeated until nothing
changes: propagation of bounds and of arcs (Mackworth 1977, Artif Intell 8:99-118). What is left
contains every value that a reader with all relations at once could not exclude.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
IntArray = NDArray[np.int_]

REACH = 24
"""Values up to so far from the true one are looked at."""

MOST_ROUNDS = 25
"""After so many rounds what is left is taken as it is, which is never too little."""

SLACK = 1e-9
"""Sums of whole numbers are met to this."""


@dataclass(frozen=True)
class Reading:
    """A published number that is a function of one or two counts.

    Attributes
    ----------
    cells : tuple of int
        The counts, one or two.
    fits : bool array, shape (2 * REACH + 1,) or that squared
        For each offset of the counts from their true values, whether the function lies where the
        number says.
    """

    cells: tuple[int, ...]
    fits: BoolArray

    @property
    def binds(self) -> bool:
        """Whether it excludes anything."""
        return not bool(self.fits.all())

    @property
    def fewest(self) -> int:
        """How many values it leaves to the count that it narrows most, by itself."""
        if self.fits.ndim == 1:
            return int(self.fits.sum())
        return min(int(self.fits.any(axis=axis).sum()) for axis in (0, 1))


@dataclass(frozen=True)
class Sum:
    """Unknown counts of which a weighted sum is known."""

    cells: IntArray
    weights: FloatArray


def offsets() -> FloatArray:
    """The distances from the true count that are looked at."""
    return np.arange(-REACH, REACH + 1, dtype=np.float64)


def sums_of(relations: Any, unknown: BoolArray) -> tuple[Sum, ...]:
    """Each relation as a sum of its unknown counts; those without any are left out.

    Parameters
    ----------
    relations : sparse float array in rows, shape (m, k)
        `relations @ counts` is 0.
    unknown : bool array, shape (k,)
    """
    found = []
    for start, stop in zip(relations.indptr[:-1], relations.indptr[1:], strict=True):
        cells, weights = relations.indices[start:stop], relations.data[start:stop]
        open_ = unknown[cells]
        if open_.any():
            found.append(Sum(cells[open_].astype(int), weights[open_]))
    return tuple(found)


@dataclass(frozen=True)
class _State:
    """What each unknown count can still be, as offsets from its true value."""

    allowed: dict[int, BoolArray]
    floors: FloatArray

    def ends(self, cells: Iterable[int]) -> tuple[FloatArray, FloatArray]:
        """Least and greatest offset of counts; one at the edge may lie anywhere beyond it."""
        low, high = [], []
        for cell in cells:
            found = np.flatnonzero(self.allowed[cell]) - REACH
            beyond = found[0] == -REACH and self.floors[cell] < -REACH
            low.append(-np.inf if beyond else float(found[0]))
            high.append(np.inf if found[-1] == REACH else float(found[-1]))
        return np.array(low), np.array(high)

    def keep(self, cell: int, kept: BoolArray) -> bool:
        """Narrow a count; whether that changed it."""
        narrowed = self.allowed[cell] & kept
        changed = bool((narrowed != self.allowed[cell]).any())
        self.allowed[cell] = narrowed
        return changed


def allowed_values(
    counts: FloatArray,
    least: FloatArray,
    unknown: BoolArray,
    sums: Sequence[Sum],
    readings: Iterable[Reading],
) -> dict[int, BoolArray]:
    """Which offsets from its true value each unknown count can have.

    Parameters
    ----------
    counts : float array, shape (k,)
    least : float array, shape (k,)
        What a reader knows each count to be at least: 1 of a hidden one, as zeros are shown.
    unknown : bool array, shape (k,)

    Returns
    -------
    dict of int to bool array, shape (2 * REACH + 1,)
    """
    steps = offsets()
    allowed = {int(c): counts[c] + steps >= least[c] for c in np.flatnonzero(unknown)}
    state = _State(allowed, least - counts)
    relations: list[Sum | Reading] = [*sums, *(reading for reading in readings if reading.binds)]
    of_cell: dict[int, list[int]] = defaultdict(list)
    for place, one in enumerate(relations):
        for cell in one.cells:
            of_cell[int(cell)].append(place)
    waiting: Iterable[int] = range(len(relations))
    for _ in range(MOST_ROUNDS):
        changed = {cell for place in waiting for cell in _narrow(relations[place], state)}
        if not changed:
            break
        waiting = sorted({place for cell in changed for place in of_cell[cell]})
    return state.allowed


def _narrow(one: Sum | Reading, state: _State) -> list[int]:
    """Narrow the counts of one relation; which of them changed."""
    kept = _kept_by_sum(one, state) if isinstance(one, Sum) else _kept_by_reading(one, state)
    return [cell for cell, values in kept.items() if state.keep(cell, values)]


def _kept_by_sum(one: Sum, state: _State) -> dict[int, BoolArray]:
    """What the others leave to each part: offsets from the true counts add up to zero."""
    cells, steps = [int(cell) for cell in one.cells], offsets()
    ends = np.stack([one.weights * end for end in state.ends(cells)])
    least, most = ends.min(axis=0), ends.max(axis=0)
    kept = {}
    for place, cell in enumerate(cells):
        rest = (_sum_without(least, place), _sum_without(most, place))
        low, high = sorted(-end / one.weights[place] for end in rest)
        kept[cell] = (steps >= low - SLACK) & (steps <= high + SLACK)
    return kept


def _sum_without(values: FloatArray, place: int) -> float:
    return float(np.delete(values, place).sum())


def _kept_by_reading(one: Reading, state: _State) -> dict[int, BoolArray]:
    if len(one.cells) == 1:
        return {one.cells[0]: one.fits}
    known = offsets() == 0
    first, second = (state.allowed.get(cell, known) for cell in one.cells)
    both = one.fits & first[:, None] & second[None, :]
    kept = zip(one.cells, (both.any(axis=1), both.any(axis=0)), strict=True)
    return {cell: values for cell, values in kept if cell in state.allowed}
