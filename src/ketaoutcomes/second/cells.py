"""Rows of a model of repeated outcomes by the means of its cells, written out plainly.

Every combination of arm and visit is a column; covariates follow. An LS mean is then its cell's
coefficient plus the covariates at their means over the rows, with equal weights for the levels of a
factor.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
RANK = 1e-9
"""A singular value below this share of the largest is zero."""
IN_SPACE = 1e-6


@dataclass(frozen=True)
class Cells:
    """The rows of a model in a basis of the space of its columns.

    Attributes
    ----------
    y : array, shape (n,)
    X : array, shape (n, r)
        All columns times `basis`.
    basis : array, shape (p, r)
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
    columns: Mapping[tuple[str, str], FloatArray]
    arms: tuple[str, ...]
    visits: tuple[str, ...]
    frame: pd.DataFrame

    def combination(self, visit: str, arm: str, reference: str = "") -> FloatArray | None:
        """Coefficients of an LS mean or of a difference of two; None if it is not estimable."""
        if (visit, arm) not in self.columns:
            return None
        c = self.columns[visit, arm] - (self.columns[visit, reference] if reference else 0.0)
        reduced = self.basis.T @ c
        lost = np.abs(self.basis @ reduced - c).max()
        return reduced if lost < IN_SPACE * max(np.abs(c).max(), 1.0) else None


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
    visits = tuple(dict.fromkeys(v for v in frame["visit"] if (seen["visit"] == v).any()))
    arms = tuple(sorted(seen["arm"].unique()))
    blocks = [_indicators(seen, arms, visits)]
    of_cell = {cell: [row] for cell, row in _unit_cells(arms, visits)}
    for name in covariates:
        values = _coded(seen[name])
        blocks.append(values)
        for cell, means in _means(seen, values, name, arms, visits, weighting):
            of_cell[cell].append(means)
    for name in by_visit:
        values = _coded(seen[name])
        for place in visits:
            here = (seen["visit"] == place).to_numpy()
            blocks.append(values * here[:, None])
            for cell, means in _means(seen, values, name, arms, visits, weighting):
                of_cell[cell].append(means * (cell[0] == place))
    X = np.concatenate(blocks, axis=1)
    size = np.sqrt((X**2).mean(axis=0))
    size[size == 0] = 1.0
    _, s, vt = np.linalg.svd(X / size, full_matrices=False)
    basis = vt[s > RANK * s[0]].T
    return Cells(
        y=seen[outcome].to_numpy(dtype=float),
        X=X / size @ basis,
        basis=basis,
        subject=pd.factorize(seen["subject"])[0].astype(np.int64),
        visit=pd.Categorical(seen["visit"], list(visits)).codes.astype(np.int64),
        columns={cell: np.concatenate(parts) / size for cell, parts in of_cell.items()},
        arms=arms,
        visits=visits,
        frame=seen,
    )


def _indicators(
    seen: pd.DataFrame, arms: tuple[str, ...], visits: tuple[str, ...]
) -> FloatArray:
    return np.column_stack(
        [
            ((seen["visit"] == visit) & (seen["arm"] == arm)).to_numpy(dtype=float)
            for visit in visits
            for arm in arms
        ]
    )


def _unit_cells(
    arms: tuple[str, ...], visits: tuple[str, ...]
) -> Iterator[tuple[tuple[str, str], FloatArray]]:
    keys = [(visit, arm) for visit in visits for arm in arms]
    for place, key in enumerate(keys):
        yield key, np.eye(len(keys))[place]


def _coded(values: pd.Series) -> FloatArray:
    """A number as it is, a factor as one indicator a level."""
    if pd.api.types.is_numeric_dtype(values):
        return values.to_numpy(dtype=float)[:, None]
    return np.column_stack([(values == one).to_numpy(float) for one in sorted(values.unique())])


def _means(
    seen: pd.DataFrame,
    values: FloatArray,
    name: str,
    arms: tuple[str, ...],
    visits: tuple[str, ...],
    weighting: str,
) -> Iterator[tuple[tuple[str, str], FloatArray]]:
    """Each cell's setting of a covariate in an LS mean."""
    overall = values.mean(axis=0)
    factor = not pd.api.types.is_numeric_dtype(seen[name])
    for visit in visits:
        for arm in arms:
            here = ((seen["visit"] == visit) & (seen["arm"] == arm)).to_numpy()
            if factor and weighting == "equal":
                yield (visit, arm), np.full(values.shape[1], 1 / values.shape[1])
            elif factor and weighting == "observed":
                # without rows there is no mean, and the LS mean is not estimable
                yield (visit, arm), values[here].mean(axis=0) if here.any() else overall + 1
            else:
                yield (visit, arm), overall


def columns_of(frame: pd.DataFrame, active: str, covariates: tuple[str, ...]) -> FloatArray:
    """The arm, 1 for active, and the covariates less what the others determine."""
    arm = (frame["arm"] == active).to_numpy(dtype=float)
    parts = [_coded(frame[name]) for name in covariates]
    kept = [arm]
    space = np.column_stack([np.ones(len(frame)), arm])
    for column in (c for part in parts for c in part.T):
        left = column - space @ np.linalg.lstsq(space, column, rcond=None)[0]
        if np.abs(left).max() > IN_SPACE * max(np.abs(column).max(), 1.0):
            kept.append(column)
            space = np.column_stack([space, column])
    return np.column_stack(kept)
