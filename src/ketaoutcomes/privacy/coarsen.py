"""How far numbers must be rounded so that every small count can still have enough values.

One principle holds for all that is published: given all numbers together, no count from 1 to the
smallest that may be shown, less one, can be narrowed down to fewer than `values` whole numbers. The
register says which numbers are functions of which counts. What narrows a count too far is rounded
step by step, and withheld where no rounding is enough.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import product
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
from ketaoutcomes.privacy.digits import AROUND, Coarseness, blanked, coarse
from ketaoutcomes.privacy.relations import Redrawn, Relation
from ketaoutcomes.privacy.wholes import RoundCount, within_wholes
from ketaoutcomes.results import Result

PROTECTION: Final = 5
"""So many values every small count must be able to have, whatever else is published."""

COUNT_STEPS: Final = (10, 20, 50, 100)
"""To which multiples a count is rounded that would otherwise be withheld."""

ORDER: Final = ("estimate", "error", "df")
"""Which aspects of rows get their digits back first."""

ENOUGH: Final = (6, 3, 0)
"""Every row first gets digits back to these levels: to 1 standard error, to 0.1, and in full."""


def values_needed(smallest: int) -> int:
    """How many values a small count must be able to have: `PROTECTION`, or all the small ones."""
    return max(2, min(PROTECTION, smallest - 1))


@dataclass(eq=False)
class _Level:
    """How far some rows are coarsened together."""

    value: int = 0


@dataclass(eq=False)
class _Told:
    """A relation, with its counts by their first cells and the level that it shares with others."""

    relation: Relation
    cells: tuple[int, ...]
    shared: _Level = field(default_factory=_Level)
    _fits: dict[int, Reading] = field(default_factory=dict)

    @property
    def level(self) -> int:
        return self.shared.value

    def reading(self) -> Reading:
        if self.level not in self._fits:
            self._fits[self.level] = Reading(self.cells, self.relation.fits(self.level))
        return self._fits[self.level]


@dataclass(frozen=True)
class Coarsened:
    """What the audit decided.

    Attributes
    ----------
    levels : dict of int to Coarseness
        How far each row is coarsened.
    counts : dict of Place to RoundCount
        In which round number a count is given that may not be shown as it is.
    redrawn : dict of int to Result
        Rows that are published anew together with others.
    """

    levels: Mapping[int, Coarseness]
    counts: Mapping[Place, RoundCount]
    redrawn: Mapping[int, Result]


def coarsened(
    audit: Audit, book: CountBook, relations: Iterable[Relation], first: Collection[int] = ()
) -> Coarsened:
    """How far rows are coarsened, and which hidden counts can be given in round numbers.

    Parameters
    ----------
    first : collection of int
        Numbers of the rows that get their digits back before others do.
    """
    if not audit.margins.counts.size:
        return Coarsened({}, {}, {})
    network = _Network(audit)
    told = [one for one in (_told(book, audit, relation) for relation in relations) if one]
    _share_levels(told)
    parts = _Parts(network, told)
    _protect(network, parts, told)
    _relax(network, parts, told, first)
    singly = [one for one in told if not isinstance(one.relation, Redrawn)]
    counts = _round_counts(network, [one.reading() for one in told])
    return Coarsened(_levels(singly), counts, _redrawn(told))


def _redrawn(told: Iterable[_Told]) -> dict[int, Result]:
    """Rows that are published anew together."""
    return {
        place: row
        for one in told
        if isinstance(one.relation, Redrawn)
        for place, row in one.relation.redrawn(one.level).items()
    }


def _levels(told: Iterable[_Told]) -> dict[int, Coarseness]:
    """The levels of each row: of each aspect the highest that any of its relations needs."""
    levels: dict[int, dict[str, int]] = defaultdict(dict)
    for one in told:
        aspect = one.relation.aspect
        for row in one.relation.rows:
            levels[row][aspect] = max(levels[row].get(aspect, 0), one.level)
    return {row: Coarseness(**of_row) for row, of_row in levels.items()}


def _told(book: CountBook, audit: Audit, relation: Relation) -> _Told | None:
    """A relation that tells something of a count that is not shown."""
    cells = tuple(map(book.first, relation.cells))
    known = not audit.unknown[list(cells)].any()
    return None if known or len(set(cells)) < len(cells) else _Told(relation, cells)


class _Network:
    """The unknown counts, their sums, and which of them have to do with each other.

    With `cells`, a mask of counts, only those and their sums: a part that nothing links to others.
    """

    def __init__(self, audit: Audit, cells: BoolArray | None = None) -> None:
        self.audit = audit
        self.unknown = audit.unknown if cells is None else audit.unknown & cells
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


class _Parts:
    """The unknown counts by what links them, each part with the relations of its counts."""

    def __init__(self, network: _Network, told: Iterable[_Told]) -> None:
        self._audit = network.audit
        self.told: dict[int, list[_Told]] = defaultdict(list)
        readings = tuple(told)
        self._label = network.parts([one.cells for one in readings])
        for one in readings:
            self.told[self.of(one)].append(one)
        self._alone: dict[frozenset[int], _Network] = {}

    def of(self, told: _Told) -> int:
        """The part of a relation."""
        return int(self._label[told.cells[0]])

    def alone(self, parts: frozenset[int]) -> _Network:
        """The counts of some parts, which nothing links to others."""
        if parts not in self._alone:
            mask = np.isin(self._label, list(parts))
            self._alone[parts] = _Network(self._audit, mask)
        return self._alone[parts]


def _share_levels(told: Iterable[_Told]) -> None:
    """Relations of the same rows have one level: rows are published with one set of digits."""
    of_row: dict[tuple[str, int], list[_Told]] = defaultdict(list)
    for one in told:
        for row in one.relation.rows:
            of_row[one.relation.aspect, row].append(one)
    for together in of_row.values():
        merged = {id(one.shared) for one in together}
        if len(merged) > 1:
            for one in told:
                if id(one.shared) in merged:
                    one.shared = together[0].shared


def _protect(network: _Network, parts: _Parts, told: list[_Told]) -> None:
    """Coarsen relations until no small count is narrowed down too far.

    In each round those by which it was narrowed, the tightest of them. Parts in which nothing was
    coarsened are as they were in the round before.
    """
    free = {*network.narrowed(network.allowed(()))}  # the matter of the audit of sums
    changed = {*parts.told}
    while changed:
        raised: dict[int, _Level] = {}
        for label in sorted(changed):
            raised |= _raised(parts.alone(frozenset((label,))), parts.told[label], free)
        for level in raised.values():
            level.value += 1
        changed = {parts.of(one) for one in told if id(one.shared) in raised}


def _raised(network: _Network, told: list[_Told], free: Collection[int]) -> dict[int, _Level]:
    """The levels of the relations by which small counts are narrowed down too far."""
    of_reading = {id(one.reading()): one for one in told}
    allowed = network.allowed(one.reading() for one in told)
    raised: dict[int, _Level] = {}
    for cell in network.narrowed(allowed):
        reasons = [of_reading[id(reading)] for reading in allowed.reasons(cell)]
        if cell not in free:
            tight = _tightest(reasons, network.audit.values)
            raised |= {id(one.shared): one.shared for one in tight}
    return raised


def _relax(network: _Network, parts: _Parts, told: list[_Told], first: Collection[int]) -> None:
    """Give rows their digits back, one after the other, as long as every small count is protected.

    What was coarsened in the same round as another may not have had to be. Estimates come first,
    then what lies around those of the primary analyses, then around others; degrees of freedom,
    which nobody needs to read the estimate, come last.
    """
    free = {*network.narrowed(network.allowed(()))}
    of_level: dict[int, list[_Told]] = defaultdict(list)
    for one in told:
        of_level[id(one.shared)].append(one)

    def order(together: list[_Told]) -> tuple[int, bool, int]:
        rows = {row for one in together for row in one.relation.rows}
        aspect = ORDER.index(together[0].relation.aspect)
        return aspect, rows.isdisjoint(first), -together[0].level

    for enough, together in product(ENOUGH, sorted(of_level.values(), key=order)):
        level = together[0].shared
        if level.value <= enough:
            continue
        labels = frozenset(map(parts.of, together))
        here = parts.alone(labels)
        beside = [one for label in sorted(labels) for one in parts.told[label]]
        others = _joined(one.reading() for one in beside if one.shared is not level)
        while level.value > enough:
            level.value -= 1
            own = (one.reading() for one in together)
            if {*here.narrowed(here.allowed((*others, *own)))} - free:
                level.value += 1
                break


def _joined(readings: Iterable[Reading]) -> tuple[Reading, ...]:
    """As few readings as say the same: those of one count are one."""
    of_count: dict[int, BoolArray] = {}
    pairs = []
    for reading in readings:
        if len(reading.cells) > 1:
            pairs.append(reading)
        elif reading.binds:
            (cell,) = reading.cells
            of_count[cell] = of_count[cell] & reading.fits if cell in of_count else reading.fits
    return (*(Reading((cell,), fits) for cell, fits in of_count.items()), *pairs)


def _tightest(told: list[_Told], values: int) -> list[_Told]:
    """Those that leave a count few values by themselves; else those that leave the fewest."""
    left = [one.reading().fewest for one in told]
    most = max(2 * values, min(left, default=0))
    return [one for one, few in zip(told, left, strict=True) if few <= most]


def _round_counts(network: _Network, readings: list[Reading]) -> dict[Place, RoundCount]:
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
    told = within_wholes(audit, {cell: (round_to(counts[cell], s), s) for cell, s in steps.items()})
    return {place: count for cell, count in told.items() for place in audit.places[cell]}


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
    levels = {place: found.levels.get(place, Coarseness()) for place, _ in enumerate(rows)}
    return tuple(
        _without_error(found.redrawn[place], levels[place])
        if place in found.redrawn
        else coarse(row, levels[place])
        for place, row in enumerate(rows)
    )


def _without_error(row: Result, how: Coarseness) -> Result:
    """A row that was published anew, without what lies around it where that tells a count, too."""
    names = (*(AROUND if how.error else ()), *(("df",) if how.df else ()))
    return blanked(row, names)


def with_round_counts(
    rows: tuple[Result, ...], before: tuple[Result, ...], found: Coarsened
) -> tuple[Result, ...]:
    """The rows with counts in round numbers where these may be shown.

    Parameters
    ----------
    before : tuple of Result
        The same rows before counts were hidden.
    """
    of_row: dict[int, dict[str, RoundCount]] = defaultdict(dict)
    for (row, name), count in found.counts.items():
        if isinstance(row, int):
            of_row[row][name] = count
    return tuple(
        _with_round_counts(row, before[place], of_row.get(place, {}))
        for place, row in enumerate(rows)
    )


def _with_round_counts(row: Result, before: Result, counts: Mapping[str, RoundCount]) -> Result:
    words = row.suppressed.split()
    counts = {name: count for name, count in counts.items() if name in words}
    if not counts:
        return row
    changes: dict[str, Any] = {name: told for name, (told, _) in counts.items()}
    if "estimate" in counts:
        changes["estimate"] = float(changes["estimate"])
    kept = [word for word in words if word not in counts]
    told = [f"{name}:{step}" for name, (_, step) in counts.items()]
    main = "n" if before.estimate is None and before.test_statistic is None else "estimate"
    status = before.status if main in counts else row.status
    return replace(row, **changes, status=status, suppressed=" ".join(sorted((*kept, *told))))
