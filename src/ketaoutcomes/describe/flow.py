"""Participant flow: screened, assigned, treated, completed or left, analysed (CONSORT 2025, 22)."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Final

import pandas as pd

from ketaoutcomes.cohort import COMPLETED, TREATMENT_DISCONTINUATION, Cohort, Source
from ketaoutcomes.endpoints.data import EndpointData
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.privacy.counts import (
    ASSESSED,
    DID_NOT_ENTER,
    ENTERED,
    NOT_ENROLLED,
    RECEIVED,
    STOPPED,
)
from ketaoutcomes.results import Result

TABLE = "dst01"
BLOCKS: Final = (
    ("assigned", "completed", "left"),
    (RECEIVED, STOPPED),
    (ENTERED,),
    (DID_NOT_ENTER,),
    ("analysed",),
    ("excluded",),
)
"""Of the rows of a phase; within a block the rows of an arm stand together."""
OTHER_REASONS = "other reasons"
OTHERWISE_OUT = "not in the data that were analysed"


def participant_flow(
    plan: AnalysisPlan, cohort: Cohort, endpoints: Mapping[str, EndpointData]
) -> tuple[Result, ...]:
    """Counts by phase and arm; `group` holds the reason of leaving or the analysis."""
    return (
        *_screening(plan, cohort.source, _entered(plan, cohort)),
        *flow_of_part(plan, cohort, endpoints),
    )


def joined_flow(
    plan: AnalysisPlan, source: Source, parts: Iterable[tuple[Result, ...]]
) -> tuple[Result, ...]:
    """Participant flow of all, from that of parts of the participants; counts add up.

    Parameters
    ----------
    source : Source
        Where all the data came from, with the numbers of screening of all parts.
    parts : iterable of tuple of Result
        What `flow_of_part` gave for each.
    """
    counts: Counter[Result] = Counter()
    for rows in parts:
        for row in rows:
            counts[replace(row, n=None)] += row.n or 0
    summed = [replace(row, n=count) for row, count in counts.items()]
    summed.sort(key=partial(_place, plan))
    first = next(iter(plan.phases))
    entered = sum(r.n or 0 for r in summed if (r.statistic, r.phase) == ("assigned", first))
    return (*_screening(plan, source, entered), *summed)


def _place(plan: AnalysisPlan, row: Result) -> tuple[int, int, int, int, int, str]:
    """Where a row stands among those of all participants."""
    block = next(b for b in BLOCKS if row.statistic in b)
    analyses, arms = [*plan.analyses, ""], [*plan.phases[row.phase].arms, ""]
    return (
        list(plan.phases).index(row.phase),
        analyses.index(row.analysis) if row.analysis else -1,
        BLOCKS.index(block),
        arms.index(row.arm),
        block.index(row.statistic),
        row.group,
    )


def _entered(plan: AnalysisPlan, cohort: Cohort) -> int:
    first = next(iter(plan.phases))
    here = cohort.assignments["phase"] == first
    return int(cohort.assignments.loc[here, "subject"].nunique())


def flow_of_part(
    plan: AnalysisPlan, cohort: Cohort, endpoints: Mapping[str, EndpointData]
) -> tuple[Result, ...]:
    """Participant flow of some of the participants, or of all, without their screening."""
    rows: list[Result] = []
    for phase in plan.phases:
        rows.extend(_phase_rows(plan, cohort, phase))
        rows.extend(_treated(plan, cohort, phase))
        rows.extend(_entered_later(plan, cohort, phase))
        for name, data in endpoints.items():
            if data.phase == phase:
                rows.extend(_analysed(name, data))
    return tuple(rows)


def _screening(plan: AnalysisPlan, source: Source, entered: int) -> Iterator[Result]:
    """How many were assessed before the first phase, and why some did not enter.

    What the plan says comes before what the data hold.
    """
    told = plan.study.screening
    phase = next(iter(plan.phases))
    row = Result(table=TABLE, statistic=ASSESSED, phase=phase)
    if told is not None:
        yield replace(row, n=told.assessed)
        excluded = dict(told.excluded)
    elif source.assessed is not None:
        yield replace(row, n=source.assessed)
        excluded = _reasons_of_enough(source.not_entered, plan.smallest_cell)
        others = source.assessed - sum(excluded.values()) - entered
        excluded |= {OTHERWISE_OUT: others} if others > 0 else {}
    else:
        return
    for reason, count in excluded.items():
        yield replace(row, statistic=NOT_ENROLLED, group=reason, n=count)


def _reasons_of_enough(told: tuple[tuple[str, int], ...], smallest: int) -> dict[str, int]:
    """The reasons with their number; the words of those that few had are not shown."""
    shown = {reason: count for reason, count in told if count >= smallest}
    rest = sum(count for _, count in told) - sum(shown.values())
    return shown | ({OTHER_REASONS: rest} if rest else {})


def _treated(plan: AnalysisPlan, cohort: Cohort, phase: str) -> Iterator[Result]:
    """Those with a dose, a placebo's among them, and those whose treatment ended before its time.

    Where the data do not hold doses or the end of treatment, nothing is said of them; nor of an arm
    without any dose, whose treatment is then not what the file of doses records.
    """
    assigned = cohort.assignments[cohort.assignments["phase"] == phase]
    doses = cohort.exposure[cohort.exposure["phase"] == phase]
    ended = cohort.treatment_end[cohort.treatment_end["phase"] == phase].dropna(subset=["reason"])
    stopped = ended[ended["reason"] != COMPLETED]
    if ended.empty and len(doses):  # a scenario tells it so, also where people only wait
        events = cohort.events[cohort.events["phase"] == phase]
        stopped = events[events["event"] == TREATMENT_DISCONTINUATION].assign(reason="")
    for arm in plan.phases[phase].arms:
        row = Result(table=TABLE, statistic=RECEIVED, phase=phase, arm=arm)
        here = assigned.loc[assigned["arm"] == arm, "subject"]
        treated = int(here.isin(doses["subject"]).sum())
        if treated:
            yield replace(row, n=treated)
        for reason in sorted(set(stopped["reason"])):
            who = stopped.loc[stopped["reason"] == reason, "subject"]
            yield replace(row, statistic=STOPPED, group=reason, n=int(here.isin(who).sum()))


def _phase_rows(plan: AnalysisPlan, cohort: Cohort, phase: str) -> Iterator[Result]:
    """Assigned, completed and left, in each arm."""
    assigned = cohort.assignments[cohort.assignments["phase"] == phase]
    ended = cohort.follow_up[cohort.follow_up["phase"] == phase]
    joined = assigned.merge(ended, on=["subject", "phase"], how="left")
    reasons = sorted(set(joined["reason"].dropna()) - {COMPLETED})
    for arm in plan.phases[phase].arms:
        here = joined[joined["arm"] == arm]
        row = Result(table=TABLE, statistic="assigned", phase=phase, arm=arm)
        yield replace(row, n=len(here))
        if joined["reason"].isna().all():
            continue
        yield replace(row, statistic="completed", n=int((here["reason"] == COMPLETED).sum()))
        for reason in reasons:
            yield replace(
                row, statistic="left", group=reason, n=int((here["reason"] == reason).sum())
            )


def _entered_later(plan: AnalysisPlan, cohort: Cohort, phase: str) -> Iterator[Result]:
    """How many of each arm entered the next phase of the plan that any of them entered."""
    assigned = cohort.assignments
    here = assigned[assigned["phase"] == phase]
    later = list(plan.phases)[list(plan.phases).index(phase) + 1 :]
    for after in later:
        entered = here["subject"].isin(assigned.loc[assigned["phase"] == after, "subject"])
        if entered.any():
            for arm in plan.phases[phase].arms:
                row = Result(table=TABLE, statistic=ENTERED, phase=phase, arm=arm, group=after)
                yield replace(row, n=int(entered[here["arm"] == arm].sum()))
            yield from _stayed_out(plan, cohort, here[~entered], (phase, after))
            return


def _stayed_out(
    plan: AnalysisPlan, cohort: Cohort, others: pd.DataFrame, phases: tuple[str, str]
) -> Iterator[Result]:
    """How many of each arm completed a phase and yet did not enter the next, where that is told."""
    phase, after = phases
    ended = cohort.follow_up[cohort.follow_up["phase"] == phase]
    if ended["reason"].isna().all():
        return
    done = others["subject"].isin(ended.loc[ended["reason"] == COMPLETED, "subject"])
    for arm in plan.phases[phase].arms:
        row = Result(table=TABLE, statistic=DID_NOT_ENTER, phase=phase, arm=arm, group=after)
        yield replace(row, n=int(done[others["arm"] == arm].sum()))


def _analysed(name: str, data: EndpointData) -> Iterator[Result]:
    """Subjects in an analysis, and why others are not."""
    counts = data.frame.groupby("arm")["subject"].nunique()
    row = Result(table=TABLE, statistic="analysed", analysis=name, phase=data.phase)
    for arm in data.arms:
        yield replace(row, arm=arm, n=int(counts.get(arm, 0)))
    for reason, count in data.excluded:
        yield replace(row, statistic="excluded", group=reason, n=count)
