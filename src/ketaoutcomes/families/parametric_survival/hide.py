"""Parametric curves without the steps of single subjects."""

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

import numpy as np
from scipy.optimize import brentq

from ketaoutcomes.families.parametric_survival.record import ParametricCurve, ParametricRecord
from ketaoutcomes.privacy.book import Place
from ketaoutcomes.privacy.counts import Cells
from ketaoutcomes.privacy.curves import Days
from ketaoutcomes.privacy.digits import error_of
from ketaoutcomes.privacy.events import errors_by_events
from ketaoutcomes.privacy.relations import InformationBound, Relation, Share
from ketaoutcomes.results import Result

CRITERION: Final = "Akaike's criterion"
SMALLEST_RATE: Final = 1e-9
"""Events in so short a part of the horizon are none."""


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
    """Errors of log time and hazard ratios tell the events of both arms, those of means of one."""
    for relation in errors_by_events(cells, rows, ("aftt01",)):
        yield relation
        if isinstance(relation, InformationBound) and relation.row.statistic == "time ratio":
            yield from _errors_of_means(cells, rows, relation)
            yield from _criterion_of_fit(cells, rows, relation)


def _errors_of_means(
    cells: Cells, rows: Sequence[Result], ratio: InformationBound
) -> Iterator[Relation]:
    """The relative error of an arm's restricted mean is that of its hazard: 1 / d of the arm.

    So exactly in an exponential model without covariates, by the delta method.
    """
    same = [place for place, row in enumerate(rows) if row.analysis == ratio.row.analysis]
    means = [p for p in same if rows[p].statistic == "restricted mean" and error_of(rows[p])]
    compared = [p for p in same if rows[p].statistic == "difference in restricted means"]
    counted = dict(zip(ratio.cells, ratio.counts, strict=True))
    for place, cell in zip(means, _cells_of_arms(cells, rows, means, counted), strict=False):
        yield InformationBound((cell,), (counted[cell],), (place, *compared), rows[place])


def _criterion_of_fit(
    cells: Cells, rows: Sequence[Result], ratio: InformationBound
) -> Iterator[Relation]:
    """Akaike's criterion is linear in the events of each arm.

    The log likelihood of an exponential model is, summed over the arms, the events times the
    logarithm of the rate less one; the rates follow from the restricted means.
    """
    same = [place for place, row in enumerate(rows) if row.analysis == ratio.row.analysis]
    criteria = [p for p in same if rows[p].statistic == CRITERION and rows[p].estimate is not None]
    means = [p for p in same if rows[p].statistic == "restricted mean" and rows[p].estimate]
    if not criteria:
        return
    counted = dict(zip(ratio.cells, ratio.counts, strict=True))
    of_arms = _cells_of_arms(cells, rows, means, counted)
    slopes = [2 * (1 - math.log(_rate(rows[p]))) for p in means]
    if len(slopes) != len(counted) or {*of_arms} != {*counted} or 0.0 in slopes:
        return
    signs = (1, -1)[: len(slopes)]  # a share is a difference; here both add to the criterion
    wholes = tuple(sign / slope for sign, slope in zip(signs, slopes, strict=True))
    yield from (Share(tuple(of_arms), wholes, (place,), rows[place]) for place in criteria)


def _rate(mean: Result) -> float:
    """The rate of an exponential law that has this restricted mean."""
    horizon = float(mean.method.partition("up to day ")[2].partition(",")[0])
    part = min((mean.estimate or 0.0) / horizon, 1 - SMALLEST_RATE)
    return float(brentq(lambda x: -math.expm1(-x) / x - part, SMALLEST_RATE, 1 / part)) / horizon


def _cells_of_arms(
    cells: Cells, rows: Sequence[Result], means: Sequence[int], counted: Mapping[int, int]
) -> list[int]:
    """The events of the arm of each mean; where none counts them, more where less is uncertain."""
    arms = {
        cells.rows[place].arm: cell
        for (place, _), cell in cells.of.items()
        if cell in counted and not cells.rows[place].reference
    }
    found = [arms.get(rows[place].arm) for place in means]
    if None not in found:
        return [cell for cell in found if cell is not None]
    fewer_first = sorted(counted, key=counted.__getitem__)
    surer_last = sorted(means, key=lambda place: -_relative_error(rows[place]))
    return [fewer_first[surer_last.index(place)] for place in means]


def _relative_error(mean: Result) -> float:
    """The error of a restricted mean over the days that events cost."""
    day = re.search(r"up to day ([\d.]+)", mean.method)
    lost = (float(day[1]) if day else 0.0) - (mean.estimate or 0.0)
    return (mean.std_error or 0.0) / lost if lost > 0 else 0.0
