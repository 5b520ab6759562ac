"""Models of success and failure whose outcomes are partly separated.

Where all of an arm, or none, are successes at a visit, an effect is infinite. The rest of the model
has finite estimates: those of the outcomes that are not separated. What depends on the infinite
effect is not estimable on the odds scale; Firth's penalised likelihood gives a finite odds ratio.
"""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ketaoutcomes.families.shared.aliasing import without_aliased
from ketaoutcomes.families.shared.design import build_design
from ketaoutcomes.families.shared.repeated_measures import RepeatedMeasures
from ketaoutcomes.numerics.firth import firth_coefficient
from ketaoutcomes.numerics.row_space import NOT_ESTIMABLE, RowSpace
from ketaoutcomes.numerics.separation import Separation, separation_of
from ketaoutcomes.results import Result

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

PENALISED = "penalised odds ratio"
FIRTH = (
    "Firth penalised likelihood (Firth 1993; Heinze & Schemper 2002), profile interval, "
    "outcomes of the visit alone"
)
AT_LIMIT = 35.0
"""A linear predictor whose probability is 0 or 1 to machine precision."""


@dataclass(frozen=True)
class FinitePart:
    """The coefficients of a logistic model that have finite estimates.

    Attributes
    ----------
    separation : Separation
    space : RowSpace
        Of the rows whose outcomes are not separated.
    """

    separation: Separation
    space: RowSpace

    @staticmethod
    def of(X: FloatArray, y: FloatArray) -> "FinitePart":
        """Of a design, shape (n, p), with outcomes 0 and 1."""
        separation = separation_of(X, y)
        return FinitePart(separation, RowSpace.of(X[~separation.separated]))

    @property
    def separated(self) -> BoolArray:
        """The outcomes whose fitted probability is 0 or 1, shape (n,)."""
        return self.separation.separated

    def design(self, X: FloatArray) -> FloatArray:
        """The design of the finite coefficients; rows of separated outcomes are zero."""
        return np.where(self.separated[:, None], 0.0, self.space.columns(X))

    def offset(self, y: FloatArray) -> FloatArray:
        """Linear predictors of the separated outcomes, zero for the others."""
        return np.where(self.separated, (2 * y - 1) * AT_LIMIT, 0.0)

    def combination(self, c: FloatArray) -> FloatArray | None:
        """The combination in the finite coefficients; None where it is infinite."""
        if self.separation.sides(c[None])[0] != 0:
            return None
        finite = self.space.reduced(c)
        return None if np.isnan(finite).any() else finite


@dataclass(frozen=True)
class Settings:
    """Rows at which mean probabilities are taken: those with finite predictors, and the others.

    Attributes
    ----------
    X : array, shape (finite, q)
    n : int
        All rows.
    certain : int
        Rows whose probability is 1.
    """

    X: FloatArray
    n: int
    certain: int


def settings_of(
    data: RepeatedMeasures, rows: FloatArray, part: FinitePart | None
) -> Settings | None:
    """Rows of `rows_for` in the coefficients of the fit; None if one is not estimable."""
    p = len(data.design.kept)
    outside = np.abs(rows[:, p:]) > NOT_ESTIMABLE
    if outside.any() or np.isnan(rows).any():
        return None
    X = rows[:, :p]
    if part is None:
        return Settings(X, len(X), 0)
    sides = part.separation.sides(X)
    finite = part.space.reduced(X[sides == 0])
    if np.isnan(finite).any():
        return None
    return Settings(finite, len(X), int((sides > 0).sum()))


def separation_words(data: RepeatedMeasures, visit: str, *arms: str) -> str:
    """Why an effect at a visit is infinite: an arm with no success, or with nothing else."""
    here = data.observed["visit"] == visit
    words = []
    for arm in arms:
        y = data.y[(here & (data.observed["arm"] == arm)).to_numpy()]
        if y.size and y.min() == y.max():
            words.append(f"{'every' if y[0] else 'no'} participant in {arm} met the criterion")
    if words:
        return f"{' and '.join(words)} at {visit}"
    return f"a covariate separates the outcomes at {visit}"


def penalised_odds_ratio(
    row: Result, frame: pd.DataFrame, y: FloatArray, covariates: tuple[str, ...], conf_level: float
) -> Result | None:
    """The odds ratio of the two arms of a row by penalised likelihood; None if it has none.

    Parameters
    ----------
    frame : DataFrame
        Participants of one visit: `arm` and the covariates.
    y : array, shape (n,)
    """
    compared = frame["arm"].isin([row.arm, row.reference]).to_numpy()
    frame, y = frame[compared], y[compared]
    factors = {"arm": (row.reference, row.arm)} | {
        name: tuple(sorted(frame[name].unique()))
        for name in covariates
        if not pd.api.types.is_numeric_dtype(frame[name])
    }
    design = without_aliased(
        build_design(frame, ((name,) for name in ("arm", *covariates)), factors)
    )
    if f"arm[T.{row.arm}]" not in design.names:
        return None
    try:
        found = firth_coefficient(design.X, y, design.names.index(f"arm[T.{row.arm}]"), conf_level)
    except (ValueError, np.linalg.LinAlgError):
        return None
    return replace(
        row,
        statistic=PENALISED,
        estimate=float(np.exp(found.estimate)),
        conf_low=float(np.exp(found.conf_low)),
        conf_high=float(np.exp(found.conf_high)),
        conf_level=conf_level,
        test_statistic=found.statistic,
        p_value=found.p_value,
        n=len(y),
        method=FIRTH,
        status="ok",
        message="",
    )
