"""A power simulation, top-down: plan -> cells -> chunks -> summary -> report -> files."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from ketaoutcomes import __version__
from ketaoutcomes.cohort import Source
from ketaoutcomes.cohorts.obtain import narrow_plan, scenario_of
from ketaoutcomes.cohorts.truth import true_values
from ketaoutcomes.deferred import imported_when_called
from ketaoutcomes.errors import PlanError, Problem
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.reading.plan_file import read_plan
from ketaoutcomes.power.design import analyses_of, cells, chunks, families_of
from ketaoutcomes.power.family_summary import summarise_families
from ketaoutcomes.power.replicates import COLUMNS, Job
from ketaoutcomes.power.summary import summarise
from ketaoutcomes.power.workers import run_chunks
from ketaoutcomes.progress import Share
from ketaoutcomes.report.provenance import Provenance
from ketaoutcomes.results import Result, ResultTable
from ketaoutcomes.runs.disk import (
    hash_of,
    parquet_bytes,
    safe_csv_bytes,
)
from ketaoutcomes.runs.provenance import provenance_of
from ketaoutcomes.runs.replacing import PROGRAM, refuse_to_lose, refuse_unwritable, replace_folder
from ketaoutcomes.runs.run_folder import PLAN, REPORT, RESULTS, written_folder

# a folder that is read back, or is of another command, needs no page of power
with imported_when_called(__name__):
    from ketaoutcomes.power.page.page import compose_power_report
    from ketaoutcomes.report.html import page_and_files

Tell = Callable[[str], None]
COMMAND = f"{PROGRAM} power"


@dataclass(frozen=True)
class PowerRequest:
    """What the user asked for; what is None stands in the plan."""

    plan: Path
    out: Path | None = None
    work: Path | None = Path("work")
    """Folder of finished trials; with None nothing is kept."""
    replicates: int | None = None
    subjects: tuple[int, ...] = ()
    workers: int = -1
    cluster: str | None = None
    plan_name: str | None = None
    """What the report calls the plan's file, where it is not that of `plan`."""
    plan_text: str | None = None
    """The plan itself, where it was read already or does not stand in the file `plan`."""


@dataclass(frozen=True)
class PowerOutcome:
    """Where the report is, and which results could not be had."""

    folder: Path
    failures: tuple[str, ...]


@dataclass(frozen=True)
class PowerRun:
    """All that the report of a power simulation is made from."""

    plan: AnalysisPlan
    results: ResultTable
    provenance: Provenance


def run_power(request: PowerRequest, tell: Tell) -> PowerOutcome:
    """Simulate, analyse and report the trials of a plan's `power:` block.

    Raises
    ------
    CommandError, PlanError
        If the folder to write or the plan is at fault, or its data are real.
    """
    written = _read(request, tell)
    folder = request.out or Path("reports") / f"{written[0].study.id}-power"
    refuse_to_lose(folder)
    done = _simulated(request, *written, tell)
    replace_folder(folder, power_files(done))
    return PowerOutcome(folder, done.results.failures)


def simulate_power(request: PowerRequest, tell: Tell) -> PowerRun:
    """Simulate and analyse the trials; no report is written.

    Raises
    ------
    PlanError
        If the plan is at fault, or its data are real.
    """
    return _simulated(request, *_read(request, tell), tell)


def _read(request: PowerRequest, tell: Tell) -> tuple[AnalysisPlan, str]:
    tell(f"reading {request.plan}")
    return read_plan(request.plan, request.plan_text, tell)


def _simulated(request: PowerRequest, written: AnalysisPlan, text: str, tell: Tell) -> PowerRun:
    """Every trial of the grid, and what they sum up to."""
    plan = as_requested(written, request)
    all_chunks = chunks(plan)
    work = None if request.work is None else _work_folder(request.work, plan)
    tell(f"{plan.power.replicates} replicates of {len(cells(plan))} designs")
    done = run_chunks(
        Job(plan), all_chunks, work, request.workers, request.cluster or plan.power.cluster, tell
    )
    tables = {
        cell: pd.concat([done[chunk] for chunk in all_chunks if chunk.cell == cell])
        for cell in cells(plan)
    }
    tell(Share("finding the true values"))
    results = ResultTable(
        (*summarise(plan, tables, _truths(plan)), *summarise_families(plan, tables))
    )
    name = request.plan_name or request.plan.name
    provenance = replace(
        provenance_of(
            name,
            text,
            plan.data.citation,
            _source(plan),
            (),
            models=(plan.analyses[analysis].model for analysis in analyses_of(plan)),
        ),
        command=_command(request, name),
    )
    return PowerRun(plan, results, provenance)


def power_files(done: PowerRun) -> dict[str, bytes]:
    """Page, results, plan and manifest; the same simulation gives the same bytes."""
    frame = done.results.to_frame()
    report = compose_power_report(done.plan, done.results, done.provenance)
    page, saved = page_and_files(report)
    files = {
        REPORT: page,
        "results.csv": safe_csv_bytes(frame),
        RESULTS: parquet_bytes(frame),
        PLAN: done.provenance.plan_text.encode(),
        **saved,
    }
    return written_folder(done.provenance, files)


def as_requested(plan: AnalysisPlan, request: PowerRequest) -> AnalysisPlan:
    """The plan with what the command line says instead."""
    if plan.data.synthetic is None:
        problem = Problem(
            f"{request.plan}, data",
            "a simulated cohort, whose true values are known",
            "files",
            "write `synthetic: {scenario: ..., seed: ...}`",
        )
        raise PlanError("power is simulated from a scenario", (problem,))
    changes: dict[str, object] = {}
    if request.replicates is not None:
        changes["replicates"] = request.replicates
    if request.subjects:
        changes["subjects"] = request.subjects
    block = type(plan.power).model_validate({**plan.power.model_dump(), **changes})
    typical = plan.data.synthetic.model_copy(update={"trial": "typical"})  # `effect` says which
    data = plan.data.model_copy(update={"synthetic": typical})
    asked = plan.model_copy(update={"power": block, "data": data})
    problems = (
        *_nothing_compared(asked, request.plan),
        *_effects_nobody_has(asked, request.plan),
        *_nothing_to_do(asked, request.plan),
    )
    if problems:
        raise PlanError("these trials cannot be simulated", problems)
    return asked


def _nothing_compared(plan: AnalysisPlan, path: Path) -> Iterator[Problem]:
    """Analyses of one arm, which have a precision and no power."""
    for name in analyses_of(plan):
        if not plan.estimands[plan.analyses[name].estimand].treatment.compares:
            yield Problem(
                f"{path}, power.analyses",
                "analyses that compare arms, as power is that of a comparison",
                f"`{name}`, of one arm",
                "for its precision run the plan with other numbers of `subjects` under "
                "`data.synthetic`, and read the width of the interval",
            )


def _effects_nobody_has(plan: AnalysisPlan, path: Path) -> Iterator[Problem]:
    """Analyses of groups that nobody was allocated to, where no effect is to be simulated."""
    names: dict[str, None] = {}
    if "none" in plan.power.effect:
        names |= dict.fromkeys(analyses_of(plan))
    if {"none", "in_turn"} & set(plan.power.effect):
        names |= {
            h.analysis: None for f in families_of(plan).values() for h in f.hypotheses.values()
        }
    for name in names:
        phase = plan.phases[plan.analysis_phase(name)]
        if phase.arms_by is not None:
            yield Problem(
                f"{path}, power.effect",
                "two randomised arms, so that one can be treated as the other",
                f"analysis `{name}` of the levels of `{phase.arms_by}`",
                "write `effect: [scenario]` under `power:`",
            )


def _nothing_to_do(plan: AnalysisPlan, path: Path) -> Iterator[Problem]:
    """Hypotheses that lose their effect in turn, where there is none that can lose it alone."""
    if not cells(plan):
        names = ", ".join(f"`{name}`" for name in plan.power.families)
        yield Problem(
            f"{path}, power.effect",
            "with `in_turn` alone, families that hold hypotheses on several arms or phases",
            f"in {names} all are true or none" if names else "no `families`",
            "add `scenario` or `none` to `effect`",
        )


def _command(request: PowerRequest, name: str) -> str:
    """What to type to make the same report again."""
    words = [COMMAND, name]
    if request.replicates is not None:
        words += ["--replicates", str(request.replicates)]
    if request.subjects:
        words += ["--subjects", *map(str, request.subjects)]
    return " ".join(words)


def _source(plan: AnalysisPlan) -> Source:
    synthetic = plan.data.synthetic
    assert synthetic is not None
    words = f"trials simulated from scenario `{synthetic.scenario}` ({scenario_of(plan).label})"
    return Source("synthetic", words, plan.power.seed)


def _work_folder(above: Path, plan: AnalysisPlan) -> Path:
    """Where the finished trials of a plan are kept."""
    folder = above / "power" / f"{plan.study.id}-{_key(plan)[:16]}"
    refuse_unwritable(folder)
    return folder


def _key(plan: AnalysisPlan) -> str:
    """What a chunk depends on: the plan but for the extent of the grid, version, columns."""
    seen = plan.model_dump(mode="json", exclude={"report": {"baseline_table"}, "study": True})
    for extent in ("replicates", "subjects", "effect", "cluster", "targets"):
        seen["power"].pop(extent)
    seen["scenario"] = scenario_of(plan).model_dump(mode="json")
    seen["version"], seen["columns"] = __version__, COLUMNS
    return hash_of(json.dumps(seen, sort_keys=True).encode())


def _truths(plan: AnalysisPlan) -> dict[str, Result | None]:
    """True value of each analysis at its estimand's visit."""
    names = analyses_of(plan)
    rows = true_values(narrow_plan(plan, names, None))
    truths: dict[str, Result | None] = {}
    for name in names:
        analysis = plan.analyses[name]
        estimand = plan.estimands[analysis.estimand]
        truths[name] = next(
            (
                row
                for row in rows
                if row.estimand == analysis.estimand
                and row.visit in (estimand.visit or "", "")
                and row.statistic == estimand.summary
            ),
            None,
        )
    return truths
