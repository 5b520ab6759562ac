"""Curves and clouds of points without what single subjects did."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace

import numpy as np

from ketaoutcomes.families.fitted import FloatArray, ModelRecord
from ketaoutcomes.families.registry import hiding_of
from ketaoutcomes.numerics.survival.residual_trend import means_in_order
from ketaoutcomes.privacy.book import Place
from ketaoutcomes.privacy.counts import AT_TIMES
from ketaoutcomes.privacy.rows import without, without_numbers
from ketaoutcomes.results import Result

QUANTILES = frozenset({"median", "quantile"})
"""Statistics of a curve that are the day of an event."""

INCIDENCE = "cumulative incidence"

Days = dict[tuple[str, str, str], list[float]]
"""Days at which a curve may be shown, by analysis, arm, and `INCIDENCE` or nothing."""

Heights = dict[tuple[str, str], dict[float, tuple[float, float]]]
"""Analysis and arm -> day -> height in round numbers, and the step to which it is rounded."""


def coarse_records(
    records: Iterable[ModelRecord], places: frozenset[Place], days: Days, smallest: int
) -> tuple[ModelRecord, ...]:
    """The records without the values of single subjects; one whose family is silent is left out."""
    hidings = ((record, hiding_of(record)) for record in records)
    shown = (h.shown(record, places, days, smallest) for record, h in hidings if h is not None)
    return tuple(record for record in shown if record is not None)


def days_of(records: tuple[ModelRecord, ...], rows: tuple[Result, ...], smallest: int) -> Days:
    """Days at which each curve may be shown; the start alone where its events are hidden.

    Curves of one endpoint in several analyses are judged at the days of all of them together.

    Parameters
    ----------
    rows : tuple of Result
        After counts were hidden.
    """
    hidden = {
        (row.analysis, row.arm)
        for row in rows
        if row.statistic in {"events", "events of this kind"} and row.status == "suppressed"
    }
    found: Days = {}
    for together in _of_one_endpoint(records, rows):
        for record, arm, kind, days in _judged(together, smallest):
            none = (record.analysis, arm) in hidden
            found[record.analysis, arm, kind] = days[:1] if none else days
    return found


def _of_one_endpoint(
    records: Iterable[ModelRecord], rows: Iterable[Result]
) -> Iterable[list[ModelRecord]]:
    """Records with curves, those of one kind and endpoint together."""
    endpoint = {row.analysis: (row.endpoint, row.phase) for row in rows if row.endpoint}
    found: dict[tuple[object, ...], list[ModelRecord]] = defaultdict(list)
    for record in records:
        found[type(record), endpoint.get(record.analysis, record.analysis)].append(record)
    return found.values()


def _judged(
    together: list[ModelRecord], smallest: int
) -> Iterator[tuple[ModelRecord, str, str, list[float]]]:
    """Each record with the days at which each of its curves may be shown.

    Where several cannot be judged as one, each shows the days alone that all of them may: what
    days of one tell between those of another would be nobody's matter.
    """
    hiding = hiding_of(together[0])
    if hiding is None or hiding.days is None:
        return
    whole = hiding.merged(together) if hiding.merged and len(together) > 1 else None
    found = [
        (record, arm, kind, days)
        for record in together
        for arm, kind, days in hiding.days(whole or record, smallest)
    ]
    in_all: dict[tuple[str, str], set[float]] = {}
    for _, arm, kind, days in found:
        in_all.setdefault((arm, kind), {*days}).intersection_update(days)
    for record, arm, kind, days in found:
        ticks = set(getattr(record, "ticks", ()))
        alone = in_all[arm, ""] if hiding.merged and kind != INCIDENCE else {*days}
        yield record, arm, kind, [day for day in days if day in ticks & alone]


def round_heights(records: Iterable[ModelRecord], days: Days, smallest: int) -> Heights:
    """Heights of curves at days at which they may be shown in round numbers only."""
    found: Heights = {}
    for record in records:
        hiding = hiding_of(record)
        if hiding is not None and hiding.rounded is not None:
            for arm, day, height, step in hiding.rounded(record, days, smallest):
                found.setdefault((record.analysis, arm), {})[day] = (height, step)
    return found


def means_of_neighbours(values: FloatArray, smallest: int) -> FloatArray:
    """Means of groups of at least `smallest` sorted values (microaggregation: Defays & Anwar 1998).

    D. Defays and M. N. Anwar, Masking microdata using micro-aggregation, J Off Stat 14:449-461.
    """
    return means_in_order(np.sort(values), smallest)


def coarse_rows(rows: tuple[Result, ...], days: Days, heights_: Heights) -> tuple[Result, ...]:
    """Rows along curves without those of days that are not shown, and no quantile beyond them."""
    return tuple(
        _in_round_numbers(row, heights_) or _coarse_row(row, _days_of_row(row, days))
        for row in rows
    )


def _in_round_numbers(row: Result, heights_: Heights) -> Result | None:
    """The row of a day at which its curve is shown in round numbers, without its interval."""
    if row.statistic != "survival" or row.reference or row.estimate is None:
        return None
    of_arm = heights_.get((row.analysis, row.arm), {})
    found = next((told for day, told in of_arm.items() if row.group == f"day {day:g}"), None)
    if found is None:
        return None
    height, step = found
    bare = without(row, {"n", "conf_low", "conf_high", "std_error"}, whole=False)
    words = " ".join(sorted((*bare.suppressed.split(), f"estimate:{step:g}")))
    return replace(bare, estimate=height, suppressed=words)


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
    if row.statistic in QUANTILES and row.unit == "days" and row.analysis:
        times = {name: getattr(row, name) for name in ("estimate", "conf_low", "conf_high")}
        last = max(days, default=0.0)
        late = {name for name, time in times.items() if time is not None and time > last}
        return without(row, late, whole="estimate" in late)
    return row


def heights(times: FloatArray, values: FloatArray, days: FloatArray, at_start: float) -> FloatArray:
    """Heights of a step curve at days."""
    if not values.size:
        return np.full(days.size, at_start)
    at = np.searchsorted(times, days, side="right") - 1
    return np.where(at >= 0, values[at], at_start)
