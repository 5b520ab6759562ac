"""The time to event of an analysis, with the covariates that change after randomisation."""

from dataclasses import replace

import numpy as np
import pandas as pd

from ketaoutcomes.cohort import Cohort
from ketaoutcomes.endpoints.data import COURSE_COLUMNS, EndpointData, TimeToEventData
from ketaoutcomes.endpoints.derive import derive_by_kind
from ketaoutcomes.endpoints.intercurrent import first_day
from ketaoutcomes.endpoints.members import scores
from ketaoutcomes.families.time_to_event.plan import (
    LatestScore,
    TimeToEventAnalysis,
    TimeVaryingCovariate,
)
from ketaoutcomes.plan import AnalysisPlan


def derive_with_courses(plan: AnalysisPlan, name: str, cohort: Cohort) -> EndpointData:
    """The endpoint by its kind, and the course of each covariate that changes with time."""
    analysis = plan.analyses[name]
    assert isinstance(analysis, TimeToEventAnalysis)
    data = derive_by_kind(plan, name, cohort)
    assert isinstance(data, TimeToEventData)
    changing = courses(plan, analysis.time_varying, cohort, data.phase, data.frame["subject"])
    return replace(data, courses=changing)


BEFORE_THE_START = -1.0
"""A value known at the start holds before it, since a covariate counts strictly before a time."""


def courses(
    plan: AnalysisPlan,
    covariates: tuple[TimeVaryingCovariate, ...],
    cohort: Cohort,
    phase: str,
    subjects: pd.Series,
) -> pd.DataFrame:
    """`subject, name, day, value`: the value of a covariate from that day on."""
    parts = [
        _scores(plan, covariate.scale, cohort, phase, subjects)
        if isinstance(covariate, LatestScore)
        else _events(covariate.event, cohort, phase, subjects)
        for covariate in covariates
    ]
    columns = list(COURSE_COLUMNS)
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)


def _scores(
    plan: AnalysisPlan, scale: str, cohort: Cohort, phase: str, subjects: pd.Series
) -> pd.DataFrame:
    """Every assessment, from its day until the next; that of the first visit was there before."""
    seen = scores(cohort, phase, scale).astype({"day": float})
    at_start = (seen["visit"] == plan.phases[phase].baseline_visit) & (seen["day"] <= 0)
    seen = seen.assign(day=seen["day"].mask(at_start, seen["day"].clip(upper=BEFORE_THE_START)))
    seen = seen[seen["subject"].isin(subjects)].sort_values(["subject", "day"], ignore_index=True)
    return pd.DataFrame(
        {
            "subject": seen["subject"],
            "name": f"{scale} total",
            "day": seen["day"],
            "value": seen["score"].astype(float),
        }
    )


def _events(event: str, cohort: Cohort, phase: str, subjects: pd.Series) -> pd.DataFrame:
    """0 from the start, 1 from the day of the first such event."""
    day = first_day(cohort, phase, event, subjects)
    had = np.isfinite(day)
    start = pd.DataFrame({"subject": subjects, "day": BEFORE_THE_START, "value": 0.0})
    after = pd.DataFrame({"subject": subjects[had], "day": day[had], "value": 1.0})
    return pd.concat([start, after], ignore_index=True).assign(name=f"after {event}")
