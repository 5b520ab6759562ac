"""Counts gathered from the results, with the sums that a reader knows of them."""

from collections.abc import Collection, Hashable, Iterable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from scipy.sparse import dok_array

from ketaoutcomes.numerics.allowed import BoolArray, FloatArray
from ketaoutcomes.numerics.disclosure import Margins, cells_to_hide

Place = tuple[int | str, str]
"""Where a count is shown: the number of a row or the analysis of a record, and the field."""

KEPT: Final = 10**6
"""What hiding a count costs that the plan keeps, in counts."""


@dataclass(frozen=True)
class Audit:
    """Which counts are hidden, and what a reader knows of all of them.

    Attributes
    ----------
    hidden : bool array, shape (k,)
        Counts that stand in a table and must not be shown there.
    places : tuple of tuple of Place
        Where each count would stand.
    smallest, values : int
        The smallest count, other than zero, that may be known; how many values one that is smaller
        must be able to have.
    """

    margins: Margins
    hidden: BoolArray
    places: tuple[tuple[Place, ...], ...]
    smallest: int
    values: int

    @property
    def unknown(self) -> BoolArray:
        """Counts that a reader does not see: hidden, or in no table."""
        return self.hidden | ~self.margins.shown

    @property
    def small(self) -> BoolArray:
        """Counts that must be protected."""
        counts = self.margins.counts
        return np.asarray((counts >= 1) & (counts < self.smallest))

    @property
    def least(self) -> FloatArray:
        """What a reader knows each count to be at least: a hidden one is not zero."""
        at_least = np.minimum(self.margins.counts, 1.0)
        return np.asarray(np.where(self.margins.shown, at_least, 0.0))

    def places_of(self, cells: BoolArray) -> frozenset[Place]:
        """Where counts would stand."""
        return frozenset(place for cell in np.flatnonzero(cells) for place in self.places[cell])


class CountBook:
    """Counts by what they count; the same count shown in two places is one cell.

    Two counts under one key are the same cell if their numbers are the same, so that a reader who
    takes them for the same is reckoned with.
    """

    def __init__(self) -> None:
        self._cells: dict[tuple[Hashable, int], int] = {}
        self._counts: list[int] = []
        self._places: list[list[Place]] = []
        self._relations: list[dict[int, float]] = []
        self._same: dict[int, int] = {}

    def cell(self, key: Hashable, count: int, place: Place | None = None) -> int:
        """The cell of a count, with a place where it is shown."""
        number = self._cells.setdefault((key, count), len(self._counts))
        if number == len(self._counts):
            self._counts.append(count)
            self._places.append([])
        if place is not None:
            self._places[number].append(place)
        return number

    def total(self, totals: Iterable[int], parts: Iterable[int]) -> None:
        """What cells add up to; a rest that no table shows is a cell of its own.

        A whole with a single part and no rest is one cell with it. Nothing is noted where the parts
        are more than the whole.
        """
        signed: dict[int, float] = {}
        for cells, sign in ((totals, 1.0), (parts, -1.0)):
            for cell in map(self.first, cells):
                signed[cell] = signed.get(cell, 0.0) + sign
        rest = round(sum(sign * self._counts[cell] for cell, sign in signed.items()))
        signed = {cell: sign for cell, sign in signed.items() if sign}
        if rest < 0 or not signed or max(signed.values()) < 0:
            return
        if rest == 0 and sorted(signed.values()) == [-1.0, 1.0]:
            self._same[max(signed)] = min(signed)
            return
        if rest > 0:
            signed[self.cell(("rest", *sorted(signed.items())), rest)] = -1.0
        self._relations.append(signed)

    def apart(self, one: int, other: int) -> None:
        """Two counts of nearly the same subjects: the greater is the smaller and a rest."""
        if one != other:
            greater, smaller = sorted((one, other), key=self._counts.__getitem__, reverse=True)
            self.total((greater,), (smaller,))

    def count_of(self, cell: int) -> int:
        """How many a cell counts."""
        return self._counts[cell]

    def first(self, cell: int) -> int:
        """The cell that stands for all that are the same as this one."""
        while cell in self._same:
            cell = self._same[cell]
        return cell

    def audit(
        self,
        smallest: int,
        values: int,
        kept: Collection[Place] = (),
        beside: Collection[int] = (),
    ) -> "Audit":
        """Which counts must not be shown, so that each small one can have enough values.

        Parameters
        ----------
        smallest : int
            The smallest count, other than zero, that may be known.
        values : int
            How many values a reader must not be able to tell apart.
        kept : collection of Place
            Places that are hidden only if nothing else is left.
        beside : collection of int
            Counts that are protected in the same way although they are not small, by their cells.
        """
        places: list[list[Place]] = [[] for _ in self._counts]
        for cell, shown in enumerate(self._places):
            places[self.first(cell)].extend(shown)
        margins = Margins(
            counts=np.array(self._counts, dtype=float),
            shown=np.array([bool(shown) for shown in places], dtype=bool),
            relations=self._matrix(),
            cost=np.array([self._cost(shown, kept) for shown in places], dtype=float),
        )
        hidden = margins.shown & False
        if self._counts:
            also = np.isin(np.arange(len(self._counts)), [*beside])
            hidden = cells_to_hide(margins, smallest, values, also)
        return Audit(margins, hidden, tuple(map(tuple, places)), smallest, values)

    @staticmethod
    def _cost(shown: list[Place], kept: Collection[Place]) -> int:
        return len(shown) + KEPT * sum(place in kept for place in shown)

    def _matrix(self) -> Any:
        """The relations, each once, a sparse row each."""
        kept: dict[frozenset[tuple[int, float]], None] = {}
        for signed in self._relations:
            of_first: dict[int, float] = {}
            for cell, sign in signed.items():
                first = self.first(cell)
                of_first[first] = of_first.get(first, 0.0) + sign
            kept[frozenset((cell, sign) for cell, sign in of_first.items() if sign)] = None
        relations = dok_array((len(kept), len(self._counts)))
        for row, signs in enumerate(kept):
            for cell, sign in signs:
                relations[row, cell] = sign
        return relations.tocsr()
