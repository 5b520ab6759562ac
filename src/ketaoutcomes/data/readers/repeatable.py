"""A query that ends, and that gives the same rows every time: no chance, no clock, no session."""

import json
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from threading import Timer
from typing import Any, Final

import duckdb

from ketaoutcomes.data.findings import listed
from ketaoutcomes.data.readers.refusals import refusal

SECONDS: Final = 300
"""After which a query is taken for one that does not end."""
WITHOUT_BRACKETS: Final = frozenset(
    ("current_date", "current_time", "current_timestamp", "localtime", "localtimestamp")
)
OF_THE_MOMENT: Final = WITHOUT_BRACKETS | frozenset(
    (
        *("now", "today", "transaction_timestamp", "get_current_time", "get_current_timestamp"),
        *("txid_current", "reservoir_quantile"),
    )
)
"""Functions of DuckDB that depend on chance, the clock or the session and do not say so."""
VOLATILE: Final = (
    "SELECT DISTINCT function_name FROM duckdb_functions() WHERE stability = 'VOLATILE'"
)
OF_CHANCE_IN_SQLITE: Final = WITHOUT_BRACKETS | frozenset(
    ("random", "randomblob", "changes", "total_changes", "last_insert_rowid")
)
CLOCK_OF_SQLITE: Final = re.compile(
    r"'\s*now\s*'|\b(?:date|time|datetime|julianday|unixepoch)\s*\(\s*\)", re.IGNORECASE
)
"""What SQLite takes for the current moment: the text `now`, or no text at all."""


def refuse_chance(base: Any, query: str, name: str) -> None:
    """Refuse functions of DuckDB that may give another value next time.

    Parameters
    ----------
    base : DuckDBPyConnection
    query : str
        One SELECT.
    name : str
        What the refusal calls it.

    Raises
    ------
    DataError
        If it depends on chance, on the clock or on the session.
    """
    (tree,) = base.execute("SELECT json_serialize_sql(?)", [query]).fetchone()
    volatile = {str(row[0]) for row in base.execute(VOLATILE).fetchall()} | OF_THE_MOMENT
    found = sorted(set(_called(json.loads(tree))) & volatile)
    if found:
        raise _another_time(name, found)


def refuse_clock_of_sqlite(query: str, name: str) -> None:
    """Refuse a SELECT on a SQLite file that asks for the current moment.

    Raises
    ------
    DataError
        If it does; functions of chance are refused by the connection itself.
    """
    if CLOCK_OF_SQLITE.search(query):
        raise _another_time(name, ["the current moment"])


def _another_time(name: str, found: Iterable[str]) -> Exception:
    return refusal(
        name,
        "a SELECT that gives the same rows every time",
        f"{listed(found)}, which depends on chance, on the clock or on the session",
        "remove it, or write its value into the query",
    )


def _called(node: Any) -> Iterator[str]:
    """The functions of a parsed query, those that need no brackets, and whether it draws rows."""
    if isinstance(node, list):
        for part in node:
            yield from _called(part)
    elif isinstance(node, dict):
        if "function_name" in node:
            yield str(node["function_name"]).casefold()
        names = [str(name).casefold() for name in node.get("column_names", ())]
        yield from WITHOUT_BRACKETS.intersection(names) if len(names) == 1 else ()
        if node.get("sample"):
            yield "random"
        for part in node.values():
            yield from _called(part)


@contextmanager
def ending(base: Any, name: str, seconds: float | None = None) -> Iterator[None]:
    """Interrupt a query of DuckDB that does not end, as one that recurs without a limit.

    Raises
    ------
    DataError
        If it did not end.
    """
    most = SECONDS if seconds is None else seconds
    watch = Timer(most, base.interrupt)
    watch.daemon = True
    watch.start()
    try:
        yield
    except duckdb.InterruptException:
        raise refusal(
            name,
            f"a SELECT that ends within {most:g} seconds",
            "one that does not",
            "end its recursion, or let it make fewer rows",
        ) from None
    finally:
        watch.cancel()
