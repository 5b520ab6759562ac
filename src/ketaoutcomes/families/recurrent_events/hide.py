"""Mean numbers of events without what single subjects did."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import compress

import numpy as np

from ketaoutcomes.families.recurrent_events.record import MeanCurve, RecurrentRecord
from ketaoutcomes.privacy.book import Place
from ketaoutcomes.privacy.counts import Cells
from ketaoutcomes.privacy.curves import Days, heights
from ketaoutcomes.privacy.events import errors_by_events
from ketaoutcomes.privacy.relations import Relation
from ketaoutcomes.privacy.ticks import censored, ticks_shown
from ketaoutcomes.results import Result


def mean_days(record: RecurrentRecord, smallest: int) -> Iterator[tuple[str, str, list[float]]]:
    """Days at which each arm's mean number of events may be shown."""
    for mean in record.curves:
        yield mean.arm, "", list(compress(record.ticks, mean_ticks(mean, smallest)))


def coarse_means(
    record: RecurrentRecord, _places: frozenset[Place], days: Days, _smallest: int
) -> RecurrentRecord:
    """The curves at the days that may be shown."""
    means = (_coarse_mean(c, days[record.analysis, c.arm, ""]) for c in record.curves)
    return replace(record, curves=tuple(means), joined=True)


def mean_ticks(curve: MeanCurve, smallest: int) -> list[bool]:
    """Ticks of a mean number of events.

    Between two of them, and after the last, there were no events or at least `smallest` in as many
    subjects, and none or as many subjects left.
    """
    n, events, subjects = curve.at_risk, curve.n_events, curve.n_with_event
    if not n or len(events) != len(n) + 1:
        return [True]
    shown = ticks_shown(n, (events, censored(n, ())), smallest)
    start = 0
    for place in range(1, len(n)):
        # at least as many subjects as in the tick that most had an event in
        between, after = max(subjects[start + 1 : place + 1]), max(subjects[place + 1 :])
        enough = all(most == 0 or most >= smallest for most in (between, after))
        shown[place] = shown[place] and enough
        start = place if shown[place] else start
    return shown


def _coarse_mean(curve: MeanCurve, shown: list[float]) -> MeanCurve:
    days = np.array(shown[1:])
    return MeanCurve(
        curve.arm,
        days,
        heights(curve.times, curve.mean, days, 0.0),
        heights(curve.times, curve.conf_low, days, 0.0),
        heights(curve.times, curve.conf_high, days, 0.0),
    )


def events_behind_errors(cells: Cells, rows: Sequence[Result]) -> Iterator[Relation]:
    """Log rate ratios and their errors tell the events of both arms, or nearly."""
    return errors_by_events(cells, rows, ("rect01",), of_rates=True)
