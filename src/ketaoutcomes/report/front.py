"""The front of the page: what is taken from the sections behind it, which then point to it."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from ketaoutcomes.report.blocks import Block, Cell, Elsewhere, Figure, Prose, Section, Table
from ketaoutcomes.report.cells import table_row, told_by
from ketaoutcomes.report.labels import (
    comparison_label,
    endpoint_title,
    titled,
    unit_of,
)
from ketaoutcomes.report.material import Material
from ketaoutcomes.report.measures import measure_words
from ketaoutcomes.report.numbers import (
    estimate_with_limits,
    is_hidden,
    p_cell,
)
from ketaoutcomes.report.remarks import warnings_of
from ketaoutcomes.results import Result
from ketaoutcomes.scales import POINTS

Sections = tuple[Section, ...]
Taken = tuple[Section | None, Sections]
"""A section for the front, and the sections behind it as they are then."""

OF_SEVERAL = frozenset(
    {"multiplicity", "non-inferiority", "sensitivity", "scorecard", "claims", "second-programs"}
)
"""Sections that set results side by side which have a table of their own elsewhere."""

FLOW, SAFETY = "flow", "safety"
PRIMARY, SECONDARY = "primary-results", "secondary-results"
"""The sections in front that hold results of analyses, taken from those behind."""

OF_HARMS = ("aet01-", "aeg01-")
"""The overview of adverse events, and their shares with the differences."""


def divided_flow(sections: Sections) -> Sections:
    """A flow diagram stays in front, and the tables of its counts go behind."""
    flow = next((section for section in sections if section.id == FLOW), None)
    if flow is None or not any(isinstance(block, Figure) for block in flow.blocks):
        return sections
    tables = tuple(block for block in flow.blocks if isinstance(block, Table))
    drawn = replace(flow, blocks=tuple(b for b in flow.blocks if not isinstance(b, Table)))
    counts = Section("flow-tables", "Participant flow: counts", tables, "appendix")
    kept = [drawn if section is flow else section for section in sections]
    place = next((k for k, s in enumerate(kept) if s.part == "appendix"), len(kept))
    return (*kept[:place], *((counts,) if tables else ()), *kept[place:])


def primary_section(material: Material, behind: Sections) -> Taken:
    """The table that holds each primary result, and the first figure of its analysis."""
    wanted: list[str] = []
    for name in _of_role(material, "primary"):
        wanted += _main_blocks(material, name, behind)
    several = len(_of_role(material, "primary")) > 1
    title = "Primary results" if several else "Primary result"
    return _taken(PRIMARY, title, behind, lambda block: block.id in wanted)


def secondary_section(material: Material, behind: Sections) -> Taken:
    """One line for each key secondary result; its tables and figures stay behind."""
    rows = [
        (name, row)
        for name in _of_role(material, "secondary")
        if (row := material.main_result(name)) is not None
        and (row.estimate is not None or is_hidden(row))
    ]
    if not rows:
        return None, behind
    table = Table(
        id="key-secondary-results",
        caption="Key secondary results",
        columns=(
            "Outcome",
            "Comparison",
            "Measure",
            f"Estimate ({material.interval_name})",
            "p",
            "Adjusted p",
        ),
        rows=tuple(_line(material, name, row) for name, row in rows),
        footnotes=(
            "CIs are not adjusted for multiple testing.",
            "Adjusted p: adjusted for multiple testing as specified in the plan; a dash "
            "where the plan specifies none.",
        ),
    )
    return Section(SECONDARY, "Key secondary results", (table,)), behind


def harms_section(_material: Material, behind: Sections) -> Taken:
    """Deaths, serious and other adverse events, in the phases of the plan."""
    safety = next((section for section in behind if section.id == SAFETY), None)
    if safety is None:
        return None, behind
    found, rest = _taken("harms", "Adverse events", behind, lambda b: b.id.startswith(OF_HARMS))
    if found is None:
        return None, behind
    words = tuple(block for block in safety.blocks[:1] if isinstance(block, Prose))
    return replace(found, blocks=(*words, *found.blocks)), rest


def limits_section(material: Material, behind: Sections) -> Taken:
    """Where the limits of the numbers in front are shown; the abstract states them."""
    sentences = tuple(_limits(material))
    links = tuple(
        Elsewhere(words, place)
        for place, words in (
            ("missing", "Missing data by visit"),
            ("sensitivity", "Analyses under other assumptions"),
            ("remarks", "Data excluded and assumptions made"),
        )
        if any(section.id == place for section in behind)
    )
    if not sentences and not links:
        return None, behind
    words = (Prose(sentences),) if sentences else ()
    return Section("limits", "Limitations", (*words, *links)), behind


def _of_role(material: Material, role: str) -> tuple[str, ...]:
    return tuple(name for name, a in material.plan.analyses.items() if a.role == role)


def _main_blocks(material: Material, name: str, behind: Sections) -> list[str]:
    """Ids of the first figure of an analysis, and of the table that holds its main result."""
    own = [
        block
        for section in behind
        if section.id not in OF_SEVERAL
        for block in section.blocks
        if isinstance(block, Figure | Table)
    ]
    figures = [b.id for b in own if isinstance(b, Figure) and name in b.id.split("-")[1:]]
    main = material.main_result(name)
    holding = [b.id for b in own if isinstance(b, Table) and main and main.id in set(_results(b))]
    named = [one for one in holding if name in one.split("-")[1:]]
    return [*figures[:1], *(named or holding)[:1]]


def _results(table: Table) -> Iterator[str]:
    """The ids of the numbers that a table shows."""
    return (one for row in table.rows for cell in row for one in cell.results)


def _taken(
    identifier: str,
    title: str,
    behind: Sections,
    wanted: Callable[[Figure | Table], bool],
) -> Taken:
    """A section of the blocks that are wanted, and the others with links in their place."""
    found: list[Block] = []
    rest: list[Section] = []
    for section in behind:
        blocks: list[Block] = []
        for block in section.blocks:
            if isinstance(block, Figure | Table) and wanted(block):
                found.append(block)
                blocks.append(Elsewhere(block.caption, block.id))
            else:
                blocks.append(block)
        rest.append(replace(section, blocks=tuple(blocks)))
    return (Section(identifier, title, tuple(found)) if found else None), tuple(rest)


def _line(material: Material, name: str, row: Result) -> tuple[Cell, ...]:
    """Outcome, arms, measure, estimate with its interval, p-values."""
    plan = material.plan
    endpoint = material.estimand(name).endpoint
    when = f" at {row.visit}" if row.visit else ""
    adjusted = material.adjusted_p(name)
    unit = unit_of(plan, endpoint) if row.unit == POINTS else row.unit
    measure = f"{titled(measure_words(row.statistic))}{f', {unit}' if unit else ''}"
    return table_row(
        f"{endpoint_title(plan, endpoint)}{when}",
        [
            told_by(text, row)
            for text in (
                comparison_label(plan, row.phase, (row.arm, row.reference)),
                measure,
                estimate_with_limits(row),
                p_cell(row),
                p_cell(adjusted),
            )
        ],
    )


def _limits(material: Material) -> Iterator[str]:
    told = warnings_of(
        material, [n for r in ("primary", "secondary") for n in _of_role(material, r)]
    )
    others = [r for r in material.provenance.remarks if r.gravity == "warning"]
    if len(others) > len(told):
        more = len(others) - len(told)
        yield (
            f"There {'is a further warning' if more == 1 else f'are {more} further warnings'} on "
            "sensitivity and supplementary analyses; all are listed in the appendix."
        )
