"""Which published results the fit never sees."""

from collections.abc import Iterable
from hashlib import sha256
from math import floor

from ketaoutcomes.evidence.records import PublishedResult

HELD_OUT_SHARE = 0.2


def held_out(results: Iterable[PublishedResult]) -> frozenset[str]:
    """Ids of the results that are held out: one fifth, by whole groups.

    Results of the same patients at the same time stay together. The groups are ordered by the
    SHA-256 of their name, which nobody chose, and taken while they make up at most a fifth.
    """
    members: dict[str, list[str]] = {}
    for result in results:
        members.setdefault(result.group, []).append(result.id)
    room = floor(HELD_OUT_SHARE * sum(map(len, members.values())))
    chosen: list[str] = []
    for group in sorted(members, key=_hash):
        if len(chosen) + len(members[group]) <= room:
            chosen += members[group]
    return frozenset(chosen)


def _hash(group: str) -> str:
    return sha256(group.encode()).hexdigest()
