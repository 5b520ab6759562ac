"""Response and remission: proportions of two arms at the estimand's visit."""

from dataclasses import replace

import pandas as pd

from ketaoutcomes.endpoint import BinaryData
from ketaoutcomes.fits import Fitted
from ketaoutcomes.numerics.proportions import (
    Proportion,
    TwoProportions,
    log_ratio,
    newcombe_difference,
    number_needed_to_treat,
    score_p_value,
    wilson,
)
from ketaoutcomes.plan.analyses import ProportionAnalysis
from ketaoutcomes.plan.estimand import Estimand
from ketaoutcomes.results import Result


def fit_proportions_analysis(
    name: str,
    analysis: ProportionAnalysis,
    estimand: Estimand,
    endpoint: BinaryData,
    conf_level: float,
) -> Fitted:
    """Proportion of each arm, and active against reference."""
    here = endpoint.frame[endpoint.frame["visit"] == estimand.visit]
    outcome = here["outcome"]
    if analysis.missing_as == "failure":
        here = here.assign(outcome=outcome.fillna(0.0))
    else:
        here = here[outcome.notna()]
    common = Result(
        table="rspt01",
        statistic="",
        analysis=name,
        role=analysis.role,
        estimand=analysis.estimand,
        endpoint=endpoint.name,
        phase=endpoint.phase,
        visit=estimand.visit or "",
        conf_level=conf_level,
        method=f"missing counted as {analysis.missing_as}"
        if analysis.missing_as == "failure"
        else "missing excluded",
    )
    counts = {arm: _count(here, arm) for arm in endpoint.arms}
    rows = [
        row
        for arm, (successes, n) in counts.items()
        if n
        for row in _one_arm(replace(common, arm=arm, n=n), successes, n, conf_level)
    ]
    return Fitted(name, (*rows, *_two_arms(common, estimand, counts, conf_level)))


def _count(frame: pd.DataFrame, arm: str) -> tuple[int, int]:
    outcome = frame.loc[frame["arm"] == arm, "outcome"]
    return int(outcome.sum()), len(outcome)


def _one_arm(common: Result, successes: int, n: int, conf_level: float) -> tuple[Result, ...]:
    return (
        replace(common, statistic="responders", estimate=float(successes), conf_level=None),
        _with(replace(common, statistic="proportion"), wilson(successes, n, conf_level)),
    )


def _two_arms(
    common: Result,
    estimand: Estimand,
    counts: dict[str, tuple[int, int]],
    conf_level: float,
) -> tuple[Result, ...]:
    """Risk difference, ratios and number needed to treat."""
    active, reference = estimand.treatment.active, estimand.treatment.reference
    row = replace(
        common, arm=active, reference=reference, n=counts[active][1] + counts[reference][1]
    )
    difference_row = replace(
        row, statistic="risk difference", method=f"{row.method}; Newcombe hybrid score interval"
    )
    if not (counts[active][1] and counts[reference][1]):
        return (replace(difference_row, status="failed", message="an arm has no subject"),)
    data = TwoProportions(*counts[active], *counts[reference])
    difference = newcombe_difference(data, conf_level)
    nnt = number_needed_to_treat(difference)
    return (
        replace(_with(difference_row, difference), p_value=score_p_value(data)),
        _ratio(replace(row, statistic="risk ratio"), log_ratio(data, conf_level, odds=False)),
        _ratio(replace(row, statistic="odds ratio"), log_ratio(data, conf_level, odds=True)),
        replace(
            row,
            statistic="number needed to treat",
            estimate=_finite(nnt.estimate),
            conf_low=_finite(nnt.bound_low),
            conf_high=_finite(nnt.bound_high),
            status="warning" if nnt.through_infinity else "ok",
            message="the interval runs through infinity" if nnt.through_infinity else "",
        ),
    )


def _ratio(row: Result, ratio: Proportion | None) -> Result:
    if ratio is None:
        return replace(row, status="warning", message="not defined: a cell of the table is empty")
    return _with(row, ratio)


def _with(row: Result, proportion: Proportion) -> Result:
    return replace(
        row,
        estimate=proportion.estimate,
        conf_low=proportion.conf_low,
        conf_high=proportion.conf_high,
    )


def _finite(number: float) -> float | None:
    return None if number in (float("inf"), float("-inf")) else number
