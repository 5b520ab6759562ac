"""Rows of subjects become sufficient statistics by visit pattern.

Subjects observed at the same visits share a covariance matrix V, so the sums of x_j x_k', x_j y_k
and y_j y_k over them (j, k visits) are all that the likelihood needs. It does not depend on the
number of subjects afterwards, and the statistics of two parts of a dataset add up.

The columns are centred before their products are taken (`column_basis`): a mean of many standard
deviations costs no digit.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields, replace
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ketaoutcomes.numerics.column_basis import INDEPENDENT, column_basis
from ketaoutcomes.numerics.mmrm.packed import PackedProducts

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

SUBJECTS_AT_A_TIME = 4096
SUBJECTS_OF_A_BASIS = 256
WIDEST_KEY = 40


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
    root_weight : array, shape (n_subjects, n_visits)
        Square roots of the weights, one where not observed.
    """

    Z: FloatArray
    observed: NDArray[np.bool_]
    group: IntArray
    coordinates: FloatArray
    root_weight: FloatArray

    @property
    def X(self) -> FloatArray:
        """Design without weights, shape (n_subjects, n_visits, p)."""
        return np.asarray(self.Z[..., :-1] / self.root_weight[..., None])

    @property
    def y(self) -> FloatArray:
        """Outcomes without weights, shape (n_subjects, n_visits)."""
        return np.asarray(self.Z[..., -1] / self.root_weight)

    def parts(self) -> Iterator["SubjectRows"]:
        """A few thousand subjects at a time: what is made of them then takes little memory."""
        for start in range(0, len(self.Z), SUBJECTS_AT_A_TIME):
            here = slice(start, start + SUBJECTS_AT_A_TIME)
            yield SubjectRows(*(getattr(self, field.name)[here] for field in fields(self)))


@dataclass(frozen=True)
class PatternStatistics:
    """Sufficient statistics of K patterns of visits.

    Attributes
    ----------
    centred : array, shape (K, n_visits, n_visits, p + 1, p + 1)
        Sum over subjects of z_j z_k', z = (x, y) basis; zero at visits outside the pattern, and in
        the columns that others determine.
    basis : array, shape (p + 1, p + 1)
        Upper triangular with a unit diagonal; any such matrix gives the same model.
    observed : bool array, shape (K, n_visits)
    group : int array, shape (K,)
    coordinates : array, shape (K, n_visits, d)
    n_subjects : int array, shape (K,)
    log_weight : float
    """

    centred: FloatArray
    basis: FloatArray
    observed: NDArray[np.bool_]
    group: IntArray
    coordinates: FloatArray
    n_subjects: IntArray
    log_weight: float

    @cached_property
    def S(self) -> FloatArray:
        """The products of x and y themselves, in the digits that these leave."""
        if np.array_equal(self.basis, np.eye(len(self.basis))):
            return self.centred
        back = np.linalg.inv(self.basis)
        return np.asarray(back.T @ self.centred @ back)

    @cached_property
    def packed(self) -> PackedProducts:
        """The centred products, packed for the likelihood."""
        return PackedProducts.of(self.centred)

    @cached_property
    def total(self) -> FloatArray:
        """Centred products over all rows, shape (p + 1, p + 1)."""
        return np.einsum("kttij->ij", self.centred)

    @cached_property
    def sizes(self) -> FloatArray:
        """Sums of squares of x and y themselves, shape (p + 1,)."""
        back = np.linalg.inv(self.basis)
        return np.einsum("ij,ik,kj->j", back, self.total, back)

    @property
    def n_visits(self) -> int:
        """Number of visits."""
        return int(self.observed.shape[1])

    @property
    def p(self) -> int:
        """Number of columns of X."""
        return int(self.centred.shape[-1]) - 1

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
        If a subject has two rows at one visit or is in two groups, a value is missing, or weights
        are not positive.
    """
    n_subjects = int(subject.max()) + 1
    cell = subject * n_visits + visit
    _check_rows(y, X, cell, subject, group, weights)
    Z = np.zeros((n_subjects * n_visits, X.shape[1] + 1))
    root_weight = np.ones(n_subjects * n_visits)
    if weights is None:
        Z[cell, :-1], Z[cell, -1] = X, y
    else:
        root = np.sqrt(weights)
        Z[cell, :-1], Z[cell, -1] = X * root[:, None], y * root
        root_weight[cell] = root
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
        root_weight=root_weight.reshape(n_subjects, n_visits),
    )


def _check_rows(
    y: FloatArray,
    X: FloatArray,
    cell: IntArray,
    subject: IntArray,
    group: IntArray | None,
    weights: FloatArray | None,
) -> None:
    """Refuse rows that would be counted wrongly."""
    if np.bincount(cell).max() > 1:
        raise ValueError("a participant has two rows at one visit")
    # a sum is finite only if all its terms are, and needs no array of their size
    if not np.isfinite(y.sum() + X.sum()):
        raise ValueError("y and X must be finite; leave rows with missing values out")
    if weights is not None and not (weights > 0).all():
        raise ValueError("weights must be positive")
    if group is not None:
        last = np.zeros(int(subject.max()) + 1, dtype=np.int64)
        last[subject] = group
        if (last[subject] != group).any():
            raise ValueError("a participant is in two covariance groups")


def pattern_statistics(rows: SubjectRows, basis: FloatArray | None = None) -> PatternStatistics:
    """Sum the cross-products of the subjects that share visits, group and coordinates.

    Parameters
    ----------
    basis : array, shape (p + 1, p + 1), optional
        As of `PatternStatistics`; by default that of the first subjects.
    """
    basis = _basis_of(rows) if basis is None else basis
    return _statistics(rows, basis, _filled_columns(rows, basis))


def _statistics(
    rows: SubjectRows, basis: FloatArray, filled: "_FilledColumns"
) -> PatternStatistics:
    """The sums of cross-products, by the columns that are filled."""
    present = rows.observed.any(axis=1)
    first, member = distinct(rows.observed, rows.group, rows.coordinates)
    counts = np.bincount(member[present], minlength=first.size)
    kept = np.flatnonzero(counts)
    order = np.argsort(member, kind="stable")
    columns = filled.of(rows, order)
    products = np.empty((kept.size, columns.shape[1], columns.shape[1]))
    ends = np.cumsum(np.bincount(member, minlength=first.size))
    for place, k in enumerate(kept):
        block = columns[ends[k] - counts[k] : ends[k]]
        np.matmul(block.T, block, out=products[place])
    first = first[kept]
    return _without_rounding(
        PatternStatistics(
            centred=filled.spread(products),
            basis=basis,
            observed=rows.observed[first],
            group=rows.group[first],
            coordinates=rows.coordinates[first],
            n_subjects=counts[kept],
            log_weight=float(2 * np.log(rows.root_weight).sum()),
        )
    )


@dataclass(frozen=True)
class _FilledColumns:
    """The columns that hold anything at a visit, made about orthogonal there.

    A term by visit is zero at all other visits: of 22 columns four may be filled at each of ten.

    Attributes
    ----------
    columns : int array, shape (n_visits, w)
    own : array, shape (n_visits, w, w)
        What the columns of a visit are multiplied by.
    back : array, shape (n_visits, w, q), or None
        These times this are all centred columns at that visit; None where they are these.
    """

    columns: IntArray
    own: FloatArray
    back: FloatArray | None

    def hold(self, rows: SubjectRows) -> bool:
        """Whether nothing of other rows stands in a further column."""
        left = (rows.Z != 0).any(axis=0)
        np.put_along_axis(left, self.columns, values=False, axis=1)
        return not left.any()

    def of(self, rows: SubjectRows, members: IntArray) -> FloatArray:
        """The columns of some subjects, shape (n, n_visits * w)."""
        found = np.empty((members.size, *self.columns.shape))
        Z = rows.Z.reshape(-1, rows.Z.shape[-1])
        for visit, (columns, own) in enumerate(zip(self.columns, self.own, strict=True)):
            here = np.take(Z, members * rows.Z.shape[1] + visit, axis=0)
            found[:, visit] = np.take(here, columns, axis=1) @ own
        return found.reshape(members.size, -1)

    def spread(self, products: FloatArray) -> FloatArray:
        """Products of all centred columns, shape (K, n_visits, n_visits, q, q).

        Parameters
        ----------
        products : array, shape (K, n_visits * w, n_visits * w)
            Those of the filled columns.
        """
        K, (T, w) = len(products), self.columns.shape
        if self.back is None:
            return products.reshape(K, T, w, T, w).swapaxes(2, 3)
        q = self.back.shape[-1]
        half = self.back.swapaxes(-1, -2) @ products.reshape(K, T, w, T * w)
        rows = half.reshape(K * T * q, T, w)
        spread = np.empty((K * T * q, T, q))
        for visit, back in enumerate(self.back):
            np.matmul(rows[:, visit], back, out=spread[:, visit])
        return spread.reshape(K, T, q, T, q).swapaxes(2, 3)


def _filled_columns(rows: SubjectRows, basis: FloatArray) -> _FilledColumns:
    """Those of each visit; all of them at every visit where too few are empty."""
    filled = (rows.Z != 0).any(axis=0)
    T, q = filled.shape
    most = int(filled.sum(axis=1).max())
    if 2 * most > q:
        every = np.broadcast_to(np.arange(q), (T, q))
        return _FilledColumns(every, np.broadcast_to(basis, (T, q, q)), None)
    columns = np.sort(np.argsort(~filled, axis=1, kind="stable")[:, :most], axis=1)
    first = np.flatnonzero(rows.observed.any(axis=1))[:SUBJECTS_OF_A_BASIS]
    own = np.stack([column_basis(rows.Z[first, t][:, columns[t]])[0] for t in range(T)])
    back = np.asarray(np.linalg.solve(own, basis[columns]), dtype=np.float64)
    return _FilledColumns(columns, own, back)


def _basis_of(rows: SubjectRows) -> FloatArray:
    """From no more subjects than tell the means: the change of columns need not be exact."""
    first = np.flatnonzero(rows.observed.any(axis=1))[:SUBJECTS_OF_A_BASIS]
    return column_basis(rows.Z[first][rows.observed[first]])[0]


def statistics_of_parts(rows: Iterable[SubjectRows]) -> PatternStatistics:
    """The statistics of all parts of the rows together, by the basis of the first.

    Each part is added before the next is made, since the products of many parts take more memory
    than the rows. Where subjects have coordinates, patterns are as many as they, and are joined
    once.
    """
    each = iter(rows)
    one = next(each)
    basis = _basis_of(one)
    filled = _filled_columns(one, basis)
    first = _statistics(one, basis, filled)
    others = (
        _statistics(part, basis, filled if filled.hold(part) else _filled_columns(part, basis))
        for part in each
    )
    del one
    if first.coordinates.shape[-1]:
        found = (first, *others)
        return first if len(found) == 1 else merge(found)
    total = first
    for part in others:
        total = _added(total, part, owned=total is not first)
    return total if total is first else _without_rounding(total)


def _added(total: PatternStatistics, part: PatternStatistics, *, owned: bool) -> PatternStatistics:
    """A sum with one more part, by the same basis.

    Parameters
    ----------
    owned : bool
        Whether the products of the sum are nobody else's, and may be written to.
    """
    known = len(total.n_subjects)
    first, member = _distinct_patterns((total, part))
    if not owned or len(first) > known:
        return _joined((total, part), total.basis)
    n_subjects = total.n_subjects.copy()
    for place, products, n in zip(member[known:], part.centred, part.n_subjects, strict=True):
        total.centred[place] += products
        n_subjects[place] += n
    log_weight = total.log_weight + part.log_weight
    return replace(total, n_subjects=n_subjects, log_weight=log_weight)


def row_statistics(
    y: FloatArray,
    X: FloatArray,
    subject: IntArray,
    visit: IntArray,
    n_visits: int,
    *,
    group: IntArray | None = None,
    weights: FloatArray | None = None,
    coordinates: FloatArray | None = None,
) -> PatternStatistics:
    """Statistics of any number of rows, a few thousand subjects in memory at a time.

    The same as `pattern_statistics(subject_rows(...))`, whose arguments these are, to rounding.
    Rows are fastest when those of a subject stand together.
    """
    order = None if (np.diff(subject) >= 0).all() else np.argsort(subject, kind="stable")
    sorted_subject = subject if order is None else subject[order]
    first_rows = np.flatnonzero(np.r_[True, np.diff(sorted_subject) > 0])
    edges = np.r_[first_rows[::SUBJECTS_AT_A_TIME], subject.size]

    def rows_of(start: int, end: int) -> SubjectRows:
        chosen = slice(start, end) if order is None else order[start:end]
        codes = np.cumsum(np.r_[False, np.diff(sorted_subject[start:end]) > 0])
        return subject_rows(
            y[chosen],
            X[chosen],
            codes,
            visit[chosen],
            n_visits,
            group=None if group is None else group[chosen],
            weights=None if weights is None else weights[chosen],
            coordinates=None if coordinates is None else coordinates[chosen],
        )

    return statistics_of_parts(rows_of(start, end) for start, end in pairwise(edges))


def merge(parts: tuple[PatternStatistics, ...]) -> PatternStatistics:
    """The statistics of several disjoint sets of subjects taken together.

    Raises
    ------
    ValueError
        If the parts differ in visits or columns.
    """
    if len({part.centred.shape[1:] for part in parts}) != 1:
        raise ValueError("the parts differ in visits or columns")
    return _without_rounding(_joined(parts, max(parts, key=lambda part: part.n_obs).basis))


def _joined(parts: tuple[PatternStatistics, ...], basis: FloatArray) -> PatternStatistics:
    """The sums of several parts, by one basis; their products are copied."""
    S = np.concatenate([_changed(part, basis) for part in parts])
    first, member = _distinct_patterns(parts)
    n_subjects = np.concatenate([part.n_subjects for part in parts])
    return PatternStatistics(
        centred=_summed(S, member, first.size),
        basis=basis,
        observed=np.concatenate([part.observed for part in parts])[first],
        group=np.concatenate([part.group for part in parts])[first],
        coordinates=np.concatenate([part.coordinates for part in parts])[first],
        n_subjects=np.bincount(member, weights=n_subjects).astype(np.int64),
        log_weight=sum(part.log_weight for part in parts),
    )


def _distinct_patterns(parts: tuple[PatternStatistics, ...]) -> tuple[IntArray, IntArray]:
    """As `distinct`, of the patterns of all parts one after the other."""
    return distinct(
        np.concatenate([part.observed for part in parts]),
        np.concatenate([part.group for part in parts]),
        np.concatenate([part.coordinates for part in parts]),
    )


def _changed(part: PatternStatistics, basis: FloatArray) -> FloatArray:
    """The centred products of a part, in another basis."""
    if np.array_equal(part.basis, basis):
        return part.centred
    change = np.linalg.solve(part.basis, basis)
    return np.asarray(change.T @ part.centred @ change)


def _summed(S: FloatArray, member: IntArray, n: int) -> FloatArray:
    """Sums of the blocks of each member; most have one block."""
    order = np.argsort(member, kind="stable")
    starts = np.searchsorted(member[order], np.arange(n))
    summed = S[order[starts]]
    again = np.setdiff1d(np.arange(member.size), starts)
    for place in again:
        summed[member[order[place]]] += S[order[place]]
    return np.asarray(summed)


def _without_rounding(found: PatternStatistics) -> PatternStatistics:
    """Statistics in which a column that others determine is zero, not the rounding of zero."""
    gone = np.diag(found.total) <= INDEPENDENT**2 * found.sizes
    if not gone.any():
        return found
    left = found.centred.copy()
    left[..., gone, :] = left[..., :, gone] = 0.0
    return replace(found, centred=left)


def distinct(
    observed: NDArray[np.bool_], group: IntArray, coordinates: FloatArray
) -> tuple[IntArray, IntArray]:
    """First place of each distinct combination of visits, group and coordinates; and each row's."""
    T, d = coordinates.shape[1:]
    if d == 0 and T < WIDEST_KEY:
        key = observed @ (1 << np.arange(T)) + (group << T)
        _, first, member = np.unique(key, return_index=True, return_inverse=True)
        return first, member
    wide = np.column_stack([observed, group, coordinates.reshape(group.size, -1)]).astype(float)
    _, first, member = np.unique(wide, axis=0, return_index=True, return_inverse=True)
    return first, member.reshape(-1)
