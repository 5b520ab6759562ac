"""Words and codes that mean missing, each counted where it was read so.

An empty cell is missing, and so is what a format itself marks as missing: that needs no word. In
text files NA (R) and a point alone (SAS) are missing as well; everything else is a value, be it
None, unless the plan lists it under `data.missing`.
"""

from collections.abc import Iterator
from dataclasses import replace
from itertools import chain
from typing import Final

from ketaoutcomes.data.fields import columns_of_role
from ketaoutcomes.data.findings import MEANING_MISSING
from ketaoutcomes.data.mapping import MappedTable, is_number, plain
from ketaoutcomes.data.readers.raw import RawTable, with_others
from ketaoutcomes.plan.data import DataBlock
from ketaoutcomes.plan.files import FileRole
from ketaoutcomes.remarks import Remark

INFINITE: Final = frozenset(("inf", "-inf"))
"""Written for what never happened as well as for what could not be calculated."""

Sources = dict[FileRole, dict[str, RawTable]]
"""Role -> the tables that its source is made of, by name."""


def without_missing(sources: Sources, data: DataBlock) -> tuple[Sources, tuple[Remark, ...]]:
    """The tables without the values that the plan calls missing, and which of these no file has.

    The column of subjects keeps them: a code such as 999 is then a subject.
    """
    cleared = {
        role: {name: _cleared(raw, role, data) for name, raw in tables.items()}
        for role, tables in sources.items()
    }
    return cleared, tuple(_unused(cleared, data))


def without_values(raw: RawTable, values: tuple[str, ...], columns: tuple[str, ...]) -> RawTable:
    """The table with these values missing in these columns."""
    wanted = {plain(value) for value in values}
    frame = raw.frame.copy(deep=False)
    absent = {column: dict(counts) for column, counts in raw.absent.items()}
    for column in columns:
        here = [word for word in frame[column].dropna().unique() if plain(word) in wanted]
        for word in here:
            counts = absent.setdefault(column, {})
            counts[word] = counts.get(word, 0) + int((frame[column] == word).sum())
        if here:
            frame[column] = with_others(frame[column], dict.fromkeys(here))
    return replace(raw, frame=frame, absent=absent)


def words_among_numbers(raw: RawTable) -> tuple[str, ...]:
    """Words that often mean missing, in columns that hold numbers besides."""
    found: dict[str, None] = {}
    for column in raw.frame:
        values = raw.frame[column].dropna().unique()
        words = [value for value in values if not is_number(value)]
        meant = all(w.casefold() in MEANING_MISSING - INFINITE for w in words)
        if 0 < len(words) < len(values) and meant:
            found |= dict.fromkeys(words)
    return tuple(found)


def absent_remarks(table: MappedTable, raw: RawTable) -> Iterator[Remark]:
    """What was read as missing in the columns that the plan uses."""
    for column in table.used:
        for word, count in raw.absent.get(column, {}).items():
            yield Remark(
                f"`{word}` was read as missing in {{count}}",
                f"{raw.name}, column `{column}`",
                "If it is a value there, write it in another way" if word in ("NA", ".") else "",
                count,
                len(raw.frame),
                "cell",
            )


def _cleared(raw: RawTable, role: FileRole, data: DataBlock) -> RawTable:
    told = data.missing_in(role)
    subject = columns_of_role(data, role).get("subject", ())
    own = {raw.find(name) for name in subject}
    everywhere = tuple(str(c) for c in raw.frame.columns if c not in own)
    for column, values in told.items():
        found = raw.find(column) if column is not None else None
        columns = everywhere if column is None else () if found is None else (found,)
        raw = without_values(raw, values, columns)
    return raw


def _unused(sources: Sources, data: DataBlock) -> Iterator[Remark]:
    """The values under `data.missing` that stand in no cell."""
    found: dict[tuple[str, str], bool] = {}
    for role, raw in ((role, raw) for role, of in sources.items() for raw in of.values()):
        counted = {column: set(map(plain, counts)) for column, counts in raw.absent.items()}
        everything = set(chain.from_iterable(counted.values()))
        file = raw.name if isinstance(data.missing, dict) else ""
        for column, values in data.missing_in(role).items():
            here = everything if column is None else counted.get(raw.find(column) or "", set())
            where = file if column is None else f"{file}, column `{column}`"
            for value in values:
                found[where, value] = found.get((where, value), False) or plain(value) in here
    for (where, value), is_there in found.items():
        if not is_there:
            yield Remark(f"No cell holds `{value}`, which `data.missing` names", where)
