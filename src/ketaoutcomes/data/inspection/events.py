"""What two words or codes of a column say of an event: that it occurred, or that it did not."""

import re
from dataclasses import dataclass
from math import floor, log10
from typing import Final

import numpy as np
import pandas as pd

from ketaoutcomes.data.inspection.column_words import CENSORED_WORDS, rank
from ketaoutcomes.data.inspection.profile import SMALLEST_GROUP, Column

PLAIN: Final = frozenset(("0", "1", "true", "false"))
"""What a plan reads without being told."""
NOT_SEEN: Final = re.compile(
    r"(?:right[ -]?)?censor\w*|no|n|nein|non|nee|f|false|alive|living|lebt|vivant|viv[oa]|none"
    r"|zensiert|censur\w*|(?:no|not|without|kein|keine|ohne|sans|sin)\b.*",
    re.IGNORECASE,
)
SEEN: Final = re.compile(
    r"yes|y|ja|oui|s[ií]|t|true|event|relapsed?|dead|died|deceased|death|recurrence|failed|failure"
    r"|tot|verstorben|gestorben|d[ée]c[ée]d[ée]?s?|muert[oa]|fallecid[oa]|mort[oa]",
    re.IGNORECASE,
)
CODE_BEFORE: Final = re.compile(r"^\d\s*[:=.-]\s*")
PLAINLY: Final = re.compile(r"yes|y|ja|oui|s[ií]|t|true", re.IGNORECASE)
CODES: Final = {"1": False, "2": True}
MOST_KINDS: Final = 6
"""Values of a column that may say how follow-up ended."""
"""Status as R's `Surv` has it: 1 censored, 2 the event."""

WIDE_ENOUGH: Final = 10
"""A time rounded down to one digit is nobody's own from here on."""
CLEARLY_LATER: Final = 0.75
"""Follow-up without the event ends later than an event in so many pairs of participants."""


@dataclass(frozen=True)
class Readings:
    """A column of 0 and 1 next to times, read both ways.

    Attributes
    ----------
    ones, zeros : str
        What follows if 1 is the event, and if 0 is, in numbers.
    later : float
        Share of pairs in which the time of a 0 is later than that of a 1; ties count half.
    """

    ones: str
    zeros: str
    later: float

    @property
    def by_curve(self) -> str:
        """The reading that the times make likely, "1" or "0"; "" where they do not tell.

        Censoring at the end of a study comes after most events: a reading by which every event
        comes after the end of everybody else's follow-up describes no study.
        """
        if self.later >= CLEARLY_LATER:
            return "1"
        return "0" if self.later <= 1 - CLEARLY_LATER else ""


def readings_of(time: Column, mark: Column) -> Readings:
    """What a time and a mark of 0 and 1 say, read both ways."""
    known = time.number.notna() & mark.number.notna()
    times, marks = time.number[known], mark.number[known]
    later = _share_later(times[marks == 0], times[marks == 1])
    return Readings(_in_numbers(times, marks == 1), _in_numbers(times, marks == 0), later)


def _share_later(first: pd.Series, second: pd.Series) -> float:
    """Share of pairs in which the first is larger (Mann and Whitney 1947), ties half."""
    if not len(first) or not len(second):
        return 0.5
    ranks = pd.Series(np.concatenate([first, second])).rank().to_numpy()[: len(first)]
    above = float(ranks.sum()) - len(first) * (len(first) + 1) / 2
    return above / (len(first) * len(second))


def _in_numbers(times: pd.Series, seen: "pd.Series[bool]") -> str:
    """Events of participants, and a round time before which there is none.

    How many had none is not to be worked out, either, where they are few.
    """
    events, people = int(seen.sum()), len(seen)
    if events < SMALLEST_GROUP:
        return f"fewer than {SMALLEST_GROUP} events of {people}"
    others = people - events
    many = f"{events} events of {people}"
    if 0 < others < SMALLEST_GROUP:
        many = f"events in all but fewer than {SMALLEST_GROUP} of {people}"
    first = rounded_down(float(times[seen].min()))
    none_before = f", none before {first:g}" if first >= WIDE_ENOUGH else ""
    return f"{many}{none_before}"


def rounded_down(time: float) -> float:
    """A time with one significant digit, below or at the time, which is nobody's own."""
    if time <= 0:
        return 0.0
    step = 10.0 ** floor(log10(time))
    return step * floor(time / step)


def _word(value: str) -> str:
    """A label without the code before it: `1:DECEASED`."""
    return CODE_BEFORE.sub("", value) or value


def event_meaning(column: Column) -> dict[str, bool]:
    """Word or code -> whether the event occurred; empty where the column does not say.

    A word that may be somebody's own is not repeated: it is one of those above, or one that many
    rows share. "Yes" in a column that is called censored or alive says that it did not occur.
    """
    values = sorted(map(str, column.counts.index))
    if len(values) != 2:  # noqa: PLR2004 - it occurred, or it did not
        return {}
    if values == list(CODES):
        return dict(CODES)
    censored = [value for value in values if NOT_SEEN.fullmatch(_word(value))]
    others = [value for value in values if value not in censored]
    known = all(SEEN.fullmatch(_word(value)) or value in column.labels() for value in others)
    if not (len(censored) == 1 and known):
        return {}
    of_life = rank(column, CENSORED_WORDS) is not None and PLAINLY.fullmatch(others[0]) is not None
    return {value: (value in others) != of_life for value in values}


def tells_censoring(column: Column) -> bool:
    """Whether one of two words is "censored", whatever the column is called."""
    words = [str(value).casefold() for value in column.counts.index]
    return any(word.startswith(("censor", "right cens", "right-cens")) for word in words)


def kinds_of_end(column: Column) -> tuple[tuple[str, ...], str]:
    """How follow-up ended, where a column has more than one kind of event, and the censored value.

    Codes that count from 0 have 0 for censoring; of words it is that which says so. "" stands for
    a value that cannot be told; there are no kinds where the column holds something else. A word
    that few rows have may be somebody's own, and is not repeated; a code may be.
    """
    values = sorted(map(str, column.counts.index))
    if not len("ab") < len(values) <= MOST_KINDS:
        return (), ""
    if column.numeric:
        whole = [value for value in values if value.isdigit()]
        first = int(values[0]) if whole == values else -1
        fits = first in (0, 1) and [int(v) for v in values] == [*range(first, first + len(values))]
        return (tuple(values), "0" if first == 0 else "") if fits else ((), "")
    shown = set(column.labels()) | {value for value in values if NOT_SEEN.fullmatch(value)}
    censored = [value for value in values if NOT_SEEN.fullmatch(value) and shown >= set(values)]
    return (tuple(values), censored[0]) if len(censored) == 1 else ((), "")
