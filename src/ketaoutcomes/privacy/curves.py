"""Curves and clouds of points without what single subjects did."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import compress

import numpy as np

from ketaoutcomes.families.records import (
    DoseResponseRecord,
    FloatArray,
    HazardTrend,
    IncidenceCurve,
    MeanCurve,
    MmrmRecord,
    ModelRecord,
    ParametricCurve,
    ParametricRecord,
    RecurrentRecord,
    SurvivalCurve,
    SurvivalRecord,
    TippingRecord,
    ValueRecord,
)
from ketaoutcomes.privacy.book import Place
from ketaoutcomes.privacy.counts import AT_TIMES
from ketaoutcomes.privacy.rows import without, without_numbers
from ketaoutcomes.privacy.ticks import mean_ticks, survival_ticks
from ketaoutcomes.results import Result

QUANTILES = frozenset({"median", "quantile"})
"""Statistics of a curve that are the day of an event."""

INCIDENCE = "cumulative incidence"

Days = dict[tuple[str, str, str], list[float]]
"""Days at which a curve may be shown, by analysis, arm, and `INCIDENCE` or nothing."""


def days_of(records: tuple[ModelRecord, ...], rows: Iterable[Result], smallest: int) -> Days:
    """Days at which each curve may be shown; the start alone where its events are hidden.

    Parameters
    ----------
    rows : iterable of Result
        After counts were hidden.
    """
    hidden = {
        (row.analysis, row.arm)
        for row in rows
        if row.statistic in {"events", "events of this kind"} and row.status == "suppressed"
    }
    found: Days = {}
    for record in records:
        for arm, kind, days in _days(record, smallest):
            none = (record.analysis, arm) in hidden
            found[record.analysis, arm, kind] = days[:1] if none else days
    return found


def _days(record: ModelRecord, smallest: int) -> Iterator[tuple[str, str, list[float]]]:
    match record:
        case SurvivalRecord():
            for curve in record.curves:
                ticks = survival_ticks(record, curve, smallest)
                for kind, shown in zip(("", INCIDENCE), ticks, strict=True):
                    yield curve.arm, kind, list(compress(record.ticks, shown))
        case RecurrentRecord():
            for mean in record.curves:
                yield mean.arm, "", list(compress(record.ticks, mean_ticks(mean, smallest)))


def coarse_record(
    record: ModelRecord, places: frozenset[Place], days: Days, smallest: int
) -> ModelRecord:
    """A record without the values of single subjects."""
    match record:
        case MmrmRecord():
            name = record.analysis
            return replace(
                record,
                residuals=means_of_neighbours(record.residuals, smallest),
                n_obs=None if (name, "n_obs") in places else record.n_obs,
                n_subjects=None if (name, "n_subjects") in places else record.n_subjects,
            )
        case SurvivalRecord():
            return _coarse_survival(record, days, smallest)
        case RecurrentRecord():
            means = (_coarse_mean(c, days[record.analysis, c.arm, ""]) for c in record.curves)
            return replace(record, curves=tuple(means), joined=True)
        case ParametricRecord():
            fitted = (_fitted_only(curve, record.ticks[-1]) for curve in record.curves)
            return replace(record, curves=tuple(fitted))
        case TippingRecord() | DoseResponseRecord() | ValueRecord():
            # estimates of a model, and means of all in an arm drawn anew: of nobody
            return record


def means_of_neighbours(values: FloatArray, smallest: int) -> FloatArray:
    """Means of groups of at least `smallest` sorted values (microaggregation: Defays & Anwar 1998).

    D. Defays and M. N. Anwar, Masking microdata using micro-aggregation, J Off Stat 14:449-461.
    """
    return _means_in_order(np.sort(values), smallest)


def _means_in_order(values: FloatArray, smallest: int) -> FloatArray:
    if values.size < smallest:
        return np.array([])
    return np.array([part.mean() for part in np.array_split(values, values.size // smallest)])


def coarse_rows(rows: tuple[Result, ...], days: Days) -> tuple[Result, ...]:
    """Rows along curves without those of days that are not shown, and no quantile beyond them."""
    return tuple(_coarse_row(row, _days_of_row(row, days)) for row in rows)


def _days_of_row(row: Result, days: Days) -> list[float]:
    """The days of the curve of a row, or those of both curves where it compares two."""
    kind = INCIDENCE if row.statistic == INCIDENCE else ""
    here, there = (
        days.get((row.analysis, arm, kind), []) for arm in (row.arm, row.reference or row.arm)
    )
    return [day for day in here if day in there]


def _coarse_row(row: Result, days: list[float]) -> Result:
    if row.statistic in AT_TIMES:
        kept = {row.visit, row.group} & {f"day {day:g}" for day in days}
        return row if kept else without_numbers(row)
    if row.statistic in QUANTILES and row.unit == "days":
        times = {name: getattr(row, name) for name in ("estimate", "conf_low", "conf_high")}
        last = max(days, default=0.0)
        late = {name for name, time in times.items() if time is not None and time > last}
        return without(row, late, whole="estimate" in late)
    return row


def _coarse_survival(record: SurvivalRecord, days: Days, smallest: int) -> SurvivalRecord:
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
        survival=_heights(curve.times, curve.survival, days, 1.0),
        conf_low=_heights(curve.times, curve.conf_low, days, 1.0),
        conf_high=_heights(curve.times, curve.conf_high, days, 1.0),
        censored_at=np.array([]),
        at_risk=tuple(n if tick in shown else None for n, tick in at_risk),
        n_events=(),
    )


def _coarse_incidence(curve: IncidenceCurve, shown: list[float]) -> IncidenceCurve:
    days = np.array(shown[1:])
    return replace(
        curve,
        times=days,
        incidence=_heights(curve.times, curve.incidence, days, 0.0),
        conf_low=_heights(curve.times, curve.conf_low, days, 0.0),
        conf_high=_heights(curve.times, curve.conf_high, days, 0.0),
        n_events=(),
    )


def _coarse_mean(curve: MeanCurve, shown: list[float]) -> MeanCurve:
    days = np.array(shown[1:])
    return MeanCurve(
        curve.arm,
        days,
        _heights(curve.times, curve.mean, days, 0.0),
        _heights(curve.times, curve.conf_low, days, 0.0),
        _heights(curve.times, curve.conf_high, days, 0.0),
    )


def _heights(
    times: FloatArray, values: FloatArray, days: FloatArray, at_start: float
) -> FloatArray:
    """Heights of a step curve at days."""
    if not values.size:
        return np.full(days.size, at_start)
    at = np.searchsorted(times, days, side="right") - 1
    return np.where(at >= 0, values[at], at_start)


def _coarse_trend(trend: HazardTrend, smallest: int) -> HazardTrend | None:
    """Means over neighbouring events, and the curve between the first of them and the last."""
    at = _means_in_order(trend.events_at, smallest)
    if len(at) < 2:  # noqa: PLR2004 - a curve has two ends
        return None
    times = np.linspace(at[0], at[-1], trend.times.size)
    return HazardTrend(
        events_at=at,
        residuals=_means_in_order(trend.residuals, smallest),
        times=times,
        estimate=np.interp(times, trend.times, trend.estimate),
        conf_low=np.interp(times, trend.times, trend.conf_low),
        conf_high=np.interp(times, trend.times, trend.conf_high),
    )


def _fitted_only(curve: ParametricCurve, last: float) -> ParametricCurve:
    """The curve of the law up to the last tick; the end of follow-up is the day of one subject."""
    none = np.array([])
    times = np.linspace(0.0, last, curve.times.size)
    fitted = np.interp(times, curve.times, curve.fitted)
    return ParametricCurve(curve.arm, none, none, none, times, fitted)
