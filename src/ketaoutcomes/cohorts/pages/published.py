"""Published results in a reader's words."""

from re import sub

from ketaoutcomes.cohorts.evidence.precision import precision_of
from ketaoutcomes.cohorts.evidence.records import (
    CORRELATIONS,
    RATES,
    RATIOS,
    REMISSIONS,
    THRESHOLDS,
    WITHOUT_SCALE,
    Among,
    PublishedResult,
)
from ketaoutcomes.report.labels import (
    plain,
)
from ketaoutcomes.report.numbers import number

HOURS_PER_DAY = 24
TWO_DECIMALS = frozenset({"effect size", "severity before leaving"} | CORRELATIONS | RATIOS)


def result_words(result: PublishedResult) -> str:
    """What a published result is: arm, statistic, scale and time."""
    arm = arm_words(result.arm)
    if result.versus is not None:
        arm += f" versus {arm_words(result.versus)}"
    words = [arm, _statistic_words(result)]
    when = "" if result.with_hours is not None else time_words(result)
    some = _people_words(result.among)
    if result.against:
        some += f" versus {_people_words(result.against)}"
    return ", ".join([*words, *(word for word in (when, some) if word)])


def _people_words(among: Among) -> str:
    """Which participants, by covariate."""
    return ", ".join(
        f"{plain(name)}: {level}" if isinstance(level, str) else f"{plain(name)} {_range(*level)}"
        for name, level in among.items()
    )


def _range(low: float | None, high: float | None) -> str:
    if low is None:
        return f"below {high:g}"
    return f"{low:g} or more" if high is None else f"{low:g} to below {high:g}"


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
    if result.hours == 0:
        return "baseline"
    if result.hours < 1:
        return f"{60 * result.hours:.0f} minutes"
    if result.hours > 2 * HOURS_PER_DAY:
        return f"{result.hours / HOURS_PER_DAY:g} days"
    return f"{result.hours:g} h"


def _statistic_words(result: PublishedResult) -> str:
    kind = result.statistic
    if result.event is not None:
        return result.event if kind == "adverse event" else f"{kind}: {result.event}"
    if kind in CORRELATIONS and result.with_hours is not None:
        return _correlation_words(result)
    words = IN_WORDS.get(kind, kind)
    if kind == "rise ever":
        return f"{result.scale} {words} {result.at_least:g} or more"
    if kind == "level ever":
        return f"{result.scale} of {result.at_least:g} or more {words}"
    return words if kind in WITHOUT_SCALE else f"{words}{_measure_words(result)}"


def _measure_words(result: PublishedResult) -> str:
    """The scale of a statistic, and its threshold in brackets."""
    if result.statistic in REMISSIONS:
        return f" ({result.scale} of {result.at_most:g} or less)"
    if result.statistic in THRESHOLDS:
        return f" ({result.scale} of {result.at_least:g} or more)"
    if result.statistic in RESPONSES:
        return f" ({result.scale} reduced by at least {result.fall_percent:g}%)"
    state = "" if result.state is None else f" in {result.state}"
    return f"{state}, {result.scale}"


IN_WORDS = {
    "stopped for adverse event": "discontinued because of an adverse event",
    "rise ever": "increased at any time by",
    "level ever": "at any time",
    "response ever": "response at any time",
}
"""What a statistic is called where its name in the files is short."""

RESPONSES = frozenset(
    {"response", "response of all", "difference in response", "odds ratio of response"}
)


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
    """The value with its standard error; a ratio's error is that of its logarithm."""
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
