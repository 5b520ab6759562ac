"""Delayed entry: from when on curves are sound, and restricted means given no event by then.

Who would have had the event before entry is never seen, so that nothing can be said of the time
before anybody was observed, and little of the time when only a few were (Klein & Moeschberger 2003,
Survival Analysis, section 4.6).
"""

from collections.abc import Iterator

import numpy as np

from ketaoutcomes.families.time_to_event.two_arms import Observed, TwoArms
from ketaoutcomes.numerics.survival.kaplan_meier import (
    KaplanMeier,
    at_risk,
    kaplan_meier,
    sound_from,
)
from ketaoutcomes.remarks import Remark

FEW_AT_RISK = 10
"""An event among fewer than so many at risk moves the curve by more than a tenth at once."""


def first_sound_day(arms: TwoArms) -> float:
    """The day from which the curves of all compared arms are sound; 0 without delayed entry."""
    return max(sound_from(*arms.observed(arm)) for arm in arms.names)


def conditional_curve(arms: TwoArms, arm: str, start: float) -> KaplanMeier | None:
    """The curve of those without an event by `start`, timed from it; None if nobody is left."""
    seen = arms.observed(arm)
    later = seen.time > start
    if not later.any():
        return None
    entry = np.zeros(seen.time.size) if seen.entry is None else seen.entry
    return kaplan_meier(
        seen.time[later] - start,
        seen.event[later],
        arms.analysis.interval,
        arms.conf_level,
        entry=np.maximum(entry[later] - start, 0.0),
    )


def entry_remarks(arms: TwoArms) -> tuple[Remark, ...]:
    """Arms whose first risk sets are too small for what the curve then shows."""
    if arms.entry is None:
        return ()
    present = sorted(arms.frame["arm"].unique())
    return (
        *(remark for arm in present for remark in _small_sets(arm, arms.observed(arm))),
        *_left_out(arms),
    )


def _small_sets(arm: str, seen: Observed) -> Iterator[Remark]:
    if seen.entry is None:
        return
    where, sound = f"arm `{arm}`", sound_from(*seen)
    first = max(float(seen.entry.min()), 0.0)
    if sound > first:
        yield Remark(
            f"Before day {sound:g} the risk set was empty, or all in it had the event, while "
            "others entered later. The curve before that day, and its height after it, are not "
            "reliable",
            where,
            gravity="warning",
        )
    days = np.unique(seen.time[seen.event])
    numbers = at_risk(seen.time, days, seen.entry)
    filled = int(np.argmax(numbers)) if days.size else 0
    few = days[:filled][numbers[:filled] < FEW_AT_RISK]
    if few.size:
        yield Remark(
            f"Up to day {few[-1]:g} events occurred while fewer than {FEW_AT_RISK} participants "
            "were at risk, because most entered later. Each such event moves the whole curve",
            where,
            gravity="warning",
        )


def _left_out(arms: TwoArms) -> Iterator[Remark]:
    """Parts of the analysis that have no form for delayed entry."""
    analysis = arms.analysis
    parts = []
    if analysis.covariates and arms.reference:
        parts.append("restricted means adjusted for covariates")
    if analysis.competing and arms.reference:
        parts.append("Gray's test and the Fine-Gray model")
    if parts:
        yield Remark(
            f"Not estimated, as they have no form for delayed entry here: {' and '.join(parts)}"
        )
