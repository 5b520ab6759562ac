"""Published results in a reader's words."""

from re import sub

from ketaoutcomes.cohorts.evidence.precision import precision_of
from ketaoutcomes.cohorts.evidence.records import CORRELATIONS, RATES, PublishedResult
from ketaoutcomes.report.labels import plain
from ketaoutcomes.report.numbers import number

HOURS_PER_DAY = 24
TWO_DECIMALS = frozenset({"hazard ratio", "effect size", "severity before leaving"} | CORRELATIONS)


def result_words(result: PublishedResult) -> str:
    """What a published result is: arm, statistic, scale and time."""
    arm = arm_words(result.arm)
    if result.versus is not None:
        arm += f" versus {arm_words(result.versus)}"
    words = [arm, _statistic_words(result)]
    when = "" if result.with_hours is not None else time_words(result)
    return ", ".join([*words, when] if when else words)


def arm_words(arm: str) -> str:
    """An arm of a publication; a number at its end is a dose, two numbers one by weight."""
    by_weight = sub(r" (\d+) (\d+)$", r" \1.\2 mg/kg", plain(arm))
    return sub(r" (\d+)$", r" \1 mg", by_weight)


def time_words(result: PublishedResult) -> str:
    """When it was measured; empty where it belongs to a whole phase."""
    if result.day is not None:
        return f"day {result.day}"
    if result.hours is None:
        return ""
    if result.hours < 1:
        return f"{60 * result.hours:.0f} minutes"
    if result.hours > 2 * HOURS_PER_DAY:
        return f"{result.hours / HOURS_PER_DAY:g} days"
    return f"{result.hours:g} h"


def _statistic_words(result: PublishedResult) -> str:
    match result.statistic:
        case "adverse event":
            return str(result.event)
        case "remission" | "remission of all":
            return f"{result.statistic} ({result.scale} at most {result.at_most:g})"
        case "response":
            return f"response ({result.scale} fall of {result.fall_percent:g}%)"
        case "correlation" | "correlation of change" | "correlation with marker":
            return _correlation_words(result)
        case "relapse" | "hazard ratio" | "median days to relapse":
            return result.statistic
        case _:
            return f"{result.statistic}, {result.scale}"


def _correlation_words(result: PublishedResult) -> str:
    """Which visits are correlated."""
    assert result.with_hours is not None
    if result.marker is not None:
        marker = f"{result.marker} at {result.with_hours:g} h"
        return f"correlation of {marker} with {result.scale} at {time_words(result)}"
    other = "baseline" if result.with_hours == 0 else f"{result.with_hours / HOURS_PER_DAY:g} days"
    what = result.statistic.removeprefix("correlation").strip() or f"of {result.scale}"
    return f"correlation {what}, {other} and {time_words(result)}"


def published_value(result: PublishedResult) -> str:
    """The value with its standard error; a hazard ratio's error is that of its logarithm."""
    precision = precision_of(result)
    assert precision is not None
    decimals = decimals_of_published(result)
    error = number(precision.std_error, 2)
    return f"{number(result.value, decimals)}{unit_of_published(result)} ({error})"


def unit_of_published(result: PublishedResult) -> str:
    """A per cent sign after a share of subjects."""
    return "%" if result.statistic in RATES else ""


def decimals_of_published(result: PublishedResult) -> int:
    """Two decimals for a ratio, an effect size or a correlation, else one."""
    return 2 if result.statistic in TWO_DECIMALS else 1
