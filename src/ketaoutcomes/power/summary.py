"""Replicates become bias, coverage, power and type I error, each with its Monte-Carlo error.

Formulas: Morris, White & Crowther 2019, Stat Med 38:2074-2102, table 6. Ratios are summarised on
the scale of their logarithm, on which their standard errors are.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.power.design import Cell
from ketaoutcomes.power.rejection import rejected, statistic_of
from ketaoutcomes.power.sample_size import sample_sizes
from ketaoutcomes.power.shares import share
from ketaoutcomes.results import RATIOS, Result

TABLE = "powt01"
FEWEST_REPLICATES = 2
LOGARITHM = "logarithm of the ratio"
MOST_REASONS = 3
NUMBER = r"\d+(\.\d+)?"
ON_THE_SCALE = ("estimate", "conf_low", "conf_high")


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
    asked = {cell: table for cell, table in tables.items() if cell.effect != "in_turn"}
    return tuple(
        row
        for name, truth in truths.items()
        for row in (
            *(
                row
                for cell, table in asked.items()
                for row in _of_cell(plan, cell, name, table[table["analysis"] == name], truth)
            ),
            *_sample_sizes(plan, name, asked),
        )
    )


def _sample_sizes(
    plan: AnalysisPlan, name: str, tables: Mapping[Cell, pd.DataFrame]
) -> Iterator[Result]:
    """From the share of all trials with the effect: one that is lost shows nothing."""
    curve = {
        cell.subjects: _of_all(plan, name, table[table["analysis"] == name])
        for cell, table in tables.items()
        if cell.effect == "scenario"
    }
    return sample_sizes(_common(plan, name), curve, plan.power.targets)


def _of_all(plan: AnalysisPlan, name: str, table: pd.DataFrame) -> pd.Series:
    """Whether each trial rejects, by its number; one that is lost does not."""
    numbered = table.set_index("replicate")
    known = numbered[numbered["estimate"].notna()]
    return rejected(plan, name, known).reindex(numbered.index, fill_value=False)


def _common(plan: AnalysisPlan, name: str) -> Result:
    """What every result of an analysis has in common."""
    analysis = plan.analyses[name]
    estimand = plan.estimands[analysis.estimand]
    return Result(
        table=TABLE,
        statistic="",
        analysis=name,
        role=analysis.role,
        estimand=analysis.estimand,
        endpoint=estimand.endpoint,
        arm=estimand.treatment.active,
        reference=estimand.treatment.reference,
    )


def _of_cell(
    plan: AnalysisPlan, cell: Cell, name: str, table: pd.DataFrame, truth: Result | None
) -> tuple[Result, ...]:
    estimand = plan.estimands[plan.analyses[name].estimand]
    row = replace(_common(plan, name), group=cell.name, n=cell.subjects)
    known = table[table["estimate"].notna()]
    lost = replace(
        share(replace(row, statistic="not estimated"), table["estimate"].isna()),
        message=_why_lost(table["message"]),
    )
    entered = _mean(replace(row, statistic="subjects entered", unit="subjects"), table["entered"])
    if len(known) < FEWEST_REPLICATES:
        failed = replace(
            row, statistic="power", status="failed", message="hardly any replicate was estimated"
        )
        return lost, entered, failed
    happened = rejected(plan, name, known)
    outcome = replace(row, statistic=statistic_of(plan, name, cell))
    ratio = estimand.summary in RATIOS
    if ratio:
        row = replace(row, unit=LOGARITHM)
        known = known.assign(**{field: np.log(known[field]) for field in ON_THE_SCALE})
    value = _true_value(cell, truth, ratio=ratio)
    return (
        lost,
        entered,
        *_precision(row, known),
        *_truth(plan, cell, row, known, value),
        share(outcome, happened),
        *_among_all(outcome, happened, len(table)),
    )


def _why_lost(messages: pd.Series) -> str:
    """One message of each kind, the most frequent first, with its number of trials."""
    told = messages[messages != ""]
    kinds = told.groupby(told.str.replace(NUMBER, "", regex=True), sort=False)
    found = sorted(((-len(kind), min(kind)) for _, kind in kinds), key=lambda one: one)
    return "; ".join(f"{message} ({-count})" for count, message in found[:MOST_REASONS])


def _mean(row: Result, values: pd.Series) -> Result:
    """The mean over trials with its Monte-Carlo error."""
    error = float(values.std() / np.sqrt(len(values))) if len(values) > 1 else None
    return replace(row, estimate=float(values.mean()), std_error=error)


def _among_all(row: Result, happened: pd.Series, n_trials: int) -> tuple[Result, ...]:
    """The share among all trials where some were lost or gave no test, and so reject nothing."""
    if len(happened) == n_trials:
        return ()
    every = np.zeros(n_trials, dtype=bool)
    every[: int(happened.sum())] = True
    return (share(replace(row, statistic=f"{row.statistic} among all trials"), pd.Series(every)),)


def _true_value(cell: Cell, truth: Result | None, *, ratio: bool) -> tuple[float, float] | None:
    """True value, that of a ratio being its logarithm, and its own Monte-Carlo error."""
    if cell.effect == "none":
        return 0.0, 0.0
    if truth is None or truth.estimate is None:
        return None
    true = float(np.log(truth.estimate)) if ratio else truth.estimate
    return true, truth.std_error or 0.0


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
    shown = float(np.exp(true)) if row.unit == LOGARITHM else true
    return (
        replace(row, statistic="true value", unit="", estimate=shown, std_error=error_of_truth),
        replace(row, statistic="bias", estimate=bias, std_error=error),
        share(replace(row, statistic="coverage"), covered),
    )


def _truth(
    plan: AnalysisPlan,
    cell: Cell,
    row: Result,
    known: pd.DataFrame,
    value: tuple[float, float] | None,
) -> tuple[Result, ...]:
    """How the estimates lie about the true value; where each trial has its own there is no one."""
    if cell.effect == "new_trials":
        return ()
    return _against_truth(row, known, value) if value is not None else (_no_truth(plan, row),)


def _no_truth(plan: AnalysisPlan, row: Result) -> Result:
    words = "bias and coverage with the effect are left out"
    return replace(
        row, statistic="bias", status="warning", message=f"{_why_no_truth(plan, row)}; {words}"
    )


def _why_no_truth(plan: AnalysisPlan, row: Result) -> str:
    """Why the counterfactual simulation gives no true value."""
    summary = plan.estimands[row.estimand].summary
    if plan.phases[plan.analysis_phase(row.analysis)].arms_by is not None:
        return "no participant is allocated to the groups compared, so there is no true effect"
    if plan.endpoints[row.endpoint].kind == "duration_of_response":
        return "responders on one treatment and on the other are not the same participants"
    if summary in ("hazard ratio", "time ratio"):
        return (
            f"the true value of a {summary} depends on the model; with the summary `difference in "
            "restricted mean time` it is known"
        )
    return "the true value of this summary is not known"
