"""Words for places and findings, so that every problem is told alike."""

import re
from collections.abc import Iterable
from typing import Final

from ketaoutcomes.errors import did_you_mean

DECIMAL_COMMA: Final = re.compile(r"[+-]?\d+,\d+")
THOUSANDS: Final = re.compile(r"[+-]?[1-9]\d{0,2},\d{3}")
WITH_UNIT: Final = re.compile(r"[+-]?\d+(?:[.,]\d+)?\s*([A-Za-z\u00b5\u03bc]+\.?)")
MEANING_MISSING: Final = frozenset(
    (
        *("none", "null", "nil", "n/a", "#n/a", "na", "n.a.", "nan", "nat", "<na>", "nd", "n.d."),
        *("missing", "not done", "not available", "not applicable", "unknown", "unk", "-", "--"),
        *("?", "inf", "-inf", "#null!", "#value!", "#div/0!"),
    )
)
"""Words that often mean missing. They are read as values unless the plan says so."""
CORRECT: Final = "correct {}, or leave it empty if it is missing"
ROWS_TOLD: Final = 10
VALUES_TOLD: Final = 5


def rows_in_words(rows: Iterable[object]) -> str:
    """The first ten rows, each once, then how many more."""
    numbers = list(dict.fromkeys(str(row) for row in rows))
    word = "row" if len(numbers) == 1 else "rows"
    more = len(numbers) - ROWS_TOLD
    return f"{word} {', '.join(numbers[:ROWS_TOLD])}" + (f" and {more} more" if more > 0 else "")


def listed(values: Iterable[object]) -> str:
    """The first distinct values in quotes, then how many more; a missing one is `no value`."""
    distinct = list(dict.fromkeys("no value" if _missing(v) else f"`{v}`" for v in values))
    more = len(distinct) - VALUES_TOLD
    return ", ".join(distinct[:VALUES_TOLD]) + (f" and {more} more" if more > 0 else "")


def near_miss(name: str, choices: Iterable[str]) -> str:
    """The question that names the nearest choice, with a space after it; else nothing."""
    question = did_you_mean(name, choices)
    return f"{question} " if question else ""


def remedy_of_words(values: Iterable[object], otherwise: str) -> str:
    """What to do about words where numbers should stand; some slips are known.

    Parameters
    ----------
    values : iterable
        All values of the column.
    otherwise : str
        What to do where the words tell nothing.
    """
    words = [value for value in values if isinstance(value, str)]
    commas = [word for word in words if DECIMAL_COMMA.fullmatch(word)]
    if commas and all(THOUSANDS.fullmatch(word) for word in commas):
        return (
            'set `data.grouping: ","` if the commas mark thousands, as 1,012 for 1012; or '
            'set `data.decimal: ","` if numbers here have a decimal comma'
        )
    if commas:
        return 'set `data.decimal: ","`, as numbers here have a decimal comma'
    if any("%" in word for word in words):
        return "take the percent signs out"
    if units := units_of(words):
        return f"take the unit out of the cells ({listed(units)}), and leave the number"
    return otherwise + _as_missing(words)


def units_of(words: Iterable[str]) -> tuple[str, ...]:
    """The units behind numbers, as in `41 years`, each once."""
    found = (WITH_UNIT.fullmatch(word) for word in words)
    return tuple(dict.fromkeys(match.group(1) for match in found if match))


def _as_missing(words: Iterable[str]) -> str:
    """How a word comes to mean missing, if one here seems to."""
    meant = [word for word in dict.fromkeys(words) if word.casefold() in MEANING_MISSING]
    if not meant:
        return ""
    return f'; if {listed(meant)} means missing, add `missing: ["{meant[0]}"]` under `data`'


def _missing(value: object) -> bool:
    return value is None or value != value  # noqa: PLR0124 - only NaN differs from itself
