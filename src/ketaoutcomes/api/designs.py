"""Arms and covariates of a table become the columns of a design."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ketaoutcomes.api.tables import Rows
from ketaoutcomes.errors import DataError

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class NamedDesign:
    """Columns of a model without an intercept.

    Attributes
    ----------
    X : array, shape (n, p)
    names : tuple of str, shape (p,)
        A numeric covariate, or `column[level]` of each level of a factor but the first.
    terms : tuple of tuple of int
        The columns of each term.
    """

    X: FloatArray
    names: tuple[str, ...]
    terms: tuple[tuple[int, ...], ...]


def design_of(
    rows: Rows, covariates: Sequence[str], *, arm: str | None = None, reference: object = None
) -> NamedDesign:
    """The arm, if there is one, before the covariates.

    Raises
    ------
    DataError
        If there is nothing in the model.
    """
    named: list[tuple[str, FloatArray]] = []
    terms: list[tuple[int, ...]] = []
    for column in dict.fromkeys([*([arm] if arm else []), *covariates]):
        coded = list(_coded(rows, column, column == arm, reference))
        terms.append(tuple(range(len(named), len(named) + len(coded))))
        named += coded
    if not named:
        raise DataError("the model has no term: name an arm or covariates that differ")
    matrix = np.column_stack([values for _, values in named])
    return NamedDesign(matrix, tuple(name for name, _ in named), tuple(terms))


def _coded(
    rows: Rows, column: str, is_arm: bool, reference: object
) -> Iterator[tuple[str, FloatArray]]:
    """A number as it is, unless it is the arm; of a factor an indicator of each further level."""
    values = rows.frame[column]
    if pd.api.types.is_numeric_dtype(values) and not is_arm:
        yield column, values.to_numpy(dtype=np.float64)
        return
    for level in rows.levels(column, reference if is_arm else None)[1:]:
        yield f"{column}[{level}]", (values == level).to_numpy(dtype=np.float64)
