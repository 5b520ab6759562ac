"""Shifts of vital signs: below, within or above the normal range, at baseline and at the worst.

The worst later value is the one farthest outside the range; of equals, the high one (ICH E3,
section 14.3.4).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import pandas as pd

from ketaoutcomes.describe.safety.vital_signs import Series
from ketaoutcomes.plan.safety import VitalSign
from ketaoutcomes.results import Result

TABLE = "vst03"
LOW, NORMAL, HIGH = "low", "normal", "high"
TO: Final = " to "


def shift_tables(arms: Sequence[str], measured: Iterable[Series]) -> tuple[Result, ...]:
    """Participants by where they were at baseline and at the worst, where the plan has a range.

    `group` is "vital sign: normal to high"; those count who have a baseline and a later value.
    """
    return tuple(
        row
        for series in measured
        if classes_of(series.sign) and series.frame.shape[1] > 1
        for arm in arms
        for row in _of_arm(series, arm)
    )


def in_order(classes: Iterable[str]) -> tuple[str, ...]:
    """The classes among these, from low to high."""
    there = set(classes)
    return tuple(one for one in (LOW, NORMAL, HIGH) if one in there)


def classes_of(sign: VitalSign) -> tuple[str, ...]:
    """The classes that the range of a vital sign tells apart; none without a range."""
    if sign.normal_low is None and sign.normal_high is None:
        return ()
    low = (LOW,) if sign.normal_low is not None else ()
    high = (HIGH,) if sign.normal_high is not None else ()
    return (*low, NORMAL, *high)


@dataclass(frozen=True)
class Shift:
    """What is counted: a measure in an arm of a phase, by these classes, in a table."""

    table: str
    name: str
    phase: str
    arm: str
    classes: tuple[str, ...]


def counts_of(shift: Shift, before: pd.Series, after: pd.Series) -> Iterator[Result]:
    """Participants by class before and after; both series have the same participants."""
    for one in shift.classes:
        for other in shift.classes:
            count = 0 if before.empty else int(((before == one) & (after == other)).sum())
            yield Result(
                table=shift.table,
                statistic="count",
                phase=shift.phase,
                arm=shift.arm,
                group=f"{shift.name}: {one}{TO}{other}",
                estimate=float(count),
                n=len(before),
            )


def _of_arm(series: Series, arm: str) -> Iterator[Result]:
    baseline, *later = series.visits
    values = series.of(arm)
    values = values[values[baseline].notna() & values[later].notna().any(axis=1)]
    before = values[baseline].map(lambda value: _class(series.sign, value))
    after = values[later].apply(lambda row: _worst(series.sign, row.dropna()), axis=1)
    shift = Shift(TABLE, series.name, series.phase, arm, classes_of(series.sign))
    yield from counts_of(shift, before, after)


def _class(sign: VitalSign, value: float) -> str:
    if sign.normal_low is not None and value < sign.normal_low:
        return LOW
    if sign.normal_high is not None and value > sign.normal_high:
        return HIGH
    return NORMAL


def _worst(sign: VitalSign, values: pd.Series) -> str:
    """The class of the value farthest outside the range."""
    below = 0.0 if sign.normal_low is None else sign.normal_low - float(values.min())
    above = 0.0 if sign.normal_high is None else float(values.max()) - sign.normal_high
    if max(below, above) <= 0:
        return NORMAL
    return HIGH if above >= below else LOW
