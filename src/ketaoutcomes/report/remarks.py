"""Remarks on the page: a box beside the numbers that they concern, and a list of all."""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from ketaoutcomes.remarks import Remark
from ketaoutcomes.report.blocks import Callout, KeyFigures, Section, Table
from ketaoutcomes.report.labels import (
    analysis_title,
    endpoint_title,
    joined,
    titled,
)
from ketaoutcomes.report.material import Material

NAMED = re.compile("([Ss]cenario `[^`]*`)|`([^`]*)`")
"""A name in a remark; that of a scenario is its own, whatever the plan calls so too."""
FILE: Final = re.compile(r"\S+\.[A-Za-z]\w*\b")
"""The name of a file, which keeps its letters at the start of a sentence."""
NOT_OF_RESULTS = ("answer", "flow", "baseline", "missing", "remarks")
"""Sections that hold no result of a model, or the remarks themselves."""


def remarks_section(material: Material) -> Section | None:
    """Everything that was left out, ignored or presumed, with the analyses concerned."""
    remarks = material.provenance.remarks
    if not remarks:
        return None
    warnings = tuple(_line(material, r) for r in remarks if r.gravity == "warning")
    notes = tuple(_line(material, r) for r in remarks if r.gravity == "note")
    boxes = (
        *((Callout("Warnings", warnings, "warning"),) if warnings else ()),
        *((Callout("Notes", notes),) if notes else ()),
    )
    return Section("remarks", "Warnings and notes on the data", boxes)


def warnings_of(material: Material, names: list[str]) -> tuple[str, ...]:
    """The warnings about these analyses, or about the whole page."""
    return tuple(
        _line(material, remark)
        for remark in material.provenance.remarks
        if remark.gravity == "warning"
        and (not remark.analyses or set(remark.analyses) & set(names))
    )


def with_remarks(material: Material, sections: tuple[Section, ...]) -> tuple[Section, ...]:
    """The sections, each with the remarks on the analyses whose numbers it is the first to hold.

    The answer and the list of all remarks have them already; descriptive tables only count. A
    remark on several analyses stands in the first of their sections.
    """
    analysis_of = {row.id: row.analysis for row in material.results.rows if row.analysis}
    told: set[str] = set()
    said: set[Remark] = set()
    complete = []
    for section in sections:
        if section.id in NOT_OF_RESULTS:
            complete.append(section)
            continue
        names = {analysis_of[i] for i in _results_in(section) if i in analysis_of} - told
        told |= names
        own = [r for r in material.provenance.remarks if names & set(r.analyses) and r not in said]
        said.update(own)
        lines = tuple(_line(material, remark) for remark in own)
        box = (Callout("Notes on these results", lines, "warning"),) if lines else ()
        complete.append(replace(section, blocks=(*section.blocks, *box)))
    return tuple(complete)


def _results_in(section: Section) -> Iterator[str]:
    for block in section.blocks:
        if isinstance(block, KeyFigures):
            yield from (one for figure in block.figures for one in figure.results)
        elif isinstance(block, Table):
            yield from (one for row in block.rows for cell in row for one in cell.results)


def _named(material: Material, name: str) -> str:
    """A phase or endpoint by its label, other words of plan and data in quotes, columns as code."""
    plan = material.plan
    if name in plan.phases:
        return f"“{plan.phases[name].label}”"
    if name in plan.endpoints:
        return f"“{endpoint_title(plan, name)}”"
    return f"`{name}`" if re.search(r"\w[_.=:] ?\w", name) else f"“{name}”"


def _line(material: Material, remark: Remark) -> str:
    said = remark.sentence(material.plan.smallest_cell)
    named = NAMED.sub(lambda found: found[1] or _named(material, found[2]), said)
    sentence = named if FILE.match(named) else titled(named)
    if not remark.analyses or set(remark.analyses) == set(material.plan.analyses):
        return sentence
    return f"{joined(analysis_title(material.plan, name) for name in remark.analyses)}: {sentence}"
