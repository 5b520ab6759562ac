"""Days and values that the rest of the data contradict: told with their number, and no error."""

from collections.abc import Iterator
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ketaoutcomes.cohort import Cohort
from ketaoutcomes.data.courses import repetitions
from ketaoutcomes.data.odd_times import odd_times
from ketaoutcomes.data.plausible import implausible
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.study import Phase
from ketaoutcomes.remarks import Gravity, Remark

FloatArray = NDArray[np.float64]

A_DAY: Final = 1.0
"""Whole days cannot tell the order of a dose and of a score on the same day."""
LEAST_OF_EACH: Final = 3
"""So few values are single slips, and no second unit."""
LEAST_SHARE: Final = 0.05
APART: Final = 1.5
"""How many times higher the low whole numbers are than the high numbers with decimals."""
FAR_APART: Final = 8.0
"""How many times higher the whole numbers are in the middle; a foot has twelve inches."""


def contradictions(plan: AnalysisPlan, cohort: Cohort) -> tuple[Remark, ...]:
    """What the days and values of a cohort say against each other."""
    return (
        *_baselines_after_the_dose(plan, cohort.visits),
        *_days_of_other_visits(plan, cohort.visits),
        *_after_the_end(cohort),
        *_without_a_baseline(cohort.laboratory),
        *_units(plan, cohort),
        *_never_crossed(plan, cohort.assignments),
        *implausible(plan, cohort),
        *odd_times(plan, cohort),
        *repetitions(plan, cohort),
    )


def _baselines_after_the_dose(plan: AnalysisPlan, visits: pd.DataFrame) -> Iterator[Remark]:
    """Baseline scores that are dated a day or more after the dose, and after the plan's day."""
    for name, phase in plan.phases.items():
        if phase.baseline_visit is None:
            continue
        planned = max(phase.nominal_days[phase.baseline_visit], 0.0)
        here = visits[(visits["phase"] == name) & (visits["visit"] == phase.baseline_visit)]
        late = here[here["day"] >= planned + A_DAY]
        if len(late):
            yield Remark(
                "The baseline score of {count} is dated after the start of the phase, and may "
                "already hold an effect of treatment",
                f"phase {name}",
                "Correct the day, or leave these rows out with `data.where.visits`",
                count=late["subject"].nunique(),
                total=here["subject"].nunique(),
                gravity="warning",
            )


def _days_of_other_visits(plan: AnalysisPlan, visits: pd.DataFrame) -> Iterator[Remark]:
    """Scores whose own day lies beyond the visit before or after the one that they are given to.

    A visit of which this is the rule is a slip of the plan, which the cautions tell.
    """
    for name, phase in plan.phases.items():
        around = days_around(phase)
        here = visits[(visits["phase"] == name) & visits["visit"].isin(list(around))]
        if "derived" in here:  # a score carried forward keeps the day on which it was observed
            here = here[here["derived"].isna()]
        low, high = (
            here["visit"].map({v: pair[i] for v, pair in around.items()}).astype(float)
            for i in (0, 1)
        )
        beyond = (here["day"] < low) | (here["day"] > high)
        beyond &= beyond.groupby(here["visit"], observed=True).transform("mean") <= 1 / 2
        if beyond.any():
            yield Remark(
                "Scores whose day lies beyond that of the visit before or after in the plan count "
                "at the visit of their label: {count}",
                f"phase {name}",
                "Correct the day or the label; or take `visit` out of `data.columns`, and let "
                "`data.visit_windows` assign scores by their day",
                count=int(beyond.sum()),
                total=len(here),
                unit="score",
            )


def days_around(phase: Phase) -> dict[str, tuple[float, float]]:
    """The days of the visits before and after each visit; the last may be as late as it is long."""
    planned = phase.nominal_days
    days = np.unique(list(planned.values()))
    if days.size < 2:  # noqa: PLR2004 - one time has no neighbour
        return {}
    after = dict(zip(days, [*days[1:], 2 * days[-1] - days[-2]], strict=True))
    before = dict(zip(days, [-np.inf, *days[:-1]], strict=True))
    return {visit: (float(before[day]), float(after[day])) for visit, day in planned.items()}


def _after_the_end(cohort: Cohort) -> Iterator[Remark]:
    """Scores and adverse events that are dated after the participant's last day in the study."""
    key = ["phase", "subject"]
    ended = cohort.follow_up.dropna(subset=["last_day"])
    if ended.empty:
        return
    end = np.floor(ended.groupby(key, observed=True)["last_day"].max())
    for frame, what, then in (
        (cohort.visits, "Scores", "they count"),
        (cohort.adverse_events, "Adverse events", "they count, and add no time to the rates"),
    ):
        latest = frame.astype({"day": float}).groupby(key, observed=True)["day"].max()
        later = np.floor(latest) > end.reindex(latest.index)
        people = later[later].index.get_level_values("subject").nunique()
        if people:
            yield Remark(
                f"{what} of {{count}} are dated after the last day in the study that the data "
                f"give; {then}",
                remedy="Correct one of the two days, or leave these rows out with `data.where`",
                count=people,
                total=frame["subject"].nunique(),
            )


def _without_a_baseline(laboratory: pd.DataFrame) -> Iterator[Remark]:
    """Tests of participants who have no baseline value, so that no shift can be shown."""
    for (phase, test), rows in laboratory.groupby(["phase", "test"], sort=True, observed=True):
        marked = rows["baseline"].eq(other=True)
        first = marked if rows["baseline"].notna().any() else rows["day"] <= 0
        known = first | rows["baseline_indicator"].notna()
        lacking = int((~known.groupby(rows["subject"], observed=True).any()).sum())
        if lacking:
            yield Remark(
                f"{{count}} have values of {test} and none at baseline, so that no shift table "
                "includes them",
                f"phase {phase}",
                "Check the days of the values, or name the column that marks a baseline value "
                "under `data.columns.baseline_flag`",
                count=lacking,
                total=rows["subject"].nunique(),
            )


def _never_crossed(plan: AnalysisPlan, assignments: pd.DataFrame) -> Iterator[Remark]:
    """Participants of a crossover whose treatment is the same in all of their periods."""
    for name, analysis in plan.analyses.items():
        periods = getattr(analysis, "periods", ())
        here = assignments[assignments["phase"].isin(periods)].groupby("subject", observed=True)
        arms = here["arm"].agg(["nunique", "size"])
        stayed = (arms["size"] > 1) & (arms["nunique"] == 1)
        if stayed.any() and len(set(assignments["arm"])) > 1:
            yield Remark(
                "The treatment of {count} is the same in all periods; their difference from others "
                "is not one within participants",
                remedy="Check the codes of the arms in each period, or leave these rows out with "
                "`data.where`",
                count=int(stayed.sum()),
                total=len(arms),
                gravity="warning",
                analyses=(name,),
            )


def _units(plan: AnalysisPlan, cohort: Cohort) -> Iterator[Remark]:
    """Columns whose numbers with decimals are all far below their whole numbers."""
    for what, values, gravity in _columns(plan, cohort):
        with_decimals = in_two_units(values)
        if with_decimals:
            yield Remark(
                f"{what} with decimals ({{count}}) are all far below those without, as where a "
                "part of the rows has another unit, or a fraction for a percentage",
                remedy="If so, bring them to one unit with `data.derive`",
                count=with_decimals,
                total=values.size,
                unit="value",
                gravity=gravity,
            )


def _columns(plan: AnalysisPlan, cohort: Cohort) -> Iterator[tuple[str, FloatArray, Gravity]]:
    """Each column of numbers that analyses use, in the unit in which the data are written.

    Covariates are often laboratory values, whose few digits may look like two units.
    """
    for scale, rows in cohort.visits.groupby("scale", sort=True, observed=True):
        yield f"{scale} scores", rows["score"].dropna().to_numpy(dtype=float), "warning"
    if plan.data.time_unit == "days" and len(cohort.times):
        yield "Times to event", cohort.times["time"].dropna().to_numpy(dtype=float), "warning"
    for name in plan.data.file_columns.covariates:
        if name in cohort.subjects and pd.api.types.is_numeric_dtype(cohort.subjects[name]):
            values = cohort.subjects[name].dropna().to_numpy(dtype=float)
            yield f"Values of the covariate `{name}`", values, "note"


def in_two_units(values: FloatArray) -> int:
    """How many values seem to have another unit: those with decimals; 0 where none do.

    Measurements that are rounded to few digits also have decimals where they are small. These
    reach up to the whole numbers without a gap.

    Parameters
    ----------
    values : array, shape (n,)
        Numbers of one column, none missing.
    """
    size = np.abs(values[values != 0])
    decimals = size != np.round(size)
    small, large = size[decimals], size[~decimals]
    if min(small.size, large.size) < max(LEAST_OF_EACH, LEAST_SHARE * size.size):
        return 0
    apart = np.quantile(large, 0.05) >= APART * np.quantile(small, 0.95)
    far = np.median(large) >= FAR_APART * np.median(small)
    return int(small.size) if apart and far else 0
