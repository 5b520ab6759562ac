"""No figure and no table stands twice on a page: the second is a link to the first."""

import re
from dataclasses import replace
from hashlib import sha256

from ketaoutcomes.report.blocks import Block, Elsewhere, Figure, Section, Table

NAMED = re.compile(r' id="([^"]*)"')
EDGE = re.compile(r'(["#)])')
"""What a name stands between: quotes, `#` and a quote, the brackets of `url(#...)`."""


def each_once(sections: tuple[Section, ...]) -> tuple[Section, ...]:
    """The sections with a link in place of each figure or table that stood before."""
    seen: dict[str, str] = {}
    return tuple(
        replace(
            section, blocks=tuple(left for block in section.blocks for left in _once(block, seen))
        )
        for section in sections
    )


def _once(block: Block, seen: dict[str, str]) -> tuple[Block, ...]:
    if not isinstance(block, Figure | Table):
        return (block,)
    first = seen.setdefault(look_of(block), block.id)
    if first != block.id:
        return (Elsewhere(block.caption, first),)
    if isinstance(block, Table) or block.data is None:
        return (block,)
    # the numbers fold under their figure, whose name is the one that a reader can find
    first = seen.setdefault(look_of(block.data), block.id)
    if first == block.id:
        return (block,)
    return replace(block, data=None), Elsewhere(block.data.caption, first)


def look_of(block: Figure | Table) -> str:
    """A hash of what a reader sees: the drawing, or the words of a table; no id, no caption."""
    if isinstance(block, Figure):
        return _hash(_without_names(block.svg))
    words = [[(cell.text, cell.header, cell.indent) for cell in row] for row in block.rows]
    return _hash(repr((block.columns, block.spanners, words)))


def _without_names(svg: str) -> str:
    """The drawing with its ids, which carry that of the figure, numbered in their order."""
    names = dict.fromkeys(NAMED.findall(svg))
    numbered = {name: f"n{place}" for place, name in enumerate(names)}
    return "".join(numbered.get(part, part) for part in EDGE.split(svg))


def _hash(text: str) -> str:
    return sha256(text.encode()).hexdigest()
