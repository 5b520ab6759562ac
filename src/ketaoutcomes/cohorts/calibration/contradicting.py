"""Published results of one measure that no scenario could meet together."""

from collections.abc import Iterable
from math import inf, isclose
from re import split

from ketaoutcomes.cohorts.calibration.comparing import LAST_DAY, Compared
from ketaoutcomes.cohorts.evidence.library import Evidence
from ketaoutcomes.cohorts.evidence.precision import on_scale_of_comparison, precision_of
from ketaoutcomes.cohorts.simulation.parts_design import Dosing
from ketaoutcomes.cohorts.simulation.pharmacokinetics import strength
from ketaoutcomes.cohorts.simulation.scenario import read_scenario
from ketaoutcomes.plan.study import HOURS_PER_DAY

ERRORS = 2.0
"""A result is met within so many of its standard errors."""

WEEK = 7 * HOURS_PER_DAY
"""From a week on, visits a day apart are the same: day 28 of one trial is day 29 of another."""

QUALIFIERS = r" (?:with|without|in|at|before|after|referred)\b|,"
"""What stands behind a condition and says who of those that have it."""

DEGREES = ("treatment-resistant ", "treatment-refractory ", "unipolar or bipolar ")
"""What stands before a condition and says how ill."""

MEDIAN = "median days to relapse"
RELAPSES = ("relapse", MEDIAN)
HALF = 50.0

Where = tuple[str, str, str]
"""A result's name, and the scenario and phase that it is compared with."""


def contradictions(evidence: Evidence, these: Iterable[Compared]) -> dict[Where, tuple[str, ...]]:
    """For each comparison the results of other trials that no value meets within two SE beside it.

    Two results are of one measure if they say the same statistic of the same scale or event at the
    same time, of people with the same condition who had the same drug by the same route as often
    until then. No value lies within two standard errors of both where they are farther apart than
    twice the sum of their errors. Of several results that overlap two by two all are met by some
    value (Helly 1923), so that looking at pairs is enough. A median of days to relapse is held
    against the shares that had relapsed by a day: half have by the median.
    """
    by_measure: dict[tuple[object, ...], list[Compared]] = {}
    for each in these:
        by_measure.setdefault(_measure(evidence, each), []).append(each)
    return {
        where(each): tuple(
            dict.fromkeys(
                other.published.id
                for other in alike
                if other.published.trial != each.published.trial and _exclude(each, other)
            )
        )
        for alike in by_measure.values()
        for each in alike
    }


def where(each: Compared) -> Where:
    """What names a comparison."""
    return each.published.id, each.comparison.scenario, each.comparison.phase


def condition_of(words: str) -> str:
    """The condition itself, without how ill its people are and who of them were studied."""
    name = split(QUALIFIERS, words)[0]
    for degree in DEGREES:
        name = name.removeprefix(degree)
    return name


def _measure(evidence: Evidence, each: Compared) -> tuple[object, ...]:
    """What two results of one measure share; the time is left out."""
    here = each.here
    scenario = read_scenario(each.comparison.scenario)
    arms = scenario.phases[each.comparison.phase].arms
    treatments = [
        None if arm is None else _treatment(_arm(arms, arm), here.at_hours)
        for arm in (here.arm, here.versus)
    ]
    follows = scenario.phases[each.comparison.phase].before is not None
    return (
        condition_of(evidence.trials[each.published.trial].condition),
        (each.comparison.scenario, each.comparison.phase) if follows else None,
        here.arm if follows else None,
        *treatments,
        "relapse" if here.statistic in RELAPSES else here.statistic,
        here.scale,
        here.event,
        here.marker,
        here.with_hours,
        here.at_most,
        here.at_least,
        here.fall_percent,
        here.state,
        repr((here.among, here.against)),
    )


def _arm(arms: dict[str, Dosing], name: str) -> Dosing:
    """An arm by its name, which may end with a stratum."""
    return arms[name] if name in arms else arms[name.rpartition("_")[0]]


def _treatment(arm: Dosing, hours: float | None) -> tuple[object, ...]:
    """The drug, its route, and how many of the written doses were given until then."""
    if strength(arm.drug, "mood") == 0:
        return ("without the drug", arm.oral_antidepressant)
    until = inf if hours is None else hours
    return arm.drug, arm.route, sum(day * HOURS_PER_DAY < until for day in arm.dose_days)


def _exclude(one: Compared, other: Compared) -> bool:
    """Whether no course is within two standard errors of both."""
    if one.here.statistic == other.here.statistic:
        return _at_one_time(one, other) and _are_apart(one, other)
    median, share = sorted((one, other), key=lambda each: each.here.statistic != MEDIAN)
    return _is_no_median_of(median, share)


def _at_one_time(one: Compared, other: Compared) -> bool:
    first, second = one.here.at_hours, other.here.at_hours
    if first is None or second is None:
        return first is second
    if min(first, second) < WEEK:
        return isclose(first, second)
    return abs(first - second) <= LAST_DAY * HOURS_PER_DAY


def _is_no_median_of(median: Compared, share: Compared) -> bool:
    """Whether fewer than half had relapsed after the median, or more than half before it."""
    if share.here.at_hours is None:
        return False
    day = share.here.at_hours / HOURS_PER_DAY
    late, early = (
        day >= median.here.value + ERRORS * _error(median),
        day <= median.here.value - ERRORS * _error(median),
    )
    above = (share.here.value - HALF) / (ERRORS * _error(share))
    return (late and above < -1) or (early and above > 1)


def _are_apart(one: Compared, other: Compared) -> bool:
    """Whether no value is within two standard errors of both."""
    values = [on_scale_of_comparison(each.here, each.here.value) for each in (one, other)]
    return abs(values[0] - values[1]) > ERRORS * (_error(one) + _error(other))


def _error(each: Compared) -> float:
    precision = precision_of(each.published)
    assert precision is not None
    return precision.std_error
