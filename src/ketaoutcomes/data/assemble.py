"""Mapped tables that keep the contract, put together as the frames of a cohort."""

from collections.abc import Iterator
from typing import Final

import numpy as np
import pandas as pd

from ketaoutcomes.cohort import (
    ASSIGNMENT_COLUMNS,
    COMPLETED,
    EVENT_COLUMNS,
    FOLLOW_UP_COLUMNS,
    NOT_YET,
    TIME_COLUMNS,
    TREATMENT_DISCONTINUATION,
    VISIT_COLUMNS,
    Cohort,
    Source,
    empty_frame,
)
from ketaoutcomes.data.assemble_harms import (
    adverse_events,
    costs,
    deaths,
    exposure,
    harm_remarks,
)
from ketaoutcomes.data.mapping import MappedTable, is_number, numbers
from ketaoutcomes.data.measured import laboratory
from ketaoutcomes.data.values.days import as_days, days_since_first_dose, with_planned_hour
from ketaoutcomes.data.values.indicators import NO, YES, folded
from ketaoutcomes.data.values.time_units import unit_of_times
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.files import FileRole
from ketaoutcomes.plan.study import HOURS_PER_DAY
from ketaoutcomes.remarks import Remark

Tables = dict[FileRole, MappedTable]

COVARIATE_FILES: Final[tuple[FileRole, ...]] = (
    "subjects",
    "assignments",
    "times",
    "visits",
    "events",
)
"""Where a covariate is looked for; the first file that holds it is taken."""


def assemble_cohort(plan: AnalysisPlan, tables: Tables, remarks: tuple[Remark, ...] = ()) -> Cohort:
    """The cohort of tables that keep the contract, with what a report must say of its making."""
    visits, of_days = _visits(plan, tables)
    measured, of_tests = laboratory(tables, plan)
    harms = harm_remarks(tables.get("adverse_events"))
    remarks = (*remarks, *of_days, *_repeated_events(plan, tables), *harms, *of_tests)
    return Cohort(
        subjects=_subjects(plan, tables),
        assignments=_sorted(assigned_arms(tables), ASSIGNMENT_COLUMNS),
        visits=visits,
        events=_events(plan, tables),
        follow_up=_follow_up(plan, tables),
        times=_times(plan, tables),
        source=_source(plan, (*remarks, *_discontinuation_remarks(plan, tables))),
        adverse_events=adverse_events(tables.get("adverse_events"), plan.data),
        exposure=exposure(tables.get("exposure"), plan.data),
        costs=costs(tables.get("costs"), plan.data),
        treatment_end=_treatment_end(plan, tables),
        deaths=deaths(tables.get("subjects")),
        laboratory=measured,
    )


def assigned_arms(tables: Tables) -> pd.DataFrame:
    """Every `subject, phase, arm` that a file tells, once each."""
    told = [
        table.frame[list(ASSIGNMENT_COLUMNS)]
        for table in tables.values()
        if table.has(*ASSIGNMENT_COLUMNS)
    ]
    if not told:
        return empty_frame(ASSIGNMENT_COLUMNS)
    return pd.concat(told, ignore_index=True).dropna().drop_duplicates(ignore_index=True)


def covariate_table(name: str, tables: Tables) -> MappedTable | None:
    """The file that a covariate is taken from."""
    holding = (tables[role] for role in COVARIATE_FILES if role in tables)
    return next((table for table in holding if table.has("subject", name)), None)


def in_intervals(table: MappedTable) -> bool:
    """Whether rows are intervals of observation, between which a covariate may change."""
    return table.role == "times" and table.has("entry")


def happened(times: pd.DataFrame) -> pd.Series:
    """Whether the event occurred in each row of a times file."""
    if "occurred" in times:
        return folded(times["occurred"]).isin(YES)
    if "censored" in times:
        return folded(times["censored"]).isin(NO)
    return pd.Series(data=False, index=times.index)


def with_baseline_rows(table: MappedTable, plan: AnalysisPlan) -> pd.DataFrame:
    """Scores as text in long form: a baseline kept in a column becomes rows at the baseline visit.

    A row at the baseline visit counts before the column. Rows without a score are left out, so that
    every layout gives the same. `day` is missing where it is not told.
    """
    fields = ["subject", "phase", "visit", "scale", "value"]
    fields += ["derived"] if table.has("derived") else []
    told = (
        table.frame[[*fields, "day"]] if table.has("day") else table.frame[fields].assign(day=None)
    )
    scored = told.dropna(subset=["value"])
    if not table.has("baseline"):
        return scored
    visit_of = {name: phase.baseline_visit for name, phase in plan.phases.items()}
    baseline = table.frame.assign(
        value=table.frame["baseline"],
        visit=table.frame["phase"].map(visit_of),
        day=None,
        derived=None,
    )[told.columns].dropna(subset=["value", "visit"])
    key = ["subject", "phase", "visit", "scale"]
    return pd.concat([scored, baseline]).drop_duplicates(key, keep="first")


def _subjects(plan: AnalysisPlan, tables: Tables) -> pd.DataFrame:
    known = pd.concat([table.frame["subject"] for table in tables.values()])
    identifiers = pd.Index(np.sort(known.unique()), name="subject", dtype=object)
    columns: dict[str, pd.Series] = {}
    for name in plan.data.file_columns.covariates:
        table = covariate_table(name, tables)
        if table is None:
            raise LookupError(f"no file holds the covariate {name}; the columns were not validated")
        rows = _by_entry(table.frame) if in_intervals(table) else table.frame
        values = rows.dropna(subset=[name]).drop_duplicates("subject").set_index("subject")
        columns[name] = _typed(values[name].reindex(identifiers), name in plan.data.factors)
    return pd.DataFrame(columns, index=identifiers).reset_index()


def _by_entry(frame: pd.DataFrame) -> pd.DataFrame:
    """Intervals of observation in the order of time."""
    return frame.iloc[numbers(frame["entry"]).argsort(kind="stable")]


def _typed(values: pd.Series, factor: bool) -> pd.Series:
    """Floats where every label is a number, labels elsewhere."""
    if factor or not all(map(is_number, values.dropna().unique())):
        labels = [
            None if missing else value for value, missing in zip(values, values.isna(), strict=True)
        ]
        return pd.Series(labels, values.index, dtype=object)
    return numbers(values)


def _visits(plan: AnalysisPlan, tables: Tables) -> tuple[pd.DataFrame, tuple[Remark, ...]]:
    """The scores with their day, and how many took the day or the hour of the plan."""
    if "visits" not in tables:
        return empty_frame(VISIT_COLUMNS), ()
    long = with_baseline_rows(tables["visits"], plan)
    nominal = {
        (name, visit): scheduled.hours_after_first_dose / HOURS_PER_DAY
        for name, phase in plan.phases.items()
        for visit, scheduled in phase.schedule().items()
    }
    scheduled = pd.Series(
        [nominal[key] for key in zip(long["phase"], long["visit"], strict=True)],
        index=long.index,
        dtype=float,
    )
    told = days_since_first_dose(long["day"], plan.data)
    hour_lost = with_planned_hour(told, scheduled, plan.data.day_unit)
    day = told.mask(hour_lost).fillna(scheduled)
    complete = long.assign(day=day, score=numbers(long["value"]))
    told_how = "derived" in complete and complete["derived"].notna().any()
    columns = (*VISIT_COLUMNS, "derived") if told_how else VISIT_COLUMNS
    ordered = _sorted(complete, columns, ["subject", "phase", "day", "visit", "scale"])
    name = tables["visits"].name
    told_of = (*_planned_hours(name, int(hour_lost.sum())), *_planned_days(tables["visits"]))
    return ordered, told_of


def _planned_days(table: MappedTable) -> Iterator[Remark]:
    """Scores without a day, at visits where others have one."""
    if not table.has("day"):
        return
    scored = table.frame.dropna(subset=["value"])
    undated = scored["day"].isna()
    dated = scored.loc[~undated, ["phase", "visit"]].drop_duplicates()
    count = len(scored.loc[undated, ["phase", "visit"]].merge(dated))
    if count:
        yield Remark(
            "Scores without a day take the planned day of their visit: {count}",
            where=table.name,
            remedy="Fill in the day where it is known",
            count=count,
            total=len(scored),
            unit="score",
        )


def _planned_hours(name: str, count: int) -> tuple[Remark, ...]:
    if not count:
        return ()
    return (
        Remark(
            "Visits planned by the hour take the planned hour where the data hold no more than its "
            "study day: {count}",
            where=name,
            remedy="Give `day` with fractions, or in hours with `day_unit: hours`, to use the "
            "actual time",
            count=count,
            unit="score",
        ),
    )


def _events(plan: AnalysisPlan, tables: Tables) -> pd.DataFrame:
    """The events told, and discontinuation of treatment where only the subjects file tells it."""
    order = ["subject", "phase", "day", "event"]
    told = tables["events"].frame if "events" in tables else empty_frame(EVENT_COLUMNS)
    events = told.assign(day=days_since_first_dose(told["day"], plan.data)).drop_duplicates(order)
    parts = [part for part in (events, _discontinued(plan, tables)) if len(part)]
    return _sorted(pd.concat(parts) if parts else events, EVENT_COLUMNS, order)


def _repeated_events(plan: AnalysisPlan, tables: Tables) -> Iterator[Remark]:
    """Rows of the events file that say the same event of the same day again."""
    if "events" not in tables:
        return
    table = tables["events"]
    day = days_since_first_dose(table.frame["day"], plan.data)
    rows = table.frame.assign(day=day)[list(EVENT_COLUMNS)]
    again = int(rows.duplicated().sum())
    if again:
        yield Remark(
            "An event that is repeated on the same day is counted once: {count} left out",
            where=table.name,
            remedy="Give `day` with fractions where the event occurred twice on one day",
            count=again,
            total=len(rows),
            unit="row",
        )


def _discontinued(plan: AnalysisPlan, tables: Tables) -> pd.DataFrame:
    """Discontinuation of treatment on the last day on treatment, where no event tells it."""
    ends = _treatment_end(plan, tables)
    stopped = ends[ends["reason"].notna() & (ends["reason"] != COMPLETED)]
    if "events" in tables and (tables["events"].frame["event"] == TREATMENT_DISCONTINUATION).any():
        stopped = stopped[:0]
    return stopped.rename(columns={"last_day": "day"}).assign(event=TREATMENT_DISCONTINUATION)


def _discontinuation_remarks(plan: AnalysisPlan, tables: Tables) -> Iterator[Remark]:
    stopped = _discontinued(plan, tables)
    if len(stopped):
        yield Remark(
            f"Treatment discontinuation of {{count}} is dated by the last day on treatment in "
            f"{tables['subjects'].name}",
            count=len(stopped),
        )


def _follow_up(plan: AnalysisPlan, tables: Tables) -> pd.DataFrame:
    """The last day in the study and why, where a file of follow-up or of subjects tells both.

    Where it tells the last day on treatment instead, why the subject left the study is kept.
    """
    table = tables.get("follow_up", tables.get("subjects"))
    if table is None or not table.has("subject", "phase", "reason"):
        return empty_frame(FOLLOW_UP_COLUMNS)
    known = [field for field in ("day", "treatment_day") if table.has(field)]
    told = table.frame.dropna(subset=known, how="all") if known else table.frame[:0]
    return _ends(told, "day", "reason", plan)


def _treatment_end(plan: AnalysisPlan, tables: Tables) -> pd.DataFrame:
    """The last day on treatment and why, where the subjects file tells the day."""
    table = tables.get("subjects")
    if table is None or not table.has("subject", "phase", "treatment_day"):
        return empty_frame(FOLLOW_UP_COLUMNS)
    told = table.frame.dropna(subset=["treatment_day"])
    return _ends(told, "treatment_day", "treatment_reason", plan)


def _ends(told: pd.DataFrame, day: str, why: str, plan: AnalysisPlan) -> pd.DataFrame:
    """`subject, phase, last_day, reason` of two columns; all words for completion are one."""
    nothing = pd.Series(None, told.index, dtype=object)
    reason = told.get(why, nothing)
    done = reason.str.casefold() == COMPLETED
    last_day = days_since_first_dose(told.get(day, nothing), plan.data)
    return _sorted(
        told.assign(last_day=last_day, reason=reason.mask(done, COMPLETED)), FOLLOW_UP_COLUMNS
    )


def _times(plan: AnalysisPlan, tables: Tables) -> pd.DataFrame:
    if "times" not in tables:
        return empty_frame(TIME_COLUMNS)
    frame = tables["times"].frame
    event = happened(frame)
    labels = {e.phase: e.event_label for e in plan.endpoints.values() if e.kind == "time_to_event"}
    default = frame["phase"].map(labels).fillna("event").where(event, "censored")
    told = frame["reason"] if "reason" in frame else pd.Series(None, frame.index, dtype=object)
    unit = unit_of_times(tables["times"], plan.data)
    days = as_days(frame["time"], unit)
    entry = as_days(frame["entry"], unit) if "entry" in frame else 0.0
    changing = changing_covariates(plan, tables)
    bounds = {NOT_YET: as_days(frame["after"], unit)} if "after" in frame else {}
    complete = frame.assign(
        **bounds,
        time=days,
        event=event,
        reason=told.where(told.notna(), default),
        entry=entry,
        **{name: _typed(frame[name], name in plan.data.factors) for name in changing},
    )
    return _sorted(complete, (*TIME_COLUMNS, *bounds, *changing), ["subject", "phase", "entry"])


def changing_covariates(plan: AnalysisPlan, tables: Tables) -> tuple[str, ...]:
    """Covariates that take more than one value in the intervals of a subject."""
    table = tables.get("times")
    if table is None or not in_intervals(table):
        return ()
    subjects = table.frame["subject"]
    return tuple(
        name
        for name in plan.data.file_columns.covariates
        if covariate_table(name, tables) is table
        and len(table.frame[["subject", name]].drop_duplicates()) > subjects.nunique()
    )


def _sorted(
    frame: pd.DataFrame, columns: tuple[str, ...], order: list[str] | None = None
) -> pd.DataFrame:
    by = order or ["subject", "phase"]
    return frame[list(columns)].sort_values(by, ignore_index=True)


def _source(plan: AnalysisPlan, remarks: tuple[Remark, ...]) -> Source:
    files = ", ".join(plan.data.source_names)
    return Source("real", plan.data.citation or f"the files {files}", remarks=remarks)
