"""Words that fewer subjects than may be shown have in common become "other"."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

import pandas as pd

from ketaoutcomes.cohort import Cohort
from ketaoutcomes.privacy.counts import STOPPED
from ketaoutcomes.privacy.rows import NUMBERS, OF_OTHERS, without
from ketaoutcomes.results import Result

OTHER = "other"
SHORTEST = 3
"""A shorter label would be found within other words."""


Column = tuple[str, str]
"""A frame of a cohort, and a column of it."""


@dataclass(frozen=True)
class LabelCounts:
    """How many participants have each text of the data; those of other participants are added.

    Attributes
    ----------
    of : mapping
        Column -> text -> number of participants.
    """

    of: Mapping[Column, Counter[str]] = field(default_factory=dict)

    def __add__(self, other: "LabelCounts") -> "LabelCounts":
        columns = dict.fromkeys((*self.of, *other.of))
        none: Counter[str] = Counter()
        return LabelCounts({c: self.of.get(c, none) + other.of.get(c, none) for c in columns})

    def under(self, smallest: int) -> frozenset[str]:
        """Texts of some column that fewer participants than `smallest` have."""
        return frozenset(
            text for counts in self.of.values() for text, n in counts.items() if n < smallest
        )


def label_counts(cohort: Cohort, smallest: int) -> LabelCounts:
    """How many participants have each text in the columns of a cohort; none where all is shown."""
    if smallest <= 1:
        return LabelCounts()
    frames = (
        *("subjects", "assignments", "follow_up", "treatment_end"),
        *("events", "times", "adverse_events", "costs"),
    )
    return LabelCounts(
        {
            (name, column): Counter(dict(_having(frame, column)))
            for name in frames
            for frame in [getattr(cohort, name)]
            for column in frame.columns.difference(["subject", "phase", "arm"])
            if frame[column].dtype == object
        }
    )


def _having(frame: pd.DataFrame, column: str) -> Iterator[tuple[str, int]]:
    """Each text of a column, and how many participants have it."""
    counts = frame.groupby(column)["subject"].nunique()
    yield from ((text, int(n)) for text, n in counts.items() if isinstance(text, str))


def with_terms_pooled(cohort: Cohort, smallest: int, named: Iterable[str] = ()) -> Cohort:
    """The cohort with "other" for terms of adverse events, and classes, that few subjects have.

    They are pooled before they are counted, so that the pooled numbers are of different subjects.

    Parameters
    ----------
    named : iterable of str
        Terms that the plan names itself, which say nothing of anybody.
    """
    events = cohort.adverse_events
    if smallest <= 1 or events.empty:
        return cohort
    kept = {term.casefold() for term in named}
    pooled = events.copy()
    for column in ("term", "soc"):
        few = (text for text, n in _having(events, column) if n < smallest)
        rare = [text for text in few if text.casefold() not in kept]
        pooled[column] = events[column].where(~events[column].isin(rare), OTHER)
    return replace(cohort, adverse_events=pooled)


def without_labels(rows: tuple[Result, ...], rare: Iterable[str]) -> tuple[Result, ...]:
    """Rows whose rare groups are pooled, and whose words hold no rare label."""
    exact = set(rare)
    if not exact:
        return rows
    labels = sorted({label for label in exact if len(label) >= SHORTEST}, key=len, reverse=True)
    renamed = [_renamed(row, exact, labels) for row in rows]
    together: dict[str, list[Result]] = defaultdict(list)
    for row in renamed:
        together[row.id].append(row)
    return tuple(_pooled(parts) for parts in together.values())


def _renamed(row: Result, exact: set[str], labels: list[str]) -> Result:
    if row.table in OF_OTHERS:  # its group is a name of the plan
        return row
    variable, divided, level = row.group.rpartition(": ")
    group = row.group
    if level in exact:
        group = f"{variable}{divided}{OTHER}"
    return replace(
        row,
        group=_scrubbed(group, labels),
        message=_scrubbed(row.message, labels),
        method=_scrubbed(row.method, labels),
    )


def _scrubbed(text: str, labels: list[str]) -> str:
    for label in labels:
        if label in text:
            text = re.sub(rf"(?<![^\W_]){re.escape(label)}(?![^\W_])", OTHER, text)
    return text


def _pooled(rows: list[Result]) -> Result:
    """One row of several that came to the same id: counts and shares add up.

    Any other number would be that of the first of them, and nothing stays of it.
    """
    first, *others = rows
    if not others:
        return first
    if first.statistic in {"left", STOPPED}:
        return replace(first, n=sum(row.n or 0 for row in rows))
    if first.statistic in {"count", "percent", "event by", "censored"}:
        return replace(first, estimate=sum(row.estimate or 0 for row in rows))
    return without(first, {*NUMBERS, "n", "n_events"}, whole=True)
