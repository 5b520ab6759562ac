"""Products of factors and numbers as columns of full rank.

A factor stands in a term by contrasts where other terms span what these leave out, and else by one
column a level. Which of the two follows from one rule, by which a term without some of its factors
is taken in:

    (anything):(factor by contrasts) + (anything) = (anything):(factor by levels)

Chambers & Hastie 1992, Statistical Models in S, section 2.4; the rule and the order of columns are
those of Python's patsy and formulaic, and the order that of R.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
Coding = Literal["treatment", "sum"]

Term = tuple[str, ...]
"""The variables whose product a term is; none for the intercept."""


@dataclass(frozen=True)
class Part:
    """A variable in a product.

    Attributes
    ----------
    variable : str
    contrasts : bool
        Of a factor: one column fewer than it has levels.
    """

    variable: str
    contrasts: bool


Block = tuple[Part, ...]
"""A product whose columns stand together; none for the intercept."""


def blocks_of(terms: Iterable[Term], factors: Iterable[str]) -> tuple[tuple[Block, ...], ...]:
    """The products that each term adds to what those before it span."""
    known = set(factors)
    spanned: set[frozenset[Part]] = set()
    found = []
    for term in terms:
        choices = [
            (Part(name, contrasts=True), None) if name in known else (Part(name, contrasts=False),)
            for name in term
        ]
        span = [tuple(part for part in parts if part is not None) for parts in product(*choices)]
        new = [block for block in span if frozenset(block) not in spanned]
        spanned.update(map(frozenset, new))
        found.append(_joined(new))
    return tuple(found)


def _joined(blocks: Iterable[Block]) -> tuple[Block, ...]:
    """The fewest products of the same span, by the rule of the module."""
    found: tuple[Block, ...] = ()
    for block in sorted(blocks, key=len):
        for place, other in enumerate(found):
            further = set(block) - set(other)
            if len(block) != len(other) + 1 or len(further) != 1:
                continue
            (part,) = further
            if part.contrasts:
                whole = tuple(replace(x, contrasts=False) if x == part else x for x in block)
                found = _joined((*found[:place], *found[place + 1 :], whole))
                break
        else:
            found = (*found, block)
    return found


def columns_of(
    block: Block, frame: pd.DataFrame, factors: Mapping[str, tuple[str, ...]], coding: Coding
) -> FloatArray:
    """The columns of a product, the levels of its first factor varying fastest.

    Parameters
    ----------
    frame : DataFrame, shape (n, variables)
    factors : mapping
        Levels of each factor, the first being the reference.

    Returns
    -------
    array, shape (n, columns)
        NaN where a factor has none of its levels.
    """
    codes, place = np.ones((1, 1)), np.zeros(len(frame), dtype=np.int64)
    for part in block:
        if part.variable in factors:
            levels = factors[part.variable]
            own = _codes(len(levels), coding if part.contrasts else None)
            codes = (own[:, None, :, None] * codes[None, :, None, :]).reshape(
                own.shape[0] * codes.shape[0], -1
            )
            place += _places(frame[part.variable], levels) * (len(codes) // len(own))
    columns = codes[place]
    for part in block:
        if part.variable not in factors:
            columns *= frame[part.variable].to_numpy(dtype=float)[:, None]
    return columns


def _codes(n_levels: int, coding: Coding | None) -> FloatArray:
    """Contrasts of the levels of a factor, or one column each, and a last row of what is none."""
    code = np.eye(n_levels)
    if coding == "treatment":
        code = code[:, 1:]
    elif coding == "sum":
        code = code[:, :-1]
        code[-1] = -1.0
    return np.vstack([code, np.full(code.shape[1], np.nan)])


def _places(values: pd.Series, levels: tuple[str, ...]) -> NDArray[np.int64]:
    """The number of the level that each row has; that of all levels where it has none."""
    if isinstance(values.dtype, pd.CategoricalDtype):
        own = np.append(pd.Index(levels).get_indexer(values.cat.categories), -1)
        place = own[values.cat.codes.to_numpy()]
    else:
        place = pd.Index(levels).get_indexer(pd.Index(values))
    return np.where(place < 0, len(levels), place)


def names_of(
    block: Block, factors: Mapping[str, tuple[str, ...]], coding: Coding
) -> tuple[str, ...]:
    """The names of the columns of a product."""
    if not block:
        return ("Intercept",)
    own = [_names(part, factors.get(part.variable), coding) for part in block]
    return tuple(":".join(reversed(names)) for names in product(*reversed(own)))


def _names(part: Part, levels: Sequence[str] | None, coding: Coding) -> list[str]:
    """What a variable adds to the names of columns."""
    if levels is None:
        return [part.variable]
    factor = part.variable if coding == "treatment" else f"C({part.variable}, contr.sum)"
    if not part.contrasts:
        return [f"{factor}[{level}]" for level in levels]
    if coding == "treatment":
        return [f"{factor}[T.{level}]" for level in levels[1:]]
    return [f"{factor}[S.{level}]" for level in levels[:-1]]
