"""Time to relapse by a written rule, or a time to event that the data already hold."""

import numpy as np
import pandas as pd

from ketaoutcomes.cohort import Cohort
from ketaoutcomes.derive.intercurrent import days_by_strategy, first_day, refuse_unsupported
from ketaoutcomes.derive.members import phase_members, scores
from ketaoutcomes.endpoint import TimeToEventData
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.endpoints import RelapseEndpoint, ScoreCriterion, TimeToEventEndpoint
from ketaoutcomes.vocabulary import Strategy

STRATEGIES: tuple[Strategy, ...] = ("treatment policy", "hypothetical", "composite")


def derive_time_to_event(
    plan: AnalysisPlan, estimand_name: str, cohort: Cohort, covariates: tuple[str, ...]
) -> TimeToEventData:
    """Time, event and reason of every subject assigned in the phase."""
    estimand = plan.estimands[estimand_name]
    endpoint = plan.endpoints[estimand.endpoint]
    assert isinstance(endpoint, RelapseEndpoint | TimeToEventEndpoint)
    refuse_unsupported(estimand_name, estimand, STRATEGIES, "time-to-event")
    members = phase_members(plan, cohort, endpoint.phase, covariates, None)
    frame = members.frame
    if isinstance(endpoint, RelapseEndpoint):
        outcome = _relapse(endpoint, cohort, frame["subject"])
        rule, label = relapse_rule(endpoint), "relapse"
    else:
        outcome = _given(endpoint, cohort, frame["subject"])
        rule, label = "as recorded in the data", endpoint.event_label
    untimed = outcome["time"].isna()
    members = members.without(untimed, "no time and no visit after the start")
    frame = pd.concat([frame, outcome], axis=1)[~untimed].reset_index(drop=True)
    for strategy in ("hypothetical", "composite"):
        day = days_by_strategy(
            estimand, cohort, endpoint.phase, frame["subject"], _strategy(strategy)
        )
        before = day < frame["time"]
        frame["event"] = frame["event"].mask(before, strategy == "composite")
        frame["reason"] = frame["reason"].mask(before, "intercurrent event")
        frame["time"] = frame["time"].clip(upper=day)
    frame["event"] = frame["event"].astype(bool)
    return TimeToEventData(
        name=estimand.endpoint,
        phase=endpoint.phase,
        arms=tuple(plan.phases[endpoint.phase].arms),
        frame=frame,
        rule=rule,
        event_label=label,
        excluded=members.excluded,
    )


def _strategy(name: str) -> Strategy:
    return "composite" if name == "composite" else "hypothetical"


def _given(endpoint: TimeToEventEndpoint, cohort: Cohort, subjects: pd.Series) -> pd.DataFrame:
    """Time and event from the cohort's `times`."""
    here = cohort.times[cohort.times["phase"] == endpoint.phase].set_index("subject")
    columns = {column: subjects.map(here[column]) for column in ("time", "event", "reason")}
    return pd.DataFrame(columns).astype({"time": float})


def _relapse(endpoint: RelapseEndpoint, cohort: Cohort, subjects: pd.Series) -> pd.DataFrame:
    """The earliest criterion, or censoring when the subject was last known not to have relapsed."""
    end, why = _end_of_follow_up(endpoint, cohort, subjects)
    time, reason = end, why
    event = pd.Series(False, index=subjects.index)
    for criterion in endpoint.any_of:
        if isinstance(criterion, ScoreCriterion):
            day = score_criterion_day(endpoint, criterion, cohort, subjects)
            words = f"{criterion.scale} at or above {criterion.at_least:g}"
        else:
            day = first_day(cohort, endpoint.phase, criterion.event, subjects)
            words = criterion.event
        earlier = np.isfinite(day) & ((day < time) | (~event & (day <= end)) | end.isna())
        time = time.mask(earlier, day)
        reason = reason.mask(earlier, words)
        event = event | earlier
    return pd.DataFrame({"time": time, "event": event, "reason": reason})


def _end_of_follow_up(
    endpoint: RelapseEndpoint, cohort: Cohort, subjects: pd.Series
) -> tuple[pd.Series, pd.Series]:
    """The last assessment, or the last day of follow-up if later, and why it ended."""
    visits = cohort.visits[
        (cohort.visits["phase"] == endpoint.phase) & cohort.visits["score"].notna()
    ]
    last = subjects.map(visits.groupby("subject")["day"].max()).astype(float)
    follow_up = cohort.follow_up[cohort.follow_up["phase"] == endpoint.phase].set_index("subject")
    last_day = subjects.map(follow_up["last_day"]).astype(float)
    why = subjects.map(follow_up["reason"]).astype(object).fillna("end of the data")
    return pd.concat([last, last_day], axis=1).max(axis=1), why


def score_criterion_day(
    endpoint: RelapseEndpoint, criterion: ScoreCriterion, cohort: Cohort, subjects: pd.Series
) -> pd.Series:
    """Day on which a run of high scores is complete (or began), infinity if there is none."""
    seen = scores(cohort, endpoint.phase, criterion.scale)
    seen = seen[seen["day"] > 0].sort_values(["subject", "day"], ignore_index=True)
    high = (seen["score"] >= criterion.at_least).to_numpy()
    subject = seen["subject"].to_numpy()
    day = seen["day"].to_numpy(dtype=float)
    run = high.astype(int)
    start = np.where(high, day, np.inf)
    for _ in range(criterion.consecutive - 1):
        run, start = _lengthened(run, start, subject, day, high, criterion.within_days)
    complete = run >= criterion.consecutive
    dated = day if endpoint.dated_at == "confirmation" else start
    first = pd.Series(dated[complete]).groupby(subject[complete]).min()
    return subjects.map(first).astype(float).fillna(np.inf)


def _lengthened(
    run: np.ndarray,
    start: np.ndarray,
    subject: np.ndarray,
    day: np.ndarray,
    high: np.ndarray,
    within_days: tuple[int, int] | None,
) -> tuple[np.ndarray, np.ndarray]:
    """Each run made one longer where the assessment before it was high and near enough."""
    gap = np.diff(day)
    low, most = within_days or (0, np.inf)
    joined = np.zeros(len(day), dtype=bool)
    joined[1:] = (subject[1:] == subject[:-1]) & high[1:] & high[:-1] & (gap >= low) & (gap <= most)
    longer, earlier = run.copy(), start.copy()
    longer[1:] = np.where(joined[1:], run[:-1] + 1, run[1:])
    earlier[1:] = np.where(joined[1:], start[:-1], start[1:])
    return longer, earlier


def relapse_rule(endpoint: RelapseEndpoint) -> str:
    """The rule in words."""
    parts = []
    for criterion in endpoint.any_of:
        if not isinstance(criterion, ScoreCriterion):
            parts.append(criterion.event)
            continue
        words = f"{criterion.scale} total of {criterion.at_least:g} or more"
        if criterion.consecutive > 1:
            words += f" at {criterion.consecutive} consecutive assessments"
        if criterion.within_days is not None:
            words += f" {criterion.within_days[0]} to {criterion.within_days[1]} days apart"
        parts.append(words)
    dated = "the confirming" if endpoint.dated_at == "confirmation" else "the first"
    return f"{', or '.join(parts)}; a relapse by score is dated at {dated} assessment"
