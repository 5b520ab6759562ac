"""Response and remission: proportions by arm at the estimand's visit, and their comparison."""

from dataclasses import replace

import pandas as pd

from ketaoutcomes.endpoints.data import BinaryData
from ketaoutcomes.families.fitted import Fitted
from ketaoutcomes.families.proportions.plan import ProportionAnalysis
from ketaoutcomes.families.proportions.stratified import stratified_comparison
from ketaoutcomes.families.shared.rows import (
    analysis_row,
    number_needed_row,
    ratio_row,
    rows_of_one_arm,
    with_limits,
)
from ketaoutcomes.numerics.proportions import (
    TwoProportions,
    log_ratio,
    miettinen_nurminen_difference,
    miettinen_nurminen_p_value,
    newcombe_difference,
    score_p_value,
    wilson,
)
from ketaoutcomes.plan.estimand import Estimand
from ketaoutcomes.results import RATIOS, Result

MISSING_WORDS = {
    "failure": "non-responder imputation",
    "excluded": "missing excluded",
    "last observation": "last observation carried forward",
}
TEST = "p-value of the test of equal proportions"
DIFFERENCES = {
    "newcombe": (newcombe_difference, score_p_value, "Newcombe hybrid score interval; score test"),
    "miettinen-nurminen": (
        miettinen_nurminen_difference,
        miettinen_nurminen_p_value,
        "Miettinen-Nurminen score interval and test",
    ),
}
"""Interval of a difference, its p-value, and both in words."""


def fit_proportions_analysis(
    name: str,
    analysis: ProportionAnalysis,
    estimand: Estimand,
    endpoint: BinaryData,
    conf_level: float,
) -> Fitted:
    """Proportion of each arm, and active against reference where there is one."""
    here = outcomes(analysis, estimand, endpoint)
    common = analysis_row(
        "rspt01",
        name,
        analysis,
        endpoint,
        visit=estimand.visit or "",
        conf_level=conf_level,
        method=MISSING_WORDS[analysis.missing_as],
    )
    counts = {arm: _count(here, arm) for arm in endpoint.arms}
    rows = [
        row
        for arm, (successes, n) in counts.items()
        if n
        for row in _one_arm(replace(common, arm=arm, n=n), successes, n, conf_level)
    ]
    if not estimand.treatment.compares:
        return Fitted(name, rows_of_one_arm(tuple(rows), common, estimand))
    compared = _two_arms(common, analysis, estimand, here, counts)
    if endpoint.unwanted:
        compared = tuple(map(to_avoid, compared))
    return Fitted(name, (*rows, *compared))


def outcomes(
    analysis: ProportionAnalysis, estimand: Estimand, endpoint: BinaryData
) -> pd.DataFrame:
    """One outcome a subject at the estimand's visit, a missing one as the plan says."""
    frame = endpoint.frame
    if analysis.missing_as == "last observation":
        carried = frame.groupby("subject", sort=False)["outcome"].ffill()
        frame = frame.assign(outcome=carried.fillna(float(endpoint.unwanted)))
    here = frame[frame["visit"] == estimand.visit]
    if analysis.missing_as == "excluded":
        return here[here["outcome"].notna()]
    return here.assign(outcome=here["outcome"].fillna(float(endpoint.unwanted)))


def _count(frame: pd.DataFrame, arm: str) -> tuple[int, int]:
    outcome = frame.loc[frame["arm"] == arm, "outcome"]
    return int(outcome.sum()), len(outcome)


def _one_arm(common: Result, successes: int, n: int, conf_level: float) -> tuple[Result, ...]:
    return (
        replace(common, statistic="responders", estimate=float(successes), conf_level=None),
        with_limits(replace(common, statistic="proportion"), wilson(successes, n, conf_level)),
    )


def _two_arms(
    common: Result,
    analysis: ProportionAnalysis,
    estimand: Estimand,
    here: pd.DataFrame,
    counts: dict[str, tuple[int, int]],
) -> tuple[Result, ...]:
    """Risk difference, ratios and number needed to treat."""
    active, reference = estimand.treatment.active, estimand.treatment.reference
    row = replace(
        common, arm=active, reference=reference, n=counts[active][1] + counts[reference][1]
    )
    if not (counts[active][1] and counts[reference][1]):
        empty = " and ".join(arm for arm in (active, reference) if not counts[arm][1])
        message = f"no participant in {empty} has an outcome at {row.visit}"
        return (replace(row, statistic="risk difference", status="failed", message=message),)
    compared = (
        stratified_comparison(row, here, analysis.strata)
        if analysis.strata
        else unstratified_comparison(
            row, TwoProportions(*counts[active], *counts[reference]), analysis.interval
        )
    )
    return tested(compared, estimand.summary)


def tested(rows: tuple[Result, ...], summary: str) -> tuple[Result, ...]:
    """The ratio that the estimand asks for with the p-value of the test of equal proportions.

    Proportions are equal where their difference is 0, and where either ratio is 1: one test.
    """
    if summary not in RATIOS:
        return rows
    p_value = next((row.p_value for row in rows if row.statistic == "risk difference"), None)
    return tuple(
        replace(row, p_value=p_value, method=f"{row.method}; {TEST}")
        if row.statistic == summary and row.estimate is not None
        else row
        for row in rows
    )


def to_avoid(row: Result) -> Result:
    """The number needed to treat of an unwanted event, in whom less of it is the benefit."""
    if row.statistic != "number needed to treat":
        return row
    low, high = (None if limit is None else -limit for limit in (row.conf_high, row.conf_low))
    estimate = None if row.estimate is None else -row.estimate
    return replace(row, estimate=estimate, conf_low=low, conf_high=high)


def unstratified_comparison(row: Result, data: TwoProportions, interval: str) -> tuple[Result, ...]:
    """The comparisons of two proportions."""
    level = row.conf_level or 0.0
    interval_of, p_value_of, words = DIFFERENCES[interval]
    difference = interval_of(data, level)
    difference_row = replace(row, statistic="risk difference", method=f"{row.method}; {words}")
    return (
        replace(with_limits(difference_row, difference), p_value=p_value_of(data)),
        ratio_row(replace(row, statistic="risk ratio"), log_ratio(data, level, odds=False)),
        ratio_row(replace(row, statistic="odds ratio"), log_ratio(data, level, odds=True)),
        number_needed_row(row, difference),
    )
