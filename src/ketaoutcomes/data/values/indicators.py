"""Columns that say yes or no: whether an event occurred, whether a harm was serious."""

from collections.abc import Iterable
from typing import Final

import pandas as pd

from ketaoutcomes.data.mapping import NUMBER

YES: Final = frozenset(("1", "true", "yes", "y", "t"))
NO: Final = frozenset(("0", "false", "no", "n", "f"))
EXPECTED: Final = "0 or 1, no or yes, or false or true"

EVENT_WORDS: Final = frozenset(
    ("event", "dead", "died", "death", "deceased", "relapse", "relapsed", "failure", "failed")
)
CENSORED_WORDS: Final = frozenset(
    (
        *("censored", "cens", "alive", "living", "no event", "event-free", "event free", "none"),
        *("no relapse", "relapse-free", "completed", "ongoing", "lost to follow-up", "withdrawn"),
    )
)
"""What the usual words most likely mean: enough for an example, not for reading them so."""


def folded(words: pd.Series) -> pd.Series:
    """Words without regard to case, a number as 1 for 1.0; a missing one is an empty word."""
    distinct = {word: _folded(word) for word in words.dropna().unique()}
    return words.map(distinct).astype(object).fillna("")


def _folded(word: str) -> str:
    if NUMBER.fullmatch(word) and float(word).is_integer():
        return str(int(float(word)))
    return word.strip().casefold()


def example_of_labels(words: Iterable[str], field: str, event: str) -> str:
    """What to write under `data.labels` so that the words of a column say yes or no.

    Parameters
    ----------
    words : iterable of str
        The distinct words of the column.
    field : {"occurred", "censored"}
    event : str
        What the plan calls the event.
    """
    known = sorted(dict.fromkeys(words))
    occurred = [word for word in known if _is_event(word, event)]
    if not occurred:
        left = [word for word in known if _folded(word) not in CENSORED_WORDS | NO]
        occurred = left[-1:]  # 2 of 1 and 2, as R's survival has it
    shown = (
        f'"{word}": {"yes" if (word in occurred) == (field == "occurred") else "no"}'
        for word in known
    )
    return f"`{field}: {{{', '.join(shown)}}}`"


def _is_event(word: str, event: str) -> bool:
    return _folded(word) in EVENT_WORDS or _folded(word) == event.casefold()
