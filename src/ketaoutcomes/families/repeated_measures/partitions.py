"""Sufficient statistics of a dataset that is too large to hold, one partition at a time.

The statistics of disjoint sets of subjects add up, so partitions may be read in any order and on
any machine.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
from numpy.typing import NDArray

from ketaoutcomes.families.shared.design import Term, build_design
from ketaoutcomes.numerics.mmrm.patterns import PatternStatistics, merge, row_statistics


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
    """

    outcome: str
    subject: str
    visit: str
    terms: tuple[Term, ...]
    factors: Mapping[str, tuple[str, ...]]
    visits: tuple[str, ...]


@dataclass(frozen=True)
class Partition:
    """Statistics of some subjects, and who they are."""

    statistics: PatternStatistics
    subjects: NDArray[np.object_]


def partition_statistics(frame: pd.DataFrame, layout: RowLayout) -> Partition:
    """Statistics of the rows of one partition."""
    rows = frame[frame[layout.outcome].notna()]
    codes, subjects = pd.factorize(rows[layout.subject])
    statistics = row_statistics(
        rows[layout.outcome].to_numpy(dtype=float),
        build_design(rows, layout.terms, layout.factors).X,
        codes.astype(np.int64),
        pd.Categorical(rows[layout.visit], list(layout.visits)).codes.astype(np.int64),
        len(layout.visits),
    )
    return Partition(statistics, np.asarray(subjects, dtype=object))


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
                f"{len(twice)} subjects have rows in two partitions; "
                "write the file so that all rows of a subject are in one"
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
