"""Which published results the fit never sees."""

from collections.abc import Iterable
from hashlib import sha256

from ketaoutcomes.cohorts.evidence.records import PublishedResult

ONE_IN = 3
"""Of the groups of a trial but one; of all results that is about a fifth."""


def held_out(results: Iterable[PublishedResult]) -> frozenset[str]:
    """Ids of the results that are held out, by whole groups.

    Results of the same patients at the same time make a group. The groups of a trial are ordered by
    the SHA-256 of their names, which nobody chose: the first stays in the fit, so that what is the
    trial's own can be learnt; of the others those go whose SHA-256 is a multiple of three. A result
    that is added later moves none of another trial.
    """
    groups: dict[str, dict[str, list[str]]] = {}
    for result in results:
        groups.setdefault(result.trial, {}).setdefault(result.group, []).append(result.id)
    return frozenset(
        name
        for of_trial in groups.values()
        for group in sorted(of_trial, key=_hash)[1:]
        if _hash(group) % ONE_IN == 0
        for name in of_trial[group]
    )


def folds(results: Iterable[PublishedResult], number: int) -> tuple[frozenset[str], ...]:
    """Ids of the results of each fold, by whole groups whose SHA-256 falls to it."""
    found: list[set[str]] = [set() for _ in range(number)]
    for result in results:
        found[_hash(result.group) % number].add(result.id)
    return tuple(map(frozenset, found))


def _hash(group: str) -> int:
    return int(sha256(group.encode()).hexdigest(), 16)
