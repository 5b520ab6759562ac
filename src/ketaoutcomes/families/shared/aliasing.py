"""Columns of a design that earlier columns determine are left out."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ketaoutcomes.families.shared.design import Design, Term

FloatArray = NDArray[np.float64]

DEPENDENT = 1e-10


def without_aliased(design: Design) -> Design:
    """Leave out the columns that earlier columns determine, as R does.

    The coefficients that remain are those for the coefficients left out set to zero.
    """
    G = design.X.T @ design.X
    scale = 1 / np.sqrt(np.maximum(np.diag(G), np.finfo(float).tiny))
    independent = _independent(G * np.outer(scale, scale))
    dependent = np.setdiff1d(np.arange(G.shape[0]), independent)
    chosen = G[np.ix_(independent, independent)]
    return replace(
        design,
        X=design.X[:, independent],
        names=tuple(design.names[i] for i in independent),
        terms=_terms_of(design, independent),
        kept=design.kept[independent],
        aliased=tuple(design.names[i] for i in dependent),
        aliased_from_kept=np.asarray(
            np.linalg.solve(chosen, G[np.ix_(independent, dependent)]), dtype=float
        ),
    )


def _independent(G: FloatArray) -> NDArray[np.int64]:
    """Places of the columns with a Cholesky pivot, from their scaled products."""
    rows: list[FloatArray] = []
    places = []
    for j in range(len(G)):
        row = G[j] - sum((earlier[j] * earlier for earlier in rows), np.zeros(len(G)))
        if row[j] > DEPENDENT:
            rows.append(row / np.sqrt(row[j]))
            places.append(j)
    return np.array(places, dtype=np.int64)


def _terms_of(design: Design, columns: NDArray[np.int64]) -> tuple[tuple[Term, slice], ...]:
    """Columns of each term when only some columns are left."""
    terms = []
    for term, place in design.terms:
        start, end = np.searchsorted(columns, [place.start, place.stop])
        terms.append((term, slice(int(start), int(end))))
    return tuple(terms)
