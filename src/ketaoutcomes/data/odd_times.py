"""Times to event that seem to have another unit, or to begin with the event: told, and no error."""

from collections.abc import Iterator
from typing import Final

import numpy as np
import pandas as pd

from ketaoutcomes.cohort import Cohort
from ketaoutcomes.data.coincidences import alike
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.remarks import Remark

MANY_DECIMALS: Final = 0.2
"""The share of times with decimals from which days are no likely unit."""
SHORT: Final = 0.25
"""The share of the plan's visits that the longest follow-up reaches."""
UNLIKE: Final = 3.0
"""How many times longer the follow-up of one arm is; a week has seven days."""
LONG_AFTER: Final = 20.0
"""How many times later than the last visit of the plan the longest follow-up ends."""
LEAST_IN_AN_ARM: Final = 10
LEAST_OF_ONE_TIME: Final = 5
HALF: Final = 0.5
STEPS: Final = {28: "periods of 28 days", 30: "periods of 30 days", 14: "fortnights", 7: "weeks"}
"""Steps of days, the coarsest first, in which times may be told."""
MANY_EARLY: Final = 0.2
RARE: Final = 0.001
LONG: Final = 0.9
"""The quantile of times that stands for the length of follow-up."""
UNIT: Final = "If the file counts weeks, months or years, set `data.time_unit`"


def odd_times(plan: AnalysisPlan, cohort: Cohort) -> Iterator[Remark]:
    """Events at time 0, and times that days as unit make unlikely."""
    for phase, rows in cohort.times.groupby("phase", sort=True, observed=True):
        where = f"phase {phase}"
        ends = rows.sort_values("time").drop_duplicates("subject", keep="last")
        yield from _at_time_zero(where, ends)
        if _in_days(plan):
            yield from _decimals(where, ends)
            yield from _short(where, ends, plan.phases[str(phase)].nominal_days)
        assigned = cohort.assignments[cohort.assignments["phase"] == phase]
        ends = ends.merge(assigned[["subject", "arm"]], on="subject")
        yield from _unlike_arms(where, ends)
        yield from _censored_at_once(where, ends)
        yield from _rounded_in_an_arm(where, ends)
        yield from _events_after_censoring(where, ends)
        yield from _twins(where, ends, cohort.subjects)


def _in_days(plan: AnalysisPlan) -> bool:
    """Whether days are the unit because no column of the file tells another."""
    told = plan.data.file_columns
    return plan.data.time_unit == "days" and told.time_unit is None and told.parameter is None


def _at_time_zero(where: str, ends: pd.DataFrame) -> Iterator[Remark]:
    at_once = int((ends["event"].astype(bool) & (ends["time"] <= 0)).sum())
    if at_once:
        yield Remark(
            "The event of {count} is at time 0, when follow-up begins; it counts, and treatment "
            "cannot have changed it",
            where,
            "Correct the time, or leave out who had the event before the start with "
            "`data.where.times`",
            count=at_once,
            total=len(ends),
        )


def _decimals(where: str, ends: pd.DataFrame) -> Iterator[Remark]:
    time = ends["time"].to_numpy(dtype=float)
    broken = int((time != np.round(time)).sum())
    if broken >= MANY_DECIMALS * time.size and broken > 1:
        yield Remark(
            "Times to event of {count} have decimals and are read as days",
            where,
            UNIT,
            count=broken,
            total=time.size,
            gravity="warning",
        )


def _short(where: str, ends: pd.DataFrame, planned: dict[str, float]) -> Iterator[Remark]:
    last = max(planned.values(), default=0.0)
    longest = float(ends["time"].max())
    if longest < SHORT * last and len(ends) >= LEAST_IN_AN_ARM:
        yield Remark(
            "The longest follow-up of the times file ends in the first quarter of the visits of "
            "the plan, read as days",
            where,
            UNIT,
            gravity="warning",
        )
    if longest > LONG_AFTER * last > 0:
        yield Remark(
            f"The longest follow-up of the times file ends more than {LONG_AFTER:g} times later "
            "than the visits of the plan, read as days",
            where,
            "If the file counts hours, or has dates or years instead of times, set "
            "`data.time_unit` or count days with `data.derive`",
            gravity="warning",
        )


def _unlike_arms(where: str, ends: pd.DataFrame) -> Iterator[Remark]:
    """Arms of which one is followed several times longer, as where one has another unit."""
    times = ends.groupby("arm", observed=True)["time"]
    long = times.quantile(LONG)  # a single slip is no unit
    if len(long) < 2 or times.size().min() < LEAST_IN_AN_ARM:  # noqa: PLR2004 - one arm
        return
    if long.min() > 0 and long.max() >= UNLIKE * long.min():
        yield Remark(
            f"The longest times of arms `{long.idxmin()}` and `{long.idxmax()}` differ by more "
            f"than {UNLIKE:g} times, as where one has another unit",
            where,
            "If so, bring them to one unit with `data.derive`",
            gravity="warning",
        )


def _censored_at_once(where: str, ends: pd.DataFrame) -> Iterator[Remark]:
    """Arms of which all are censored at one time, where those of another arm are not."""
    censored = ends[~ends["event"].astype(bool)].groupby("arm", observed=True)["time"]
    at_once = (censored.size() >= LEAST_OF_ONE_TIME) & (censored.max() == censored.min())
    if 0 < at_once.sum() < len(at_once):
        arms = " and ".join(f"`{arm}`" for arm in at_once[at_once].index)
        yield Remark(
            f"All who are censored in arm {arms} have one time, and those of other arms have "
            "several",
            where,
            "Check why participants of each arm are censored; curves take censoring to say nothing "
            "of the event",
        )


def _rounded_in_an_arm(where: str, ends: pd.DataFrame) -> Iterator[Remark]:
    """Arms whose times are whole weeks or months, where those of another are not."""
    size = ends.groupby("arm", observed=True).size()
    for step, unit in STEPS.items():
        on_a_step = (ends["time"] % step == 0).astype(float)
        whole = on_a_step.groupby(ends["arm"], observed=True).mean()
        coarse = (whole == 1) & (size >= LEAST_IN_AN_ARM)
        if coarse.any() and (whole[size >= LEAST_IN_AN_ARM] < HALF).any():
            arms = " and ".join(f"`{arm}`" for arm in coarse[coarse].index)
            yield Remark(
                f"All times of arm {arms} are whole {unit}, and those of another are not; an event "
                "that is seen at visits alone is dated later",
                where,
                "If the event was looked for at other times in each arm, use "
                "`model: interval_censored`",
                gravity="warning",
            )
            return


def _events_after_censoring(where: str, ends: pd.DataFrame) -> Iterator[Remark]:
    """First events after many are censored, as where the two codes are confused.

    If events came at any place in the order of times, the chance that all come after a share f
    would be (1 - f) to the power of their number.
    """
    event = ends["event"].astype(bool)
    early = int((ends.loc[~event, "time"] < ends.loc[event, "time"].min()).sum())
    chance = (1 - early / len(ends)) ** int(event.sum())
    if event.any() and early >= MANY_EARLY * len(ends) and chance < RARE:
        yield Remark(
            "{count} are censored before the first event, as where the codes of event and "
            "censoring are confused",
            where,
            "If so, name the column under `data.columns.censored` instead of `occurred`, or the "
            "other way round",
            count=early,
            total=len(ends),
            gravity="warning",
        )


def _twins(where: str, ends: pd.DataFrame, subjects: pd.DataFrame) -> Iterator[Remark]:
    """Participants whose arm, time, event and covariates are those of another."""
    known = ends[["subject", "arm", "time", "event"]].merge(subjects, on="subject")
    twins = alike(known.drop(columns="subject"))
    if twins:
        yield Remark(
            "{count} have arm, time, event and all covariates in common with another participant, "
            "and count as different people",
            where,
            "If a participant was entered twice, leave one out with `data.where.times`",
            count=twins,
            total=len(known),
            gravity="warning",
        )
