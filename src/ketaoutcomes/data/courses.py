"""Scores of a participant, or of a group, that repeat or go back in time: told with their count."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from ketaoutcomes.cohort import DERIVED, Cohort
from ketaoutcomes.data.coincidences import alike
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.remarks import Remark

LEAST_IN_A_GROUP: Final = 5
"""Fewer people may well have the same score."""
LEAST_VALUES: Final = 10
"""Scales with fewer different scores repeat them by chance."""
LEAST_PAIRS: Final = 10
LEAST_VISITS: Final = 3
LEAST_TWIN_VISITS: Final = 3
MANY: Final = 0.5
"""The share of scores at a visit that are those of the visit before."""
SEVERAL: Final = 0.05


@dataclass(frozen=True)
class Courses:
    """The scores of one scale in one phase, as they were observed.

    Attributes
    ----------
    where : str
        The phase, for a remark.
    scale : str
    scores, days : frame
        One row for each participant and one column for each visit, in the order of the plan.
    """

    where: str
    scale: str
    scores: pd.DataFrame
    days: pd.DataFrame


def repetitions(plan: AnalysisPlan, cohort: Cohort) -> Iterator[Remark]:
    """Days that go back, scores that one group has in common, and scores that are copied."""
    for courses in _courses(plan, cohort.visits):
        yield from _back_in_time(courses)
        values = courses.scores.to_numpy()
        if np.unique(values[~np.isnan(values)]).size < LEAST_VALUES:
            continue
        yield from _same_in_a_group(courses, plan, cohort)
        yield from _carried(courses)
        yield from _unchanging(courses)
        yield from _twins(courses, plan, cohort.subjects)


def _courses(plan: AnalysisPlan, visits: pd.DataFrame) -> Iterator[Courses]:
    if DERIVED in visits:
        visits = visits[visits[DERIVED].isna()]
    scored = visits.dropna(subset=["score"])
    for (name, scale), rows in scored.groupby(["phase", "scale"], sort=True, observed=True):
        order = [
            visit for visit in plan.phases[str(name)].schedule() if visit in set(rows["visit"])
        ]
        if len(order) > 1:
            keyed = rows.astype({"visit": str}).set_index(["subject", "visit"])
            scores, days = (
                keyed[column].astype(float).unstack("visit").reindex(columns=order)
                for column in ("score", "day")
            )
            yield Courses(f"phase {name}", str(scale), scores, days)


def _back_in_time(courses: Courses) -> Iterator[Remark]:
    """Participants with a visit that is dated before an earlier one of the plan."""
    yield from _on_one_day(courses)
    reached = courses.days.cummax(axis=1)
    back = (courses.days < reached).any(axis=1)
    if back.any() and back.mean() <= MANY:
        yield Remark(
            f"{courses.scale} scores of {{count}} go back in time: a later visit of the plan has "
            "an earlier day",
            courses.where,
            "Correct the day or the label of the visit; scores count at the visit of their label",
            count=int(back.sum()),
            total=len(back),
        )


def _on_one_day(courses: Courses) -> Iterator[Remark]:
    """Participants with scores of two visits on one day; both may be planned on one day, too."""
    in_order = np.sort(courses.days.to_numpy(), axis=1)  # missing days come last
    again = (np.diff(in_order, axis=1) == 0).any(axis=1)
    if again.any() and again.mean() <= MANY:
        yield Remark(
            f"{courses.scale} scores of {{count}} at different visits have the same day",
            courses.where,
            "Check whether a score was entered under two visits",
            count=int(again.sum()),
            total=len(again),
        )


def _same_in_a_group(courses: Courses, plan: AnalysisPlan, cohort: Cohort) -> Iterator[Remark]:
    """Arms, and levels of factors, of which all members have the same score or change."""
    first = courses.scores.iloc[:, 0]
    changes = courses.scores.iloc[:, 1:].sub(first, axis=0)
    for group, members in _groups(courses, plan, cohort):
        same = {
            visit: what
            for frame, what in ((changes, "change from baseline"), (courses.scores, "score"))
            for visit, values in frame[frame.index.isin(members)].items()
            if values.count() >= LEAST_IN_A_GROUP and values.min() == values.max()
        }
        elsewhere = courses.scores[~courses.scores.index.isin(members)]
        if same and (elsewhere[list(same)].min() != elsewhere[list(same)].max()).any():
            yield Remark(
                f"All participants of {group} have the same {courses.scale} "
                f"{' or '.join(sorted(set(same.values())))} at {', '.join(map(str, same))}",
                courses.where,
                "Check how the file was made; standard errors take such scores for measurements",
                gravity="warning",
            )


def _groups(courses: Courses, plan: AnalysisPlan, cohort: Cohort) -> Iterator[tuple[str, pd.Index]]:
    phase = courses.where.removeprefix("phase ")
    assigned = cohort.assignments[cohort.assignments["phase"] == phase]
    for arm, rows in assigned.groupby("arm", sort=True, observed=True):
        yield f"arm `{arm}`", pd.Index(rows["subject"])
    for name in plan.data.file_columns.covariates:
        if name in cohort.subjects and not pd.api.types.is_numeric_dtype(cohort.subjects[name]):
            for _, rows in cohort.subjects.groupby(name, sort=True, observed=True):
                yield f"one level of `{name}`", pd.Index(rows["subject"])


def _carried(courses: Courses) -> Iterator[Remark]:
    """Visits at which most scores are those of the visit before."""
    scores = courses.scores
    lowest = float(np.nanmin(scores.to_numpy()))
    for before, visit in zip(scores.columns[:-1], scores.columns[1:], strict=True):
        both = scores[[before, visit]].dropna()
        both = both[(both != lowest).all(axis=1)]  # who is well has the same lowest score
        same = int((both[before] == both[visit]).sum())
        if len(both) >= LEAST_PAIRS and same >= MANY * len(both):
            yield Remark(
                f"{courses.scale} scores of {{count}} at {visit} are those of {before}, as where "
                "the last score was carried forward in the file",
                courses.where,
                "If so, leave the copies out, or name the column that marks them under "
                "`data.columns.derived`",
                count=same,
                total=len(both),
                gravity="warning",
            )


def _unchanging(courses: Courses) -> Iterator[Remark]:
    """Participants who have the same score at every visit."""
    scores = courses.scores[courses.scores.count(axis=1) >= LEAST_VISITS]
    lowest = float(np.nanmin(courses.scores.to_numpy()))
    still = (scores.max(axis=1) == scores.min(axis=1)) & (scores.min(axis=1) > lowest)
    if still.sum() > 2 and still.mean() >= SEVERAL:  # noqa: PLR2004 - one or two by chance
        yield Remark(
            f"{{count}} have the same {courses.scale} score at every visit",
            courses.where,
            "Check whether the baseline score was copied to later visits",
            count=int(still.sum()),
            total=len(scores),
        )


def _twins(courses: Courses, plan: AnalysisPlan, subjects: pd.DataFrame) -> Iterator[Remark]:
    """Participants who have all scores and covariates in common with another."""
    names = [  # who is entered again at another site is another in words alone
        name
        for name in plan.data.file_columns.covariates
        if name in subjects and pd.api.types.is_numeric_dtype(subjects[name])
    ]
    scores = courses.scores[courses.scores.count(axis=1) >= LEAST_TWIN_VISITS]
    scores = scores[scores.max(axis=1) > scores.min(axis=1)]
    twins = alike(scores.join(subjects.set_index("subject")[names], rsuffix=" covariate"))
    if twins:
        yield Remark(
            f"{{count}} have all {courses.scale} scores and numbers at baseline in common with "
            "another participant, and count as different people",
            courses.where,
            "If a participant was entered twice, leave one out with `data.where`",
            count=twins,
            total=len(scores),
            gravity="warning",
        )
