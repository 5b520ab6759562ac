"""The glossary of a page: the terms that it uses, and no others."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

from ketaoutcomes.plan.endpoints import scales_of
from ketaoutcomes.report.blocks import (
    Abstract,
    Block,
    Callout,
    Definitions,
    Elsewhere,
    Figure,
    KeyFigures,
    Prose,
    Section,
    Table,
)
from ketaoutcomes.report.layout import CODE
from ketaoutcomes.report.material import Material
from ketaoutcomes.report.numbers import exact
from ketaoutcomes.report.terms import TERMS, first_use
from ketaoutcomes.scales import SCALES, Scale

PLACE = "glossary"
_ABBREVIATED: Final[Mapping[str, Scale]] = {
    name: scale for name, scale in SCALES.items() if re.search("[A-Z]{2}", name)
}
"""Scales whose names a reader may not know, wherever a page mentions them."""


def glossary_section(material: Material) -> Section:
    """Each scale of the plan: range, direction, cut-offs, and the difference that matters."""
    names = dict.fromkeys(
        name for endpoint in material.plan.endpoints.values() for name in scales_of(endpoint)
    )
    items = tuple((name, _describe(material, name)) for name in names)
    return Section(PLACE, "Glossary: scales, terms and abbreviations", (Definitions(items),))


def with_terms(sections: tuple[Section, ...]) -> tuple[Section, ...]:
    """The sections, and in the glossary the terms that the others use.

    Parameters
    ----------
    sections : tuple of Section
        Those of the whole page, with a glossary that holds the scales.
    """
    said = dict.fromkeys(
        words
        for section in sections
        if section.id != PLACE
        for block in section.blocks
        for words in words_of(block)
    )
    text = "\n".join(CODE.sub(" ", words) for words in said)
    return tuple(
        replace(section, blocks=(_used(section, text),)) if section.id == PLACE else section
        for section in sections
    )


def _used(section: Section, text: str) -> Definitions:
    """The scales of a glossary and the terms of a text, with places to link to."""
    scales = tuple(
        item
        for block in section.blocks
        if isinstance(block, Definitions)
        for item in block.items
        if first_use(item[0], text)
    )
    known = {name for name, _ in scales}
    others = [(term.name, term.entry) for term in TERMS]
    others += [(name, _of_scale(scale)) for name, scale in _ABBREVIATED.items()]
    terms = sorted(
        ((name, words) for name, words in others if name not in known and first_use(name, text)),
        key=lambda item: item[0].casefold(),
    )
    items = (*scales, *terms)
    return Definitions(items, places=tuple(place_of(name) for name, _ in items))


def place_of(term: str) -> str:
    """The id of an entry."""
    return "term-" + re.sub(r"[^a-z0-9]+", "-", term.lower()).strip("-")


def words_of(block: Block) -> Iterator[str]:
    """The texts of a block that terms are looked for in: no code, heading, drawing or reference."""
    match block:
        case Prose() | Callout() | Abstract():
            yield from block.paragraphs
        case Table():
            yield from _words_of_table(block)
        case Figure(caption=caption, data=data):
            yield caption
            yield from _words_of_table(data) if data is not None else ()
        case _:
            yield from _words_of_list(block)


def _words_of_list(block: Block) -> Iterator[str]:
    match block:
        case KeyFigures(figures=figures):
            yield from (words for figure in figures for words in (figure.label, figure.detail))
        case Definitions(items=items):
            yield from (words for item in items for words in item)
        case Elsewhere(words=words):
            yield words
        case _:
            return


def _words_of_table(table: Table) -> Iterator[str]:
    yield table.caption
    yield from (label for label, _ in table.spanners)
    yield from table.columns
    yield from (cell.text for row in table.rows for cell in row)
    yield from table.footnotes


def _range(scale: Scale) -> str:
    """What a scale is called, what it runs through, and which way is better."""
    return f"{scale.label}, {exact(scale.low)} to {exact(scale.high)}; {scale.better} is better."


def _describe(material: Material, name: str) -> str:
    """A scale of the plan, or one that the plan defines itself."""
    return _of_scale(material.plan.scale(name))


def _of_scale(scale: Scale) -> str:
    """A scale for a reader who is no specialist: what it runs through, and what its steps mean."""
    said = [_range(scale)]
    for words, threshold in (
        ("Response", scale.response),
        ("Remission", scale.remission),
        ("Difference that matters to patients", scale.matters),
    ):
        if threshold is not None:
            said.append(f"{words}: {threshold.words} ({threshold.source}).")
    return " ".join((*said, f"Source: {scale.source}."))
