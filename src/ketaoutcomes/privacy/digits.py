"""A row of the results with fewer digits, and what it still tells of its standard error."""

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ketaoutcomes.numerics.distributions import norm, t
from ketaoutcomes.privacy.sides import (
    P_CLASSES,
    SIDES,
    is_tested,
    limit_on_its_side,
    no_effect,
)
from ketaoutcomes.results import RATIOS, Result

SHARES_OF_ERROR: Final = (0.0, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
"""Level of coarsening -> the step to which estimate and limits are rounded, in standard errors."""
WITHHELD: Final = len(SHARES_OF_ERROR)
"""The level at which only the estimate is left, rounded; at the next nothing is."""
NOTHING: Final = WITHHELD + 1
NO_TEST: Final = NOTHING + 1
"""The level at which not even the class of a p-value is left."""
P_DIGITS: Final = (15, 2, 1, 1)
"""Level -> significant digits of a p-value; beyond, the class that it lies in."""
DF_STEPS: Final = (0.0, 10.0, 20.0, 50.0, 100.0)
"""Level -> step of degrees of freedom; none are given beyond."""
FEWEST_DF: Final = 5.0
"""Fewer degrees of freedom than these are those of a test, not of a number of subjects."""
LIMITS: Final[tuple[str, ...]] = ("conf_low", "conf_high")
ENDS: Final[tuple[str, ...]] = ("estimate", *LIMITS)
OF_T: Final = 0.25
"""An estimate over its error is the quantile of its p-value to this share, be it of t."""
FARTHEST: Final = 40.0
"""So many standard errors from no effect every p-value is nought to a computer."""
AROUND: Final = ("std_error", "conf_low", "conf_high", "test_statistic", "p_value")
"""What lies around an estimate."""
MOST_MOVED: Final = 50.0
"""A logarithm is moved by no more than this: its number would be infinite."""
EXACT: Final = 1e-9
SYMMETRIC: Final = 1e-6
"""Limits are alike on both sides of an estimate to this share of their distance."""
NEARLY: Final = 0.05
"""A p-value that is off by more than this is not that of estimate, standard error and t."""
SHARES: Final = frozenset(
    {
        *("proportion", "standardised risk", "share", "smallest class", "survival"),
        *("cumulative incidence", "probability of being cost-effective"),
        *("proportion at the first visit", "proportion at the visit"),
    }
)
"""Statistics that lie between 0 and 1, or 100%, as does a mean of successes."""
ROUNDED: Final = ("estimate", "conf_low", "conf_high", "std_error", "test_statistic", "p_value")

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
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


@dataclass(frozen=True)
class Coarseness:
    """How far the numbers of a row are coarsened, each a level of 0 or more.

    What a count follows from is mostly the standard error. An estimate keeps its digits then: the
    interval, the standard error and the p-value lose theirs.

    Attributes
    ----------
    error : int
        Of standard error, limits, test statistic and p-value.
    estimate : int
        Of the estimate; the interval, whose middle it is, has no more digits.
    df : int
        Of the degrees of freedom.
    """

    error: int = 0
    estimate: int = 0
    df: int = 0

    @property
    def around(self) -> int:
        """The level of what lies around the estimate."""
        return max(self.error, self.estimate)


def steps_at(row: Result, how: Coarseness) -> Steps:
    """What coarsening does to the numbers of a row, its degrees of freedom apart."""
    levels = {
        name: how.estimate if name == "estimate" else how.around
        for name in ROUNDED
        if getattr(row, name) is not None
    }
    levels = {name: level for name, level in levels.items() if level > 0}
    if "p_value" in levels:
        levels["p_value"] = _level_of_p(row, how)
    found = {name: _step(row, name, level) for name, level in levels.items()}
    return Steps(
        {name: step for name, step in found.items() if step is not None},
        tuple(name for name, step in found.items() if step is None),
    )


def _step(row: Result, name: str, level: int) -> float | None:
    """The step of a field; None where it is withheld."""
    value = getattr(row, name)
    if name == "p_value":
        return _width_of_p(value, level) if level < NO_TEST else None
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
    return _p_published(value, level)[1]


def _class_of_p(value: float, level: int) -> Interval:
    ends = SIDES if level >= NOTHING else P_CLASSES
    return next((low, high) for low, high in pairwise(ends) if value <= high)


def _p_told(value: float, level: int) -> float:
    """The middle of the class of a p-value, or the p-value to its digits."""
    return _p_published(value, level)[0]


def _p_published(value: float, level: int) -> tuple[float, float]:
    """A p-value as it is published, and the width of the range that it then stands for.

    To its digits, if the range of these lies within one class: on which side of a level a p-value
    lies is never rounded away.
    """
    low, high = _class_of_p(value, level)
    if level < len(P_DIGITS) and high != P_CLASSES[1]:
        told = float(f"{value:.{P_DIGITS[level]}g}")
        width = 10.0 ** (math.floor(math.log10(value)) - P_DIGITS[level] + 1)
        if low - EXACT <= told - width / 2 and told + width / 2 <= high + EXACT:
            return told, width
    return float(f"{(low + high) / 2:.6g}"), high - low


def told_as(row: Result, name: str, steps: Mapping[str, float]) -> tuple[float, float]:
    """A number as it is published, and its step: the true number lies within half of it.

    Of limits that lie alike on both sides of an estimate their distance from it is rounded: each
    limit rounded by itself would be a reading of its own, and all together tell more. A limit stays
    on its side of no effect.
    """
    value: float = getattr(row, name)
    step = steps.get(name, 0.0)
    if not step or name not in LIMITS:
        return rounded(value, step), step
    told = rounded(value, step)
    if _is_symmetric(row):
        middle, half = row.estimate or 0.0, _half_told(row, step)[0]
        of_middle = steps.get("estimate", 0.0)
        told = rounded(middle, of_middle) + (half if value > middle else -half)
        step += of_middle
    return limit_on_its_side(row, value, told, step)


def _half_told(row: Result, step: float) -> tuple[float, float]:
    """Half the width of an interval as it is published, and as it is."""
    half = abs((row.conf_high or 0.0) - (row.conf_low or 0.0)) / 2
    return rounded(half, step), half


def _within_range(row: Result, name: str, told: float) -> float:
    """A limit of a share no lower than 0 and no higher than 1, where it was within these.

    A share rounded by itself cannot leave its range, whose ends are multiples of every step; limits
    as far from it as their rounded distance can.
    """
    top = 100.0 if row.unit == "%" else 1.0
    is_share = row.statistic in SHARES or row.unit == "success"
    if not is_share or row.reference or name not in ENDS or not 0 <= getattr(row, name) <= top:
        return told
    return min(max(told, 0.0), top)


def _is_symmetric(row: Result) -> bool:
    """Whether the limits of a row lie alike on both sides of its estimate."""
    if row.estimate is None or row.conf_low is None or row.conf_high is None or is_ratio(row):
        return False
    width = row.conf_high - row.conf_low
    return width > 0 and abs(row.conf_high + row.conf_low - 2 * row.estimate) <= SYMMETRIC * width


def df_step(df: float, level: int) -> float | None:
    """The step to which degrees of freedom are rounded; None where they are withheld."""
    if df < FEWEST_DF:
        return 0.0
    step = DF_STEPS[level] if level < len(DF_STEPS) else math.inf
    return step if step <= df else None


def coarse(row: Result, how: Coarseness) -> Result:
    """The row with fewer digits.

    `suppressed` names each field that is blank, and `field:step` each that is rounded: the true
    number lies within half a step.
    """
    steps = steps_at(row, how)
    told = {name: step for name, step in steps.of.items() if step}
    found = {name: told_as(row, name, told) for name in told if name != "p_value"}
    changes: dict[str, Any] = {
        name: _within_range(row, name, value) for name, (value, _) in found.items()
    }
    if "p_value" in told:
        changes["p_value"] = _p_told(row.p_value or 0.0, _level_of_p(row, how))
    told |= {name: step for name, (_, step) in found.items()}
    changes |= dict.fromkeys(steps.withheld)
    if row.df is not None and how.df:
        step = df_step(row.df, how.df)
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


def blanked(row: Result, names: Iterable[str]) -> Result:
    """The row without some of its numbers, which `suppressed` names."""
    blank = [name for name in names if getattr(row, name) is not None]
    words = {word for word in row.suppressed.split() if word.partition(":")[0] not in blank}
    nothing: dict[str, Any] = dict.fromkeys(blank)
    return replace(row, **nothing, suppressed=" ".join(sorted({*words, *blank})))


def told_of_estimate(row: Result, how: Coarseness) -> Interval:
    """How far from the true estimate that of a reader may lie, downwards and upwards.

    By the estimate as it is published, by each limit of an interval that is not as wide to both
    sides, and by the standard error times the quantile of the p-value.
    """
    if how.estimate >= NOTHING or row.estimate is None:
        return -math.inf, math.inf
    if how.estimate <= 0:
        return 0.0, 0.0
    steps, ends = _published(row, how)
    at = row.estimate
    step = steps["estimate"]
    told = rounded(at, step)
    found = [(told - step / 2 - at, told + step / 2 - at)]
    if not _is_symmetric(row):
        found += [_by_limit(row, name, ends[name]) for name in LIMITS if name in ends]
    error = error_of(row)
    if error is not None and "p_value" in steps:
        errors = _all_of([*_readings_of_error(row, steps, ends, error)])
        found.append(_by_test(row, how, (error * errors[0], error * errors[1])))
    return max(low for low, _ in found), min(high for _, high in found)


def _by_limit(row: Result, name: str, ends: Interval) -> Interval:
    """How far the estimate may lie off by a limit, which moves as it does."""
    true = _scaled(row, getattr(row, name))
    if not is_ratio(row) or not math.isfinite(true):
        return (ends[0] - true, ends[1] - true) if math.isfinite(true) else (-math.inf, math.inf)
    at = row.estimate or 0.0
    low, high = (at * math.exp(min(end - true, MOST_MOVED)) - at for end in ends)
    return low, high


def _by_test(row: Result, how: Coarseness, errors: Interval) -> Interval:
    """How far the estimate may lie off by the standard error times the quantile of the p-value."""
    error, p, at = error_of(row) or 0.0, row.p_value or 0.0, _scaled(row, row.estimate or 0.0)
    z = _deviate(p)
    if not 0 < z < math.inf or abs(abs(at) / error - z) > OF_T * z:
        return -math.inf, math.inf  # of another test
    told, width = _p_published(p, _level_of_p(row, how))
    strong, weak = _deviate(max(told - width / 2, 0.0)), _deviate(min(told + width / 2, 1.0))
    by = max(errors[0], 0.0) / error * weak / z, errors[1] / error * min(strong, FARTHEST) / z
    ends = sorted((at * by[0], at * by[1]))
    if not is_ratio(row):
        return ends[0] - at, ends[1] - at
    low, high = (math.exp(min(end, MOST_MOVED)) - math.exp(at) for end in ends)
    return low, high


def told_of_error(row: Result, how: Coarseness, beside: Iterable[Result] = ()) -> Interval:
    """What a row still tells of its standard error, as multiples of the true one.

    Its standard error itself, the width of its interval and each half of it, and its p-value with
    the estimate, or that of other tests beside it: what all of them allow together.
    """
    error = error_of(row)
    if error is None:
        return EVERYTHING
    if how.around <= 0:
        return 1 - EXACT, 1 + EXACT
    steps, ends = _published(row, how)
    found = [*_readings_of_error(row, steps, ends, error)]
    if "p_value" in steps and "estimate" in ends:
        found.append(_by_p(row, _level_of_p(row, how), ends["estimate"]))
    if "estimate" in ends:
        tests = (replace(row, p_value=test.p_value) for test in beside)
        found += [_by_p(test, how.around, ends["estimate"]) for test in tests]
    return _all_of(found)


def told_of_df(row: Result, how: Coarseness, df: FloatArray) -> BoolArray:
    """Which degrees of freedom agree with interval, standard error and p-value as published.

    Some standard error must give the width of the interval with the quantile of t, lie where it is
    itself said to lie, and give the p-value with the estimate.

    Parameters
    ----------
    df : float array, shape (k,)
    """
    true, error = row.df or 0.0, _error_of_t(row)
    if not true or error is None or row.conf_level is None:
        return np.ones(df.size, dtype=bool)
    steps, ends = _published(row, how)
    quantile = t.ppf((1 + row.conf_level) / 2, df)
    low, high = np.zeros(df.size), np.full(df.size, math.inf)
    widths = [*_by_interval(row, steps, ends)]
    if widths:  # the error times the quantile
        least, most = _all_of(widths)
        shift = np.asarray(t.ppf((1 + row.conf_level) / 2, true) / quantile)
        low, high = least * shift, most * shift
    if "std_error" in steps:
        least, most = _all_of([*_by_error(row, steps, error)])
        low, high = np.maximum(low, least), np.minimum(high, most)
    if "p_value" in steps and "estimate" in ends:
        of_p = _error_by_p(row, _level_of_p(row, how), ends["estimate"], df)
        low, high = np.maximum(low, of_p[0]), np.minimum(high, of_p[1])
    return np.asarray(low <= high + EXACT)


def _error_of_t(row: Result) -> float | None:
    """The standard error of a row, from its limits by the quantile of t where it is not given."""
    error = error_of(row)
    if row.std_error or error is None or not row.df or row.conf_level is None:
        return error
    share = (1 + row.conf_level) / 2
    return error * float(norm.ppf(share) / t.ppf(share, row.df))


def _error_by_p(
    row: Result, level: int, ends: Interval, df: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """The standard error that estimate and p-value give with each number of degrees of freedom."""
    everything = np.zeros(df.size), np.full(df.size, math.inf)
    p, error = row.p_value or 0.0, _error_of_t(row) or 0.0
    if not 0 < p < 1 or not error or level >= NO_TEST:
        return everything
    told, step = (_p_told(p, level), _width_of_p(p, level)) if level else (p, 0.0)
    strong, weak = (t.isf(min(max(told + s * step / 2, 0.0), 1.0) / 2, df) for s in (-1, 1))
    value = abs(_scaled(row, row.estimate or 0.0))
    if abs(t.isf(p / 2, row.df or math.inf) - value / error) > NEARLY * value / error:
        return everything  # of another test
    nearest = 0.0 if ends[0] <= 0 <= ends[1] else min(map(abs, ends))
    with np.errstate(divide="ignore"):
        low, high = nearest / strong / error, max(map(abs, ends)) / weak / error
    return low * (1 - EXACT), high * (1 + EXACT)


def _all_of(found: list[Interval]) -> Interval:
    """What several readings allow together."""
    low = max((one[0] for one in found), default=0.0)
    return low, min((one[1] for one in found), default=math.inf)


def _published(row: Result, how: Coarseness) -> tuple[dict[str, float], dict[str, Interval]]:
    """The step of each number that is published, and between which ends estimate and limits lie."""
    levels = {"estimate": how.estimate, "conf_low": how.around, "conf_high": how.around}
    levels |= {"std_error": how.around, "p_value": how.around}
    steps = {
        name: step
        for name, level in levels.items()
        if getattr(row, name) is not None
        for step in (_step(row, name, level) if level else 0.0,)
        if step is not None
    }
    ends = {name: _ends(row, *told_as(row, name, steps)) for name in ENDS if name in steps}
    return steps, ends


def _readings_of_error(
    row: Result, steps: dict[str, float], ends: dict[str, Interval], error: float
) -> Iterator[Interval]:
    """What the standard error and the distances between estimate and limits tell of it."""
    yield from _by_error(row, steps, error)
    yield from _by_interval(row, steps, ends)


def _by_error(row: Result, steps: dict[str, float], error: float) -> Iterator[Interval]:
    """What the standard error tells of itself."""
    if "std_error" in steps:
        half, told = steps["std_error"] / 2, rounded(row.std_error or 0.0, steps["std_error"])
        yield (told - half) / error, (told + half) / error


def _by_interval(
    row: Result, steps: dict[str, float], ends: dict[str, Interval]
) -> Iterator[Interval]:
    """What the distances between estimate and limits tell of it."""
    if _is_symmetric(row) and {*LIMITS} <= ends.keys():
        half, true = _half_told(row, steps["conf_low"])
        yield (half - steps["conf_low"] / 2) / true, (half + steps["conf_low"] / 2) / true
        if is_tested(row) and "estimate" in ends:
            yield _by_side(row, true, ends["estimate"])
        return
    for upper, lower in (
        ("conf_high", "conf_low"),
        ("conf_high", "estimate"),
        ("estimate", "conf_low"),
    ):
        if upper in ends and lower in ends:
            yield _width(row, (upper, lower), ends)


def _by_side(row: Result, half: float, ends: Interval) -> Interval:
    """What it tells of half the width of an interval that it holds no effect, or does not."""
    apart = [end - no_effect(row) for end in ends]
    far = max(map(abs, apart))
    near = 0.0 if apart[0] < 0 < apart[1] else min(map(abs, apart))
    return (near / half, math.inf) if row.includes_no_effect else (0.0, far / half)


def _level_of_p(row: Result, how: Coarseness) -> int:
    """The level of a p-value: with as many digits as tell no more than the interval does.

    Beside an estimate in full a p-value is another reading of the standard error.
    """
    level, error = how.around, error_of(row)
    if how.estimate or row.estimate is None or error is None or not level:
        return level
    steps, ends = _published(row, how)
    low, high = _all_of([*_readings_of_error(row, steps, ends, error)])
    for finer in range(1, level):
        least, most = _by_p(row, finer, ends["estimate"])
        if least <= low and high <= most:
            return finer
    return level


def _ends(row: Result, value: float, step: float) -> Interval:
    return _scaled(row, value - step / 2), _scaled(row, value + step / 2)


def _width(row: Result, names: tuple[str, str], ends: dict[str, Interval]) -> Interval:
    """The distance of two published numbers as a multiple of the true one."""
    upper, lower = names
    true = _scaled(row, getattr(row, upper)) - _scaled(row, getattr(row, lower))
    if not 0 < true < math.inf:
        return EVERYTHING
    return (ends[upper][0] - ends[lower][1]) / true, (ends[upper][1] - ends[lower][0]) / true


def _by_p(row: Result, level: int, ends: Interval) -> Interval:
    """The standard error from estimate and p-value at a level, as if the test were normal."""
    true, p = abs(_scaled(row, row.estimate or 0.0)), row.p_value or 0.0
    z = _deviate(p)
    if not true or not 0 < z < math.inf or level >= NO_TEST:
        return EVERYTHING
    told, step = (_p_told(p, level), _width_of_p(p, level)) if level else (p, 0.0)
    farthest = max(map(abs, ends))
    nearest = 0.0 if ends[0] <= 0 <= ends[1] else min(map(abs, ends))
    strong, weak = _deviate(max(told - step / 2, 0.0)), _deviate(min(told + step / 2, 1.0))
    low = nearest / true * (z / strong if strong < math.inf else 0.0)
    return low, farthest / true * (z / weak) if weak > 0 else math.inf


def _deviate(p: float) -> float:
    """How many standard errors a two-sided p-value is worth."""
    return float(norm.isf(p / 2)) if p > 0 else math.inf
