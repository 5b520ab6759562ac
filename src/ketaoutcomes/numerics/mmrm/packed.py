"""Cross-products of all patterns, packed so that contracting them is one matrix product.

Z'AZ summed over subjects needs, for a symmetric A over visits, only the pairs of visits s <= t and
the pairs of columns i <= j of D_st = S_st + S_st' (S_ss on the diagonal): a third of S.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass(frozen=True)
class PackedProducts:
    """Packed statistics of K patterns, for any number of leading dimensions.

    Attributes
    ----------
    flat : array, shape (..., K * T (T + 1) / 2, q (q + 1) / 2)
    n_patterns, n_visits, n_columns : int
        K, T and q = p + 1.
    """

    flat: FloatArray
    n_patterns: int
    n_visits: int
    n_columns: int

    @classmethod
    def of(cls, S: FloatArray) -> "PackedProducts":
        """Pack S, shape (..., K, T, T, q, q)."""
        K, T, q = S.shape[-5], S.shape[-4], S.shape[-1]
        i, j = np.triu_indices(q)
        pairs = list(zip(*np.triu_indices(T), strict=True))
        flat = np.empty((*S.shape[:-4], len(pairs), i.size))
        for place, (s, t) in enumerate(pairs):
            block = S[..., s, t, :, :]
            flat[..., place, :] = block[..., i, j]
            if s != t:
                flat[..., place, :] += block[..., j, i]
        return cls(flat.reshape(*S.shape[:-5], K * len(pairs), i.size), K, T, q)

    @classmethod
    def of_subjects(cls, Z: FloatArray) -> "PackedProducts":
        """Pack the products of each subject's rows with themselves, Z of shape (n, T, q).

        Each subject is a leading dimension with one pattern.
        """
        T, q = Z.shape[1:]
        s, t = np.triu_indices(T)
        i, j = np.triu_indices(q)
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
        s, t = np.triu_indices(self.n_visits)
        packed = A[..., s, t]
        rows = packed.reshape(*packed.shape[:-2], -1)
        one_row = rows.ndim == self.flat.ndim - 1
        products = (rows[..., None, :] if one_row else rows) @ self.flat
        return np.asarray(
            (products[..., 0, :] if one_row else products)[..., _unpacking(self.n_columns)]
        )

    def weighted(self, weights: FloatArray) -> FloatArray:
        """Sum over i, j of weights_ij S_ij, shape (..., K, T, T).

        Parameters
        ----------
        weights : array, shape (..., q, q)
            Symmetric.
        """
        i, j = np.triu_indices(self.n_columns)
        doubled = weights[..., i, j] * np.where(i == j, 1.0, 2.0)
        sums = (self.flat @ doubled[..., None])[..., 0]
        s, t = np.triu_indices(self.n_visits)
        by_pattern = sums.reshape(*sums.shape[:-1], self.n_patterns, s.size)
        halved = by_pattern * np.where(s == t, 1.0, 0.5)
        return np.asarray(halved[..., _unpacking(self.n_visits)])


def _unpacking(size: int) -> IntArray:
    """Place of each element of a symmetric matrix in its packed upper triangle."""
    place = np.zeros((size, size), dtype=np.int64)
    i, j = np.triu_indices(size)
    place[i, j] = place[j, i] = np.arange(i.size)
    return place
