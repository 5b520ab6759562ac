"""Design matrices and the linear combinations that are LS means.

Searle, Speed & Milliken 1980, Am Stat 34:216-221: an LS mean is the mean over a reference grid of
all levels of the factors with numeric covariates at their means.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any, Literal

import numpy as np
import pandas as pd
from formulaic import ModelSpec, model_matrix
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
Weighting = Literal["equal", "observed", "proportional"]


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
        Levels of each factor, first = reference.
    frame : DataFrame, shape (n, variables)
        The rows used.
    """

    X: FloatArray
    names: tuple[str, ...]
    terms: tuple[tuple[str, slice], ...]
    spec: ModelSpec
    factors: Mapping[str, tuple[str, ...]]
    frame: pd.DataFrame


def build_design(
    frame: pd.DataFrame, formula: str, factors: Mapping[str, tuple[str, ...]]
) -> Design:
    """Design matrix of a formula with treatment contrasts.

    Parameters
    ----------
    frame : DataFrame
        Complete rows.
    formula : str
        Right-hand side, as in Wilkinson & Rogers 1973.
    factors : mapping
        Levels of each categorical variable, first = reference.
    """
    typed = _typed(frame, factors)
    matrix = model_matrix(formula, typed)
    spec = matrix.model_spec
    return Design(
        X=np.asarray(matrix, dtype=float),
        names=tuple(map(str, matrix.columns)),
        terms=tuple((str(term), columns) for term, columns in spec.term_slices.items()),
        spec=spec,
        factors=dict(factors),
        frame=typed[[str(v) for v in sorted(spec.variables) if str(v) in typed]],
    )


def _typed(frame: pd.DataFrame, factors: Mapping[str, tuple[str, ...]]) -> pd.DataFrame:
    categorical: dict[str, Any] = {
        name: pd.Categorical(frame[name], categories=list(levels))
        for name, levels in factors.items()
    }
    return frame.assign(**categorical)


@dataclass(frozen=True)
class LsMeanRows:
    """Linear combinations of the coefficients, one an LS mean.

    Attributes
    ----------
    levels : tuple of tuple of str
        Levels of the `by` factors of each row.
    L : array, shape (rows, p)
    """

    levels: tuple[tuple[str, ...], ...]
    L: FloatArray


def ls_mean_rows(design: Design, by: tuple[str, ...], weighting: Weighting = "equal") -> LsMeanRows:
    """LS means of each combination of the levels of some factors.

    Parameters
    ----------
    by : tuple of str
        Factors, the last varying fastest.
    weighting : {"equal", "observed", "proportional"}
        Weights of the other factors' levels: equal; as observed within each combination of `by`;
        or as in the product of their margins in all rows used.
    """
    others = tuple(name for name in design.factors if name not in by and name in design.frame)
    numeric = {
        name: float(design.frame[name].mean())
        for name in design.frame
        if name not in design.factors
    }
    other_levels = list(product(*(design.factors[name] for name in others)))
    by_levels = tuple(product(*(design.factors[name] for name in by)))
    grid = pd.DataFrame(
        [dict(zip((*by, *others), (*b, *o), strict=True)) for b in by_levels for o in other_levels]
    ).assign(**numeric)
    X = np.asarray(design.spec.get_model_matrix(_typed(grid, design.factors)), dtype=float)
    blocks = X.reshape(len(by_levels), len(other_levels), -1)
    weights = np.stack(
        [_weights(design, by, levels, others, other_levels, weighting) for levels in by_levels]
    )
    return LsMeanRows(by_levels, np.einsum("bo,bop->bp", weights, blocks))


def _weights(
    design: Design,
    by: tuple[str, ...],
    levels: tuple[str, ...],
    others: tuple[str, ...],
    other_levels: list[tuple[Any, ...]],
    weighting: Weighting,
) -> FloatArray:
    """Weights of the combinations of the other factors, summing to one."""
    if weighting == "equal" or not others:
        return np.full(len(other_levels), 1 / len(other_levels))
    frame = design.frame
    if weighting == "proportional":
        margins = [frame[name].value_counts(normalize=True) for name in others]
        return np.array(
            [
                np.prod([margin[level] for margin, level in zip(margins, combination, strict=True)])
                for combination in other_levels
            ]
        )
    here = (frame[list(by)].astype(str) == list(levels)).all(axis=1)
    keys = list(zip(*(frame.loc[here, name].astype(str) for name in others), strict=True))
    counts = np.array([keys.count(combination) for combination in other_levels], dtype=float)
    return counts / counts.sum()


def type_three_rows(design: Design, term: str) -> FloatArray:
    """Rows that test a term in the sum-to-zero coding: type III.

    Parameters
    ----------
    term : str
        A term of the formula, as in `Design.terms`.
    """
    coded = {name: _sum_coding(levels) for name, levels in design.factors.items()}
    columns = _term_in_sum_coding(design, term, coded)
    others = [_term_in_sum_coding(design, name, coded) for name, _ in design.terms if name != term]
    together = np.hstack([columns, *others])
    coefficients = np.linalg.lstsq(together, design.X, rcond=None)[0]
    return np.asarray(coefficients[: columns.shape[1]])


def _sum_coding(levels: tuple[str, ...]) -> pd.DataFrame:
    k = len(levels)
    coding = np.vstack([np.eye(k - 1), -np.ones(k - 1)])
    return pd.DataFrame(coding, index=list(levels))


def _term_in_sum_coding(design: Design, term: str, coded: Mapping[str, pd.DataFrame]) -> FloatArray:
    """Columns of one term with sum-to-zero factors."""
    columns = np.ones((len(design.frame), 1))
    if term == "1":
        return columns
    for variable in term.split(":"):
        values = (
            coded[variable].loc[design.frame[variable]].to_numpy()
            if variable in coded
            else design.frame[[variable]].to_numpy(dtype=float)
        )
        columns = (columns[:, :, None] * values[:, None, :]).reshape(len(columns), -1)
    return columns
