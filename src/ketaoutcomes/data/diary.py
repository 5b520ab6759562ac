"""Daily scores become the mean of the days up to each visit, if enough of them have an entry."""

from dataclasses import replace
from typing import Final

import numpy as np
import pandas as pd

from ketaoutcomes.data.mapping import MappedTable, numbers
from ketaoutcomes.data.readers.raw import as_text
from ketaoutcomes.data.values.days import days_since_first_dose
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.data import Diary
from ketaoutcomes.plan.study import Phase
from ketaoutcomes.remarks import COUNT, Remark
from ketaoutcomes.scales import SCALES

NEEDED: Final = ("subject", "phase", "scale", "day", "value")
WEEK: Final = ["subject", "phase", "visit", "scale"]


def in_diary(table: MappedTable, plan: AnalysisPlan) -> tuple[MappedTable, tuple[Remark, ...]]:
    """The table with one mean for each visit, and how many days and weeks were left out.

    Entries of one day count once, by their mean. Rows whose score is no number, or lies outside its
    scale, stay as they are, so that the contract refuses them by their number.
    """
    diary = plan.data.diary
    if diary is None or table.role != "visits" or not table.has(*NEEDED):
        return table, ()
    day = np.floor(days_since_first_dose(table.frame["day"], plan.data))
    score = numbers(table.frame["value"])
    frame = table.frame.assign(visit=visits_of_days(table.frame["phase"], day, plan, diary))
    odd = (frame["value"].notna() & score.isna()) | _outside(frame["scale"], score, plan)
    if odd.any():
        return replace(table, frame=frame[odd]), ()
    told = frame[["subject", "visit"]].notna().all(axis=1) & score.notna()
    beyond = score.notna() & frame["visit"].isna()
    daily = frame[told].assign(at=day[told], score=score[told])
    once = daily.groupby([*WEEK, "at"], sort=False)["score"].mean()
    days = once.groupby(level=WEEK, sort=False).agg(["size", "mean"])
    enough = days["mean"].where(days["size"] >= diary.needed)
    rows = daily.drop_duplicates(WEEK)
    mean = enough.reindex(pd.MultiIndex.from_frame(rows[WEEK]))
    weeks = rows.assign(value=as_text(mean.set_axis(rows.index)), day=_nominal(rows, plan))
    weeks = pd.concat([weeks[frame.columns], _without_a_day(frame, rows, plan)]).sort_index()
    short = int(enough.isna().sum())
    counts = (len(days), short, len(daily) - len(once), int(beyond.sum()))
    return replace(table, frame=weeks), _words(diary, *counts)


def _without_a_day(frame: pd.DataFrame, rows: pd.DataFrame, plan: AnalysisPlan) -> pd.DataFrame:
    """A row without a score for each participant with no day that counts, who was there still."""
    who = ["subject", "phase", "scale"]
    first = frame[frame[who].notna().all(axis=1)].drop_duplicates(who)
    seen = pd.MultiIndex.from_frame(rows[who])
    first = first[~pd.MultiIndex.from_frame(first[who]).isin(seen)]
    last = {name: next(reversed(phase.schedule()), None) for name, phase in plan.phases.items()}
    return first.assign(value=None, day=None, visit=first["phase"].map(last))


def visits_of_days(
    phases: pd.Series, day: pd.Series, plan: AnalysisPlan, diary: Diary
) -> pd.Series:
    """The visit whose days an entry belongs to; missing where it belongs to none."""
    visit = pd.Series(None, index=day.index, dtype=object)
    for name, phase in plan.phases.items():
        for label, (first, last) in days_of_visits(phase, diary).items():
            visit[(phases == name) & day.between(first, last)] = label
    return visit


def days_of_visits(phase: Phase, diary: Diary) -> dict[str, tuple[float, float]]:
    """The first and the last day that count for each visit, in days since the first dose.

    They end with the day of the visit. A visit on the day of the first dose has the days before it,
    and no other visit has any of these.
    """
    return {
        visit: (-diary.days, -1.0) if day == 0 else (max(day - diary.days + 1, 0.0), day)
        for visit, day in phase.nominal_days.items()
    }


def _outside(scales: pd.Series, score: pd.Series, plan: AnalysisPlan) -> pd.Series:
    """True where a daily score lies outside its scale, which a mean would hide."""
    outside = pd.Series(data=False, index=score.index)
    for name in scales.dropna().unique():
        if name in plan.scales or name in SCALES:
            scale = plan.scale(name)
            here = (scales == name) & score.notna()
            outside |= here & ~score.between(scale.low, scale.high)
    return outside


def _nominal(rows: pd.DataFrame, plan: AnalysisPlan) -> pd.Series:
    """The day of the plan, as the data would write it."""
    data = plan.data
    of_phase = {name: phase.nominal_days for name, phase in plan.phases.items()}
    first = data.first_dose_day if data.day_unit == "days" else 0
    days = [of_phase[p][v] + first for p, v in zip(rows["phase"], rows["visit"], strict=True)]
    return as_text(pd.Series(days, index=rows.index, dtype=float))


def _words(diary: Diary, weeks: int, short: int, again: int, beyond: int) -> tuple[Remark, ...]:
    """What the means were made of."""
    told = [
        Remark(
            f"Each score is the mean of daily entries over {diary.days} days up to the visit. "
            f"{COUNT} with fewer than {diary.needed} days were left out as missing",
            where="`data.diary`",
            count=short,
            total=weeks,
            unit="period",
        )
    ]
    if again:
        told.append(
            Remark(
                f"Of several entries on one day the mean counts once; that concerned {COUNT}",
                where="`data.diary`",
                count=again,
                unit="row",
            )
        )
    if beyond:
        told.append(
            Remark(
                f"Daily entries on days that belong to no visit were not used: {COUNT}",
                where="`data.diary`",
                count=beyond,
                unit="row",
            )
        )
    return tuple(told)
