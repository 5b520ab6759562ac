"""Cross-products of all patterns, packed so that contracting them is one matrix product.

Z'AZ summed over subjects needs, for a symmetric A over visits, only the pairs of visits s <= t and
the pairs of columns i <= j of D_st = S_st + S_st' (S_ss on the diagonal): a third of S.
"""

from dataclasses import dataclass, field, replace
from functools import cache

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

CELLS_AT_A_TIME = 1 << 16
"""Numbers that stay in a processor's memory while they are packed."""


@dataclass(frozen=True)
class PackedProducts:
    """Packed statistics of K patterns, for any number of leading dimensions.

    Attributes
    ----------
    flat : array, shape (..., K * T (T + 1) / 2, q (q + 1) / 2)
    n_patterns, n_visits, n_columns : int
        K, T and q = p + 1.
    change : array, shape (q, q), or None
        The columns Z are those that were packed times this; these themselves if None.
    """

    flat: FloatArray
    n_patterns: int
    n_visits: int
    n_columns: int
    change: FloatArray | None = None

    @classmethod
    def of(cls, S: FloatArray) -> "PackedProducts":
        """Pack S, shape (..., K, T, T, q, q)."""
        K, T, q = S.shape[-5], S.shape[-4], S.shape[-1]
        s, t = upper(T)
        i, j = upper(q)
        # the order in which they were summed, so that there is nothing to copy
        cells = S.swapaxes(-3, -2).reshape(-1, T * q * T * q)
        block = ((s * q * T + t) * q)[:, None]
        above, mirrored = (block + i * T * q + j).ravel(), block + j * T * q + i
        mirrored = np.where((s == t)[:, None], above.reshape(mirrored.shape), mirrored).ravel()
        flat = np.empty((len(cells), s.size, i.size))
        step = max(1, CELLS_AT_A_TIME // above.size)
        for first in range(0, len(cells), step):
            part = cells[first : first + step]
            both = part.take(above, axis=1)
            both += part.take(mirrored, axis=1)
            flat[first : first + step] = both.reshape(-1, s.size, i.size)
        flat[:, s == t] *= 0.5
        return cls(flat.reshape(*S.shape[:-5], K * s.size, i.size), K, T, q)

    @classmethod
    def of_subjects(cls, Z: FloatArray) -> "PackedProducts":
        """Pack the products of each subject's rows with themselves, Z of shape (n, T, q).

        Each subject is a leading dimension with one pattern.
        """
        T, q = Z.shape[1:]
        s, t = upper(T)
        i, j = upper(q)
        before, after = Z[:, s], Z[:, t]
        mirrored = before[:, :, j] * after[:, :, i] * np.where(s == t, 0.0, 1.0)[:, None]
        return cls(before[:, :, i] * after[:, :, j] + mirrored, 1, T, q)

    def quadratic(self, A: FloatArray) -> FloatArray:
        """Sum over subjects of Z'AZ, shape (..., q, q).

        Parameters
        ----------
        A : array, shape (..., K, T, T)
            Symmetric in its last two dimensions; its leading dimensions are those of the packed
            statistics, with at most one more in front of K.
        """
        T = self.n_visits
        s, t = upper(T)
        packed = A.reshape(*A.shape[:-2], T * T).take(s * T + t, axis=-1)
        rows = packed.reshape(*packed.shape[:-2], -1)
        one_row = rows.ndim == self.flat.ndim - 1
        products = (rows[..., None, :] if one_row else rows) @ self.flat
        found = (products[..., 0, :] if one_row else products)[..., _unpacking(self.n_columns)]
        if self.change is None:
            return np.asarray(found)
        return np.asarray(self.change.T @ found @ self.change)

    def weighted(self, weights: FloatArray) -> FloatArray:
        """Sum over i, j of weights_ij S_ij, shape (..., K, T, T).

        Parameters
        ----------
        weights : array, shape (..., q, q)
            Symmetric.
        """
        i, j = upper(self.n_columns)
        if self.change is not None:
            weights = self.change @ weights @ self.change.T
        sums = self._summed(weights[..., i, j] * np.where(i == j, 1.0, 2.0))
        s, t = upper(self.n_visits)
        by_pattern = sums.reshape(*sums.shape[:-1], self.n_patterns, s.size)
        halved = by_pattern * np.where(s == t, 1.0, 0.5)
        return np.asarray(halved[..., _unpacking(self.n_visits)])

    def _summed(self, weights: FloatArray) -> FloatArray:
        """Each row of the packed statistics times weights of its columns."""
        return np.asarray((self.flat @ weights[..., None])[..., 0])

    def only(self, chosen: IntArray) -> "PackedProducts":
        """Some of the datasets side by side."""
        return replace(self, flat=self.flat[chosen])

    def times(self, scale: FloatArray) -> "PackedProducts":
        """With the columns of each dataset multiplied by its scale, shape (B, q)."""
        i, j = upper(self.n_columns)
        return replace(self, flat=self.flat * (scale[:, i] * scale[:, j])[:, None, :])


@dataclass(frozen=True)
class WithoutOne(PackedProducts):
    """Those of B versions of one dataset, each without a subject; the rest is packed once.

    Attributes
    ----------
    rows : array, shape (B, T, q)
        Of the subject that is left out, zero where not observed.
    pattern : int array, shape (B,)
        Its pattern.
    scale : array, shape (B, q)
        What the columns of each version are multiplied by.
    """

    rows: FloatArray = field(kw_only=True)
    pattern: IntArray = field(kw_only=True)
    scale: FloatArray = field(kw_only=True)

    def quadratic(self, A: FloatArray) -> FloatArray:
        """As of any packed products, for A of shape (B, ..., K, T, T)."""
        own = A[np.arange(len(A)), ..., self.pattern, :, :]
        between = (1,) * (A.ndim - 4)
        rows = self.rows.reshape(len(A), *between, *self.rows.shape[1:])
        scale = self.scale.reshape(len(A), *between, -1)
        left = super().quadratic(A) - np.swapaxes(rows, -1, -2) @ own @ rows
        return np.asarray(left * scale[..., :, None] * scale[..., None, :])

    def weighted(self, weights: FloatArray) -> FloatArray:
        """As of any packed products, for weights of shape (B, q, q)."""
        own = weights * self.scale[:, :, None] * self.scale[:, None, :]
        found = super().weighted(own)
        found[np.arange(len(own)), self.pattern] -= self.rows @ own @ np.swapaxes(self.rows, -1, -2)
        return found

    def _summed(self, weights: FloatArray) -> FloatArray:
        return np.asarray(weights @ self.flat.T)

    def only(self, chosen: IntArray) -> "WithoutOne":
        """Some of the versions."""
        rows, pattern, scale = self.rows[chosen], self.pattern[chosen], self.scale[chosen]
        return replace(self, rows=rows, pattern=pattern, scale=scale)

    def times(self, scale: FloatArray) -> "WithoutOne":
        """With the columns of each version multiplied by its scale, shape (B, q)."""
        return replace(self, scale=self.scale * scale)


@cache
def upper(size: int) -> tuple[IntArray, IntArray]:
    """Rows and columns of the upper triangle of a symmetric matrix; not to be written to."""
    i, j = np.triu_indices(size)
    return i.astype(np.int64), j.astype(np.int64)


@cache
def _unpacking(size: int) -> IntArray:
    """Place of each element of a symmetric matrix in its packed upper triangle."""
    place = np.zeros((size, size), dtype=np.int64)
    i, j = upper(size)
    place[i, j] = place[j, i] = np.arange(i.size)
    return place
