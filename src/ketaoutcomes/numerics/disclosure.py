"""Cells of counts to hide, so that no small one can be worked out from what is shown.

Primary suppression hides counts of 1 to `smallest` - 1; secondary (complementary) suppression hides
more cells until no small count is fixed by the margins (Cox 1980, J Am Stat Assoc 75:377-385). The
audit is the one of Fischetti & Salazar 2001 (Manag Sci 47:1008-1027): the least and the greatest
value that each small count can take, given all that is shown, by linear programming; they must be
as far apart as the protection asks.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog
from scipy.sparse import hstack
from scipy.sparse.csgraph import connected_components

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
IndexArray = NDArray[np.intp]
Sparse = Any
"""A sparse array in rows, whose slices and products the stubs of scipy do not know."""

SLACK = 1e-6
"""Widths of whole numbers are met to this."""

WEIGHT = 1e-9
"""A weight under this is none."""

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
    cost : float array, shape (k,)
        What is lost by hiding a cell.
    """

    counts: FloatArray
    shown: BoolArray
    relations: Sparse
    cost: FloatArray


def cells_to_hide(
    margins: Margins, smallest: int, values: int = 2, also: BoolArray | None = None
) -> BoolArray:
    """Cells of the tables to hide, primary and secondary.

    Parameters
    ----------
    smallest : int
        The smallest count, other than zero, that may be known.
    values : int
        How many values each small count must be able to have. Where all around a count is hidden
        and it cannot have as many, two must do.
    also : bool array, shape (k,), optional
        Cells that are protected in the same way although they are not small.

    Returns
    -------
    bool array, shape (k,)
    """
    small = (margins.counts >= 1) & (margins.counts < smallest)
    small = small if also is None else small | also
    hidden = small & margins.shown
    width = values - 1.0
    audited: dict[bytes, IndexArray] = {}
    while True:
        more = np.zeros_like(hidden)
        for cells, rows in _components(margins, hidden | ~margins.shown):
            key = cells.tobytes()
            if key not in audited:
                audited[key] = _recovered(margins, cells, rows, small, width)
            for cell in audited[key]:
                choices = _choices(margins, cells, rows, int(cell), hidden)
                if not choices.size:
                    _must_be_wide(margins, cells, rows, cell)
                elif not more[choices].any():  # else what is hidden now may do for this one too
                    more[choices[0]] = True
        if not more.any():
            return hidden
        hidden |= more


def _recovered(
    margins: Margins, cells: IndexArray, rows: IndexArray, small: BoolArray, width: float
) -> IndexArray:
    """Which small cells a reader can work out to less than a width, among unknown linked cells.

    A reader knows that a hidden cell is not zero, as long as zeros are shown.
    """
    wanted = np.flatnonzero(small[cells])
    if not wanted.size:
        return cells[wanted]
    A = margins.relations[rows][:, cells]
    least = np.where(margins.shown[cells], np.minimum(margins.counts[cells], 1.0), 0.0)
    b = A @ margins.counts[cells]
    if len(rows) == 1 and A.data.min() > 0:
        # one sum: each cell takes what the others can spare
        fixed = np.full(wanted.size, cells.size == 1 or b[0] - A[[0]] @ least < width - SLACK)
    else:
        fixed = _fixed(A, b, least, wanted, width)
    return cells[wanted[fixed]]


def _fixed(
    A: Sparse, b: FloatArray, least: FloatArray, wanted: IndexArray, width: float
) -> BoolArray:
    """Whether A x = b, x >= least leaves each wanted element less than a width."""
    together = np.zeros(least.size)
    together[wanted] = np.arange(1, wanted.size + 1)
    vertices = [_extreme(A, b, least, sign * together) for sign in (1.0, -1.0)]
    low, high = np.minimum(*vertices), np.maximum(*vertices)
    for cell in wanted:
        for sign in (1.0, -1.0):
            if high[cell] - low[cell] < width - SLACK:
                objective = np.zeros(least.size)
                objective[cell] = sign
                x = _extreme(A, b, least, objective)
                low, high = np.minimum(low, x), np.maximum(high, x)
    return (high - low < width - SLACK)[wanted]


def _extreme(A: Sparse, b: FloatArray, least: FloatArray, objective: FloatArray) -> FloatArray:
    """A vertex at which an objective is least."""
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


def _choices(
    margins: Margins, cells: IndexArray, rows: IndexArray, cell: int, hidden: BoolArray
) -> IndexArray:
    """Shown cells by which a hidden one was worked out, the cheapest and then the smallest first.

    A zero comes last: it is hidden only if nothing else is left. None where all that has to do
    with it is hidden already.
    """
    used = _sums_used(margins.relations[rows][:, cells], int(np.flatnonzero(cells == cell)[0]))
    for sums in (rows[used], rows):
        beside = np.asarray(abs(margins.relations[sums]).sum(axis=0)).ravel() > 0
        choices = np.flatnonzero(beside & margins.shown & ~hidden)
        if choices.size:
            counts = margins.counts[choices]
            return choices[np.lexsort((counts, margins.cost[choices], counts == 0))]
    return np.array([], dtype=np.intp)


def _must_be_wide(margins: Margins, cells: IndexArray, rows: IndexArray, cell: int) -> None:
    """Nothing is left to hide around a count; it must at least not be fixed.

    Raises
    ------
    ArithmeticError
        If it is.
    """
    only = np.zeros(margins.counts.size, dtype=bool)
    only[cell] = True
    if _recovered(margins, cells, rows, only, 1.0).size:
        raise ArithmeticError("a small count can be worked out though all around it is hidden")


def _sums_used(A: Sparse, cell: int) -> IndexArray:
    """The fewest sums that together give a cell; none where it is bounds that give it.

    The shortest combination of rows that is the cell alone, in the sum of absolute weights.
    """
    m, k = A.shape
    wanted = np.zeros(k)
    wanted[cell] = 1.0
    both = hstack([A.T, -A.T], format="csr")
    solution = linprog(np.ones(2 * m), A_eq=both, b_eq=wanted, bounds=(0, None), method="highs")
    if solution.x is None:
        return np.array([], dtype=np.intp)
    weights = solution.x[:m] - solution.x[m:]
    return np.flatnonzero(np.abs(weights) > WEIGHT)
