"""Proportions of two arms compared within strata: Cochran-Mantel-Haenszel."""

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ketaoutcomes.families.shared.rows import number_needed_row, ratio_row, with_limits
from ketaoutcomes.numerics.distributions import norm
from ketaoutcomes.numerics.proportions import Proportion
from ketaoutcomes.numerics.stratified_proportions import (
    StratifiedProportions,
    mantel_haenszel_difference,
    mantel_haenszel_risk_ratio,
)
from ketaoutcomes.results import Result

if TYPE_CHECKING:
    from statsmodels.stats.contingency_tables import StratifiedTable


def stratified_comparison(
    row: Result, here: pd.DataFrame, strata: tuple[str, ...]
) -> tuple[Result, ...]:
    """Difference, ratios, the test of no effect and that of one odds ratio in all strata."""
    data = _counts(here, strata, row.arm, row.reference)
    level = row.conf_level or 0.0
    words = f"{row.method}; Mantel-Haenszel over {', '.join(strata)}"
    row = replace(row, method=words)
    difference_row = replace(
        row, statistic="risk difference", method=f"{words}, Sato variance; Cochran-Mantel-Haenszel"
    )
    difference = mantel_haenszel_difference(data, level)
    if difference is None:
        message = "no stratum has participants in both arms"
        return (replace(difference_row, status="failed", message=message),)
    from statsmodels.stats.contingency_tables import StratifiedTable  # noqa: PLC0415 - slow

    table = StratifiedTable(_tables(data))
    risk_ratio = mantel_haenszel_risk_ratio(data, level)
    return (
        *_difference_rows(replace(difference_row, p_value=_p_value(table)), row, difference),
        ratio_row(replace(row, statistic="risk ratio"), risk_ratio),
        ratio_row(replace(row, statistic="odds ratio"), _odds_ratio(table, level)),
        *_tests(row, table),
    )


def _difference_rows(
    difference_row: Result, row: Result, difference: Proportion
) -> tuple[Result, ...]:
    """The difference and the number needed to treat.

    Sato's variance is zero where within each arm all outcomes are alike. Limits without width
    would claim certainty, so there are none, and no number needed to treat.
    """
    if difference.conf_low < difference.conf_high:
        return with_limits(difference_row, difference), number_needed_row(row, difference)
    message = "no interval: within each arm all outcomes are alike, so the variance is zero"
    bare = replace(difference_row, estimate=difference.estimate, status="warning", message=message)
    return (bare,)


def _counts(
    here: pd.DataFrame, strata: tuple[str, ...], active: str, reference: str
) -> StratifiedProportions:
    """Successes and subjects by stratum, strata without one of the arms left out."""
    grouped = here.groupby([*strata, "arm"])["outcome"]
    table = pd.DataFrame({"x": grouped.sum(), "n": grouped.count()})
    table = pd.DataFrame(table.unstack("arm"))
    columns = [(kind, arm) for arm in (active, reference) for kind in ("x", "n")]
    numbers = table.reindex(columns=pd.MultiIndex.from_tuples(columns)).fillna(0.0)
    return StratifiedProportions(*numbers.to_numpy(dtype=float).T).informative


def _tables(data: StratifiedProportions) -> list[np.ndarray]:
    """Two by two tables, the active arm first."""
    return [
        np.array([[a, n1 - a], [c, n2 - c]])
        for a, n1, c, n2 in zip(
            data.successes, data.n, data.reference_successes, data.reference_n, strict=True
        )
    ]


def _p_value(table: "StratifiedTable") -> float | None:
    """Cochran-Mantel-Haenszel without continuity correction; none where all outcomes are alike."""
    with np.errstate(invalid="ignore"):
        p_value = float(table.test_null_odds(correction=False).pvalue)
    return None if np.isnan(p_value) else p_value


def _odds_ratio(table: "StratifiedTable", level: float) -> Proportion | None:
    """Robins, Breslow & Greenland 1986, Biometrics 42:311-323; statsmodels computes it."""
    with np.errstate(divide="ignore", invalid="ignore"):
        log_odds, std_error = float(table.logodds_pooled), float(table.logodds_pooled_se)
    if not (np.isfinite(log_odds) and np.isfinite(std_error)):
        return None
    half = float(norm.isf((1 - level) / 2)) * std_error
    low, estimate, high = np.exp([log_odds - half, log_odds, log_odds + half]).tolist()
    return Proportion(estimate, low, high)


def _tests(row: Result, table: "StratifiedTable") -> tuple[Result, ...]:
    """Breslow & Day 1980 with Tarone's correction, where there are strata to compare."""
    if len(table.table[0, 0]) == 1:
        return ()
    row = replace(row, statistic="test of one odds ratio in all strata", conf_level=None)
    with np.errstate(divide="ignore", invalid="ignore"):
        test = table.test_equal_odds(adjust=True)
    if not np.isfinite(test.statistic):
        return (replace(row, status="warning", message="a cell of the table is empty"),)
    return (
        replace(
            row,
            test_statistic=float(test.statistic),
            df=float(len(table.table[0, 0]) - 1),
            p_value=float(test.pvalue),
        ),
    )
