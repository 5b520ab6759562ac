"""Cross-products of all patterns, packed so that contracting them is one matrix product.

Z'AZ summed over subjects needs, for a symmetric A over visits, only the pairs of visits s <= t and
the pairs of columns i <= j of D_st = S_st + S_st' (S_ss on the diagonal): a third of S.
"""

from dataclasses import dataclass
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
        doubled = weights[..., i, j] * np.where(i == j, 1.0, 2.0)
        sums = (self.flat @ doubled[..., None])[..., 0]
        s, t = upper(self.n_visits)
        by_pattern = sums.reshape(*sums.shape[:-1], self.n_patterns, s.size)
        halved = by_pattern * np.where(s == t, 1.0, 0.5)
        return np.asarray(halved[..., _unpacking(self.n_visits)])


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
