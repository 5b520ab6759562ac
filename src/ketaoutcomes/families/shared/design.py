"""A frame and its terms become a design matrix, and that the linear combinations that are LS means.

No formula is parsed: a variable may have any name, and building a matrix takes a tenth of the time.

Searle, Speed & Milliken 1980, Am Stat 34:216-221: an LS mean is the mean over a reference grid of
all levels of the factors with numeric covariates at their means over the rows used.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations, pairwise, product

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ketaoutcomes.families.shared.columns import (
    Block,
    Coding,
    Term,
    blocks_of,
    columns_of,
    names_of,
)
from ketaoutcomes.numerics.row_space import NOT_ESTIMABLE
from ketaoutcomes.vocabulary import LsMeanWeighting

FloatArray = NDArray[np.float64]

INTERCEPT: Term = ()


@dataclass(frozen=True)
class Design:
    """A design matrix with what rebuilds it on other rows.

    Attributes
    ----------
    X : array, shape (n, p)
    names : tuple of str
        Column names.
    terms : tuple of (Term, slice)
        Columns of each term, the intercept first.
    blocks : tuple of Block
        The products whose columns all columns are, before any is left out.
    variables : tuple of str
    coding : {"treatment", "sum"}
    factors : mapping
        Levels of each factor of the terms, first = reference.
    frame : DataFrame, shape (n, variables)
        The rows used.
    kept : int array, shape (p,)
        Places of the columns of X among all columns of the terms.
    aliased_terms : tuple of Term
        The term of each column left out.
    aliased : tuple of str
        Columns left out because earlier ones determine them.
    aliased_from_kept : array, shape (p, aliased)
        The columns left out are X times this.
    aliased_unit : array, shape (aliased,)
        Root mean square of each column left out.
    repeats : int array, shape (n,), or None
        How many rows of the data each row of the frame stands for, where it stands for others.
    """

    X: FloatArray
    names: tuple[str, ...]
    terms: tuple[tuple[Term, slice], ...]
    blocks: tuple[Block, ...]
    variables: tuple[str, ...]
    coding: Coding
    factors: Mapping[str, tuple[str, ...]]
    frame: pd.DataFrame
    kept: NDArray[np.int64]
    aliased_terms: tuple[Term, ...]
    aliased: tuple[str, ...]
    aliased_from_kept: FloatArray
    aliased_unit: FloatArray
    repeats: NDArray[np.int64] | None = None

    def estimable(self, c: FloatArray) -> FloatArray | None:
        """The combination of coefficients of a row of `rows_for` or of a sum of such rows.

        A combination is estimable if and only if it lies in the row space of the whole design
        (Searle 1971, Linear Models, section 5.4); None for any other.
        """
        p = len(self.kept)
        # not a number fails the comparison, too
        in_row_space = (np.abs(c[p:]) < NOT_ESTIMABLE).all() and np.isfinite(c[:p]).all()
        return c[:p] if in_row_space else None


def crossed(*variables: str) -> tuple[Term, ...]:
    """Variables and their interactions: `a * b` of Wilkinson & Rogers 1973, Appl Stat 22:392."""
    sizes = range(1, len(variables) + 1)
    return tuple(term for size in sizes for term in combinations(variables, size))


def build_design(
    frame: pd.DataFrame,
    terms: Iterable[Term],
    factors: Mapping[str, tuple[str, ...]],
    coding: Coding = "treatment",
    *,
    intercept: bool = True,
) -> Design:
    """Design matrix of some terms.

    Parameters
    ----------
    frame : DataFrame
        Complete rows.
    terms : iterable of Term
        Each is the product of its variables. Terms of fewer variables come first, else the order
        counts.
    factors : mapping
        Levels of each categorical variable, first = reference. Those that no term names are not
        used.
    coding : {"treatment", "sum"}
        Coding of the factors: differences from the first level, or from the mean of the levels.
    intercept : bool
        Whether there is one.
    """
    first = (INTERCEPT,) if intercept else ()
    ordered = sorted(dict.fromkeys((*first, *terms)), key=len)
    variables = tuple(dict.fromkeys(name for term in ordered for name in term))
    used = {name: tuple(levels) for name, levels in factors.items() if name in variables}
    typed = with_levels(frame[[name for name in frame if name in variables]], used)
    by_term = blocks_of(ordered, used)
    blocks = tuple(block for own in by_term for block in own)
    X = _matrix(blocks, typed, used, coding)
    widths = [sum(len(names_of(block, used, coding)) for block in own) for own in by_term]
    ends = np.cumsum([0, *widths]).tolist()
    return Design(
        X=X,
        names=tuple(name for block in blocks for name in names_of(block, used, coding)),
        terms=tuple(zip(ordered, (slice(*place) for place in pairwise(ends)), strict=True)),
        blocks=blocks,
        variables=variables,
        coding=coding,
        factors=used,
        frame=typed,
        kept=np.arange(X.shape[1]),
        aliased_terms=(),
        aliased=(),
        aliased_from_kept=np.zeros((X.shape[1], 0)),
        aliased_unit=np.zeros(0),
    )


def _matrix(
    blocks: tuple[Block, ...],
    frame: pd.DataFrame,
    factors: Mapping[str, tuple[str, ...]],
    coding: Coding,
) -> FloatArray:
    """The columns of all products side by side, shape (n, columns)."""
    ends = np.cumsum([0, *(len(names_of(block, factors, coding)) for block in blocks)])
    X = np.empty((len(frame), ends[-1]), order="F")
    for block, (start, end) in zip(blocks, pairwise(ends), strict=True):
        X[:, start:end] = columns_of(block, frame, factors, coding)
    return X


def with_levels(frame: pd.DataFrame, factors: Mapping[str, tuple[str, ...]]) -> pd.DataFrame:
    """The frame with its factors as categories in their order of levels."""
    typed = frame.copy()
    for name, levels in factors.items():
        typed[name] = pd.Categorical(frame[name], categories=list(levels))
    return typed


def rows_for(design: Design, grid: pd.DataFrame) -> FloatArray:
    """Rows of X for other values of the variables, shape (len(grid), p + aliased).

    After the p columns of X come as many as were left out. They hold how far the row is from the
    row space of the design: all are zero in a row that is estimable, and in a sum of rows that is.
    A row of a level that no row of the design has is NaN.
    """
    every = _matrix(design.blocks, grid, design.factors, design.coding)
    every[np.isnan(every).any(axis=1)] = np.nan
    X = every[:, design.kept]
    if not design.aliased:
        return X
    rest = np.delete(every, design.kept, axis=1)
    return np.hstack([X, (rest - X @ design.aliased_from_kept) / design.aliased_unit])


@dataclass(frozen=True)
class LsMeanRows:
    """Linear combinations of the coefficients.

    Attributes
    ----------
    levels : tuple of tuple of str
        What each row estimates: the levels of the `by` factors, or of a visit, an arm and the arm
        it is compared with.
    L : array, shape (rows, p + aliased)
        As `rows_for` has them: `Design.estimable` says which of their sums can be estimated. NaN
        where no row was observed in the combination and its frequencies are the weights.
    """

    levels: tuple[tuple[str, ...], ...]
    L: FloatArray


def ls_mean_rows(
    design: Design,
    by: tuple[str, ...],
    weighting: LsMeanWeighting = "equal",
    at: Mapping[str, float] | None = None,
) -> LsMeanRows:
    """LS means of each combination of the levels of some factors.

    Parameters
    ----------
    by : tuple of str
        Factors, the last varying fastest.
    weighting : {"equal", "observed", "proportional"}
        Weights of the combinations of the other factors: equal; their frequency within each
        combination of `by`; or their frequency in all rows. R's emmeans calls these equal, cells
        and proportional.
    at : mapping, optional
        Values of numeric covariates; the others are at their means.
    """
    others = tuple(name for name in design.factors if name not in by)
    by_levels = tuple(product(*(design.factors[name] for name in by)))
    other_levels = tuple(product(*(design.factors[name] for name in others)))
    grid = _reference_grid(design, (*by, *others), by_levels, other_levels)
    X = rows_for(design, grid.assign(**(at or {})))
    blocks = X.reshape(len(by_levels), len(other_levels), -1)
    weights = _weights(design, by, others, weighting)
    # a combination of weight zero does not count, estimable or not
    L = np.where(weights[..., None] > 0, weights[..., None] * blocks, 0.0).sum(axis=1)
    weighed = weights.sum(axis=1) > 0
    return LsMeanRows(by_levels, np.where(weighed[:, None], L, np.nan))


def arm_difference_rows(
    design: Design, arm: str, visit: str, reference: str, weighting: LsMeanWeighting = "equal"
) -> LsMeanRows:
    """Differences in LS means of each arm from a reference, by visit.

    Parameters
    ----------
    arm, visit : str
        Names of the factors.
    reference : str
        A level of `arm`.
    """
    means = ls_mean_rows(design, (visit, arm), weighting)
    L = dict(zip(means.levels, means.L, strict=True))
    levels = tuple(
        (at, level, reference)
        for at in design.factors[visit]
        for level in design.factors[arm]
        if level != reference
    )
    rows = [L[at, level] - L[at, reference] for at, level, _ in levels]
    return LsMeanRows(levels, np.array(rows))


def _reference_grid(
    design: Design,
    names: tuple[str, ...],
    by_levels: tuple[tuple[str, ...], ...],
    other_levels: tuple[tuple[str, ...], ...],
) -> pd.DataFrame:
    """Every combination of levels, numeric covariates at their means."""
    covariates = [str(name) for name in design.frame if name not in design.factors]
    numeric = {name: _mean(design, name) for name in covariates}
    grid = [dict(zip(names, (*b, *o), strict=True)) for b in by_levels for o in other_levels]
    return pd.DataFrame([row | numeric for row in grid])


def _mean(design: Design, name: str) -> float:
    """Mean of a numeric covariate over the rows of the data."""
    if design.repeats is None:
        return float(design.frame[name].mean())
    return float(np.average(design.frame[name], weights=design.repeats))


def _weights(
    design: Design, by: tuple[str, ...], others: tuple[str, ...], weighting: LsMeanWeighting
) -> FloatArray:
    """Weights of the other factors' combinations, shape (by, others), each row of sum one."""
    by_shape = [len(design.factors[name]) for name in by]
    other_shape = [len(design.factors[name]) for name in others]
    counts = np.zeros((int(np.prod(by_shape)), int(np.prod(other_shape))))
    cells = _cell(design, by, by_shape), _cell(design, others, other_shape)
    np.add.at(counts, cells, 1 if design.repeats is None else design.repeats)
    match weighting:
        case "equal":
            counts = np.ones_like(counts)
        case "proportional":
            counts = np.broadcast_to(counts.sum(axis=0), counts.shape)
        case "observed":
            pass
    total = counts.sum(axis=1, keepdims=True)
    return np.divide(counts, total, out=np.zeros_like(counts), where=total > 0)


def _cell(design: Design, names: tuple[str, ...], shape: list[int]) -> NDArray[np.int64]:
    """Number of the combination of levels that each row has."""
    if not names:
        return np.zeros(len(design.frame), dtype=np.int64)
    codes = tuple(design.frame[name].cat.codes.to_numpy().astype(np.int64) for name in names)
    return np.asarray(np.ravel_multi_index(codes, tuple(shape)), dtype=np.int64)
