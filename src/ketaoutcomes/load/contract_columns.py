"""Rules about files and columns."""

from collections.abc import Iterator
from typing import Final

from ketaoutcomes.errors import Problem
from ketaoutcomes.load.contract_parts import Contract
from ketaoutcomes.load.findings import did_you_mean, listed
from ketaoutcomes.load.mapping import MappedTable, named_columns, only_scale, phases_in_use
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.analyses import ProportionAnalysis, TimeToEventAnalysis
from ketaoutcomes.plan.data import FileRole
from ketaoutcomes.plan.endpoints import Endpoint, EventCriterion, RelapseEndpoint

NEEDED_FIELDS: Final[dict[FileRole, tuple[str, ...]]] = {
    "subjects": ("subject",),
    "visits": ("subject", "visit", "value"),
    "events": ("subject", "day", "event"),
    "times": ("subject", "time", "occurred", "censored"),
}
FIELD_WORDS: Final = {
    "arm": "the arm",
    "visit": "the visit",
    "value": "the score",
    "day": "the study day",
    "event": "the event",
    "time": "the time to event or censoring",
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
    if isinstance(endpoint, RelapseEndpoint):
        by_event = any(isinstance(criterion, EventCriterion) for criterion in endpoint.any_of)
        by_score = any(not isinstance(criterion, EventCriterion) for criterion in endpoint.any_of)
        return (*(("visits",) if by_score else ()), *(("events",) if by_event else ()))
    return ("times",) if endpoint.kind == "time_to_event" else ("visits",)


def covariates_that_analyses_need(contract: Contract) -> Iterator[Problem]:
    """Every covariate and stratum that the plan uses is mapped to a column."""
    columns = contract.plan.data.file_columns
    for name, user in _covariates_used(contract.plan).items():
        if name != "baseline" and name not in columns.covariates:
            yield Problem(
                "the plan, data.columns.covariates",
                f"a column for `{name}`, which {user} uses",
                listed(columns.covariates) or "no covariate",
                f"{did_you_mean(name, columns.covariates)}Add `{name}: COLUMN`",
            )


def _covariates_used(plan: AnalysisPlan) -> dict[str, str]:
    """Covariate -> who uses it."""
    used = dict.fromkeys(plan.report.baseline_table, "report.baseline_table")
    for name, analysis in plan.analyses.items():
        if isinstance(analysis, ProportionAnalysis):
            continue
        strata = analysis.strata if isinstance(analysis, TimeToEventAnalysis) else ()
        used |= dict.fromkeys((*analysis.covariates, *strata), f"analysis `{name}`")
    return used


def columns_named_in_the_plan(contract: Contract) -> Iterator[Problem]:
    """The plan names a column for each field that its files need."""
    named = named_columns(contract.plan.data.file_columns)
    for field, user in _fields_to_name(contract.plan).items():
        if field not in named:
            yield Problem(
                f"the plan, data.columns.{field}",
                f"the name of the column that holds {FIELD_WORDS[field]}",
                "no name",
                f"add `{field}: COLUMN`; {user} needs it",
            )


def _fields_to_name(plan: AnalysisPlan) -> dict[str, str]:
    """Field -> what needs it."""
    needed = {"arm": "every analysis"}
    for role in plan.data.files or {}:
        fields = (field for field in NEEDED_FIELDS[role] if field in FIELD_WORDS)
        needed |= dict.fromkeys(fields, f"the `{role}` file")
    if len(phases_in_use(plan)) > 1:
        needed["phase"] = "a plan with several phases"
    if "visits" in (plan.data.files or {}) and only_scale(plan) is None:
        needed["scale"] = "a plan with several scales"
    return needed


def columns_found_in_their_file(contract: Contract) -> Iterator[Problem]:
    """A file holds the columns that its role needs and those that `keep` names."""
    named = named_columns(contract.plan.data.file_columns)
    for role, table in contract.tables.items():
        needed = _fields_needed(contract.plan, table)
        wanted = [named[f] for f in needed if f in named and not table.has(f)]
        filters = contract.plan.data.keep.get(role, {})
        folded = {column.casefold() for column in table.file_columns}
        absent = [column for column in filters if column.casefold() not in folded]
        for column in (*wanted, *absent):
            yield _missing_column(table.name, column, table.file_columns)


def _fields_needed(plan: AnalysisPlan, table: MappedTable) -> tuple[str, ...]:
    """What a file of this role must hold; phase and scale where the plan leaves a choice."""
    several_phases = len(phases_in_use(plan)) > 1
    tells_phase = several_phases and (table.role != "subjects" or table.has("arm"))
    tells_scale = table.role == "visits" and only_scale(plan) is None
    return (
        *NEEDED_FIELDS[table.role],
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
    for field, column in named_columns(contract.plan.data.file_columns).items():
        if field not in told and not any(contract.holding(field)):
            yield _missing_column(files, column, everywhere)


def _missing_column(files: str, column: str, columns: tuple[str, ...]) -> Problem:
    return Problem(
        files,
        f"a column `{column}`",
        f"the columns {', '.join(dict.fromkeys(columns))}",
        f"{did_you_mean(column, columns)}Mend the name under `data.columns` or `data.keep`",
    )


def rows_kept(contract: Contract) -> Iterator[Problem]:
    """`keep` leaves rows."""
    for table in contract.tables.values():
        if table.frame.empty:
            yield Problem(
                table.name,
                f"rows that `data.keep.{table.role}` asks for",
                "none",
                "compare the values under `data.keep` with those of the file",
            )
