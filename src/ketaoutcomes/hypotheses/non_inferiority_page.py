"""Conclusions against non-inferiority margins."""

from ketaoutcomes.report.blocks import Cell, Section, Table
from ketaoutcomes.report.cells import table_row, told_by
from ketaoutcomes.report.labels import (
    comparison_label,
    endpoint_title,
    titled,
)
from ketaoutcomes.report.material import Material
from ketaoutcomes.report.numbers import estimate_with_limits, number, p_cell
from ketaoutcomes.results import Result
from ketaoutcomes.scales import POINTS


def non_inferiority_section(material: Material) -> Section | None:
    """One row an analysis with a margin."""
    rows = material.results.select(table="nint01")
    if not rows:
        return None
    confidence = material.plan.report.confidence_level
    table = Table(
        id="nint01",
        caption="Non-inferiority",
        columns=(
            "Comparison",
            f"Estimate ({material.interval_name})",
            "Margin",
            "One-sided p",
            "Conclusion",
        ),
        rows=tuple(table_row(_comparison(material, row), _cells(material, row)) for row in rows),
        footnotes=(
            f"Non-inferiority is concluded if the whole {100 * confidence:g}% CI is on "
            "the acceptable side of the margin, equivalent to a one-sided test at "
            f"{100 * (1 - confidence) / 2:g}%. P value: test of the null hypothesis that "
            "the active treatment is worse by the margin or more.",
        ),
    )
    return Section("non-inferiority", "Non-inferiority", (table,))


def non_inferiority_sentence(material: Material, name: str) -> str:
    """What to add to the answer of an analysis; empty without a margin."""
    rows = material.results.select(table="nint01", analysis=name)
    if not rows or rows[0].status == "failed":
        return ""
    return f" {titled(rows[0].message)} of {_margin(material, rows[0])}."


def _comparison(material: Material, row: Result) -> str:
    treatment = material.estimand(row.analysis).treatment
    arms = comparison_label(material.plan, row.phase, treatment.arms)
    when = f" at {row.visit}" if row.visit else ""
    return f"{endpoint_title(material.plan, row.endpoint)}{when}: {arms}"


def _cells(material: Material, row: Result) -> list[str | Cell]:
    if row.status == "failed":
        return ["not estimated", "", "", told_by(titled(row.message), row)]
    main = material.main_result(row.analysis)
    return [
        told_by(estimate_with_limits(main), main),
        told_by(_margin(material, row), row),
        told_by(p_cell(row), row),
        told_by(titled(row.message), row),
    ]


def _margin(material: Material, row: Result) -> str:
    limit = float(row.group.removeprefix("margin "))
    main = material.main_result(row.analysis)
    if main is not None and main.statistic == "risk difference":
        return f"{number(100 * limit)} percentage points"
    unit = "point" if row.unit == POINTS and abs(limit) == 1 else row.unit
    return f"{number(limit, 2).rstrip('0').rstrip('.')} {unit}".strip()
