"""The data's columns and labels turned into the plan's names."""

import re
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from ketaoutcomes.load.readers import RawTable
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.data import Columns, DataBlock, FileRole, Labels
from ketaoutcomes.plan.endpoints import RelapseEndpoint, ScoreCriterion

FIELDS: Final = (
    "subject",
    "arm",
    "phase",
    "visit",
    "day",
    "value",
    "baseline",
    "scale",
    "event",
    "time",
    "occurred",
    "censored",
    "reason",
)
NUMBER: Final = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
CODE: Final = re.compile(r"[+-]?0\d")
"""A leading zero, as in site 006, is kept by a label and not by a number."""


@dataclass(frozen=True)
class MappedTable:
    """A file under the plan's names.

    Attributes
    ----------
    name : str
        Name of the file.
    role : {"subjects", "visits", "events", "times"}
    frame : DataFrame
        Text, None where missing, under the names of `FIELDS` and of the covariates, as far as the
        file holds them; labels are the plan's where the plan knows them. The index is the row.
    columns : dict of str to str
        Name in `frame` -> column of the file.
    file_columns : tuple of str
        All columns of the file.
    """

    name: str
    role: FileRole
    frame: pd.DataFrame
    columns: dict[str, str]
    file_columns: tuple[str, ...]

    def has(self, *fields: str) -> bool:
        """Whether the table holds all of these."""
        return all(field in self.frame.columns for field in fields)


def map_table(raw: RawTable, role: FileRole, plan: AnalysisPlan) -> MappedTable:
    """Give columns and labels the plan's names, and keep the rows that `keep` names.

    Where the plan has one phase or one scale only, a file need not say it.
    """
    kept = raw.frame[_kept_rows(raw, plan.data, role)]
    found = {
        field: column
        for field, wanted in named_columns(plan.data.file_columns).items()
        if (column := raw.find(wanted)) is not None
    }
    frame = pd.DataFrame(
        {
            field: _relabelled(kept[column], field, plan.data.labels)
            for field, column in found.items()
        },
        index=kept.index,
    )
    if "phase" not in frame and len(phases_in_use(plan)) == 1:
        frame["phase"] = phases_in_use(plan)[0]
    if role == "visits" and "scale" not in frame and (scale := only_scale(plan)):
        frame["scale"] = scale
    return MappedTable(raw.name, role, frame, found, tuple(raw.frame.columns))


def named_columns(columns: Columns) -> dict[str, str]:
    """Field or covariate -> the column that the plan names for it."""
    fields = {field: getattr(columns, field) for field in FIELDS}
    return {field: name for field, name in fields.items() if name is not None} | columns.covariates


def phases_in_use(plan: AnalysisPlan) -> tuple[str, ...]:
    """The phases that an analysis looks at, in the plan's order."""
    used = {plan.analysis_phase(name) for name in plan.analyses}
    return tuple(phase for phase in plan.phases if phase in used)


def scales_in_use(plan: AnalysisPlan) -> tuple[str, ...]:
    """The scales of the endpoints, in order of first mention."""
    scales: dict[str, None] = {}
    for endpoint in plan.endpoints.values():
        if isinstance(endpoint, RelapseEndpoint):
            criteria = (c for c in endpoint.any_of if isinstance(c, ScoreCriterion))
            scales |= dict.fromkeys(criterion.scale for criterion in criteria)
        elif endpoint.kind != "time_to_event":
            scales[endpoint.scale] = None
    return tuple(scales)


def only_scale(plan: AnalysisPlan) -> str | None:
    """The scale of all scores where no column says it."""
    scales = scales_in_use(plan)
    return plan.data.scale or (scales[0] if len(scales) == 1 else None)


def numbers(text: pd.Series) -> pd.Series:
    """The text as floats, NaN where it is missing or no number."""
    codes, distinct = pd.factorize(text)
    values = np.array(
        [*(float(t) if NUMBER.fullmatch(t) else np.nan for t in distinct), np.nan], dtype=float
    )
    return pd.Series(values[codes], index=text.index, dtype=float)


def is_number(text: str) -> bool:
    """Whether a label of a covariate is a quantity; "006" is a code."""
    return NUMBER.fullmatch(text) is not None and CODE.match(text) is None


def _kept_rows(raw: RawTable, data: DataBlock, role: FileRole) -> pd.Series:
    kept = pd.Series(data=True, index=raw.frame.index)
    for wanted, values in data.keep.get(role, {}).items():
        column = raw.find(wanted)
        if column is not None:
            kept &= raw.frame[column].isin(values)
    return kept


def _relabelled(values: pd.Series, field: str, labels: Labels) -> pd.Series:
    """The plan's labels where the plan maps them, the data's own elsewhere."""
    mapping: dict[str, str] = getattr(labels, field, {})
    return values.map(lambda label: mapping.get(label, label)).astype(object) if mapping else values
