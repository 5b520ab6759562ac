"""The folder of a power simulation, read back."""

import json
import re
from collections.abc import Callable
from pathlib import Path

from ketaoutcomes.plan.reading.plan_file import read_plan
from ketaoutcomes.power.run import COMMAND, PowerRequest, PowerRun, as_requested, simulate_power
from ketaoutcomes.report.provenance import Provenance
from ketaoutcomes.runs.run_folder import MANIFEST, PLAN, RESULTS, read_folder, results_in

SOURCES = (PLAN, RESULTS)
"""What the report of a power simulation is made from, with the manifest."""


def is_power(folder: Path) -> bool:
    """Whether a folder is that of a power simulation; False also where it cannot be read."""
    try:
        manifest = json.loads((folder / MANIFEST).read_bytes())
    except (OSError, ValueError):
        return False
    return isinstance(manifest, dict) and str(manifest.get("command")).startswith(COMMAND)


def read_power_run(folder: Path, *, whole: bool = True) -> tuple[PowerRun, dict[str, bytes]]:
    """A power simulation from its folder, and the bytes of its files.

    Raises
    ------
    CheckError
        If a file is missing, or is not the one that was written.
    """
    files, provenance = read_folder(folder, SOURCES, whole=whole)
    written, _ = read_plan(folder / PLAN, provenance.plan_text)
    plan = as_requested(written, _request(folder, provenance))
    return PowerRun(plan, results_in(folder, files), provenance), files


def simulate_again(folder: Path, provenance: Provenance, tell: Callable[[str], None]) -> PowerRun:
    """The simulation of a folder from the beginning; nothing of a work folder is used."""
    return simulate_power(_request(folder, provenance), tell)


def _request(folder: Path, provenance: Provenance) -> PowerRequest:
    """What was asked for, by the command that the manifest holds."""
    command = provenance.command
    replicates = re.search(r" --replicates (\d+)", command)
    subjects = re.search(r" --subjects((?: \d+)+)", command)
    return PowerRequest(
        plan=folder / PLAN,
        plan_name=provenance.plan_file,
        plan_text=provenance.plan_text,
        work=None,
        replicates=int(replicates[1]) if replicates else None,
        subjects=tuple(map(int, subjects[1].split())) if subjects else (),
    )
