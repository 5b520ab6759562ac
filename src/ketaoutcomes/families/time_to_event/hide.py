"""Survival curves without what single subjects did."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import compress, pairwise
from typing import Final

import numpy as np

from ketaoutcomes.families.time_to_event.record import (
    HazardTrend,
    IncidenceCurve,
    SurvivalCurve,
    SurvivalRecord,
)
from ketaoutcomes.privacy.book import Place
from ketaoutcomes.privacy.counts import Cells
from ketaoutcomes.privacy.curves import INCIDENCE, Days, heights, means_in_order
from ketaoutcomes.privacy.events import errors_by_events
from ketaoutcomes.privacy.relations import Relation
from ketaoutcomes.privacy.ticks import censored, days_shown, start_only, ticks_shown
from ketaoutcomes.results import Result

IN_PERIOD: Final = "hazard ratio in period"


def survival_days(record: SurvivalRecord, smallest: int) -> Iterator[tuple[str, str, list[float]]]:
    """Days at which each arm's survival, and its incidence of each kind, may be shown."""
    for curve in record.curves:
        ticks = survival_ticks(record, curve, smallest)
        for kind, shown in zip(("", INCIDENCE), ticks, strict=True):
            yield curve.arm, kind, list(compress(record.ticks, shown))


def survival_ticks(
    record: SurvivalRecord, curve: SurvivalCurve, smallest: int
) -> tuple[list[bool], list[bool]]:
    """Ticks of an arm's survival, and of its incidence of each kind of event.

    They are the same for both, or there is no incidence: set against each other, they tell how many
    events of other kinds came before. Survival alone is kept where incidence would cost it more
    than half of its ticks.
    """
    alone = days_shown(curve.at_risk, curve.n_events, smallest)
    kinds = [one.n_events for one in record.incidence if one.arm == curve.arm]
    known = tuple(n for n in curve.at_risk if n is not None)
    if not kinds or any(len(kind) != len(known) + 1 for kind in (*kinds, curve.n_events)):
        return alone, start_only(alone)
    free = (censored(known, (curve.n_events,)), censored(known, kinds))
    both = ticks_shown(known, (curve.n_events, *kinds, *free), smallest)
    return (both, both) if 2 * sum(both[1:]) >= sum(alone[1:]) else (alone, start_only(alone))


def coarse_survival(
    record: SurvivalRecord, _places: frozenset[Place], days: Days, smallest: int
) -> SurvivalRecord:
    """The curves at the days that may be shown."""
    name = record.analysis
    incidence = ((c, days.get((name, c.arm, INCIDENCE), [])) for c in record.incidence)
    return replace(
        record,
        curves=tuple(_coarse_curve(record, c, days[name, c.arm, ""]) for c in record.curves),
        trend=None if record.trend is None else _coarse_trend(record.trend, smallest),
        incidence=tuple(_coarse_incidence(curve, shown) for curve, shown in incidence),
        joined=True,
    )


def _coarse_curve(
    record: SurvivalRecord, curve: SurvivalCurve, shown: list[float]
) -> SurvivalCurve:
    """The curve at the days that are shown, to be joined by lines."""
    days = np.array(shown[1:])
    at_risk = zip(curve.at_risk, record.ticks, strict=True)
    return replace(
        curve,
        times=days,
        survival=heights(curve.times, curve.survival, days, 1.0),
        conf_low=heights(curve.times, curve.conf_low, days, 1.0),
        conf_high=heights(curve.times, curve.conf_high, days, 1.0),
        censored_at=np.array([]),
        at_risk=tuple(n if tick in shown else None for n, tick in at_risk),
        n_events=(),
    )


def _coarse_incidence(curve: IncidenceCurve, shown: list[float]) -> IncidenceCurve:
    days = np.array(shown[1:])
    return replace(
        curve,
        times=days,
        incidence=heights(curve.times, curve.incidence, days, 0.0),
        conf_low=heights(curve.times, curve.conf_low, days, 0.0),
        conf_high=heights(curve.times, curve.conf_high, days, 0.0),
        n_events=(),
    )


def _coarse_trend(trend: HazardTrend, smallest: int) -> HazardTrend | None:
    """Means over neighbouring events, and the curve between the first of them and the last."""
    at = means_in_order(trend.events_at, smallest)
    if len(at) < 2:
        return None
    times = np.linspace(at[0], at[-1], trend.times.size)
    return HazardTrend(
        events_at=at,
        residuals=means_in_order(trend.residuals, smallest),
        times=times,
        estimate=np.interp(times, trend.times, trend.estimate),
        conf_low=np.interp(times, trend.times, trend.conf_low),
        conf_high=np.interp(times, trend.times, trend.conf_high),
    )


def events_behind_errors(cells: Cells, rows: Sequence[Result]) -> Iterator[Relation]:
    """Errors of log hazard ratios tell the events of both arms."""
    return errors_by_events(cells, rows, ("ttet01", "ttet03", "cift01"))


def periods_follow_each_other(cells: Cells) -> None:
    """Who is at risk in a period had no event before it, and was not censored before it.

    A period's `n` counts those at risk at its start; the rest between two of them had an event or
    was censored, and stands in no table.
    """
    periods: dict[tuple[str, ...], list[tuple[int, int]]] = defaultdict(list)
    for row, cell, place in cells.of_field("n"):
        events = cells.of.get((place, "n_events"))
        if row.statistic == IN_PERIOD and events is not None:
            periods[row.analysis, row.arm, row.reference].append((cell, events))
    for found in periods.values():
        for (before, events), (after, _) in pairwise(found):
            cells.book.total([before], [events, after])
