"""A frame and its terms become a design matrix, and that the linear combinations that are LS means.

A variable may have any name: the formula parser, which knows functions such as `center` and `log`,
is shown a token in its place, here and nowhere else.

Searle, Speed & Milliken 1980, Am Stat 34:216-221: an LS mean is the mean over a reference grid of
all levels of the factors with numeric covariates at their means over the rows used.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations, product
from math import prod
from typing import Literal

import numpy as np
import pandas as pd
from formulaic import ModelSpec, model_matrix
from numpy.typing import NDArray

from ketaoutcomes.numerics.row_space import NOT_ESTIMABLE
from ketaoutcomes.vocabulary import LsMeanWeighting

FloatArray = NDArray[np.float64]
Coding = Literal["treatment", "sum"]

Term = tuple[str, ...]
"""The variables whose product a term is; none for the intercept."""

INTERCEPT: Term = ()
MOST_COMBINATIONS = 1024
"""Of levels, up to which a formula is read for all of them, once for every set of rows."""

_TOKEN = re.compile(r"(?:(?<=^)|(?<=:)|(?<=C\())variable_(\d+)_")


@dataclass(frozen=True)
class ReadFormula:
    """A formula as the parser reads it on some rows, whose variables are named by tokens.

    Attributes
    ----------
    columns : array, shape (n, p)
    names : tuple of str
        Of the columns.
    slices : tuple of slice
        Columns of each term.
    spec : ModelSpec
        What reads it on other rows.
    """

    columns: FloatArray
    names: tuple[str, ...]
    slices: tuple[slice, ...]
    spec: ModelSpec

    @classmethod
    def on(cls, formula: str, rows: pd.DataFrame) -> "ReadFormula":
        """Read it."""
        matrix = model_matrix(formula, rows)
        slices = tuple(matrix.model_spec.term_slices.values())
        names = tuple(str(column) for column in matrix.columns)
        return cls(np.asarray(matrix, dtype=float), names, slices, matrix.model_spec)


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
    spec : ModelSpec
        Of the tokens that stand for the variables.
    tokens : mapping
        Variable -> its token in the formula.
    factors : mapping
        Levels of each factor of the terms, first = reference.
    frame : DataFrame, shape (n, variables)
        The rows used.
    kept : int array, shape (p,)
        Places of the columns of X among all columns of the formula.
    aliased_terms : tuple of Term
        The term of each column left out.
    aliased : tuple of str
        Columns left out because earlier ones determine them.
    aliased_from_kept : array, shape (p, aliased)
        The columns left out are X times this.
    aliased_unit : array, shape (aliased,)
        Root mean square of each column left out.
    combinations : ReadFormula, or None
        The formula on every combination of the factors' levels, with one in place of each number;
        None where these are too many, or a variable is neither factor nor number.
    repeats : int array, shape (n,), or None
        How many rows of the data each row of the frame stands for, where it stands for others.
    """

    X: FloatArray
    names: tuple[str, ...]
    terms: tuple[tuple[Term, slice], ...]
    spec: ModelSpec
    tokens: Mapping[str, str]
    factors: Mapping[str, tuple[str, ...]]
    frame: pd.DataFrame
    kept: NDArray[np.int64]
    aliased_terms: tuple[Term, ...]
    aliased: tuple[str, ...]
    aliased_from_kept: FloatArray
    aliased_unit: FloatArray
    combinations: ReadFormula | None = None
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
    tokens = {name: f"variable_{place}_" for place, name in enumerate(variables)}
    used = {name: tuple(levels) for name, levels in factors.items() if name in tokens}
    typed = with_levels(frame[[name for name in frame if name in tokens]], used)
    formula = _formula(ordered, tokens, used, coding)
    combinations = None
    numbers = tuple(tokens[str(name)] for name in typed if name not in used)
    if not _is_complete(typed, used):
        read = ReadFormula.on(formula, typed.rename(columns=tokens))
        X = read.columns
    elif prod(map(len, used.values())) <= MOST_COMBINATIONS:
        levels = tuple((tokens[name], used[name]) for name in used)
        read = combinations = _on_combinations(formula, levels, numbers)
        X = _spread(read, _combination(typed, used), ordered, typed, order="F")
    else:
        place, cell = _combinations_of(typed, used)
        rows = typed.iloc[place].rename(columns=tokens)
        read = ReadFormula.on(formula, rows.assign(**dict.fromkeys(numbers, 1.0)))
        X = _spread(read, cell, ordered, typed, order="F")
    return Design(
        X=X,
        names=tuple(_named(name, variables) for name in read.names),
        terms=tuple(zip(ordered, read.slices, strict=True)),
        spec=read.spec,
        tokens=tokens,
        factors=used,
        frame=typed,
        kept=np.arange(X.shape[1]),
        aliased_terms=(),
        aliased=(),
        aliased_from_kept=np.zeros((X.shape[1], 0)),
        aliased_unit=np.zeros(0),
        combinations=combinations,
    )


def with_levels(frame: pd.DataFrame, factors: Mapping[str, tuple[str, ...]]) -> pd.DataFrame:
    """The frame with its factors as categories in their order of levels."""
    columns = {
        name: pd.Categorical(column, categories=list(factors[str(name)]))
        if name in factors
        else column
        for name, column in frame.items()
    }
    return pd.DataFrame(columns, index=frame.index)


def _is_complete(typed: pd.DataFrame, factors: Mapping[str, tuple[str, ...]]) -> bool:
    """Whether every variable is a factor or a number, and known in all rows."""
    numbers = [typed[name] for name in typed if name not in factors]
    return (
        not typed.empty
        and all(column.dtype in (np.float64, np.int64) for column in numbers)
        and all(np.isfinite(column.to_numpy()).all() for column in numbers)
        and all((typed[name].cat.codes >= 0).all() for name in factors)
    )


@lru_cache(maxsize=64)
def _on_combinations(
    formula: str, levels: tuple[tuple[str, tuple[str, ...]], ...], numbers: tuple[str, ...]
) -> ReadFormula:
    """The formula on every combination of levels, with one in place of each number.

    Analyses of a plan, and versions of a trial, differ less in their terms than in their rows.
    """
    frame = pd.DataFrame(product(*(own for _, own in levels)), columns=[name for name, _ in levels])
    typed = with_levels(frame, dict(levels))
    return ReadFormula.on(formula, typed.assign(**dict.fromkeys(numbers, 1.0)))


def _combination(typed: pd.DataFrame, factors: Mapping[str, tuple[str, ...]]) -> NDArray[np.int64]:
    """Number of the combination of levels of each row, the last factor varying fastest."""
    place = np.zeros(len(typed), dtype=np.int64)
    for name, levels in factors.items():
        place = place * len(levels) + typed[name].cat.codes.to_numpy()
    return place


def _combinations_of(
    typed: pd.DataFrame, factors: Mapping[str, tuple[str, ...]]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The first row of each combination of levels that rows have, and which one each row has."""
    place = np.zeros(len(typed), dtype=np.int64)
    for name, levels in factors.items():
        codes = typed[name].cat.codes.to_numpy().astype(np.int64)
        place = pd.factorize(place * len(levels) + codes)[0]
    return np.unique(place, return_index=True)[1], place


def _spread(
    read: ReadFormula,
    cell: NDArray[np.int64],
    terms: Sequence[Term],
    typed: pd.DataFrame,
    order: Literal["C", "F"],
) -> FloatArray:
    """The columns of all rows from those of combinations of levels, without another of their size.

    A column is what its factors say times the numbers of its term. In the design it stands in one
    piece, as the formula's own does, on which the last digits of products depend.
    """
    X = np.empty((len(cell), read.columns.shape[1]), order=order)
    for place, column in enumerate(read.columns.T):
        # no row has a combination beyond these: numpy need not look before it writes
        np.take(np.ascontiguousarray(column), cell, out=X[:, place], mode="clip")
    for term, columns in zip(terms, read.slices, strict=True):
        for name in term:
            if not isinstance(typed[name].dtype, pd.CategoricalDtype):
                X[:, columns] *= typed[name].to_numpy(dtype=float)[:, None]
    return X


def _formula(
    terms: Sequence[Term],
    tokens: Mapping[str, str],
    factors: Mapping[str, tuple[str, ...]],
    coding: Coding,
) -> str:
    """The terms in the parser's words, each variable by its token."""
    summed = factors if coding == "sum" else {}
    words = {
        name: f"C({token}, contr.sum)" if name in summed else token
        for name, token in tokens.items()
    }
    named = [":".join(words[name] for name in term) or "1" for term in terms]
    return " + ".join(named if INTERCEPT in terms else ["0", *named])


def _named(column: str, variables: Sequence[str]) -> str:
    """The name of a column of the matrix, in the variables' own names."""
    return _TOKEN.sub(lambda found: variables[int(found[1])], column)


def rows_for(design: Design, grid: pd.DataFrame) -> FloatArray:
    """Rows of X for other values of the variables, shape (len(grid), p + aliased).

    After the p columns of X come as many as were left out. They hold how far the row is from the
    row space of the design: all are zero in a row that is estimable, and in a sum of rows that is.
    A row of a level that no row of the design has is NaN.
    """
    typed = with_levels(grid[list(design.tokens)], design.factors)
    known = typed[list(design.factors)].notna().all(axis=1).to_numpy()
    every = np.full((len(typed), len(design.kept) + len(design.aliased)), np.nan)
    if known.any():
        every[known] = _read_on(design, typed[known])
    X = every[:, design.kept]
    if not design.aliased:
        return X
    rest = np.delete(every, design.kept, axis=1)
    return np.hstack([X, (rest - X @ design.aliased_from_kept) / design.aliased_unit])


def _read_on(design: Design, typed: pd.DataFrame) -> FloatArray:
    """All columns of the design's formula on other rows, whose levels the design has."""
    if design.combinations is None:
        rows = typed.rename(columns=design.tokens)
        return np.asarray(design.spec.get_model_matrix(rows), dtype=float)
    terms = [term for term, _ in design.terms]
    cell = _combination(typed, design.factors)
    return _spread(design.combinations, cell, terms, typed, order="C")


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
