"""Rows of subjects become sufficient statistics by visit pattern.

Subjects observed at the same visits share a covariance matrix V, so the sums of x_j x_k', x_j y_k and
y_j y_k over them (j, k visits) are all that the likelihood needs. It does not depend on the number of
subjects afterwards, and the statistics of two parts of a dataset add up.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass(frozen=True)
class SubjectRows:
    """One row a subject: its design and outcome at each visit, zero where not observed.

    Attributes
    ----------
    Z : array, shape (n_subjects, n_visits, p + 1)
        Columns of X and then y, each multiplied by the square root of its weight.
    observed : bool array, shape (n_subjects, n_visits)
    group : int array, shape (n_subjects,)
        Group of the covariance matrix.
    coordinates : array, shape (n_subjects, n_visits, d)
        Coordinates of each assessment for a spatial covariance; d = 0 elsewhere.
    log_weight : float
        Sum of the logarithms of the weights.
    """

    Z: FloatArray
    observed: NDArray[np.bool_]
    group: IntArray
    coordinates: FloatArray
    log_weight: float


@dataclass(frozen=True)
class PatternStatistics:
    """Sufficient statistics of K patterns of visits.

    Attributes
    ----------
    S : array, shape (K, n_visits, n_visits, p + 1, p + 1)
        Sum over subjects of z_j z_k', z = (x, y); zero at visits outside the pattern.
    observed : bool array, shape (K, n_visits)
    group : int array, shape (K,)
    coordinates : array, shape (K, n_visits, d)
    n_subjects : int array, shape (K,)
    log_weight : float
    """

    S: FloatArray
    observed: NDArray[np.bool_]
    group: IntArray
    coordinates: FloatArray
    n_subjects: IntArray
    log_weight: float

    @property
    def n_visits(self) -> int:
        """Number of visits."""
        return int(self.observed.shape[1])

    @property
    def p(self) -> int:
        """Number of columns of X."""
        return int(self.S.shape[-1]) - 1

    @property
    def n_obs(self) -> int:
        """Number of observed outcomes."""
        return int(self.n_subjects @ self.observed.sum(axis=1))

    @property
    def n_groups(self) -> int:
        """Number of covariance matrices."""
        return int(self.group.max()) + 1


def subject_rows(
    y: FloatArray,
    X: FloatArray,
    subject: IntArray,
    visit: IntArray,
    n_visits: int,
    *,
    group: IntArray | None = None,
    weights: FloatArray | None = None,
    coordinates: FloatArray | None = None,
) -> SubjectRows:
    """Lay out rows by subject and visit.

    Parameters
    ----------
    y : array, shape (n,)
    X : array, shape (n, p)
    subject : int array, shape (n,)
        Codes 0 ... n_subjects - 1.
    visit : int array, shape (n,)
        Codes 0 ... n_visits - 1.
    group : int array, shape (n,), optional
        Group of the covariance matrix, constant within a subject.
    weights : array, shape (n,), optional
        The covariance of two outcomes of a subject is that of the model over the square root of the
        product of their weights, as in R's mmrm.
    coordinates : array, shape (n, d), optional

    Raises
    ------
    ValueError
        If a subject has two rows at one visit, or weights are not positive.
    """
    n_subjects = int(subject.max()) + 1
    cell = subject * n_visits + visit
    if np.unique(cell).size != cell.size:
        raise ValueError("a subject has two rows at one visit")
    root = np.ones_like(y) if weights is None else np.sqrt(weights)
    if not (root > 0).all():
        raise ValueError("weights must be positive")
    Z = np.zeros((n_subjects * n_visits, X.shape[1] + 1))
    Z[cell, :-1] = X * root[:, None]
    Z[cell, -1] = y * root
    observed = np.zeros(n_subjects * n_visits, dtype=bool)
    observed[cell] = True
    groups = np.zeros(n_subjects, dtype=np.int64)
    if group is not None:
        groups[subject] = group
    d = 0 if coordinates is None else coordinates.shape[1]
    places = np.zeros((n_subjects * n_visits, d))
    if coordinates is not None:
        places[cell] = coordinates
    return SubjectRows(
        Z=Z.reshape(n_subjects, n_visits, -1),
        observed=observed.reshape(n_subjects, n_visits),
        group=groups,
        coordinates=places.reshape(n_subjects, n_visits, d),
        log_weight=float(2 * np.log(root).sum()),
    )


def pattern_statistics(rows: SubjectRows) -> PatternStatistics:
    """Sum the cross-products of the subjects that share visits, group and coordinates."""
    n_subjects, n_visits, q = rows.Z.shape
    key = np.column_stack(
        [rows.observed, rows.group, rows.coordinates.reshape(n_subjects, -1)]
    ).astype(float)
    patterns, first, member = _unique_rows(key)
    S = np.empty((patterns, n_visits, n_visits, q, q))
    order = np.argsort(member, kind="stable")
    ends = np.cumsum(np.bincount(member, minlength=patterns))
    for k, (start, end) in enumerate(zip(np.r_[0, ends[:-1]], ends, strict=True)):
        block = rows.Z[order[start:end]].reshape(end - start, n_visits * q)
        product = block.T @ block
        S[k] = product.reshape(n_visits, q, n_visits, q).transpose(0, 2, 1, 3)
    return PatternStatistics(
        S=S,
        observed=rows.observed[first],
        group=rows.group[first],
        coordinates=rows.coordinates[first],
        n_subjects=np.bincount(member, minlength=patterns),
        log_weight=rows.log_weight,
    )


def merge(parts: tuple[PatternStatistics, ...]) -> PatternStatistics:
    """The statistics of several disjoint sets of subjects taken together.

    Raises
    ------
    ValueError
        If the parts differ in visits or columns.
    """
    if len({part.S.shape[1:] for part in parts}) != 1:
        raise ValueError("the parts differ in visits or columns")
    S = np.concatenate([part.S for part in parts])
    observed = np.concatenate([part.observed for part in parts])
    group = np.concatenate([part.group for part in parts])
    coordinates = np.concatenate([part.coordinates for part in parts])
    n_subjects = np.concatenate([part.n_subjects for part in parts])
    key = np.column_stack([observed, group, coordinates.reshape(len(group), -1)]).astype(float)
    patterns, first, member = _unique_rows(key)
    summed = np.zeros((patterns, *S.shape[1:]))
    np.add.at(summed, member, S)
    return PatternStatistics(
        S=summed,
        observed=observed[first],
        group=group[first],
        coordinates=coordinates[first],
        n_subjects=np.bincount(member, weights=n_subjects, minlength=patterns).astype(np.int64),
        log_weight=sum(part.log_weight for part in parts),
    )


def _unique_rows(key: FloatArray) -> tuple[int, IntArray, IntArray]:
    """Number of distinct rows, the first place of each, and which one each row is."""
    unique, first, member = np.unique(key, axis=0, return_index=True, return_inverse=True)
    return len(unique), first, member.reshape(-1)
