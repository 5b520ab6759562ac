"""Results that could not be had: those that the plan asked for, and those that come along.

A plan asks for the main result of each analysis, for what it names (milestones, contrasts,
subgroups, hypotheses, a margin), and for nothing else. A failure of what it asked for is a failure
of the run. A check or a further estimate that the software adds is then "unavailable": its place
on the page says why, and the run stands.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

from ketaoutcomes.families.crossover.plan import CrossoverAnalysis
from ketaoutcomes.families.recurrent_events.plan import RecurrentEventsAnalysis
from ketaoutcomes.families.registry import main_results
from ketaoutcomes.families.trajectories.plan import TrajectoryAnalysis
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.analyses import Analysis
from ketaoutcomes.remarks import Remark
from ketaoutcomes.results import WHOLE_TABLE, Result

NAMED_TABLES: Final = frozenset({"nint01", "multt01", "mmrmt03", "subt01", "ttet03", "tipt01"})
"""Tables of what a plan names: margins, hypotheses, contrasts, subgroups, factors, shifts."""

ADDED_TO_TIMES: Final = frozenset(
    {
        *("log-rank test", "proportional hazards test", "hazard ratio"),
        *("restricted mean", "difference in restricted means", "ratio of restricted means"),
        *("difference in restricted means (adjusted)", "ratio of restricted means (adjusted)"),
    }
)
"""What an analysis of a time to event adds to the estimand's summary, unasked."""


def with_standing(plan: AnalysisPlan, rows: Iterable[Result]) -> tuple[Result, ...]:
    """The rows; a failed one that the plan did not ask for becomes "unavailable"."""
    every = tuple(rows)
    estimated = {row.analysis for row in every if _is_estimated_main(plan, row)}
    return tuple(
        replace(row, status="unavailable")
        if row.status == "failed" and not _asked_for(plan, row, estimated)
        else row
        for row in every
    )


def unavailable_remarks(rows: Iterable[Result]) -> tuple[Remark, ...]:
    """What came along and could not be had, each with its reason."""
    return tuple(
        Remark(
            f"The {row.statistic}{_of_what(row)} could not be computed: {row.message}",
            analyses=(row.analysis,) if row.analysis else (),
        )
        for row in rows
        if row.status == "unavailable"
    )


def _of_what(row: Result) -> str:
    parts = [part for part in (row.visit, row.group if row.analysis else "") if part]
    return f" ({', '.join(parts)})" if parts else ""


def _asked_for(plan: AnalysisPlan, row: Result, estimated: set[str]) -> bool:
    """Whether the plan asked for a row; without the main result every failure tells why.

    A whole table that an unexpected error stopped is a failure, whoever asked for it.
    """
    if row.table in NAMED_TABLES or row.statistic == WHOLE_TABLE:
        return True
    if row.analysis not in plan.analyses:
        return False
    return row.analysis not in estimated or _is_main(plan, row) or _is_named(plan, row)


def _is_named(plan: AnalysisPlan, row: Result) -> bool:
    """Whether the plan names what a row of a model holds."""
    analysis = plan.analyses[row.analysis]
    match row.table:
        case "ttet01":
            return row.statistic not in ADDED_TO_TIMES or _has_a_group(row)
        case "cift01":
            return row.n_events != 0  # a kind of event that nobody had cannot be compared
        case "crot01":
            return row.statistic == "carry-over" and _says(
                analysis, CrossoverAnalysis, "carry_over"
            )
        case "rect01":
            return _says(analysis, RecurrentEventsAnalysis, "models")
        case "trjt01":
            return _says(analysis, TrajectoryAnalysis, "classes")
    return False


def _has_a_group(row: Result) -> bool:
    """A hazard ratio of a period, which a plan names; not the test of a term of the model."""
    return bool(row.group) and row.statistic == "hazard ratio"


def _says(analysis: Analysis, kind: type, key: str) -> bool:
    """Whether the plan writes a key that has a default."""
    return isinstance(analysis, kind) and key in analysis.model_fields_set


def _is_main(plan: AnalysisPlan, row: Result) -> bool:
    """Whether a row holds the estimand's summary, at its visit and between its arms."""
    if row.analysis not in plan.analyses:
        return False
    analysis = plan.analyses[row.analysis]
    if isinstance(analysis, TrajectoryAnalysis):  # it describes: the classes are its result
        return row.table == "trjt02"
    estimand = plan.estimands[analysis.estimand]
    return (
        row.table not in NAMED_TABLES
        and row.statistic == main_results()[estimand.summary][1]
        and row.visit in ("", estimand.visit)
        and row.arm in ("", *estimand.treatment.arms)
        and row.reference in ("", estimand.treatment.reference)
    )


def _is_estimated_main(plan: AnalysisPlan, row: Result) -> bool:
    return row.estimate is not None and _is_main(plan, row)
