"""Survival curves are shown at days between which enough subjects had the event or left."""

from dataclasses import replace

import numpy as np

from ketaoutcomes.fits import (
    FloatArray,
    MmrmRecord,
    ModelRecord,
    SurvivalCurve,
    SurvivalRecord,
    TippingRecord,
)
from ketaoutcomes.results import Result
from ketaoutcomes.suppress.book import Place
from ketaoutcomes.suppress.counts import AT_TIMES
from ketaoutcomes.suppress.rows import without, without_numbers

QUANTILES = frozenset({"median", "quantile"})
"""Statistics of a curve that are the day of an event."""


def days_shown(
    at_risk: tuple[int | None, ...], n_events: tuple[int, ...], smallest: int
) -> list[bool]:
    """Ticks at which a curve may be shown.

    Between one such tick and the next, and after the last, none or at least `smallest` subjects had
    the event, and none or as many were censored; at least `smallest` are at risk.

    Parameters
    ----------
    at_risk : tuple of int
        Subjects at risk at each tick; the first is the start.
    n_events : tuple of int
        Events up to each tick.
    """
    known = [n for n in at_risk if n is not None]
    if len(n_events) != len(known):
        return [place == 0 for place, _ in enumerate(at_risk)]
    total = (n_events[-1], known[0] - n_events[-1])
    shown = [True]
    last = (0, 0)
    for risk, events in zip(known[1:], n_events[1:], strict=True):
        here = (events, max(known[0] - risk - events, 0))
        steps = [now - before for now, before in zip(here, last, strict=True)]
        rests = [whole - now for whole, now in zip(total, here, strict=True)]
        enough = all(step <= 0 or step >= smallest for step in (*steps, *rests))
        shown.append(enough and risk >= smallest)
        last = here if shown[-1] else last
    return shown


def coarse_record(
    record: ModelRecord, places: frozenset[Place], smallest: int
) -> ModelRecord | None:
    """A record without the values of single subjects; None for a kind not known to be safe."""
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
            curves = tuple(_coarse_curve(record, curve, smallest) for curve in record.curves)
            # points of the trend and steps of the incidence are single events
            return replace(record, curves=curves, trend=None, incidence=(), joined=True)
        case TippingRecord():
            # estimates of a model at shifts, of nobody
            return record
    return None


def means_of_neighbours(values: FloatArray, smallest: int) -> FloatArray:
    """Means of groups of at least `smallest` sorted values (microaggregation: Defays & Anwar 1998).

    D. Defays and M. N. Anwar, Masking microdata using micro-aggregation, J Off Stat 14:449-461.
    """
    if values.size < smallest:
        return np.array([])
    return np.array(
        [part.mean() for part in np.array_split(np.sort(values), values.size // smallest)]
    )


def coarse_rows(
    rows: tuple[Result, ...], records: tuple[ModelRecord, ...], smallest: int
) -> tuple[Result, ...]:
    """Rows along curves without those of days that are not shown, and no quantile beyond them."""
    days = {
        (record.analysis, curve.arm): [
            tick
            for tick, shown in zip(
                record.ticks, days_shown(curve.at_risk, curve.n_events, smallest), strict=True
            )
            if shown
        ]
        for record in records
        if isinstance(record, SurvivalRecord)
        for curve in record.curves
    }
    return tuple(
        _coarse_row(
            row,
            [
                day
                for day in days.get((row.analysis, row.arm), [])
                if not row.reference or day in days.get((row.analysis, row.reference), [])
            ],
        )
        for row in rows
    )


def _coarse_row(row: Result, days: list[float]) -> Result:
    if row.statistic in AT_TIMES:
        kept = row.group in {f"day {day:g}" for day in days}
        return row if kept else without_numbers(row)
    if row.statistic in QUANTILES and row.unit == "days":
        times = {name: getattr(row, name) for name in ("estimate", "conf_low", "conf_high")}
        last = max(days, default=0.0)
        late = {name for name, time in times.items() if time is not None and time > last}
        return without(row, late, whole="estimate" in late)
    return row


def _coarse_curve(record: SurvivalRecord, curve: SurvivalCurve, smallest: int) -> SurvivalCurve:
    """The curve at the days that are shown, to be joined by lines."""
    shown = days_shown(curve.at_risk, curve.n_events, smallest)
    days = np.array([tick for tick, here in zip(record.ticks, shown, strict=True) if here][1:])
    at = np.searchsorted(curve.times, days, side="right") - 1
    heights = (
        np.where(at >= 0, part[at], 1.0) if part.size else np.ones(days.size)
        for part in (curve.survival, curve.conf_low, curve.conf_high)
    )
    survival, low, high = heights
    return replace(
        curve,
        times=days,
        survival=survival,
        conf_low=low,
        conf_high=high,
        censored_at=np.array([]),
        at_risk=tuple(n if here else None for n, here in zip(curve.at_risk, shown, strict=True)),
        n_events=(),
    )
