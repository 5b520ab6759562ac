"""Which values counts can have, given all that is published of them.

Each count starts with the whole numbers around the true one. A sum narrows each of its parts to the
interval that the others leave; a published number that is a function of one or two counts keeps the
values for which the function lies where the digits shown say. Both are repeated until nothing
changes: propagation of bounds and of arcs (Mackworth 1977, Artif Intell 8:99-118). What is left
contains every value that a reader with all relations at once could not exclude.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

REACH = 24
"""Values up to so far from the true one are looked at."""

STEPS = np.arange(-REACH, REACH + 1, dtype=np.float64)
"""The distances from the true count that are looked at."""

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

    @cached_property
    def binds(self) -> bool:
        """Whether it excludes anything."""
        return not bool(self.fits.all())

    @cached_property
    def fewest(self) -> int:
        """How many values it leaves to the count that it narrows most, by itself."""
        if self.fits.ndim == 1:
            return int(self.fits.sum())
        return min(int(self.fits.any(axis=axis).sum()) for axis in (0, 1))


@dataclass(frozen=True)
class Sum:
    """Unknown counts of which a weighted sum is known."""

    cells: tuple[int, ...]
    weights: tuple[float, ...]


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
            found.append(Sum(tuple(cells[open_].tolist()), tuple(weights[open_].tolist())))
    return tuple(found)


class _State:
    """What each unknown count can still be, as offsets from its true value."""

    def __init__(
        self, allowed: dict[int, BoolArray], floors: FloatArray, sums: Sequence[Sum]
    ) -> None:
        self.allowed, self._floors = allowed, floors
        self._of_two: dict[tuple[int, ...], Sum] = {
            one.cells: one for one in sums if len(one.cells) == 2
        }
        self.ends = {cell: self._ends(cell) for cell in allowed}

    def _ends(self, cell: int) -> tuple[float, float]:
        """Least and greatest offset of a count; one at the edge may lie anywhere beyond it."""
        found = np.flatnonzero(self.allowed[cell]) - REACH
        low, high = float(found[0]), float(found[-1])
        beyond = low == -REACH and self._floors[cell] < -REACH
        return -math.inf if beyond else low, math.inf if high == REACH else high

    def together(self, cells: tuple[int, ...]) -> BoolArray:
        """Which pairs of offsets two counts can have, by themselves and by their sum.

        A number that is a function of both, and their sum, are two equations for two counts: each
        by itself would leave every count with more values than both leave.
        """
        known = STEPS == 0
        first, second = (self.allowed.get(cell, known) for cell in cells)
        both = first[:, None] & second[None, :]
        for order in (1, -1):
            one = self._of_two.get(cells[::order])
            if one is not None:
                weights = one.weights[::order]
                off = weights[0] * STEPS[:, None] + weights[1] * STEPS[None, :]
                both = both & (np.abs(off) < SLACK)
        return np.asarray(both)

    def keep(self, cell: int, kept: BoolArray) -> bool:
        """Narrow a count; whether that changed it."""
        narrowed = self.allowed[cell] & kept
        changed = bool((narrowed != self.allowed[cell]).any())
        if changed:
            self.allowed[cell] = narrowed
            self.ends[cell] = self._ends(cell)
        return changed


@dataclass(frozen=True)
class Allowed:
    """What is left to each unknown count.

    Attributes
    ----------
    values : dict of int to bool array, shape (2 * REACH + 1,)
        The offsets from its true value that a count can have.
    """

    values: dict[int, BoolArray]
    _because: dict[int, set[int]]
    _relations: list[Sum | Reading]

    def reasons(self, cell: int) -> list[Reading]:
        """The readings that narrowed a count, or those by which sums did."""
        found: dict[int, None] = {}
        waiting, seen = [cell], {cell}
        while waiting:
            for place in sorted(self._because.get(waiting.pop(), ())):
                found[place] = None
                others = {*self._relations[place].cells} - seen
                seen |= others
                waiting += sorted(others)
        told = (self._relations[place] for place in found)
        return [one for one in told if isinstance(one, Reading)]


def allowed_values(
    counts: FloatArray,
    least: FloatArray,
    unknown: BoolArray,
    sums: Sequence[Sum],
    readings: Iterable[Reading],
) -> Allowed:
    """Which offsets from its true value each unknown count can have.

    Parameters
    ----------
    counts : float array, shape (k,)
    least : float array, shape (k,)
        What a reader knows each count to be at least: 1 of a hidden one, as zeros are shown.
    unknown : bool array, shape (k,)

    readings : iterable of Reading
    """
    allowed = {int(c): counts[c] + STEPS >= least[c] for c in np.flatnonzero(unknown)}
    state = _State(allowed, least - counts, sums)
    relations: list[Sum | Reading] = [*sums, *readings]
    because: dict[int, set[int]] = defaultdict(set)
    of_cell: dict[int, list[int]] = defaultdict(list)
    for place, one in enumerate(relations):
        for cell in one.cells:
            of_cell[cell].append(place)
    waiting: Iterable[int] = range(len(relations))
    for _ in range(MOST_ROUNDS):
        changed = set()
        for place in waiting:
            for cell in _narrow(relations[place], state):
                changed.add(cell)
                because[cell].add(place)
        if not changed:
            break
        waiting = sorted({place for cell in changed for place in of_cell[cell]})
    return Allowed(state.allowed, because, relations)


def _narrow(one: Sum | Reading, state: _State) -> list[int]:
    """Narrow the counts of one relation; which of them changed."""
    kept = _kept_by_sum(one, state) if isinstance(one, Sum) else _kept_by_reading(one, state)
    return [cell for cell, values in kept if state.keep(cell, values)]


def _kept_by_sum(one: Sum, state: _State) -> Iterator[tuple[int, BoolArray]]:
    """What the others leave to each part: offsets from the true counts add up to zero.

    Of two parts each has the values that the other leaves, one for one; of more, their interval.
    """
    if len(one.cells) == 2 and abs(one.weights[0]) == abs(one.weights[1]):
        same = one.weights[0] != one.weights[1]
        for cell, other in (one.cells, one.cells[::-1]):
            values = state.allowed[other]
            yield cell, values if same else values[::-1]
        return
    ends = [
        sorted(w * e for e in state.ends[c]) for c, w in zip(one.cells, one.weights, strict=True)
    ]
    for place, (cell, weight) in enumerate(zip(one.cells, one.weights, strict=True)):
        others = ends[:place] + ends[place + 1 :]
        low, high = sorted(-sum(end[side] for end in others) / weight for side in (0, 1))
        now = state.ends[cell]
        if low > now[0] + SLACK or high < now[1] - SLACK:
            yield cell, (low - SLACK <= STEPS) & (high + SLACK >= STEPS)


def _kept_by_reading(one: Reading, state: _State) -> list[tuple[int, BoolArray]]:
    if len(one.cells) == 1:
        return [(one.cells[0], one.fits)]
    both: BoolArray = one.fits & state.together(one.cells)
    sides = (np.asarray(both.any(axis=axis)) for axis in (1, 0))
    kept = zip(one.cells, sides, strict=True)
    return [(cell, values) for cell, values in kept if cell in state.allowed]
