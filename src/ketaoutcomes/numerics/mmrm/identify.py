"""Refuse a model whose parameters the data cannot tell apart, with the reason."""

import numpy as np
from numpy.typing import NDArray

from ketaoutcomes.numerics.mmrm.covariance import STRUCTURES, first_derivatives
from ketaoutcomes.numerics.mmrm.likelihood import inverse_in_pattern
from ketaoutcomes.numerics.mmrm.model import places_of
from ketaoutcomes.numerics.mmrm.patterns import PatternStatistics

FloatArray = NDArray[np.float64]

DEPENDENT = 1e-10


class NotIdentifiedError(ValueError):
    """The data cannot tell the parameters of the model apart."""


def check_identified(statistics: PatternStatistics, structure: str) -> None:
    """Check coefficients, numbers of subjects and covariance parameters.

    Raises
    ------
    NotIdentifiedError
        With the reason.
    """
    _check_coefficients(statistics)
    for group in range(statistics.n_groups):
        if structure == "us":
            _check_pairs(statistics, group)
        _check_parameters(statistics, structure, group)


def _check_coefficients(statistics: PatternStatistics) -> None:
    """X has full rank, and more rows than columns."""
    total = np.einsum("kttij->ij", statistics.S)[:-1, :-1]
    scale = np.sqrt(np.maximum(np.diag(total), np.finfo(float).tiny))
    rank = int(np.linalg.matrix_rank(total / np.outer(scale, scale), hermitian=True, tol=DEPENDENT))
    if rank < statistics.p:
        raise NotIdentifiedError(
            f"the {statistics.p} columns of the design have rank {rank}: "
            f"{statistics.p - rank} cannot be told from the others"
        )
    if statistics.n_obs <= statistics.p:
        raise NotIdentifiedError(f"{statistics.n_obs} outcomes for {statistics.p} coefficients")


def _check_pairs(statistics: PatternStatistics, group: int) -> None:
    """Unstructured: each pair of visits must be seen together, and more subjects than visits."""
    members = statistics.group == group
    seen = statistics.observed[members].astype(float)
    counts = statistics.n_subjects[members]
    together = (seen * counts[:, None]).T @ seen
    i, j = np.unravel_index(int(together.argmin()), together.shape)
    if together[i, j] < 2:
        raise NotIdentifiedError(
            f"visits {i + 1} and {j + 1} were seen together in {int(together[i, j])} subjects; "
            "an unstructured covariance needs at least 2"
        )
    if counts.sum() <= statistics.n_visits:
        raise NotIdentifiedError(
            f"{int(counts.sum())} subjects for {statistics.n_visits} visits; "
            "an unstructured covariance needs more subjects than visits"
        )


def _check_parameters(statistics: PatternStatistics, structure_name: str, group: int) -> None:
    """The information on the covariance parameters, at a middling correlation, has full rank."""
    structure, T = STRUCTURES[structure_name], statistics.n_visits
    n, n_log_sd = structure.n_parameters(T), structure.n_log_sd(T)
    theta = np.r_[np.zeros(n_log_sd), np.full(n - n_log_sd, 0.3)][None]
    places, members = places_of(statistics), statistics.group == group
    distance = places.distance[places.of_pattern[members]]
    V = np.broadcast_to(structure.matrix(theta, distance), distance.shape)
    W, _ = inverse_in_pattern(V, statistics.observed[members])
    left = W @ first_derivatives(structure, theta, distance)
    weighted = left * statistics.n_subjects[members][:, None, None]
    information = weighted.reshape(n, -1) @ np.swapaxes(left, -1, -2).reshape(n, -1).T
    scale = np.sqrt(np.maximum(np.diag(information), np.finfo(float).tiny))
    values, vectors = np.linalg.eigh(information / np.outer(scale, scale))
    if values[0] < DEPENDENT:
        worst = int(np.abs(vectors[:, 0]).argmax()) + 1
        raise NotIdentifiedError(
            f"the visits observed hold no information on parameter {worst} of {n} of the "
            f"covariance structure {structure_name}"
        )
