"""Study days and times, whatever their unit, as days."""

from typing import Final

import numpy as np
import pandas as pd

from ketaoutcomes.clock import on_the_clock
from ketaoutcomes.data.mapping import numbers
from ketaoutcomes.plan.data import DataBlock, TimeUnit

DAYS_PER_UNIT: Final[dict[TimeUnit, float]] = {
    "hours": 1 / 24,
    "days": 1.0,
    "weeks": 7.0,
    "months": 365.25 / 12,
    "years": 365.25,
}


def as_days(text: pd.Series, unit: TimeUnit) -> pd.Series:
    """Times as days; NaN where they are missing or no number."""
    return _on_the_clock(numbers(text) * DAYS_PER_UNIT[unit])


def days_since_first_dose(day: pd.Series, data: DataBlock) -> pd.Series:
    """Study days as days since the first dose.

    Where the first dose is on day 1 there is no day 0 (CDISC ADaM Implementation Guide, --DY), so
    that day -1 is the day before. Other units than days count from the first dose.
    """
    if data.day_unit != "days":
        return as_days(day, data.day_unit)
    number = numbers(day)
    return _on_the_clock(number.where(number < 0, number - data.first_dose_day))


def with_planned_hour(told: pd.Series, planned: pd.Series, unit: TimeUnit) -> pd.Series:
    """True where a visit planned by the hour has no more than its study day in the data.

    The day of such a visit is that of the plan, so that the planned hour can stand for the hour.
    """
    day = np.floor(planned)
    day_only: pd.Series = (told == day) & (planned != day) & (unit != "hours")
    return day_only


def _on_the_clock(days: pd.Series) -> pd.Series:
    return pd.Series(on_the_clock(days.to_numpy(dtype=float)), index=days.index)
