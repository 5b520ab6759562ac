"""Rules about files and columns."""

from collections.abc import Iterator
from typing import Final

import pandas as pd

from ketaoutcomes.data.contract.parts import Contract
from ketaoutcomes.data.fields import (
    columns_asked_for,
    columns_of_plan,
    columns_of_role,
    rows_to_keep,
)
from ketaoutcomes.data.findings import listed, near_miss, rows_in_words
from ketaoutcomes.data.layout import score_columns
from ketaoutcomes.data.mapping import MappedTable, only_arms, only_scale, phases_in_use
from ketaoutcomes.errors import Problem
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.data import DataBlock
from ketaoutcomes.plan.endpoints import Endpoint, EndpointOfCriteria, EventCriterion
from ketaoutcomes.plan.files import FileRole

NEEDED_FIELDS: Final[dict[FileRole, tuple[str, ...]]] = {
    "subjects": ("subject",),
    "assignments": ("subject", "arm"),
    "visits": ("subject", "visit", "value"),
    "events": ("subject", "day", "event"),
    "follow_up": ("subject", "day", "reason"),
    "times": ("subject", "time", "occurred", "censored"),
    "adverse_events": ("subject", "day", "term"),
    "exposure": ("subject", "day", "dose"),
    "costs": ("subject", "day", "item", "amount", "currency"),
    "laboratory": ("subject", "day", "test", "result"),
    "ecg": ("subject", "day", "test", "result"),
}
FIELD_WORDS: Final = {
    "arm": "the arm",
    "visit": "the visit",
    "value": "the score",
    "day": "the study day",
    "event": "the event",
    "reason": "why follow-up ended",
    "time": "the time to event or censoring",
    "term": "the preferred term of the harm",
    "dose": "the dose",
    "item": "what a cost was for",
    "amount": "the cost",
    "currency": "the currency",
    "test": "the test",
    "result": "the value of the test",
    "phase": "the phase",
    "scale": "the scale",
}


def files_that_endpoints_need(contract: Contract) -> Iterator[Problem]:
    """An endpoint that an analysis uses finds the file it is made of."""
    plan = contract.plan
    used = {plan.estimands[a.estimand].endpoint for a in plan.analyses.values()}
    for name, endpoint in plan.endpoints.items():
        for role in _files_of(endpoint):
            if name in used and role not in (plan.data.files or {}):
                yield Problem(
                    "the plan, data.files",
                    f"a `{role}` file, which endpoint `{name}` is made of",
                    "no such file",
                    f"add `{role}: FILE`, or take the endpoint's analyses out",
                )


def _files_of(endpoint: Endpoint) -> tuple[FileRole, ...]:
    if isinstance(endpoint, EndpointOfCriteria):
        by_event = any(isinstance(criterion, EventCriterion) for criterion in endpoint.any_of)
        by_score = any(not isinstance(criterion, EventCriterion) for criterion in endpoint.any_of)
        return (*(("visits",) if by_score else ()), *(("events",) if by_event else ()))
    by_kind: dict[str, tuple[FileRole, ...]] = {
        "time_to_event": ("times",),
        "recurrent_events": ("events",),
    }
    return by_kind.get(endpoint.kind, ("visits",))


def covariates_that_analyses_need(contract: Contract) -> Iterator[Problem]:
    """Every covariate and stratum that the plan uses is mapped to a column."""
    columns = contract.plan.data.file_columns
    for name, user in _covariates_used(contract.plan).items():
        if name != "baseline" and name not in columns.covariates:
            yield Problem(
                "the plan, data.columns.covariates",
                f"a column for `{name}`, which {user} uses",
                listed(columns.covariates) or "no covariate",
                f"{near_miss(name, columns.covariates)}Add `{name}: COLUMN`",
            )


def _covariates_used(plan: AnalysisPlan) -> dict[str, str]:
    """Covariate -> who uses it."""
    used = dict.fromkeys(plan.report.baseline_table, "report.baseline_table")
    for name, analysis in plan.analyses.items():
        used |= dict.fromkeys(analysis.covariate_names, f"analysis `{name}`")
    return used


def columns_named_in_the_plan(contract: Contract) -> Iterator[Problem]:
    """The plan names a column for each field that its files need."""
    named = columns_of_plan(contract.plan.data)
    for field, user in _fields_to_name(contract.plan).items():
        if field not in named:
            yield Problem(
                f"the plan, data.columns.{field}",
                f"the name of the column that holds {FIELD_WORDS[field]}",
                "no name",
                f"add `{field}: COLUMN`{_or_once(field)}; {user} needs it",
            )


def _or_once(field: str) -> str:
    """Where the plan can say a field itself that no column holds."""
    if field == "currency":
        return ", or under `data` the currency of all rows, such as `currency: EUR`"
    return ""


def _fields_to_name(plan: AnalysisPlan) -> dict[str, str]:
    """Field -> what needs it."""
    needed = {} if only_arms(plan) else {"arm": "every analysis"}
    for role in plan.data.files or {}:
        fields = (field for field in _role_fields(plan.data, role) if field in FIELD_WORDS)
        needed |= dict.fromkeys(fields, f"the `{role}` file")
    if len(phases_in_use(plan)) > 1:
        needed["phase"] = "a plan with several phases"
    if "visits" in (plan.data.files or {}) and _scale_untold(plan):
        needed["scale"] = "a plan with several scales"
    return needed


def _role_fields(data: DataBlock, role: FileRole) -> tuple[str, ...]:
    """What a file of this role must hold, in the layout of the plan."""
    if role == "times" and data.file_columns.after:
        return ("subject", "after", "by")
    if role == "costs" and data.currency is not None:
        return tuple(field for field in NEEDED_FIELDS[role] if field != "currency")
    if role != "visits":
        return NEEDED_FIELDS[role]
    by_day = data.visit_windows is not None or data.diary is not None
    visit = ("day",) if by_day and not columns_of_plan(data).get("visit") else ("visit",)
    if data.file_columns.scores:
        return ("subject",) if data.file_columns.wide else ("subject", *visit)
    return ("subject", *visit, "value")


def _scale_untold(plan: AnalysisPlan) -> bool:
    """Whether a column must say the scale."""
    return only_scale(plan) is None and not plan.data.file_columns.scores


def columns_found_in_their_file(contract: Contract) -> Iterator[Problem]:
    """A file holds the columns that its role needs and those that `where` names."""
    data = contract.plan.data
    for role, table in contract.tables.items():
        named = columns_of_role(data, role)
        needed = _fields_needed(contract.plan, table)
        wanted = [" or ".join(named[f]) for f in needed if f in named and not table.has(f)]
        asked, _ = rows_to_keep(data, role)
        columns = [*asked, *(_score_columns(data) if role == "visits" else ())]
        folded = {column.casefold() for column in table.file_columns}
        absent = [column for column in columns if column.casefold() not in folded]
        for column in dict.fromkeys((*wanted, *absent)):
            yield _missing_column(table.name, column, table.file_columns, _wide(contract, table))


def _wide(contract: Contract, table: MappedTable) -> str:
    """How a file is read whose columns are the visits of the plan."""
    visits = {v for phase in contract.plan.phases.values() for v in phase.schedule()}
    here = [column for column in table.file_columns if column in visits]
    if table.role != "visits" or contract.plan.data.file_columns.scores or not here:
        return ""
    return f"each visit has a column of its own, as {listed(here)}: name them under `scores`. "


def _score_columns(data: DataBlock) -> tuple[str, ...]:
    """Every column that `scores`, `baselines` and `days` name."""
    columns = data.file_columns
    scores = (column for _, _, column in score_columns(columns))
    return (*scores, *columns.baselines.values(), *columns.days.values())


def _fields_needed(plan: AnalysisPlan, table: MappedTable) -> tuple[str, ...]:
    """What a file of this role must hold; phase and scale where the plan leaves a choice."""
    several_phases = len(phases_in_use(plan)) > 1
    tells_phase = several_phases and (table.role != "subjects" or table.has("arm"))
    tells_scale = table.role == "visits" and _scale_untold(plan)
    return (
        *_role_fields(plan.data, table.role),
        *(("phase",) if tells_phase else ()),
        *(("scale",) if tells_scale else ()),
    )


def columns_found_in_some_file(contract: Contract) -> Iterator[Problem]:
    """A column that the plan names for any other field is in one of the files."""
    if not contract.complete:
        return
    tables = contract.tables.values()
    told = {field for table in tables for field in _fields_needed(contract.plan, table)}
    everywhere = tuple(c for table in tables for c in table.file_columns)
    files = ", ".join(dict.fromkeys(table.name for table in tables))
    for field, columns in columns_asked_for(contract.plan.data).items():
        if field not in told and not any(_tells(table, field, columns) for table in tables):
            yield _missing_column(files, " or ".join(columns), everywhere)


def _tells(table: MappedTable, field: str, columns: tuple[str, ...]) -> bool:
    """Whether a table holds a field; a column of the standard is none that the plan names."""
    named = {column.casefold() for column in columns}
    return table.has(field) and table.columns.get(field, columns[0]).casefold() in named


def _missing_column(files: str, column: str, columns: tuple[str, ...], layout: str = "") -> Problem:
    return Problem(
        files,
        f"a column `{column}`",
        f"the columns {', '.join(dict.fromkeys(columns))}",
        f"{layout or near_miss(column, columns)}Correct the name under `data.columns` or "
        "`data.where`",
    )


def rows_kept(contract: Contract) -> Iterator[Problem]:
    """`where` leaves rows."""
    for table in contract.tables.values():
        if table.frame.empty:
            yield Problem(
                table.name,
                f"rows that `data.where.{table.role}` asks for",
                "none",
                "compare the values under `data.where` with those of the file",
            )


def numbers_in_one_notation(contract: Contract) -> Iterator[Problem]:
    """Where the plan says that the decimal sign is a comma, no number has a point instead."""
    grouping = contract.plan.data.grouping
    for table in contract.tables.values():
        for column, words in table.doubtful.items():
            if not words.empty:
                yield doubtful_numbers(f"{table.name}, column `{column}`", words, grouping)


def doubtful_numbers(place: str, words: pd.Series, grouping: str | None) -> Problem:
    """Numbers with a point in a column of which the plan says that it has decimal commas."""
    marks = "" if grouping == "." else 'set `data.grouping: "."` if points mark thousands; or '
    return Problem(
        f"{place}, {rows_in_words(words.index)}",
        "numbers with a decimal comma, as `data.decimal` says",
        listed(words) + (", where the point does not mark thousands" if grouping == "." else ""),
        f"{marks}write a decimal comma in these rows, or take `data.decimal` out of the plan",
    )
