"""What happened before a phase began is history: it is counted, reported and left out."""

from dataclasses import replace
from typing import Any, Final

from ketaoutcomes.cohort import Cohort
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.files import FileRole, name_of
from ketaoutcomes.remarks import Remark

HAPPENINGS: Final[dict[FileRole, str]] = {
    "events": "event",
    "adverse_events": "adverse event",
    "exposure": "dose",
    "costs": "cost",
}
"""File, and frame of a cohort -> what one row of it is."""


def since_the_start(plan: AnalysisPlan, cohort: Cohort) -> Cohort:
    """The cohort without what happened before the first dose of its phase, with words on that.

    Whoever left before the first dose has been followed for no time, and not for less than none.
    """
    frames: dict[str, Any] = {}
    remarks: list[Remark] = []
    for name, unit in HAPPENINGS.items():
        frame = getattr(cohort, name)
        before = frame["day"].astype(float) < 0
        if before.any():
            frames[name] = frame[~before].reset_index(drop=True)
            remarks.append(_left_out(_file(plan, name), unit, int(before.sum())))
    last_day = cohort.follow_up["last_day"].astype(float)
    early = last_day < 0
    if early.any():
        frames["follow_up"] = cohort.follow_up.assign(last_day=last_day.clip(lower=0.0))
        role: FileRole = "follow_up" if "follow_up" in (plan.data.files or {}) else "subjects"
        remarks.append(_left_early(_file(plan, role), int(early.sum()), len(early)))
    remarks += _dated_before(plan, cohort)
    told = (*cohort.source.remarks, *remarks)
    return replace(cohort, **frames, source=replace(cohort.source, remarks=told))


def _file(plan: AnalysisPlan, role: FileRole) -> str:
    source = (plan.data.files or {}).get(role)
    return role if source is None else name_of(source)


def _left_out(file: str, unit: str, count: int) -> Remark:
    what = "What happened before the first dose of the phase is history and is left out: {count}"
    return Remark(what, where=file, count=count, unit=unit)


def _left_early(file: str, count: int, total: int) -> Remark:
    what = "Follow-up of {count} ended before the first dose and counts as 0 days"
    return Remark(what, where=file, count=count, total=total)


def _dated_before(plan: AnalysisPlan, cohort: Cohort) -> tuple[Remark, ...]:
    """Scores of later visits with a day before the first dose, which cannot both be right."""
    baseline = cohort.visits["phase"].map({n: p.baseline_visit for n, p in plan.phases.items()})
    early = (cohort.visits["day"].astype(float) < 0) & (cohort.visits["visit"] != baseline)
    early &= cohort.visits["score"].notna()
    if not early.any():
        return ()
    return (
        Remark(
            "Scores of visits after baseline are dated before the first dose, and are left out of "
            "times to response and relapse: {count}",
            where=_file(plan, "visits"),
            remedy="Correct the day, or the visit's label",
            count=int(early.sum()),
            unit="score",
            gravity="warning",
        ),
    )
