"""Contrasts that the plan names, as a table."""

from ketaoutcomes.families.repeated_measures.plan import MmrmAnalysis
from ketaoutcomes.families.repeated_measures.plan_contrasts import NamedContrast
from ketaoutcomes.report.blocks import Table
from ketaoutcomes.report.cells import table_row, told_by
from ketaoutcomes.report.labels import arm_label, joined, plain, titled
from ketaoutcomes.report.material import Material
from ketaoutcomes.report.numbers import estimate_with_limits, number, p_cell
from ketaoutcomes.results import Result

DECIMALS = {"points": 1, "points per day": 3}


def contrasts_table(material: Material, name: str) -> Table | None:
    """One row a named contrast of an analysis; None without any."""
    rows = material.results.select(table="mmrmt03", analysis=name)
    analysis = material.plan.analyses[name]
    if not rows or not isinstance(analysis, MmrmAnalysis):
        return None
    return Table(
        id=f"mmrmt03-{name}",
        caption="Contrasts of LS means that the plan names",
        columns=("Contrast", "What it is", "Estimate (CI)", "SE", "df", "p"),
        rows=tuple(
            table_row(
                wanted.label or titled(plain(row.group)),
                [
                    contrast_in_words(material, row, wanted),
                    told_by(estimate_with_limits(row, DECIMALS[row.unit]), row),
                    told_by(number(row.std_error, DECIMALS[row.unit] + 1), row),
                    told_by(number(row.df, 0), row),
                    told_by(p_cell(row.p_value), row),
                ],
            )
            for row in rows
            for wanted in (analysis.contrasts[row.group],)
        ),
        footnotes=("In points; a slope in points per day of the schedule.",),
    )


def contrast_in_words(material: Material, row: Result, wanted: NamedContrast) -> str:
    """Arms and visits of a contrast with their weights."""
    if wanted.arms:
        weights = wanted.arms.items()
        compared = ", ".join(
            f"{number(weight, 2)} × {arm_label(material.plan, row.phase, arm)}"
            for arm, weight in weights
        )
    else:
        arms = (arm for arm in (row.arm, row.reference) if arm)
        compared = " minus ".join(arm_label(material.plan, row.phase, arm) for arm in arms)
    if wanted.average_over:
        return f"{compared}, mean of {joined(wanted.average_over)}"
    if wanted.slope_over:
        return f"{compared}, slope over {joined(wanted.slope_over)}"
    visits = ", ".join(f"{number(weight, 2)} × {visit}" for visit, weight in wanted.visits.items())
    return f"{compared}; visits {visits}"
