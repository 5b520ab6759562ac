"""The data's columns and labels turned into the plan's names."""

import re
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from ketaoutcomes.data.adam_subjects import ends_of_subjects
from ketaoutcomes.data.fields import columns_of_plan, columns_of_role, rows_to_keep
from ketaoutcomes.data.layout import ORIGIN, stacked
from ketaoutcomes.data.raw import RawTable, as_text
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.columns import Columns, Labels
from ketaoutcomes.plan.data import DataBlock
from ketaoutcomes.plan.endpoints import scales_of
from ketaoutcomes.plan.files import FileRole

NUMBER: Final = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
CODE: Final = re.compile(r"[+-]?0\d")
"""A leading zero, as in site 006, is kept by a label and not by a number."""

LABELLED_AS: Final = {"treatment_reason": "reason"}
"""A field whose labels are those of another."""


@dataclass(frozen=True)
class MappedTable:
    """A file under the plan's names.

    Attributes
    ----------
    name : str
        Name of the file.
    role : FileRole
    frame : DataFrame
        Text, None where missing, under the names of `FIELDS` and of the covariates, as far as the
        file holds them; labels are the plan's where the plan knows them. The index is the row of
        the file; it repeats where a row holds several scores, whose columns are in `origin`.
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

    Where the plan has one phase, one scale or one arm only, a file need not say it. Scores that
    stand in several columns are put one below the other.
    """
    data = plan.data
    kept = raw.frame[_kept_rows(raw, data, role)]
    found = _found_columns(raw, columns_of_role(data, role))
    frame = pd.DataFrame({field: kept[column] for field, column in found.items()}, index=kept.index)
    if role == "visits" and data.file_columns.scores:
        frame = stacked(frame, raw, data.file_columns)
        found |= _several(frame, data.file_columns)
    if role == "subjects" and data.standard is not None:
        frame, found = _with_ends(frame, found, raw)
    frame = frame.apply(lambda values: _relabelled(values, str(values.name), data.labels))
    if "phase" not in frame and len(phases_in_use(plan)) == 1:
        frame["phase"] = phases_in_use(plan)[0]
    if (arms := only_arms(plan)) and "phase" in frame and role in _who_is_in(plan):
        frame["arm"] = frame["phase"].map(arms)
    if role == "visits" and "scale" not in frame and (scale := only_scale(plan)):
        frame["scale"] = scale
    if role == "visits" and data.baseline_score is not None and "baseline" not in frame:
        frame["baseline"] = str(data.baseline_score)
    return MappedTable(raw.name, role, frame, found, tuple(raw.frame.columns))


def _found_columns(raw: RawTable, wanted: dict[str, tuple[str, ...]]) -> dict[str, str]:
    """Field -> the first of its columns that the file holds."""
    found: dict[str, str] = {}
    for field, names in wanted.items():
        column = next((c for c in map(raw.find, names) if c is not None), None)
        if column is not None:
            found[field] = column
    return found


def _with_ends(
    frame: pd.DataFrame, found: dict[str, str], raw: RawTable
) -> tuple[pd.DataFrame, dict[str, str]]:
    """The ends of ADSL, of which the plan names no column that the file holds."""
    ends, columns = ends_of_subjects(raw)
    new = [str(field) for field in ends if field not in frame]
    return frame.join(ends[new]), found | {field: columns[field] for field in new}


def _several(frame: pd.DataFrame, columns: Columns) -> dict[str, str]:
    """What a fault calls the columns of scores; each row knows its own."""
    named: dict[str, str] = {}
    if ORIGIN in frame:
        named["value"] = "`, `".join(frame[ORIGIN].unique())
    if columns.baselines:
        named["baseline"] = "`, `".join(columns.baselines.values())
    return named


def phases_in_use(plan: AnalysisPlan) -> tuple[str, ...]:
    """The phases that an analysis looks at, in the plan's order."""
    used = {plan.analysis_phase(name) for name in plan.analyses}
    return tuple(phase for phase in plan.phases if phase in used)


def only_arms(plan: AnalysisPlan) -> dict[str, str]:
    """Phase -> the arm that all of it are in, where no column says the arm; else nothing."""
    alone = {name: phase.only_arm for name, phase in plan.phases.items() if phase.only_arm}
    needed = "arm" in columns_of_plan(plan.data) or not alone.keys() >= set(phases_in_use(plan))
    return {} if needed else alone


def _who_is_in(plan: AnalysisPlan) -> tuple[FileRole, ...]:
    """The files whose subjects are those of a phase, where no file says who is in which arm."""
    files = plan.data.files or {}
    one_phase = len(phases_in_use(plan)) == 1
    return ("subjects",) if "subjects" in files and one_phase else ("visits", "times")


def scales_in_use(plan: AnalysisPlan) -> tuple[str, ...]:
    """The scales of the endpoints, in order of first mention."""
    scales: dict[str, None] = {}
    for endpoint in plan.endpoints.values():
        scales |= dict.fromkeys(scales_of(endpoint))
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
    """True where a row has the values that the plan, or its standard, asks for."""
    asked, known = rows_to_keep(data, role)
    kept = pd.Series(data=True, index=raw.frame.index)
    for wanted, values in (asked | known).items():
        column = raw.find(wanted)
        if column is not None:
            kept &= raw.frame[column].fillna("").isin(values)
    return kept


def _relabelled(values: pd.Series, field: str, labels: Labels) -> pd.Series:
    """The plan's labels where the plan maps them, the data's own elsewhere."""
    if field in ("value", "baseline"):
        numbered = as_text(pd.Series(labels.value, dtype=float))
        mapping: dict[str, str] = dict(numbered)
    else:
        mapping = getattr(labels, LABELLED_AS.get(field, field), {})
    return values.map(lambda label: mapping.get(label, label)).astype(object) if mapping else values
