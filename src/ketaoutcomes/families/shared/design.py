"""A frame and a formula become a design matrix, and that the linear combinations that are LS means.

Searle, Speed & Milliken 1980, Am Stat 34:216-221: an LS mean is the mean over a reference grid of
all levels of the factors with numeric covariates at their means over the rows used.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any, Literal

import numpy as np
import pandas as pd
from formulaic import Formula, ModelSpec, model_matrix
from numpy.typing import NDArray

from ketaoutcomes.numerics.row_space import NOT_ESTIMABLE
from ketaoutcomes.vocabulary import LsMeanWeighting

FloatArray = NDArray[np.float64]
Coding = Literal["treatment", "sum"]


@dataclass(frozen=True)
class Design:
    """A design matrix with what rebuilds it on other rows.

    Attributes
    ----------
    X : array, shape (n, p)
    names : tuple of str
        Column names.
    terms : tuple of (str, slice)
        Columns of each term of the formula.
    spec : ModelSpec
    factors : mapping
        Levels of each factor of the formula, first = reference.
    frame : DataFrame, shape (n, variables)
        The rows used.
    kept : int array, shape (p,)
        Places of the columns of X among all columns of the formula.
    aliased : tuple of str
        Columns left out because earlier ones determine them.
    aliased_from_kept : array, shape (p, aliased)
        The columns left out are X times this.
    aliased_unit : array, shape (aliased,)
        Root mean square of each column left out.
    """

    X: FloatArray
    names: tuple[str, ...]
    terms: tuple[tuple[str, slice], ...]
    spec: ModelSpec
    factors: Mapping[str, tuple[str, ...]]
    frame: pd.DataFrame
    kept: NDArray[np.int64]
    aliased: tuple[str, ...]
    aliased_from_kept: FloatArray
    aliased_unit: FloatArray

    def estimable(self, c: FloatArray) -> FloatArray | None:
        """The combination of coefficients of a row of `rows_for` or of a sum of such rows.

        A combination is estimable if and only if it lies in the row space of the whole design
        (Searle 1971, Linear Models, section 5.4); None for any other.
        """
        p = len(self.kept)
        # not a number fails the comparison, too
        in_row_space = (np.abs(c[p:]) < NOT_ESTIMABLE).all() and np.isfinite(c[:p]).all()
        return c[:p] if in_row_space else None


def build_design(
    frame: pd.DataFrame,
    formula: str,
    factors: Mapping[str, tuple[str, ...]],
    coding: Coding = "treatment",
) -> Design:
    """Design matrix of a formula.

    Parameters
    ----------
    frame : DataFrame
        Complete rows.
    formula : str
        Right-hand side, as in Wilkinson & Rogers 1973.
    factors : mapping
        Levels of each categorical variable, first = reference. Those that the formula does not name
        are not used.
    coding : {"treatment", "sum"}
        Coding of the factors: differences from the first level, or from the mean of the levels.
    """
    terms = Formula(formula)
    variables = {str(variable) for variable in terms.required_variables}
    used = {name: tuple(levels) for name, levels in factors.items() if name in variables}
    typed = with_levels(frame, used)
    matrix = model_matrix(_coded(terms, used) if coding == "sum" else formula, typed)
    X = np.asarray(matrix, dtype=float)
    slices = matrix.model_spec.term_slices.values()
    return Design(
        X=X,
        names=tuple(map(str, matrix.columns)),
        terms=tuple((str(term), place) for term, place in zip(terms, slices, strict=True)),
        spec=matrix.model_spec,
        factors=used,
        frame=typed[[name for name in typed if name in variables]],
        kept=np.arange(X.shape[1]),
        aliased=(),
        aliased_from_kept=np.zeros((X.shape[1], 0)),
        aliased_unit=np.zeros(0),
    )


def with_levels(frame: pd.DataFrame, factors: Mapping[str, tuple[str, ...]]) -> pd.DataFrame:
    """The frame with its factors as categories in their order of levels."""
    categorical: dict[str, Any] = {
        name: pd.Categorical(frame[name], categories=list(levels))
        for name, levels in factors.items()
    }
    return frame.assign(**categorical)


def _coded(terms: Formula, factors: Mapping[str, tuple[str, ...]]) -> str:
    """The formula with its factors in sum-to-zero coding."""
    words = [
        ":".join(
            f"C({factor.expr}, contr.sum)" if factor.expr in factors else factor.expr
            for factor in term.factors
        )
        for term in terms
    ]
    return " + ".join(words if "1" in words else ["0", *words])


def rows_for(design: Design, grid: pd.DataFrame) -> FloatArray:
    """Rows of X for other values of the variables, shape (len(grid), p + aliased).

    After the p columns of X come as many as were left out. They hold how far the row is from the
    row space of the design: all are zero in a row that is estimable, and in a sum of rows that is.
    A row of a level that no row of the design has is NaN.
    """
    typed = with_levels(grid, design.factors)
    known = typed[list(design.factors)].notna().all(axis=1).to_numpy()
    every = np.full((len(typed), len(design.kept) + len(design.aliased)), np.nan)
    if known.any():
        every[known] = np.asarray(design.spec.get_model_matrix(typed[known]), dtype=float)
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
    design: Design, by: tuple[str, ...], weighting: LsMeanWeighting = "equal"
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
    """
    others = tuple(name for name in design.factors if name not in by)
    by_levels = tuple(product(*(design.factors[name] for name in by)))
    other_levels = tuple(product(*(design.factors[name] for name in others)))
    X = rows_for(design, _reference_grid(design, (*by, *others), by_levels, other_levels))
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
    numeric = {name: float(design.frame[name].mean()) for name in covariates}
    grid = [dict(zip(names, (*b, *o), strict=True)) for b in by_levels for o in other_levels]
    return pd.DataFrame(grid).assign(**numeric)


def _weights(
    design: Design, by: tuple[str, ...], others: tuple[str, ...], weighting: LsMeanWeighting
) -> FloatArray:
    """Weights of the other factors' combinations, shape (by, others), each row of sum one."""
    by_shape = [len(design.factors[name]) for name in by]
    other_shape = [len(design.factors[name]) for name in others]
    counts = np.zeros((int(np.prod(by_shape)), int(np.prod(other_shape))))
    np.add.at(counts, (_cell(design, by, by_shape), _cell(design, others, other_shape)), 1)
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
