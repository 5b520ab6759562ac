"""Risk sets of the proportional hazards model: who is at risk at each event time of a stratum."""

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike
from scipy.sparse import csr_array

from ketaoutcomes.numerics.survival.counting import (
    FloatArray,
    IntArray,
    Observations,
    SurvivalDataError,
    observations,
)

Ties = Literal["efron", "breslow", "exact"]


@dataclass(frozen=True)
class RiskSets:
    """Event times by stratum, and the run of them at which each row is at risk.

    Attributes
    ----------
    stratum, times : array, shape (n_sets,)
        Sorted by stratum and time; one entry a distinct event time of a stratum.
    first, last : array, shape (n,)
        Row i is at risk in the sets first[i] to last[i]; nowhere if last < first.
    death_set : array, shape (n_deaths,)
        The set in which each death falls.
    deaths : array, shape (n_deaths,)
        Rows of the deaths, sorted by set.
    """

    stratum: IntArray
    times: FloatArray
    first: IntArray
    last: IntArray
    deaths: IntArray
    death_set: IntArray

    @property
    def size(self) -> int:
        """Number of sets."""
        return int(self.times.size)

    @cached_property
    def _steps(self) -> csr_array:
        """Changes of membership, to be summed from the last set backwards."""
        rows = np.flatnonzero(self.last >= self.first)
        cells = np.concatenate([self.last[rows] + 1, self.first[rows]])
        values = np.repeat([1.0, -1.0], rows.size)
        columns = np.concatenate([rows, rows])
        return csr_array((values, (cells, columns)), shape=(self.size + 1, self.first.size))

    def sum_at_risk(self, values: FloatArray) -> FloatArray:
        """Sum rows over each risk set; (n, q) becomes (n_sets, q)."""
        steps = self._steps @ values
        sums: FloatArray = np.cumsum(steps[::-1], axis=0)[::-1][1:]
        return sums

    def sum_deaths(self, values: FloatArray) -> FloatArray:
        """Sum the rows of the deaths over each set; (n, q) becomes (n_sets, q)."""
        return self.sum_by_set(values[self.deaths], self.death_set)

    def sum_by_set(self, values: FloatArray, sets: IntArray) -> FloatArray:
        """Sum consecutive values of the same set; every set has at least one."""
        starts = np.searchsorted(sets, np.arange(self.size))
        sums: FloatArray = np.add.reduceat(values, starts, axis=0)
        return sums

    def accumulate(self, steps: FloatArray) -> FloatArray:
        """Sum what each row meets over the sets it is at risk in; (n_sets, q) becomes (n, q)."""
        met = np.concatenate([np.zeros((1, steps.shape[1])), np.cumsum(steps, axis=0)])
        run: FloatArray = met[np.maximum(self.last + 1, self.first)] - met[self.first]
        return run


@dataclass(frozen=True)
class CoxModel:
    """Data and rule for ties of a proportional hazards model.

    Attributes
    ----------
    X : array, shape (n, p)
        Covariates less their means.
    centre : array, shape (p,)
        Those means.
    stratum : array, shape (n,)
        Codes 0, 1, ...
    offset : array, shape (n,)
    """

    data: Observations
    X: FloatArray
    centre: FloatArray
    stratum: IntArray
    offset: FloatArray
    ties: Ties
    sets: RiskSets


def cox_model(
    time: ArrayLike,
    event: ArrayLike,
    X: ArrayLike,
    *,
    entry: ArrayLike | None = None,
    weight: ArrayLike | None = None,
    strata: ArrayLike | None = None,
    offset: ArrayLike | None = None,
    ties: Ties = "efron",
) -> CoxModel:
    """Arrange the data of a model.

    Parameters
    ----------
    time, event, entry, weight, strata, offset : array_like, shape (n,)
        A subject with time-varying covariates or recurrent events has several rows, each at risk
        for `entry < t <= time`.
    X : array_like, shape (n, p)

    Raises
    ------
    SurvivalDataError
        If the arrays do not fit together, a covariate is missing, or weights meet exact ties.
    """
    data = observations(time, event, entry, weight)
    covariates = np.asarray(X, dtype=np.float64)
    if covariates.ndim != 2 or covariates.shape[0] != data.time.size:
        raise SurvivalDataError("X must have one row for each time")
    if not np.isfinite(covariates).all():
        raise SurvivalDataError("a covariate is missing or infinite")
    if ties == "exact" and not (data.weight == 1).all():
        raise SurvivalDataError("exact ties know no case weights")
    labels = np.zeros(data.time.shape) if strata is None else np.asarray(strata)
    _, stratum = np.unique(labels, return_inverse=True)
    shift = np.zeros(data.time.shape) if offset is None else np.asarray(offset, dtype=np.float64)
    centre = covariates.mean(axis=0)
    return CoxModel(
        data, covariates - centre, centre, stratum, shift, ties, risk_sets(data, stratum)
    )


def risk_sets(data: Observations, stratum: IntArray) -> RiskSets:
    """Find the event times of each stratum and where each row is at risk."""
    deaths = np.flatnonzero(data.event)
    deaths = deaths[np.lexsort((deaths, data.time[deaths], stratum[deaths]))]
    keys = np.stack([stratum[deaths].astype(np.float64), data.time[deaths]], axis=1)
    distinct, death_set = np.unique(keys, axis=0, return_inverse=True)
    set_stratum = distinct[:, 0].astype(np.intp)
    first, last = np.zeros(stratum.shape, np.intp), np.full(stratum.shape, -1, np.intp)
    for s in np.unique(set_stratum):
        begin, end = np.searchsorted(set_stratum, (s, s + 1))
        rows = stratum == s
        times = distinct[begin:end, 1]
        first[rows] = begin + np.searchsorted(times, data.entry[rows], side="right")
        last[rows] = begin + np.searchsorted(times, data.time[rows], side="right") - 1
    return RiskSets(set_stratum, distinct[:, 1], first, last, deaths, death_set.ravel())
