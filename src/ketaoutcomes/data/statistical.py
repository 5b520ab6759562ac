"""Files of SAS and SPSS into tables of text."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pandas as pd
import pyreadstat

from ketaoutcomes.data.identifiers.dates import is_date_format
from ketaoutcomes.data.limits import MOST_CELLS, refuse_many_cells
from ketaoutcomes.data.raw import RawTable, all_text, as_text
from ketaoutcomes.data.refusals import malformed

FAULTS: Final = (pyreadstat.ReadstatError, pyreadstat.PyreadstatError, UnicodeDecodeError, OSError)

Reader = Callable[..., tuple[pd.DataFrame, Any]]


def read_sas7bdat(path: Path, name: str, _encoding: str) -> RawTable:
    """Read a SAS dataset; it says its own encoding."""
    frame, meta = _read(pyreadstat.read_sas7bdat, path, name, "SAS (sas7bdat)")
    return RawTable(name, all_text(frame), any_case=True, **_told(meta))


def read_xpt(path: Path, name: str, encoding: str) -> RawTable:
    """Read a SAS transport file, version 5 or 8."""
    frame, meta = _read(
        pyreadstat.read_xport, path, name, "SAS transport (XPT)", encoding=encoding.upper()
    )
    return RawTable(name, all_text(frame), any_case=True, **_told(meta))


def read_spss(path: Path, name: str, codes: bool) -> RawTable:
    """Read an SPSS file, .sav or .zsav.

    A column whose every value has a label is read as its labels, unless `codes` are asked for; a
    scale labelled at its ends only stays a number.
    """
    frame, meta = _read(pyreadstat.read_sav, path, name, "SPSS")
    text = all_text(frame)
    if not codes:
        for column, labels in meta.variable_value_labels.items():
            text[column] = _labelled(frame[column].set_axis(text.index), text[column], labels)
    return RawTable(name, text, any_case=True, **_told(meta))


def _read(
    reader: Reader, path: Path, name: str, kind: str, **options: str
) -> tuple[pd.DataFrame, Any]:
    """The table, once its header has said that it is not too large."""
    try:
        _, header = reader(str(path), metadataonly=True, **options)
        columns = max(int(header.number_columns or 0), 1)
        most_rows = MOST_CELLS // columns + 1
        refuse_many_cells(name, int(header.number_rows or 0), _cells_a_row(header, columns))
        frame, meta = reader(
            str(path), disable_datetime_conversion=True, row_limit=most_rows, **options
        )
    except FAULTS as error:
        raise malformed(name, kind, error) from None
    refuse_many_cells(name, len(frame), columns)
    return frame, meta


def _cells_a_row(header: Any, columns: int) -> int:
    """Columns, or more where texts are declared very wide."""
    widths: dict[str, int] = getattr(header, "variable_storage_width", None) or {}
    return max(columns, sum(widths.values()) // 64)


def _told(meta: Any) -> dict[str, Any]:
    """What the file says of its columns: which are dates, and their titles."""
    titles = meta.column_names_to_labels.items()
    return {
        "dates": _date_columns(meta),
        "titles": {column: title for column, title in titles if title},
    }


def _date_columns(meta: Any) -> frozenset[str]:
    """Columns with a date format, whose values are days or seconds since some year."""
    formats: dict[str, str | None] = meta.original_variable_types
    spss = str(meta.file_format).startswith("sav")
    return frozenset(
        column for column, kind in formats.items() if kind and is_date_format(kind, spss=spss)
    )


def _labelled(values: pd.Series, text: pd.Series, labels: dict[Any, str]) -> pd.Series:
    """Labels where every value present has one, the values as text elsewhere."""
    present = values.dropna().unique()
    if len(present) == 0 or not all(value in labels for value in present):
        return text
    return as_text(values.map(labels))
