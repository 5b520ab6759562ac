"""Look at the files of a folder and say what they seem to hold; nothing is computed from them."""

import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from ruamel.yaml import YAML

from ketaoutcomes.data.frames import plain_frame, table_of_frame
from ketaoutcomes.data.identifiers.classes import Finding
from ketaoutcomes.data.identifiers.search import findings_in
from ketaoutcomes.data.inspection.adam import adam_roles, propose_adam
from ketaoutcomes.data.inspection.amounts import about
from ketaoutcomes.data.inspection.guess import guess, guess_together
from ketaoutcomes.data.inspection.guessed import Guess
from ketaoutcomes.data.inspection.propose import Proposal, propose
from ketaoutcomes.data.inspection.questions import Answers, Asked, Choice, Question
from ketaoutcomes.data.inspection.reading import Reading, answered
from ketaoutcomes.data.inspection.study_level import propose_synthesis
from ketaoutcomes.data.inspection.together import propose_together
from ketaoutcomes.data.inspection.twins import without_twins
from ketaoutcomes.data.inspection.writing import codes_of_missing, read_as_written
from ketaoutcomes.data.inspection.written_cohort import propose_written_cohort
from ketaoutcomes.data.own_files import block_of_own_files, scenario_of_own_files
from ketaoutcomes.data.readers.databases import table_names
from ketaoutcomes.data.readers.dictionary import dictionary_of, in_words, is_dictionary
from ketaoutcomes.data.readers.held import Held
from ketaoutcomes.data.readers.raw import RawTable
from ketaoutcomes.data.readers.read import (
    DATABASE_ENDINGS,
    ENDINGS,
    ENDINGS_IN_WORDS,
    PARTS,
    Part,
    ending_of,
)
from ketaoutcomes.data.values.missing import without_values, words_among_numbers
from ketaoutcomes.errors import CommandError, DataError, Problem
from ketaoutcomes.plan.files import FileSource, TableOfFile


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
    answers : dict of str to str
    twins : tuple of str
        Files that hold the same data as another one, in sentences.
    """

    guesses: tuple[Guess, ...]
    findings: tuple[Finding, ...]
    proposals: tuple[Proposal, ...]
    unreadable: tuple[Problem, ...]
    answers: Answers = field(default_factory=dict)
    twins: tuple[str, ...] = ()

    @property
    def chosen(self) -> Proposal | None:
        """The plan to start from; of several files without an answer, one with a gap for them."""
        if len(self.proposals) < len("ab"):
            return next(iter(self.proposals), None)
        question = ask_file(self.proposals, Asked(self.answers))
        if question.is_open:
            head = dict([next(iter(self.proposals[0].plan.items()))])
            return Proposal((), head | {"data": question.gap}, (), (question,))
        found = next(p for p in self.proposals if p.files[0] == question.taken)
        told = answered("file", question, f"{len(self.proposals)} files may hold it")
        return replace(
            found, questions=(question, *found.questions), readings=(told, *found.readings)
        )


def ask_file(proposals: tuple[Proposal, ...], asked: Asked) -> Question:
    """Which of several files is analysed; evident where one alone tells an outcome."""
    telling = [p for p in proposals if p.tells_outcome]
    evident = telling[0].files[0] if len(telling) == 1 else ""
    return asked.decide(
        "file",
        "Which file holds the outcome?",
        [Choice(p.files[0], _what_it_holds(p)) for p in proposals],
        evident=evident,
        because="no other file has a column that is known or named as an outcome"
        if evident
        else "",
    )


def _what_it_holds(proposal: Proposal) -> str:
    endpoints = proposal.plan.get("endpoints", "")
    if not isinstance(endpoints, dict):
        return "its outcome is open"
    endpoint = next(iter(endpoints.values()))
    kind = endpoint["kind"].replace("_", " ") if isinstance(endpoint, dict) else "yes or no"
    scale = endpoint.get("scale", "") if isinstance(endpoint, dict) else ""
    return f"{kind} of {scale}" if scale else kind


def inspect_folder(
    place: Path, accept: str | None = None, answers: Answers | None = None
) -> Inspection:
    """Look at a folder, or at one file.

    Parameters
    ----------
    place : Path
        A folder, whose own files are looked at and not those of its folders; or a file.
    accept : str or None
        The reason for which columns that look like identifiers are accepted in the proposal.
    answers : dict of str to str or None
        What was decided of the questions that the data leave open.

    Raises
    ------
    CommandError
        If there is no such folder or file, or an answer is not one of the candidates.
    DataError
        If there is nothing that can be read.
    """
    if not place.exists():
        problem = Problem(
            str(place),
            "a folder of data files, or one file",
            "no such folder or file",
            "correct the name, or give it from the folder where you are",
        )
        raise CommandError("there is nothing to look at", (problem,))
    folder = place if place.is_dir() else place.parent
    tables: list[RawTable] = []
    unreadable: tuple[Problem, ...] = ()
    missing: dict[str, None] = {}
    written: dict[str, dict[str, Any]] = {}
    apart: dict[str, dict[str, dict[str, int]]] = {}
    for source in _sources(place):
        try:
            found = read_as_written(folder, source)
        except DataError as error:
            unreadable += error.problems
            continue
        raw = found.raw
        written[raw.name] = found.keys
        # words among numbers hide the codes that stand next to them
        codes = codes_of_missing(without_values(raw, words_among_numbers(raw), _names(raw)))
        somewhere = {code: told.columns for code, told in codes.items() if not told.everywhere}
        missing |= dict.fromkeys(words_among_numbers(raw))
        missing |= dict.fromkeys(code for code in codes if code not in somewhere)
        raw = without_values(raw, tuple(missing), _names(raw))
        if somewhere:
            raw = _without_codes(raw, somewhere)
            apart[raw.name] = _cells_by_column(raw)
        tables.append(raw)
    tables, dictionary = _in_words(tables)
    if not tables:
        raise DataError("there is nothing to look at", unreadable or (_nothing(place),))
    name = folder.resolve().name
    own = _written_by_simulate(place, tables, name, answers or {})
    if own is not None:
        return Inspection(tuple(map(guess, tables)), (), (own,), unreadable, answers or {})
    seen = inspect_tables(tables, tuple(missing), name, accept, answers)
    listed = (_with_missing_by_column(p, apart) for p in seen.proposals)
    proposals = tuple(_as_written(_in_file(p, folder), p, written) for p in listed)
    if dictionary is not None:
        proposals = tuple(_with_dictionary(proposal, dictionary) for proposal in proposals)
    return replace(seen, proposals=proposals, unreadable=unreadable)


def _names(raw: RawTable) -> tuple[str, ...]:
    return tuple(map(str, raw.frame.columns))


def _written_by_simulate(
    place: Path, tables: list[RawTable], name: str, answers: Answers
) -> Proposal | None:
    """The plan for a folder that `simulate` wrote; None for any other place."""
    block = block_of_own_files(place) if place.is_dir() else None
    own = None if block is None else propose_written_cohort(tables, block, name, answers)
    scenario = scenario_of_own_files(place)
    if own is None or scenario is None:
        return own
    words = (
        f"`simulate` wrote these files of scenario `{scenario}`. A plan with "
        f"`synthetic: {{scenario: {scenario}, seed: 1}}` under `data` reads them by `--data`, and "
        "has true values"
    )
    return replace(own, remarks=(*own.remarks, words))


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
        tables.append(without_values(raw, tuple(missing), _names(raw)))
    return inspect_tables(tables, tuple(missing), "study", accept)


def inspect_tables(
    tables: list[RawTable],
    missing: tuple[str, ...],
    name: str,
    accept: str | None,
    answers: Answers | None = None,
) -> Inspection:
    """Look at tables of text.

    Parameters
    ----------
    missing : tuple of str
        Words that seem to mean missing, which are taken out.
    name : str
        What a proposed plan calls the study.
    """
    answers = answers or {}
    tables, twins = without_twins(tables)
    guesses = tuple(guess_together(raw, tables) for raw in tables)
    if answers:
        guesses = _answered(tables, guesses, name, answers)
    sizes = {raw.name: len(raw.frame) for raw in tables}
    findings = tuple(
        finding
        for raw, seen in zip(tables, guesses, strict=True)
        for finding in findings_in(raw, seen.roles.get("subject"), frozenset(seen.roles.values()))
    )
    proposals = tuple(
        _accepting(
            _with_missing(_beside_twins(proposal, twins, sizes), missing, tables), findings, accept
        )
        for proposal in _proposals(tables, guesses, name, answers)
    )
    said = tuple(sentence for name in twins for sentence in _same_as(name, twins, sizes))
    return Inspection(guesses, findings, proposals, (), answers, said)


def _answered(
    tables: list[RawTable], guesses: tuple[Guess, ...], name: str, answers: Answers
) -> tuple[Guess, ...]:
    """The guesses, that of the file that is analysed by the answers."""
    if adam_roles(tables):
        return guesses
    proposals = tuple(_proposals(tables, guesses, name, {}))
    several = len(proposals) > 1
    question = ask_file(proposals, Asked(answers)) if several else None
    chosen = question.taken if question else next((p.files[0] for p in proposals), "")
    return tuple(
        guess_together(raw, tables, answers) if raw.name == chosen else seen
        for raw, seen in zip(tables, guesses, strict=True)
    )


def _sources(place: Path) -> Iterator[FileSource]:
    """The files, and tables of databases, in the order of the alphabet."""
    files = [place] if place.is_file() else sorted(p for p in place.glob("*") if p.is_file())
    for path in files:
        ending = ending_of(path)
        if ending in DATABASE_ENDINGS:
            yield from (TableOfFile(file=path.name, table=name) for name in table_names(path))
        elif ending in PARTS:
            yield from _parts(path, PARTS[ending])
        elif ending in ENDINGS or path == place:
            yield path.name


def _parts(path: Path, part: Part) -> Iterator[FileSource]:
    """The tables of a file that may hold several; the file itself where it holds one."""
    try:
        names = part.names(Held.of(path, path.name))
    except DataError:
        names = ()  # it is told where the file is read
    if len(names) > 1:
        yield from (
            TableOfFile.model_validate({"file": path.name, part.key: name}) for name in names
        )
    else:
        yield path.name


def _nothing(place: Path) -> Problem:
    """A folder without a file that can be read, and what to do about those that it holds."""
    others = sorted({p.suffix for p in place.glob("*") if p.is_file() and p.suffix})
    return Problem(
        str(place),
        f"a file of: {ENDINGS_IN_WORDS}",
        f"files of other kinds: {', '.join(others)}" if others else "no file",
        "save the data as .xlsx or CSV (UTF-8), or name the folder in which they lie",
    )


def _in_words(tables: list[RawTable]) -> tuple[list[RawTable], str | None]:
    """The tables with the words of REDCap's data dictionary, if one lies among them."""
    found = next((raw for raw in tables if is_dictionary(raw)), None)
    if found is None:
        return tables, None
    told = dictionary_of(found)
    others = [raw for raw in tables if raw is not found]
    return [in_words(raw, told, codes=False)[0] for raw in others], found.name


def _with_dictionary(proposal: Proposal, name: str) -> Proposal:
    if "files" not in proposal.plan["data"]:
        return proposal
    reading = Reading(
        "writing",
        f"`{name}` is a data dictionary, whose words stand for codes",
        "of the names of its columns",
        "1 dictionary; without it codes are shown instead",
        (("data", "dictionary"),),
    )
    return _saying(proposal, reading, {"dictionary": name})


def _proposals(
    tables: list[RawTable], guesses: tuple[Guess, ...], name: str, answers: Answers
) -> Iterator[Proposal]:
    """A plan for the ADaM datasets together, else one for each file."""
    adam = adam_roles(tables)
    if adam and (proposal := propose_adam(adam, name, answers)) is not None:
        yield proposal
        return
    if (joined := propose_together(guesses, name)) is not None:
        yield joined
        return
    order = ("long", "wide", "periods", "intervals", "times", "one outcome", "pairs", "open")
    for seen in sorted(guesses, key=lambda g: order.index(g.kind) if g.kind in order else 9):
        by_layout = propose_synthesis if seen.kind == "study level" else propose
        if (proposal := by_layout(seen.apart(), name)) is not None:
            yield proposal


def _in_file(proposal: Proposal, folder: Path) -> Proposal:
    """Names of tables turned into what a plan writes of them."""
    told = proposal.plan["data"].get("files")
    if not isinstance(told, dict):
        return proposal
    files: dict[str, Any] = {}
    for role, name in told.items():
        if not isinstance(name, str):
            files[role] = name
            continue
        file, _, table = name.partition(" (")
        ending = ending_of(folder / file)
        key = PARTS[ending].key if ending in PARTS else "table"
        is_table = table.endswith(")") and ending in (*DATABASE_ENDINGS, *PARTS)
        files[role] = {"file": file, key: table[:-1]} if is_table else name
    data = proposal.plan["data"] | {"files": files}
    return replace(proposal, plan=proposal.plan | {"data": data})


def _as_written(
    proposal: Proposal, named: Proposal, written: Mapping[str, dict[str, Any]]
) -> Proposal:
    """The proposal with the header row and the decimal sign by which its files were read."""
    if not isinstance(proposal.plan["data"], dict):
        return proposal
    data, keys = dict(proposal.plan["data"]), {n: written.get(n, {}) for n in named.files}
    readings: tuple[Reading, ...] = ()
    if any("decimal" in told for told in keys.values()):
        data["decimal"] = ","
        readings += (DECIMAL_COMMA,)
    encodings = sorted({told["encoding"] for told in keys.values() if "encoding" in told})
    data |= {"encoding": encodings[0]} if encodings else {}
    readings += (OF_WINDOWS,) if encodings else ()
    proposal = replace(proposal, readings=(*proposal.readings, *readings))
    if not _names_files(data):
        return replace(proposal, plan=proposal.plan | {"data": data})
    files = named.plan["data"]["files"].items()
    whole = {role: name if isinstance(name, str) else name["file"] for role, name in files}
    told = {role: keys.get(name, {}).get("header_row", 0) for role, name in whole.items()}
    rows: dict[str, int] = {role: row for role, row in told.items() if row}
    if rows:
        return _saying(replace(proposal, plan=proposal.plan | {"data": data}), *_header(rows))
    return replace(proposal, plan=proposal.plan | {"data": data})


DECIMAL_COMMA: Final = Reading(
    "writing",
    "a comma is the decimal sign",
    "columns hold numbers with a comma, and whole numbers",
    "3,5 is read as 3.5, and not as 35",
    (("data", "decimal"),),
)
OF_WINDOWS: Final = Reading(
    "writing",
    "the file is in the encoding of Windows",
    "its bytes are not UTF-8",
    "letters beyond the first 128 would be others by another encoding, and numbers the same",
    (("data", "encoding"),),
)


def _header(rows: dict[str, int]) -> tuple[Reading, dict[str, Any]]:
    """The row of the header of each file, and what it leaves out."""
    first = max(rows.values())
    reading = Reading(
        "writing",
        f"row {first} holds the names of columns",
        "rows above it are a title, or not as long",
        f"{first - 1} rows above it are not read",
        (("data", "header_row"),),
    )
    return reading, {"header_row": rows}


def _with_missing(
    proposal: Proposal, missing: Iterable[str], tables: Iterable[RawTable]
) -> Proposal:
    """The proposal with the words that seem to mean missing, to be checked."""
    listed = list(missing)
    if not listed:
        return proposal
    cells = {
        f"`{word}` in `{column}` ({about(count)} cells)": None
        for raw in tables
        if raw.name in proposal.files
        for column, counts in raw.absent.items()
        for word, count in counts.items()
        if word in listed
    }
    reading = Reading(
        "missing",
        f"these words and codes are taken to mean missing: {', '.join(listed)}",
        "they stand among numbers, and codes far from all others",
        "; ".join(cells) or "they stand in 0 cells of this file",
        (("data", "missing"),),
    )
    return _saying(proposal, reading, {"missing": listed})


def _saying(proposal: Proposal, reading: Reading, data: dict[str, Any]) -> Proposal:
    """The proposal with more keys of its data block, and what they settle."""
    return replace(
        proposal,
        plan=proposal.plan | {"data": proposal.plan["data"] | data},
        readings=(*proposal.readings, reading),
    )


def _without_codes(raw: RawTable, codes: Mapping[str, tuple[str, ...]]) -> RawTable:
    """The table without codes that mean missing in some of its columns and not in others."""
    for code, names in codes.items():
        raw = without_values(raw, (code,), names)
    return raw


def _cells_by_column(raw: RawTable) -> dict[str, dict[str, int]]:
    return {column: dict(counts) for column, counts in raw.absent.items() if counts}


def _words_of(apart: Mapping[str, dict[str, dict[str, int]]], name: str) -> dict[str, list[str]]:
    """Column of a file -> the codes that mean missing there."""
    return {column: list(counts) for column, counts in apart.get(name, {}).items()}


def _with_missing_by_column(
    proposal: Proposal, apart: Mapping[str, dict[str, dict[str, int]]]
) -> Proposal:
    """The proposal with what means missing by column, where a code is a value in others."""
    data = proposal.plan["data"]
    if not isinstance(data, dict) or not _names_files(data) or not apart:
        return proposal
    everywhere = data.get("missing", [])
    told = {
        role: words
        for role, name in data["files"].items()
        if isinstance(name, str) and (words := _words_of(apart, name) or everywhere)
    }
    words = "; ".join(
        f"{code} in `{column}` ({about(count)} cells)"
        for name, by in apart.items()
        if name in proposal.files
        for column, counts in by.items()
        for code, count in counts.items()
    )
    reading = Reading(
        "missing",
        "these codes are taken to mean missing in some columns, and are values in others",
        "they lie far from all other values there",
        words or "0 cells",
        (("data", "missing"),),
    )
    return _saying(proposal, reading, {"missing": told})


def _beside_twins(
    proposal: Proposal, twins: Mapping[str, tuple[str, ...]], sizes: Mapping[str, int]
) -> Proposal:
    """The proposal, which says of its files which others hold the same."""
    told = tuple(sentence for file in proposal.files for sentence in _same_as(file, twins, sizes))
    return replace(proposal, remarks=(*proposal.remarks, *told))


def _same_as(
    file: str, twins: Mapping[str, tuple[str, ...]], sizes: Mapping[str, int]
) -> Iterator[str]:
    """Which files hold the same as a file."""
    return (
        f"`{twin}` holds the same data as `{file}` in {about(sizes[file])} rows, and is not read"
        for twin in twins.get(file, ())
    )


def _names_files(data: dict[str, Any]) -> bool:
    """Whether a plan names its files, and not a gap in their place."""
    return isinstance(data.get("files"), dict)


def _accepting(proposal: Proposal, findings: tuple[Finding, ...], why: str | None) -> Proposal:
    columns = dict.fromkeys(f.column for f in findings if f.file in proposal.files)
    if not columns or not _names_files(proposal.plan["data"]):
        return proposal
    if why is None:
        remark = (
            "columns look like identifiers; the plan will not run until they are taken out, or "
            f"accepted by `--accept REASON`: {_cells(findings, columns)}"
        )
        return replace(proposal, remarks=(*proposal.remarks, remark))
    reading = Reading(
        "identifiers",
        f"{', '.join(f'`{name}`' for name in columns)}: kept though like identifiers",
        f"`--accept` says: {why}",
        _cells(findings, columns),
        (("data", "deidentification"),),
    )
    accepted = {"deidentification": {"accept": dict.fromkeys(columns, why)}}
    return _saying(proposal, reading, accepted)


def _cells(findings: Iterable[Finding], columns: Iterable[str]) -> str:
    """In how many rows columns look like identifiers."""
    rows = {finding.column: finding.rows for finding in findings}
    return ", ".join(f"{name} ({about(rows[name])} rows)" for name in columns)


def as_yaml(content: dict[str, Any]) -> str:
    """The content as a plan is written."""
    yaml = YAML()
    yaml.width = 100
    yaml.representer.ignore_aliases = lambda *_: True
    yaml.indent(mapping=2, sequence=4, offset=2)
    stream = io.StringIO()
    yaml.dump(content, stream)
    return stream.getvalue()
