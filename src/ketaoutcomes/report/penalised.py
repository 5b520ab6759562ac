"""Odds ratios by penalised likelihood, next to those that are infinite."""

from ketaoutcomes.report.blocks import Table
from ketaoutcomes.report.cells import all_told_by, table_row
from ketaoutcomes.report.labels import (
    comparison_label,
    endpoint_title,
)
from ketaoutcomes.report.material import Material
from ketaoutcomes.report.numbers import count_of, estimate_with_limits, level, p_cell
from ketaoutcomes.results import Result

PENALISED = "penalised odds ratio"

PENALISED_REFERENCES = (
    "Firth D. Bias reduction of maximum likelihood estimates. Biometrika 1993;80:27-38.",
    "Heinze G, Schemper M. A solution to the problem of separation in logistic regression. Stat "
    "Med 2002;21:2409-2419.",
)


def penalised_table(material: Material, name: str, rows: tuple[Result, ...]) -> Table | None:
    """One row a comparison whose odds ratio is infinite in the model of the plan."""
    penalised = [row for row in rows if row.statistic == PENALISED]
    if not penalised:
        return None
    plan, phase = material.plan, penalised[0].phase
    lines = []
    for row in penalised:
        arms = comparison_label(plan, phase, (row.arm, row.reference))
        texts = [count_of(row), estimate_with_limits(row), p_cell(row)]
        lines.append(table_row(f"{row.visit}, {arms}", all_told_by(texts, row)))
    confidence = level(plan.report.confidence_level)
    return Table(
        id=f"{penalised[0].table}-{name}-penalised",
        caption=f"{endpoint_title(plan, material.estimand(name).endpoint)}: odds ratios by "
        "penalised likelihood",
        columns=("Visit", "n", f"Odds ratio ({confidence} CI)", "p"),
        rows=tuple(lines),
        footnotes=(
            "An odds ratio is infinite where all participants of an arm have the same "
            "outcome. Firth's penalised likelihood gives a finite estimate from the "
            "outcomes of the visit alone, adjusted for the covariates. CI and p-value: "
            "profile penalised likelihood. " + " ".join(PENALISED_REFERENCES),
        ),
    )
