"""Counts gathered from the results, with the sums that a reader knows of them."""

from collections.abc import Hashable, Iterable
from typing import Any

import numpy as np
from scipy.sparse import dok_array

from ketaoutcomes.numerics.disclosure import Margins, cells_to_hide

Place = tuple[int | str, str]
"""Where a count is shown: the number of a row or the analysis of a record, and the field."""


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
            for cell in map(self._first, cells):
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

    def _first(self, cell: int) -> int:
        """The cell that stands for all that are the same as this one."""
        while cell in self._same:
            cell = self._same[cell]
        return cell

    def apart(self, one: int, other: int) -> None:
        """Two counts of nearly the same subjects: the greater is the smaller and a rest."""
        if one != other:
            greater, smaller = sorted((one, other), key=self._counts.__getitem__, reverse=True)
            self.total((greater,), (smaller,))

    def hidden_places(self, smallest: int) -> frozenset[Place]:
        """The places whose counts must not be shown."""
        if not self._counts:
            return frozenset()
        places: list[list[Place]] = [[] for _ in self._counts]
        for cell, shown in enumerate(self._places):
            places[self._first(cell)].extend(shown)
        margins = Margins(
            counts=np.array(self._counts, dtype=float),
            shown=np.array([bool(shown) for shown in places]),
            relations=self._matrix(),
            cost=np.array([len(shown) for shown in places], dtype=float),
        )
        hidden = np.flatnonzero(cells_to_hide(margins, smallest))
        return frozenset(place for cell in hidden for place in places[cell])

    def _matrix(self) -> Any:
        """The relations, each once, a sparse row each."""
        kept: dict[frozenset[tuple[int, float]], None] = {}
        for signed in self._relations:
            of_first: dict[int, float] = {}
            for cell, sign in signed.items():
                first = self._first(cell)
                of_first[first] = of_first.get(first, 0.0) + sign
            kept[frozenset((cell, sign) for cell, sign in of_first.items() if sign)] = None
        relations = dok_array((len(kept), len(self._counts)))
        for row, signs in enumerate(kept):
            for cell, sign in signs:
                relations[row, cell] = sign
        return relations.tocsr()
