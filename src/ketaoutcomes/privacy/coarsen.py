"""How far numbers must be rounded so that every small count can still have enough values.

One principle holds for all that is published: given all numbers together, no count from 1 to the
smallest that may be shown, less one, can be narrowed down to fewer than `values` whole numbers. The
register says which numbers are functions of which counts. What narrows a count too far is rounded
step by step, and withheld where no rounding is enough.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from ketaoutcomes.numerics.allowed import (
    STEPS,
    Allowed,
    BoolArray,
    Reading,
    allowed_values,
    sums_of,
)
from ketaoutcomes.privacy.book import Audit, CountBook, Place
from ketaoutcomes.privacy.digits import coarse
from ketaoutcomes.privacy.relations import Relation
from ketaoutcomes.results import Result

PROTECTION: Final = 5
"""So many values every small count must be able to have, whatever else is published."""

COUNT_STEPS: Final = (10, 20, 50, 100)
"""To which multiples a count is rounded that would otherwise be withheld."""

Levels = dict[int, int]
"""Number of a row -> level of coarsening."""


def values_needed(smallest: int) -> int:
    """How many values a small count must be able to have: `PROTECTION`, or all the small ones."""
    return max(2, min(PROTECTION, smallest - 1))


@dataclass
class _Told:
    """A relation at a level of coarsening, with its counts by their first cells."""

    relation: Relation
    cells: tuple[int, ...]
    level: int = 0
    _fits: dict[int, Reading] = field(default_factory=dict)

    def reading(self) -> Reading:
        if self.level not in self._fits:
            self._fits[self.level] = Reading(self.cells, self.relation.fits(self.level))
        return self._fits[self.level]


@dataclass(frozen=True)
class Coarsened:
    """What the audit decided.

    Attributes
    ----------
    levels, of_df : dict of int to int
        How far each row is coarsened, and its degrees of freedom.
    counts : dict of Place to int
        To which multiple a count is rounded that may not be shown as it is.
    """

    levels: Mapping[int, int]
    of_df: Mapping[int, int]
    counts: Mapping[Place, int]


def coarsened(audit: Audit, book: CountBook, relations: Iterable[Relation]) -> Coarsened:
    """How far rows are coarsened, and which hidden counts can be given in round numbers."""
    if not audit.margins.counts.size:
        return Coarsened({}, {}, {})
    network = _Network(audit)
    told = [one for one in (_told(book, audit, relation) for relation in relations) if one]
    _protect(network, told)
    levels, of_df = (
        _levels(one for one in told if one.relation.of_df is df) for df in (False, True)
    )
    return Coarsened(levels, of_df, _round_counts(network, [one.reading() for one in told]))


def _levels(told: Iterable[_Told]) -> Levels:
    """The level of each row: the highest that any of its relations needs."""
    levels: Levels = defaultdict(int)
    for one in told:
        for row in one.relation.rows:
            levels[row] = max(levels[row], one.level)
    return dict(levels)


def _told(book: CountBook, audit: Audit, relation: Relation) -> _Told | None:
    """A relation that tells something of a count that is not shown."""
    cells = tuple(map(book.first, relation.cells))
    known = not audit.unknown[list(cells)].any()
    return None if known or len(set(cells)) < len(cells) else _Told(relation, cells)


class _Network:
    """The unknown counts, their sums, and which of them have to do with each other."""

    def __init__(self, audit: Audit) -> None:
        self.audit, self.unknown = audit, audit.unknown
        self.sums = sums_of(audit.margins.relations, self.unknown)
        self.protected = np.flatnonzero(audit.small & self.unknown)

    def allowed(self, readings: Iterable[Reading]) -> Allowed:
        """What readings leave to each unknown count."""
        audit = self.audit
        told = [reading for reading in readings if reading.binds]
        return allowed_values(audit.margins.counts, audit.least, self.unknown, self.sums, told)

    def narrowed(self, allowed: Allowed) -> list[int]:
        """The small counts that are left fewer values than they must have."""
        needed = self.audit.values
        return [int(c) for c in self.protected if allowed.values[int(c)].sum() < needed]

    def beside(self, cells: Collection[int]) -> set[int]:
        """The counts that stand in a sum with any of these, and these."""
        wanted = {*cells}
        sums = ({*one.cells} for one in self.sums)
        return wanted.union(*(found for found in sums if found & wanted))

    def parts(self, cells: Iterable[tuple[int, ...]]) -> BoolArray:
        """A label for each count: the same where sums or readings link them."""
        links = [(s.cells[0], c) for s in self.sums for c in s.cells[1:]]
        links += [(pair[0], pair[1]) for pair in cells if len(pair) > 1]
        size = self.audit.margins.counts.size
        one, other = zip(*links, strict=True) if links else ((), ())
        graph: Any = coo_array((np.ones(len(links)), (one, other)), shape=(size, size))
        return np.asarray(connected_components(graph.tocsr(), directed=False)[1])


def _protect(network: _Network, told: list[_Told]) -> None:
    """Coarsen relations until no small count is narrowed down too far.

    In each round those by which it was narrowed, the tightest of them.
    """
    free = {*network.narrowed(network.allowed(()))}  # the matter of the audit of sums
    while True:
        of_reading = {id(one.reading()): one for one in told}
        allowed = network.allowed(one.reading() for one in told)
        raised: dict[int, _Told] = {}
        for cell in network.narrowed(allowed):
            reasons = [of_reading[id(reading)] for reading in allowed.reasons(cell)]
            if cell not in free:
                raised |= {id(one): one for one in _tightest(reasons, network.audit.values)}
        if not raised:
            return
        for one in raised.values():
            one.level += 1


def _tightest(told: list[_Told], values: int) -> list[_Told]:
    """Those that leave a count few values by themselves; else those that leave the fewest."""
    left = [one.reading().fewest for one in told]
    most = max(2 * values, min(left, default=0))
    return [one for one, few in zip(told, left, strict=True) if few <= most]


def _round_counts(network: _Network, readings: list[Reading]) -> dict[Place, int]:
    """Hidden counts that are large enough, in round numbers from which no small one follows."""
    audit = network.audit
    large = np.flatnonzero(audit.hidden & ~audit.small & (audit.margins.counts > 0))
    counts = {int(cell): audit.margins.counts[cell] for cell in large}
    steps = dict.fromkeys(counts, COUNT_STEPS[0])
    free = {*network.narrowed(network.allowed(readings))}
    part = network.parts([one.cells for one in readings])
    while steps:
        steps = {c: s for c, s in steps.items() if round_to(counts[c], s) >= max(audit.smallest, s)}
        rounded = [Reading((cell,), _bucket(counts[cell], step)) for cell, step in steps.items()]
        bad = {*network.narrowed(network.allowed([*readings, *rounded]))} - free
        if not bad:
            break
        near = network.beside(bad) & steps.keys()
        labels = {part[cell] for cell in bad}
        raised = near or {cell for cell in steps if part[cell] in labels}
        steps = {
            cell: wider
            for cell, step in steps.items()
            for wider in [_wider(step) if cell in raised else step]
            if wider is not None
        }
    return {place: step for cell, step in steps.items() for place in audit.places[cell]}


def _wider(step: int) -> int | None:
    wider = [other for other in COUNT_STEPS if other > step]
    return wider[0] if wider else None


def round_to(count: float, step: int) -> int:
    """A count to the nearest multiple, halves upwards."""
    return int((count + step / 2) // step * step)


def _bucket(count: float, step: int) -> BoolArray:
    """Offsets of a count that are rounded to the same multiple."""
    told = round_to(count, step)
    values = count + STEPS
    return np.asarray((values >= told - step / 2) & (values < told + step / 2))


def coarse_results(rows: tuple[Result, ...], found: Coarsened) -> tuple[Result, ...]:
    """The rows with the digits that they keep."""
    return tuple(
        coarse(row, found.levels.get(place, 0), found.of_df.get(place, 0))
        for place, row in enumerate(rows)
    )


def with_round_counts(
    rows: tuple[Result, ...], before: tuple[Result, ...], found: Coarsened
) -> tuple[Result, ...]:
    """The rows with counts in round numbers where these may be shown.

    Parameters
    ----------
    before : tuple of Result
        The same rows before counts were hidden.
    """
    of_row: dict[int, dict[str, int]] = defaultdict(dict)
    for (row, name), step in found.counts.items():
        if isinstance(row, int):
            of_row[row][name] = step
    return tuple(
        _with_round_counts(row, before[place], of_row.get(place, {}))
        for place, row in enumerate(rows)
    )


def _with_round_counts(row: Result, before: Result, steps: Mapping[str, int]) -> Result:
    words = row.suppressed.split()
    steps = {name: step for name, step in steps.items() if name in words}
    if not steps:
        return row
    changes: dict[str, Any] = {
        name: round_to(getattr(before, name), step) for name, step in steps.items()
    }
    if "estimate" in steps:
        changes["estimate"] = float(changes["estimate"])
    kept = [word for word in words if word not in steps]
    told = [f"{name}:{step}" for name, step in steps.items()]
    main = "n" if before.estimate is None and before.test_statistic is None else "estimate"
    status = before.status if main in steps else row.status
    return replace(row, **changes, status=status, suppressed=" ".join(sorted((*kept, *told))))
