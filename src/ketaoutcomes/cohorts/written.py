"""A cohort that `simulate` wrote, read back for a plan that would simulate its own."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from ketaoutcomes.cohort import ASSIGNMENT_COLUMNS, COHORTS_MANIFEST, Cohort
from ketaoutcomes.cohorts.simulation.parts_design import Numeric
from ketaoutcomes.cohorts.simulation.scenario import Scenario
from ketaoutcomes.errors import DataError, Problem
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.data import DataBlock
from ketaoutcomes.plan.study import Phase
from ketaoutcomes.remarks import Remark
from ketaoutcomes.runs.disk import hash_of


def written_cohort(
    plan: AnalysisPlan, scenario: Scenario, place: object
) -> tuple[Cohort, tuple[tuple[str, str], ...]]:
    """The cohort in a folder of `simulate`, and the SHA-256 of each of its files.

    It is read as any dataset is, through the same checks. Visits and phases that the plan does not
    have are left out.

    Parameters
    ----------
    plan : AnalysisPlan
        A plan on synthetic data.
    scenario : Scenario
        Its scenario, with every arm.
    place : Path or Frames
        The folder of the cohort, such as `data/synthetic/trd_short_term`.

    Raises
    ------
    DataError
        If the folder does not hold a cohort of the plan's scenario, unchanged since it was written.
    """
    from ketaoutcomes.data.load import load_cohort  # noqa: PLC0415 - slow to import
    from ketaoutcomes.data.own_files import block_of_own_files  # noqa: PLC0415

    synthetic = plan.data.synthetic
    assert synthetic is not None
    if synthetic.trial == "new":
        raise _refused(
            str(place),
            "a plan with `trial: new`, while the files hold the typical trial",
            "leave --data out, or write `trial: typical` under `data.synthetic`",
        )
    name = synthetic.scenario
    folder, seed = _written_by_simulate(place, name)
    block = block_of_own_files(folder)
    if block is None:
        raise _refused(str(place), "files that cannot be read as a cohort of `simulate`")
    kept, left_out = _rows_of_plan(plan, scenario, folder, tuple(block["files"]))
    data = DataBlock.model_validate(block | {"where": kept, "factors": _factors(scenario, block)})
    phases = {key: _with_written_arms(phase, scenario, key) for key, phase in plan.phases.items()}
    cohort = load_cohort(plan.model_copy(update={"data": data, "phases": phases}), folder)
    cohort = _with_columns_of_entry(cohort, folder)
    source = replace(
        cohort.source,
        kind="synthetic",
        description=f"scenario `{name}` ({scenario.label})",
        seed=seed,
        remarks=(*_read_back(synthetic.seed, folder, seed), *left_out, *cohort.source.remarks),
    )
    return replace(cohort, source=source), cohort.source.sha256s


def _rows_of_plan(
    plan: AnalysisPlan, scenario: Scenario, folder: Path, roles: tuple[str, ...]
) -> tuple[dict[str, dict[str, list[str]]], tuple[Remark, ...]]:
    """Under `where`, the phases and visits of the plan; and a note on those that it leaves out."""
    written = pd.read_csv(folder / "visits.csv", usecols=["phase", "visit"], dtype=str)
    known = {visit for phase in plan.phases.values() for visit in phase.schedule()}
    kept: dict[str, dict[str, list[str]]] = {}
    idle: list[str] = []
    phases = sorted(set(written["phase"]) - set(plan.phases))
    if phases:
        kept = {role: {"phase": list(plan.phases)} for role in roles if role != "subjects"}
        idle += (f"phase `{phase}`" for phase in phases)
    arms = [
        arm
        for key, phase in plan.phases.items()
        if phase.arms_by is None
        for arm in scenario.phases[key].arms
        if arm not in phase.arms
    ]
    if arms:
        known_arms = [arm for phase in plan.phases.values() for arm in phase.arms]
        kept["assignments"] = {**kept.get("assignments", {}), "arm": known_arms}
        idle += (f"arm `{arm}`" for arm in arms)
    here = written[written["phase"].isin(list(plan.phases))]
    visits = [visit for visit in here["visit"].drop_duplicates() if visit not in known]
    if visits:
        kept["visits"] = {**kept.get("visits", {}), "visit": sorted(known)}
        idle += (f"visit `{visit}`" for visit in visits)
    if not idle:
        return kept, ()
    said = f"The files hold what the plan does not have, which is left out: {', '.join(idle)}"
    return kept, (Remark(said, where=str(folder.name)),)


def _with_columns_of_entry(cohort: Cohort, folder: Path) -> Cohort:
    """Strata, sequences and factors as columns of the phase in which they were told."""
    told = pd.read_csv(folder / "assignments.csv", dtype=str)
    further = list(told.columns.drop(list(ASSIGNMENT_COLUMNS)))
    entered = cohort.assignments.merge(told.drop(columns="arm"), on=["subject", "phase"])
    return replace(cohort, assignments=entered, subjects=cohort.subjects.drop(columns=further))


def _with_written_arms(phase: Phase, scenario: Scenario, key: str) -> Phase:
    """A phase whose arms are levels of a covariate, with those of the files in their place."""
    if phase.arms_by is None:
        return phase
    arms = {arm: arm for arm in scenario.phases[key].arms}
    return phase.model_copy(update={"arms": arms, "arms_by": None, "reference": None})


def _factors(scenario: Scenario, block: dict[str, Any]) -> list[str]:
    """Covariates that are categories, be their labels numbers."""
    numbers = {name for name, c in scenario.covariates.items() if isinstance(c, Numeric)}
    return [name for name in block["columns"].get("covariates", ()) if name not in numbers]


def _read_back(of_plan: int, folder: Path, seed: int) -> tuple[Remark, ...]:
    """That the cohort was read and not simulated, where the plan asks for another one."""
    if seed == of_plan:
        return ()
    return (
        Remark(
            f"The cohort was read from the files that `simulate` wrote with seed {seed}; the "
            f"seed of the plan, {of_plan}, was not used",
            where=folder.name,
        ),
    )


def _written_by_simulate(place: object, name: str) -> tuple[Path, int]:
    """The folder of a cohort, every file of which is as it was written, and its seed."""
    if not isinstance(place, Path):
        raise _refused("data", "frames or tables")
    folder = place.resolve()
    try:
        manifest = json.loads((folder.parent / COHORTS_MANIFEST).read_bytes())
        cohorts, hashes = dict(manifest["cohorts"]), dict(manifest["files"])
    except (OSError, ValueError, KeyError, TypeError):
        raise _refused(str(place), f"a folder without a `{COHORTS_MANIFEST}` above it") from None
    if folder.name not in cohorts:
        raise _refused(str(place), f"a folder that is not in the `{COHORTS_MANIFEST}` above it")
    if folder.name != name:
        raise _refused(
            str(place),
            f"a cohort of scenario `{folder.name}`",
            f"give the folder of `{name}`, or write `scenario: {folder.name}` in the plan",
        )
    changed = [
        file
        for file, sha256 in hashes.items()
        if file.startswith(f"{name}/") and _hash(folder.parent / file) != sha256
    ]
    if changed:
        raise _refused(
            str(place),
            f"files that are missing or changed since they were written: {', '.join(changed)}",
            "write the cohort again with `simulate`; to analyse changed data, name the files "
            "under `data.files` instead of `data.synthetic`",
        )
    return folder, int(cohorts[name]["seed"])


def _hash(path: Path) -> str | None:
    try:
        return hash_of(path.read_bytes())
    except OSError:
        return None


def _refused(
    place: str,
    found: str,
    fix: str = "leave --data out to simulate the cohort; to analyse other data, name their files "
    "under `data.files` instead of `data.synthetic`",
) -> DataError:
    problem = Problem(
        f"--data {place}",
        "the folder of a cohort that `simulate` wrote, as the plan analyses synthetic data",
        found,
        fix,
    )
    return DataError("the data do not fit the plan", (problem,))
