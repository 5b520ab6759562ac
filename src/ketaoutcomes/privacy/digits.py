"""A row of the results with fewer digits, and what it still tells of its standard error."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, Final

from scipy.stats import norm

from ketaoutcomes.results import RATIOS, Result

SHARES_OF_ERROR: Final = (0.0, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
"""Level of coarsening -> the step to which estimate and limits are rounded, in standard errors."""
WITHHELD: Final = len(SHARES_OF_ERROR)
"""The level at which only the estimate is left, rounded; at the next nothing is."""
NOTHING: Final = WITHHELD + 1
P_DIGITS: Final = (15, 2, 1, 1)
"""Level -> significant digits of a p-value; beyond, the class that it lies in."""
P_CLASSES: Final = (0.0, 0.001, 0.01, 0.05, 0.1, 0.2, 0.5, 1.0)
SIGNIFICANT: Final = (0.0, 0.05, 1.0)
"""Classes where no estimate is left."""
DF_STEPS: Final = (0.0, 10.0, 20.0, 50.0, 100.0)
"""Level -> step of degrees of freedom; none are given beyond."""
FEWEST_DF: Final = 5.0
"""Fewer degrees of freedom than these are those of a test, not of a number of subjects."""
EXACT: Final = 1e-9
ROUNDED: Final = ("estimate", "conf_low", "conf_high", "std_error", "test_statistic", "p_value")

Interval = tuple[float, float]
EVERYTHING: Final[Interval] = (0.0, math.inf)


def is_ratio(row: Result) -> bool:
    """Whether errors and limits of a row are those of a logarithm."""
    return row.std_error_scale == "log" or any(word in row.statistic for word in RATIOS)


def error_of(row: Result) -> float | None:
    """The standard error of a row on its own scale, from its limits where it is not given."""
    if row.std_error:
        return row.std_error
    if row.conf_low is None or row.conf_high is None or row.conf_level is None:
        return None
    width = _scaled(row, row.conf_high) - _scaled(row, row.conf_low)
    return width / (2 * float(norm.ppf((1 + row.conf_level) / 2))) or None


def _scaled(row: Result, value: float) -> float:
    if not is_ratio(row):
        return value
    return math.log(value) if value > 0 else -math.inf


def nice(step: float) -> float:
    """The greatest of 1, 2, 5, 10, ... that is not over a number."""
    if not 0 < step < math.inf:
        return 0.0
    power = 10.0 ** math.floor(math.log10(step) + EXACT)
    return max(digit * power for digit in (1, 2, 5) if digit * power <= step * (1 + EXACT))


def rounded(value: float, step: float) -> float:
    """A number to the nearest multiple of a step, as it is written in decimals."""
    if not step:
        return value
    decimals = max(0, -math.floor(math.log10(step)))
    return round(round(value / step) * step, decimals)


@dataclass(frozen=True)
class Steps:
    """The step to which each field of a row is rounded; a field that is withheld is not named."""

    of: dict[str, float]
    withheld: tuple[str, ...] = ()


def steps_at(row: Result, level: int) -> Steps:
    """What a level of coarsening does to the numbers of a row, its degrees of freedom apart."""
    if level <= 0:
        return Steps({})
    there = [name for name in ROUNDED if getattr(row, name) is not None]
    found = {name: _step(row, name, level) for name in there}
    return Steps(
        {name: step for name, step in found.items() if step is not None},
        tuple(name for name, step in found.items() if step is None),
    )


def _step(row: Result, name: str, level: int) -> float | None:
    """The step of a field; None where it is withheld."""
    value = getattr(row, name)
    if name == "p_value":
        return _width_of_p(value, level)
    if name == "test_statistic" or level >= NOTHING or (level == WITHHELD and name != "estimate"):
        return None
    share = SHARES_OF_ERROR[min(level, WITHHELD - 1)]
    error = error_of(row)
    if error is None:
        return nice(share * abs(value))
    if is_ratio(row) and name != "std_error":
        return nice(abs(value) * min(error * share, 1.0))
    return nice(error * share)


def _width_of_p(value: float, level: int) -> float:
    """The unit of the last digit of a p-value that is given, or the width of its class."""
    low, high = _class_of_p(value, level)
    if level >= len(P_DIGITS) or high == P_CLASSES[1]:
        return high - low
    return 10.0 ** (math.floor(math.log10(value)) - P_DIGITS[level] + 1)


def _class_of_p(value: float, level: int) -> Interval:
    ends = SIGNIFICANT if level >= NOTHING else P_CLASSES
    return next((low, high) for low, high in pairwise(ends) if value <= high)


def _p_told(value: float, level: int) -> float:
    """The middle of the class of a p-value, or the p-value to its digits."""
    low, high = _class_of_p(value, level)
    if level >= len(P_DIGITS) or high == P_CLASSES[1]:
        return (low + high) / 2
    return float(f"{value:.{P_DIGITS[level]}g}")


def df_step(df: float, level: int) -> float | None:
    """The step to which degrees of freedom are rounded; None where they are withheld."""
    if df < FEWEST_DF:
        return 0.0
    step = DF_STEPS[level] if level < len(DF_STEPS) else math.inf
    return step if step <= df else None


def coarse(row: Result, level: int, level_of_df: int = 0) -> Result:
    """The row with fewer digits.

    `suppressed` names each field that is blank, and `field:step` each that is rounded: the true
    number lies within half a step.
    """
    steps = steps_at(row, level)
    told = {name: step for name, step in steps.of.items() if step}
    changes: dict[str, Any] = {
        name: _p_told(row.p_value or 0.0, level)
        if name == "p_value"
        else rounded(getattr(row, name), step)
        for name, step in told.items()
    }
    changes |= dict.fromkeys(steps.withheld)
    if row.df is not None and level_of_df:
        step = df_step(row.df, level_of_df)
        changes |= {"df": rounded(row.df, step) if step else None} if step != 0 else {}
        told |= {"df": step} if step else {}
    if not changes:
        return row
    words = [f"{name}:{step:g}" for name, step in told.items()]
    blank = [name for name, value in changes.items() if value is None]
    changes |= {"status": "suppressed"} if "estimate" in blank else {}
    return replace(
        row,
        **changes,
        suppressed=" ".join(sorted({*row.suppressed.split(), *blank, *words})),
    )


def told_of_estimate(row: Result, level: int) -> float:
    """How far the estimate may lie from what is published of it, to either side."""
    if level >= NOTHING or row.estimate is None:
        return math.inf
    return steps_at(row, level).of.get("estimate", 0.0) / 2


def told_of_error(row: Result, level: int) -> Interval:
    """What a row still tells of its standard error, as multiples of the true one.

    Its standard error itself, the width of its interval and each half of it, and its p-value with
    the estimate: what all of them allow together.
    """
    error = error_of(row)
    if error is None or level >= WITHHELD:
        return EVERYTHING
    low, high = 1 - EXACT, 1 + EXACT
    if level > 0:
        found = list(_readings_of_error(row, coarse(row, level), error, level))
        low = max((one[0] for one in found), default=0.0)
        high = min((one[1] for one in found), default=math.inf)
    return low, high


def _readings_of_error(row: Result, shown: Result, error: float, level: int) -> Iterator[Interval]:
    steps = steps_at(row, level).of
    ends = {
        name: _ends(row, getattr(shown, name), steps.get(name, 0.0))
        for name in ("estimate", "conf_low", "conf_high")
        if getattr(shown, name) is not None
    }
    if shown.std_error is not None:
        half = steps.get("std_error", 0.0) / 2
        yield (shown.std_error - half) / error, (shown.std_error + half) / error
    for upper, lower in (
        ("conf_high", "conf_low"),
        ("conf_high", "estimate"),
        ("estimate", "conf_low"),
    ):
        if upper in ends and lower in ends:
            yield _width(row, (upper, lower), ends)
    if shown.p_value is not None and "estimate" in ends:
        yield _by_p(row, shown.p_value, steps.get("p_value", 0.0), ends["estimate"])


def _ends(row: Result, value: float, step: float) -> Interval:
    return _scaled(row, value - step / 2), _scaled(row, value + step / 2)


def _width(row: Result, names: tuple[str, str], ends: dict[str, Interval]) -> Interval:
    """The distance of two published numbers as a multiple of the true one."""
    upper, lower = names
    true = _scaled(row, getattr(row, upper)) - _scaled(row, getattr(row, lower))
    if not 0 < true < math.inf:
        return EVERYTHING
    return (ends[upper][0] - ends[lower][1]) / true, (ends[upper][1] - ends[lower][0]) / true


def _by_p(row: Result, p: float, step: float, ends: Interval) -> Interval:
    """The standard error from estimate and p-value, as if the test were normal."""
    true, z = abs(_scaled(row, row.estimate or 0.0)), _deviate(row.p_value or 0.0)
    if not true or not 0 < z < math.inf:
        return EVERYTHING
    farthest = max(map(abs, ends))
    nearest = 0.0 if ends[0] <= 0 <= ends[1] else min(map(abs, ends))
    strong, weak = _deviate(max(p - step / 2, 0.0)), _deviate(min(p + step / 2, 1.0))
    low = nearest / true * (z / strong if strong < math.inf else 0.0)
    return low, farthest / true * (z / weak) if weak > 0 else math.inf


def _deviate(p: float) -> float:
    """How many standard errors a two-sided p-value is worth."""
    return float(norm.isf(p / 2)) if p > 0 else math.inf
