"""What keeps the contract and is odd all the same: told, and no reason to stop."""

import re
from collections.abc import Iterator
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ketaoutcomes.cohort import TIME_COLUMNS, Cohort
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.study import Phase
from ketaoutcomes.remarks import Remark

FloatArray = NDArray[np.float64]

CODE: Final = re.compile(r"-?(9{1,4}|8{2,4})")
"""A number that stands for a missing one in many files: -9, 99, 999, 8888."""
FEW: Final = 0.05
"""The share of values up to which a sign that no other value has is odd."""
LEAST_VALUES: Final = 3


def cautions(plan: AnalysisPlan, cohort: Cohort) -> tuple[Remark, ...]:
    """Words for the terminal and the report, about whole columns and never about a row."""
    return (
        *_covariates(plan, cohort.subjects),
        *_days(plan, cohort.visits),
        *_intervals(cohort.times),
    )


def _intervals(times: pd.DataFrame) -> Iterator[Remark]:
    """Delayed entry, and covariates that change between intervals of observation."""
    if times.empty:
        return
    began = times.groupby(["phase", "subject"])["entry"].min()
    late, total = int((began > 0).sum()), len(began)
    if late:
        yield Remark(
            "{count} came under observation after time 0 and count as at risk from then on only "
            "(delayed entry)",
            "the times file",
            count=late,
            total=total,
        )
    for name in times.columns.drop([c for c in TIME_COLUMNS if c in times]):
        values = times.groupby(["phase", "subject"])[name].nunique()
        yield Remark(
            f"`{name}` changes during the follow-up of {{count}}. The analyses of time to event "
            "use the value of each interval, everything else the first one",
            "the times file",
            count=int((values > 1).sum()),
            total=total,
        )


def _covariates(plan: AnalysisPlan, subjects: pd.DataFrame) -> Iterator[Remark]:
    for name in plan.data.file_columns.covariates:
        if name in subjects and pd.api.types.is_numeric_dtype(subjects[name]):
            values = subjects[name].dropna().to_numpy(dtype=float)
            if _has_code(values) or _has_odd_sign(values):
                yield Remark(
                    f"The covariate `{name}` has values far from all others, as codes for missing "
                    "values are",
                    remedy="leave such cells empty",
                )


def _has_code(values: FloatArray) -> bool:
    """Whether a number like 999 is farther from the others than these are from each other."""
    for code in np.unique(values):
        others = values[values != code]
        if others.size < LEAST_VALUES or not CODE.fullmatch(f"{code:g}"):
            continue
        if np.abs(others - code).min() > np.ptp(others):
            return True
    return False


def _has_odd_sign(values: FloatArray) -> bool:
    """Whether a few values are negative where all others are above zero."""
    negative = values < 0
    return bool(negative.any() and negative.mean() <= FEW and (values[~negative] > 0).all())


def _days(plan: AnalysisPlan, visits: pd.DataFrame) -> Iterator[Remark]:
    """Visits that took place, in the median, beyond the time of the visit before or after."""
    held = visits.groupby(["phase", "visit"], sort=False)["day"].median()
    for name, phase in plan.phases.items():
        for visit, planned in _between(phase).items():
            day = held.get((name, visit), np.nan)
            if day < planned[0] or day > planned[1]:
                when = "before the visit before it" if day < planned[0] else "after the next one"
                yield Remark(
                    f"Visit `{visit}` of phase `{name}` took place, in the median, {when} in the "
                    "plan",
                    remedy="compare the plan's visits with the days of the data, their `day_unit` "
                    "and `first_dose_day`",
                )


def _between(phase: Phase) -> dict[str, tuple[float, float]]:
    """The days of the visits before and after each visit; the last may be as late as it is long."""
    planned = phase.nominal_days
    days = np.unique(list(planned.values()))
    if days.size < 2:  # noqa: PLR2004 - one time has no neighbour
        return {}
    after = dict(zip(days, [*days[1:], 2 * days[-1] - days[-2]], strict=True))
    before = dict(zip(days, [-np.inf, *days[:-1]], strict=True))
    return {visit: (float(before[day]), float(after[day])) for visit, day in planned.items()}
