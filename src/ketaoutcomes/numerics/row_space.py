"""Columns of a design that others determine, and which combinations of coefficients have a value.

A combination is estimable if and only if it lies in the row space of the design: Searle 1971,
Linear Models, section 5.4. The columns that stay span the same space as all of them, so that the
combination is estimated by its part in these columns.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ketaoutcomes.numerics.column_basis import INDEPENDENT

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

CLEARLY_INDEPENDENT = 1e-6
"""Smallest pivot of the scaled products above which no closer look is needed."""

DEPENDENT = INDEPENDENT
"""Share of a column's length that earlier columns leave, below which it is determined by them.

Rounding leaves 1e-15 of a column that is determined. A covariate whose mean is 1e7 standard
deviations from zero leaves 1e-7.
"""

NOT_ESTIMABLE = 1e-8
"""How far from the row space a combination may lie by rounding."""


@dataclass(frozen=True)
class RowSpace:
    """The row space of a design.

    Attributes
    ----------
    kept, left_out : int array
        Places of the columns that earlier ones do not determine, and of the others.
    from_kept : array, shape (kept, left_out)
        The columns left out are the kept ones times this.
    unit : array, shape (left_out,)
        Root mean square of each column left out, one where it is zero.
    """

    kept: IntArray
    left_out: IntArray
    from_kept: FloatArray
    unit: FloatArray

    @staticmethod
    def of(X: FloatArray) -> "RowSpace":
        """The row space of a design, shape (n, p)."""
        if _clearly_independent(X):
            every = np.arange(X.shape[1])
            return RowSpace(every, every[:0], np.zeros((every.size, 0)), np.zeros(0))
        size = np.sqrt((X**2).sum(axis=0))
        scaled = X / np.where(size > 0, size, 1.0)
        kept = _independent(scaled)
        left_out = np.setdiff1d(np.arange(X.shape[1]), kept)
        coefficients = np.zeros((len(kept), len(left_out)))
        if left_out.size and kept.size:
            found = np.linalg.lstsq(scaled[:, kept], scaled[:, left_out], rcond=None)[0]
            coefficients = found * size[left_out] / size[kept][:, None]
        unit = np.where(size > 0, size / np.sqrt(max(len(X), 1)), 1.0)
        return RowSpace(kept, left_out, coefficients, unit[left_out])

    def off(self, rows: FloatArray) -> FloatArray:
        """How far rows of all columns are from the row space, shape (..., left_out)."""
        distance = rows[..., self.left_out] - rows[..., self.kept] @ self.from_kept
        return np.asarray(distance / self.unit)

    def reduced(self, rows: FloatArray) -> FloatArray:
        """Rows of the kept columns, NaN where the row is not estimable."""
        if not self.left_out.size:
            return rows
        farthest = np.abs(self.off(rows)).max(axis=-1, keepdims=True)
        return np.where(farthest < NOT_ESTIMABLE, self.columns(rows), np.nan)

    def columns(self, X: FloatArray) -> FloatArray:
        """The kept columns of a design; the design itself where all are kept."""
        return X if not self.left_out.size else np.ascontiguousarray(X[..., self.kept])


def _clearly_independent(X: FloatArray) -> bool:
    """Whether no column is near the others, told by their products alone: no copy of X is made."""
    products = X.T @ X
    size = np.sqrt(np.diag(products))
    scale = np.where(size > 0, size, 1.0)
    return X.size > 0 and _smallest_pivot(products / np.outer(scale, scale)) > CLEARLY_INDEPENDENT


def _independent(scaled: FloatArray) -> IntArray:
    """Places of the columns that earlier ones do not determine."""
    basis = np.zeros((len(scaled), 0))
    places = []
    for j, column in enumerate(scaled.T):
        rest = column - basis @ (basis.T @ column)
        # once is not enough: what rounding leaves of a dependent column is removed, too
        rest = rest - basis @ (basis.T @ rest)
        length = float(np.sqrt(rest @ rest))
        if length > DEPENDENT:
            basis = np.column_stack([basis, rest / length])
            places.append(j)
    return np.array(places, dtype=np.int64)


def _smallest_pivot(G: FloatArray) -> float:
    """Of the Cholesky factor; zero where there is none."""
    try:
        return float(np.diag(np.linalg.cholesky(G)).min() ** 2)
    except np.linalg.LinAlgError:
        return 0.0
