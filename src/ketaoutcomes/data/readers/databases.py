"""Tables of DuckDB and SQLite files, opened read-only, into tables of text."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from hashlib import file_digest
from pathlib import Path
from shutil import copyfile
from struct import Struct
from tempfile import TemporaryDirectory
from typing import Any, Final, Protocol

import duckdb
import numpy as np
import pandas as pd

from ketaoutcomes.data.findings import listed, near_miss
from ketaoutcomes.data.readers.limits import MOST_CELLS, refuse_many_cells, refuse_oversized
from ketaoutcomes.data.readers.raw import RawTable, all_text, columns_of_words
from ketaoutcomes.data.readers.refusals import (
    changed_meanwhile,
    malformed,
    nested,
    refusal,
    refuse_same_names,
)
from ketaoutcomes.data.readers.repeatable import (
    OF_CHANCE_IN_SQLITE,
    ending,
    refuse_chance,
    refuse_clock_of_sqlite,
)
from ketaoutcomes.plan.files import TableOfFile
from ketaoutcomes.sql import quoted

ROWS_AT_ONCE: Final = 50_000
MOST_STEPS: Final = 2_000_000_000
"""Of SQLite's virtual machine, about a minute; a query that needs more does not end."""
STEPS_AT_ONCE: Final = 1_000_000
READING: Final = frozenset(
    (sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE)
)
DUCKDB_ENDINGS: Final = (".duckdb", ".ddb")
SQLITE_ENDINGS: Final = (".sqlite", ".sqlite3", ".db")
LOGS: Final = {
    **dict.fromkeys(DUCKDB_ENDINGS, (".wal",)),
    **dict.fromkeys(SQLITE_ENDINGS, ("-wal", "-journal")),
}
"""How the names of a database's logs end; DuckDB reads its own."""
NO_DATABASE: Final = ("not a valid", "not a database", "unable to open", "malformed", "corrupt")
CUT_OFF: Final = "could not read enough bytes"
NESTED: Final = re.compile(r"(?:STRUCT|MAP|UNION)\(|.*\]$", re.DOTALL)
"""Types of DuckDB whose values are lists or records."""
SQLITE: Final = b"SQLite format 3\0"
HEAD: Final = Struct(">16x H 6x I I 60x I")
"""Of a SQLite file: bytes of a page, changes, pages, and the change at which these were counted."""
WIDEST_PAGE: Final = 65_536
"""Bytes of a page that is written as 1, as two bytes do not hold them."""
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


def read_database(path: Path, source: TableOfFile) -> RawTable:
    """Read a table, or the rows of one SELECT.

    Raises
    ------
    DataError
        If the file is no database, has no such table, or the query is refused; or if it was
        written while it was read.
    """
    sha256s = hashes_of(path, source.file)
    with _cursor(path, source) as cursor:
        frame = frame_of(cursor, source.name)
    if sha256s != hashes_of(path, source.file):
        raise changed_meanwhile(source.name)
    words = columns_of_words(frame)
    return RawTable(source.name, all_text(frame), any_case=True, worded=words, sha256s=sha256s)


def frame_of(cursor: Cursor, name: str) -> pd.DataFrame:
    """The rows that a query gave, one value a cell.

    Raises
    ------
    DataError
        If two columns have one name, a cell holds a list or a record, or there are too many cells.
    """
    kinds = {str(column[0]): str(column[1]) for column in cursor.description}
    columns = [str(column[0]) for column in cursor.description]
    refuse_same_names(columns, name, "rename it with AS")
    if inside := [column for column, kind in kinds.items() if NESTED.match(kind)]:
        raise nested(f"{name}, column `{inside[0]}`", "select one value a column (unnest)")
    rows: list[tuple[Any, ...]] = []
    while part := cursor.fetchmany(ROWS_AT_ONCE):
        rows += part
        refuse_many_cells(name, len(rows), len(columns))
    frame = pd.DataFrame(rows, columns=pd.Index(columns), dtype=object)
    for column in (column for column, kind in kinds.items() if kind == "FLOAT"):
        frame[column] = frame[column].astype(np.float32)  # of DuckDB; SQLite tells no kind
    return frame


def hashes_of(path: Path, name_in_plan: str) -> tuple[tuple[str, str], ...]:
    """The SHA-256 of a file and of its logs, by name; some of a file is held at a time.

    What is read at many places is hashed before and after.
    """
    found = []
    for file in with_logs(path):
        with file.open("rb") as content:
            name = Path(name_in_plan).with_name(file.name).as_posix()
            found.append((name, file_digest(content, "sha256").hexdigest()))
    return tuple(found)


def table_names(path: Path) -> tuple[str, ...]:
    """The tables of a database, in the order of the alphabet; with their schema, if not `main`."""
    source = TableOfFile(file=path.name, query="SELECT 1")
    with _opened(path, source) as base:
        return tuple(_tables(path, base))


@contextmanager
def _cursor(path: Path, source: TableOfFile) -> Iterator[Cursor]:
    """The rows of a source, while the file is open."""
    with _opened(path, source) as base:
        if source.query is None:
            yield base.execute(f"SELECT * FROM {table_in(path, base, source)}")  # noqa: S608
        else:
            refuse_other_statements(source.query, source.name)
            if path.suffix.lower() in DUCKDB_ENDINGS:
                refuse_chance(base, source.query, source.name)
                with ending(base, source.name):
                    yield base.execute(source.query)
            else:
                refuse_clock_of_sqlite(source.query, source.name)
                yield base.execute(source.query)


@contextmanager
def _opened(path: Path, source: TableOfFile) -> Iterator[Any]:
    """A connection that can read the file, and do nothing else."""
    try:
        if path.suffix.lower() in DUCKDB_ENDINGS:
            with closing(duckdb.connect(str(path), read_only=True, config=CONFIGURATION)) as base:
                yield base
        else:
            with _settled(path) as settled:
                _refuse_cut(settled, source)
                with closing(_sqlite(settled)) as lite:
                    yield lite
    except UnicodeDecodeError as error:  # of a name of SQLite that is no text
        raise malformed(source.name, "database", error) from None
    except (duckdb.Error, sqlite3.Error) as error:
        raise _refused(source, error) from None


def table_in(path: Path, base: Any, source: TableOfFile) -> str:
    """The table that the plan names, as a statement on the open database has it.

    Raises
    ------
    DataError
        If the database has none of that name, or several.
    """
    known = _tables(path, base)
    return known[_meant(source, known)]


def _tables(path: Path, base: Any) -> dict[str, str]:
    """Table -> its name in a statement; the schema is named with it, if it is not `main`."""
    if path.suffix.lower() in DUCKDB_ENDINGS:
        query = "SELECT table_schema, table_name FROM information_schema.tables"
        pairs = base.execute(query).fetchall()
        names = {
            name if schema == "main" else f"{schema}.{name}": f"{quoted(schema)}.{quoted(name)}"
            for schema, name in pairs
        }
    else:
        query = "SELECT name FROM sqlite_master WHERE type IN ('table', 'view')"
        names = {name: quoted(name) for (name,) in base.execute(query).fetchall()}
    return dict(sorted(names.items()))


def _meant(source: TableOfFile, known: dict[str, str]) -> str:
    """The table that the plan names: as it stands there, in other capitals, or in its schema."""
    wanted = str(source.table)
    folded = wanted.casefold().removeprefix("main.")
    same = [name for name in known if name.casefold() == folded]
    bare = [name for name in known if name.partition(".")[2].casefold() == folded]
    found = [wanted] if wanted in known else same or bare
    if len(found) == 1:
        return found[0]
    raise refusal(
        source.name,
        "a table of the database",
        f"{'several tables' if found else 'no such table'} `{wanted}`",
        f"{near_miss(wanted, known)}Its tables are {listed(known)}",
    )


def with_logs(path: Path) -> tuple[Path, ...]:
    """A file, and the logs next to it in which a database keeps its last transactions."""
    logs = (path.with_name(path.name + ending) for ending in LOGS.get(path.suffix.lower(), ()))
    return (path, *(log for log in logs if log.is_file() and log.stat().st_size))


@contextmanager
def _settled(path: Path) -> Iterator[Path]:
    """A SQLite file whose logs, where it has some, are written into it, in a copy.

    Rows of a write-ahead log belong to the database, and a rollback journal undoes a transaction
    that was cut off; SQLite would settle both in the user's own file.
    """
    _, *logs = files = with_logs(path)
    if not logs:
        yield path
        return
    for file in files:
        refuse_oversized(file.name, file.stat().st_size)
    with TemporaryDirectory() as folder:
        for file in files:
            copyfile(file, Path(folder) / file.name)
        copy = Path(folder) / path.name
        with closing(sqlite3.connect(copy)) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            connection.execute("SELECT count(*) FROM sqlite_master").fetchall()
        yield copy


def _refuse_cut(path: Path, source: TableOfFile) -> None:
    """Refuse a SQLite file with fewer pages than its head says: SQLite reads cut rows as empty.

    The number of pages holds where a second counter of changes agrees with the first (SQLite's
    "Database File Format", 1.3.7).
    """
    with path.open("rb") as content:
        head = content.read(HEAD.size)
    if len(head) < HEAD.size or not head.startswith(SQLITE):
        return  # SQLite itself says so
    page, changes, pages, known_at = HEAD.unpack(head)
    whole = pages * (WIDEST_PAGE if page == 1 else page)
    if changes == known_at and path.stat().st_size < whole:
        found = f"{path.stat().st_size:,} of {whole:,} bytes, so that its end was cut off"
        raise refusal(source.name, "a whole database file", found, "copy or export the data again")


def _sqlite(path: Path) -> sqlite3.Connection:
    """A connection that can read and do nothing else."""
    connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro&immutable=1", uri=True)
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MOST_CELLS)
    connection.set_authorizer(_allowed)
    steps = iter(range(MOST_STEPS // STEPS_AT_ONCE))
    connection.set_progress_handler(lambda: next(steps, None) is None, STEPS_AT_ONCE)
    return connection


def _allowed(action: int, _: str | None, called: str | None, *__: str | None) -> int:
    """Whether SQLite may do something: read, and call what gives the same every time."""
    chance = action == sqlite3.SQLITE_FUNCTION and str(called).casefold() in OF_CHANCE_IN_SQLITE
    return sqlite3.SQLITE_OK if action in READING and not chance else sqlite3.SQLITE_DENY


def refuse_other_statements(query: str, name: str) -> None:
    """Refuse what is not one SELECT.

    Raises
    ------
    DataError
        If it is another statement, or several.
    duckdb.Error
        If it is no SQL at all.
    """
    statements = duckdb.extract_statements(query)
    if [statement.type.name for statement in statements] != ["SELECT"]:
        raise refusal(name, "one SELECT", "another statement, or several", "write one SELECT")


def _refused(source: TableOfFile, error: Exception) -> Exception:
    """A table that is not there, a query that fails, or no database at all."""
    words = str(error).lower()
    if CUT_OFF in words:  # the message goes on with the path of the file
        found = "a database whose end was cut off"
        return refusal(source.name, "a whole database file", found, "copy or export the data again")
    if any(sign in words for sign in NO_DATABASE):
        return malformed(source.name, "database", error)
    return refusal(
        source.name,
        "a table, or a SELECT that the database answers",
        str(error).splitlines()[0],
        "correct the name of the table or the query in the plan",
    )
