"""Refuse a model whose parameters the data cannot tell apart, with the reason."""

import numpy as np
from numpy.typing import NDArray

from ketaoutcomes.numerics.mmrm.covariance import SPATIAL, STRUCTURES, distances, first_derivatives
from ketaoutcomes.numerics.mmrm.degenerate import (
    Names,
    independent_columns,
    no_variance,
    too_few,
    were,
)
from ketaoutcomes.numerics.mmrm.likelihood import inverse_in_pattern, shared_traces, traces
from ketaoutcomes.numerics.mmrm.model import places_of
from ketaoutcomes.numerics.mmrm.patterns import PatternStatistics

FloatArray = NDArray[np.float64]

DEPENDENT = 1e-10
FEWEST_TOGETHER = 2


class NotIdentifiedError(ValueError):
    """The data cannot tell the parameters of the model apart."""


def check_identified(
    statistics: PatternStatistics, structure: str, visits: tuple[str, ...] = ()
) -> None:
    """Check coefficients, numbers of subjects and covariance parameters.

    Parameters
    ----------
    visits : tuple of str
        What the reasons call the visits.

    Raises
    ------
    NotIdentifiedError
        With the reason.
    """
    names = Names(visits)
    _check_coefficients(statistics)
    for group in range(statistics.n_groups):
        if structure == "us":
            _check_pairs(statistics, group, names)
            _refuse(too_few(statistics, group, names))
        if STRUCTURES[structure].heterogeneous:
            _refuse(no_variance(statistics, group, names))
        if structure in SPATIAL:
            _refuse(_same_place(statistics, group, names))
        _check_parameters(statistics, structure, group)


def _refuse(reason: str) -> None:
    if reason:
        raise NotIdentifiedError(reason)


def _check_coefficients(statistics: PatternStatistics) -> None:
    """X has full rank, and more rows than columns."""
    rank = int(independent_columns(statistics.total[:-1, :-1]).sum())
    if rank < statistics.p:
        raise NotIdentifiedError(
            f"the {statistics.p} columns of the design have rank {rank}: "
            f"{statistics.p - rank} cannot be told from the others"
        )
    if statistics.n_obs <= statistics.p:
        raise NotIdentifiedError(f"{statistics.n_obs} outcomes for {statistics.p} coefficients")


def _check_pairs(statistics: PatternStatistics, group: int, names: Names) -> None:
    """Unstructured: each pair of visits must be seen together."""
    members = statistics.group == group
    seen = statistics.observed[members].astype(float)
    together = (seen * statistics.n_subjects[members][:, None]).T @ seen
    i, j = (int(place) for place in np.unravel_index(int(together.argmin()), together.shape))
    if together[i, j] < FEWEST_TOGETHER:
        at = names.several(tuple(sorted({i, j})))
        raise NotIdentifiedError(
            f"too few participants for an unstructured covariance: {were(int(together[i, j]))} "
            f"observed at {at}, and it needs at least {FEWEST_TOGETHER}"
        )


def _same_place(statistics: PatternStatistics, group: int, names: Names) -> str:
    """Which visits of a subject are at no distance, where a spatial covariance is singular."""
    members = statistics.group == group
    seen = statistics.observed[members]
    apart = distances(statistics.coordinates[members])
    same = (apart == 0) & seen[:, :, None] & seen[:, None, :]
    same &= ~np.eye(statistics.n_visits, dtype=bool)
    n = int(statistics.n_subjects[members][same.any(axis=(1, 2))].sum())
    if not n:
        return ""
    who = "1 participant has" if n == 1 else f"{n} participants have"
    pairs = [names.several((int(i), int(j))) for i, j in np.argwhere(same.any(axis=0)) if i < j]
    return (
        f"{who} two visits on one day ({'; '.join(pairs)}); "
        "a covariance by distance in time needs different days"
    )


def _check_parameters(statistics: PatternStatistics, structure_name: str, group: int) -> None:
    """The information on the covariance parameters, at a middling correlation, has full rank.

    That on an unstructured covariance has where each pair of visits is seen together: whatever
    moves it moves the covariance of some subject.
    """
    if structure_name == "us":
        return
    structure, T = STRUCTURES[structure_name], statistics.n_visits
    n, n_log_sd = structure.n_parameters(T), structure.n_log_sd(T)
    theta = np.r_[np.zeros(n_log_sd), structure.middling(statistics.coordinates, n - n_log_sd)][
        None
    ]
    places, members = places_of(statistics), statistics.group == group
    distance = places.distance[places.of_pattern[members]]
    V = np.broadcast_to(structure.matrix(theta, distance), distance.shape)
    W, _ = inverse_in_pattern(V, statistics.observed[members])
    weighted = W * statistics.n_subjects[members][:, None, None]
    if structure.spatial:
        slopes = first_derivatives(structure, theta, distance)
        information = traces(weighted @ slopes, W @ slopes)
    else:
        information = shared_traces(
            first_derivatives(structure, theta, distance[:1])[:, 0], weighted, W
        )
    scale = np.sqrt(np.maximum(np.diag(information), np.finfo(float).tiny))
    values, vectors = np.linalg.eigh(information / np.outer(scale, scale))
    seen_together = int(statistics.observed[members].sum(axis=1).max())
    if values[0] < DEPENDENT:
        if seen_together < FEWEST_TOGETHER:
            raise NotIdentifiedError(
                "no participant was observed at two visits, so that the covariance structure "
                f"{structure_name} has no information on a correlation"
            )
        worst = int(np.abs(vectors[:, 0]).argmax())
        what = "a correlation" if worst >= n_log_sd else "a standard deviation"
        raise NotIdentifiedError(
            f"the visits observed together hold no information on {what} "
            f"of the covariance structure {structure_name}"
        )
