"""Risk sets of the proportional hazards model: who is at risk at each event time of a stratum."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final, Literal

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
ALL_ROWS: Final = slice(None)


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
        # nothing is read before the first set
        later = rows[self.first[rows] > 0]
        cells = np.concatenate([self.last[rows] + 1, self.first[later]])
        values = np.repeat([1.0, -1.0], [rows.size, later.size])
        columns = np.concatenate([rows, later])
        return csr_array((values, (cells, columns)), shape=(self.size + 1, self.first.size))

    @cached_property
    def n_deaths(self) -> IntArray:
        """Number of deaths in each set."""
        return np.bincount(self.death_set, minlength=self.size).astype(np.intp)

    @cached_property
    def share_before(self) -> FloatArray:
        """Share of the tied deaths that come before each: 0, 1/m, 2/m ..., shape (n_deaths,)."""
        m = self.n_deaths
        place = np.arange(self.deaths.size) - np.repeat(np.cumsum(m) - m, m)
        return np.asarray(place / m[self.death_set], dtype=np.float64)

    @cached_property
    def _starts(self) -> IntArray:
        """The first death of each set."""
        return np.asarray(np.cumsum(self.n_deaths) - self.n_deaths, dtype=np.intp)

    def sum_at_risk(self, columns: Iterable[FloatArray], risk: FloatArray) -> FloatArray:
        """Sum columns times the risks over each risk set; q columns become (n_sets, q)."""
        steps = self._steps
        # the risks go to the changes, which are one column, not to the values
        scaled = csr_array(
            (steps.data * risk[steps.indices], steps.indices, steps.indptr), shape=steps.shape
        )
        changes = np.column_stack([np.asarray(scaled @ column) for column in columns])
        return np.asarray(np.cumsum(changes[::-1], axis=0)[::-1][1:])

    def sum_by_set(self, values: FloatArray) -> FloatArray:
        """Sum values of the deaths, sorted by set, over each set; every set has at least one."""
        sums: FloatArray = np.add.reduceat(values, self._starts, axis=0)
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
        Covariates less their means, column by column.
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

    def moments(self, rows: IntArray | slice = ALL_ROWS) -> Iterator[FloatArray]:
        """One, each covariate and each product of two, a column of some rows at a time.

        There are many columns, and together they would take most of the memory.
        """
        columns = [self.X[rows, k] for k in range(self.X.shape[1])]
        yield np.ones(self.X[rows].shape[0])
        yield from columns
        for place, column in enumerate(columns):
            yield from (column * other for other in columns[place:])

    @cached_property
    def death_weight(self) -> FloatArray:
        """Mean weight of the deaths at the time of each, shape (n_deaths,)."""
        sets = self.sets
        sums = sets.sum_by_set(self.data.weight[sets.deaths])
        return np.asarray((sums / sets.n_deaths)[sets.death_set])


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
    stratum = np.zeros(data.time.shape, dtype=np.intp)
    if strata is not None:
        stratum = np.unique(np.asarray(strata), return_inverse=True)[1].astype(np.intp)
    shift = np.asarray(0.0 if offset is None else offset, dtype=np.float64)
    centre = covariates.mean(axis=0)
    return CoxModel(
        data,
        np.asfortranarray(covariates - centre),
        centre,
        stratum,
        np.broadcast_to(shift, data.time.shape),
        ties,
        risk_sets(data, stratum),
    )


def risk_sets(data: Observations, stratum: IntArray) -> RiskSets:
    """Find the event times of each stratum and where each row is at risk."""
    deaths = np.flatnonzero(data.event)
    deaths = deaths[np.lexsort((data.time[deaths], stratum[deaths]))]
    of_death, at = stratum[deaths], data.time[deaths]
    new = np.ones(deaths.size, dtype=bool)
    new[1:] = (np.diff(of_death) != 0) | (np.diff(at) != 0)
    set_stratum, set_times = of_death[new].astype(np.intp), at[new]
    death_set = np.cumsum(new) - 1
    first, last = np.zeros(stratum.shape, np.intp), np.full(stratum.shape, -1, np.intp)
    delayed = np.isfinite(data.entry)
    for s in np.unique(set_stratum):
        begin, end = np.searchsorted(set_stratum, (s, s + 1))
        rows = stratum == s
        times = set_times[begin:end]
        first[rows] = begin
        last[rows] = begin + np.searchsorted(times, data.time[rows], side="right") - 1
        late = rows & delayed
        first[late] += np.searchsorted(times, data.entry[late], side="right")
    return RiskSets(set_stratum, set_times, first, last, deaths, death_set)
