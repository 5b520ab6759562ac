"""One SELECT over tables that have been read, run by DuckDB in memory.

It can reach these tables and nothing else: no file, no network, no extension, no variable of this
program. It gives the same rows every time: what depends on chance or on the clock is refused.
"""

from collections.abc import Mapping
from contextlib import closing
from typing import Any, Final

import duckdb
import pandas as pd
import pyarrow as pa

from ketaoutcomes.data.findings import listed
from ketaoutcomes.data.mapping import is_number
from ketaoutcomes.data.readers.databases import (
    CONFIGURATION,
    frame_of,
    refuse_other_statements,
)
from ketaoutcomes.data.readers.raw import RawTable, all_text, columns_of_words
from ketaoutcomes.data.readers.refusals import empty, refusal
from ketaoutcomes.data.readers.repeatable import ending, refuse_chance
from ketaoutcomes.sql import quoted

MOST_DIGITS: Final = 15
"""Of a whole number that a floating-point number holds exactly."""


def selected(tables: Mapping[str, RawTable], query: str, name: str) -> RawTable:
    """The rows of a SELECT; columns in which every value is a number are numbers in it.

    Parameters
    ----------
    tables : mapping of str to RawTable
        By the names that they have in the SELECT.
    query : str
    name : str
        What problems call the result; its rows are counted from 1.

    Raises
    ------
    DataError
        If it is not one SELECT, asks for anything but these tables, depends on chance or on the
        clock, fails, or gives no row or too many.
    """
    try:
        refuse_other_statements(query, name)
        with closing(
            duckdb.connect(config=CONFIGURATION | {"lock_configuration": "false"})
        ) as base:
            base.execute("SET python_enable_replacements = false")
            refuse_chance(base, query, name)
            for called, table in tables.items():
                _add(base, called, table)
            base.execute("SET lock_configuration = true")
            with ending(base, name):
                frame = frame_of(base.execute(query), name)
    except duckdb.Error as error:
        known = "; ".join(f"`{t}` has {listed(raw.frame.columns)}" for t, raw in tables.items())
        raise refusal(
            name,
            "a SELECT that DuckDB can answer from the tables of the plan",
            str(error).splitlines()[0],
            f"correct the query; {known}",
        ) from None
    if frame.empty:
        raise empty(name)
    shared = (raw.absent.items() for raw in tables.values())
    return RawTable(
        name,
        all_text(frame),
        any_case=True,
        worded=columns_of_words(frame),
        absent={c: n for told in shared for c, n in told if c in frame.columns},
        sha256s=tuple(dict.fromkeys(pair for raw in tables.values() for pair in raw.sha256s)),
    )


def _add(base: Any, name: str, table: RawTable) -> None:
    """A table of the connection, with numbers for numbers."""
    columns = {str(c): _typed(table.frame[c]) for c in table.frame.columns}
    base.register("incoming", pa.table(columns))
    base.execute(f"CREATE TABLE {quoted(name)} AS SELECT * FROM incoming")  # noqa: S608
    base.unregister("incoming")


def _typed(texts: pd.Series) -> pa.Array:
    """Whole numbers, numbers or texts; codes such as 007 are texts."""
    distinct = [text for text in texts.unique() if text is not None]
    if not distinct or not all(map(is_number, distinct)):
        return pa.array(texts.tolist(), pa.string())
    if all(t.lstrip("+-").isdigit() and len(t.lstrip("+-")) <= MOST_DIGITS for t in distinct):
        return pa.array([None if t is None else int(t) for t in texts], pa.int64())
    if any(sum(map(str.isdigit, text)) > MOST_DIGITS and "." not in text for text in distinct):
        return pa.array(texts.tolist(), pa.string())  # a long code would lose digits
    return pa.array([None if t is None else float(t) for t in texts], pa.float64())
