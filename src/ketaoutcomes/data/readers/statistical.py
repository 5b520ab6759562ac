"""Files of SAS, SPSS and Stata into tables of text."""

import re
from collections.abc import Callable
from typing import Any, Final

import numpy as np
import pandas as pd
import pyreadstat

from ketaoutcomes.data.identifiers.dates import is_date_format
from ketaoutcomes.data.readers.held import Held
from ketaoutcomes.data.readers.limits import MOST_CELLS, refuse_many_cells
from ketaoutcomes.data.readers.raw import (
    RawTable,
    all_labelled,
    all_text,
    as_text,
    columns_of_words,
    with_others,
)
from ketaoutcomes.data.readers.refusals import (
    cut_short,
    malformed,
    refusal,
    refuse_same_names,
    unknown_encoding,
)
from ketaoutcomes.data.readers.transport import transport_layout
from ketaoutcomes.plan.files import Writing

FAULTS: Final = (pyreadstat.ReadstatError, pyreadstat.PyreadstatError, UnicodeDecodeError, OSError)

ONE_BYTE_A_LETTER: Final = "ISO-8859-1"
STATA_DATES: Final = re.compile(r"%-?(?:d|t[cCdwmqhb])")
"""Formats of days, weeks, months, quarters, half years and moments; `%ty` is of years."""

Reader = Callable[..., tuple[pd.DataFrame, Any]]


def read_sas7bdat(file: Held, _writing: Writing) -> RawTable:
    """Read a SAS dataset; it says its own encoding."""
    frame, meta = _read(pyreadstat.read_sas7bdat, file, "SAS (sas7bdat)")
    return RawTable(file.name, all_text(frame), any_case=True, **_told(frame, meta))


def read_xpt(file: Held, writing: Writing) -> RawTable:
    """Read a SAS transport file, version 5 or 8, which does not say its encoding.

    Its bytes are read one a letter and decoded here, so that an encoding has the names that it has
    for a text file, and a byte that is not of it is reported with its column and row.
    """
    name = file.name
    layout = transport_layout(file.content, name)
    frame, meta = _read(
        pyreadstat.read_xport, file, "SAS transport (XPT)", encoding=ONE_BYTE_A_LETTER
    )
    if layout is not None and layout.rows is not None and len(frame) < layout.rows:
        raise cut_short(name, f"{layout.rows} rows, as its header says", f"{len(frame)} rows")
    told = _told(frame, meta)
    text = all_text(frame)
    for column in told["worded"]:
        text[column] = _decoded(text[column], f"{name}, column `{column}`", writing.encoding)
    told["titles"] = {
        column: _decoded(pd.Series([title]), f"{name}, label of `{column}`", writing.encoding)[0]
        for column, title in told["titles"].items()
    }
    return RawTable(name, text, any_case=True, **told)


def read_spss(file: Held, writing: Writing) -> RawTable:
    """Read an SPSS file, .sav or .zsav."""
    return _with_value_labels(pyreadstat.read_sav, file, "SPSS", writing)


def read_spss_portable(file: Held, writing: Writing) -> RawTable:
    """Read a portable file of SPSS, .por, which does not say how many rows it has."""
    return _with_value_labels(pyreadstat.read_por, file, "SPSS (por)", writing)


def read_stata(file: Held, writing: Writing) -> RawTable:
    """Read a Stata file, .dta; numbers of single precision have as many digits as tell them."""
    return _with_value_labels(pyreadstat.read_dta, file, "Stata", writing)


def _with_value_labels(reader: Reader, file: Held, kind: str, writing: Writing) -> RawTable:
    """A file whose values may have labels.

    A column whose every value has a label is read as its labels, unless the plan asks for the
    codes; a scale labelled at its ends only stays a number.
    """
    frame, meta = _read(reader, file, kind)
    single = [c for c, kind in meta.readstat_variable_types.items() if kind == "float"]
    frame = frame.astype(dict.fromkeys(single, np.float32))
    text = all_text(frame)
    if not writing.codes:
        for column, labels in meta.variable_value_labels.items():
            text[column] = _labelled(frame[column].set_axis(text.index), text[column], labels)
    return RawTable(file.name, text, any_case=True, **_told(frame, meta))


def _decoded(texts: pd.Series, place: str, encoding: str) -> pd.Series:
    """Texts that were read one byte a letter, in their own encoding."""
    found: dict[str, str] = {}
    for row, text in texts.items():
        if text is None or text in found or text.isascii():
            continue
        content = text.encode(ONE_BYTE_A_LETTER)
        try:
            found[text] = content.decode(encoding).strip()
        except UnicodeDecodeError as error:
            raise refusal(
                f"{place}, row {row}",
                f"text in {encoding}",
                f"the byte 0x{content[error.start]:02x}",
                "name the encoding of the file under `data.encoding` (often cp1252 or latin-1)",
            ) from None
        except (LookupError, ValueError):
            raise unknown_encoding(encoding) from None
    return with_others(texts, found) if found else texts


def _read(reader: Reader, file: Held, kind: str, **options: str) -> tuple[pd.DataFrame, Any]:
    """The table, once its header has said that it is not too large."""
    name = file.name
    try:
        _, header = reader(file.opened(), metadataonly=True, **options)
        columns = max(int(header.number_columns or 0), 1)
        most_rows = MOST_CELLS // columns + 1
        declared = int(header.number_rows or 0)
        refuse_many_cells(name, declared, _cells_a_row(header, columns))
        frame, meta = reader(
            file.opened(), disable_datetime_conversion=True, row_limit=most_rows, **options
        )
    except FAULTS as error:
        raise malformed(name, kind, error) from None
    refuse_many_cells(name, len(frame), columns)
    refuse_same_names(frame.columns, name, "rename one of them in the file")
    if len(frame) < declared:
        raise cut_short(name, f"{declared} rows, as its header says", f"{len(frame)} rows")
    return frame, meta


def _cells_a_row(header: Any, columns: int) -> int:
    """Columns, or more where texts are declared very wide."""
    widths: dict[str, int] = getattr(header, "variable_storage_width", None) or {}
    return max(columns, sum(widths.values()) // 64)


def _told(frame: pd.DataFrame, meta: Any) -> dict[str, Any]:
    """What the file says of its columns: which are dates, or texts, and their titles."""
    titles = meta.column_names_to_labels.items()
    return {
        "worded": columns_of_words(frame),
        "dates": _date_columns(meta),
        "titles": {column: title for column, title in titles if title},
    }


def _date_columns(meta: Any) -> frozenset[str]:
    """Columns with a date format, whose values are days or seconds since some year."""
    formats: dict[str, str | None] = meta.original_variable_types
    if meta.file_format == "dta":
        return frozenset(c for c, kind in formats.items() if STATA_DATES.match(kind or ""))
    spss = str(meta.file_format).startswith(("sav", "por"))
    return frozenset(
        column for column, kind in formats.items() if kind and is_date_format(kind, spss=spss)
    )


def _labelled(values: pd.Series, text: pd.Series, labels: dict[Any, str]) -> pd.Series:
    """Labels where every value present has one, the values as text elsewhere."""
    return as_text(values.map(labels)) if all_labelled(values, labels) else text
