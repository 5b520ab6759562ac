"""Every analysis of the plan has its main result, or a failed row with the reason in its place."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ketaoutcomes.cohort import Cohort
from ketaoutcomes.endpoints.data import BinaryData, ChangeData, CrossoverData, EndpointData
from ketaoutcomes.families.registry import main_results, model_of
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.remarks import Remark
from ketaoutcomes.results import Result

NO_REASON: Final = "the analysis gave no estimate of this comparison"
UNTOLD: Final = ("ok", "warning")


def with_main_results(
    plan: AnalysisPlan,
    endpoints: Mapping[str, EndpointData],
    cohort: Cohort,
    rows: Iterable[Result],
) -> tuple[Result, ...]:
    """The rows of all analyses, and a failed one for each main result that is not among them.

    Parameters
    ----------
    endpoints : mapping
        What each analysis was fitted to, from which the reason is found.
    """
    known = tuple(rows)
    complete = list(known)
    for name in plan.analyses:
        main = [row for row in known if is_main(plan, name, row)]
        empty = [row for row in main if row.estimate is None and row.status in UNTOLD]
        if main and len(empty) < len(main):
            continue
        reason = reason_of(plan, name, endpoints.get(name), cohort)
        if not main:
            complete.append(failed_main_result(plan, name, reason))
        elif not model_of(plan.analyses[name]).statistic:
            places = {row.id: place for place, row in enumerate(complete)}
            for row in empty:
                failed = replace(row, status="failed", message=row.message or reason)
                complete[places[row.id]] = failed
    return tuple(complete)


def is_main(plan: AnalysisPlan, name: str, row: Result) -> bool:
    """Whether a row is the number that an analysis is there for."""
    analysis = plan.analyses[name]
    if row.analysis != name or row.table.startswith("tru"):
        return False
    model = model_of(analysis)
    if model.described_in:  # it describes all arms together
        return row.table == model.table
    estimand = plan.estimands[analysis.estimand]
    statistic = model.statistic or main_results()[estimand.summary][1]
    compared = (statistic, estimand.treatment.active, estimand.treatment.reference)
    return (row.statistic, row.arm, row.reference) == compared and (
        estimand.visit is None or row.visit in (estimand.visit, "")
    )


def failed_main_result(plan: AnalysisPlan, name: str, reason: str) -> Result:
    """The row that stands where an analysis has no main result."""
    analysis = plan.analyses[name]
    estimand = plan.estimands[analysis.estimand]
    model = model_of(analysis)
    table, statistic = main_results()[estimand.summary]
    of_proportions = model.table_of_proportions if "proportion" in estimand.summary else ""
    return Result(
        table=of_proportions or model.table or table,
        statistic=model.statistic or statistic,
        analysis=name,
        role=analysis.role,
        estimand=analysis.estimand,
        endpoint=estimand.endpoint,
        phase=plan.analysis_phase(name),
        visit=estimand.visit or "",
        arm=estimand.treatment.active,
        reference=estimand.treatment.reference,
        status="failed",
        message=reason,
    )


def reason_of(plan: AnalysisPlan, name: str, data: EndpointData | None, cohort: Cohort) -> str:
    """Why there is nothing to compare: which arm lacks what."""
    if data is None:
        return NO_REASON
    estimand = plan.estimands[plan.analyses[name].estimand]
    labels = plan.phases[data.phase].arms
    reasons = [
        lack.format(arm=labels.get(arm, arm))
        for arm in estimand.treatment.arms
        for lack in _lacks(plan, data, arm, (estimand.visit,), cohort)
    ]
    return "; ".join(reasons) or NO_REASON


def empty_cells(
    plan: AnalysisPlan, name: str, data: EndpointData, cohort: Cohort
) -> tuple[Remark, ...]:
    """Which arms have nobody at all in an analysis, or no score at some visits.

    Visits at which the same arms lack scores are told together. Where nobody in any arm has one,
    the scale was not due there, and the remark is a note.
    """
    remarks = []
    silent: dict[str, list[str]] = {}
    labels = plan.phases[data.phase].arms
    for arm in plan.estimands[plan.analyses[name].estimand].treatment.arms:
        label = labels.get(arm, arm)
        lacks = _lacks(plan, data, arm, (), cohort)
        remarks += [Remark(lack.format(arm=label), gravity="warning") for lack in lacks]
        for visit in () if lacks else _silent_visits(data, arm):
            silent.setdefault(visit, []).append(label)
    not_due = set(_silent_visits(data, None))
    by_arms: dict[tuple[str, ...], list[str]] = {}
    for visit, lacking in silent.items():
        by_arms.setdefault(() if visit in not_due else tuple(lacking), []).append(visit)
    for some, visits in by_arms.items():
        who = f" in {either(some)}" if some else ""
        words = f"No participant{who} has a score at {either(visits)}"
        remarks.append(Remark(words, gravity="warning" if some else "note"))
    return tuple(remark.of(name) for remark in remarks)


def _silent_visits(data: EndpointData, arm: str | None) -> tuple[str, ...]:
    """The visits of scores at which nobody in an arm, or in any, has one."""
    if not isinstance(data, ChangeData | CrossoverData | BinaryData):
        return ()
    scored = _scored(data, None if arm is None else (data.frame["arm"] == arm).to_numpy())
    return tuple(visit for visit in data.visits if visit and visit not in scored)


def _scored(
    data: ChangeData | CrossoverData | BinaryData, among: NDArray[np.bool_] | None
) -> set[str]:
    """The visits at which somebody among these rows has an outcome."""
    known = data.frame["outcome" if isinstance(data, BinaryData) else "change"].notna().to_numpy()
    return set(data.frame["visit"].to_numpy()[known if among is None else known & among])


def either(words: Iterable[str]) -> str:
    """`a, b or c`."""
    *first, final = words
    return f"{', '.join(first)} or {final}" if first else final


def _lacks(
    plan: AnalysisPlan,
    data: EndpointData,
    arm: str,
    visits: tuple[str | None, ...],
    cohort: Cohort,
) -> tuple[str, ...]:
    """What nobody in an arm has: anything at all, or a score at some of these visits."""
    of_arm = (data.frame["arm"] == arm).to_numpy()
    if not of_arm.any():
        return (_why_none(plan, data, arm, cohort),)
    if not isinstance(data, ChangeData | CrossoverData | BinaryData):
        return ()
    scored = _scored(data, of_arm)
    if not scored:
        return ("No participant in {arm} has a score after baseline",)
    missed = (visit for visit in visits if visit and visit not in scored)
    return tuple(f"No participant in {{arm}} has a score at {visit}" for visit in missed)


def _why_none(plan: AnalysisPlan, data: EndpointData, arm: str, cohort: Cohort) -> str:
    """Why an arm has nobody in an analysis."""
    assigned = cohort.assignments
    members = assigned.loc[(assigned["phase"] == data.phase) & (assigned["arm"] == arm), "subject"]
    if members.empty:
        return "No participant was assigned to {arm}"
    scale = getattr(data, "scale", None)
    if scale is not None:
        visits = cohort.visits
        scored = visits[
            (visits["phase"] == data.phase)
            & (visits["scale"] == scale)
            & visits["score"].notna()
            & visits["subject"].isin(members)
        ]
        first = scored["visit"] == plan.phases[data.phase].baseline_visit
        for seen, words in ((first, "a baseline score"), (~first, "a score after baseline")):
            if not seen.any():
                return f"No participant in {{arm}} has {words}"
        if not set(scored.loc[first, "subject"]) & set(scored.loc[~first, "subject"]):
            return "No participant in {arm} has both a baseline score and a later score"
    reasons = " or ".join(reason for reason, _ in data.excluded)
    return f"No participant in {{arm}} is in the analysis{f': {reasons}' if reasons else ''}"
