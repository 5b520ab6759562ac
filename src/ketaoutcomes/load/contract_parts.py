"""What every rule of the contract is given, and how it tells a fault."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import pandas as pd

from ketaoutcomes.errors import Problem
from ketaoutcomes.load.findings import did_you_mean, listed, rows_in_words
from ketaoutcomes.load.mapping import MappedTable
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.data import FileRole


@dataclass(frozen=True)
class Contract:
    """A plan and the tables that should fit it.

    Attributes
    ----------
    plan : AnalysisPlan
    tables : dict of role to MappedTable
        The files that could be read.
    complete : bool
        Whether every file could be read; if not, nothing is said about what no file holds.
    """

    plan: AnalysisPlan
    tables: dict[FileRole, MappedTable]
    complete: bool

    def holding(self, *fields: str) -> Iterator[MappedTable]:
        """The tables that hold all of these fields."""
        return (table for table in self.tables.values() if table.has(*fields))

    def table(self, role: FileRole, *fields: str) -> Iterator[MappedTable]:
        """The table of this role, if it is there and holds these fields."""
        return (table for table in self.holding(*fields) if table.role == role)


def faulty_rows(
    table: MappedTable,
    field: str,
    faulty: pd.Series,
    expected: str,
    remedy: str,
    *,
    found: Iterable[object] | None = None,
) -> Iterator[Problem]:
    """One problem for all rows where `faulty` is true, none if there is no such row.

    `found` are the values to show; without it those of the field.
    """
    rows = faulty.index[faulty.to_numpy(dtype=bool)]
    if len(rows):
        values = table.frame.loc[rows, field] if found is None else found
        yield Problem(in_column(table, field, rows), expected, listed(values), remedy)


def whole_column(table: MappedTable, field: str) -> str:
    """File and column of a fault."""
    return f"{table.name}, column `{table.columns.get(field, field)}`"


def in_column(table: MappedTable, field: str, rows: Iterable[object]) -> str:
    """File, column and rows of a fault."""
    return f"{whole_column(table, field)}, {rows_in_words(rows)}"


def unknown_labels(
    table: MappedTable, field: str, choices: Iterable[str], among: pd.Series | None = None
) -> Iterator[Problem]:
    """A problem for each label of a field that the plan does not know."""
    known = tuple(choices)
    values = table.frame[field] if among is None else table.frame.loc[among, field]
    if values.isna().any():
        missing = values.isna().reindex(table.frame.index, fill_value=False)
        yield from faulty_rows(
            table, field, missing, f"{_article(field)} in every row", _fill_or_keep(table)
        )
    unknown = values[values.notna() & ~values.isin(known)]
    for label, rows in unknown.groupby(unknown).groups.items():
        yield Problem(
            in_column(table, field, rows),
            f"one of the plan's {field}s: {listed(known)}",
            f"`{label}`",
            f"{did_you_mean(str(label), known)}Map it under `data.labels.{field}`, "
            f"or leave its rows out with `data.keep`",
        )


def _article(field: str) -> str:
    return f"{'an' if field[0] in 'aeiou' else 'a'} {field}"


def _fill_or_keep(table: MappedTable) -> str:
    return f"fill it in, or leave these rows out with `data.keep.{table.role}`"
