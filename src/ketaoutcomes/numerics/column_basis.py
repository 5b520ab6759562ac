"""Columns less what earlier columns tell of them, so that products of columns keep their digits.

A column of mean m and standard deviation s has the sum of squares n (m^2 + s^2): with m = 1e7 s
only two digits of s are left in it. The columns less their regressions on the earlier ones are
about orthogonal, and their products keep all digits that the columns have.
"""

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

WELL_APART = 1e-6
INDEPENDENT = 1e-10
"""Length of what is left of a column, relative to the column, from which on it is not rounding."""


def column_basis(Z: FloatArray) -> tuple[FloatArray, NDArray[np.bool_]]:
    """The change of columns, and which of them earlier ones do not determine.

    Gram-Schmidt with each column projected twice: Björck 1994, Linear Algebra Appl 197:297-316.
    The change need not be exact: whoever applies it to the rows computes with what it is.

    Parameters
    ----------
    Z : array, shape (n, q)

    Returns
    -------
    basis : array, shape (q, q)
        Upper triangular with a unit diagonal; Z @ basis has about orthogonal columns.
    independent : bool array, shape (q,)
    """
    n, q = Z.shape
    quick = _by_rotations(Z)
    if quick is not None:
        return quick, np.ones(q, dtype=bool)
    basis, independent = np.eye(q), np.zeros(q, dtype=bool)
    directions, combinations, known = np.empty((n, q)), np.empty((q, q)), 0
    for j in range(q):
        left, combination = Z[:, j], basis[:, j]
        for _ in range(2):
            told = directions[:, :known].T @ left
            left = left - directions[:, :known] @ told
            combination = combination - combinations[:, :known] @ told
        basis[:, j] = combination
        size = float(np.linalg.norm(left))
        independent[j] = size > INDEPENDENT * float(np.linalg.norm(Z[:, j]))
        if independent[j]:
            directions[:, known], combinations[:, known] = left / size, combination / size
            known += 1
    return basis, independent


def _by_rotations(Z: FloatArray) -> FloatArray | None:
    """The basis from Z = Q R in one go; None where some column is near to the earlier ones."""
    n, q = Z.shape
    sizes = np.linalg.norm(Z, axis=0)
    if n < q or not (sizes > 0).all():
        return None
    R = np.linalg.qr(Z / sizes, mode="r")
    lengths = np.diag(R)
    if not np.abs(lengths).min() > WELL_APART:
        return None
    basis = np.triu(np.linalg.inv(R)) * lengths
    return np.asarray(basis * sizes / sizes[:, None])
