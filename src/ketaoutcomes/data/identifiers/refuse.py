"""The check for identifiers, before anything is computed (HIPAA, Safe Harbor)."""

from ketaoutcomes.data.fields import FIELDS, columns_of_role
from ketaoutcomes.data.identifiers.classes import Finding
from ketaoutcomes.data.identifiers.search import findings_in
from ketaoutcomes.data.readers.raw import RawTable
from ketaoutcomes.errors import Problem
from ketaoutcomes.plan.data import DataBlock
from ketaoutcomes.plan.files import FileRole
from ketaoutcomes.remarks import Remark


def identifiers_in(raws: dict[FileRole, RawTable], data: DataBlock) -> tuple[Finding, ...]:
    """What every file of the plan holds that may identify a person, each once."""
    found = [
        findings_in(raw, _subject_column(raw, role, data), _known_columns(raw, role, data))
        for role, raw in raws.items()
    ]
    return tuple(dict.fromkeys(finding for of_file in found for finding in of_file))


def identifier_problems(findings: tuple[Finding, ...], data: DataBlock) -> tuple[Problem, ...]:
    """A problem for each column that may identify a person and that the plan does not accept."""
    return tuple(
        Problem(
            f"{finding.file}, column `{finding.column}`",
            f"no {finding.kind}" + (f" ({finding.law})" if finding.law else ""),
            "1 row that looks like it"
            if finding.rows == 1
            else f"{finding.rows} rows that look like it",
            "take the column out of the file"
            + (" (give study days)" if finding.kind == "dates finer than a year" else "")
            + "; or, if it identifies no person, say why under "
            f"`data.deidentification.accept.{finding.column}`",
        )
        for finding in findings
        if not _accepted(finding, data)
    )


def accepted_remarks(findings: tuple[Finding, ...], data: DataBlock) -> tuple[Remark, ...]:
    """What the report says of columns that the plan accepts, one sentence a reason."""
    columns: dict[tuple[str, str], dict[str, None]] = {}
    for finding in findings:
        reason = _accepted(finding, data)
        if reason:
            columns.setdefault((finding.kind, reason), {})[finding.column] = None
    return tuple(
        Remark(f"The plan accepts what looks like {kind} in {', '.join(names)}: {reason}")
        for (kind, reason), names in columns.items()
    )


def _known_columns(raw: RawTable, role: FileRole, data: DataBlock) -> frozenset[str]:
    """The columns that the plan or the standard gives a meaning, other than covariates."""
    named = columns_of_role(data, role)
    told = {name for field, names in named.items() if field in FIELDS for name in names}
    scores = {
        column
        for visits in data.file_columns.scores.values()
        for column in ((visits,) if isinstance(visits, str) else visits.values())
    }
    found = map(raw.find, sorted(told | scores))
    return frozenset(column for column in found if column is not None)


def _subject_column(raw: RawTable, role: FileRole, data: DataBlock) -> str | None:
    names = columns_of_role(data, role).get("subject", ())
    return next((column for column in map(raw.find, names) if column is not None), None)


def _accepted(finding: Finding, data: DataBlock) -> str | None:
    """The plan's reason for a column."""
    reasons = {name.casefold(): why for name, why in data.deidentification.accept.items()}
    return reasons.get(finding.column.casefold())
