"""Tables of DuckDB and SQLite files, opened read-only, into tables of text."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final, Protocol

import duckdb
import pandas as pd

from ketaoutcomes.data.limits import MOST_CELLS, refuse_many_cells
from ketaoutcomes.data.raw import RawTable, all_text
from ketaoutcomes.data.refusals import malformed, refusal
from ketaoutcomes.plan.files import DatabaseTable

ROWS_AT_ONCE: Final = 50_000
MOST_STEPS: Final = 2_000_000_000
"""Of SQLite's virtual machine, about a minute; a query that needs more does not end."""
STEPS_AT_ONCE: Final = 1_000_000
READING: Final = frozenset(
    (sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE)
)
DUCKDB_ENDINGS: Final = (".duckdb", ".ddb")
SQLITE_ENDINGS: Final = (".sqlite", ".sqlite3", ".db")
CONFIGURATION: Final = {
    "enable_external_access": "false",  # no other file, no network, no extension
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "memory_limit": "2GB",
    "threads": "1",  # rows in the order of the file
    "lock_configuration": "true",
}


class Cursor(Protocol):
    """What a query gives in both databases."""

    @property
    def description(self) -> Any:
        """Name and type of each column."""

    def fetchmany(self, size: int, /) -> list[tuple[Any, ...]]:
        """The next rows."""


def read_database(path: Path, source: DatabaseTable) -> RawTable:
    """Read a table, or the rows of one SELECT.

    Raises
    ------
    DataError
        If the file is no database, has no such table, or the query is refused.
    """
    with _cursor(path, source) as cursor:
        columns = [str(column[0]) for column in cursor.description]
        rows: list[tuple[Any, ...]] = []
        while part := cursor.fetchmany(ROWS_AT_ONCE):
            rows += part
            refuse_many_cells(source.name, len(rows), len(columns))
    double = [column for column in columns if columns.count(column) > 1]
    if double:
        raise refusal(
            source.name, "each column name once", f"`{double[0]}` twice", "rename it with AS"
        )
    frame = pd.DataFrame(rows, columns=pd.Index(columns), dtype=object)
    return RawTable(source.name, all_text(frame), any_case=True)


def table_names(path: Path) -> tuple[str, ...]:
    """The tables of a database, in the order of the alphabet."""
    if path.suffix.lower() in DUCKDB_ENDINGS:
        query = "SELECT table_name FROM information_schema.tables ORDER BY table_name"
    else:
        query = "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') ORDER BY name"
    with _cursor(path, DatabaseTable(file=path.name, query=query)) as cursor:
        return tuple(str(row[0]) for row in cursor.fetchmany(ROWS_AT_ONCE))


@contextmanager
def _cursor(path: Path, source: DatabaseTable) -> Iterator[Cursor]:
    """The rows of a source, while the file is open."""
    try:
        if path.suffix.lower() in DUCKDB_ENDINGS:
            with closing(duckdb.connect(str(path), read_only=True, config=CONFIGURATION)) as base:
                yield base.execute(_statement(source))
        else:
            with closing(_sqlite(path)) as lite:
                yield lite.execute(_statement(source))
    except (duckdb.Error, sqlite3.Error) as error:
        raise _refused(source, error) from None


def _sqlite(path: Path) -> sqlite3.Connection:
    """A connection that can read and do nothing else."""
    connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MOST_CELLS)
    connection.set_authorizer(
        lambda action, *_: sqlite3.SQLITE_OK if action in READING else sqlite3.SQLITE_DENY
    )
    steps = iter(range(MOST_STEPS // STEPS_AT_ONCE))
    connection.set_progress_handler(lambda: next(steps, None) is None, STEPS_AT_ONCE)
    return connection


def _statement(source: DatabaseTable) -> str:
    """One SELECT, whatever the plan says."""
    if source.table is not None:
        quoted = source.table.replace('"', '""')
        return f'SELECT * FROM "{quoted}"'  # noqa: S608 - quoted as both databases ask
    assert source.query is not None
    statements = duckdb.extract_statements(source.query)
    if [statement.type.name for statement in statements] != ["SELECT"]:
        raise refusal(
            source.name, "one SELECT", "another statement, or several", "write one SELECT"
        )
    return source.query


def _refused(source: DatabaseTable, error: Exception) -> Exception:
    """A table that is not there, a query that fails, or no database at all."""
    words = str(error).lower()
    if "not a valid" in words or "not a database" in words or "unable to open" in words:
        return malformed(source.name, "database", error)
    return refusal(
        source.name,
        "a table, or a SELECT that the database answers",
        str(error).splitlines()[0],
        "mend the name of the table or the query in the plan",
    )
