"""A design becomes the linear hypotheses that test its terms, of type II and type III.

Both follow SAS: Goodnight 1978, Tests of hypotheses in fixed effects linear models, SAS Technical
Report R-101. A term's space is cut into components, one a set of factors in sum-to-zero coding; a
component belongs to the term of its name or, where the model has none, to the one term that holds
it.
"""

from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ketaoutcomes.families.shared.design import Design, Term

FloatArray = NDArray[np.float64]

SAME_SPACE = 1e-8


@dataclass(frozen=True)
class Component:
    """A set of factors, in sum-to-zero coding, times numeric covariates."""

    factors: frozenset[str]
    covariates: frozenset[str]


def type_three_rows(design: Design, term: Term) -> FloatArray:
    """Rows that test a term adjusted for all others, each level counting alike.

    Parameters
    ----------
    term : Term
        One of `Design.terms`.

    Raises
    ------
    ValueError
        If some combination of levels that the terms ask for was not observed.
    """
    components = _components(design)
    blocks = {part: _columns(design, part) for part in components}
    coded = np.hstack(list(blocks.values()))
    into_coded, _, rank, _ = np.linalg.lstsq(coded, design.X, rcond=None)
    outside = np.abs(coded @ into_coded - design.X).max()
    if rank < coded.shape[1] or outside > SAME_SPACE * max(1.0, np.abs(design.X).max()):
        raise ValueError("a type III test needs every combination of levels that the terms have")
    own = _own(design, term, components)
    chosen = [np.full(blocks[part].shape[1], part in own) for part in components]
    return np.asarray(into_coded[np.concatenate(chosen)])


def from_first_level(design: Design, term: Term, L: FloatArray) -> FloatArray:
    """The same hypothesis by rows with the identity in the term's own columns.

    These are differences from the first level. Satterthwaite df of several rows depend on the rows
    chosen: R's mmrm takes those of `type_three_rows`, lmerTest these.
    """
    own = L[:, dict(design.terms)[term]]
    return np.asarray(np.linalg.solve(own, L), dtype=float)


def type_two_rows(design: Design, term: Term) -> FloatArray:
    """Rows that test a term adjusted for all others but those that contain it.

    Parameters
    ----------
    term : Term
        One of `Design.terms`.
    """
    here = _component(design, term)
    X1 = design.X[:, dict(design.terms)[term]]
    others = [
        design.X[:, columns]
        for name, columns in design.terms
        if not _contains(_component(design, name), here)
    ]
    if others:
        X0 = np.hstack(others)
        X1 = X1 - X0 @ np.linalg.lstsq(X0, X1, rcond=None)[0]
    # identity in the term's own columns, as in R: Satterthwaite df of several rows depend on it
    return np.asarray(np.linalg.pinv(X1) @ design.X)


def _contains(outer: Component, inner: Component) -> bool:
    return outer.covariates == inner.covariates and outer.factors >= inner.factors


def _component(design: Design, term: Term) -> Component:
    parts = frozenset(term)
    factors = parts & frozenset(design.factors)
    return Component(factors, parts - factors)


def _components(design: Design) -> list[Component]:
    """All components of the model's space, each once."""
    found: dict[Component, None] = {}
    for name, _ in design.terms:
        whole = _component(design, name)
        for size in range(len(whole.factors) + 1):
            for chosen in combinations(sorted(whole.factors), size):
                found[Component(frozenset(chosen), whole.covariates)] = None
    return list(found)


def _own(design: Design, term: Term, components: list[Component]) -> list[Component]:
    """The components that belong to a term."""
    terms = [_component(design, name) for name, _ in design.terms]
    here = _component(design, term)
    own = []
    for part in components:
        holders = [other for other in terms if _contains(other, part)]
        if part == here or (part not in terms and holders == [here]):
            own.append(part)
    return own


def _columns(design: Design, part: Component) -> FloatArray:
    """Columns of a component, shape (n, columns)."""
    columns = np.ones((len(design.frame), 1))
    for name in sorted(part.covariates):
        columns = _products(columns, design.frame[[name]].to_numpy(dtype=float))
    for name in sorted(part.factors):
        codes = pd.Categorical(design.frame[name], list(design.factors[name])).codes
        k = len(design.factors[name])
        coding = np.vstack([np.eye(k - 1), -np.ones(k - 1)])
        columns = _products(columns, coding[codes])
    return columns


def _products(left: FloatArray, right: FloatArray) -> FloatArray:
    """Products of each column of one with each of the other, row by row."""
    return (left[:, :, None] * right[:, None, :]).reshape(len(left), -1)
