"""Paired comparisons on the page: both means, the difference, and its figure."""

from ketaoutcomes.families.paired.fit import AFTER, BEFORE, CORRELATION, DIFFERENCE, TABLE
from ketaoutcomes.families.paired.page_parts import (
    comparisons_of,
    figure_of_differences,
    first_visit,
)
from ketaoutcomes.families.paired.plan import PairedAnalysis
from ketaoutcomes.families.paired.words import arm_in_words
from ketaoutcomes.report.blocks import Block, Cell, Section, Table
from ketaoutcomes.report.cells import table_row, told_by
from ketaoutcomes.report.labels import endpoint_title, method_label, unit_of, units_words
from ketaoutcomes.report.material import Material
from ketaoutcomes.report.numbers import (
    count_of,
    decimals_of_all,
    estimate,
    estimate_with_limits,
    number,
    p_cell,
)
from ketaoutcomes.results import Result


def paired_section(material: Material) -> Section | None:
    """All paired comparisons."""

    def shown(name: str, rows: tuple[Result, ...]) -> tuple[Block, ...]:
        differences = tuple(row for row in rows if row.statistic == DIFFERENCE)
        unit = unit_of(material.plan, material.estimand(name).endpoint)
        figure = figure_of_differences(material, name, differences, "pairg01", unit)
        return (*figure, _table(material, name, rows))

    blocks = comparisons_of(material, PairedAnalysis, TABLE, shown)
    return Section("paired", "Paired comparison", blocks) if blocks else None


def _table(material: Material, name: str, rows: tuple[Result, ...]) -> Table:
    first, places = first_visit(material, rows[0]), decimals_of_all(rows)
    body: list[tuple[Cell, ...]] = []
    correlated = any(row.statistic == CORRELATION for row in rows)
    for visit in dict.fromkeys(row.visit for row in rows):
        here = {row.statistic: row for row in rows if row.visit == visit}
        main = here[DIFFERENCE]
        cells: list[str | Cell] = [told_by(count_of(main), main)]
        for statistic in (BEFORE, AFTER):
            row = here.get(statistic)
            cells.append("–" if row is None else told_by(_mean(row, places), row))
        texts = (estimate_with_limits(main, places), number(main.df, 0), p_cell(main))
        cells += [told_by(text, main) for text in texts]
        if correlated:
            row = here.get(CORRELATION)
            cells.append("–" if row is None else told_by(number(row.estimate, 2), row))
        body.append(table_row(visit, cells))
    target = material.estimand(name)
    return Table(
        id=f"pairt01-{name}",
        caption=f"{endpoint_title(material.plan, target.endpoint)}, "
        f"{arm_in_words(material, rows[0])}: {method_label(material.plan, name)}",
        columns=(
            "Visit",
            "n",
            f"{first}, mean (SE)",
            "Visit, mean (SE)",
            f"Difference ({material.interval_name})",
            "df",
            "p",
            *(("Correlation",) if correlated else ()),
        ),
        rows=tuple(body),
        footnotes=(
            units_words(material.plan, target.endpoint),
            f"n: {_counted(material, name)}. Difference: visit minus {first}.",
        ),
    )


def _mean(row: Result, places: int) -> str:
    """`24.1 (1.2)`."""
    return f"{estimate(row, places)} ({number(row.std_error, places)})"


def _counted(material: Material, name: str) -> str:
    analysis = material.plan.analyses[name]
    assert isinstance(analysis, PairedAnalysis)
    both = analysis.method == "t test"
    return "participants with both scores" if both else "participants with at least one score"
