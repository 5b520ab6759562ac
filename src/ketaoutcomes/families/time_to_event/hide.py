"""Survival curves without what single subjects did."""

import math
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import compress, pairwise
from typing import ClassVar, Final

import numpy as np

from ketaoutcomes.families.fitted import FloatArray
from ketaoutcomes.families.time_to_event.record import (
    HazardTrend,
    IncidenceCurve,
    SurvivalCurve,
    SurvivalRecord,
)
from ketaoutcomes.numerics.allowed import STEPS, BoolArray
from ketaoutcomes.numerics.survival.residual_trend import means_in_order
from ketaoutcomes.privacy.book import Place
from ketaoutcomes.privacy.counts import Cells
from ketaoutcomes.privacy.curves import INCIDENCE, Days, heights
from ketaoutcomes.privacy.digits import Coarseness, rounded, told_of_error
from ketaoutcomes.privacy.events import errors_by_events
from ketaoutcomes.privacy.relations import Relation
from ketaoutcomes.privacy.ticks import censored, days_shown, start_only, ticks_shown
from ketaoutcomes.results import Result

RESTRICTED: Final = "restricted mean"
COMPARED: Final = ("difference in restricted means", "ratio of restricted means")
IN_PERIOD: Final = "hazard ratio in period"
STEPS_OF_HEIGHT: Final = (0.02, 0.05, 0.1, 0.2)
"""To which multiples a survival probability is rounded, the finest that leaves enough values."""
VALUES: Final = 6
"""So many steps of the curve a round number leaves open: five values, and one to spare."""


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
    between: dict[str, dict[float, float]] = defaultdict(dict)
    for arm, day, height, _ in round_survival(record, days, smallest):
        between[arm][day] = height
    incidence = ((c, days.get((name, c.arm, INCIDENCE), [])) for c in record.incidence)
    return replace(
        record,
        curves=tuple(
            _coarse_curve(record, c, days[name, c.arm, ""], between[c.arm]) for c in record.curves
        ),
        trend=None if record.trend is None else _coarse_trend(record.trend, smallest),
        incidence=tuple(_coarse_incidence(curve, shown) for curve, shown in incidence),
        joined=True,
    )


def merged_ticks(records: Sequence[SurvivalRecord]) -> SurvivalRecord | None:
    """A record with the ticks of several of the same subjects; None where they differ."""
    first = records[0]
    ticks = tuple(sorted({tick for record in records for tick in record.ticks}))
    curves = [
        _merged(ticks, [(r.ticks, r.curves[place]) for r in records if len(r.curves) > place])
        for place in range(len(first.curves))
    ]
    if any(record.incidence for record in records) or None in curves:
        return None
    return replace(first, ticks=ticks, curves=tuple(c for c in curves if c is not None))


def _merged(
    ticks: tuple[float, ...], parts: list[tuple[tuple[float, ...], SurvivalCurve]]
) -> SurvivalCurve | None:
    """Numbers at risk and events of a curve at the ticks of all; None where the totals differ."""
    curve = parts[0][1]
    totals = {(part.arm, part.n_events[-1:], part.at_risk[:1]) for _, part in parts}
    risks = {t: n for own, part in parts for t, n in zip(own, part.at_risk, strict=True)}
    events = {t: n for own, part in parts for t, n in zip(own, part.n_events, strict=False)}
    known = [t for t in ticks if risks[t] is not None and t in events]
    if len(totals) > 1 or known != list(ticks[: len(known)]) or not curve.n_events:
        return None
    return replace(
        curve,
        at_risk=tuple(risks[t] if t in known else None for t in ticks),
        n_events=(*(events[t] for t in known), curve.n_events[-1]),
    )


def round_survival(
    record: SurvivalRecord, days: Days, smallest: int
) -> Iterator[tuple[str, float, float, float]]:
    """Survival in round numbers at ticks between those at which it may be shown as it is.

    A step of the curve is its height over those at risk. The height is rounded so far that at
    least `VALUES` numbers of events since the last exact day agree with it, and as many to the
    next one. None where events of other kinds compete: set against their incidence, they tell more.
    """
    for curve in record.curves if not record.incidence else ():
        exact = days.get((record.analysis, curve.arm, ""), [])
        for tick, at_risk in zip(record.ticks[1:], curve.at_risk[1:], strict=True):
            if tick not in exact and at_risk is not None and at_risk >= smallest and curve.n_events:
                found = _round_height(curve, exact, tick, at_risk)
                if found is not None:
                    yield (curve.arm, tick, *found)


def _round_height(
    curve: SurvivalCurve, exact: Sequence[float], tick: float, at_risk: int
) -> tuple[float, float] | None:
    """A height and its step; None where no step leaves enough values."""
    at = np.array([tick, *_neighbours(exact, tick)])
    height, above, *rest = heights(curve.times, curve.survival, at, 1.0).tolist()
    below = rest[0] if rest else 0.0
    for step in STEPS_OF_HEIGHT:
        told = rounded(height, step)
        low, high = max(told - step / 2, below), min(told + step / 2, above)
        if high - low >= VALUES * height / at_risk and below < height < above:
            return told, step
    return None


def _neighbours(exact: Sequence[float], tick: float) -> list[float]:
    """The last day before a tick at which the curve is exact, and the next one, if any."""
    before = max((day for day in exact if day < tick), default=0.0)
    after = [day for day in exact if day > tick]
    return [before, *after[:1]]


def _coarse_curve(
    record: SurvivalRecord,
    curve: SurvivalCurve,
    shown: list[float],
    between: Mapping[float, float],
) -> SurvivalCurve:
    """The curve at the days that are shown, to be joined by lines.

    Days of round numbers have no limits.
    """
    exact = np.array(shown[1:])
    days = np.array(sorted({*shown[1:], *between}))
    at_days = heights(curve.times, curve.survival, days, 1.0).tolist()
    low, high = (
        _at_exact_days(days, exact, heights(curve.times, limit, exact, 1.0))
        for limit in (curve.conf_low, curve.conf_high)
    )
    survival = [between.get(day, at) for day, at in zip(days.tolist(), at_days, strict=True)]
    at_risk = zip(curve.at_risk, record.ticks, strict=True)
    return replace(
        curve,
        times=days,
        survival=np.array(survival),
        conf_low=low,
        conf_high=high,
        censored_at=np.array([]),
        at_risk=tuple(n if tick in shown else None for n, tick in at_risk),
        n_events=(),
        n_censored=(),
    )


def _at_exact_days(days: FloatArray, exact: FloatArray, limits: FloatArray) -> FloatArray:
    """Limits at the days at which the curve is exact; none at those of round numbers."""
    found = np.full(days.size, np.nan)
    found[np.isin(days, exact)] = limits
    return found


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


def trend_of_rows(record: SurvivalRecord, rows: Sequence[Result], _smallest: int) -> SurvivalRecord:
    """The record without the trend of hazards where the number of all events is not shown.

    Its points are means of equal groups of events, at mean days: they tell how many events there
    are in all, and so those of an arm beside the other's.
    """
    of_all = (r for r in rows if r.analysis == record.analysis and r.statistic == "hazard ratio")
    hidden = any(
        word.partition(":")[0] == "n_events" for r in of_all for word in r.suppressed.split()
    )
    return replace(record, trend=None) if hidden else record


def _coarse_trend(trend: HazardTrend, smallest: int) -> HazardTrend | None:
    """Means over neighbouring events, and the curve between the first of them and the last."""
    together = -(-smallest // trend.events_of_a_point)
    at = means_in_order(trend.events_at, together)
    if len(at) < 2:
        return None
    times = np.linspace(at[0], at[-1], trend.times.size)
    return HazardTrend(
        events_at=at,
        residuals=means_in_order(trend.residuals, together),
        times=times,
        estimate=np.interp(times, trend.times, trend.estimate),
        conf_low=np.interp(times, trend.times, trend.conf_low),
        conf_high=np.interp(times, trend.times, trend.conf_high),
        events_of_a_point=together * trend.events_of_a_point,
    )


def events_behind_errors(cells: Cells, rows: Sequence[Result]) -> Iterator[Relation]:
    """Errors of log hazard ratios, and of restricted means, tell the events of the arms."""
    yield from errors_by_events(cells, rows, ("ttet01", "ttet03", "cift01"))
    yield from _lone_events(cells, rows)


def _lone_events(cells: Cells, rows: Sequence[Result]) -> Iterator[Relation]:
    """The error of a restricted mean tells at least how many events the arm had."""
    events = {
        (row.analysis, row.arm): cell
        for row, cell, _ in cells.of_field("estimate")
        if row.statistic == "events"
    }
    for place, row in enumerate(rows):
        cell, n = events.get((row.analysis, row.arm)), cells.rows[place].n
        days_lost = _days_lost(row)
        if days_lost is not None and cell is not None and n:
            together = (place, *_compared_with(rows, row))
            yield LostTime((cell,), together, cells.book.count_of(cell), n, days_lost, row)


def _days_lost(row: Result) -> float | None:
    """How far the restricted mean of an arm lies below the day up to which it is taken."""
    day = re.search(r"up to day ([\d.]+)$", row.method)
    if row.statistic != RESTRICTED or row.estimate is None or not row.std_error or day is None:
        return None
    return float(day[1]) - row.estimate


def _compared_with(rows: Sequence[Result], of: Result) -> Iterator[int]:
    """The difference and the ratio of the restricted means: their errors are those of two arms."""
    for place, row in enumerate(rows):
        two = row.analysis == of.analysis and of.arm in {row.arm, row.reference} and row.reference
        if two and row.statistic in COMPARED:
            yield place


@dataclass(frozen=True)
class LostTime:
    """A restricted mean: the days that events cost, and their squares by its standard error.

    Without censoring n^2 SE^2 + S^2 / n is the sum of squares Q of the days that each of d events
    cost, and S their sum, so that d is at least S^2 / Q; it is that where there was one event.

    Attributes
    ----------
    count : int
        The events of the arm.
    n : int
        Its subjects.
    lost : float
        How many days the restricted mean lies below the day up to which it is taken.
    """

    cells: tuple[int, ...]
    rows: tuple[int, ...]
    count: int
    n: int
    lost: float
    row: Result
    aspect: ClassVar[str] = "error"

    def fits(self, level: int) -> BoolArray:
        """The numbers of events that could cost these days."""
        low, high = told_of_error(self.row, Coarseness(error=level))
        least, most = self._at_least(high), self._at_least(low)
        counts = self.count + STEPS
        found = counts >= min(least - 1 / self.n, self.count)
        if least > 1 + 1 / self.n:
            found &= counts > 1
        if most <= 1 + 1 / self.n:
            found &= counts <= 1
        return np.asarray(found | (STEPS == 0))

    def _at_least(self, times: float) -> float:
        error = (self.row.std_error or 0.0) * times
        if not math.isfinite(error):
            return 0.0
        total = self.n * self.lost
        squares = (self.n * error) ** 2 + total**2 / self.n
        return total**2 / squares if squares else 0.0


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
