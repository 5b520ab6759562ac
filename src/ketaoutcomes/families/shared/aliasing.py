"""Columns of a design that earlier columns determine are left out, and named."""

import re
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ketaoutcomes.families.shared.design import INTERCEPT, Design, Term
from ketaoutcomes.numerics.row_space import RowSpace
from ketaoutcomes.remarks import Remark

IntArray = NDArray[np.int64]

CONFUSED = "the data cannot tell its effects apart"
SHARE = 1e-6
"""Smallest coefficient that counts where a column is written by others."""


def without_aliased(design: Design, rows: NDArray[np.bool_] | None = None) -> Design:
    """Leave out the columns that earlier columns determine, as R does.

    The coefficients that remain are those for the coefficients left out set to zero.

    Parameters
    ----------
    rows : bool array, shape (n,), optional
        The rows that hold information; all of them by default.
    """
    return within(design, RowSpace.of(design.X if rows is None else design.X[rows]))


def within(design: Design, space: RowSpace) -> Design:
    """The design by the columns that span a row space, which is that of its rows."""
    if not space.left_out.size:
        return design
    return replace(
        design,
        X=design.X[:, space.kept],
        names=tuple(design.names[i] for i in space.kept),
        terms=_terms_of(design, space.kept),
        kept=design.kept[space.kept],
        aliased_terms=tuple(_term_of(design, int(i)) for i in space.left_out),
        aliased=tuple(design.names[i] for i in space.left_out),
        aliased_from_kept=space.from_kept,
        aliased_unit=space.unit,
    )


def _terms_of(design: Design, columns: IntArray) -> tuple[tuple[Term, slice], ...]:
    """Columns of each term when only some columns are left."""
    terms = []
    for term, place in design.terms:
        start, end = np.searchsorted(columns, [place.start, place.stop])
        terms.append((term, slice(int(start), int(end))))
    return tuple(terms)


def _term_of(design: Design, column: int) -> Term:
    """The term of a column of X."""
    return next(term for term, place in design.terms if place.start <= column < place.stop)


def aliased_remarks(design: Design) -> tuple[Remark, ...]:
    """That some effects were left out of a model, and which."""
    if not design.aliased:
        return ()
    named = zip(design.aliased, design.aliased_terms, strict=True)
    words = ", ".join(effect_words(name, term) for name, term in named)
    return (
        Remark(
            f"The model leaves out effects that the data cannot separate from the others: {words}."
        ),
    )


def confused_words(design: Design) -> tuple[str, ...]:
    """Which variables cannot be told apart, a sentence each; cells without rows are not named."""
    sentences: dict[str, None] = {}
    for own, coefficients in zip(design.aliased_terms, design.aliased_from_kept.T, strict=True):
        sizes = np.abs(coefficients)
        others = [
            _term_of(design, int(i))
            for i in np.flatnonzero(sizes > SHARE * max(1.0, float(sizes.max(initial=0.0))))
            if _term_of(design, int(i)) != INTERCEPT
        ]
        apart = dict.fromkeys(v for variables in others for v in variables if v not in own)
        if apart:
            left = [v for v in own if v not in {w for variables in others for w in variables}]
            subject = " by ".join(left or own)
            sentences[f"{subject} cannot be told apart from {' and '.join(apart)}"] = None
    return tuple(sentences)


def effect_words(name: str, term: Term) -> str:
    """A column of a design in words: `site[T.B]:visit[T.Week 4]` is "site B by visit Week 4"."""
    words = []
    for variable, following in zip(term, (*term[1:], None), strict=True):
        own, _, name = name.partition(f":{following}") if following else (name, "", "")
        level = re.sub(r"^\[(?:T\.|S\.)?(.*)\]$", r" \1", own.removeprefix(variable))
        words.append(f"{variable}{level}")
        name = f"{following or ''}{name}"
    return " by ".join(words) or "the intercept"
