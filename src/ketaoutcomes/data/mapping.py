"""The data's columns and labels turned into the plan's names."""

import dataclasses
import re
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from ketaoutcomes.data.adam import FATAL, ends_of_subjects, fatal_events
from ketaoutcomes.data.fields import JOINED, ROW, columns_of_plan, columns_of_role, rows_to_keep
from ketaoutcomes.data.layout import ORIGIN, score_columns, stacked
from ketaoutcomes.data.readers.raw import RawTable, as_text, with_others
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.columns import Columns, Labels
from ketaoutcomes.plan.data import DataBlock
from ketaoutcomes.plan.endpoints import scales_of
from ketaoutcomes.plan.files import FileRole
from ketaoutcomes.remarks import COUNT, Remark

NUMBER: Final = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
CODE: Final = re.compile(r"[+-]?0\d")
"""A leading zero, as in site 006, is kept by a label and not by a number."""

CENTRE: Final = re.compile(
    r"cent(?:er|re)|(?<![a-z])(?:site|clinic|hospital|ward|practice|country|region|study)",
    re.IGNORECASE,
)
"""Names of columns within whose values the numbers of subjects may start again."""

NEVER: Final = frozenset({"inf", "infinity", "+inf"})
"""How programs write that an event was not seen, where another one has its time."""

LABELLED_AS: Final = {"treatment_reason": "reason", "baseline_indicator": "indicator"}
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
    used : tuple of str
        The columns of the file that the table was made of.
    doubtful : dict of str to Series
        Of these, column -> the numbers, by row, that have the sign that the plan does not use.
    centres : tuple of str
        Columns of centres, with any of which no subject would be told twice, where some now are.
    """

    name: str
    role: FileRole
    frame: pd.DataFrame
    columns: dict[str, str]
    file_columns: tuple[str, ...]
    used: tuple[str, ...] = ()
    doubtful: dict[str, pd.Series] = dataclasses.field(default_factory=dict)
    centres: tuple[str, ...] = ()

    def has(self, *fields: str) -> bool:
        """Whether the table holds all of these."""
        return all(field in self.frame.columns for field in fields)


def participants_of(raw: RawTable, role: FileRole, plan: AnalysisPlan) -> pd.DataFrame:
    """Whose every row of a file is, with its phase and arm where the file says them."""
    data = plan.data
    wanted = columns_of_role(data, role)
    fields = {f: names for f, names in wanted.items() if f in ("subject", "phase", "arm")}
    found = _found_columns(raw, fields)
    rows = pd.DataFrame({f: raw.frame[column] for f, column in found.items()}, raw.frame.index)
    return rows.apply(lambda values: _relabelled(values, str(values.name), data.labels))


def map_table(raw: RawTable, role: FileRole, plan: AnalysisPlan) -> MappedTable:
    """Give columns and labels the plan's names, and keep the rows that `where` names.

    Where the plan has one phase, one scale or one arm only, a file need not say it. Scores that
    stand in several columns are put one below the other.
    """
    data = plan.data
    kept = raw.frame[kept_rows(raw, data, role)]
    found = _found_columns(raw, columns_of_role(data, role))
    frame = pd.DataFrame({name: kept[column] for name, column in found.items()}, index=kept.index)
    used = tuple(dict.fromkeys(found.values()))
    if role == "visits" and data.file_columns.scores:
        frame = stacked(frame, raw, data.file_columns)
        found |= _several(frame, data.file_columns)
        used = tuple(dict.fromkeys((*used, *_columns_of_scores(raw, data.file_columns))))
    if role == "subjects" and data.standard is not None:
        frame, found = _with_ends(frame, found, raw)
    if role == "adverse_events" and data.standard is not None and not data.file_columns.fatal:
        frame, found = _with_fatal(frame, found, raw)
    frame, found = _with_bounds(frame, found)
    frame = frame.apply(lambda values: _relabelled(values, str(values.name), data.labels))
    if "phase" not in frame and len(phases_in_use(plan)) == 1:
        frame["phase"] = phases_in_use(plan)[0]
    if (arms := only_arms(plan)) and "phase" in frame and role in _who_is_in(plan):
        frame["arm"] = frame["phase"].map(arms)
    frame = frame.assign(**_same_in_all_rows(frame, role, plan))
    doubtful = {
        column: raw.doubtful[column].filter(kept.index) for column in used if column in raw.doubtful
    }
    ours = tuple(column for column in raw.frame.columns if column not in (ROW, JOINED))
    centres = _centres(frame, raw) if role in ("subjects", "times", "visits") else ()
    return MappedTable(raw.name, role, frame, found, ours, used, doubtful, centres)


def _centres(frame: pd.DataFrame, raw: RawTable) -> tuple[str, ...]:
    """Columns of centres that part the rows in which a subject seems to be told twice."""
    key = [field for field in ("subject", "phase", "visit", "scale") if field in frame]
    if "subject" not in key or not frame.duplicated(key).any():
        return ()
    names = (name for name in map(str, raw.frame.columns) if CENTRE.search(name))
    return tuple(
        name
        for name in names
        if not frame[key].assign(centre=raw.frame[name].reindex(frame.index)).duplicated().any()
    )


def once(table: MappedTable) -> tuple[MappedTable, tuple[Remark, ...]]:
    """A file of one row a subject, whose rows may be repeated as long as they say the same."""
    if table.role not in ("subjects", "times") or not table.has("subject"):
        return table, ()
    again = table.frame.duplicated() & table.frame["subject"].notna()
    if not again.any():
        return table, ()
    told = Remark(
        f"{COUNT} repeat an earlier row of the participant in every column that the plan uses; "
        "each is read once",
        where=table.name,
        count=int(again.sum()),
        total=len(again),
        unit="row",
    )
    return dataclasses.replace(table, frame=table.frame[~again]), (told,)


def _columns_of_scores(raw: RawTable, columns: Columns) -> tuple[str, ...]:
    """The columns of the file that hold scores, their baselines and their days."""
    scores = (column for _, _, column in score_columns(columns))
    named = (*scores, *columns.baselines.values(), *columns.days.values())
    return tuple(found for found in map(raw.find, named) if found is not None)


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


def _same_in_all_rows(frame: pd.DataFrame, role: FileRole, plan: AnalysisPlan) -> dict[str, str]:
    """What the plan says once for all rows of a file that has no column of it."""
    baseline = plan.data.baseline_score
    told: dict[FileRole, dict[str, str | None]] = {
        "visits": {
            "scale": only_scale(plan),
            "baseline": None if baseline is None else str(baseline),
        },
        "costs": {"currency": plan.data.currency},
    }
    return {
        field: value
        for field, value in told.get(role, {}).items()
        if value is not None and field not in frame
    }


def _with_bounds(frame: pd.DataFrame, found: dict[str, str]) -> tuple[pd.DataFrame, dict[str, str]]:
    """Time and event of who has two bounds: an event by the second, else no event by the first."""
    if not {"after", "by"} <= set(frame):
        return frame, found
    seen = frame["by"].where(~frame["by"].str.casefold().isin(NEVER))
    after = frame["after"].mask(frame["after"].isna() & seen.notna(), "0")
    time = seen.where(seen.notna(), after)
    occurred = pd.Series(np.where(seen.notna(), "yes", "no"), frame.index, dtype=object)
    frame = frame.assign(after=after, time=time, occurred=occurred)
    return frame, found | dict.fromkeys(("time", "occurred"), found["by"])


def _with_fatal(
    frame: pd.DataFrame, found: dict[str, str], raw: RawTable
) -> tuple[pd.DataFrame, dict[str, str]]:
    """Whether events of ADAE were fatal, by all the columns that tell it."""
    fatal = fatal_events(raw)
    if fatal is None:
        return frame, found
    columns = (column for column in map(raw.find, FATAL) if column is not None)
    return frame.assign(fatal=fatal), found | {"fatal": "`, `".join(columns)}


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


def plain(value: str) -> str:
    """A value as it is compared: -9 and -9.0 are one number."""
    word = value.strip()
    return repr(float(word)) if NUMBER.fullmatch(word) else word


def is_number(text: str) -> bool:
    """Whether a label of a covariate is a quantity; "006" is a code."""
    return NUMBER.fullmatch(text) is not None and CODE.match(text) is None


def kept_rows(raw: RawTable, data: DataBlock, role: FileRole) -> pd.Series:
    """True where a row has the values that the plan, or its standard, asks for."""
    asked, known = rows_to_keep(data, role)
    kept = pd.Series(data=True, index=raw.frame.index)
    for wanted, values in (asked | known).items():
        column = raw.find(wanted)
        if column is not None:
            kept &= raw.frame[column].fillna("").isin(values)
    return kept


def _relabelled(values: pd.Series, field: str, labels: Labels) -> pd.Series:
    """The plan's labels where the plan maps them, the data's own elsewhere; 1.0 is the label 1."""
    mapping = _mapping(field, labels)
    if not mapping:
        return values
    numbered = {float(label): told for label, told in mapping.items() if is_number(label)}
    told = {
        word: mapping.get(word, numbered.get(float(word), word) if is_number(word) else word)
        for word in values.dropna().unique()
    }
    return with_others(values, told)


def _mapping(field: str, labels: Labels) -> dict[str, str]:
    """Label in the data -> text under the plan's names."""
    if field in ("value", "baseline"):
        return dict(as_text(pd.Series(labels.value, dtype=float)))
    if field in ("occurred", "censored"):
        return {word: "1" if yes else "0" for word, yes in getattr(labels, field).items()}
    mapping: dict[str, str] = getattr(labels, LABELLED_AS.get(field, field), {})
    return mapping
