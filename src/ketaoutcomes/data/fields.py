"""Which column of which file holds what: the plan's own names before those of a standard."""

from typing import Final

from ketaoutcomes.data.adam import ADAM_COLUMNS, ADAM_ROWS
from ketaoutcomes.plan.data import DataBlock
from ketaoutcomes.plan.files import MEASURED, FileRole

FIELDS: Final = (
    *("subject", "arm", "phase", "visit", "day", "value", "baseline", "scale", "derived"),
    *("event", "time", "time_unit", "parameter", "entry", "occurred", "censored", "reason"),
    *("after", "by"),
    *("treatment_day", "treatment_reason"),
    *("soc", "term", "severity", "serious", "related", "fatal"),
    *("died", "dose", "unit", "route"),
    *("item", "amount", "currency"),
    *("test", "result", "range_low", "range_high"),
    *("indicator", "baseline_indicator", "baseline_flag"),
)
LABEL_FIELDS: Final = (
    *("subject", "arm", "phase", "visit", "scale", "event", "reason", "soc", "term", "severity"),
    *("unit", "route", "item", "currency", "derived"),
    *("test", "indicator", "baseline_indicator", "baseline_flag"),
)
"""What a column of labels holds, in which nothing is read as a number."""
ONLY_IN: Final[dict[str, frozenset[FileRole]]] = {
    "value": frozenset(("visits",)),
    "baseline": frozenset(("visits",)),
    "scale": frozenset(("visits",)),
    "derived": frozenset(("visits",)),
    "time_unit": frozenset(("times",)),
    "parameter": frozenset(("times",)),
    "treatment_day": frozenset(("subjects",)),
    "treatment_reason": frozenset(("subjects",)),
    **dict.fromkeys(("entry", "after", "by"), frozenset(("times",))),
    "fatal": frozenset(("adverse_events",)),
    "died": frozenset(("subjects",)),
    **dict.fromkeys(
        (
            *("test", "result", "range_low", "range_high"),
            *("indicator", "baseline_indicator", "baseline_flag"),
        ),
        frozenset(MEASURED),
    ),
}
"""A field that only these files hold, be there a column of the same name in others."""

ROW: Final = "number of the row"
"""The column of subjects of a file in which each row is one."""
JOINED: Final = "subject, joined"
"""The column of subjects who are told by several columns together."""

Names = dict[str, tuple[str, ...]]


def columns_of_role(data: DataBlock, role: FileRole) -> Names:
    """Field or covariate -> the names its column may have in a file of this role."""
    columns = data.file_columns
    told: Names = {field: getattr(columns, field) for field in FIELDS if getattr(columns, field)}
    named = {**_standard(data, role), **told}
    if data.rows_are_subjects:
        named["subject"] = (ROW,)
    elif len(columns.subject or ()) > 1:
        named["subject"] = (JOINED, *named["subject"])
    fields: Names = {
        field: named[field]
        for field in FIELDS
        if field in named and role in ONLY_IN.get(field, {role})
    }
    return fields | {name: (column,) for name, column in columns.covariates.items()}


def columns_of_labels(data: DataBlock, role: FileRole) -> frozenset[str]:
    """The columns, in small letters, in which a number is a label: whose row, arm, visit."""
    named = columns_of_role(data, role)
    labels = (column for field in LABEL_FIELDS for column in named.get(field, ()))
    factors = (data.file_columns.covariates[name] for name in data.factors)
    return frozenset(column.casefold() for column in (*labels, *factors))


def columns_of_plan(data: DataBlock) -> Names:
    """The same over all files of the plan; the plan's names first."""
    named: Names = {}
    for role in data.files or {}:
        named = {**columns_of_role(data, role), **named}
    columns = data.file_columns
    told: Names = {field: getattr(columns, field) for field in FIELDS if getattr(columns, field)}
    return {**named, **told}


def columns_asked_for(data: DataBlock) -> Names:
    """What the plan itself names, which some file must hold."""
    columns = data.file_columns
    told: Names = {field: getattr(columns, field) for field in FIELDS if getattr(columns, field)}
    return told | {name: (column,) for name, column in columns.covariates.items()}


def _standard(data: DataBlock, role: FileRole) -> Names:
    """The standard's names; arms come from the file of subjects where there is one."""
    if data.standard is None:
        return {}
    known = dict(ADAM_COLUMNS.get(role, {}))
    columns = data.file_columns
    if role != "subjects" and "subjects" in (data.files or {}):
        known.pop("arm", None)
    if columns.occurred is not None:
        known.pop("censored", None)
    if columns.scores:
        known = {f: n for f, n in known.items() if f not in ("value", "scale", "baseline")}
    if not data.labels.scale:
        known.pop("scale", None)  # one scale, or `where` picks the parameter
    return known


def rows_to_keep(data: DataBlock, role: FileRole) -> tuple[dict[str, tuple[str, ...]], Names]:
    """What the plan keeps of a file, and what the standard keeps where the file has the column."""
    asked = data.where.get(role, {})
    if data.standard is None:
        return asked, {}
    known = {
        column: values for column, values in ADAM_ROWS.get(role, {}).items() if column not in asked
    }
    if role == "visits" and data.labels.scale and "PARAMCD" not in asked:
        known["PARAMCD"] = tuple(data.labels.scale)
    return asked, known
