"""The whole way from files to a cohort."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from ketaoutcomes.cohort import Cohort
from ketaoutcomes.data.arms import with_known_arms
from ketaoutcomes.data.assemble import assemble_cohort
from ketaoutcomes.data.cautions import cautions
from ketaoutcomes.data.contract.rules import Contract, contract_problems
from ketaoutcomes.data.derive import derived, taken
from ketaoutcomes.data.diary import in_diary
from ketaoutcomes.data.fields import columns_of_labels
from ketaoutcomes.data.frames import Frames
from ketaoutcomes.data.history import since_the_start
from ketaoutcomes.data.identifiers.classes import Finding
from ketaoutcomes.data.identifiers.refuse import (
    accepted_remarks,
    identifier_problems,
    identifiers_in,
)
from ketaoutcomes.data.mapping import MappedTable, map_table, once, participants_of
from ketaoutcomes.data.membership import Kept, only_participants
from ketaoutcomes.data.readers.dictionary import dictionary_of, in_words
from ketaoutcomes.data.readers.raw import RawTable
from ketaoutcomes.data.readers.read import Tables, made_of, read_table, tables_of
from ketaoutcomes.data.readers.refusals import changed_meanwhile
from ketaoutcomes.data.screening import without_screen_failures
from ketaoutcomes.data.values.missing import absent_remarks, without_missing
from ketaoutcomes.data.values.named import value_findings
from ketaoutcomes.data.windows import in_windows
from ketaoutcomes.errors import DataError, Problem
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.files import FileRole, Writing
from ketaoutcomes.remarks import COUNT, Remark


def load_cohort(plan: AnalysisPlan, place: Path | Frames) -> Cohort:
    """Load the files that a plan names, or frames in their place, as a cohort.

    Parameters
    ----------
    plan : AnalysisPlan
        A plan whose `data:` block names files.
    place : Path or Frames
        The folder of the files; or the frames that stand for them.

    Returns
    -------
    Cohort
        The same, byte for byte, whatever the format and the row order of the files.

    Raises
    ------
    DataError
        If the data hold what may identify a person, of which nothing further is then looked at;
        or do not keep the contract. `problems` has every fault that could be found.
    """
    sources, unreadable = _read(plan, place)
    sources, told = without_missing(sources, plan.data)
    sources, worded, faults = _in_words(sources, plan, place)
    unreadable += faults
    findings = _identifiers(sources, plan)
    _refuse("hold what may identify a person", plan, identifier_problems(findings, plan.data))
    raws, asked, unanswered = _made(sources, plan)
    asked = () if isinstance(place, Frames) else asked
    made = derived(raws, plan.data)
    new = identifiers_in(_unseen(made.raws, sources), plan.data)
    _refuse("hold what may identify a person", plan, identifier_problems(new, plan.data))
    chosen = taken(made.raws, plan.data)
    raws, unreadable = chosen.raws, (*unreadable, *unanswered)
    raws, screened = without_screen_failures(raws, plan)
    misspelt, unmet = value_findings(raws, plan.data)
    tables, mapped = _map(raws, plan)
    absent = (r for role, table in tables.items() for r in absent_remarks(table, raws[role]))
    accepted = accepted_remarks(tuple(dict.fromkeys((*findings, *new))), plan.data)
    ours = (*asked, *made.remarks, *chosen.remarks)
    remarks = (*accepted, *told, *worded, *ours, *absent, *unmet, *mapped)
    contract = Contract(plan, tables, complete=not (unreadable or made.problems))
    faults = (*unreadable, *made.problems, *chosen.problems, *misspelt)
    _refuse("do not fit the plan", plan, (*faults, *contract_problems(contract)))
    cohort = since_the_start(plan, assemble_cohort(plan, tables, remarks))
    told = (*cohort.source.remarks, *cautions(plan, cohort))
    sha256s = _sha256s(raws.values())
    source = replace(cohort.source, remarks=told, sha256s=sha256s)
    if screened is not None:
        source = replace(source, listed=screened.listed, not_entered=screened.excluded)
    return replace(cohort, source=source)


def _in_words(
    sources: dict[FileRole, Tables], plan: AnalysisPlan, place: Path | Frames
) -> tuple[dict[FileRole, Tables], tuple[Remark, ...], tuple[Problem, ...]]:
    """The tables with the words of a data dictionary, where the plan names one."""
    name = plan.data.dictionary
    if name is None:
        return sources, (), ()
    if isinstance(place, Frames):
        said = "The data dictionary was not read, as frames stand for the files"
        return sources, (Remark(said, "`data.dictionary`"),), ()
    try:
        dictionary = dictionary_of(read_table(place, name, Writing(encoding=plan.data.encoding)))
    except DataError as error:
        return sources, (), error.problems
    codes = plan.data.labelled_values == "codes"
    remarks: dict[Remark, None] = {}
    told: dict[FileRole, Tables] = {}
    for role, tables in sources.items():
        worded = {t: in_words(raw, dictionary, codes=codes) for t, raw in tables.items()}
        told[role] = {t: table for t, (table, _) in worded.items()}
        remarks |= dict.fromkeys(r for _, said in worded.values() for r in said)
    return told, tuple(remarks), ()


def _identifiers(sources: dict[FileRole, Tables], plan: AnalysisPlan) -> tuple[Finding, ...]:
    """What the files hold that may identify a person, be it in no row of a SELECT."""
    found = (
        finding
        for role, tables in sources.items()
        for table in tables.values()
        for finding in identifiers_in({role: table}, plan.data)
    )
    return tuple(dict.fromkeys(found))


def _unseen(
    raws: dict[FileRole, RawTable], sources: dict[FileRole, Tables]
) -> dict[FileRole, RawTable]:
    """The tables that are no longer those of the files, in which identifiers were looked for."""
    return {
        role: raw
        for role, raw in raws.items()
        if not any(
            raw.frame is table.frame and raw.any_case == table.any_case
            for table in sources[role].values()
        )
    }


def _made(
    sources: dict[FileRole, Tables], plan: AnalysisPlan
) -> tuple[dict[FileRole, RawTable], tuple[Remark, ...], tuple[Problem, ...]]:
    """One table for each role, which SELECTs gave rows, and why others gave none."""
    raws: dict[FileRole, RawTable] = {}
    remarks: tuple[Remark, ...] = ()
    problems: tuple[Problem, ...] = ()
    for role, tables in sources.items():
        source = (plan.data.files or {})[role]
        try:
            raws[role] = made_of(source, tables)
        except DataError as error:
            problems += error.problems
            continue
        if not isinstance(source, str) and source.query is not None:
            rows = len(raws[role].frame)
            said = f"{COUNT} are given by `{' '.join(source.query.split())}`"
            remarks += (Remark(said, raws[role].name, count=rows, unit="row"),)
    adam = plan.data.standard is not None
    told = {r: replace(raw, any_case=adam or raw.any_case) for r, raw in raws.items()}
    return told, remarks, problems


def _sha256s(raws: Iterable[RawTable]) -> tuple[tuple[str, str], ...]:
    """The hash of each file, which two tables of one file share."""
    found: dict[str, str] = {}
    for name, told in (pair for raw in raws for pair in raw.sha256s):
        if found.setdefault(name, told) != told:
            raise changed_meanwhile(name)
    return tuple(found.items())


def _refuse(summary: str, plan: AnalysisPlan, problems: tuple[Problem, ...]) -> None:
    if problems:
        count = "1 error" if len(problems) == 1 else f"{len(problems)} errors"
        raise DataError(f"the data of plan `{plan.study.id}` {summary}: {count}", problems)


def _read(
    plan: AnalysisPlan, place: Path | Frames
) -> tuple[dict[FileRole, Tables], tuple[Problem, ...]]:
    """The files that could be read, and what is wrong with the others."""
    sources: dict[FileRole, Tables] = {}
    problems: tuple[Problem, ...] = ()
    if isinstance(place, Frames):
        problems = place.problems(tuple(plan.data.files or ()))
    for role, source in (plan.data.files or {}).items():
        try:
            labels = columns_of_labels(plan.data, role)
            writing = plan.data.writing(role, labels)
            if isinstance(place, Path):
                sources[role] = tables_of(place, source, writing)
            elif role in place.by_role:
                sources[role] = {"": place.table(role, writing)}
        except DataError as error:
            problems += error.problems
    return sources, problems


def _map(
    raws: dict[FileRole, RawTable], plan: AnalysisPlan
) -> tuple[dict[FileRole, MappedTable], tuple[Remark, ...]]:
    """The files under the plan's names, and what a report must say of them."""
    kept = {
        role: Kept(participants_of(raw, role, plan), map_table(raw, role, plan))
        for role, raw in raws.items()
    }
    tables, remarks = only_participants(kept, plan)
    for role, table in tables.items():
        tables[role], told = once(table)
        remarks += told
    tables, told = with_known_arms(tables)
    remarks += told
    for role, table in tables.items():
        tables[role], told = in_windows(table, plan)
        remarks += told
    for role, table in tables.items():
        tables[role], told = in_diary(table, plan)
        remarks += told
    return tables, remarks
