"""Rows of start and stop: which columns tell them, and which says that an event ended a row."""

import pandas as pd

from ketaoutcomes.data.inspection.column_words import (
    EVENT_WORDS,
    START_WORDS,
    STOP_WORDS,
    TIME_WORDS,
    named,
)
from ketaoutcomes.data.inspection.events import MOST_KINDS, event_meaning, kinds_of_end
from ketaoutcomes.data.inspection.profile import Column
from ketaoutcomes.data.inspection.questions import Asked, Choice, Question
from ketaoutcomes.data.inspection.timed import ENDS_AS_TIME


def times_of_rows(columns: list[Column], subject: Column) -> dict[str, str]:
    """Columns of start, stop and event of a counting process, the next start at the last stop."""
    starts = [c for c in named(columns, START_WORDS) if c.numeric]
    stops = [c for c in named(columns, STOP_WORDS) if c.numeric]
    if not any(_says_event(c) for c in named(columns, EVENT_WORDS)):
        return {}
    named_so = [(a, b) for a in starts[:1] for b in stops[:1]]
    times = [c for c in columns if c.numeric and not c.binary and ENDS_AS_TIME.fullmatch(c.name)]
    times += [c for c in named(columns, TIME_WORDS) if c.numeric and not c.binary]
    of_any = [(a, b) for a in times for b in times if a is not b]
    for start, stop in named_so or of_any:
        if _follow_each_other(start, stop, subject):
            return {"entry": start.name, "time": stop.name}
    return {}


def events_of_rows(columns: list[Column]) -> list[Column]:
    """The columns that may say that a row ends with an event."""
    return [c for c in named(columns, EVENT_WORDS) if 1 < len(c.counts) <= MOST_KINDS]


def ask_mark(asked: Asked, marks: list[Column]) -> Question:
    """Which column says that a row ends with an event: evident where one alone is called so."""
    alone = len(marks) == 1
    return asked.decide(
        "event_column",
        "Which column says that a row ends with an event?",
        [Choice(c.name, f"{len(c.counts)} values") for c in marks],
        evident=marks[0].name if alone else "",
        because="no other column is called after an event" if alone else "",
        default=next(c.name for c in marks if _says_event(c)),
    )


def _says_event(column: Column) -> bool:
    return column.binary or bool(event_meaning(column)) or bool(kinds_of_end(column)[0])


def _follow_each_other(start: Column, stop: Column, subject: Column) -> bool:
    """Whether each row of a participant begins where the one before it stopped."""
    rows = pd.DataFrame({"who": subject.text, "start": start.number, "stop": stop.number})
    rows = rows.sort_values(["who", "start", "stop"])
    ends = rows.groupby("who")["stop"].shift()
    joined = bool((rows["start"].eq(ends) | ends.isna()).all()) and bool(ends.notna().any())
    return joined and bool((rows["start"] < rows["stop"]).all())
