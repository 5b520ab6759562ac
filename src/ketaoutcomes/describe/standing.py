"""Results that could not be had: those that the plan asked for, and those that come along.

A plan asks for the main result of each analysis, for what it names (milestones, contrasts,
subgroups, hypotheses, a margin), and for nothing else. A failure of what it asked for is a failure
of the run. A check or a further estimate that the software adds is then "unavailable": its place
on the page says why, and the run stands.
"""

from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from typing import Final

from ketaoutcomes.families.registry import families, main_results, model_of
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.remarks import Remark
from ketaoutcomes.results import WHOLE_TABLE, Result

HYPOTHESES: Final = ("nint01", "multt01")
"""Tables of margins and of families of hypotheses, which a plan names."""


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
    if row.table in _named_tables() or row.statistic == WHOLE_TABLE:
        return True
    if row.analysis not in plan.analyses:
        return False
    return row.analysis not in estimated or _is_main(plan, row) or _is_named(plan, row)


@cache
def _named_tables() -> frozenset[str]:
    """Tables of what a plan names: margins, hypotheses, contrasts, subgroups, factors, shifts."""
    return frozenset((*HYPOTHESES, *(name for each in families() for name in each.named_tables)))


def _is_named(plan: AnalysisPlan, row: Result) -> bool:
    """Whether the plan names what a row of a model holds."""
    analysis = plan.analyses[row.analysis]
    asked = model_of(analysis).asked
    return asked is not None and asked(analysis, row)


def _is_main(plan: AnalysisPlan, row: Result) -> bool:
    """Whether a row holds the estimand's summary, at its visit and between its arms."""
    if row.analysis not in plan.analyses:
        return False
    analysis = plan.analyses[row.analysis]
    described_in = model_of(analysis).described_in
    if described_in:
        return row.table == described_in
    estimand = plan.estimands[analysis.estimand]
    return (
        row.table not in _named_tables()
        and row.statistic == main_results()[estimand.summary][1]
        and row.visit in ("", estimand.visit)
        and row.arm in ("", *estimand.treatment.arms)
        and row.reference in ("", estimand.treatment.reference)
    )


def _is_estimated_main(plan: AnalysisPlan, row: Result) -> bool:
    return row.estimate is not None and _is_main(plan, row)
