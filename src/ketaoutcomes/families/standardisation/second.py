"""Standardised risks by a second program: statsmodels' Logit and stacked estimating equations.

The risk is the solution of sum(p_i(beta) - risk) = 0 next to the score of the regression; its
error is the sandwich of all equations together: Stefanski & Boos 2002, Am Stat 56:29-38.
"""

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ketaoutcomes.endpoints.data import BinaryData
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.estimand import Estimand
from ketaoutcomes.results import Result
from ketaoutcomes.second.cells import coded
from ketaoutcomes.second.check import SAME_OPTIMUM, Check, Second, program_of
from ketaoutcomes.second.rows import asked_of, wald

if TYPE_CHECKING:
    from ketaoutcomes.families.standardisation.plan import StandardisationAnalysis

FloatArray = NDArray[np.float64]
TABLE = "gcmt01"
RANK = 1e-9
EXTREME = 15.0
"""A linear predictor beyond which a probability is 0 or 1 for all purposes."""


def check_standardisation(
    plan: AnalysisPlan,
    name: str,
    analysis: "StandardisationAnalysis",
    estimand: Estimand,
    endpoint: BinaryData,
    results: tuple[Result, ...],
) -> tuple[Check, ...]:
    """Standardised risks of arms and of levels of factors, and their differences."""
    asked = asked_of(plan, name, results)
    frame = endpoint.frame[endpoint.frame["visit"] == (estimand.visit or "")]
    if analysis.missing_as == "failure":
        frame = frame.assign(outcome=frame["outcome"].fillna(float(endpoint.unwanted)))
    frame = frame[frame["outcome"].notna()].reset_index(drop=True)
    columns = tuple(dict.fromkeys(("arm", *analysis.covariates, *analysis.by)))

    def risk(row: Result) -> Second | None:
        return _second(frame, columns, row, (_active(row),))

    def difference(row: Result) -> Second | None:
        factor, level = _active(row)
        return _second(frame, columns, row, ((factor, level), (factor, row.reference)))

    return (
        *asked.checked("standardised risk", risk, table=TABLE, contrast=False),
        *asked.checked("risk difference", difference, table=TABLE),
    )


def _active(row: Result) -> tuple[str, str]:
    """The column and the level that everybody has: the arm, or that of another factor."""
    if not row.group:
        return "arm", row.arm
    factor, level = row.group.split(": ", 1)
    return factor, level


def _second(
    frame: pd.DataFrame,
    columns: tuple[str, ...],
    row: Result,
    settings: tuple[tuple[str, str], ...],
) -> Second | None:
    """The mean risk of everybody in one setting, or less that in another.

    None where covariates separate the outcomes: the library's likelihood then has no optimum.
    """
    levels = {c: sorted(frame[c].astype(str).unique()) for c in columns if _is_factor(frame[c])}
    X = _design(frame, columns, levels)
    _, s, vt = np.linalg.svd(X, full_matrices=False)
    basis = vt[s > RANK * s[0]].T
    own = X @ basis
    y = frame["outcome"].to_numpy(dtype=float)
    from statsmodels.discrete.discrete_model import Logit  # noqa: PLC0415 - slow to import

    beta = Logit(y, own).fit(disp=0, method="newton", tol=1e-12, maxiter=100).params
    if np.abs(own @ beta).max() > EXTREME:
        return None
    fitted = 1 / (1 + np.exp(-own @ beta))
    inverse = np.linalg.inv((own.T * (fitted * (1 - fitted))) @ own)
    estimate, influence = 0.0, np.zeros(len(y))
    for sign, (factor, level) in zip((1.0, -1.0), settings, strict=False):
        there = _design(frame.assign(**{factor: level}), columns, levels) @ basis
        p = 1 / (1 + np.exp(-there @ beta))
        slope = (p * (1 - p)) @ there / len(y)
        through_beta = (own * (y - fitted)[:, None]) @ inverse @ slope
        influence += sign * ((p - p.mean()) / len(y) + through_beta)
        estimate += sign * float(p.mean())
    second = Second(
        program=program_of("statsmodels", "Logit; stacked estimating equations"),
        tolerance=SAME_OPTIMUM,
        estimate=estimate,
        std_error=float(np.sqrt(influence @ influence)),
    )
    return wald(second, row) if row.reference else _on_the_logit(second, row)


def _on_the_logit(second: Second, row: Result) -> Second:
    """With the interval of a risk, by the delta method for its log odds."""
    risk, error = second.estimate or 0.0, second.std_error or 0.0
    if row.conf_level is None or not 0 < risk < 1:
        return second
    from scipy import special, stats  # noqa: PLC0415 - slow to import

    half = float(stats.norm.isf((1 - row.conf_level) / 2)) * error / (risk * (1 - risk))
    low, high = special.expit(special.logit(risk) + np.array([-half, half]))
    return replace(second, conf_low=float(low), conf_high=float(high))


def _is_factor(values: pd.Series) -> bool:
    return not pd.api.types.is_numeric_dtype(values)


def _design(
    frame: pd.DataFrame, columns: tuple[str, ...], levels: dict[str, list[str]]
) -> FloatArray:
    """A constant, numbers as they are, an indicator for every level."""
    parts = [coded(frame[name], levels.get(name)) for name in columns]
    return np.column_stack([np.ones(len(frame)), *parts])
