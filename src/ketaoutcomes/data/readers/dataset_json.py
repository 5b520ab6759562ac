"""CDISC Dataset-JSON 1.1 files, whole (.json) or one row a line (.ndjson), into tables of text.

CDISC, Dataset-JSON version 1.1: the attributes of a dataset, then its rows, each an array of values
in the order of `columns`; null is missing. In .ndjson the first line holds the attributes.
"""

import json
from decimal import Decimal, InvalidOperation
from typing import Any, Final

import pandas as pd

from ketaoutcomes.data.findings import listed, rows_in_words
from ketaoutcomes.data.identifiers.dates import is_date_format
from ketaoutcomes.data.readers.held import Held
from ketaoutcomes.data.readers.limits import refuse_many_cells
from ketaoutcomes.data.readers.raw import RawTable, all_text, as_text
from ketaoutcomes.data.readers.refusals import (
    cut_short,
    empty,
    malformed,
    refusal,
    refuse_same_names,
)
from ketaoutcomes.plan.files import Writing

KIND: Final = "Dataset-JSON"
VERSION: Final = "1.1"
OF_VERSION_1_0: Final = "clinicalData"
DATES: Final = frozenset(("date", "datetime"))
IN_WORDS: Final = frozenset(("string", "datetime", "date", "time", "URI"))
"""Types whose values are words; of `decimal` they are numbers, written as text."""

Rows = list[list[Any]]


def read_dataset_json(file: Held, _writing: Writing) -> RawTable:
    """Read a dataset that is one JSON object."""
    told = _parsed(file.content, file.name)
    if not isinstance(told, dict) or not {"columns", OF_VERSION_1_0}.intersection(told):
        raise _other(file.name)
    return _table(told, told.get("rows", []), file.name)


def read_dataset_ndjson(file: Held, _writing: Writing) -> RawTable:
    """Read a dataset whose attributes and rows are a line each."""
    lines = [line for line in file.content.splitlines() if line.strip()]
    told = _parsed(lines[0], f"{file.name}, row 1") if lines else None
    if not isinstance(told, dict) or "columns" not in told:
        raise _other(file.name)
    rows = [_parsed(line, f"{file.name}, row {at}") for at, line in enumerate(lines[1:], 2)]
    return _table(told, rows, file.name)


def _parsed(content: bytes, name: str) -> Any:
    try:
        return json.loads(content)
    except (ValueError, RecursionError) as error:
        raise malformed(name, KIND, error) from None


def _other(name: str) -> Exception:
    return refusal(
        name,
        f"a dataset as CDISC {KIND} {VERSION} has it, with `columns` and `rows`",
        "other JSON",
        "export the data as CSV, or as Dataset-JSON",
    )


def _refuse_other_versions(told: dict[str, Any], name: str) -> None:
    """Refuse another version than 1.1; in 1.0 the rows stand below `clinicalData`."""
    version = str(told.get("datasetJSONVersion", ""))
    if "columns" not in told or not version.startswith(VERSION):
        raise refusal(
            name,
            f"{KIND} of version {VERSION}",
            f"version `{version or '1.0'}`",
            f"export it as {VERSION}, as SAS transport (.xpt) or as CSV",
        )


def _table(told: dict[str, Any], rows: Any, name: str) -> RawTable:
    _refuse_other_versions(told, name)
    columns = told["columns"]
    named = isinstance(columns, list) and columns and all(map(_is_column, columns))
    if not named or not isinstance(rows, list):
        raise _other(name)
    names = [str(column["name"]) for column in columns]
    refuse_same_names(names, name, "rename one of them in the file")
    if not rows:
        raise empty(name)
    refuse_many_cells(name, len(rows), len(names))
    _refuse_bad_rows(told, rows, names, name)
    kinds = {str(c["name"]): str(c.get("dataType", "string")) for c in columns}
    frame = all_text(pd.DataFrame(rows, columns=pd.Index(names), dtype=object))
    for column in (c for c, kind in kinds.items() if kind == "decimal"):
        frame[column] = as_text(frame[column].map(_decimal, na_action="ignore"))
    return RawTable(
        name,
        frame,
        any_case=True,
        dates=frozenset(str(c["name"]) for c in columns if _holds_dates(c)),
        titles={str(c["name"]): str(c["label"]) for c in columns if c.get("label")},
        worded=frozenset(c for c, kind in kinds.items() if kind in IN_WORDS),
    )


def _is_column(column: object) -> bool:
    return isinstance(column, dict) and bool(column.get("name"))


def _holds_dates(column: dict[str, Any]) -> bool:
    """Whether a column is of dates, or of numbers that SAS shows as dates."""
    shown = column.get("displayFormat")
    return column.get("dataType") in DATES or bool(shown and is_date_format(str(shown), spss=False))


def _refuse_bad_rows(told: dict[str, Any], rows: Rows, names: list[str], name: str) -> None:
    """Refuse rows that lack a value, hold more than values, or are fewer than the file says."""
    ragged = [
        at for at, row in enumerate(rows, 1) if not isinstance(row, list) or len(row) != len(names)
    ]
    if ragged:
        raise refusal(
            f"{name}, {rows_in_words(ragged)}",
            f"{len(names)} values, one for each of `columns`",
            "more or fewer",
            "export the data again",
        )
    nested = {c: None for row in rows for c, v in zip(names, row, strict=True) if _nested(v)}
    if nested:
        raise refusal(
            f"{name}, column {listed(nested)}",
            "one value a cell",
            "a list or a record in a cell",
            "write the table with one value a column",
        )
    declared = told.get("records")
    if isinstance(declared, int) and len(rows) < declared:
        raise cut_short(name, f"{declared} rows, as `records` says", f"{len(rows)} rows")


def _nested(value: object) -> bool:
    return isinstance(value, list | dict)


def _decimal(text: str) -> Decimal | str:
    """The number that a text of type `decimal` is; other words stay."""
    try:
        return Decimal(text)
    except InvalidOperation:
        return text
