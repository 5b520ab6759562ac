"""Paired proportions on the page: both shares, the four counts, the difference and its figure."""

from collections.abc import Callable
from typing import Final

from ketaoutcomes.families.paired.fit_proportions import CELLS, DIFFERENCE, FIRST, LATER, TABLE
from ketaoutcomes.families.paired.page_parts import (
    PERCENTAGE_POINTS,
    comparisons_of,
    figure_of_differences,
    first_visit,
)
from ketaoutcomes.families.paired.plan import PairedProportionsAnalysis
from ketaoutcomes.families.paired.words import arm_in_words
from ketaoutcomes.report.blocks import Block, Cell, Section, Table
from ketaoutcomes.report.cells import table_row, told_by
from ketaoutcomes.report.labels import analysis_label, endpoint_rule, endpoint_title
from ketaoutcomes.report.material import Material
from ketaoutcomes.report.numbers import (
    SUPPRESSED,
    count_of,
    estimate_with_limits,
    is_hidden,
    number,
    p_cell,
)
from ketaoutcomes.results import Result

SHORT: Final = ("Yes, yes", "Yes, no", "No, yes", "No, no")
"""What the columns of the four counts are called: the first visit, then the later one."""


def paired_proportions_section(material: Material) -> Section | None:
    """All paired comparisons of proportions."""

    def shown(name: str, rows: tuple[Result, ...]) -> tuple[Block, ...]:
        differences = tuple(row for row in rows if row.statistic == DIFFERENCE)
        figure = figure_of_differences(material, name, differences, "pairg02", PERCENTAGE_POINTS)
        return (*figure, _table(material, name, rows))

    blocks = comparisons_of(material, PairedProportionsAnalysis, TABLE, shown)
    title = "Paired comparison of proportions"
    return Section("paired-proportions", title, blocks) if blocks else None


def _table(material: Material, name: str, rows: tuple[Result, ...]) -> Table:
    first = first_visit(material, rows[0])
    body: list[tuple[Cell, ...]] = []
    for visit in dict.fromkeys(row.visit for row in rows):
        here = {row.statistic: row for row in rows if row.visit == visit}
        main = here[DIFFERENCE]
        cells: list[str | Cell] = [told_by(count_of(main), main)]
        cells += [_told(here.get(s), estimate_with_limits) for s in (FIRST, LATER)]
        cells += [_told(here.get(s), _count) for s in CELLS]
        cells += [told_by(text, main) for text in (estimate_with_limits(main), p_cell(main))]
        body.append(table_row(visit, cells))
    target = material.estimand(name)
    return Table(
        id=f"pairt02-{name}",
        caption=f"{endpoint_title(material.plan, target.endpoint)}, "
        f"{arm_in_words(material, rows[0])}: {analysis_label(material.plan, name)}",
        columns=(
            "Visit",
            "n",
            f"{first}, % ({material.interval_name})",
            f"Visit, % ({material.interval_name})",
            *SHORT,
            f"Difference, {PERCENTAGE_POINTS} ({material.interval_name})",
            "p",
        ),
        rows=tuple(body),
        footnotes=(
            f"{endpoint_rule(material.plan, target.endpoint)}.",
            f"n: participants with both outcomes. Yes, no: yes at {first} and no at the visit, and "
            f"so on. Difference: visit minus {first}. CIs of "
            "proportions: Wilson. CI of the difference: Newcombe, method 10 for pairs.",
            f"p: {rows[-1].method.rpartition('; ')[2]}.",
        ),
    )


def _told(row: Result | None, shown: Callable[[Result], str]) -> str | Cell:
    return "–" if row is None else told_by(shown(row), row)


def _count(row: Result) -> str:
    return SUPPRESSED if is_hidden(row) else number(row.estimate, 0)
