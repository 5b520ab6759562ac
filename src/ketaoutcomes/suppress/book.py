"""Counts gathered from the results, with the sums that a reader knows of them."""

from collections.abc import Hashable, Iterable

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

        Nothing is noted where the parts are more than the whole.
        """
        signed: dict[int, float] = {}
        for cells, sign in ((totals, 1.0), (parts, -1.0)):
            for cell in cells:
                signed[cell] = signed.get(cell, 0.0) + sign
        rest = round(sum(sign * self._counts[cell] for cell, sign in signed.items()))
        signed = {cell: sign for cell, sign in signed.items() if sign}
        if rest < 0 or not signed or max(signed.values()) < 0:
            return
        if rest > 0:
            signed[self.cell(("rest", len(self._relations)), rest)] = -1.0
        self._relations.append(signed)

    def apart(self, one: int, other: int) -> None:
        """Two counts of nearly the same subjects: the greater is the smaller and a rest."""
        if one != other:
            greater, smaller = sorted((one, other), key=self._counts.__getitem__, reverse=True)
            self.total((greater,), (smaller,))

    def hidden_places(self, smallest: int) -> frozenset[Place]:
        """The places whose counts must not be shown."""
        if not self._counts:
            return frozenset()
        relations = dok_array((len(self._relations), len(self._counts)))
        for row, signed in enumerate(self._relations):
            for cell, sign in signed.items():
                relations[row, cell] = sign
        margins = Margins(
            counts=np.array(self._counts, dtype=float),
            shown=np.array([bool(places) for places in self._places]),
            relations=relations.tocsr(),
        )
        hidden = np.flatnonzero(cells_to_hide(margins, smallest))
        return frozenset(place for cell in hidden for place in self._places[cell])
