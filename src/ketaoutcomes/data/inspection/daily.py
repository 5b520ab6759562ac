"""Daily series, such as diaries: how they are recognised, and the weeks of a plan for them."""

from typing import Any, Final

import pandas as pd

from ketaoutcomes.data.inspection.column_words import DAY_WORDS, rank
from ketaoutcomes.data.inspection.profile import Column
from ketaoutcomes.data.inspection.questions import Asked, Choice, Question

FEWEST_DAYS: Final = 14
"""Days of two weeks; less is a series of visits."""
DAILY: Final = 0.7
"""So many steps from an entry to the next are of one day."""
WEEK: Final = 7
NEEDED: Final = 4
"""The fewest days of a week with an entry: more than half."""
MOST_WEEKS: Final = 104
REACHED: Final = 0.5
"""A week that fewer participants reach, of those of the fullest one, is not planned."""
RUN_IN: Final = "run-in"
FIRST_WEEK: Final = "first week"
NONE: Final = "none"


def is_daily(day: Column, subject: pd.Series) -> bool:
    """Whether a column numbers the days of a series, most of them one after the other."""
    if rank(day, DAY_WORDS) is None or not day.numeric or len(day.counts) < FEWEST_DAYS:
        return False
    number = day.number.dropna()
    if (number % 1 != 0).any():
        return False
    ordered = pd.DataFrame({"who": subject, "day": day.number}).dropna().sort_values(["who", "day"])
    steps = ordered.groupby("who")["day"].diff().dropna()
    steps = steps[steps > 0]
    return len(steps) > 0 and float((steps == 1).mean()) >= DAILY


def weeks_of(day: Column, subject: pd.Series, first_dose_day: int) -> tuple[int, bool]:
    """How many whole weeks after the first dose many participants reach, and if days go before it.

    Parameters
    ----------
    first_dose_day : int
        The number of the day of the first dose.
    """
    since = day.number - first_dose_day
    last = since.groupby(subject).max().dropna()
    full = ((last + 1) // WEEK).clip(upper=MOST_WEEKS)
    weeks = range(1, int(full.max()) + 1)
    reached = [week for week in weeks if (full >= week).sum() >= REACHED * len(full)]
    before = day.number[day.number < 0].groupby(subject).nunique() >= NEEDED
    return max(reached, default=0), bool(before.mean() >= REACHED) if len(before) else False


def ask_first_week(asked: Asked, *, run_in: bool) -> Question:
    """Which days are the baseline of a daily series."""
    told = Choice(RUN_IN, "the seven days before the first dose are the baseline")
    return asked.decide(
        "baseline",
        "Which days of the daily series are the baseline?",
        (
            *((told,) if run_in else ()),
            Choice(FIRST_WEEK, "changes from the mean of the first week are analysed"),
            Choice(NONE, "no baseline was measured, and weekly means themselves are analysed"),
        ),
        evident=RUN_IN if run_in else "",
        because="the days are negative before the first dose" if run_in else "",
    )


def weekly_visits(weeks: int, baseline: str) -> dict[str, dict[str, Any]]:
    """A visit on the last day of each week; the baseline before them, or the first week is it."""
    visits: dict[str, dict[str, Any]] = {
        f"Week {week}": {"day": WEEK * week} for week in range(1, weeks + 1)
    }
    return visits if baseline == FIRST_WEEK else {"Baseline": {"day": 1}, **visits}
