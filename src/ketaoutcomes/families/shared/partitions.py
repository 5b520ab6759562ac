"""Sufficient statistics of a dataset that is too large to hold, one partition at a time.

The statistics of disjoint sets of subjects add up, so partitions may be read in any order and on
any machine.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
from numpy.typing import NDArray

from ketaoutcomes.families.shared.design import Coding, Design, Term, build_design
from ketaoutcomes.numerics.mmrm.patterns import PatternStatistics, merge, row_statistics

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass(frozen=True)
class RowLayout:
    """Where a frame with one row an assessment holds what the model needs.

    Attributes
    ----------
    outcome, subject, visit : str
        Columns; rows without an outcome are left out.
    terms : tuple of Term
        Those of the design.
    factors : mapping
        Levels of every categorical variable of the terms, first = reference: a partition need not
        hold them all.
    visits : tuple of str
        Visits in their order.
    intercept, coding
        As of `build_design`.
    group : str or None
        Column whose levels have a covariance matrix each.
    groups : tuple
        Its levels.
    weights : str or None
        Column that holds the weight of each row.
    coordinates : tuple of str
        Columns that hold the place of each row for a spatial covariance.
    """

    outcome: str
    subject: str
    visit: str
    terms: tuple[Term, ...]
    factors: Mapping[str, tuple[str, ...]]
    visits: tuple[str, ...]
    intercept: bool = True
    coding: Coding = "treatment"
    group: str | None = None
    groups: tuple[str, ...] = ()
    weights: str | None = None
    coordinates: tuple[str, ...] = ()

    def design(self, frame: pd.DataFrame) -> Design:
        """The design of some rows, all columns of it."""
        return build_design(frame, self.terms, self.factors, self.coding, intercept=self.intercept)


@dataclass(frozen=True)
class Spread:
    """The sum of a numeric column and its range; two of them add up."""

    total: float
    low: float
    high: float

    def __add__(self, other: "Spread") -> "Spread":
        return Spread(
            self.total + other.total, min(self.low, other.low), max(self.high, other.high)
        )


def design_of_cells(
    layout: RowLayout, cells: Mapping[tuple[Any, ...], int], numeric: Mapping[str, Spread]
) -> Design:
    """The design of rows that stand for all: those of each cell have the mean covariates.

    Further rows, which stand for none, tell the covariates and their products apart.

    Parameters
    ----------
    cells : mapping
        Number of rows with each combination of the levels of `layout.factors`.
    numeric : mapping
        The numeric covariates.
    """
    frame = pd.DataFrame(list(cells), columns=list(layout.factors))
    count = np.array(list(cells.values()), dtype=np.int64)
    means = {name: spread.total / count.sum() for name, spread in numeric.items()}
    apart = {name: (spread.high - spread.low) / 2 or 1.0 for name, spread in numeric.items()}
    none: frozenset[str] = frozenset()
    products = {frozenset(term) & frozenset(means) for term in layout.terms} | {none}
    frames = [
        frame.assign(**{name: mean + apart[name] * (name in moved) for name, mean in means.items()})
        for moved in sorted(products, key=lambda names: (len(names), sorted(names)))
    ]
    repeats = np.concatenate([count, np.zeros(len(frame) * (len(frames) - 1), dtype=np.int64)])
    return replace(layout.design(pd.concat(frames, ignore_index=True)), repeats=repeats)


@dataclass(frozen=True)
class Partition:
    """Statistics of some subjects, and who they are."""

    statistics: PatternStatistics
    subjects: NDArray[np.object_]


@dataclass(frozen=True)
class RowArrays:
    """The rows of a frame as the arrays that a model is fitted to; shapes (n,), (n, p), (n, d).

    Attributes
    ----------
    subjects : array
        Who the codes of `subject` are.
    """

    y: FloatArray
    X: FloatArray
    subject: IntArray
    visit: IntArray
    subjects: NDArray[np.object_]
    group: IntArray | None
    weights: FloatArray | None
    coordinates: FloatArray | None

    @property
    def options(self) -> dict[str, Any]:
        """What not every model has, by the names of `row_statistics`."""
        return {"group": self.group, "weights": self.weights, "coordinates": self.coordinates}


def row_arrays(rows: pd.DataFrame, layout: RowLayout, X: FloatArray) -> RowArrays:
    """Arrays of rows that have an outcome, with their design."""
    codes, subjects = pd.factorize(rows[layout.subject])
    places = list(layout.coordinates)
    return RowArrays(
        y=rows[layout.outcome].to_numpy(dtype=float),
        X=X,
        subject=codes.astype(np.int64),
        visit=_codes(rows[layout.visit], layout.visits),
        subjects=np.asarray(subjects, dtype=object),
        group=None if layout.group is None else _codes(rows[layout.group], layout.groups),
        weights=None if layout.weights is None else rows[layout.weights].to_numpy(dtype=float),
        coordinates=rows[places].to_numpy(dtype=float) if places else None,
    )


def _codes(values: pd.Series, levels: tuple[str, ...]) -> IntArray:
    return pd.Categorical(values, list(levels)).codes.astype(np.int64)


def partition_statistics(frame: pd.DataFrame, layout: RowLayout) -> Partition:
    """Statistics of the rows of one partition."""
    rows = frame[frame[layout.outcome].notna()]
    data = row_arrays(rows, layout, layout.design(rows).X)
    statistics = row_statistics(
        data.y, data.X, data.subject, data.visit, len(layout.visits), **data.options
    )
    return Partition(statistics, data.subjects)


def sum_partitions(partitions: Iterable[Partition]) -> PatternStatistics:
    """Statistics of all subjects.

    Raises
    ------
    ValueError
        If a subject has rows in two partitions: its outcomes would count as independent.
    """
    total: PatternStatistics | None = None
    seen: set[object] = set()
    for part in partitions:
        twice = seen.intersection(part.subjects)
        if twice:
            raise ValueError(
                f"{len(twice)} participants have rows in two partitions; "
                "write the file so that all rows of a participant are in one"
            )
        seen.update(part.subjects)
        total = part.statistics if total is None else merge((total, part.statistics))
    if total is None:
        raise ValueError("there are no partitions")
    return total


Mapper = Callable[[Callable[[int], Partition], Iterable[int]], Iterable[Partition]]


def parquet_statistics(path: Path, layout: RowLayout, mapper: Mapper = map) -> PatternStatistics:
    """Statistics of a Parquet file whose row groups hold whole subjects.

    Parameters
    ----------
    mapper : callable
        `map`, or the `map` of a process pool or cluster, whose workers read the row groups.

    Raises
    ------
    ValueError
        If a subject has rows in two row groups.
    """
    with pq.ParquetFile(path) as file:
        groups = range(file.num_row_groups)
    return sum_partitions(mapper(partial(_row_group, path=path, layout=layout), groups))


def _row_group(group: int, path: Path, layout: RowLayout) -> Partition:
    with pq.ParquetFile(path) as file:
        return partition_statistics(file.read_row_group(group).to_pandas(), layout)
