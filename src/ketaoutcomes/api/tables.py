"""A table as users have it becomes the columns that a function asks for."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from ketaoutcomes.errors import DataError, Problem, did_you_mean

FloatArray = NDArray[np.float64]
FILLED = "fill in values, or name other columns"
MOST_SHOWN = 5
ACCEPTED = "a pandas frame, an Arrow table or the path of a Parquet file"


@dataclass(frozen=True)
class Rows:
    """The rows of a table in which every column that is used has a value.

    Attributes
    ----------
    frame : DataFrame
        These columns alone, the rows numbered from 0.
    left_out : int
        Rows that lack a value.
    """

    frame: pd.DataFrame
    left_out: int = 0

    @property
    def notes(self) -> tuple[str, ...]:
        """That rows were left out, if any were."""
        if not self.left_out:
            return ()
        rows = "1 row was" if self.left_out == 1 else f"{self.left_out} rows were"
        return (f"{rows} left out because a value is missing.",)

    def numbers(self, column: str) -> FloatArray:
        """A column of numbers.

        Raises
        ------
        DataError
            If it holds anything else.
        """
        values = self.frame[column]
        found = pd.to_numeric(values, errors="coerce")
        if found.isna().any() or pd.api.types.is_datetime64_any_dtype(values):
            shown = _shown(values[found.isna()] if found.isna().any() else values)
            raise _refused(column, "numbers", shown, "convert the column, or name another")
        return found.to_numpy(dtype=np.float64)

    def events(self, column: str) -> NDArray[np.bool_]:
        """A column that says whether the event happened: true and false, or 1 and 0.

        Raises
        ------
        DataError
            If it holds anything else.
        """
        values = self.frame[column]
        found = pd.to_numeric(values, errors="coerce")
        if not found.isin((0, 1)).all():
            remedy = f'make it so, for example data["{column}"] == 2'
            raise _refused(column, "true or false, or 1 and 0", _shown(values), remedy)
        return np.asarray(found.to_numpy(dtype=np.float64) == 1)

    def levels(self, column: str, first: object = None) -> tuple[Any, ...]:
        """The levels of a column that some row has: in their own order, or that of the alphabet.

        Parameters
        ----------
        first : object, optional
            The level that comes before all others, such as the reference arm.

        Raises
        ------
        DataError
            If no row has the first level.
        """
        values = self.frame[column]
        declared = values.cat.categories if isinstance(values.dtype, pd.CategoricalDtype) else None
        there = set(values)
        ordered = sorted(there, key=_order) if declared is None else list(declared)
        levels = [level for level in ordered if level in there]
        if first is None:
            return tuple(levels)
        if first not in there:
            words = list(map(str, levels))
            remedy = did_you_mean(str(first), words) or f"use one of: {', '.join(words)}"
            raise _refused(column, "the level that was named", f"no row with `{first}`", remedy)
        return tuple(sorted(levels, key=lambda level: level != first))


def rows_of(data: Any, *columns: str | Sequence[str] | None, may_lack: Sequence[str] = ()) -> Rows:
    """The columns that are named, of the rows that have a value in each.

    Parameters
    ----------
    data : DataFrame, Arrow table, or path of a Parquet file
    columns : str, sequence of str, or None
        A name, several, or none.
    may_lack : sequence of str
        Further columns, in which a value may be missing.

    Raises
    ------
    DataError
        If the data are no table, lack a column, or have no complete row.
    """
    frame = frame_of(data)
    names = list(dict.fromkeys(_names(columns)))
    every = list(dict.fromkeys((*names, *may_lack)))
    _refuse_unknown(frame, every)
    complete = frame[every].dropna(subset=[name for name in names if name not in may_lack])
    if complete.empty:
        raise _refused(", ".join(names), "a row with a value in each", "none", FILLED)
    return Rows(complete.reset_index(drop=True), len(frame) - len(complete))


def frame_of(data: Any) -> pd.DataFrame:
    """The data as a pandas frame; the levels of a named index are among its columns.

    Raises
    ------
    DataError
        If they are no table.
    """
    if isinstance(data, pd.DataFrame):
        named = [name for name in data.index.names if name is not None]
        return data.reset_index(level=named) if named else data
    if isinstance(data, str | Path):
        return _read_parquet(Path(data))
    if hasattr(data, "__arrow_c_stream__"):
        frame: pd.DataFrame = pa.table(data).to_pandas()
        return frame
    raise DataError(f"the data are of type `{type(data).__name__}`; give {ACCEPTED}")


def _read_parquet(path: Path) -> pd.DataFrame:
    try:
        return frame_of(pd.read_parquet(path))
    except (OSError, ValueError) as error:  # pyarrow's own errors are of these kinds
        words = str(error).splitlines()[0] if path.is_file() else "no such file"
        problem = Problem(str(path), "a Parquet file", words, f"give {ACCEPTED}")
        raise DataError(f"cannot read {path}", (problem,)) from None


def _names(columns: Iterable[str | Sequence[str] | None]) -> Iterable[str]:
    for one in columns:
        if isinstance(one, str):
            yield one
        elif one is not None:
            yield from one


def _refuse_unknown(frame: pd.DataFrame, names: list[str]) -> None:
    there = [str(column) for column in frame.columns]
    problems = tuple(
        Problem(
            f"column `{name}`",
            "a column of the data",
            "no such column" if name not in frame.columns else "the same name twice or more",
            did_you_mean(name, there) or f"use one of: {', '.join(there)}",
        )
        for name in names
        if there.count(name) != 1
    )
    if problems:
        raise DataError("the data lack what was named", problems)


def _order(value: object) -> tuple[bool, Any]:
    """Numbers before texts, each in their order."""
    number = isinstance(value, int | float | np.number)
    return not number, value if number else str(value)


def _shown(values: pd.Series) -> str:
    distinct = [f"`{value}`" for value in dict.fromkeys(values)]
    more = ["..."] if len(distinct) > MOST_SHOWN else []
    return ", ".join(distinct[:MOST_SHOWN] + more)


def _refused(column: str, expected: str, found: str, remedy: str) -> DataError:
    problem = Problem(f"column `{column}`", expected, found, remedy)
    return DataError("the data are not what the function takes", (problem,))
