"""Time to relapse by a written rule, or a time to event that the data already hold."""

import numpy as np
import pandas as pd

from ketaoutcomes.clock import not_after, on_the_clock
from ketaoutcomes.cohort import NOT_YET, Cohort
from ketaoutcomes.endpoints.data import TimeToEventData
from ketaoutcomes.endpoints.follow_up import FollowUp, follow_up, follow_up_remarks
from ketaoutcomes.endpoints.intercurrent import first_day, refuse_unsupported
from ketaoutcomes.endpoints.members import (
    BASELINE,
    later_scores,
    phase_members,
    scores,
    without_baseline,
)
from ketaoutcomes.endpoints.times import tied_times
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.endpoints import (
    EndpointOfCriteria,
    RelapseEndpoint,
    ScoreCriterion,
    TimeToEventEndpoint,
    scales_of,
)
from ketaoutcomes.remarks import Remark
from ketaoutcomes.vocabulary import Strategy

STRATEGIES: tuple[Strategy, ...] = ("treatment policy", "hypothetical", "composite")


def derive_time_to_event(
    plan: AnalysisPlan,
    estimand_name: str,
    cohort: Cohort,
    covariates: tuple[str, ...],
) -> TimeToEventData:
    """Time, event and reason of every subject assigned in the phase."""
    estimand = plan.estimands[estimand_name]
    endpoint = plan.endpoints[estimand.endpoint]
    assert isinstance(endpoint, RelapseEndpoint | TimeToEventEndpoint)
    refuse_unsupported(estimand_name, estimand, STRATEGIES, "time-to-event")
    scale = _scale_of_baseline(plan, estimand.endpoint) if BASELINE in covariates else None
    members = phase_members(plan, cohort, endpoint.phase, covariates, scale)
    if scale is not None:
        members = without_baseline(plan, members, scale, scores(cohort, endpoint.phase, scale))
    frame = members.frame
    remarks: tuple[Remark, ...] = ()
    if isinstance(endpoint, RelapseEndpoint):
        known = follow_up(cohort, endpoint.phase, frame["subject"])
        outcome = first_criterion(plan, endpoint, cohort, frame["subject"], known)
        rule, label = relapse_rule(endpoint), endpoint.event_label
        remarks = (
            *after_follow_up(endpoint, cohort, frame["subject"], known),
            *follow_up_remarks(estimand, cohort, endpoint.phase, known, frame["subject"]),
        )
    else:
        outcome = _given(endpoint, cohort, frame["subject"])
        rule, label = "as recorded in the data", endpoint.event_label
        remarks = _seen_later(outcome)
    untimed = outcome["time"].isna()
    members = members.without(untimed, "no time and no visit after the start")
    frame = pd.concat([frame, outcome], axis=1)[~untimed].reset_index(drop=True)
    for event, strategy in estimand.intercurrent_events.items():
        if strategy != "treatment policy":
            day = first_day(cohort, endpoint.phase, event, frame["subject"])
            frame = _cut_short(frame, event, day, happened=strategy == "composite")
    frame["event"] = frame["event"].astype(bool)
    frame = tied_times(frame)
    if "entry" in frame:
        before = frame["time"] <= frame["entry"]
        members = members.without(
            before & (frame["entry"] > 0), "intercurrent event before observation began"
        )
        frame = frame[~(before & (frame["entry"] > 0))].reset_index(drop=True)
    return TimeToEventData(
        name=estimand.endpoint,
        phase=endpoint.phase,
        arms=tuple(plan.phases[endpoint.phase].arms),
        frame=frame,
        rule=rule,
        event_label=label,
        intervals=_intervals(endpoint, cohort, frame),
        excluded=members.excluded,
        remarks=remarks,
    )


def _scale_of_baseline(plan: AnalysisPlan, endpoint: str) -> str | None:
    """The scale of a baseline score: that of the endpoint's first criterion, or of the data."""
    return next(iter(scales_of(plan.endpoints[endpoint])), plan.data.scale)


def _cut_short(frame: pd.DataFrame, event: str, day: pd.Series, *, happened: bool) -> pd.DataFrame:
    """End follow-up at an intercurrent event: as an event if `happened`, else as censoring.

    The endpoint's own event comes first of two on one day, and an intercurrent event before the end
    of follow-up on that day.
    """
    event_day, time = day.to_numpy(dtype=float), frame["time"].to_numpy(dtype=float)
    before = pd.Series(~not_after(time, event_day), index=frame.index)
    if happened:
        before |= ~frame["event"].astype(bool) & not_after(event_day, time)
    return frame.assign(
        event=frame["event"].mask(before, happened),
        reason=frame["reason"].mask(before, event),
        time=frame["time"].mask(before, day),
        after=frame["after"].where(~before, day if happened else frame["after"].clip(upper=day)),
        by=frame["by"].mask(before, day if happened else np.inf),
    )


def _given(endpoint: TimeToEventEndpoint, cohort: Cohort, subjects: pd.Series) -> pd.DataFrame:
    """Time and event from the cohort's `times`; the last interval tells them."""
    rows = _rows(endpoint, cohort)
    here = rows.drop_duplicates("subject", keep="last").set_index("subject")
    first = rows.drop_duplicates("subject").set_index("subject")["entry"]
    columns = {column: subjects.map(here[column]) for column in ("time", "event", "reason")}
    given = pd.DataFrame(columns).astype({"time": float})
    happened = given["event"].eq(True)
    before = (given["time"] - (endpoint.recorded_every_days or 0.0)).clip(lower=0.0)
    if NOT_YET in here:
        before = subjects.map(here[NOT_YET]).astype(float)
    return given.assign(
        after=before.where(happened, given["time"]),
        by=given["time"].where(happened, np.inf),
        entry=subjects.map(first).astype(float),
    )


def _seen_later(outcome: pd.DataFrame) -> tuple[Remark, ...]:
    """Words on events that are known to lie between two times."""
    happened = outcome["event"].eq(True)
    between = happened & (outcome["after"] < outcome["time"])
    if not between.any():
        return ()
    remark = Remark(
        "The events of {count} are known to lie between two assessments. Only models of such "
        "intervals use both; all others take the later one as the time of the event",
        "the times to the event",
        "Use `model: interval_censored`, or read the results as times until the event was observed",
        count=int(between.sum()),
        total=int(happened.sum()),
    )
    return (remark,)


def _rows(endpoint: TimeToEventEndpoint, cohort: Cohort) -> pd.DataFrame:
    """The phase's times, the intervals of a subject in order."""
    here = cohort.times[cohort.times["phase"] == endpoint.phase]
    if "entry" not in here:
        here = here.assign(entry=0.0)
    return here.sort_values(["subject", "entry"], ignore_index=True)


def _intervals(
    endpoint: RelapseEndpoint | TimeToEventEndpoint, cohort: Cohort, frame: pd.DataFrame
) -> pd.DataFrame:
    """The intervals of observation up to the end of follow-up; empty where nobody has several."""
    if isinstance(endpoint, RelapseEndpoint):
        return pd.DataFrame()
    rows = _rows(endpoint, cohort)
    rows = rows[rows["subject"].isin(frame["subject"])].reset_index(drop=True)
    if not rows["subject"].duplicated().any():
        return pd.DataFrame()
    end = frame.set_index("subject")[["time", "event", "reason"]]
    last, happened, why = (rows["subject"].map(end[name]) for name in end)
    rows = rows.assign(time=np.minimum(rows["time"].astype(float), last.astype(float)))
    rows = rows[rows["entry"] < rows["time"]]
    ends = ~rows["subject"].duplicated(keep="last")
    rows = rows.assign(
        event=happened[rows.index].astype(bool) & ends,
        reason=why[rows.index].where(ends, ""),
    )
    return rows.drop(columns="phase").reset_index(drop=True)


def first_criterion(
    plan: AnalysisPlan,
    endpoint: RelapseEndpoint,
    cohort: Cohort,
    subjects: pd.Series,
    known: FollowUp,
) -> pd.DataFrame:
    """The earliest criterion, or censoring when the subject was last known not to have relapsed."""
    end, assessed, why = _end_of_follow_up(endpoint, known)
    outcome = pd.DataFrame({"time": end, "event": False, "reason": why})
    outcome = outcome.assign(after=assessed, by=np.inf)
    for criterion in endpoint.any_of:
        if isinstance(criterion, ScoreCriterion):
            met = score_criterion(plan, endpoint, criterion, cohort, subjects)
            side = "below" if criterion.cut_key == "at_most" else "above"
            words = f"{criterion.scale} at or {side} {criterion.cut:g}"
        else:
            day = first_day(cohort, endpoint.phase, criterion.event, subjects)
            met = pd.DataFrame({"day": day, "after": day, "by": day})
            words = criterion.event
        day, event = met["day"], outcome["event"]
        seen = not_after(day.to_numpy(dtype=float), end.to_numpy(dtype=float))
        earlier = np.isfinite(day) & ((day < outcome["time"]) | (~event & seen) | end.isna())
        outcome = outcome.assign(
            time=outcome["time"].mask(earlier, day),
            event=event | earlier,
            reason=outcome["reason"].mask(earlier, words),
            after=outcome["after"].mask(earlier, met["after"]),
            by=outcome["by"].mask(earlier, met["by"]),
        )
    return outcome


def after_follow_up(
    endpoint: EndpointOfCriteria, cohort: Cohort, subjects: pd.Series, known: FollowUp
) -> tuple[Remark, ...]:
    """Words on the first events of a criterion that came after the end of follow-up."""
    end, _, _ = _end_of_follow_up(endpoint, known)
    remarks = []
    for criterion in endpoint.any_of:
        if isinstance(criterion, ScoreCriterion):
            continue
        day = first_day(cohort, endpoint.phase, criterion.event, subjects)
        seen = not_after(day.to_numpy(dtype=float), end.to_numpy(dtype=float))
        late = int((np.isfinite(day) & ~seen & end.notna()).sum())
        if late:
            words = (
                f"The event `{criterion.event}` after the end of follow-up is left out: {{count}}"
            )
            remarks.append(Remark(words, count=late, total=len(subjects)))
    return tuple(remarks)


def _end_of_follow_up(
    endpoint: EndpointOfCriteria, known: FollowUp
) -> tuple[pd.Series, pd.Series, pd.Series]:
    """End of follow-up (its last day, or the last assessment if later), last assessment, and why.

    A relapse by an event would be known until the end of follow-up, one by score only until the
    last assessment.
    """
    end, last = known.last_day, known.last_assessment
    by_score = any(isinstance(criterion, ScoreCriterion) for criterion in endpoint.any_of)
    assessed = last.fillna(0.0).clip(upper=end) if by_score else end
    return end, assessed, known.reason.fillna("end of the data")


def score_criterion(
    plan: AnalysisPlan,
    endpoint: RelapseEndpoint,
    criterion: ScoreCriterion,
    cohort: Cohort,
    subjects: pd.Series,
) -> pd.DataFrame:
    """When a run of scores beyond the cut was first complete.

    Returns
    -------
    DataFrame
        One row a subject: `day` that dates the relapse, infinite if there is none; it began after
        the assessment `after`, and not after the first beyond the cut, `by`.
    """
    seen = later_scores(plan, cohort, endpoint.phase, criterion.scale)
    day, subject = seen["day"].to_numpy(), seen["subject"].to_numpy()
    same = np.zeros(len(day), dtype=bool)
    same[1:] = subject[1:] == subject[:-1]
    previous = np.where(same, np.concatenate([[0.0], day[:-1]])[: len(day)], 0.0)
    beyond = criterion.reached(seen["score"])
    run, first = beyond.astype(int), np.arange(len(day))
    joined = _joined(beyond, same, day - previous, criterion.within_days)
    for _ in range(criterion.consecutive - 1):
        run[1:] = np.where(joined[1:], run[:-1] + 1, run[1:])
        first[1:] = np.where(joined[1:], first[:-1], first[1:])
    complete = run >= criterion.consecutive
    began = day[first]
    dates = pd.DataFrame(
        {
            "subject": subject,
            "day": day if endpoint.dated_at == "confirmation" else began,
            "after": previous[first],
            "by": began,
        }
    )[complete]
    found = dates.drop_duplicates("subject").set_index("subject").reindex(subjects)
    return found.set_axis(subjects.index).fillna({"day": np.inf})


def _joined(
    beyond: np.ndarray, same: np.ndarray, gap: np.ndarray, within_days: tuple[int, int] | None
) -> np.ndarray:
    """Whether each assessment continues the run of the one before: both beyond, and near enough."""
    low, most = within_days or (0, np.inf)
    apart = on_the_clock(gap)
    joined: np.ndarray = same & beyond & (apart >= low) & (apart <= most)
    joined[1:] &= beyond[:-1]
    return joined


def relapse_rule(endpoint: RelapseEndpoint) -> str:
    """The rule in words."""
    parts = []
    for criterion in endpoint.any_of:
        if not isinstance(criterion, ScoreCriterion):
            parts.append(criterion.event)
            continue
        words = f"{criterion.scale} total of {criterion.cut_words}"
        if criterion.consecutive > 1:
            words += f" at {criterion.consecutive} consecutive assessments"
        if criterion.within_days is not None:
            words += f" {criterion.within_days[0]} to {criterion.within_days[1]} days apart"
        parts.append(words)
    dated = "the confirming" if endpoint.dated_at == "confirmation" else "the first"
    return f"{', or '.join(parts)}; a relapse by score is dated at {dated} assessment"
