"""Time to the first response that holds, and how long it lasts.

Both are known only to lie between two assessments; `after` and `by` are the ends of that interval.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ketaoutcomes.clock import not_after
from ketaoutcomes.cohort import Cohort
from ketaoutcomes.endpoints.data import TimeToEventData
from ketaoutcomes.endpoints.directions import percentage_remarks
from ketaoutcomes.endpoints.intercurrent import days_by_strategy, refuse_unsupported
from ketaoutcomes.endpoints.members import (
    BASELINE,
    later_scores,
    phase_members,
    scores,
    without_baseline,
)
from ketaoutcomes.endpoints.times import tied_times
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.endpoints import OnsetPart, ResponseDurationEndpoint
from ketaoutcomes.plan.estimand import Estimand
from ketaoutcomes.vocabulary import Strategy

STRATEGIES: tuple[Strategy, ...] = ("treatment policy", "hypothetical", "composite")
LAST_ASSESSMENT, INTERCURRENT = "last assessment", "intercurrent event"


@dataclass(frozen=True)
class Course:
    """The assessments of a phase after baseline, by subject and day.

    Attributes
    ----------
    subject : array, shape (n,)
    day : array, shape (n,)
    """

    subject: NDArray[np.object_]
    day: NDArray[np.float64]

    def kept(self, rows: NDArray[np.bool_]) -> "Course":
        """Only some of the assessments."""
        return Course(self.subject[rows], self.day[rows])

    def first_run(self, meets: NDArray[np.bool_], length: int) -> pd.DataFrame:
        """The first run of assessments in a row that meet a condition.

        Returns
        -------
        DataFrame
            Indexed by subject: `day` of the run's first assessment and its `row`, and `before`, the
            day of the assessment before it, 0 where there is none. Subjects without a run have no
            row.
        """
        same = np.zeros(len(self.day), dtype=bool)
        same[1:] = self.subject[1:] == self.subject[:-1]
        run = meets.astype(int)
        for _ in range(length - 1):
            run[1:] = np.where(same[1:] & meets[1:], np.minimum(run[:-1] + 1, length), run[1:])
        complete = np.flatnonzero(run >= length)
        start = complete - (length - 1)
        before = np.where(same[start], self.day[start - 1], 0.0)
        found = pd.DataFrame(
            {
                "subject": self.subject[start],
                "day": self.day[start],
                "row": start,
                "before": before,
            }
        )
        return found.drop_duplicates("subject").set_index("subject")


def derive_response_time(
    plan: AnalysisPlan, estimand_name: str, cohort: Cohort, covariates: tuple[str, ...]
) -> TimeToEventData:
    """Time to response of everybody with a baseline, or its duration in those who responded."""
    estimand = plan.estimands[estimand_name]
    endpoint = plan.endpoints[estimand.endpoint]
    assert isinstance(endpoint, OnsetPart)
    refuse_unsupported(estimand_name, estimand, STRATEGIES, endpoint.kind)
    observed = scores(cohort, endpoint.phase, endpoint.scale)
    members = phase_members(plan, cohort, endpoint.phase, covariates, endpoint.scale, seen=observed)
    members = without_baseline(plan, members, endpoint.scale, observed)
    remarks = percentage_remarks(plan, estimand.endpoint, endpoint, members.frame[BASELINE])
    seen = _assessments(plan, cohort, endpoint, members.frame)
    stop = days_by_strategy(estimand, cohort, endpoint.phase, seen["subject"], "hypothetical")
    counts = not_after(seen["day"].to_numpy(dtype=float), stop.to_numpy(dtype=float))
    cut = set(seen.loc[~counts, "subject"])
    seen = seen[counts].reset_index(drop=True)
    course = Course(seen["subject"].to_numpy(dtype=object), seen["day"].to_numpy(dtype=float))
    scale = plan.scale(endpoint.scale)
    score, baseline = (seen[name].to_numpy(dtype=float) for name in ("score", BASELINE))
    responds = endpoint.improved(score, baseline, scale, endpoint.improvement_at_least_percent)
    onset = course.first_run(responds, endpoint.consecutive)
    least = endpoint.improvement_at_least_percent
    last = seen.groupby("subject")["day"].max()
    failed = _failures(estimand, cohort, endpoint.phase, members.frame["subject"])
    onset = onset[onset["day"].to_numpy() < failed.reindex(onset.index).to_numpy()]
    if isinstance(endpoint, ResponseDurationEndpoint):
        none = ~members.frame["subject"].isin(onset.index)
        members = members.without(none, "no response")
        lost = ~endpoint.improved(score, baseline, scale, endpoint.lost_below_percent)
        outcome = _duration(endpoint, course, lost, onset, last, members.frame["subject"])
        outcome = _lost_at(outcome, members.frame["subject"].map(failed - onset["day"]))
        label = "loss of response"
    else:
        members = members.without(
            ~members.frame["subject"].isin(last.index), "no assessment after baseline"
        )
        outcome = _since_start(onset, last, members.frame["subject"])
        end = max(plan.phases[endpoint.phase].nominal_days.values())
        never = members.frame["subject"].map(failed).lt(np.inf) & ~outcome["event"]
        outcome[["time", "after"]] = outcome[["time", "after"]].mask(never, end)
        label = "response"
    reason = members.frame["subject"].map(
        lambda subject: INTERCURRENT if subject in cut else LAST_ASSESSMENT
    )
    outcome["reason"] = reason.mask(outcome["event"], label)
    return TimeToEventData(
        name=estimand.endpoint,
        phase=endpoint.phase,
        arms=tuple(plan.phases[endpoint.phase].arms),
        frame=tied_times(pd.concat([members.frame, outcome], axis=1)),
        rule=f"{endpoint.improvement_words(scale, least)} that holds",
        event_label=label,
        excluded=members.excluded,
        remarks=remarks,
    )


def _failures(estimand: Estimand, cohort: Cohort, phase: str, subjects: pd.Series) -> pd.Series:
    """Day of the first event that counts as failure, by subject; infinity if there is none."""
    days = days_by_strategy(estimand, cohort, phase, subjects, "composite")
    return pd.Series(days.to_numpy(dtype=float), index=subjects.to_numpy())


def _lost_at(outcome: pd.DataFrame, failed: pd.Series) -> pd.DataFrame:
    """A response ends with a failure that comes before its loss, or as it was last seen."""
    before = (failed < outcome["time"]) | (~outcome["event"] & (failed == outcome["time"]))
    known = {name: outcome[name].mask(before, failed) for name in ("time", "after", "by")}
    return outcome.assign(**known, event=outcome["event"] | before)


def _assessments(
    plan: AnalysisPlan, cohort: Cohort, endpoint: OnsetPart, members: pd.DataFrame
) -> pd.DataFrame:
    """`subject, day, score, baseline` after baseline, by subject and day."""
    seen = later_scores(plan, cohort, endpoint.phase, endpoint.scale)
    return seen.merge(members[["subject", BASELINE]], on="subject")


def _since_start(onset: pd.DataFrame, last: pd.Series, subjects: pd.Series) -> pd.DataFrame:
    """Time from the phase's start to response."""
    day = subjects.map(onset["day"]).astype(float)
    end = subjects.map(last).astype(float)
    event = day.notna()
    return pd.DataFrame(
        {
            "time": day.fillna(end),
            "event": event,
            "after": subjects.map(onset["before"]).astype(float).fillna(end),
            "by": day.fillna(np.inf),
        }
    )


def _duration(
    endpoint: ResponseDurationEndpoint,
    course: Course,
    below: NDArray[np.bool_],
    onset: pd.DataFrame,
    last: pd.Series,
    subjects: pd.Series,
) -> pd.DataFrame:
    """Time from response to its loss, or to the last assessment.

    The response began between two assessments and was lost between two others: the duration lies
    between the least and the greatest that these allow.
    """
    began = pd.Series(course.subject).map(onset["row"]).to_numpy(dtype=float)
    later = np.arange(began.size) > began
    lost = course.kept(later).first_run(below[later], endpoint.lost_consecutive)
    start = subjects.map(onset["day"]).astype(float)
    start_after = subjects.map(onset["before"]).astype(float)
    day = subjects.map(lost["day"]).astype(float)
    # With nothing seen in between, the response was last seen on the day that it began.
    held = subjects.map(lost["before"]).astype(float).clip(lower=start)
    end = subjects.map(last).astype(float)
    return pd.DataFrame(
        {
            "time": day.fillna(end) - start,
            "event": day.notna(),
            "after": held.fillna(end) - start,
            "by": (day - start_after).fillna(np.inf),
        }
    )
