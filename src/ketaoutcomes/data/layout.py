"""Scores in columns, of several scales or of several visits, put one below the other."""

from collections.abc import Iterator

import pandas as pd

from ketaoutcomes.data.readers.raw import RawTable
from ketaoutcomes.plan.columns import Columns

ORIGIN = "origin"
"""The column of the file that a score was taken from."""


def stacked(frame: pd.DataFrame, raw: RawTable, columns: Columns) -> pd.DataFrame:
    """One row for each score that a row of the file holds; the index repeats the file's row.

    Parameters
    ----------
    frame : DataFrame
        What else the rows hold, under the plan's names.
    raw : RawTable
        The file; columns that it lacks are left out, and told by the contract.
    columns : Columns
        Says where the scores stand.
    """
    parts = list(_parts(frame, raw, columns))
    if not parts:
        return frame
    return pd.concat([part.astype({"value": object}) for part in parts])


def score_columns(columns: Columns) -> Iterator[tuple[str, str | None, str]]:
    """Scale, visit (None where a column of the file says it) and column of every score."""
    for scale, place in columns.scores.items():
        if isinstance(place, str):
            yield scale, None, place
        else:
            yield from ((scale, visit, column) for visit, column in place.items())


def _parts(frame: pd.DataFrame, raw: RawTable, columns: Columns) -> Iterator[pd.DataFrame]:
    for scale, visit, wanted in score_columns(columns):
        column = raw.find(wanted)
        if column is None:
            continue
        part = frame.assign(
            scale=scale, value=raw.frame.loc[frame.index, column], **{ORIGIN: column}
        )
        if visit is not None:
            part["visit"] = visit
        if visit in columns.days and (day := raw.find(columns.days[visit])) is not None:
            part["day"] = raw.frame.loc[frame.index, day]
        baseline = raw.find(columns.baselines.get(scale, ""))
        if baseline is not None:
            part["baseline"] = raw.frame.loc[frame.index, baseline]
        yield part
