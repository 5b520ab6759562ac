"""How tables are numbered and their columns set, the same on the page and in Word."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import groupby, zip_longest

from ketaoutcomes.report.blocks import Figure, Report, Table

LONGEST_NUMBER = 32
WORD = re.compile(r"[A-Za-z]{2}")
"""What a cell of words begins with; `p = 0.01` and `z 1.96` are numbers."""

SHORTEST, LONGEST, APART = 4, 30, 2
"""Letters of a column: the narrowest, the most it asks for, and what lies between two."""

UNBROKEN = tuple(
    (re.compile(pattern), replacement.replace(" ", "\N{NO-BREAK SPACE}"))
    for pattern, replacement in (
        (r"\bp ([=<>]) (\d)", r"p \1 \2"),
        (r"(\d%) CI (?=[\d\N{MINUS SIGN}])", r"\1 CI "),
        (r"(\d|reached) to (?=\N{MINUS SIGN}?\d|not)", r"\1 to "),
    )
)
"""What a line must not break: `p = 0.02`, `95% CI 1 to 2`."""


CODE = re.compile(r"`([^`\n]+)`")
"""Names of functions, packages and columns in a sentence."""


def without_marks(text: str) -> str:
    """The text without the back-ticks around code."""
    return CODE.sub(r"\1", text)


def unbroken(text: str) -> str:
    """The text as print sets it: no marks of code, a number and its uncertainty on one line."""
    text = without_marks(text)
    for pattern, replacement in UNBROKEN:
        text = pattern.sub(replacement, text)
    return text


def numbered(report: Report) -> dict[str, str]:
    """What each table, figure and section is called in the text, in the order of the page."""
    numbers = {section.id: f"“{section.title}”" for section in report.sections}
    tables = figures = 0
    for section in report.sections:
        for block in section.blocks:
            if isinstance(block, Table):
                tables += 1
                numbers[block.id] = f"Table {tables}"
            elif isinstance(block, Figure):
                figures += 1
                numbers[block.id] = f"Figure {figures}"
    return numbers


def numeric_columns(table: Table) -> list[bool]:
    """For each column, whether its cells are set flush right: short ones, mostly no words."""
    rows = [row for row in table.rows if len(row) == len(table.columns)]
    return [
        _are_numbers([row[place].text for row in rows if row[place].text])
        for place, _ in enumerate(table.columns)
    ]


def _are_numbers(texts: list[str]) -> bool:
    words = sum(bool(WORD.match(text)) for text in texts)
    return all(len(text) <= LONGEST_NUMBER for text in texts) and 2 * words <= len(texts)


def leads(table: Table) -> list[bool]:
    """For each row, whether it heads the rows below: alone, or blank above indented ones."""
    return [
        len(row) == 1 or bool(after and after[0].indent > row[0].indent and not row[1].text)
        for row, after in zip_longest(table.rows, table.rows[1:], fillvalue=())
    ]


@dataclass(frozen=True)
class Letters:
    """Letters of each column of a table: those needed for no number to break, those asked for."""

    needed: tuple[int, ...]
    asked: tuple[int, ...]


@dataclass(frozen=True)
class Block:
    """Columns that stay together, with the spanner over them."""

    spanner: str
    places: tuple[int, ...]


def letters_of(table: Table) -> Letters:
    """Room of each column, the gap to the next among it."""
    needed, asked = [], []
    for place, header in enumerate(table.columns):
        texts = [unbroken(row[place].words) for row in table.rows if len(row) > 1]
        words = [word for text in (header, *texts) for word in text.split(" ")]
        # a number and its interval stay on one line; words of the stub may break
        whole = words if place == 0 else [*words, *(t for t in texts if len(t) <= LONGEST_NUMBER)]
        needed.append(min(max(SHORTEST, *map(len, whole)), LONGEST_NUMBER) + APART)
        longest = max(map(len, (header, *texts)))
        asked.append(max(min(longest, LONGEST) + APART, needed[-1]))
    return Letters(tuple(needed), tuple(asked))


def in_parts(table: Table, most: int) -> tuple[Table, ...]:
    """The table cut between columns into parts of at most so many letters, each with its stub.

    Columns under one spanner stay together where they fit.
    """
    needed = letters_of(table).needed
    if sum(needed) <= most:
        return (table,)
    room = most - needed[0]
    blocks = tuple(_blocks(table, room, needed))
    # as many parts as the page asks for, and the last about as wide as the others
    ways = (_cut(blocks, needed, narrower) for narrower in range(max(needed), room + 1))
    fewest = len(_cut(blocks, needed, room))
    parts = next(way for way in ways if len(way) == fewest)
    return tuple(_part(table, part) for part in parts)


def _cut(
    blocks: tuple[Block, ...], needed: tuple[int, ...], room: int
) -> tuple[tuple[Block, ...], ...]:
    """The blocks in parts that fit the room, each as full as can be; one too wide stands alone."""
    parts: list[list[Block]] = []
    left = 0
    for block in blocks:
        letters = sum(needed[place] for place in block.places)
        if not parts or letters > left:
            parts.append([])
            left = room
        parts[-1].append(block)
        left -= letters
    return tuple(map(tuple, parts))


def _blocks(table: Table, most: int, needed: tuple[int, ...]) -> Iterator[Block]:
    """Columns after the stub that stay together, with their spanner; one alone without any."""
    start = 0
    for label, width in table.spanners or (("", len(needed)),):
        places = tuple(place for place in range(start, start + width) if place)
        start += width
        if label and sum(needed[place] for place in places) <= most:
            yield Block(label, places)
        else:
            yield from (Block(label, (place,)) for place in places)


def _part(table: Table, blocks: tuple[Block, ...]) -> Table:
    """The stub and the columns of these blocks; a spanner lies over all of its columns here."""
    places = (0, *(place for block in blocks for place in block.places))
    spanners = tuple(
        (label, sum(len(block.places) for block in under))
        for label, under in groupby(blocks, key=lambda block: block.spanner)
    )
    return replace(
        table,
        columns=tuple(table.columns[place] for place in places),
        rows=tuple(
            row if len(row) == 1 else tuple(row[place] for place in places) for row in table.rows
        ),
        spanners=(("", 1), *spanners) if table.spanners else (),
    )
