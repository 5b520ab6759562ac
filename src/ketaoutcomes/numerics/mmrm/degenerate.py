"""Covariances that the data drive to a border: too few subjects, no variance, visits alike.

The likelihood of an unstructured covariance has no maximum where some combination of visits leaves
no residual among the subjects who were seen at all of them. Of n subjects r degrees of freedom go
to the coefficients, so that among u visits there is always one where n - r < u.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from ketaoutcomes.numerics.mmrm.covariance import STRUCTURES
from ketaoutcomes.numerics.mmrm.patterns import PatternStatistics

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

DEPENDENT = 1e-10
NO_VARIANCE = 1e-16
"""Variance at a visit, relative to that of all outcomes, that is rounding of zero."""
ALIKE = 1e-10
"""Smallest eigenvalue of the correlations of visits that is rounding of zero."""
MOST_SETS = 256
PAIR = 2


def were(n: int) -> str:
    """A number of participants with its verb."""
    return f"{n} {'was' if n == 1 else 'were'}"


class Names:
    """What messages call the visits.

    Parameters
    ----------
    visits : tuple of str
        Empty where they have no names.
    """

    def __init__(self, visits: tuple[str, ...]) -> None:
        self._visits = visits

    def one(self, visit: int) -> str:
        """One visit."""
        return self._visits[visit] if self._visits else f"visit {visit + 1}"

    def several(self, visits: tuple[int, ...]) -> str:
        """Several visits."""
        *first, last = map(self.one, visits)
        return f"{', '.join(first)} and {last}" if first else last


@dataclass(frozen=True)
class Residuals:
    """What the coefficients leave of the outcomes at some visits, in the subjects seen at all.

    Attributes
    ----------
    n_subjects : int
    rank : int
        Degrees of freedom that the coefficients take from one combination of the visits.
    products : array, shape (u, u), or None
        Sums of products of the residuals; None where the coefficients differ between combinations.
    """

    n_subjects: int
    rank: int
    products: FloatArray | None


def independent_columns(total: FloatArray) -> BoolArray:
    """The columns that earlier ones do not determine, from the products of centred columns."""
    return _eliminated(total, len(total))[0]


def _eliminated(products: FloatArray, first: int) -> tuple[BoolArray, FloatArray]:
    """Which of the first columns are independent, and the products less what those explain.

    Parameters
    ----------
    products : array, shape (..., q, q)
    """
    left, independent = products.copy(), np.zeros((*products.shape[:-2], first), dtype=bool)
    for j in range(first):
        size = left[..., j, j]
        kept = size > DEPENDENT * products[..., j, j]
        independent[..., j] = kept
        share = left[..., j] * np.where(kept, 1 / np.where(kept, size, 1.0), 0.0)[..., None]
        left = left - share[..., None] * left[..., j, None, :]
    return independent, left


def residuals_at(statistics: PatternStatistics, group: int, visits: tuple[int, ...]) -> Residuals:
    """Residuals of a group's outcomes at these visits."""
    chosen = list(visits)
    seen = (statistics.group == group) & statistics.observed[:, chosen].all(axis=1)
    n, p, u = int(statistics.n_subjects[seen].sum()), statistics.p, len(chosen)
    blocks = statistics.centred[np.ix_(seen, chosen, chosen)].sum(axis=0)
    weights = np.sqrt(2.0 + np.arange(u))
    combined = np.einsum("s,t,stij->ij", weights, weights, blocks[..., :p, :p])
    rank = int(independent_columns(combined).sum())
    of_x, of_y = blocks[..., :p, :], blocks[..., p:, :]
    rows = [part.transpose(0, 2, 1, 3).reshape(-1, u, p + 1) for part in (of_x, of_y)]
    stacked = np.concatenate(rows)
    G = np.concatenate([stacked[..., :p].reshape(-1, u * p), stacked[..., p]], axis=1)
    independent, left = _eliminated(G, u * p)
    same = int(independent.sum()) == rank
    return Residuals(n, rank, left[u * p :, u * p :] if same else None)


def too_few(statistics: PatternStatistics, group: int, names: Names) -> str:
    """Why an unstructured covariance has too few subjects; empty if it has enough."""
    members = statistics.group == group
    sets = list(_sets_of_visits(statistics, group))
    unseen = (~statistics.observed[members]).astype(np.int64)
    needed = np.zeros((len(sets), statistics.n_visits), dtype=np.int64)
    for place, visits in enumerate(sets):
        needed[place, list(visits)] = 1
    together = (needed @ unseen.T == 0) @ statistics.n_subjects[members]
    for visits, n_together in zip(sets, together, strict=True):
        if n_together >= len(visits) + statistics.p:
            continue
        found = residuals_at(statistics, group, visits)
        fewest = found.rank + len(visits)
        if found.n_subjects < fewest:
            return (
                "too few participants for an unstructured covariance: "
                f"{were(found.n_subjects)} observed at {names.several(visits)}, "
                f"and it needs at least {fewest}"
            )
    return ""


def _sets_of_visits(statistics: PatternStatistics, group: int) -> Iterator[tuple[int, ...]]:
    """The sets of visits that subjects of a group have in common, the largest first."""
    members = statistics.observed[statistics.group == group]
    patterns = {frozenset(np.flatnonzero(row).tolist()) for row in members}
    sets: set[frozenset[int]] = {frozenset(range(statistics.n_visits)), *patterns}
    for one in sorted(patterns, key=sorted):
        if len(sets) > MOST_SETS:
            break
        sets |= {one & other for other in sets}
    yield from sorted(
        (tuple(sorted(visits)) for visits in sets if visits),
        key=lambda visits: (-len(visits), visits),
    )


def no_variance(statistics: PatternStatistics, group: int, names: Names) -> str:
    """At which visit the outcomes have no variance of their own; empty if at none."""
    overall = float(statistics.total[-1, -1]) / statistics.n_obs
    members, p = statistics.group == group, statistics.p
    counts = statistics.n_subjects[members] @ statistics.observed[members]
    by_visit = np.einsum("k,kttij->tij", members.astype(float), statistics.centred)
    independent, left = _eliminated(by_visit, p)
    for visit in np.flatnonzero(counts).tolist():
        n, rank = int(counts[visit]), int(independent[visit].sum())
        if left[visit, p, p] <= NO_VARIANCE * overall * n:
            if n <= rank:
                return (
                    f"too few participants at {names.one(visit)} to estimate its variance: "
                    f"{n} observed, and at least {rank + 1} are needed"
                )
            return (
                f"no variance at {names.one(visit)}: "
                "the model explains the outcomes of all participants there exactly"
            )
    return ""


def alike(statistics: PatternStatistics, group: int, names: Names) -> str:
    """Which visits determine one another; empty if none do."""
    every = tuple(range(statistics.n_visits))
    for visits in (*combinations(every, 2), every):
        found = residuals_at(statistics, group, visits)
        if found.products is None or found.n_subjects < found.rank + len(visits):
            continue
        variances = np.diag(found.products)
        if not (variances > 0).all():
            continue
        correlations = found.products / np.sqrt(np.outer(variances, variances))
        if np.linalg.eigvalsh(correlations)[0] < ALIKE:
            what = "are alike" if len(visits) == PAIR else "determine one another"
            return (
                f"{names.several(visits)} {what}: once the model's terms are accounted for, "
                "an outcome follows exactly from the others"
            )
    return ""


def reasons(
    statistics: PatternStatistics, structure_name: str, visits: tuple[str, ...]
) -> tuple[str, ...]:
    """Why a covariance could not be fitted, in what the data hold; empty where that is not seen."""
    names, checks = Names(visits), [alike]
    if STRUCTURES[structure_name].heterogeneous:
        checks.insert(0, no_variance)
    if structure_name == "us":
        checks.append(too_few)
    found = (
        check(statistics, group, names) for group in range(statistics.n_groups) for check in checks
    )
    return tuple(reason for reason in found if reason)[:1]
