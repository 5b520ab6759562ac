"""The folder of a run: its files, and what is read back from them."""

from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import pandas as pd

from ketaoutcomes.cohorts.evidence.files import read_evidence
from ketaoutcomes.cohorts.obtain import narrow_plan
from ketaoutcomes.deferred import imported_when_called
from ketaoutcomes.errors import CheckError, CommandError, Problem, unexpected
from ketaoutcomes.families.fitted import ModelRecord
from ketaoutcomes.memory import give_back
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.reading.plan_file import read_plan
from ketaoutcomes.report.blocks import Report
from ketaoutcomes.report.downloads import FIGURES, TABLES
from ketaoutcomes.report.provenance import Provenance
from ketaoutcomes.results import ResultTable, results_from_frame
from ketaoutcomes.runs.disk import hash_of, parquet_bytes, safe_csv_bytes
from ketaoutcomes.runs.provenance import manifest_bytes, packages_not_here, read_manifest
from ketaoutcomes.runs.records import read_records, records_bytes
from ketaoutcomes.second.check import Check
from ketaoutcomes.second.files import checks_bytes, read_checks

# what is read back from a folder needs no page
with imported_when_called(__name__):
    from ketaoutcomes.report.compose import compose_report
    from ketaoutcomes.report.html import page_and_files

REPORT, PLAN, MANIFEST = "report.html", "plan.yaml", "manifest.json"
RESULTS, RECORDS = "results.parquet", "records.json"
CHECKS = "checks.json"
WORD, RTF = "report.docx", "tables.rtf"
AGAIN = "run the plan again"
SOURCES = (PLAN, RESULTS, RECORDS, CHECKS)
"""What a report is made from, with the manifest."""


@dataclass(frozen=True)
class Run:
    """All that the report of a run is made from; no row of data is in it."""

    plan: AnalysisPlan
    results: ResultTable
    records: tuple[ModelRecord, ...]
    provenance: Provenance
    checks: tuple[Check, ...] = ()
    """Numbers by a second program, without those that may not be shown."""


@dataclass(frozen=True)
class Made:
    """The files of a run's folder, and which parts of the page could not be made."""

    files: dict[str, bytes]
    failures: tuple[str, ...]


def report_of(run: Run) -> Report:
    """The page of a run, as a value."""
    evidence = read_evidence() if run.plan.study.claimed or run.plan.data.synthetic else None
    return compose_report(run.plan, run.results, run.records, run.provenance, evidence, run.checks)


def run_files(
    run: Run, *, word: bool = False, rtf: bool = False, report: Report | None = None
) -> Made:
    """The files of a run's folder; the same run gives the same bytes.

    Parameters
    ----------
    word : bool
        Also write the report for Word, as the plan may ask by itself.
    rtf : bool
        Also write the tables in Rich Text Format, as the plan may ask by itself.
    report : Report, optional
        The page of the run, where it was composed before.
    """
    report = report or report_of(run)
    give_back()  # what the figures took
    page, saved = page_and_files(report)
    give_back()
    frame = run.results.to_frame()
    files = {
        REPORT: page,
        "results.csv": safe_csv_bytes(frame),
        RESULTS: parquet_bytes(frame),
        RECORDS: records_bytes(run.records),
        CHECKS: checks_bytes(run.checks),
        PLAN: run.provenance.plan_text.encode(),
        **saved,
    }
    asked = run.plan.report
    documents, failures = documents_of(report, word=word or asked.word, rtf=rtf or asked.rtf)
    files |= documents
    return Made(written_folder(run.provenance, files), (*report.failures, *failures))


def documents_of(
    report: Report, *, word: bool, rtf: bool
) -> tuple[dict[str, bytes], tuple[str, ...]]:
    """The files for word processors that were asked for, and those that could not be made."""
    made: dict[str, bytes] = {}
    failures = []
    for name, wanted, render in ((WORD, word, word_report), (RTF, rtf, rtf_tables)):
        try:
            made |= {name: render(report)} if wanted else {}
        except Exception as error:  # noqa: BLE001 - the page does not depend on these files
            failures.append(f"{name}: {unexpected(error, 'this file')}")
    return made, tuple(failures)


def written_folder(provenance: Provenance, files: dict[str, bytes]) -> dict[str, bytes]:
    """The files with their manifest."""
    return files | {MANIFEST: manifest_bytes(provenance, files)}


def rtf_tables(report: Report) -> bytes:
    """The tables in Rich Text Format."""
    from ketaoutcomes.report.rtf import render_rtf  # noqa: PLC0415

    return render_rtf(report)


def word_report(report: Report) -> bytes:
    """The report for Word; its library is loaded only where it is asked for."""
    from ketaoutcomes.report.word import render_word  # noqa: PLC0415

    return render_word(report)


def read_run(folder: Path, *, whole: bool = True) -> tuple[Run, dict[str, bytes]]:
    """A run from its folder, and the bytes of its files.

    Parameters
    ----------
    whole : bool
        Every file must be the one that the run wrote; else only those that a report is made from.

    Raises
    ------
    CheckError
        If a file is missing, or is not the one that the run wrote.
    """
    files, provenance = read_folder(folder, SOURCES, whole=whole)
    whole_plan, _ = read_plan(folder / PLAN, provenance.plan_text)
    seed = provenance.seed if whole_plan.data.synthetic is not None else None
    plan = narrow_plan(whole_plan, provenance.only, seed)
    try:
        records = read_records(files[RECORDS])
    except ValueError as error:
        raise _unreadable(folder, "records of this version", str(error)) from None
    checks = checks_in(folder, files)
    return Run(plan, results_in(folder, files), records, provenance, checks), files


def checks_in(folder: Path, files: Mapping[str, bytes]) -> tuple[Check, ...]:
    """The checks among the files of a folder; a CheckError says why they cannot be read."""
    try:
        return read_checks(files[CHECKS])
    except ValueError as error:
        raise _unreadable(folder, "checks of this version", str(error)) from None


def read_results(folder: Path, *, whole: bool = True) -> ResultTable:
    """The results in the folder of a run, a synthesis or a power simulation.

    Parameters
    ----------
    whole : bool
        Every file must be the one that was written; else only plan and results.

    Raises
    ------
    CheckError
        If a file is missing, or is not the one that the run wrote.
    """
    files, _ = read_folder(folder, (PLAN, RESULTS), whole=whole)
    return results_in(folder, files)


def results_in(folder: Path, files: Mapping[str, bytes]) -> ResultTable:
    """The results among the files of a folder; a CheckError says why they cannot be read."""
    try:
        return results_from_frame(pd.read_parquet(BytesIO(files[RESULTS])))
    except ValueError as error:
        raise _unreadable(folder, "results of this version", str(error)) from None


def read_folder(
    folder: Path, sources: tuple[str, ...], *, whole: bool
) -> tuple[dict[str, bytes], Provenance]:
    """The files of a folder that are those of its manifest, and what produced them.

    Raises
    ------
    CommandError
        If there is no such folder.
    CheckError
        If one of `sources` is missing, a file is not the one that the run wrote, or a package that
        brought one of its families of analyses is not installed.
    """
    files = _read_files(folder, sources)
    try:
        provenance, hashes = read_manifest(files[MANIFEST], files[PLAN].decode())
    except ValueError as error:
        raise _unreadable(folder / MANIFEST, "the manifest of a run", str(error)) from None
    checked = hashes if whole else {name: hashes.get(name, "") for name in sources}
    _check_hashes(folder, files, checked)
    _check_packages(folder, provenance)
    return files, provenance


def _read_files(folder: Path, sources: tuple[str, ...]) -> dict[str, bytes]:
    """All files of a folder by name; those that a run must have are there."""
    if not folder.is_dir():
        raise _no_run(folder, "no such folder")
    here = (folder, folder / TABLES, folder / FIGURES)
    files = {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for inner in here
        if inner.is_dir()
        for path in sorted(inner.iterdir())
        if path.is_file()
    }
    wanted = (MANIFEST, *sources)
    missing = [name for name in wanted if name not in files]
    if {*wanted} - {*missing} <= {PLAN}:  # which may be anybody's
        raise _no_run(folder, "a folder without any file of a run")
    if missing:
        problems = tuple(
            Problem(str(folder / name), "a file of the run", "no such file", AGAIN)
            for name in missing
        )
        raise CheckError(f"{folder} does not hold a whole run", problems)
    return files


def _no_run(folder: Path, found: str) -> CommandError:
    problem = Problem(
        str(folder), "the folder of a run", found, "give a folder such as reports/trd"
    )
    return CommandError("there is no such run", (problem,))


def _check_hashes(folder: Path, files: Mapping[str, bytes], hashes: Mapping[str, str]) -> None:
    """Files that are there are those of the manifest; a page that is not can be made again."""
    changed = [name for name in hashes if name in files and hash_of(files[name]) != hashes[name]]
    if changed:
        problems = tuple(
            Problem(
                str(folder / name),
                f"sha256 {hashes[name]}, as {MANIFEST} says",
                f"sha256 {hash_of(files[name])}",
                "run the plan again, or restore the file",
            )
            for name in changed
        )
        raise CheckError(f"{folder} was changed after its run", problems)


def _check_packages(folder: Path, provenance: Provenance) -> None:
    """A run cannot be read without the families of analyses that it used."""
    missing = packages_not_here(provenance)
    if missing:
        problems = tuple(
            Problem(str(folder / MANIFEST), package, "no such package", "install it")
            for package in missing
        )
        raise CheckError(f"{folder} was made with a package that is not installed", problems)


def _unreadable(place: Path, expected: str, found: str) -> CheckError:
    problem = Problem(str(place), expected, found, "run the plan again with this version")
    return CheckError(f"cannot read {place}", (problem,))
