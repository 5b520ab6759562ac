"""What keeps the contract and is odd all the same: told, and no reason to stop."""

from collections.abc import Iterator
from typing import Final

import numpy as np
import pandas as pd

from ketaoutcomes.cohort import NOT_YET, TIME_COLUMNS, Cohort
from ketaoutcomes.data.contract.visits import scored_endpoints
from ketaoutcomes.data.contradictions import contradictions, days_around
from ketaoutcomes.data.identifiers.classes import words
from ketaoutcomes.data.identifiers.names import words_of
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.remarks import Remark

CATEGORIES: Final = words(
    "site sites siteid centre center centres centers centreid centerid region country state "
    "hospital clinic investigator physician therapist rater ward practice school cluster stratum "
    "strata group race ethnicity ethnic religion occupation diagnosis"
)
"""Words in the name of a column whose numbers are codes."""
LEAST_CODES: Final = 3
"""Two codes are one slope, whatever they are called."""
MOST_STEPS: Final = 10
"""Whole numbers from 0 or 1 up to so many may be grades, or codes."""


def cautions(plan: AnalysisPlan, cohort: Cohort) -> tuple[Remark, ...]:
    """Words for the terminal and the report, about whole columns and never about a row."""
    return (
        *_constants(plan, cohort.subjects, frozenset(cohort.times.columns)),
        *_categories(plan, cohort.subjects),
        *_days(plan, cohort.visits),
        *_not_assessed(plan, cohort.visits),
        *_intervals(cohort.times),
        *_arms_of_one(plan, cohort.assignments),
        *contradictions(plan, cohort),
    )


def _arms_of_one(plan: AnalysisPlan, assignments: pd.DataFrame) -> Iterator[Remark]:
    """Arms of a single participant, whose error is that of the other arms."""
    members = assignments.groupby(["phase", "arm"], observed=True)["subject"].nunique()
    for name, arm in members.index[members == 1]:
        if len(plan.phases[name].arms) > 1:
            yield Remark(
                f"Arm `{arm}` has {{count}}, so that its results have no variance of their own",
                f"phase {name}",
                "Check the codes of the arms under `data.labels.arm`",
                count=1,
                total=assignments.loc[assignments["phase"] == name, "subject"].nunique(),
                gravity="warning",
            )


def _not_assessed(plan: AnalysisPlan, visits: pd.DataFrame) -> Iterator[Remark]:
    """Visits at which other scales than that of an endpoint were assessed."""
    for phase, scale in scored_endpoints(plan):
        here = visits[(visits["phase"] == phase) & visits["score"].notna()]
        held = set(here.loc[here["scale"] == scale, "visit"])
        silent = [v for v in plan.phases[phase].treatment_visits if v not in held]
        if held and silent:
            yield Remark(
                f"No participant has a {scale} score at {', '.join(silent)}, where other scales "
                f"were assessed; analyses of the {scale} leave this out",
                f"phase {phase}",
                "Map the label under `data.labels.visit` if the score stands under another visit",
            )


def _intervals(times: pd.DataFrame) -> Iterator[Remark]:
    """Delayed entry, and covariates that change between intervals of observation."""
    if times.empty:
        return
    began = times.groupby(["phase", "subject"])["entry"].min()
    late, total = int((began > 0).sum()), len(began)
    if late:
        yield Remark(
            "{count} came under observation after time 0 and count as at risk from then on only "
            "(delayed entry)",
            "the times file",
            count=late,
            total=total,
        )
    for name in times.columns.drop([c for c in (*TIME_COLUMNS, NOT_YET) if c in times]):
        values = times.groupby(["phase", "subject"])[name].nunique()
        yield Remark(
            f"`{name}` changes during the follow-up of {{count}}. The analyses of time to event "
            "use the value of each interval, everything else the first one",
            "the times file",
            count=int((values > 1).sum()),
            total=total,
        )


def _constants(
    plan: AnalysisPlan, subjects: pd.DataFrame, changing: frozenset[str]
) -> Iterator[Remark]:
    """Covariates of a model that are the same for everybody, so that the model cannot use them.

    One that is the same at the start alone, and is told by interval, is used by models of times.
    """
    for name, all_users in _adjusted_for(plan).items():
        users = [user for user in all_users if not (name in changing and _of_times(plan, user))]
        same = name in subjects and subjects[name].dropna().drop_duplicates().size == 1
        if same and users:
            yield Remark(
                f"The covariate `{name}` has the same value for every participant who has one; the "
                "models leave it out",
                remedy="Correct the column under `data.columns.covariates`, or take the covariate "
                "out of the plan",
                gravity="warning",
                analyses=tuple(users),
            )


def _categories(plan: AnalysisPlan, subjects: pd.DataFrame) -> Iterator[Remark]:
    """Covariates of a model whose numbers seem to be codes of categories, as of sites."""
    for name, users in _adjusted_for(plan).items():
        if name not in subjects or not pd.api.types.is_numeric_dtype(subjects[name]):
            continue
        values = np.unique(subjects[name].dropna().to_numpy(dtype=float))
        if values.size < LEAST_CODES or (values != np.round(values)).any():
            continue
        column = str(plan.data.file_columns.covariates[name])
        named = bool(CATEGORIES & {*words_of(name), *words_of(column)})
        steps = values.size <= MOST_STEPS and values[0] in (0, 1) and np.ptp(values) < MOST_STEPS
        if named or steps:
            yield Remark(
                f"The covariate `{name}` has {values.size} whole numbers as values and enters as "
                "one slope, which takes them for a quantity",
                remedy=f"If they are codes of categories, add `factors: [{name}]` under `data`",
                gravity="warning" if named else "note",
                analyses=tuple(users),
            )


def _adjusted_for(plan: AnalysisPlan) -> dict[str, list[str]]:
    """Covariate -> the analyses that adjust for it."""
    found: dict[str, list[str]] = {}
    for analysis, part in plan.analyses.items():
        for name in getattr(part, "covariates", ()):
            if name in plan.data.file_columns.covariates:
                found.setdefault(name, []).append(analysis)
    return found


def _of_times(plan: AnalysisPlan, analysis: str) -> bool:
    """Whether the endpoint of an analysis is a time that the data hold."""
    estimand = plan.estimands[plan.analyses[analysis].estimand]
    return plan.endpoints[estimand.endpoint].kind == "time_to_event"


def _days(plan: AnalysisPlan, visits: pd.DataFrame) -> Iterator[Remark]:
    """Visits that took place, in the median, beyond the time of the visit before or after."""
    held = visits.groupby(["phase", "visit"], sort=False)["day"].median()
    for name, phase in plan.phases.items():
        for visit, planned in days_around(phase).items():
            day = held.get((name, visit), np.nan)
            if day < planned[0] or day > planned[1]:
                when = "before the visit before it" if day < planned[0] else "after the next one"
                yield Remark(
                    f"Visit `{visit}` of phase `{name}` took place, in the median, {when} in the "
                    "plan",
                    remedy="compare the plan's visits with the days of the data, their `day_unit` "
                    "and `first_dose_day`",
                )
