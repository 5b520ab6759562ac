"""Parametric curves without the steps of single subjects."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from ketaoutcomes.families.parametric_survival.record import ParametricCurve, ParametricRecord
from ketaoutcomes.privacy.book import Place
from ketaoutcomes.privacy.counts import Cells
from ketaoutcomes.privacy.curves import Days
from ketaoutcomes.privacy.events import errors_by_events
from ketaoutcomes.privacy.relations import Relation
from ketaoutcomes.results import Result


def fitted_curves_only(
    record: ParametricRecord, _places: frozenset[Place], _days: Days, _smallest: int
) -> ParametricRecord:
    """The fitted curves up to the last tick."""
    fitted = (_fitted_only(curve, record.ticks[-1]) for curve in record.curves)
    return replace(record, curves=tuple(fitted))


def _fitted_only(curve: ParametricCurve, last: float) -> ParametricCurve:
    """The curve of the law up to the last tick; the end of follow-up is the day of one subject."""
    none = np.array([])
    times = np.linspace(0.0, last, curve.times.size)
    fitted = np.interp(times, curve.times, curve.fitted)
    return ParametricCurve(curve.arm, none, none, none, times, fitted)


def events_behind_errors(cells: Cells, rows: Sequence[Result]) -> Iterator[Relation]:
    """Errors of log time and hazard ratios tell the events of both arms."""
    return errors_by_events(cells, rows, ("aftt01",))
