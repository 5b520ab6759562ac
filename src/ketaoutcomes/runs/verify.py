"""A run is done again and held against its folder."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Protocol

from ketaoutcomes.deferred import imported_when_called
from ketaoutcomes.pipeline import Request, analyse, prepare
from ketaoutcomes.plan.reading.synthesis_file import is_synthesis
from ketaoutcomes.power.folder import is_power, read_power_run, simulate_again
from ketaoutcomes.report.provenance import Provenance
from ketaoutcomes.results import ResultTable
from ketaoutcomes.runs.compare import Tolerance, difference
from ketaoutcomes.runs.run_folder import MANIFEST, PLAN, RTF, WORD, Run, read_run, run_files

with imported_when_called(__name__):
    from ketaoutcomes.power.run import power_files
    from ketaoutcomes.synthesis.run import pool_plan, read_synthesis_run, synthesis_files

EXACT = Tolerance()


def verify(folder: Path, data_folder: Path | None, tell: Callable[[str], None]) -> tuple[str, ...]:
    """Run the plan of a folder again and say what is not the same, the first difference first.

    Returns
    -------
    tuple of str
        Nothing if every file has the same bytes.

    Raises
    ------
    CheckError
        If the folder was changed after its run.
    PlanError, DataError
        If the plan or the data are at fault.
    """
    if is_power(folder):
        return _verify_power(folder, tell)
    if is_synthesis(folder / PLAN):
        return _verify_synthesis(folder, data_folder, tell)
    stored, files = read_run(folder)
    request = Request(
        plan=folder / PLAN,
        data_folder=data_folder,
        only=stored.provenance.only,
        seed=stored.provenance.seed if _seed_was_asked(stored) else None,
        plan_name=stored.provenance.plan_file,
        plan_text=stored.provenance.plan_text,
    )
    again = analyse(request, prepare(request, tell), tell)
    made = run_files(again, word=WORD in files, rtf=RTF in files).files
    return tuple(_differences(stored, files, again, made))


def _verify_synthesis(
    folder: Path, data_folder: Path | None, tell: Callable[[str], None]
) -> tuple[str, ...]:
    stored, files = read_synthesis_run(folder)
    told = stored.provenance
    again = pool_plan(folder / PLAN, data_folder, told.plan_file, tell, told.plan_text)
    made = synthesis_files(again, word=WORD in files, rtf=RTF in files)
    return tuple(_differences(stored, files, again, made))


def _verify_power(folder: Path, tell: Callable[[str], None]) -> tuple[str, ...]:
    """Every trial is simulated again."""
    stored, files = read_power_run(folder)
    again = simulate_again(folder, stored.provenance, tell)
    return tuple(_differences(stored, files, again, power_files(again)))


class Done(Protocol):
    """A run or a synthesis."""

    @property
    def provenance(self) -> Provenance:
        """What produced it."""

    @property
    def results(self) -> ResultTable:
        """Its numbers."""


def _seed_was_asked(stored: Run) -> bool:
    return " --seed " in stored.provenance.command


def _differences(
    stored: Done, files: Mapping[str, bytes], again: Done, made: Mapping[str, bytes]
) -> Iterator[str]:
    """Versions and data before results, results before pages: the cause before what follows."""
    before, after = stored.provenance, again.provenance
    yield from _pairs("data", dict(before.data_sha256s), dict(after.data_sha256s))
    yield from _rows(stored, again)
    for name in sorted(set(files) | set(made), key=lambda name: (name == MANIFEST, name)):
        if files.get(name) != made.get(name):
            yield f"{name}: {_how(files.get(name), made.get(name))}"
    yield from _pairs("version of", dict(before.versions), dict(after.versions))


def _rows(stored: Done, again: Done) -> Iterator[str]:
    found = difference(stored.results, again.results, EXACT)
    yield from (f"results.parquet: {change}" for change in found.changed)
    yield from (f"results.parquet: {name}: no longer there" for name in found.removed)
    yield from (f"results.parquet: {name}: not there before" for name in found.added)


def _pairs(what: str, before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[str]:
    for name in [*before, *(name for name in after if name not in before)]:
        if before.get(name) != after.get(name):
            yield f"{what} {name}: {before.get(name, 'none')} -> {after.get(name, 'none')}"


def _how(before: bytes | None, after: bytes | None) -> str:
    """Where two files part."""
    if before is None or after is None:
        return "only in this run" if before is None else "only in the folder"
    lines = zip(before.splitlines(), after.splitlines(), strict=False)
    first = next((place for place, (a, b) in enumerate(lines, 1) if a != b), None)
    return f"differs from line {first}" if first else "differs in its length"
