"""Rows of proportions and their comparisons."""

from dataclasses import replace

from ketaoutcomes.numerics.proportions import Proportion, number_needed_to_treat
from ketaoutcomes.plan.estimand import Estimand
from ketaoutcomes.results import Result


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
    return (replace(row, status="failed", message="the arm has no subject with an outcome"),)


def ratio_row(row: Result, ratio: Proportion | None) -> Result:
    """The row with a ratio, or why there is none."""
    if ratio is None:
        return replace(row, status="warning", message="not defined: a cell of the table is empty")
    return with_limits(row, ratio)


def number_needed_row(row: Result, difference: Proportion) -> Result:
    """The number needed to treat of a difference."""
    nnt = number_needed_to_treat(difference)
    return replace(
        row,
        statistic="number needed to treat",
        estimate=_finite(nnt.estimate),
        conf_low=_finite(nnt.bound_low),
        conf_high=_finite(nnt.bound_high),
        status="warning" if nnt.through_infinity else "ok",
        message="the interval runs through infinity" if nnt.through_infinity else "",
    )


def _finite(number: float) -> float | None:
    return None if number in (float("inf"), float("-inf")) else number
