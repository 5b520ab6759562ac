"""Replicates become bias, coverage, power and type I error, each with its Monte-Carlo error.

Formulas: Morris, White & Crowther 2019, Stat Med 38:2074-2102, table 6.
"""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.power.design import Cell
from ketaoutcomes.results import Result

TABLE = "powt01"
FEWEST_REPLICATES = 2


def summarise(
    plan: AnalysisPlan,
    tables: Mapping[Cell, pd.DataFrame],
    truths: Mapping[str, Result | None],
) -> tuple[Result, ...]:
    """Results of every analysis and cell.

    Parameters
    ----------
    tables : mapping of Cell to DataFrame
        All replicates of the cell, columns `replicates.COLUMNS`.
    truths : mapping of str to Result or None
        True value of each analysis under the scenario, where it is known.
    """
    return tuple(
        row
        for cell, table in tables.items()
        for name, truth in truths.items()
        for row in _of_analysis(plan, cell, name, table[table["analysis"] == name], truth)
    )


def _of_analysis(
    plan: AnalysisPlan, cell: Cell, name: str, table: pd.DataFrame, truth: Result | None
) -> tuple[Result, ...]:
    analysis = plan.analyses[name]
    estimand = plan.estimands[analysis.estimand]
    row = Result(
        table=TABLE,
        statistic="",
        analysis=name,
        role=analysis.role,
        estimand=analysis.estimand,
        endpoint=estimand.endpoint,
        arm=estimand.treatment.active,
        reference=estimand.treatment.reference,
        group=cell.name,
        n=cell.subjects,
    )
    known = table[table["estimate"].notna()]
    lost = replace(
        _share(replace(row, statistic="not estimated"), table["estimate"].isna()),
        message="; ".join(sorted(set(table["message"]) - {""}))[:300],
    )
    if len(known) < FEWEST_REPLICATES:
        failed = replace(
            row, statistic="power", status="failed", message="hardly any replicate was estimated"
        )
        return lost, failed
    alpha = 1 - plan.report.confidence_level
    rejected = "power" if cell.effect == "scenario" else "type I error"
    value = _true_value(plan, name, cell, truth)
    return (
        lost,
        *_precision(row, known),
        *(_against_truth(row, known, value) if value is not None else (_no_truth(row),)),
        _share(replace(row, statistic=rejected), known["p_value"] < alpha),
    )


def _true_value(
    plan: AnalysisPlan, name: str, cell: Cell, truth: Result | None
) -> tuple[float, float] | None:
    """True value and its own Monte-Carlo error."""
    if cell.effect == "none":
        ratio = plan.estimands[plan.analyses[name].estimand].summary == "hazard ratio"
        return (1.0 if ratio else 0.0), 0.0
    if truth is None or truth.estimate is None:
        return None
    return truth.estimate, truth.std_error or 0.0


def _precision(row: Result, known: pd.DataFrame) -> tuple[Result, ...]:
    """Spread of the estimates, and what the models say of it."""
    n, spread = len(known), float(known["estimate"].std())
    rows = [
        replace(
            row,
            statistic="standard deviation of estimates",
            estimate=spread,
            std_error=spread / np.sqrt(2 * (n - 1)),
        )
    ]
    variance = known["std_error"].dropna() ** 2
    if len(variance) >= FEWEST_REPLICATES:
        mean = float(np.sqrt(variance.mean()))
        error = float(np.sqrt(variance.var() / (4 * len(variance)))) / mean
        rows.append(replace(row, statistic="mean standard error", estimate=mean, std_error=error))
    return tuple(rows)


def _against_truth(
    row: Result, known: pd.DataFrame, value: tuple[float, float]
) -> tuple[Result, ...]:
    true, error_of_truth = value
    bias = float(known["estimate"].mean()) - true
    error = float(np.hypot(known["estimate"].std() / np.sqrt(len(known)), error_of_truth))
    bounded = known.dropna(subset=["conf_low", "conf_high"])
    covered = (bounded["conf_low"] <= true) & (true <= bounded["conf_high"])
    return (
        replace(row, statistic="true value", estimate=true, std_error=error_of_truth),
        replace(row, statistic="bias", estimate=bias, std_error=error),
        _share(replace(row, statistic="coverage"), covered),
    )


def _no_truth(row: Result) -> Result:
    return replace(
        row,
        statistic="bias",
        status="warning",
        message="the true value of this summary is not known; bias and coverage are left out",
    )


def _share(row: Result, happened: pd.Series) -> Result:
    """A share of the replicates with its binomial Monte-Carlo error."""
    if not len(happened):
        return replace(row, status="failed", message="no replicate has it")
    share = float(happened.mean())
    error = float(np.sqrt(share * (1 - share) / len(happened)))
    return replace(
        row, estimate=share, std_error=error, n_events=int(happened.sum()), unit="proportion"
    )
