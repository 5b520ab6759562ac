"""What every rule of the contract is given, and how it tells a fault."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import pandas as pd

from ketaoutcomes.data.findings import listed, near_miss, rows_in_words
from ketaoutcomes.data.layout import ORIGIN
from ketaoutcomes.data.mapping import MappedTable
from ketaoutcomes.errors import Problem
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.files import FileRole


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

    `found` are the values to show; without it those of the field. Scores that stand in several
    columns have a problem for each column.
    """
    wrong = table.frame[faulty.to_numpy(dtype=bool)]
    if wrong.empty:
        return
    if found is not None:
        yield Problem(in_column(table, field, wrong.index), expected, listed(found), remedy)
    elif field == "value" and ORIGIN in wrong:
        for column, rows in wrong.groupby(ORIGIN, sort=False):
            place = f"{table.name}, column `{column}`, {rows_in_words(rows.index)}"
            yield Problem(place, expected, listed(rows[field]), remedy)
    else:
        yield Problem(in_column(table, field, wrong.index), expected, listed(wrong[field]), remedy)


def repeated(table: MappedTable, remedy: str) -> str:
    """What to do about a subject who is told twice: a remedy, and others that the file suggests."""
    if not table.centres:
        return remedy
    centre, subject = table.centres[0], table.columns.get("subject", "subject")
    return (
        f"if participants are numbered anew in each `{centre}`, write "
        f"`subject: [{centre}, {subject}]` under `data.columns`; else {remedy}"
    )


def whole_column(table: MappedTable, field: str) -> str:
    """File and column of a fault."""
    subject = table.columns.get("subject", field)
    column = table.columns.get(field, subject if ORIGIN in table.frame else field)
    return f"{table.name}, column `{column}`"


def in_column(table: MappedTable, field: str, rows: Iterable[object]) -> str:
    """File, column and rows of a fault."""
    return f"{whole_column(table, field)}, {rows_in_words(rows)}"


def unknown_labels(
    table: MappedTable, field: str, choices: Iterable[str], among: pd.Series | None = None
) -> Iterator[Problem]:
    """A problem for each label of a field that the plan does not know."""
    known = tuple(choices)
    here = pd.Series(data=True, index=table.frame.index) if among is None else among
    values = table.frame[field]
    yield from faulty_rows(
        table, field, here & values.isna(), f"{_article(field)} in every row", _fill_or_keep(table)
    )
    values = values[here]
    unknown = values[values.notna() & ~values.isin(known)]
    for label, rows in unknown.groupby(unknown).groups.items():
        yield Problem(
            in_column(table, field, rows),
            f"one of the plan's {field}s: {listed(known)}",
            f"`{label}`",
            f"{near_miss(str(label), known)}Map it under `data.labels.{field}`, "
            f"or leave its rows out with `data.where`",
        )


def _article(field: str) -> str:
    return f"{'an' if field[0] in 'aeiou' else 'a'} {field}"


def _fill_or_keep(table: MappedTable) -> str:
    return f"fill it in, or leave these rows out with `data.where.{table.role}`"
