"""Cells of counts to hide, so that no small one can be worked out from what is shown.

Primary suppression hides counts of 1 to `smallest` - 1; secondary (complementary) suppression hides
more cells until no small count is fixed by the margins (Cox 1980, J Am Stat Assoc 75:377-385). The
audit is the one of Fischetti & Salazar 2001 (Manag Sci 47:1008-1027): the least and the greatest
value that each small count can take, given all that is shown, by linear programming; here they must
not coincide.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog
from scipy.sparse.csgraph import connected_components

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
IndexArray = NDArray[np.intp]
Sparse = Any
"""A sparse array in rows, whose slices and products the stubs of scipy do not know."""

LEAST_WIDTH = 1.0 - 1e-6
"""Counts are whole, so two values that a count can take are at least one apart."""

MARGIN = 10.0
"""No count is taken to be greater than all margins together by more than this."""


@dataclass(frozen=True)
class Margins:
    """Counts and what a reader knows of them.

    Attributes
    ----------
    counts : float array, shape (k,)
        Whole numbers of 0 or more.
    shown : bool array, shape (k,)
        Cells that stand in a table; the others, such as subjects not analysed, stand in none but
        can be worked out.
    relations : sparse float array, shape (m, k)
        Sums that a reader knows: `relations @ counts` is 0.
    """

    counts: FloatArray
    shown: BoolArray
    relations: Sparse


def cells_to_hide(margins: Margins, smallest: int) -> BoolArray:
    """Cells of the tables to hide, primary and secondary.

    Parameters
    ----------
    smallest : int
        The smallest count, other than zero, that may be known.

    Returns
    -------
    bool array, shape (k,)
    """
    small = (margins.counts >= 1) & (margins.counts < smallest)
    hidden = small & margins.shown
    while True:
        betrayed = recovered(margins, hidden, small)
        if not betrayed.any():
            return hidden
        more = _partners(margins, hidden, betrayed)
        if not more.any():
            raise ArithmeticError("a small count can be worked out though all around it is hidden")
        hidden |= more


def recovered(margins: Margins, hidden: BoolArray, of: BoolArray) -> BoolArray:
    """Which cells, out of some, a reader can work out to the number from what is not hidden.

    A reader knows that a hidden cell is not zero, as long as zeros are shown.
    """
    found = np.zeros_like(of)
    for cells, rows in _components(margins, hidden | ~margins.shown):
        wanted = np.flatnonzero(of[cells])
        if wanted.size:
            A = margins.relations[rows][:, cells]
            least = np.where(hidden[cells], np.minimum(margins.counts[cells], 1.0), 0.0)
            found[cells[wanted]] = _fixed(A, A @ margins.counts[cells], least, wanted)
    return found


def _fixed(A: Sparse, b: FloatArray, least: FloatArray, wanted: IndexArray) -> BoolArray:
    """Whether A x = b, x >= least leaves each wanted element one value only."""
    low, high = np.full(least.size, np.inf), np.full(least.size, -np.inf)
    for cell in wanted:
        for sign in (1.0, -1.0):
            if high[cell] - low[cell] < LEAST_WIDTH:
                x = _extreme(A, b, least, cell, sign)
                low, high = np.minimum(low, x), np.maximum(high, x)
    return (high - low < LEAST_WIDTH)[wanted]


def _extreme(A: Sparse, b: FloatArray, least: FloatArray, cell: int, sign: float) -> FloatArray:
    """A vertex at which one element is least (sign 1) or greatest (sign -1)."""
    objective = np.zeros(least.size)
    objective[cell] = sign
    bounds = [(float(bound), float(np.abs(b).sum() + MARGIN)) for bound in least]
    solution = linprog(objective, A_eq=A, b_eq=b, bounds=bounds, method="highs")
    if solution.x is None:
        raise ArithmeticError(f"the audit of a table failed: {solution.message}")
    return np.asarray(solution.x)


def _components(margins: Margins, unknown: BoolArray) -> list[tuple[IndexArray, IndexArray]]:
    """Unknown cells that relations link, with those relations; a cell without any is free."""
    cells = np.flatnonzero(unknown)
    touched = abs(margins.relations[:, cells])
    count, label = connected_components(touched.T @ touched, directed=False)
    parts = []
    for part in range(count if cells.size else 0):
        inside = np.flatnonzero(label == part)
        rows = np.unique(touched[:, inside].nonzero()[0]).astype(np.intp)
        if rows.size:
            parts.append((cells[inside], rows))
    return parts


def _partners(margins: Margins, hidden: BoolArray, betrayed: BoolArray) -> BoolArray:
    """For each cell that was worked out, the smallest shown one that has to do with it."""
    more = np.zeros_like(hidden)
    unknown = hidden | ~margins.shown
    free = margins.shown & ~hidden
    incidence = abs(margins.relations)
    for cell in np.flatnonzero(betrayed):
        reached = np.zeros_like(hidden)
        reached[cell] = True
        choices: IndexArray = np.array([], dtype=np.intp)
        while choices.size == 0:
            beside = _beside(incidence, reached & unknown)
            choices = np.flatnonzero(beside & free)
            if choices.size == 0 and not (beside & ~reached).any():
                break
            reached |= beside
        if choices.size and not (more & reached).any():
            # a zero is hidden only where nothing else is left: it need not be hidden itself
            order = np.lexsort((margins.counts[choices], margins.counts[choices] == 0))
            more[choices[order[0]]] = True
    return more


def _beside(incidence: Sparse, cells: BoolArray) -> BoolArray:
    """The cells that share a relation with some, and those themselves."""
    rows = incidence @ cells.astype(float) > 0
    return np.asarray(incidence.T @ rows.astype(float) > 0) | cells
