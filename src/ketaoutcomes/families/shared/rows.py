"""Rows of results that several families write: what all say, comparisons, proportions."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ketaoutcomes.endpoints.data import EndpointData
from ketaoutcomes.numerics.distributions import norm
from ketaoutcomes.numerics.proportions import Proportion, number_needed_to_treat
from ketaoutcomes.plan.analysis import AnalysisPart
from ketaoutcomes.plan.estimand import Estimand
from ketaoutcomes.results import Result


def analysis_row(
    table: str, name: str, analysis: AnalysisPart, endpoint: EndpointData, **fields: Any
) -> Result:
    """A row that says which analysis it belongs to, for others to be made from.

    Parameters
    ----------
    fields
        Further fields of the result.
    """
    return Result(
        **{"table": table, "statistic": ""} | fields,
        analysis=name,
        role=analysis.role,
        estimand=analysis.estimand,
        endpoint=endpoint.name,
        phase=endpoint.phase,
    )


FloatArray = NDArray[np.float64]
BEYOND_MEASURE = 50.0
"""A log ratio or standard error beyond this comes from a likelihood that is flat or has no top."""


def with_ratio(row: Result, log_ratio: float, std_error: float, conf_level: float) -> Result:
    """The row with a ratio; standard error, Wald test and interval are those of its logarithm."""
    if not (abs(log_ratio) < BEYOND_MEASURE and 0 < std_error < BEYOND_MEASURE):
        return replace(row, status="failed", message="the data do not bound the ratio")
    half = float(norm.isf((1 - conf_level) / 2)) * std_error
    z = log_ratio / std_error
    return replace(
        row,
        estimate=float(np.exp(log_ratio)),
        std_error=std_error,
        test_statistic=z,
        p_value=float(2 * norm.sf(abs(z))),
        conf_low=float(np.exp(log_ratio - half)),
        conf_high=float(np.exp(log_ratio + half)),
        conf_level=conf_level,
    )


def compared(frame: pd.DataFrame, estimand: Estimand) -> pd.DataFrame:
    """The rows of the arms of an estimand."""
    here = frame["arm"].isin(estimand.treatment.arms)
    # a copy of all rows of a large cohort would be kept to the end of its analysis
    every = here.all() and isinstance(frame.index, pd.RangeIndex) and frame.index.start == 0
    return frame if every else frame[here].reset_index(drop=True)


def common_result(name: str, analysis: AnalysisPart, endpoint: str, phase: str) -> Result:
    """What every result of an analysis has in common."""
    return Result(
        table="ttet01",
        statistic="",
        analysis=name,
        role=analysis.role,
        estimand=analysis.estimand,
        endpoint=endpoint,
        phase=phase,
    )


@dataclass(frozen=True)
class Design:
    """Columns of a proportional hazards model, and which of them make up each term.

    Attributes
    ----------
    X : array, shape (n, p)
        The arm first, 1 for active; factors as indicators of all levels but the first.
    terms : tuple of (str, tuple of int)
    """

    X: FloatArray
    terms: tuple[tuple[str, tuple[int, ...]], ...]


def design_of(frame: pd.DataFrame, active: str, covariates: tuple[str, ...]) -> Design:
    """The arm and these covariates of a frame, without covariates that are the same for all."""
    columns = [(frame["arm"] == active).to_numpy(dtype=float)[:, None]]
    terms: list[tuple[str, tuple[int, ...]]] = [("arm", (0,))]
    for name in covariates:
        if frame[name].dropna().drop_duplicates().size == 1:
            continue
        coded = pd.get_dummies(frame[[name]], drop_first=True, dtype=float).to_numpy(dtype=float)
        first = sum(column.shape[1] for column in columns)
        columns.append(coded)
        terms.append((name, tuple(range(first, first + coded.shape[1]))))
    return Design(np.concatenate(columns, axis=1), tuple(terms))


def with_limits(row: Result, proportion: Proportion) -> Result:
    """The row with an estimate and its limits."""
    return replace(
        row,
        estimate=proportion.estimate,
        conf_low=proportion.conf_low,
        conf_high=proportion.conf_high,
    )


def rows_of_one_arm(
    rows: tuple[Result, ...], common: Result, estimand: Estimand
) -> tuple[Result, ...]:
    """The rows of an arm that is compared with none, or why there is none."""
    if rows:
        return rows
    row = replace(common, statistic="proportion", arm=estimand.treatment.active, conf_level=None)
    return (replace(row, status="failed", message="the arm has no participant with an outcome"),)


def ratio_row(row: Result, ratio: Proportion | None) -> Result:
    """The row with a ratio, or why there is none."""
    if ratio is None:
        return replace(row, status="warning", message="not defined: a cell of the table is empty")
    return with_limits(row, ratio)


def number_needed_row(row: Result, difference: Proportion) -> Result:
    """The number needed to treat of a difference."""
    nnt = number_needed_to_treat(difference)
    bounds = [_finite(nnt.bound_low), _finite(nnt.bound_high)]
    outside = nnt.through_infinity and None not in bounds
    low, high = reversed(bounds) if outside else bounds
    return replace(
        row,
        statistic="number needed to treat",
        estimate=_finite(nnt.estimate),
        conf_low=low,
        conf_high=high,
        status="warning" if nnt.through_infinity else "ok",
        message=OUTSIDE if outside else THROUGH_INFINITY if nnt.through_infinity else "",
    )


THROUGH_INFINITY = "the interval runs through infinity"
OUTSIDE = f"{THROUGH_INFINITY}: it holds what is outside the limits, not what is between them"
"""Limits are written in order; those of opposite signs then stand for benefit and harm."""


def _finite(number: float) -> float | None:
    return None if number in (float("inf"), float("-inf")) else number
