"""Exposure by dose: who received each dose, how often, over how long, and how much in all.

ICH E3, section 12.1.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ketaoutcomes.describe.safety.population import PLACE, SafetyPopulation, each_word
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
        The doses of the phase, `day, dose, unit, route`, with the places of their participants.
    smallest : int
        The smallest count of participants that may be shown.
    """
    known = given[given["dose"].notna()]
    if known.empty:
        return ()
    keys = {
        "unit": _words(known["unit"]),
        "route": _words(known["route"]),
        "dose": known["dose"].astype(float),
    }
    level, levels = _levels(keys)
    if len(levels) > MOST_LEVELS:
        return (_too_many(people.phase),)
    written = [_name(*of) for of in levels.itertuples(index=False)]
    names = list(dict.fromkeys(written))
    level = np.array([names.index(name) for name in written])[level]
    doses = known[["day", PLACE]].assign(dose=keys["dose"], unit=keys["unit"], level=level)
    pooled = _pooled(people, doses, names, smallest)
    had = _had(people, pooled, len(names) + 1)
    if not all(_may_be_shown(people, of_level, smallest) for of_level in had):
        return ()
    return tuple(
        row
        for place, name in enumerate((*names, OTHER))
        if had[place].any()
        for row in _of_level(people, pooled[pooled["level"] == place], name)
    )


def _words(column: pd.Series) -> pd.Series:
    return each_word(column, lambda word: "" if pd.isna(word) else str(word).strip())


def _levels(keys: dict[str, pd.Series]) -> tuple[NDArray[np.int64], pd.DataFrame]:
    """The level of each dose by its place among all that were given, and these in order."""
    coded = {key: pd.factorize(column) for key, column in keys.items()}
    sizes = tuple(len(found) for _, found in coded.values())
    cells, cell = np.unique(
        np.ravel_multi_index([codes for codes, _ in coded.values()], sizes), return_inverse=True
    )
    places = np.unravel_index(cells, sizes)
    given = pd.DataFrame(
        {key: coded[key][1][place] for key, place in zip(keys, places, strict=True)}
    )
    levels = given.sort_values(list(keys))
    rank = np.empty(len(cells), dtype=np.int64)
    rank[levels.index] = np.arange(len(cells))
    return rank[cell], levels


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
    people: SafetyPopulation, doses: pd.DataFrame, names: list[str], smallest: int
) -> pd.DataFrame:
    """The doses with one level for those that could tell of few, joined until they tell of none."""
    other = len(names)
    had = _had(people, doses, other)
    safe = [place for place in range(other) if _may_be_shown(people, had[place], smallest)]
    unsafe = [place for place in range(other) if place not in safe]
    while safe and not _may_be_shown(people, np.any(had[unsafe], axis=0), smallest):
        unsafe.append(safe.pop())
    if not unsafe:
        return doses
    return doses.assign(level=np.where(np.isin(doses["level"], unsafe), other, doses["level"]))


def _had(people: SafetyPopulation, doses: pd.DataFrame, levels: int) -> NDArray[np.bool_]:
    """Whether each participant, by place, had each level."""
    had = np.zeros((levels, len(people.ids)), dtype=bool)
    had[doses["level"].to_numpy(), doses[PLACE].to_numpy()] = True
    return had


def _may_be_shown(people: SafetyPopulation, had: NDArray[np.bool_], smallest: int) -> bool:
    """Whether in no arm few had a level, nor all but few."""
    for arm, count in people.by_arm(had).items():
        whole = people.sizes[arm]
        if count and (count < smallest or 0 < whole - count < smallest):
            return False
    return True


def _of_level(people: SafetyPopulation, here: pd.DataFrame, level: str) -> Iterator[Result]:
    arms = people.arms_of(here)
    for place, (arm, size) in enumerate(people.sizes.items()):
        of_subject = here[arms == place].groupby(PLACE)
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
