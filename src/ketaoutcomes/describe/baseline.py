"""Baseline characteristics by arm with standardised differences.

Standardised difference: Austin 2009, Stat Med 28:3083-3107 (numeric and binary); Yang & Dalton
2012, SAS Global Forum 335 (more than two levels).
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from ketaoutcomes.cohort import Cohort
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.results import NO_OVERLAP, Result

TABLE = "dmt01"
ALL_ARMS = ""
BASELINE = "baseline"
FEW_VALUES = 5
"""Numbers of a variable with so few values, their mean and SD tell how many have each: n, the sum
and the sum of squares are equations of whole numbers."""


def baseline_table(plan: AnalysisPlan, cohort: Cohort) -> tuple[Result, ...]:
    """Rows for the variables of `report.baseline_table`, in each phase that has them.

    `group` is the variable, or "variable: level"; `arm` is "" over all of several arms.
    """
    rows: list[Result] = []
    for phase in plan.phases:
        frame = _phase_frame(plan, cohort, phase)
        for variable in plan.report.baseline_table:
            if variable in frame and frame[variable].notna().any():
                rows.extend(_variable(plan, phase, frame, variable))
    return tuple(rows)


def _phase_frame(plan: AnalysisPlan, cohort: Cohort, phase: str) -> pd.DataFrame:
    """Assigned subjects with covariates and the score at the phase's first visit."""
    assigned = cohort.assignments[cohort.assignments["phase"] == phase]
    frame = assigned.dropna(axis="columns", how="all").merge(cohort.subjects, on="subject")
    visits = cohort.visits
    first = visits[
        (visits["phase"] == phase) & (visits["visit"] == plan.phases[phase].baseline_visit)
    ]
    scale = plan.baseline_scale(phase)
    if scale is not None:
        first = first[first["scale"] == scale.name]
    baseline = first.drop_duplicates("subject").set_index("subject")["score"]
    return frame.assign(**{BASELINE: frame["subject"].map(baseline).astype(float)})


def _variable(
    plan: AnalysisPlan, phase: str, frame: pd.DataFrame, variable: str
) -> Iterator[Result]:
    numeric = pd.api.types.is_numeric_dtype(frame[variable])
    if numeric and plan.smallest_cell > 1 and frame[variable].nunique() <= FEW_VALUES:
        worded = frame[variable].map("{:g}".format, na_action="ignore").astype(object)
        frame, numeric = frame.assign(**{variable: worded}), False
    arms, whole = tuple(plan.phases[phase].arms), frame[variable]
    by_arm = {arm: whole[(frame["arm"] == arm).to_numpy()] for arm in arms} | {ALL_ARMS: whole}
    levels = () if numeric else tuple(sorted(whole.dropna().unique()))
    for arm in (*arms, ALL_ARMS) if len(arms) > 1 else arms:
        values = by_arm[arm]
        row = Result(table=TABLE, statistic="n", phase=phase, arm=arm, group=variable)
        row = replace(row, n=int(values.notna().sum()))
        yield row
        yield from _numeric(row, values) if numeric else _levels(row, values, levels)
    reference = plan.phases[phase].reference
    for arm in arms if reference else ():
        if arm != reference:
            row = Result(
                table=TABLE,
                statistic="standardised difference",
                phase=phase,
                arm=arm,
                reference=reference,
                group=variable,
            )
            yield _difference(
                row, by_arm[arm].dropna(), by_arm[reference].dropna(), numeric=numeric
            )


def _numeric(row: Result, values: pd.Series) -> Iterator[Result]:
    """Mean, SD, median, quartiles, least and greatest."""
    known = values.dropna()
    if known.empty:
        return
    numbers = {
        "mean": known.mean(),
        "SD": known.std() if len(known) > 1 else None,
        "median": known.median(),
        "lower quartile": known.quantile(0.25),
        "upper quartile": known.quantile(0.75),
        "min": known.min(),
        "max": known.max(),
    }
    for statistic, number in numbers.items():
        yield replace(row, statistic=statistic, estimate=None if number is None else float(number))


def _levels(row: Result, values: pd.Series, levels: tuple[Any, ...]) -> Iterator[Result]:
    """Count and percentage of each level that anyone has."""
    counts = values.value_counts()
    for level in levels:
        count = int(counts.get(level, 0))
        here = replace(row, group=f"{row.group}: {level}")
        yield replace(here, statistic="count", estimate=float(count))
        if row.n:
            yield replace(here, statistic="percent", estimate=100 * count / row.n, unit="%")


def _difference(row: Result, active: pd.Series, control: pd.Series, *, numeric: bool) -> Result:
    """Standardised difference of an arm from the reference."""
    number = _of_means(active, control) if numeric else _of_levels(active, control)
    if np.isinf(number):
        told = f"{NO_OVERLAP}: no value is in both arms, and the difference is infinite"
        return replace(row, status="warning", message=told)
    if not np.isfinite(number):
        return replace(row, status="warning", message="not defined: no variation or no participant")
    return replace(row, estimate=number)


def _of_means(active: pd.Series, control: pd.Series) -> float:
    """In units of the pooled SD; infinite where each arm has one value, and another."""
    if active.nunique() == control.nunique() == 1:
        difference = active.iloc[0] - control.iloc[0]
        return float(np.copysign(np.inf, difference)) if difference else float("nan")
    pooled = np.sqrt((active.var() + control.var()) / 2)
    difference = active.mean() - control.mean()
    return float(difference / pooled) if pooled > 0 else float("nan")


def _of_levels(active: pd.Series, control: pd.Series) -> float:
    """Mahalanobis distance of the two vectors of proportions, the first level left out.

    The pooled covariance is singular in a direction in which the arms differ if, and only if, no
    level is in both arms: the distance is then infinite.
    """
    of_active, of_control = active.value_counts(), control.value_counts()
    if not (active.empty or control.empty or {*of_active.index} & {*of_control.index}):
        return float("inf")
    levels = sorted({*of_active.index, *of_control.index})[1:]
    if not levels or active.empty or control.empty:
        return float("nan")
    t = np.array([of_active.get(level, 0) / len(active) for level in levels])
    c = np.array([of_control.get(level, 0) / len(control) for level in levels])
    pooled = (np.diag(t) - np.outer(t, t) + np.diag(c) - np.outer(c, c)) / 2
    return float(np.sqrt((t - c) @ np.linalg.pinv(pooled) @ (t - c)))
