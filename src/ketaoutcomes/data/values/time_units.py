"""The unit of times to event: what the plan says, the file's unit column, and its parameter.

A unit is read where it is written, for a time in months that is read as days is wrong in silence;
two places that differ are a fault.
"""

import re
from collections.abc import Iterator
from typing import Final

import pandas as pd

from ketaoutcomes.data.mapping import MappedTable
from ketaoutcomes.plan.data import DataBlock, TimeUnit

UNIT_WORDS: Final[dict[str, TimeUnit]] = {
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), "hours"),
    **dict.fromkeys(("d", "day", "days"), "days"),
    **dict.fromkeys(("w", "wk", "wks", "week", "weeks"), "weeks"),
    **dict.fromkeys(("mo", "mos", "mon", "month", "months", "mth", "mths"), "months"),
    **dict.fromkeys(("y", "yr", "yrs", "year", "years"), "years"),
}
"""Words for a unit; CDISC's are HOURS, DAYS, WEEKS, MONTHS and YEARS."""
BRACKETED: Final = re.compile(r"[(\[]\s*(?:in\s+)?([a-z]+)\.?\s*[)\]]", re.IGNORECASE)
TRAILING: Final = re.compile(r"(?:,|\bin)\s+([a-z]+)\s*$", re.IGNORECASE)


def unit_of(words: str) -> TimeUnit | None:
    """The unit that a word stands for: "MONTHS", "wk"."""
    return UNIT_WORDS.get(words.strip().strip(".()[]").casefold())


def unit_in(words: str) -> TimeUnit | None:
    """The unit at which a title ends or that it has in brackets: "Time to relapse (months)"."""
    found = (*BRACKETED.findall(words), *TRAILING.findall(words))
    return next((unit for word in found if (unit := unit_of(word)) is not None), None)


def units_told(table: MappedTable) -> Iterator[tuple[str, pd.Series]]:
    """Each field that tells the unit of times, with its distinct texts and the unit of each."""
    for field, reading in (("time_unit", _in_a_cell), ("parameter", unit_in)):
        if table.has(field):
            texts = table.frame[field].dropna().unique()
            yield field, pd.Series([reading(text) for text in texts], texts, dtype=object)


def unit_of_times(table: MappedTable, data: DataBlock) -> TimeUnit:
    """The unit of a table that keeps the contract: that of the file, or else of the plan."""
    told = [unit for _, units in units_told(table) for unit in units.dropna()]
    return told[0] if told else data.time_unit


def _in_a_cell(text: str) -> TimeUnit | None:
    return unit_of(text) or unit_in(text)
