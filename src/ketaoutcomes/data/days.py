"""Study days and times, whatever their unit, as days."""

from typing import Final

import pandas as pd

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
    return numbers(text) * DAYS_PER_UNIT[unit]


def days_since_first_dose(day: pd.Series, data: DataBlock) -> pd.Series:
    """Study days as days since the first dose.

    Where the first dose is on day 1 there is no day 0 (CDISC ADaM Implementation Guide, --DY), so
    that day -1 is the day before. Other units than days count from the first dose.
    """
    if data.day_unit != "days":
        return as_days(day, data.day_unit)
    number = numbers(day)
    return number.where(number < 0, number - data.first_dose_day)
