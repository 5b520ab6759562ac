"""A synthesis, top-down: plan -> published results -> pooled effects -> report -> files."""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ketaoutcomes.cohort import Source
from ketaoutcomes.data.studies import load_studies
from ketaoutcomes.errors import PlanError, Problem
from ketaoutcomes.numerics.meta_analysis.effect_sizes import Counts, Means, Published
from ketaoutcomes.plan.reading.synthesis_file import read_synthesis
from ketaoutcomes.plan.synthesis import SynthesisPlan
from ketaoutcomes.report.html import page_and_files
from ketaoutcomes.report.provenance import Provenance
from ketaoutcomes.results import ResultTable
from ketaoutcomes.runs.disk import (
    json_bytes,
    parquet_bytes,
    safe_csv_bytes,
)
from ketaoutcomes.runs.provenance import provenance_of
from ketaoutcomes.runs.replacing import refuse_to_lose, replace_folder
from ketaoutcomes.runs.run_folder import (
    CHECKS,
    PLAN,
    REPORT,
    RESULTS,
    RTF,
    WORD,
    checks_in,
    read_folder,
    results_in,
    rtf_tables,
    word_report,
    written_folder,
)
from ketaoutcomes.second.check import Check
from ketaoutcomes.second.files import checks_bytes
from ketaoutcomes.second.run import with_checks
from ketaoutcomes.second.synthesis import check_synthesis
from ketaoutcomes.studies import StudyData, StudyResult
from ketaoutcomes.synthesis.fit import synthesis_results
from ketaoutcomes.synthesis.page.report import compose_synthesis_report

Tell = Callable[[str], None]
STUDIES = "studies.json"
SOURCES = (PLAN, RESULTS, STUDIES, CHECKS)
"""What the report of a synthesis is made from, with the manifest."""


@dataclass(frozen=True)
class Synthesis:
    """All that the report of a synthesis is made from: published numbers only."""

    plan: SynthesisPlan
    results: ResultTable
    data: tuple[StudyData, ...]
    provenance: Provenance
    checks: tuple[Check, ...] = ()


@dataclass(frozen=True)
class SynthesisOutcome:
    """Where the report is, what was pooled, and which results could not be had."""

    folder: Path
    agenda: tuple[str, ...]
    failures: tuple[str, ...]


def run_synthesis(
    path: Path,
    data_folder: Path | None,
    out: Path | None,
    tell: Tell,
    *,
    dry_run: bool = False,
    word: bool = False,
    rtf: bool = False,
    text: str | None = None,
) -> SynthesisOutcome:
    """Pool the results that a plan names and write the report.

    Parameters
    ----------
    text : str, optional
        The text of the plan where it was read already.

    Raises
    ------
    CommandError, PlanError, DataError
        If the folder to write, the plan or the file is at fault; nothing is then written.
    """
    written = _read(path, tell, text)
    folder = out or Path("reports") / written[0].synthesis.id
    if not dry_run:
        refuse_to_lose(folder)
    done = _pooled(*written, data_folder or path.parent, path.name, tell)
    agenda = tuple(
        f"{data.outcome}: {len(data.studies)} studies, {done.plan.outcomes[data.outcome].measure} "
        f"({done.plan.outcomes[data.outcome].role})"
        for data in done.data
    )
    if dry_run:
        return SynthesisOutcome(folder, agenda, ())
    tell("writing the report")
    replace_folder(folder, synthesis_files(done, word=word, rtf=rtf))
    return SynthesisOutcome(folder, agenda, done.results.failures)


def pool_plan(
    path: Path,
    data_folder: Path | None,
    plan_name: str,
    tell: Tell,
    text: str | None = None,
) -> Synthesis:
    """Read, load and pool; nothing is written.

    Parameters
    ----------
    text : str, optional
        The text of the plan where it does not stand in the file `path`.
    """
    return _pooled(*_read(path, tell, text), data_folder or path.parent, plan_name, tell)


def _read(path: Path, tell: Tell, text: str | None = None) -> tuple[SynthesisPlan, str]:
    tell(f"reading {path}")
    return read_synthesis(path, text, tell)


def _pooled(plan: SynthesisPlan, text: str, folder: Path, plan_name: str, tell: Tell) -> Synthesis:
    """The studies of a plan, pooled."""
    tell("reading the studies")
    data, sha256s = load_studies(plan, folder)
    tell("pooling")
    pooled = tuple(row for outcome in data for row in synthesis_results(plan, outcome))
    checks = check_synthesis(plan, pooled)
    results = ResultTable(with_checks(pooled, checks))
    source = Source("real", f"published results, {plan.data.file}", None)
    provenance = provenance_of(plan_name, text, plan.data.citation, source, sha256s)
    return Synthesis(plan, results, data, provenance, checks)


def synthesis_files(done: Synthesis, *, word: bool = False, rtf: bool = False) -> dict[str, bytes]:
    """The files of a synthesis; the same synthesis gives the same bytes."""
    report = compose_synthesis_report(
        done.plan, done.results, done.data, done.provenance, done.checks
    )
    frame = done.results.to_frame()
    page, saved = page_and_files(report)
    files = {
        REPORT: page,
        "results.csv": safe_csv_bytes(frame),
        RESULTS: parquet_bytes(frame),
        STUDIES: json_bytes({"outcomes": [asdict(data) for data in done.data]}, sort_keys=False),
        CHECKS: checks_bytes(done.checks),
        PLAN: done.provenance.plan_text.encode(),
        **saved,
    }
    asked = done.plan.report
    if word or asked.word:
        files[WORD] = word_report(report)
    if rtf or asked.rtf:
        files[RTF] = rtf_tables(report)
    return written_folder(done.provenance, files)


def read_synthesis_run(folder: Path, *, whole: bool = True) -> tuple[Synthesis, dict[str, bytes]]:
    """A synthesis from its folder, and the bytes of its files.

    Raises
    ------
    CheckError
        If a file is missing, or is not the one that the run wrote.
    """
    files, provenance = read_folder(folder, SOURCES, whole=whole)
    plan, _ = read_synthesis(folder / PLAN, provenance.plan_text)
    results = results_in(folder, files)
    data = tuple(_data(entry) for entry in json.loads(files[STUDIES])["outcomes"])
    return Synthesis(plan, results, data, provenance, checks_in(folder, files)), files


def _data(entry: Mapping[str, Any]) -> StudyData:
    return StudyData(
        outcome=entry["outcome"],
        rows=entry["rows"],
        studies=tuple(_study(study) for study in entry["studies"]),
        left_out=tuple((why, number) for why, number in entry["left_out"]),
        not_used=tuple((study, why) for study, why in entry["not_used"]),
    )


def _study(entry: Mapping[str, Any]) -> StudyResult:
    pairs = {
        key: tuple((label, value) for label, value in entry[key])
        for key in ("characteristics", "risk_of_bias")
    }
    return StudyResult(**{**entry, **pairs, "numbers": _numbers(entry)})


def _numbers(entry: Mapping[str, Any]) -> Published | tuple[Any, ...]:
    """Of both arms, or the effect that the study told."""
    if entry["kind"] == "effects":
        return Published(**entry["numbers"])
    of_arm = Counts if entry["kind"] == "counts" else Means
    return tuple(of_arm(**arm) for arm in entry["numbers"])


def refuse_what_a_synthesis_has_not(only: tuple[str, ...], seed: int | None) -> None:
    """Options of `run` that ask for what a synthesis has not.

    Raises
    ------
    PlanError
        If there is one.
    """
    problems = tuple(
        Problem(
            option, "a plan with analyses of participants", "a synthesis", f"leave {option} out"
        )
        for option, given in (("--only", bool(only)), ("--seed", seed is not None))
        if given
    )
    if problems:
        raise PlanError("the command does not fit the plan", problems)
