"""The one clock of a phase: days since its first dose, with fractions.

Times come as whole study days, days with fractions, hours, weeks or years, and some are differences
of others. Every route must lead to the same floating-point number, or what happens together would
seem to happen one after the other, and a tick on a day would miss that day.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

SECONDS_PER_DAY: Final = 86_400.0
ROUNDING: Final = float(np.sqrt(np.finfo(np.float64).eps))
"""Part of a time, or of a day where the time is less, that is taken for rounding."""
HALF_A_DAY: Final = 0.5


def on_the_clock(days: FloatArray) -> FloatArray:
    """Times that differ from a whole day or second by rounding only, as that day or second.

    28 days written as 28 / 365.25 years and turned back are 27.999999999999996 days. The tolerance
    is that of R's survival for tied times: of the time itself for days, of a day for seconds.
    """
    given = np.asarray(days, dtype=np.float64)
    finite = np.where(np.isfinite(given), given, 0.0)
    whole, second = np.rint(finite), np.rint(finite * SECONDS_PER_DAY) / SECONDS_PER_DAY
    is_whole = np.abs(finite - whole) <= ROUNDING * np.maximum(np.abs(finite), 1.0)
    on_a_second = np.abs(finite - second) <= ROUNDING
    told = np.where(is_whole, whole, np.where(on_a_second, second, given))
    return np.where(np.isfinite(given), told, given)


def regular_days(until: float, every: float) -> FloatArray:
    """Days 0, `every`, 2 `every`, ... up to and including a last one."""
    return on_the_clock(np.arange(0, until + ROUNDING * max(until, 1.0), every))


def not_after(time: FloatArray, limit: FloatArray) -> NDArray[np.bool_]:
    """Whether a time is at or before a limit; one known to the day only holds to the day's end.

    A discontinuation on study day 1 may have come before or after the visit at hour 4: the visit is
    taken to come first, as one on the same study day is.
    """
    at, end = np.asarray(time, dtype=np.float64), np.asarray(limit, dtype=np.float64)
    together: NDArray[np.bool_] = (at <= end) | (np.floor(at) == end)
    return together


def place_on_the_dosing_day(times: FloatArray) -> float:
    """Where time 0 stands in a model of positive times: in the middle of the dosing day.

    Half a day, as for Stanford's patient who died on the day of transplant (Therneau, Crowson &
    Atkinson, Using time dependent covariates, a vignette of R's survival); or half the smallest
    positive time if that is less, so that what happened on the dosing day stays first.
    """
    given = np.asarray(times, dtype=np.float64)
    positive = given[np.isfinite(given) & (given > 0)]
    return float(min(HALF_A_DAY, positive.min(initial=np.inf) / 2))
