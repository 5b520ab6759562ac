"""Files into tables of text, the same whatever the format.

Every value becomes text first (1503.0 of SAS becomes "1503"), so that one dataset kept in two
formats gives one cohort.
"""

import csv
import io
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
import pyreadstat

from ketaoutcomes.errors import DataError, Problem
from ketaoutcomes.load.findings import listed, rows_in_words

MISSING: Final = frozenset(("", ".", "NA", "NaN", "nan"))
FIRST_CSV_ROW: Final = 2
LARGEST_EXACT_INTEGER: Final = 2.0**53


@dataclass(frozen=True)
class RawTable:
    """A file as it was read.

    Attributes
    ----------
    name : str
        Name of the file.
    frame : DataFrame
        All values as text, None where missing; the index holds the row numbers a user sees: the
        header of a CSV file is row 1, the first observation of the other formats is row 1.
    any_case : bool
        Whether upper and lower case in column names are the same, as in SAS.
    """

    name: str
    frame: pd.DataFrame
    any_case: bool = False

    def find(self, column: str) -> str | None:
        """The column of this name as the file spells it, or None."""
        if column in self.frame.columns:
            return column
        same = [name for name in self.frame.columns if name.casefold() == column.casefold()]
        return same[0] if self.any_case and len(same) == 1 else None


def read_table(path: Path, name: str, encoding: str) -> RawTable:
    """Read one file by its ending: .csv, .parquet, .sas7bdat or .xpt.

    Parameters
    ----------
    path : Path
        The file.
    name : str
        How problems call it.
    encoding : str
        Encoding of CSV and XPT; the other formats say their own.

    Raises
    ------
    DataError
        If the file is missing, empty, of another format, badly encoded or malformed.
    """
    if not path.is_file():
        raise _refusal(name, "a file", "no such file", f"put it in {path.parent}, or give --data")
    if path.stat().st_size == 0:
        raise _empty(name)
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        raise _refusal(
            name, f"one of: {', '.join(READERS)}", f"`{path.suffix}`", "convert the file to CSV"
        )
    table = reader(path, name, encoding)
    if table.frame.empty:
        raise _empty(name)
    return table


def _read_csv(path: Path, name: str, encoding: str) -> RawTable:
    text = _decoded(path.read_bytes(), name, encoding)
    try:
        header, *rows = csv.reader(io.StringIO(text, newline=""), strict=True)
    except csv.Error as error:
        raise _refusal(name, "a CSV file", str(error), "mend the quotes or the file") from None
    header = [column.strip() for column in header]
    _refuse_double_columns(header, name)
    numbered = [(number, row) for number, row in enumerate(rows, FIRST_CSV_ROW) if any(row)]
    _refuse_ragged_rows(header, numbered, name)
    numbers = pd.Index([number for number, _ in numbered], name="row", dtype="int64")
    values = zip(*(row for _, row in numbered), strict=True)
    columns = {
        column: _as_text(pd.Series(column_values, dtype=object, index=numbers))
        for column, column_values in zip(header, values, strict=False)
    }
    return RawTable(name, pd.DataFrame(columns, index=numbers))


def _decoded(content: bytes, name: str, encoding: str) -> str:
    """The text of a CSV file; a byte that is not of the encoding is told with its row."""
    codec = "utf-8-sig" if encoding.lower().replace("_", "-") in ("utf-8", "utf8") else encoding
    try:
        return content.decode(codec)
    except LookupError:
        raise _refusal(
            "the plan, data.encoding",
            "the name of an encoding",
            f"`{encoding}`",
            "use utf-8, cp1252 or latin-1",
        ) from None
    except UnicodeDecodeError as error:
        row, column = _whereabouts(content, error.start)
        raise _refusal(
            f"{name}, column `{column}`, row {row}",
            f"text in {encoding}",
            f"the byte 0x{content[error.start]:02x}",
            "save the file as UTF-8, or name its encoding under `data.encoding` (often cp1252)",
        ) from None


def _whereabouts(content: bytes, offset: int) -> tuple[int, str]:
    """Row and column name of a byte."""
    before = content[:offset]
    line_start = before.rfind(b"\n") + 1
    header = _fields(content.split(b"\n", 1)[0])
    field = len(_fields(before[line_start:] + b"x")) - 1
    return before.count(b"\n") + 1, header[min(field, len(header) - 1)]


def _fields(line: bytes) -> list[str]:
    return next(csv.reader([line.decode("ascii", errors="replace").strip()]))


def _refuse_double_columns(header: list[str], name: str) -> None:
    double = [column for column, count in Counter(header).items() if count > 1]
    if double:
        raise _refusal(
            f"{name}, row 1", "each column name once", listed(double), "rename the second column"
        )


def _refuse_ragged_rows(header: list[str], rows: list[tuple[int, list[str]]], name: str) -> None:
    ragged = {number: len(row) for number, row in rows if len(row) != len(header)}
    if ragged:
        raise _refusal(
            f"{name}, {rows_in_words(ragged)}",
            f"{len(header)} fields, as in the header",
            f"{listed(ragged.values())} fields",
            "quote fields that hold a comma, and complete short rows",
        )


def _read_parquet(path: Path, name: str, _encoding: str) -> RawTable:
    try:
        frame = pd.read_parquet(path, engine="pyarrow")
    except (OSError, ValueError) as error:
        raise _malformed(name, "Parquet", error) from None
    return RawTable(name, _all_text(frame))


def _read_sas7bdat(path: Path, name: str, _encoding: str) -> RawTable:
    try:
        frame, _ = pyreadstat.read_sas7bdat(str(path), disable_datetime_conversion=True)
    except (pyreadstat.ReadstatError, UnicodeDecodeError) as error:
        raise _malformed(name, "SAS (sas7bdat)", error) from None
    return RawTable(name, _all_text(frame), any_case=True)


def _read_xpt(path: Path, name: str, encoding: str) -> RawTable:
    try:
        frame, _ = pyreadstat.read_xport(
            str(path), disable_datetime_conversion=True, encoding=encoding.upper()
        )
    except (pyreadstat.ReadstatError, UnicodeDecodeError) as error:
        raise _malformed(name, "SAS transport (XPT)", error) from None
    return RawTable(name, _all_text(frame), any_case=True)


READERS: Final[dict[str, Callable[[Path, str, str], RawTable]]] = {
    ".csv": _read_csv,
    ".parquet": _read_parquet,
    ".sas7bdat": _read_sas7bdat,
    ".xpt": _read_xpt,
}


def _all_text(frame: pd.DataFrame) -> pd.DataFrame:
    """Every column as text, rows numbered from 1."""
    rows = pd.RangeIndex(1, len(frame) + 1, name="row")
    numbered = frame.set_axis(rows, axis=0)
    return pd.DataFrame({str(name): _as_text(numbered[name]) for name in frame.columns}, index=rows)


def _as_text(values: pd.Series) -> pd.Series:
    """The values as text; each distinct value is written once."""
    codes, distinct = pd.factorize(values)
    texts = np.array([*map(_text, distinct), None], dtype=object)
    return pd.Series(texts[codes], index=values.index, dtype=object)


def _text(value: object) -> str | None:
    """One value as a user would write it; None where missing."""
    if isinstance(value, bool | np.bool_):
        return "true" if value else "false"
    if isinstance(value, float | np.floating):
        number = float(value)
        whole = number.is_integer() and abs(number) < LARGEST_EXACT_INTEGER
        return str(int(number)) if whole else repr(number)
    text = str(value).strip()
    return None if text in MISSING else text


def _refusal(place: str, expected: str, found: str, remedy: str) -> DataError:
    problem = Problem(place, expected, found, remedy)
    return DataError(f"cannot read {place}", (problem,))


def _empty(name: str) -> DataError:
    return _refusal(name, "at least one row of data", "an empty file", "export the data again")


def _malformed(name: str, kind: str, error: Exception) -> DataError:
    return _refusal(name, f"a {kind} file", str(error).splitlines()[0], "export the data again")
