"""Scores without a scheduled visit go to the visit nearest in days."""

from dataclasses import replace
from typing import Final

import numpy as np
import pandas as pd

from ketaoutcomes.clock import on_the_clock
from ketaoutcomes.data.mapping import MappedTable
from ketaoutcomes.data.values.days import days_since_first_dose
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.data import VisitWindows
from ketaoutcomes.plan.study import HOURS_PER_DAY, Phase
from ketaoutcomes.remarks import Remark

KEY: Final = ["subject", "phase", "visit", "scale"]
NEEDED: Final = ("subject", "phase", "scale", "day", "value")


def in_windows(table: MappedTable, plan: AnalysisPlan) -> tuple[MappedTable, tuple[Remark, ...]]:
    """The table with its unscheduled scores at scheduled visits, and words on what was done.

    A row whose visit is scheduled stays as it is. Another goes to the nearest visit: the phase's
    baseline if it was made up to the first dose, a later visit if after it. Where several scores
    then stand at one visit, the one with the visit's own label is taken, else the nearest.
    """
    windows = plan.data.visit_windows
    if windows is None or table.role != "visits" or not table.has(*NEEDED):
        return table, ()
    frame = table.frame if table.has("visit") else table.frame.assign(visit=None)
    day = days_since_first_dose(frame["day"], plan.data)
    loose = _unscheduled(frame, plan) & day.notna() & frame["value"].notna()
    nearest, distance = _nearest(frame["phase"], day.where(loose), plan, windows)
    placed = frame.assign(visit=frame["visit"].where(~loose, nearest))
    far = loose & placed["visit"].isna()
    if windows.within_days is not None:
        far |= loose & (distance > windows.within_days)
    order = pd.DataFrame(
        {
            "unlabelled": loose.to_numpy(),
            "distance": distance.to_numpy(),
            "day": day.to_numpy() * (1 if windows.ties == "earlier" else -1),
        }
    ).sort_values(["unlabelled", "distance", "day"], kind="stable")
    # a label given twice is for the contract to refuse; a loose score gives way to any other
    again = placed.iloc[order.index].duplicated(KEY).to_numpy()
    second = np.zeros(len(placed), dtype=bool)
    second[order.index.to_numpy()] = again
    out = far.to_numpy() | (second & loose.to_numpy())
    moved, left = int(loose.sum()) - int(out.sum()), int(out.sum())
    return replace(table, frame=placed[~out]), _words(moved, left)


def _unscheduled(frame: pd.DataFrame, plan: AnalysisPlan) -> pd.Series:
    """True where a row has no visit that its phase schedules."""
    known = {(name, visit) for name, phase in plan.phases.items() for visit in phase.schedule()}
    pairs = zip(frame["phase"], frame["visit"], strict=True)
    return pd.Series([pair not in known for pair in pairs], index=frame.index)


def _nearest(
    phases: pd.Series, day: pd.Series, plan: AnalysisPlan, windows: VisitWindows
) -> tuple[pd.Series, pd.Series]:
    """The nearest visit of each day, and how far it is; missing where the day is."""
    visit = pd.Series(None, index=day.index, dtype=object)
    distance = pd.Series(np.nan, index=day.index, dtype=float)
    for name, phase in plan.phases.items():
        here = (phases == name) & day.notna()
        visit[here & (day <= 0)] = phase.baseline_visit
        distance[here & (day <= 0)] = -day[here & (day <= 0)]
        after = here & (day > 0)
        names, gaps = _nearest_after(day[after].to_numpy(), phase, windows)
        visit[after] = names
        distance[after] = gaps
    return visit, distance


def _nearest_after(
    day: np.ndarray, phase: Phase, windows: VisitWindows
) -> tuple[np.ndarray, np.ndarray]:
    """The nearest of the visits after the first dose."""
    targets = {
        visit: when.hours_after_first_dose / HOURS_PER_DAY
        for visit, when in phase.schedule().items()
        if visit in phase.treatment_visits
    }
    if not targets or not len(day):
        return np.full(len(day), None, dtype=object), np.full(len(day), np.nan)
    by_day = sorted(targets, key=lambda visit: targets[visit], reverse=windows.ties == "later")
    gaps = on_the_clock(
        np.abs(day[:, None] - np.array([targets[visit] for visit in by_day])[None, :])
    )
    first = gaps.argmin(axis=1)  # of two as near, the first in this order
    return np.array(by_day, dtype=object)[first], gaps[np.arange(len(day)), first]


def _words(moved: int, left: int) -> tuple[Remark, ...]:
    """What was done, each part only where it was done."""
    both = (
        (moved, "Scores without a scheduled visit went to the visit nearest in days: {count}"),
        (
            left,
            "Scores without a scheduled visit are left out, being too far from every visit or "
            "farther from it than another score: {count}",
        ),
    )
    return tuple(Remark(what, count=number, unit="score") for number, what in both if number)
