"""Look at the files of a folder and say what they seem to hold; nothing is computed from them."""

import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from ketaoutcomes.data.frames import plain_frame, table_of_frame
from ketaoutcomes.data.identifiers.classes import Finding
from ketaoutcomes.data.identifiers.search import findings_in
from ketaoutcomes.data.inspection.adam import adam_roles, propose_adam
from ketaoutcomes.data.inspection.guess import Guess, guess_together
from ketaoutcomes.data.inspection.propose import Proposal, propose
from ketaoutcomes.data.inspection.study_level import propose_synthesis
from ketaoutcomes.data.readers.databases import table_names
from ketaoutcomes.data.readers.raw import RawTable
from ketaoutcomes.data.readers.read import DATABASE_ENDINGS, ENDINGS, ending_of, read_table
from ketaoutcomes.data.values.missing import without_values, words_among_numbers
from ketaoutcomes.errors import DataError, Problem
from ketaoutcomes.plan.files import DatabaseTable, FileSource, Writing


@dataclass(frozen=True)
class Inspection:
    """What was seen in a folder.

    Attributes
    ----------
    guesses : tuple of Guess
        One a table.
    findings : tuple of Finding
        What may identify a person.
    proposals : tuple of Proposal
        The likeliest first.
    unreadable : tuple of Problem
    """

    guesses: tuple[Guess, ...]
    findings: tuple[Finding, ...]
    proposals: tuple[Proposal, ...]
    unreadable: tuple[Problem, ...]


def inspect_folder(place: Path, accept: str | None = None) -> Inspection:
    """Look at a folder, or at one file.

    Parameters
    ----------
    place : Path
        A folder, whose own files are looked at and not those of its folders; or a file.
    accept : str or None
        The reason for which columns that look like identifiers are accepted in the proposal.

    Raises
    ------
    DataError
        If there is nothing that can be read.
    """
    folder = place if place.is_dir() else place.parent
    tables: list[RawTable] = []
    unreadable: tuple[Problem, ...] = ()
    missing: dict[str, None] = {}
    for source in _sources(place):
        try:
            raw = read_table(folder, source, Writing())
        except DataError as error:
            unreadable += error.problems
            continue
        missing |= dict.fromkeys(words_among_numbers(raw))
        tables.append(without_values(raw, tuple(missing), tuple(map(str, raw.frame.columns))))
    if not tables:
        nothing = Problem(str(place), f"a file of: {', '.join(ENDINGS)}", "none", "name its folder")
        raise DataError("there is nothing to look at", unreadable or (nothing,))
    seen = inspect_tables(tables, tuple(missing), folder.resolve().name, accept)
    proposals = tuple(_in_database(proposal, folder) for proposal in seen.proposals)
    return replace(seen, proposals=proposals, unreadable=unreadable)


def inspect_frames(frames: Mapping[str, Any], accept: str | None = None) -> Inspection:
    """Look at frames by the names that are given to them, as at the files of a folder.

    Raises
    ------
    DataError
        If one of them is no frame, or has no row.
    """
    tables: list[RawTable] = []
    missing: dict[str, None] = {}
    for name, frame in frames.items():
        raw = table_of_frame(plain_frame(name, frame), name)
        missing |= dict.fromkeys(words_among_numbers(raw))
        tables.append(without_values(raw, tuple(missing), tuple(map(str, raw.frame.columns))))
    return inspect_tables(tables, tuple(missing), "study", accept)


def inspect_tables(
    tables: list[RawTable], missing: tuple[str, ...], name: str, accept: str | None
) -> Inspection:
    """Look at tables of text.

    Parameters
    ----------
    missing : tuple of str
        Words that seem to mean missing, which are taken out.
    name : str
        What a proposed plan calls the study.
    """
    guesses = tuple(guess_together(raw, tables) for raw in tables)
    findings = tuple(
        finding
        for raw, seen in zip(tables, guesses, strict=True)
        for finding in findings_in(raw, seen.roles.get("subject"), frozenset(seen.roles.values()))
    )
    proposals = tuple(
        _accepting(_with_missing(proposal, missing), findings, accept)
        for proposal in _proposals(tables, guesses, name)
    )
    return Inspection(guesses, findings, proposals, ())


def _sources(place: Path) -> Iterator[FileSource]:
    """The files, and tables of databases, in the order of the alphabet."""
    files = [place] if place.is_file() else sorted(p for p in place.glob("*") if p.is_file())
    for path in files:
        if ending_of(path) in DATABASE_ENDINGS:
            yield from (DatabaseTable(file=path.name, table=name) for name in table_names(path))
        elif ending_of(path) in ENDINGS:
            yield path.name


def _proposals(tables: list[RawTable], guesses: tuple[Guess, ...], name: str) -> Iterator[Proposal]:
    """A plan for the ADaM datasets together, else one for each file."""
    adam = adam_roles(tables)
    if adam and (proposal := propose_adam(adam, name)) is not None:
        yield proposal
        return
    order = ("long", "wide", "times", "one outcome")
    for seen in sorted(guesses, key=lambda g: order.index(g.kind) if g.kind in order else 9):
        by_layout = propose_synthesis if seen.kind == "study level" else propose
        if (proposal := by_layout(seen, name)) is not None:
            yield proposal


def _in_database(proposal: Proposal, folder: Path) -> Proposal:
    """Names of tables turned into what a plan writes of them."""
    if "files" not in proposal.plan["data"]:
        return proposal
    files: dict[str, Any] = {}
    for role, name in proposal.plan["data"]["files"].items():
        file, _, table = name.partition(" (")
        is_table = table.endswith(")") and ending_of(folder / file) in DATABASE_ENDINGS
        files[role] = {"file": file, "table": table[:-1]} if is_table else name
    data = proposal.plan["data"] | {"files": files}
    return Proposal(proposal.files, proposal.plan | {"data": data}, proposal.remarks)


def _with_missing(proposal: Proposal, missing: Iterable[str]) -> Proposal:
    """The proposal with the words that seem to mean missing, to be checked."""
    listed = list(missing)
    if not listed:
        return proposal
    remark = f"words among numbers are taken to mean missing: {', '.join(listed)}"
    data = proposal.plan["data"] | {"missing": listed}
    return Proposal(proposal.files, proposal.plan | {"data": data}, (*proposal.remarks, remark))


def _accepting(proposal: Proposal, findings: tuple[Finding, ...], why: str | None) -> Proposal:
    columns = dict.fromkeys(f.column for f in findings if f.file in proposal.files)
    if not columns or "files" not in proposal.plan["data"]:
        return proposal
    if why is None:
        remark = (
            "columns look like identifiers; the plan will not run until they are taken out, or "
            f"accepted with a reason: {', '.join(columns)}"
        )
        return Proposal(proposal.files, proposal.plan, (*proposal.remarks, remark))
    accepted = {"deidentification": {"accept": dict.fromkeys(columns, why)}}
    plan = proposal.plan | {"data": proposal.plan["data"] | accepted}
    return Proposal(proposal.files, plan, proposal.remarks)


def as_yaml(content: dict[str, Any]) -> str:
    """The content as a plan is written."""
    yaml = YAML()
    yaml.width = 100
    yaml.representer.ignore_aliases = lambda *_: True
    yaml.indent(mapping=2, sequence=4, offset=2)
    stream = io.StringIO()
    yaml.dump(content, stream)
    return stream.getvalue()
