"""Counts in round numbers that are no greater than what they are part of."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from ketaoutcomes.privacy.book import Audit

RoundCount = tuple[int, int]
"""A count in a round number, and its step: the true count lies within half of it."""

Order = Mapping[int, Iterable[int]]


def within_wholes(audit: Audit, counts: Mapping[int, RoundCount]) -> dict[int, RoundCount]:
    """Counts in round numbers, of which none is greater than a whole that it is part of.

    Counts with finer steps come first, those that are shown as they are before all. Each is moved
    between the parts and the wholes that stand already. It stays within half a step of the truth:
    those stand within half of their own, no wider, step of theirs, and the truth is in order. What
    it is moved to follows from numbers that are published, so that it reveals nothing further.

    Parameters
    ----------
    counts : mapping of int to RoundCount
        The cells of the audit that are given in round numbers.
    """
    wholes, parts = _order(audit)
    shown = audit.margins.shown & ~audit.hidden
    told: dict[int, RoundCount] = {}

    def stands(cell: int) -> int | None:
        if cell in told:
            return told[cell][0]
        return int(audit.margins.counts[cell]) if shown[cell] else None

    for cell in sorted(counts, key=lambda cell: (counts[cell][1], cell)):
        value, step = counts[cell]
        below, above = (
            [at for other in _beyond(cell, order) if (at := stands(other)) is not None]
            for order in (parts, wholes)
        )
        told[cell] = min([max([value, *below]), *above]), step
    return told


def _order(audit: Audit) -> tuple[Order, Order]:
    """The wholes of each count, and the parts of each: sums with one whole."""
    wholes: dict[int, set[int]] = defaultdict(set)
    parts: dict[int, set[int]] = defaultdict(set)
    relations = audit.margins.relations
    for start, stop in zip(relations.indptr[:-1], relations.indptr[1:], strict=True):
        cells = relations.indices[start:stop].tolist()
        signed = dict(zip(cells, relations.data[start:stop].tolist(), strict=True))
        above = [cell for cell, weight in signed.items() if weight > 0]
        if len(above) == 1 and signed[above[0]] == 1:
            for part in signed.keys() - {*above}:
                wholes[part].add(above[0])
                parts[above[0]].add(part)
    return wholes, parts


def _beyond(cell: int, order: Order) -> set[int]:
    """All that are above a count, or below it, however far."""
    found: set[int] = set()
    waiting = [cell]
    while waiting:
        further = {*order.get(waiting.pop(), ())} - found
        found |= further
        waiting += further
    return found - {cell}
