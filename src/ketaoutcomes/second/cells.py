"""Rows of a model of repeated outcomes by the means of its cells, written out plainly.

Every combination of arm and visit is a column; covariates follow. An LS mean is then its cell's
coefficient plus the covariates at their means over the rows, with equal weights for the levels of a
factor.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
RANK = 1e-9
"""A singular value below this share of the largest is zero."""
IN_SPACE = 1e-6
AT_A_TIME = 2**15
"""Rows that are coded or turned at a time: a large trial has more than memory should hold twice."""


@dataclass(frozen=True)
class Cells:
    """The rows of a model in a basis of the space of its columns.

    Attributes
    ----------
    y : array, shape (n,)
    X : array, shape (n, r)
        All columns times `basis`.
    basis : array, shape (p, r)
    size : array, shape (p,)
        Root mean square of each column, by which it is divided.
    subject, visit : int array, shape (n,)
        Codes from 0.
    columns : mapping
        (visit, arm) -> its combination of all columns, before the basis.
    arms, visits : tuple of str
    """

    y: FloatArray
    X: FloatArray
    basis: FloatArray
    subject: IntArray
    visit: IntArray
    size: FloatArray
    coding: "Coding"
    columns: Mapping[tuple[str, str], FloatArray]
    arms: tuple[str, ...]
    visits: tuple[str, ...]
    frame: pd.DataFrame

    def combination(self, visit: str, arm: str, reference: str = "") -> FloatArray | None:
        """Coefficients of an LS mean or of a difference of two; None if it is not estimable."""
        if not {(visit, arm), (visit, reference or arm)} <= self.columns.keys():
            return None
        c = self.columns[visit, arm] - (self.columns[visit, reference] if reference else 0.0)
        reduced = self.basis.T @ c
        lost = np.abs(self.basis @ reduced - c).max()
        return reduced if lost < IN_SPACE * max(np.abs(c).max(), 1.0) else None

    def with_everybody(self, visit: str, arm: str) -> FloatArray:
        """Rows of all subjects at a visit and in an arm, with covariates as they are."""
        subjects = self.frame.drop_duplicates("subject").assign(visit=visit, arm=arm)
        return np.asarray(self.coding.rows(subjects) / self.size @ self.basis)


@dataclass(frozen=True)
class Coding:
    """How rows become columns: the cells, the covariates, and those that differ by visit."""

    arms: tuple[str, ...]
    visits: tuple[str, ...]
    levels: Mapping[str, tuple[str, ...]]
    covariates: tuple[str, ...]
    by_visit: tuple[str, ...]

    def rows(self, frame: pd.DataFrame) -> FloatArray:
        """All columns of these rows."""
        at = _indicators(frame["visit"], self.visits)
        on = _indicators(frame["arm"], self.arms)
        cells = np.column_stack([at[v] * on[a] for v in self.visits for a in self.arms])
        parts = [cells, *(self._coded(frame, name) for name in self.covariates)]
        for name in self.by_visit:
            values = self._coded(frame, name)
            parts += [values * at[visit][:, None] for visit in self.visits]
        return np.concatenate(parts, axis=1)

    def _coded(self, frame: pd.DataFrame, name: str) -> FloatArray:
        return coded(frame[name], self.levels.get(name))

    def grid(self, seen: pd.DataFrame, visit: str, arm: str, weighting: str) -> FloatArray | None:
        """The mean row of an LS mean; None where nobody was in the cell whose shares it needs."""
        factors = list(self.levels)
        numbers = {
            name: seen[name].mean() for name in {*self.covariates, *self.by_visit} - {*factors}
        }
        combinations = list(product(*(self.levels[name] for name in factors)))
        grid = pd.DataFrame(combinations, columns=factors, index=range(len(combinations)))
        grid = grid.assign(visit=visit, arm=arm, **numbers)
        shares = np.ones(len(grid))
        if factors and weighting != "equal":
            here = seen
            if weighting == "observed":
                here = seen[(seen["visit"] == visit) & (seen["arm"] == arm)]
            counts = here.groupby(factors, observed=True).size()
            shares = np.array([_count(counts, one) for one in combinations], dtype=float)
        if not shares.sum():
            return None
        return np.asarray(shares @ self.rows(grid) / shares.sum())


def _count(counts: pd.Series, levels: tuple[str, ...]) -> int:
    key = levels if len(levels) > 1 else levels[0]
    return int(counts.get(key, 0))


def _indicators(values: pd.Series, levels: tuple[str, ...]) -> dict[str, FloatArray]:
    """For each level 1 where it stands; words are compared once, not once a level."""
    codes = pd.Categorical(values, list(levels)).codes
    return {level: (codes == place).astype(float) for place, level in enumerate(levels)}


def cells_of(
    frame: pd.DataFrame,
    outcome: str,
    covariates: tuple[str, ...],
    by_visit: tuple[str, ...],
    weighting: str = "equal",
) -> Cells:
    """The rows of a frame with an outcome.

    Parameters
    ----------
    frame : DataFrame
        `subject, arm, visit`, the outcome and the covariates; one row a subject and visit.
    """
    seen = frame[frame[outcome].notna()].reset_index(drop=True)
    known = set(seen["visit"])
    visits = tuple(visit for visit in dict.fromkeys(frame["visit"]) if visit in known)
    arms = tuple(sorted(seen["arm"].unique()))
    levels = {
        name: tuple(sorted(seen[name].unique()))
        for name in dict.fromkeys((*covariates, *by_visit))
        if not pd.api.types.is_numeric_dtype(seen[name])
    }
    coding = Coding(arms, visits, levels, covariates, by_visit)
    X = _columns(coding, seen)
    size = np.sqrt(np.einsum("ij,ij->j", X, X) / len(X))
    size[size == 0] = 1.0
    X /= size
    # the triangle of a QR decomposition has the same singular values and right vectors
    _, s, vt = np.linalg.svd(triangle(X[some] for some in slices(len(X))), full_matrices=False)
    means = {
        (visit, arm): coding.grid(seen, visit, arm, weighting) for visit in visits for arm in arms
    }
    basis = vt[s > RANK * s[0]].T
    return Cells(
        y=seen[outcome].to_numpy(dtype=float),
        X=_in_basis(X, basis),
        basis=basis,
        size=size,
        coding=coding,
        subject=pd.factorize(seen["subject"])[0].astype(np.int64),
        visit=pd.Categorical(seen["visit"], list(visits)).codes.astype(np.int64),
        columns={cell: row / size for cell, row in means.items() if row is not None},
        arms=arms,
        visits=visits,
        frame=seen,
    )


def _columns(coding: Coding, frame: pd.DataFrame) -> FloatArray:
    """All columns of the rows, and of no more than a slice of them twice."""
    first, *others = slices(len(frame))
    part = coding.rows(frame.iloc[first])
    X = np.empty((len(frame), part.shape[1]))
    X[first] = part
    for some in others:
        X[some] = coding.rows(frame.iloc[some])
    return X


def _in_basis(X: FloatArray, basis: FloatArray) -> FloatArray:
    """The columns times a basis of no more columns, written in their place."""
    rank = basis.shape[1]
    for some in slices(len(X)):
        X[some, :rank] = X[some] @ basis
    return X[:, :rank]


def slices(n: int) -> list[slice]:
    """Rows some at a time, at least one slice."""
    return [slice(start, start + AT_A_TIME) for start in range(0, max(n, 1), AT_A_TIME)]


def triangle(parts: Iterable[FloatArray]) -> FloatArray:
    """That of a QR decomposition of all rows, of which some are seen at a time."""
    first, *others = (np.linalg.qr(part, mode="r") for part in parts)
    return np.asarray(np.linalg.qr(np.concatenate([first, *others]), mode="r") if others else first)


def coded(values: pd.Series, levels: Sequence[str] | None = None) -> FloatArray:
    """A number as it is, a factor as one indicator a level."""
    if pd.api.types.is_numeric_dtype(values):
        return values.to_numpy(dtype=float)[:, None]
    known = sorted(values.unique()) if levels is None else levels
    return np.column_stack([(values == one).to_numpy(float) for one in known])


def columns_of(frame: pd.DataFrame, active: str, covariates: tuple[str, ...]) -> FloatArray:
    """The arm, 1 for active, and the covariates less what the others determine."""
    arm = (frame["arm"] == active).to_numpy(dtype=float)
    parts = [coded(frame[name]) for name in covariates]
    kept = [arm]
    space: FloatArray = np.column_stack([np.ones(len(frame)), arm])
    for column in np.column_stack([np.zeros((len(frame), 0)), *parts]).T:
        left = column - space @ np.linalg.lstsq(space, column, rcond=None)[0]
        if np.abs(left).max() > IN_SPACE * max(np.abs(column).max(), 1.0):
            kept.append(column)
            space = np.asarray(np.column_stack([space, column]), dtype=float)
    return np.column_stack(kept)
