"""Files that hold the same data, of which one is read."""

import pandas as pd

from ketaoutcomes.data.inspection.profile import Column, columns_of
from ketaoutcomes.data.readers.raw import RawTable


def without_twins(tables: list[RawTable]) -> tuple[list[RawTable], dict[str, tuple[str, ...]]]:
    """The tables without those that hold what an earlier one holds.

    Returns
    -------
    list of RawTable
    dict of str to tuple of str
        A table that is kept -> those that hold the same.
    """
    kept: list[RawTable] = []
    twins: dict[str, tuple[str, ...]] = {}
    for raw in tables:
        same = next((other for other in kept if _hold_the_same(other, raw)), None)
        if same is None:
            kept.append(raw)
        else:
            twins[same.name] = (*twins.get(same.name, ()), raw.name)
    return kept, twins


def _hold_the_same(first: RawTable, second: RawTable) -> bool:
    """Whether two tables have the same columns and, row by row, the same values."""
    mine, other = columns_of(first), columns_of(second)
    if list(mine) != list(other) or len(first.frame) != len(second.frame):
        return False
    return all(_same_values(mine[name], other[name]) for name in mine)


def _same_values(first: Column, second: Column) -> bool:
    """Whether two columns say the same: the same numbers, or the same rows alike.

    Words may be codes in the other file, as SPSS keeps them.
    """
    if first.numeric and second.numeric:
        numbers = (column.number.reset_index(drop=True) for column in (first, second))
        return next(numbers).equals(next(numbers))
    codes = (pd.factorize(column.text)[0].tolist() for column in (first, second))
    return next(codes) == next(codes)
