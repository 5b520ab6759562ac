"""Rare events: incidence with an exact upper bound, also where none was seen.

Hanley & Lippman-Hand 1983, JAMA 249:1743-1745: with no event in n subjects the 95 % upper bound is
1 - 0.05^(1/n), about 3/n.
"""

from collections.abc import Iterator
from dataclasses import replace

import pandas as pd

from ketaoutcomes.describe.safety.adverse_events import share_row
from ketaoutcomes.describe.safety.population import PLACE, SafetyPopulation
from ketaoutcomes.numerics.incidence import upper_bound
from ketaoutcomes.results import Result

TABLE = "aet04"


def rare_events(
    people: SafetyPopulation, terms: tuple[str, ...], conf_level: float
) -> tuple[Result, ...]:
    """Subjects with each of the plan's rare terms, by arm, with a one-sided upper bound."""
    events = people.placed_events[["term", PLACE]]
    written: dict[str, list[object]] = {}
    for word in events["term"].unique() if terms else ():
        written.setdefault(str(word).casefold(), []).append(word)
    return tuple(
        row
        for term in terms
        for row in _term(
            people,
            term,
            events[events["term"].isin(written.get(term.strip().casefold(), []))],
            conf_level,
        )
    )


def _term(
    people: SafetyPopulation, term: str, part: pd.DataFrame, conf_level: float
) -> Iterator[Result]:
    """One rare event, `part` being its rows."""
    counts, events = people.by_arm(people.with_any(part)), people.rows_by_arm(part)
    for arm, size in people.sizes.items():
        if not size:
            continue
        count = counts[arm]
        row = Result(
            table=TABLE, statistic="proportion", phase=people.phase, arm=arm, group=term, n=size
        )
        row = replace(row, n_events=events[arm])
        yield replace(row, statistic="subjects", estimate=float(count))
        yield share_row(row, count, conf_level)
        yield replace(
            row,
            statistic="upper bound",
            estimate=upper_bound(count, size, conf_level),
            conf_level=conf_level,
            method="exact one-sided upper bound",
        )
