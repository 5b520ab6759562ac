"""Which published results the fit never sees."""

from collections.abc import Iterable
from hashlib import sha256

from ketaoutcomes.cohorts.evidence.records import PublishedResult

FEWEST_TRIALS = 5
"""A scenario that is compared with fewer trials is fitted to all of them."""

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


def held_out_trials(trials: Iterable[str]) -> frozenset[str]:
    """The trials whose results a scenario as it ships was not fitted to.

    As with groups of results: the first by SHA-256 of its name stays, of the others those go whose
    SHA-256 is a multiple of three. A scenario with few trials can spare none.
    """
    ordered = sorted(dict.fromkeys(trials), key=_hash)
    if len(ordered) < FEWEST_TRIALS:
        return frozenset()
    return frozenset(trial for trial in ordered[1:] if _hash(trial) % ONE_IN == 0)


def folds(results: Iterable[PublishedResult], number: int) -> tuple[frozenset[str], ...]:
    """Ids of the results of each fold, by whole trials.

    The trials are dealt out in the order of the SHA-256 of their names, so that no fold is empty
    where there are as many trials as folds.
    """
    by_trial: dict[str, list[str]] = {}
    for result in results:
        by_trial.setdefault(result.trial, []).append(result.id)
    ordered = sorted(by_trial, key=_hash)
    return tuple(
        frozenset(name for trial in ordered[first::number] for name in by_trial[trial])
        for first in range(min(number, len(ordered)))
    )


def _hash(name: str) -> int:
    return int(sha256(name.encode()).hexdigest(), 16)
