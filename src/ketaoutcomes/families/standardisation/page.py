"""Risks standardised over covariates: arms, and levels of factors."""

from collections.abc import Iterator

from ketaoutcomes.families.standardisation.plan import StandardisationAnalysis
from ketaoutcomes.report.blocks import Block, Cell, Section, Table
from ketaoutcomes.report.cells import all_told_by, table_row
from ketaoutcomes.report.failures import not_estimated
from ketaoutcomes.report.labels import (
    arm_label,
    arms_of,
    endpoint_rule,
    endpoint_title,
    joined,
    level_words,
    lowered,
    method_label,
    plain,
    titled,
)
from ketaoutcomes.report.material import Material
from ketaoutcomes.report.numbers import count_of, estimate_with_limits, level, p_cell
from ketaoutcomes.report.penalised import penalised_table
from ketaoutcomes.results import Result

OF_LEVELS = (
    "Non-randomised comparison: differences between levels of a covariate are "
    "associations, adjusted for the variables of the model."
)


def standardisation_in_words(analysis: StandardisationAnalysis) -> str:
    """The method for the report."""
    names = joined(("arm", *map(plain, analysis.covariate_names)))
    by = (
        f" Levels of {joined(map(plain, analysis.by))} were compared in the same way. "
        "These differences are associations, not effects of changing them."
        if analysis.by
        else ""
    )
    return (
        f"The outcome was modelled by logistic regression. The covariates were {names}. The model "
        "predicted the risk of all participants in each arm. Mean risks and their difference have "
        f"standard errors by the influence function.{by} Participants without an outcome "
        + (
            "were regarded as non-responders."
            if analysis.missing_as == "failure"
            else "were excluded."
        )
    )


def standardisation_section(material: Material) -> Section | None:
    """One table an analysis."""
    blocks = tuple(
        block
        for name, analysis in material.analyses(StandardisationAnalysis).items()
        for block in _analysis(material, name, analysis)
    )
    return Section("standardised", "Standardised risks", blocks) if blocks else None


def _analysis(material: Material, name: str, analysis: StandardisationAnalysis) -> Iterator[Block]:
    rows = material.results.select(table="gcmt01", analysis=name)
    if failure := not_estimated(rows):
        yield failure
    if any(row.statistic == "standardised risk" for row in rows):
        yield _table(material, name, analysis, rows)
    if (penalised := penalised_table(material, name, rows)) is not None:
        yield penalised


def _table(
    material: Material, name: str, analysis: StandardisationAnalysis, rows: tuple[Result, ...]
) -> Table:
    plan, target = material.plan, material.estimand(name)
    phase = rows[0].phase
    lines: list[tuple[Cell, ...]] = []
    seen = {r.arm for r in rows if not r.group and r.statistic == "standardised risk"}
    for arm in arms_of(plan, phase):
        if arm in seen:
            of_arm = [row for row in rows if row.arm == arm and not row.group]
            lines.append(_line(arm_label(plan, phase, arm), of_arm, 0))
    for factor in analysis.by:
        lines.append(table_row(titled(plain(factor)), [""] * 4))
        groups = dict.fromkeys(r.group for r in rows if r.group.startswith(f"{factor}: "))
        for group in groups:
            of_level = [row for row in rows if row.group == group]
            lines.append(
                _line(titled(level_words(factor, group.removeprefix(f"{factor}: "))), of_level, 1)
            )
    when = f" at {target.visit}" if target.visit else " at any time"
    confidence = level(plan.report.confidence_level)
    return Table(
        id=f"gcmt01-{name}",
        caption=f"{endpoint_title(plan, target.endpoint)}{when}: {_what(material, name)}",
        columns=(
            "",
            "n",
            f"Risk, % ({confidence} CI)",
            f"Difference, percentage points ({material.interval_name})",
            "p",
        ),
        rows=tuple(lines),
        footnotes=(
            f"{endpoint_rule(plan, target.endpoint)}. Differences: versus the row without one.",
            *(OF_LEVELS for _ in analysis.by[:1]),
        ),
    )


def _what(material: Material, name: str) -> str:
    """That these are standardised risks, which the name of the analysis may say itself."""
    label = lowered(method_label(material.plan, name))
    return label if "standardised risks" in label else f"standardised risks, {label}"


def _line(label: str, rows: list[Result], indent: int) -> tuple[Cell, ...]:
    found = {row.statistic: row for row in rows}
    risk, difference = found["standardised risk"], found.get("risk difference")
    cells = all_told_by([count_of(risk), estimate_with_limits(risk)], risk)
    texts = [estimate_with_limits(difference), p_cell(difference)] if difference else []
    cells += all_told_by(texts, difference) or [Cell(""), Cell("")]
    return table_row(label, cells, indent)
