"""The main job, top-down: plan -> cohort -> endpoints -> models -> results -> report -> files."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ketaoutcomes.cohort import Cohort
from ketaoutcomes.cohorts.obtain import narrow_plan, obtain_cohort
from ketaoutcomes.deferred import imported_when_called
from ketaoutcomes.describe.main_result import (
    NO_REASON,
    empty_cells,
    failed_main_result,
    reason_of,
    with_main_results,
)
from ketaoutcomes.describe.standing import unavailable_remarks, with_standing
from ketaoutcomes.describe.units import with_units
from ketaoutcomes.endpoints.data import EndpointData
from ketaoutcomes.endpoints.kept_arms import kept_arm_remarks
from ketaoutcomes.endpoints.strata import strata_remarks
from ketaoutcomes.errors import KetaOutcomesError, unexpected
from ketaoutcomes.families.fitted import Fitted
from ketaoutcomes.families.fitting import derive_endpoint, fit_analysis, import_what_fits
from ketaoutcomes.memory import give_back
from ketaoutcomes.names_in_data import name_remarks
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.estimand_rules import estimand_warnings
from ketaoutcomes.plan.reading.placed import placed
from ketaoutcomes.plan.reading.plan_file import read_plan
from ketaoutcomes.processes import Given, all_done
from ketaoutcomes.progress import Share
from ketaoutcomes.remarks import Remark, merged
from ketaoutcomes.results import WHOLE_TABLE, Result, ResultTable
from ketaoutcomes.runs.provenance import provenance_of
from ketaoutcomes.runs.replacing import refuse_to_lose, replace_folder
from ketaoutcomes.visible import LINES, all_visible, visible

if TYPE_CHECKING:
    from ketaoutcomes.data.frames import Frames
    from ketaoutcomes.endpoints.derive import Derived
    from ketaoutcomes.in_parts import ReadInParts

# what follows a plan that is in order: `validate` needs none of it, and a scenario no files
with imported_when_called(__name__):
    from ketaoutcomes.cohorts.truth import true_values
    from ketaoutcomes.data.parts import number_of_parts
    from ketaoutcomes.hypotheses.multiplicity import multiplicity_results
    from ketaoutcomes.hypotheses.non_inferiority import non_inferiority_results
    from ketaoutcomes.in_parts import fit_in_parts, read_in_parts
    from ketaoutcomes.privacy.labels import (
        LabelCounts,
        label_counts,
        with_terms_pooled,
        without_labels,
    )
    from ketaoutcomes.privacy.suppress import suppress
    from ketaoutcomes.runs.run_folder import Run, run_files
    from ketaoutcomes.second.run import second_checks, shown_checks, with_checks

Tell = Callable[[str], None]

TRUTH: Final = "trut01"
"""The table of the true values."""

FINDING: Final = "finding the true values"

STEPS_AFTER: Final = (FINDING, "checking numbers by a second program", "writing the report")
"""Steps that take about as long as an analysis."""


@dataclass(frozen=True)
class Request:
    """What the user asked for."""

    plan: Path
    data_folder: Path | None = None
    out: Path | None = None
    only: tuple[str, ...] = ()
    seed: int | None = None
    dry_run: bool = False
    jobs: int = 1
    """How many analyses are done at a time, each in a process of its own."""
    word: bool = False
    rtf: bool = False
    plan_name: str | None = None
    """What the report calls the plan's file, where it is not that of `plan`."""
    plan_text: str | None = None
    """The plan itself, where it was read already or does not stand in the file `plan`."""
    frames: "Frames | None" = None
    """The data themselves, where they do not stand in files."""
    cluster: str | None = None
    """A Dask scheduler, or "local", that reads data in parts."""


@dataclass(frozen=True)
class Outcome:
    """What came of it: where the report is, what was run, which results could not be had."""

    folder: Path
    agenda: tuple[str, ...]
    failures: tuple[str, ...]


@dataclass(frozen=True)
class Prepared:
    """A plan with its cohort and the endpoint of each analysis."""

    plan: AnalysisPlan
    plan_text: str
    cohort: Cohort
    data_hashes: tuple[tuple[str, str], ...]
    endpoints: dict[str, EndpointData]
    remarks: tuple[Remark, ...] = ()
    """What was left out, ignored or presumed on the way to the endpoints."""
    not_derived: Mapping[str, str] = field(default_factory=dict)
    """The analyses whose endpoint an unexpected error stopped, with the reason."""
    in_parts: "ReadInParts | None" = None
    """What is left of data that did not fit into the memory; there are then no endpoints."""


def run(request: Request, tell: Tell) -> Outcome:
    """Run a plan and write its report.

    Raises
    ------
    CommandError, PlanError, DataError
        If the folder to write, the plan or the data are at fault; nothing is then written.
    """
    written = _read(request, tell)
    folder = request.out or Path("reports") / written[0].study.id
    if not request.dry_run:
        refuse_to_lose(folder)
    prepared = _prepared(request, *written, tell)
    plan = prepared.plan
    if request.dry_run:
        return Outcome(folder, agenda_of(plan), ())
    done = analyse(request, prepared, tell)
    _tell_step(plan, 2, tell)
    made = run_files(done, word=request.word, rtf=request.rtf)
    replace_folder(folder, made.files)
    return Outcome(folder, agenda_of(plan), (*done.results.failures, *made.failures))


def prepare(request: Request, tell: Tell) -> Prepared:
    """Read the plan, obtain its cohort and derive its endpoints."""
    return _prepared(request, *_read(request, tell), tell)


def _read(request: Request, tell: Tell) -> tuple[AnalysisPlan, str]:
    tell(f"reading {request.plan}")
    return read_plan(request.plan, request.plan_text, tell)


def _prepared(request: Request, whole_plan: AnalysisPlan, plan_text: str, tell: Tell) -> Prepared:
    """The cohort of a plan and the endpoints of the analyses that were asked for."""
    plan = narrow_plan(whole_plan, request.only, request.seed)
    for warning in estimand_warnings(plan):
        tell(f"warning: {warning}")
    tell("obtaining the cohort")
    try:
        given = request.frames or request.data_folder
        beside = request.plan.parent if plan.data.synthetic is None else None
        read = _in_parts(request, plan, whole_plan, tell)
        if read is not None:
            return Prepared(
                plan, plan_text, read.cohort, read.hashes, {}, read.remarks, in_parts=read
            )
        cohort, data_hashes = obtain_cohort(plan, given or beside)
        named = name_remarks(plan, cohort, whole_plan)
        give_back()
        tell("deriving endpoints")
        endpoints, not_derived = _derived(plan, cohort)
        give_back()
    except KetaOutcomesError as error:
        raise placed(error, request.plan, plan_text) from None
    derived = (
        remark.of(name)
        for name, data in endpoints.items()
        for remark in (
            *data.remarks,
            *strata_remarks(plan, name, data),
            *empty_cells(plan, name, data, cohort),
        )
    )
    kept = kept_arm_remarks(plan, cohort)
    remarks = merged((*cohort.source.remarks, *named, *kept, *derived))
    _tell_remarks(remarks, tell, 1 if request.dry_run else plan.smallest_cell)
    return Prepared(plan, plan_text, cohort, data_hashes, endpoints, remarks, not_derived)


def _derived(plan: AnalysisPlan, cohort: Cohort) -> tuple[dict[str, EndpointData], dict[str, str]]:
    """The endpoint of each analysis; of those that an unexpected error stopped, the reason."""
    endpoints: dict[str, EndpointData] = {}
    stopped: dict[str, str] = {}
    shared: Derived = {}
    for name in plan.analyses:
        try:
            endpoints[name] = derive_endpoint(plan, name, cohort, shared)
        except KetaOutcomesError:
            raise
        except Exception as error:  # noqa: BLE001 - one analysis never takes another down
            stopped[name] = unexpected(error)
    return endpoints, stopped


def analyse(request: Request, prepared: Prepared, tell: Tell) -> "Run":
    """Fit the models and describe the cohort; nothing is written."""
    from ketaoutcomes.describe.describe import DESCRIPTIONS  # noqa: PLC0415 - slow to import

    plan, cohort, endpoints = prepared.plan, prepared.cohort, prepared.endpoints
    truth = partial(_part, TRUTH, partial(_true_values, plan))
    fitted, found_beside = _fitted_together(prepared, truth, request.jobs, tell)
    told = merged(remark.of(fit.analysis) for fit in fitted for remark in fit.remarks)
    _tell_remarks(told, tell, plan.smallest_cell)
    records = tuple(fit.record for fit in fitted if fit.record is not None)
    found = (row for fit in fitted for row in fit.results)
    rows = with_main_results(plan, endpoints, cohort, found)
    if found_beside is None:
        if plan.data.asks_truth:
            _tell_step(plan, 0, tell)
        found_beside = truth()
    named = plan.safety.rare_events if plan.safety is not None else ()
    shared = with_terms_pooled(cohort, plan.smallest_cell, named)
    read = prepared.in_parts
    described = (
        (*read.flow,)
        if read
        else tuple(
            row
            for table, make in DESCRIPTIONS.items()
            for row in _part(table, partial(make, plan, shared, endpoints))
        )
    )
    every = (
        *described,
        *rows,
        *_part("multt01", lambda: multiplicity_results(plan, rows, records)),
        *_part("nint01", lambda: non_inferiority_results(plan, rows)),
        *found_beside,
    )
    standing = with_standing(plan, with_units(plan, every))
    if plan.check != "none" and not read:
        give_back()
        _tell_step(plan, 1, tell)
    # a second program that counts participants needs their rows
    countable = [row for row in standing if not read or row.table not in DESCRIPTIONS]
    checked = second_checks(plan, cohort, endpoints, tuple(countable))
    labels = read.labels if read else label_counts(cohort, plan.smallest_cell)
    rare = labels.under(plan.smallest_cell)
    results = ResultTable(without_labels(with_checks(standing, checked.checks), rare))
    lacking = merged((*unavailable_remarks(results.rows), *checked.remarks))
    _tell_remarks(lacking, tell, plan.smallest_cell)
    for row in results.cautions:
        tell(f"warning: {row.id}: {row.message}")
    if plan.smallest_cell > 1:
        tell(f"hiding counts under {plan.smallest_cell}")
    keep, hidden = plan.report.keep, LabelCounts()
    shown = suppress(cohort, results, records, plan.smallest_cell, keep, hidden)
    done = merged((*prepared.remarks, *told, *lacking, *shown.remarks))
    provenance = provenance_of(
        request.plan_name or request.plan.name,
        prepared.plan_text,
        plan.data.citation,
        cohort.source,
        prepared.data_hashes,
        request.only,
        request.seed,
        tuple(r.shown(plan.smallest_cell) for r in done),
        (analysis.model for analysis in plan.analyses.values()),
    )
    public = _in_visible_words(shown.results)
    checks = shown_checks(checked.checks, public.rows)
    return Run(plan, public, shown.records, provenance, checks)


def _in_visible_words(results: ResultTable) -> ResultTable:
    """The results, in whose words every acting character of the data is spelled out."""
    words = "".join(f"{row.group}{row.visit}{row.message}{row.method}" for row in results.rows)
    return results if visible(words, LINES) == words else all_visible(results)


def _in_parts(
    request: Request, plan: AnalysisPlan, whole_plan: AnalysisPlan, tell: Tell
) -> "ReadInParts | None":
    """Real data that do not fit into the memory, read in parts; None where they fit."""
    if request.frames is not None or (plan.data.files is None and plan.data.parts is None):
        return None
    folder = request.data_folder or request.plan.parent
    number = number_of_parts(plan, folder)
    if number == 1:
        return None
    read = read_in_parts(plan, whole_plan, folder, number, request.cluster, tell)
    _tell_remarks(read.remarks, tell, 1 if request.dry_run else plan.smallest_cell)
    return read


def _fitted_together(
    prepared: Prepared, truth: Callable[[], tuple[Result, ...]], jobs: int, tell: Tell
) -> tuple[list[Fitted], tuple[Result, ...] | None]:
    """Every analysis done; and the true values, where several processes work at a time.

    These take longest where they are not kept, so that they are begun first.
    """
    plan = prepared.plan
    steps = len(plan.analyses) + len(STEPS_AFTER)
    words = {
        name: Share(f"fitting {name} ({analysis.model})", place, steps)
        for place, (name, analysis) in enumerate(plan.analyses.items())
    }
    if jobs > 1:
        import_what_fits(plan)
    beside = jobs > 1 and plan.data.asks_truth
    work: dict[str, Callable[[], Any]] = {TRUTH: truth} if beside else {}
    work |= {name: partial(_fitted, prepared, name) for name in plan.analyses}
    given = all_done(work, jobs, lambda name: tell(words.get(name, FINDING)))
    found = given.pop(TRUTH, None)
    fitted = [_or_failed(prepared, name, given[name]) for name in plan.analyses]
    return fitted, None if found is None else _part(TRUTH, found.taken)


def _true_values(plan: AnalysisPlan) -> tuple[Result, ...]:
    """The true values, where the plan asks for them."""
    return true_values(plan, each_strategy=True) if plan.data.asks_truth else ()


def _or_failed(prepared: Prepared, name: str, given: Given[Fitted]) -> Fitted:
    """An analysis done, or failed because its process was killed."""
    if not isinstance(given.error, ChildProcessError):
        return given.taken()
    return Fitted(name, (failed_main_result(prepared.plan, name, unexpected(given.error)),))


def _fitted(prepared: Prepared, name: str) -> Fitted:
    """One analysis done; whatever goes wrong in it is its own failure, and no other's."""
    plan, read = prepared.plan, prepared.in_parts
    reason = prepared.not_derived.get(name)
    if reason is None:
        try:
            if read is not None:
                return fit_in_parts(plan, name, read)
            return fit_analysis(plan, name, prepared.endpoints[name])
        except KetaOutcomesError:
            raise
        except Exception as error:  # noqa: BLE001 - one analysis never takes another down
            reason = _reason(prepared, name, error)
        finally:
            give_back()
    return Fitted(name, (failed_main_result(plan, name, reason),))


def _reason(prepared: Prepared, name: str, error: Exception) -> str:
    """Why an analysis failed: what its arms lack, or else the error in plain words."""
    lack = reason_of(prepared.plan, name, prepared.endpoints.get(name), prepared.cohort)
    return unexpected(error) if lack == NO_REASON else lack


def _part(table: str, make: Callable[[], tuple[Result, ...]]) -> tuple[Result, ...]:
    """The rows of one table, or a failed row that says why it could not be made."""
    try:
        return make()
    except KetaOutcomesError:
        raise
    except Exception as error:  # noqa: BLE001 - one table never takes another down
        message = unexpected(error, "this table")
        return (Result(table=table, statistic=WHOLE_TABLE, status="failed", message=message),)


def _tell_step(plan: AnalysisPlan, place: int, tell: Tell) -> None:
    """That one of the steps after the analyses begins."""
    done = len(plan.analyses)
    tell(Share(STEPS_AFTER[place], done + place, done + len(STEPS_AFTER)))


def _tell_remarks(remarks: tuple[Remark, ...], tell: Tell, smallest: int) -> None:
    """As the report tells them: what a run writes to a terminal is often kept in a log.

    A check of the data, before any report, tells every count.
    """
    for remark in remarks:
        tell(f"{remark.gravity}: {remark.shown(smallest).sentence(smallest)}")


def agenda_of(plan: AnalysisPlan) -> tuple[str, ...]:
    """One line an analysis."""
    return tuple(
        f"{name}: {analysis.model} for estimand {analysis.estimand} ({analysis.role})"
        for name, analysis in plan.analyses.items()
    )
