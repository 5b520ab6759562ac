"""The main job, top-down: plan -> cohort -> endpoints -> models -> results -> report -> files."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ketaoutcomes.compose.report import compose_report
from ketaoutcomes.derive.endpoint import derive_endpoint
from ketaoutcomes.disk import write_folder
from ketaoutcomes.estimate.describe import describe
from ketaoutcomes.fit.analysis import fit_analysis
from ketaoutcomes.obtain import narrow_plan, obtain_cohort, true_values
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.provenance import provenance_of, report_files
from ketaoutcomes.read.plan_file import read_plan
from ketaoutcomes.render.html import render_html
from ketaoutcomes.results import ResultTable

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Request:
    """What the user asked for."""

    plan: Path
    data_folder: Path | None = None
    out: Path | None = None
    only: tuple[str, ...] = ()
    seed: int | None = None
    dry_run: bool = False


@dataclass(frozen=True)
class Outcome:
    """What came of it: where the report is, what was run, which results could not be had."""

    folder: Path
    agenda: tuple[str, ...]
    failures: tuple[str, ...]


def run(request: Request, tell: Tell) -> Outcome:
    """Run a plan.

    Raises
    ------
    PlanError, DataError
        If the plan or the data are at fault; nothing is then written.
    """
    tell(f"reading {request.plan}")
    whole_plan, plan_text = read_plan(request.plan)
    plan = narrow_plan(whole_plan, request.only, request.seed)
    folder = request.out or Path("reports") / plan.study.id
    tell("obtaining the cohort")
    cohort, data_hashes = obtain_cohort(plan, request.data_folder or request.plan.parent)
    tell("deriving endpoints")
    endpoints = {name: derive_endpoint(plan, name, cohort) for name in plan.analyses}
    if request.dry_run:
        return Outcome(folder, _agenda(plan), ())
    fitted = []
    for name, endpoint in endpoints.items():
        tell(f"fitting {name} ({plan.analyses[name].model})")
        fitted.append(fit_analysis(plan, name, endpoint))
    tell("finding the true values")
    results = ResultTable(
        (
            *describe(plan, cohort, endpoints),
            *(row for fit in fitted for row in fit.results),
            *true_values(plan),
        )
    )
    tell("writing the report")
    records = tuple(fit.record for fit in fitted if fit.record is not None)
    provenance = provenance_of(request.plan.name, plan_text, plan, cohort.source, data_hashes)
    html = render_html(compose_report(plan, results, records, provenance))
    write_folder(folder, report_files(html, results, provenance))
    return Outcome(folder, _agenda(plan), _failures(results))


def _agenda(plan: AnalysisPlan) -> tuple[str, ...]:
    """One line an analysis."""
    return tuple(
        f"{name}: {analysis.model} for estimand {analysis.estimand} ({analysis.role})"
        for name, analysis in plan.analyses.items()
    )


def _failures(results: ResultTable) -> tuple[str, ...]:
    return tuple(f"{row.id}: {row.message}" for row in results.rows if row.status == "failed")
