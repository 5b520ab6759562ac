"""Adverse events by greatest severity and by relation to treatment (ICH E3, section 14.3.1).

A participant counts once for any event and once for each class: at the greatest severity, and as
related where any of the events was.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np
import pandas as pd

from ketaoutcomes.describe.safety.adverse_events import ANY
from ketaoutcomes.describe.safety.population import PLACE, SafetyPopulation, each_word
from ketaoutcomes.results import Result

SEVERITY, RELATION = "aet05", "aet06"
NOT_TOLD: Final = "not stated"
GRADES: Final = ("mild", "moderate", "severe", "life-threatening", "fatal")
"""From the least to the greatest; other words of the data stand between "not stated" and mild."""

RELATED, UNRELATED = "related", "not related"


def severity_tables(people: SafetyPopulation) -> tuple[Result, ...]:
    """Participants by greatest severity and by relation, where the data tell them.

    `group` is "any adverse event: level" or "class: level"; every level that anybody has is a row
    of every group, so that the levels of a group add up to those with any of its events.
    """
    events = people.events
    severity = _levels(events["severity"])
    related = events["related"].map({True: RELATED, False: UNRELATED})
    return (
        *_by_level(people, SEVERITY, severity, (*_others(severity), *GRADES)),
        *_by_level(people, RELATION, related.fillna(NOT_TOLD), (NOT_TOLD, UNRELATED, RELATED)),
    )


def _levels(words: pd.Series) -> pd.Series:
    """Severity in small letters; where nothing is told, that."""
    return each_word(words.fillna(NOT_TOLD), lambda word: str(word).strip().casefold() or NOT_TOLD)


def _others(severity: pd.Series) -> tuple[str, ...]:
    """Words of the data that are no usual grade, "not stated" first."""
    return (NOT_TOLD, *sorted(set(severity) - {NOT_TOLD, *GRADES}))


def _by_level(
    people: SafetyPopulation, table: str, level: pd.Series, order: tuple[str, ...]
) -> Iterator[Result]:
    present = set(level.unique())
    if present <= {NOT_TOLD}:
        return
    ranks = {name: rank for rank, name in enumerate(order)}
    seen = [name for name in order if name in present]
    events = people.placed_events[["soc", PLACE]].assign(rank=level.map(ranks))
    groups = {ANY: events, **{str(soc): part for soc, part in events.groupby("soc", sort=True)}}
    for group, part in groups.items():
        worst = np.full(len(people.ids), -1)
        np.maximum.at(worst, part[PLACE].to_numpy(), part["rank"].to_numpy())
        counts = {name: people.by_arm(worst == ranks[name]) for name in seen}
        for name in seen:
            for arm, size in people.sizes.items():
                yield Result(
                    table=table,
                    statistic="subjects",
                    phase=people.phase,
                    arm=arm,
                    group=f"{group}: {name}",
                    estimate=float(counts[name][arm]),
                    n=size,
                )
