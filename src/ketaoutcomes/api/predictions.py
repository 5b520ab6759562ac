"""Predicted means and residuals of the rows of a frame."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ketaoutcomes.api.formula import Computed, ModelFormula
from ketaoutcomes.api.rows import check_subjects, plain
from ketaoutcomes.errors import DataError, did_you_mean
from ketaoutcomes.families.shared.design import Design, rows_for
from ketaoutcomes.families.shared.partitions import RowLayout, row_arrays
from ketaoutcomes.numerics.distributions import norm
from ketaoutcomes.numerics.mmrm.contrasts import Inference
from ketaoutcomes.numerics.mmrm.patterns import SubjectRows, subject_rows
from ketaoutcomes.numerics.mmrm.residuals import predict, residuals

FloatArray = NDArray[np.float64]
COLUMNS = ("estimate", "std_error", "conf_low", "conf_high")


@dataclass(frozen=True)
class FittedModel:
    """A model with all that applies it to other rows.

    Attributes
    ----------
    formula : ModelFormula
    layout : RowLayout
        Columns, factors with their levels, and visits.
    computed : mapping
        How the expressions of the formula are computed.
    design : Design
        Of rows that stand for all.
    inference : Inference
        The fit, with how uncertainty is measured.
    """

    formula: ModelFormula
    layout: RowLayout
    computed: Mapping[str, Computed]
    design: Design
    inference: Inference


def fitted_means(model: FittedModel, frame: pd.DataFrame, level: float) -> pd.DataFrame:
    """Means of the population that each row belongs to; not a number where a covariate is missing.

    Raises
    ------
    DataError
        If a column is missing, or a level was not in the fit.
    """
    _check_columns(model.formula.columns_of_terms, frame)
    X = _design_rows(model, frame)
    known = np.isfinite(X).all(axis=1)
    found = np.full((len(frame), len(COLUMNS)), np.nan)
    mean = X[known] @ model.inference.fit.beta
    own = model.inference.fit.own_rows(X[known])
    std_error = np.sqrt(np.einsum("np,pq,nq->n", own, model.inference.own_covariance, own))
    half = float(norm.ppf(0.5 + level / 2)) * std_error
    found[known] = np.column_stack([mean, std_error, mean - half, mean + half])
    return pd.DataFrame(found, index=frame.index, columns=list(COLUMNS))


def _check_columns(names: tuple[str, ...], frame: pd.DataFrame) -> None:
    for name in names:
        if name not in frame:
            hint = did_you_mean(name, map(str, frame.columns))
            raise DataError(f"the new data have no column `{name}`" + (hint and f"; {hint}"))


def _design_rows(model: FittedModel, frame: pd.DataFrame) -> FloatArray:
    """Rows of X; not a number where a covariate is missing, shape (n, p)."""
    columns = list(model.formula.columns_of_terms)
    complete = frame[columns].notna().all(axis=1).to_numpy()
    rows = frame.loc[complete, columns].apply(plain)
    for name, levels in model.design.factors.items():
        unknown = set(rows[name]) - set(levels)
        if unknown:
            raise DataError(
                f"the column `{name}` has a level that was not in the fit: "
                f"{', '.join(sorted(map(str, unknown)))}"
            )
    values = {
        name: model.computed[name].of(rows)
        for name in model.formula.variables
        if name in model.computed
    }
    X = np.full((len(frame), len(model.design.kept)), np.nan)
    if complete.any():
        X[complete] = rows_for(model.design, rows.assign(**values))[:, : len(model.design.kept)]
    return X


def conditional_means(model: FittedModel, frame: pd.DataFrame, level: float) -> pd.DataFrame:
    """Means given the participant's outcomes in the frame; one that is known is its own.

    Raises
    ------
    DataError
        If a column is missing, or a participant has two rows at a visit.
    """
    own = (
        model.layout.subject,
        model.layout.visit,
        model.layout.group,
        model.layout.weights,
        *model.layout.coordinates,
    )
    needed = (*model.formula.columns, *(name for name in own if name is not None))
    _check_columns(needed, frame)
    X = _design_rows(model, frame)
    complete = frame[[name for name in own if name is not None]].notna().all(axis=1).to_numpy()
    chosen = complete & np.isfinite(X).all(axis=1)
    rows = frame[chosen].apply(plain)
    check_subjects(rows, model.layout)
    outcome = _outcome(model, rows)
    at, places = _cells(
        model.layout, rows.assign(**{model.layout.outcome: outcome.fillna(0.0)}), X[chosen]
    )
    of_all = places.X
    observed = np.zeros_like(places.observed)
    observed[at] = outcome.notna().to_numpy()
    seen = replace(places, Z=np.where(observed[..., None], places.Z, 0.0), observed=observed)
    prediction = predict(model.inference.fit, seen, of_all, level)
    found = np.full((len(frame), len(COLUMNS)), np.nan)
    parts = (prediction.mean, prediction.std_error, prediction.conf_low, prediction.conf_high)
    found[chosen] = np.column_stack([part[at] for part in parts])
    return pd.DataFrame(found, index=frame.index, columns=list(COLUMNS))


def _outcome(model: FittedModel, rows: pd.DataFrame) -> pd.Series:
    """The outcome where it is known."""
    known = rows[list(model.formula.columns_of(model.formula.outcome))].notna().all(axis=1)
    outcome = pd.Series(np.nan, index=rows.index)
    how = model.computed.get(model.formula.outcome)
    outcome[known] = (rows[model.formula.outcome] if how is None else how.of(rows[known]))[known]
    return outcome


def _cells(
    layout: RowLayout, rows: pd.DataFrame, X: FloatArray
) -> tuple[tuple[NDArray[np.int64], NDArray[np.int64]], SubjectRows]:
    """Rows by subject and visit, and where each row stands among them."""
    data = row_arrays(rows, layout, X)
    if (data.visit < 0).any():
        unknown = rows.loc[data.visit < 0, layout.visit].astype(str).unique()
        raise DataError(
            f"the column `{layout.visit}` has a visit that was not in the fit: {', '.join(unknown)}"
        )
    n_visits = len(layout.visits)
    return (data.subject, data.visit), subject_rows(
        data.y, data.X, data.subject, data.visit, n_visits, **data.options
    )


def rows_by_subject(frame: pd.DataFrame, layout: RowLayout, design: Design) -> SubjectRows:
    """The rows of the fit by subject and visit."""
    return _cells(layout, frame, rows_for(design, frame)[:, : len(design.kept)])[1]


def residuals_by_row(model: FittedModel, frame: pd.DataFrame, kind: str) -> pd.Series:
    """Residuals of the rows of the fit.

    Parameters
    ----------
    kind : {"raw", "pearson", "normalised"}
    """
    rows = model.inference.rows or rows_by_subject(frame, model.layout, model.design)
    found = residuals(model.inference.fit, rows)
    by_kind = {"raw": found.response, "pearson": found.pearson, "normalised": found.normalised}
    data = row_arrays(frame, model.layout, np.zeros((len(frame), 0)))
    return pd.Series(by_kind[kind][data.subject, data.visit], index=frame.index, name="residual")
