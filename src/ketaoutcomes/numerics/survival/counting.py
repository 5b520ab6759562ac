"""Who is at risk, has an event or is censored at each distinct time.

A subject is at risk at time t if `entry < t <= time` (Andersen, Borgan, Gill & Keiding 1993,
Statistical Models Based on Counting Processes, section III.1).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ketaoutcomes.numerics.survival.near_ties import tied

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
IntArray = NDArray[np.intp]


class SurvivalDataError(ValueError):
    """Times or events that no survival method can use."""


@dataclass(frozen=True)
class Observations:
    """Right-censored, possibly delayed and weighted, observations.

    Attributes
    ----------
    time : array, shape (n,)
        Time of the event or of censoring.
    event : bool array, shape (n,)
        True for an event, False for censoring.
    entry : array, shape (n,)
        Time after which the subject is at risk; minus infinity without delayed entry.
    weight : array, shape (n,)
        Case weights; one without weights.
    """

    time: FloatArray
    event: BoolArray
    entry: FloatArray
    weight: FloatArray

    def take(self, rows: BoolArray | IntArray) -> "Observations":
        """Keep these rows."""
        return Observations(self.time[rows], self.event[rows], self.entry[rows], self.weight[rows])


@dataclass(frozen=True)
class RiskTable:
    """Counts (sums of weights) at each distinct time of an event or of censoring."""

    times: FloatArray
    n_at_risk: FloatArray
    n_events: FloatArray
    n_censored: FloatArray


def observations(
    time: ArrayLike,
    event: ArrayLike,
    entry: ArrayLike | None = None,
    weight: ArrayLike | None = None,
) -> Observations:
    """Check the arrays and bring them to one form, in which times that differ by rounding are tied.

    Raises
    ------
    SurvivalDataError
        If lengths differ, a value is missing, an event is not 0 or 1, a time is not after its
        entry, or a weight is not positive.
    """
    t = np.asarray(time, dtype=np.float64)
    indicator = np.asarray(event, dtype=np.float64)
    start, w = (
        np.broadcast_to(default, t.shape) if given is None else np.asarray(given, dtype=np.float64)
        for given, default in ((entry, -np.inf), (weight, 1.0))
    )
    _require(t.ndim == 1, "time must be one column")
    _require(
        t.shape == indicator.shape == start.shape == w.shape,
        "time, event, entry and weight must have the same length",
    )
    _require(t.size > 0, "there is no observation")
    _require(bool(np.isfinite(t).all()), "a time is missing or infinite")
    _require(bool((t >= 0).all() or entry is not None), "a time is negative")
    either = (indicator == 0) | (indicator == 1)
    _require(bool(either.all()), "an event is not 0 or 1, or is missing")
    if entry is None:
        (t,) = tied(t)
    else:
        t, start = tied(t, start)
    _require(bool((start < t).all()), "a time is not after its entry")
    _require(bool((np.isfinite(w) & (w > 0)).all()), "a weight is not positive")
    return Observations(t, indicator == 1, start, w)


def risk_table(data: Observations) -> RiskTable:
    """Count at each distinct time."""
    times = np.unique(data.time)
    position = np.searchsorted(times, data.time)
    n_events = _sums(position, data.weight * data.event, times.size)
    n_censored = _sums(position, data.weight * ~data.event, times.size)
    return RiskTable(times, weight_at_risk(data, times), n_events, n_censored)


def weight_at_risk(data: Observations, times: FloatArray) -> FloatArray:
    """Sum the weights of those at risk at each of these times."""
    not_over = _tail_sums(data.time, data.weight, times)
    if np.isneginf(data.entry).all():
        return not_over
    return not_over - _tail_sums(data.entry, data.weight, times)


def product_limit(n_events: FloatArray, n_at_risk: FloatArray) -> FloatArray:
    """Multiply the shares that stay without the event."""
    return np.cumprod(1.0 - n_events / n_at_risk, dtype=np.float64)


def censoring_survival(data: Observations, times: FloatArray) -> FloatArray:
    """Chance of not being censored before each time, with events before censoring at a tied time.

    Kaplan-Meier of the time to censoring, just before each time.
    """
    table = risk_table(data)
    stay = product_limit(table.n_censored, np.maximum(table.n_at_risk - table.n_events, 1e-300))
    before: FloatArray = np.concatenate([[1.0], stay])[np.searchsorted(table.times, times)]
    return before


def _sums(position: IntArray, values: FloatArray, size: int) -> FloatArray:
    return np.bincount(position, values, size).astype(np.float64)


def _tail_sums(values: FloatArray, weight: FloatArray, times: FloatArray) -> FloatArray:
    """Sum of the weights of the values at or above each time."""
    if (weight == 1).all():
        counts = values.size - np.searchsorted(np.sort(values), times, side="left")
        return np.asarray(counts, dtype=np.float64)
    order = np.argsort(values, kind="stable")
    from_end = np.concatenate([np.cumsum(weight[order][::-1])[::-1], [0.0]])
    tails: FloatArray = from_end[np.searchsorted(values[order], times, side="left")]
    return tails


def _require(condition: bool, message: str) -> None:
    if not condition:
        raise SurvivalDataError(message)
