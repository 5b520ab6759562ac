"""Listings of serious adverse events and of deaths, where the plan permits rows of participants.

ICH E3, sections 14.3.2 and 14.3.3. Participants are numbered anew, in the order of the
listing; an id, a date or an age is never shown. The plan cannot ask for a listing where small
counts are hidden.
"""

from collections.abc import Iterator
from typing import Final

import pandas as pd

from ketaoutcomes.describe.safety.population import FATAL, SafetyPopulation
from ketaoutcomes.plan.safety import Safety
from ketaoutcomes.results import Result

SERIOUS, DEATHS = "aelt01", "aelt02"
BETWEEN: Final = "; "
"""Between what is told of a row: number of the participant, event, class, and so on."""

UNKNOWN: Final = "not stated"


def listings(people: SafetyPopulation, safety: Safety) -> tuple[Result, ...]:
    """A row for each serious or fatal event, and for each death; `estimate` is the day.

    `group` holds, in this order, the new number of the participant, the term and, for an event,
    its class, severity, relation to treatment and whether it was fatal.
    """
    return (
        *(_serious(people) if "serious" in safety.listings else ()),
        *(_deaths(people) if "deaths" in safety.listings else ()),
    )


def _serious(people: SafetyPopulation) -> Iterator[Result]:
    events = people.events
    fatal = events[FATAL].eq(True) if FATAL in events else pd.Series(data=False, index=events.index)
    told = events.assign(fatal=fatal)[events["serious"].eq(True) | fatal]
    told = told.sort_values(["day", "term", "soc", "subject"], kind="stable")
    for number, row in _numbered(people, told):
        related = {True: "related", False: "not related"}.get(row.related, UNKNOWN)
        severity = UNKNOWN if pd.isna(row.severity) else str(row.severity).casefold()
        words = (row.term, row.soc, severity, related, "fatal" if row.fatal else "not fatal")
        yield _row(people, SERIOUS, row, (number, *words))


def _deaths(people: SafetyPopulation) -> Iterator[Result]:
    who = people.subjects[people.subjects["subject"].isin(people.died or ())]
    events = people.events
    causes = events[events[FATAL].eq(True)] if FATAL in events else events.iloc[:0]
    terms = causes.groupby("subject")["term"].agg(lambda names: ", ".join(sorted(set(names))))
    # follow-up may end before the fatal event in the data; nobody died before it
    began = who["subject"].map(causes.groupby("subject")["day"].max())
    told = who.assign(
        term=who["subject"].map(terms).fillna(UNKNOWN),
        day=pd.concat([who["followed"], began], axis="columns").max(axis="columns"),
    ).sort_values(["day", "term", "subject"], kind="stable")
    for number, row in _numbered(people, told):
        yield _row(people, DEATHS, row, (number, row.term))


def _numbered(people: SafetyPopulation, rows: pd.DataFrame) -> Iterator[tuple[str, pd.Series]]:
    """The rows, arm by arm, with a number for each participant that says nothing of the id."""
    numbers: dict[str, str] = {}
    for arm in people.arms:
        for _, row in rows[rows["arm"] == arm].iterrows():
            yield numbers.setdefault(row["subject"], str(len(numbers) + 1)), row


def _row(people: SafetyPopulation, table: str, row: pd.Series, words: tuple[object, ...]) -> Result:
    parts = (str(word).replace(BETWEEN.strip(), ",") for word in words)
    return Result(
        table=table,
        statistic="day",
        phase=people.phase,
        arm=str(row["arm"]),
        group=BETWEEN.join(parts),
        estimate=None if pd.isna(row["day"]) else float(row["day"]) + 1,
        unit="study day",
    )
