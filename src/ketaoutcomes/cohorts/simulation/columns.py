"""Columns of what happened to a block of subjects: numbers, and words by their places in a list.

A frame is made of them once, of all blocks and phases. Until then words cost a whole number a row,
and rows are put in order by whole numbers, a small part of what it takes with the words themselves.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ketaoutcomes.cohort import empty_frame
from ketaoutcomes.cohorts.simulation.draws import Rows

Numbers = NDArray[Any]

ROW = "row"
"""The column that says whose a row is: the row of the subject in the block."""


@dataclass(frozen=True)
class Words:
    """A column of words.

    Attributes
    ----------
    names : tuple of str
    place : int array, shape (n,)
        The place of each row's word among the names; -1 where it has none.
    """

    names: tuple[str, ...]
    place: NDArray[Any]

    def at(self, rows: NDArray[Any]) -> "Words":
        """Those of some rows, in that order."""
        return Words(self.names, self.place[rows])

    @property
    def words(self) -> NDArray[np.object_]:
        """The words themselves, NaN where there is none."""
        return np.array([*self.names, np.nan], dtype=object)[self.place]

    @property
    def categories(self) -> pd.Categorical:
        """The words as categories, in the order of the alphabet."""
        in_order = sorted(self.names)
        place = np.array([*map(in_order.index, self.names), -1])[self.place]
        return pd.Categorical.from_codes(place, categories=pd.Index(in_order))

    @property
    def ranks(self) -> NDArray[np.int64]:
        """The place of each row's word in the order of the alphabet."""
        return np.argsort(np.argsort(np.array(self.names, dtype=object)))[self.place]


Column = Numbers | Words
Columns = dict[str, Column]


def same(word: str, rows: int) -> Words:
    """One word in every row."""
    return Words((word,), np.zeros(rows, dtype=np.int16))


def words_of(values: NDArray[Any]) -> Words:
    """A column of words that are given as such."""
    place, names = pd.factorize(np.asarray(values, dtype=object))
    return Words(tuple(names), place)


def numbers_of(columns: Columns, name: str) -> Numbers:
    """A column of numbers."""
    column = columns[name]
    assert not isinstance(column, Words)
    return column


def length(columns: Columns) -> int:
    """The number of rows."""
    first = next(iter(columns.values()), np.zeros(0))
    return len(first.place if isinstance(first, Words) else first)


def joined(parts: Sequence[Columns]) -> Columns:
    """The rows of all parts below one another; what a part has no column of is missing there."""
    kept = [part for part in parts if length(part)]
    names = dict.fromkeys(name for part in kept for name in part)
    return {name: _joined([_column(part, name, kept) for part in kept]) for name in names}


def in_order(parts: Sequence[Columns], keys: tuple[str, ...] = ()) -> Columns:
    """The rows of all phases by subject, phase and then these columns; else as they came."""
    whole = joined(parts)
    if not whole:
        return whole
    phase = np.repeat(np.arange(len(parts)), [length(part) for part in parts])
    order = np.lexsort(
        (*(_sortable(whole[key]) for key in reversed(keys)), phase, numbers_of(whole, ROW))
    )
    return {name: taken(column, order) for name, column in whole.items()}


def taken(column: Column, rows: Rows) -> Column:
    """Some rows of a column."""
    return column.at(rows) if isinstance(column, Words) else column[rows]


def frame_of(
    columns: Columns, names: tuple[str, ...], as_categories: tuple[str, ...] = ()
) -> pd.DataFrame:
    """A frame of columns; without a row, one with these names."""
    if not columns:
        return empty_frame(names)
    made = {
        name: _of_frame(column, as_category=name in as_categories)
        for name, column in columns.items()
    }
    return pd.DataFrame(made, copy=False)


def _of_frame(column: Column, *, as_category: bool) -> Any:
    if not isinstance(column, Words):
        return column
    return column.categories if as_category else column.words


def _column(part: Columns, name: str, parts: Sequence[Columns]) -> Column:
    """The column of a part, or one in which all is missing."""
    if name in part:
        return part[name]
    rows = length(part)
    if any(isinstance(other.get(name), Words) for other in parts):
        return Words((), np.full(rows, -1, dtype=np.int16))
    return np.full(rows, np.nan)


def _joined(columns: Sequence[Column]) -> Column:
    words = [column for column in columns if isinstance(column, Words)]
    if not words:
        return np.concatenate([column for column in columns if not isinstance(column, Words)])
    names = tuple(dict.fromkeys(name for column in words for name in column.names))
    places = [
        np.array([*map(names.index, column.names), -1], dtype=np.int16)[column.place]
        for column in words
    ]
    return Words(names, np.concatenate(places))


def _sortable(column: Column) -> Numbers:
    return column.ranks if isinstance(column, Words) else column
