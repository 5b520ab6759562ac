"""Which outcomes of a logistic regression are separated: their fitted probabilities are 0 or 1.

Albert & Anderson 1984, Biometrika 71:1-10. Outcomes are separated if some direction of the
coefficients raises the likelihood for ever: no linear predictor moves to the wrong side along it,
and some move to the right one. The direction is found by linear programming (Konis 2007, thesis,
University of Oxford). Beyond the limit, the other outcomes are those of a regression without the
separated ones.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

MOVES = 1e-6
"""Change of a linear predictor along a direction, of at most one a column, above which it moves."""


@dataclass(frozen=True)
class Separation:
    """Directions in which the likelihood rises for ever, and the outcomes that they separate.

    Attributes
    ----------
    directions : array, shape (k, p)
        Each leads before those after it.
    separated : bool array, shape (n,)
    """

    directions: FloatArray
    separated: BoolArray

    def sides(self, X: FloatArray) -> FloatArray:
        """Where linear predictors go: 1 and -1 for probabilities of 1 and 0, 0 if finite."""
        side = np.zeros(len(X))
        for direction in self.directions:
            moved = X @ direction
            side = np.where((side == 0) & (np.abs(moved) > MOVES), np.sign(moved), side)
        return side


def separation_of(X: FloatArray, y: FloatArray) -> Separation:
    """Find the separated outcomes.

    Parameters
    ----------
    X : array, shape (n, p)
    y : array, shape (n,)
        0 or 1.
    """
    size = np.abs(X).max(axis=0)
    size = np.where(size > 0, size, 1.0)
    toward = X / size * (2 * y - 1)[:, None]
    left = np.ones(len(y), dtype=bool)
    directions = []
    while left.any():
        distinct = np.unique(toward[left], axis=0)
        found = linprog(
            -distinct.sum(axis=0),
            A_ub=-distinct,
            b_ub=np.zeros(len(distinct)),
            bounds=(-1, 1),
            method="highs",
        )
        if found.x is None:
            break
        direction = np.asarray(found.x, dtype=float)
        moved = left & (toward @ direction > MOVES)
        if not moved.any():
            break
        directions.append(direction / size)
        left &= ~moved
    return Separation(np.array(directions).reshape(len(directions), X.shape[1]), ~left)
