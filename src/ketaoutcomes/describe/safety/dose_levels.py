"""Exposure by dose: who received each dose, how often, over how long, and how much in all.

ICH E3, section 12.1.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

import pandas as pd

from ketaoutcomes.describe.safety.population import SafetyPopulation
from ketaoutcomes.results import Result

TABLE = "ext02"
MOST_LEVELS = 12
"""More different doses are no levels: each was made for one participant."""

OTHER: Final = "other doses"
DOSES, DAYS, TOTAL = "doses", "time from first to last dose", "cumulative dose"


def dose_level_table(
    people: SafetyPopulation, given: pd.DataFrame, smallest: int
) -> tuple[Result, ...]:
    """Participants with each dose and, of these, mean and SD of doses, days and cumulative dose.

    `group` is "level" or "level: measure". Doses that few had, or all but few, are pooled before
    they are counted.

    Parameters
    ----------
    given : DataFrame
        The doses of the phase, `subject, day, dose, unit, route`.
    smallest : int
        The smallest count of participants that may be shown.
    """
    arms = people.subjects.set_index("subject")["arm"]
    known = given[given["subject"].isin(arms.index) & given["dose"].notna()]
    if known.empty:
        return ()
    doses = known.assign(dose=known["dose"].astype(float), arm=known["subject"].map(arms))
    doses = doses.assign(unit=_words(doses["unit"]), route=_words(doses["route"]))
    keys = ["unit", "route", "dose"]
    levels = doses[keys].drop_duplicates().sort_values(keys)
    if len(levels) > MOST_LEVELS:
        return (_too_many(people.phase),)
    names = [_name(*level) for level in levels.itertuples(index=False)]
    doses = doses.merge(levels.assign(level=names), on=keys)
    pooled = _pooled(doses, people.sizes, names, smallest)
    order = [name for name in (*names, OTHER) if name in set(pooled["level"])]
    if not _may_be_shown(pooled, people.sizes, smallest):
        return ()
    return tuple(row for level in order for row in _of_level(people, pooled, level))


def _words(column: pd.Series) -> pd.Series:
    words = {word: "" if pd.isna(word) else str(word).strip() for word in column.unique()}
    return column.map(words).astype(object)


def _name(unit: str, route: str, dose: float) -> str:
    return ", ".join(filter(None, (f"{dose:g} {unit}".strip(), route)))


def _too_many(phase: str) -> Result:
    return Result(
        table=TABLE,
        statistic="subjects",
        phase=phase,
        status="unavailable",
        message=f"there are more than {MOST_LEVELS} different doses",
    )


def _pooled(
    doses: pd.DataFrame, sizes: dict[str, int], names: list[str], smallest: int
) -> pd.DataFrame:
    """The doses with one level for those that could tell of few, joined until they tell of none."""
    unsafe = [
        name for name in names if not _may_be_shown(doses[doses["level"] == name], sizes, smallest)
    ]
    safe = [name for name in names if name not in unsafe]
    pooled = doses.assign(level=doses["level"].where(~doses["level"].isin(unsafe), OTHER))
    while safe and not _may_be_shown(pooled[pooled["level"] == OTHER], sizes, smallest):
        pooled = pooled.assign(level=pooled["level"].replace(safe.pop(), OTHER))
    return pooled


def _may_be_shown(doses: pd.DataFrame, sizes: dict[str, int], smallest: int) -> bool:
    """Whether in no arm few had each of these levels, nor all but few."""
    counts = doses.groupby(["level", "arm"])["subject"].nunique()
    whole = counts.index.get_level_values("arm").map(sizes).to_numpy()
    few = counts.to_numpy() < smallest
    all_but_few = (whole > counts.to_numpy()) & (whole - counts.to_numpy() < smallest)
    return not (few | all_but_few).any()


def _of_level(people: SafetyPopulation, doses: pd.DataFrame, level: str) -> Iterator[Result]:
    here = doses[doses["level"] == level]
    for arm, size in people.sizes.items():
        of_subject = here[here["arm"] == arm].groupby("subject")
        row = Result(table=TABLE, statistic="subjects", phase=people.phase, arm=arm, group=level)
        yield replace(row, estimate=float(of_subject.ngroups), n=size)
        if of_subject.ngroups == 0:
            continue
        days = of_subject["day"].agg(["min", "max"]).astype(float)
        units = here["unit"].unique()
        measures = [(DOSES, "", of_subject.size()), (DAYS, "days", days["max"] - days["min"])]
        if len(units) == 1 and (here["dose"] > 0).any():
            measures.append((TOTAL, str(units[0]), of_subject["dose"].sum()))
        for name, unit, values in measures:
            row = replace(row, group=f"{level}: {name}", unit=unit, n=len(values))
            if values.notna().all():
                yield replace(row, statistic="mean", estimate=float(values.mean()))
                if len(values) > 1:
                    yield replace(row, statistic="SD", estimate=float(values.std()))
