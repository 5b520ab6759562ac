"""The job of `export`: a plan becomes a folder of datasets, scripts and results to compare."""

from dataclasses import dataclass
from pathlib import Path

from ketaoutcomes.errors import CommandError, Problem
from ketaoutcomes.export.datasets import datasets_of
from ketaoutcomes.export.scripts import scripts_of
from ketaoutcomes.pipeline import Request, Tell, analyse, prepare
from ketaoutcomes.plan.reading.synthesis_file import is_synthesis
from ketaoutcomes.report.material import Material
from ketaoutcomes.runs.disk import safe_csv_bytes
from ketaoutcomes.runs.provenance import manifest_bytes
from ketaoutcomes.runs.replacing import Written, refuse_to_lose, replace_folder
from ketaoutcomes.runs.run_folder import MANIFEST, REPORT

EXPORTED = "export.json"
"""The manifest of an exported folder; only a folder that holds one is replaced."""

AN_EXPORT = Written(
    EXPORTED,
    noun="export",
    option="--to",
    made_there=frozenset(("numbers.csv", "comparison.csv")),
)


@dataclass(frozen=True)
class Exported:
    """Where it stands, and what it holds."""

    folder: Path
    files: tuple[str, ...]


def export(plan: Path, to: Path, data_folder: Path | None, tell: Tell) -> Exported:
    """Write the rows of a plan as datasets, and scripts in R and SAS that give its results.

    Rows of subjects are written, so the place is always the user's choice and never the folder of
    a report, which others may be given.

    Raises
    ------
    PlanError, DataError
        If the plan or the data are at fault.
    CommandError
        If the folder is that of a report or lies in one, or holds what no export has written.
    """
    refuse_place(to)
    if is_synthesis(plan):
        raise CommandError("nothing is written", (_no_rows(plan),))
    request = Request(plan=plan, data_folder=data_folder)
    prepared = prepare(request, tell)
    done = analyse(request, prepared, tell)
    tell("writing datasets and scripts")
    data = datasets_of(prepared.plan, prepared.cohort, prepared.endpoints)
    material = Material(done.plan, done.results, done.records, done.provenance)
    files = {
        **{f"{name.lower()}.csv": safe_csv_bytes(frame) for name, frame in data.frames.items()},
        "define.csv": safe_csv_bytes(data.dictionary),
        "results.csv": safe_csv_bytes(done.results.to_frame()),
        **scripts_of(material, data),
    }
    replace_folder(to, files | {EXPORTED: manifest_bytes(done.provenance, files)}, AN_EXPORT)
    return Exported(to, tuple(files))


def _no_rows(plan: Path) -> Problem:
    return Problem(
        str(plan),
        "a plan of a study, whose rows can be written",
        "a plan that pools published results",
        "its page holds the effects of the studies and the call of R's metafor",
    )


def refuse_place(folder: Path) -> None:
    """Refuse the folder of a report, one inside it, and one that no export has written."""
    place = folder.resolve()
    for at in (place, *place.parents):
        if (at / MANIFEST).is_file() and (at / REPORT).is_file():
            problem = Problem(
                str(folder),
                "a folder outside every report, as it will hold rows of participants",
                f"the folder of a report, {at}" if at == place else f"a folder inside {at}",
                "give another folder with --to",
            )
            raise CommandError("nothing is written", (problem,))
    refuse_to_lose(folder, AN_EXPORT)
