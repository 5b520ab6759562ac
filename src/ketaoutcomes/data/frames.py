"""Frames of another program's memory into tables of text, by the same rules as files."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Self, get_args

import pandas as pd
import pyarrow as pa

from ketaoutcomes.data.readers.held import Held
from ketaoutcomes.data.readers.limits import refuse_many_cells
from ketaoutcomes.data.readers.raw import RawTable, all_text, columns_of_words
from ketaoutcomes.data.readers.refusals import empty, refusal, refuse_same_names
from ketaoutcomes.data.values.notation import with_points
from ketaoutcomes.errors import DataError, Problem, did_you_mean
from ketaoutcomes.plan.files import FileRole, Writing

ROLES: Final = get_args(FileRole)
PLACE: Final = "the data, "
"""How the place of a frame begins."""


@dataclass(frozen=True)
class Frames:
    """Tables handed over in place of the files that a plan names.

    Attributes
    ----------
    by_role : mapping of str to DataFrame
        What a file holds in the plan, such as "visits" -> its rows. A named index is a column.
    """

    by_role: Mapping[FileRole, pd.DataFrame]

    @classmethod
    def of(cls, tables: Mapping[str, Any]) -> Self:
        """Pandas frames, Arrow tables, or anything that pandas can make a frame of.

        Raises
        ------
        DataError
            If a name is not that of a file of the plan, or a table is none.
        """
        problems = [
            Problem(
                f"{PLACE}`{name}`",
                f"one of: {', '.join(ROLES)}",
                f"`{name}`",
                did_you_mean(name, ROLES) or "name each frame by what it holds",
            )
            for name in tables
            if name not in ROLES
        ]
        if problems:
            raise DataError("these data have no place in a plan", tuple(problems))
        return cls({role: plain_frame(role, tables[role]) for role in ROLES if role in tables})

    def problems(self, wanted: tuple[FileRole, ...]) -> tuple[Problem, ...]:
        """The frames that a plan asks for and that are not there, and those it does not ask for."""
        lacking = (
            Problem(
                f"{PLACE}`{role}`",
                f"a frame for `data.files.{role}` of the plan",
                "none",
                f'give it, as in data={{"{role}": frame}}',
            )
            for role in wanted
            if role not in self.by_role
        )
        idle = (
            Problem(
                f"{PLACE}`{role}`",
                f"a frame that the plan asks for: {', '.join(wanted)}",
                f"`{role}`",
                f"write `{role}: {role}` under `data.files`, or leave the frame out",
            )
            for role in self.by_role
            if role not in wanted
        )
        return (*lacking, *idle)

    def table(self, role: FileRole, writing: Writing) -> RawTable:
        """One frame as a table of text, whose hash is that of the frame as CSV.

        Raises
        ------
        DataError
            If it has no row, too many cells, two columns of one name or lists in its cells.
        """
        frame = self.by_role[role]
        table = with_points(table_of_frame(frame, f"frame `{role}`"), writing)
        held = Held(role, frame.to_csv(index=False, lineterminator="\n").encode())
        return replace(table, sha256s=((role, held.sha256),))


def table_of_frame(frame: pd.DataFrame, name: str) -> RawTable:
    """A frame as a table of text, which messages call by its name.

    Raises
    ------
    DataError
        If it has no row, too many cells, two columns of one name or lists in its cells.
    """
    if frame.empty:
        raise empty(name)
    refuse_many_cells(name, *frame.shape)
    refuse_same_names(frame.columns, name, "rename one of them")
    _refuse_nested(frame, name)
    kinds = frame.dtypes.items()
    dates = frozenset(str(c) for c, kind in kinds if pd.api.types.is_datetime64_any_dtype(kind))
    return RawTable(name, all_text(frame), dates=dates, worded=columns_of_words(frame))


def plain_frame(role: str, table: object) -> pd.DataFrame:
    """A frame of its own, with the levels of a named index among its columns.

    Raises
    ------
    DataError
        If the table is neither a pandas frame nor an Arrow table.
    """
    if isinstance(table, pa.Table):
        # whole numbers stay whole where some are missing
        frame: pd.DataFrame = table.to_pandas(integer_object_nulls=True, ignore_metadata=True)
        return frame
    if not isinstance(table, pd.DataFrame):
        problem = Problem(
            f"{PLACE}`{role}`",
            "a pandas frame or an Arrow table",
            f"a value of type {type(table).__name__}",
            "make a frame of it, as by pandas.read_csv(path)",
        )
        raise DataError("these data cannot be read", (problem,))
    named = [name for name in table.index.names if name is not None]
    return table.reset_index(level=named) if named else table


def _refuse_nested(frame: pd.DataFrame, name: str) -> None:
    for column in frame.select_dtypes("object"):
        if any(isinstance(value, list | dict | tuple | set) for value in frame[column]):
            raise refusal(
                f"{name}, column `{column}`",
                "one value a cell",
                "a list or a record in each cell",
                "write the table with one value a column",
            )
