"""Which columns may hold the outcome, and what speaks for each."""

from dataclasses import dataclass, field, replace
from typing import Final, Literal

from ketaoutcomes.data.inspection.column_words import (
    CENSORED_WORDS,
    EVENT_WORDS,
    OUTCOME_WORDS,
    TIME_WORDS,
    before_randomisation,
    is_derived,
    named,
    rank,
)
from ketaoutcomes.data.inspection.events import event_meaning, kinds_of_end, tells_censoring
from ketaoutcomes.data.inspection.profile import Column
from ketaoutcomes.data.inspection.questions import Asked, Choice, Question
from ketaoutcomes.data.inspection.scales import guess_scale
from ketaoutcomes.data.inspection.visits import VisitColumns, wide_columns

OutcomeKind = Literal["long", "wide", "one outcome", "times"]
MOST_LISTED: Final = 12
KNOWN: Final = 3
"""A scale that the package knows, or a time with its event."""
NAMED: Final = 2
"""The name says that it is an outcome, or the layout does."""
POSSIBLE: Final = 1
MOST_BESIDE_AN_AGE: Final = 4
"""Columns of a file in which an age is the time of an event; among more it is that at entry."""
ASKS: Final = "Which column holds the outcome?"


@dataclass(frozen=True)
class Outcome:
    """A candidate for the outcome.

    Attributes
    ----------
    name : str
        What it is called in an answer: a column, or the stem of several.
    kind : str
        The layout that it makes of the file.
    means : str
        What speaks for it.
    weight : int
        `KNOWN`, `NAMED` or `POSSIBLE`.
    roles : dict of str to str
    scores : tuple of str
    wide : tuple of VisitColumns
    """

    name: str
    kind: OutcomeKind
    means: str
    weight: int
    roles: dict[str, str] = field(default_factory=dict)
    scores: tuple[str, ...] = ()
    wide: tuple[VisitColumns, ...] = ()


def choose(candidates: list[Outcome], asked: Asked) -> Outcome | None:
    """The outcome that was answered or is evident; None where several readings remain.

    It is evident where one candidate alone is known or named as an outcome.
    """
    if not candidates:
        return None
    listed = sorted(candidates, key=lambda outcome: -outcome.weight)[:MOST_LISTED]
    best = [outcome for outcome in listed if outcome.weight == listed[0].weight]
    evident = best[0] if len(best) == 1 and best[0].weight >= NAMED else None
    question = asked.decide(
        "outcome",
        ASKS,
        [Choice(outcome.name, outcome.means) for outcome in listed],
        evident=evident.name if evident else "",
        because=_why(evident, listed) if evident else "",
        default=listed[0].name,
    )
    return _taken(listed, question)


def _why(evident: Outcome, listed: list[Outcome]) -> str:
    return "nothing else can be it" if len(listed) == 1 else f"of all only this is {evident.means}"


def _taken(listed: list[Outcome], question: Question) -> Outcome | None:
    return next((outcome for outcome in listed if outcome.name == question.taken), None)


def outcomes_of_rows(free: list[Column], *, compares: bool) -> list[Outcome]:
    """Candidates in a file with one row a subject; single columns only where arms are told."""
    timed = timed_columns(free)
    wide = [_of_columns(group, free) for group in wide_columns(free)]
    used = {column for found in (*timed, *wide) for column in _columns_of(found)}
    single = [_of_single(c) for c in free if c.name not in used and _can_be_outcome(c)]
    return [*timed, *wide, *(single if compares else [])]


def _of_single(column: Column) -> Outcome:
    """A column by itself; a score of a known scale may as well be that at baseline."""
    found = _of_column(column)
    return replace(found, weight=POSSIBLE) if found.weight == KNOWN else found


def outcomes_of_visits(columns: list[Column]) -> list[Outcome]:
    """Candidates in a file with several rows a subject: what changes from visit to visit."""
    fitting = [c for c in columns if c.numeric or two_words(c)]
    alone = len([c for c in fitting if not is_derived(c)]) == 1
    return [_of_column(c, "long", alone=alone) for c in fitting if not is_derived(c)]


def two_words(column: Column) -> bool:
    """Whether a column holds two words that many rows share, such as yes and no."""
    return not column.numeric and len(column.counts) == len(column.labels()) == len("01")


def _can_be_outcome(column: Column) -> bool:
    told = len(column.counts) > 1 and (column.numeric or two_words(column))
    named_so = rank(column, OUTCOME_WORDS) is not None
    return told and (named_so or not before_randomisation(column)) and not is_derived(column)


def _columns_of(found: Outcome) -> list[str]:
    wide = [name for group in found.wide for name in group.columns.values()]
    return [*found.roles.values(), *found.scores, *wide]


def _of_column(
    column: Column, kind: OutcomeKind = "one outcome", *, alone: bool = False
) -> Outcome:
    if column.numeric and guess_scale([column], column.name).definition is None:
        scale = guess_scale([column], column.name).name
        return Outcome(column.name, kind, f"on the scale {scale}", KNOWN, {}, (column.name,))
    if rank(column, OUTCOME_WORDS) is not None:
        return Outcome(column.name, kind, "named as an outcome", NAMED, {}, (column.name,))
    if alone:
        means = "the only column that changes from visit to visit"
        return Outcome(column.name, kind, means, NAMED, {}, (column.name,))
    return Outcome(column.name, kind, _content(column), POSSIBLE, {}, (column.name,))


def _content(column: Column) -> str:
    if column.binary or two_words(column):
        return "one of two values"
    signs = "with and without a minus sign" if column.negative else "none below 0"
    return f"numbers, {signs}" if column.numeric else "text"


def _of_columns(group: VisitColumns, free: list[Column]) -> Outcome:
    by_name = {column.name: column for column in free}
    members = [by_name[name] for name in group.columns.values()]
    name = group.name
    known = guess_scale(members, name).definition is None
    clear = group.timed or len(members) > len("ab")
    weight = KNOWN if known else NAMED if clear else POSSIBLE
    return Outcome(name, "wide", f"a score at {len(members)} visits", weight, wide=(group,))


def timed_columns(columns: list[Column]) -> list[Outcome]:
    """A time and whether the event was seen or censored: coded 0 and 1, 1 and 2, or in words."""
    by_name = {column.name: column for column in columns}
    if _of_adam(by_name):
        return [_of_times("AVAL", {"censored": "CNSR"})]
    ending = [c for c in columns if c.name.casefold().endswith("time")]
    known = [c for c in named(columns, TIME_WORDS) if "age" not in c.words or not ending]
    known += [c for c in ending if all(c is not one for one in known)]
    times = [c for c in known if c.numeric and not c.negative and not c.binary]
    mark = _mark(columns)
    if not times or mark is None:
        return []
    field_, name = mark
    first = rank(times[0], TIME_WORDS)
    found = [_of_times(c.name, {field_: name}) for c in times if rank(c, TIME_WORDS) == first]
    by_age = "age" in times[0].words and len(columns) > MOST_BESIDE_AN_AGE
    return [replace(one, weight=POSSIBLE) for one in found] if by_age else found


def _mark(columns: list[Column]) -> tuple[str, str] | None:
    """The column that says whether the event was seen, and in which field of the plan."""
    for field_, words in (("censored", CENSORED_WORDS), ("occurred", EVENT_WORDS)):
        marks = [c for c in named(columns, words) if c.binary]
        if marks:
            return field_, marks[0].name
    marks = [c for c in named(columns, EVENT_WORDS) if event_meaning(c)]
    marks += [c for c in columns if tells_censoring(c) and event_meaning(c)]
    several = [*named(columns, EVENT_WORDS), *(c for c in columns if tells_censoring(c))]
    marks = marks or [c for c in several if kinds_of_end(c)[0]]
    return ("occurred", marks[0].name) if marks else None


def _of_times(time: str, mark: dict[str, str]) -> Outcome:
    event = next(iter(mark.values()))
    means = f"a time, with `{event}` to say whether the event occurred"
    return Outcome(time, "times", means, NAMED, {"time": time, **mark})


def _of_adam(columns: dict[str, Column]) -> bool:
    """Whether these are the times of a CDISC ADTTE: a time and 0 where the event was seen."""
    time, mark = columns.get("AVAL"), columns.get("CNSR")
    return time is not None and mark is not None and time.numeric and mark.numeric
