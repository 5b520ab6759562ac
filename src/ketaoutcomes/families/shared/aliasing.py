"""Columns of a design that earlier columns determine are left out."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ketaoutcomes.families.shared.design import Design, Term
from ketaoutcomes.numerics.column_basis import column_basis


def without_aliased(design: Design) -> Design:
    """Leave out the columns that earlier columns determine, as R does.

    The coefficients that remain are those for the coefficients left out set to zero.
    """
    basis, kept = column_basis(design.X)
    independent, dependent = np.flatnonzero(kept), np.flatnonzero(~kept)
    return replace(
        design,
        X=design.X[:, independent],
        names=tuple(design.names[i] for i in independent),
        terms=_terms_of(design, independent),
        kept=design.kept[independent],
        aliased=tuple(design.names[i] for i in dependent),
        aliased_from_kept=-basis[np.ix_(independent, dependent)],
    )


def _terms_of(design: Design, columns: NDArray[np.int64]) -> tuple[tuple[Term, slice], ...]:
    """Columns of each term when only some columns are left."""
    terms = []
    for term, place in design.terms:
        start, end = np.searchsorted(columns, [place.start, place.stop])
        terms.append((term, slice(int(start), int(end))))
    return tuple(terms)
