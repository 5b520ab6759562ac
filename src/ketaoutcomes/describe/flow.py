"""Participant flow: assigned, completed or left, and analysed (CONSORT 2010, item 13)."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from ketaoutcomes.cohort import COMPLETED, Cohort
from ketaoutcomes.endpoints.data import EndpointData
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.privacy.counts import ENTERED
from ketaoutcomes.results import Result

TABLE = "dst01"


def participant_flow(
    plan: AnalysisPlan, cohort: Cohort, endpoints: Mapping[str, EndpointData]
) -> tuple[Result, ...]:
    """Counts by phase and arm; `group` holds the reason of leaving or the analysis."""
    rows: list[Result] = []
    for phase in plan.phases:
        rows.extend(_phase_rows(plan, cohort, phase))
        rows.extend(_entered_later(plan, cohort, phase))
        for name, data in endpoints.items():
            if data.phase == phase:
                rows.extend(_analysed(name, data))
    return tuple(rows)


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
                yield Result(
                    table=TABLE,
                    statistic=ENTERED,
                    phase=phase,
                    arm=arm,
                    group=after,
                    n=int(entered[here["arm"] == arm].sum()),
                )
            return


def _analysed(name: str, data: EndpointData) -> Iterator[Result]:
    """Subjects in an analysis, and why others are not."""
    counts = data.frame.groupby("arm")["subject"].nunique()
    row = Result(table=TABLE, statistic="analysed", analysis=name, phase=data.phase)
    for arm in data.arms:
        yield replace(row, arm=arm, n=int(counts.get(arm, 0)))
    for reason, count in data.excluded:
        yield replace(row, statistic="excluded", group=reason, n=count)
