"""Pseudo-values of survival and of the restricted mean, by the infinitesimal jackknife.

Andersen, Klein & Rosthøj 2003, Biometrika 90:15-27; Parner, Andersen & Overgaard 2023, Lifetime
Data Anal 29:654-671.
"""

import numpy as np
from numpy.typing import ArrayLike

from ketaoutcomes.numerics.survival.counting import (
    FloatArray,
    Observations,
    observations,
    product_limit,
    risk_table,
)


def pseudo_survival(time: ArrayLike, event: ArrayLike, times: ArrayLike) -> FloatArray:
    """Give each subject a value whose mean is the survival, shape (n, n_times)."""
    data = observations(time, event)
    at = np.asarray(times, dtype=np.float64)
    knots, survival, influence = _influence(data)
    place = np.searchsorted(knots, at, side="right")
    padded = np.concatenate([[1.0], survival])[place]
    moved = np.concatenate([np.zeros((data.time.size, 1)), influence], axis=1)[:, place]
    return padded + data.time.size * moved


def pseudo_restricted_mean(time: ArrayLike, event: ArrayLike, times: ArrayLike) -> FloatArray:
    """Give each subject a value whose mean is the restricted mean, shape (n, n_times)."""
    data = observations(time, event)
    knots, survival, influence = _influence(data)
    columns = []
    for tau in np.asarray(times, dtype=np.float64):
        edges = np.clip(np.concatenate([[0.0], knots, [np.inf]]), 0, tau)
        widths = np.diff(edges)
        area = widths[0] + widths[1:] @ survival
        columns.append(area + data.time.size * (influence @ widths[1:]))
    return np.stack(columns, axis=1)


def _influence(data: Observations) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Derivative of the survival at each knot in the weight of each subject, shape (n, n_knots)."""
    table = risk_table(data)
    n, d = table.n_at_risk, table.n_events
    survival = product_limit(d, n)
    at_risk = data.time[:, None] >= table.times
    died = (data.time[:, None] == table.times) & data.event[:, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        steps = np.where(n > d, (died - at_risk * d / n) / (n - d), 0.0)
    return table.times, survival, -survival * np.cumsum(steps, axis=1)
