"""All analyses of one question side by side: those of its estimand, and those of others."""

from collections.abc import Sequence
from dataclasses import replace
from typing import get_args

from ketaoutcomes.families.registry import model_of
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.estimand import Estimand
from ketaoutcomes.report.blocks import Figure, Section, Table
from ketaoutcomes.report.cells import table_row, told_by
from ketaoutcomes.report.forest import ForestRow, forest_svg, in_words
from ketaoutcomes.report.forest_columns import columns_of
from ketaoutcomes.report.labels import (
    analysis_title,
    arm_within,
    comparison_label,
    endpoint_title,
    joined,
    unit_of,
)
from ketaoutcomes.report.material import Material
from ketaoutcomes.report.numbers import PERCENTAGES, estimate_with_limits
from ketaoutcomes.results import RATIOS
from ketaoutcomes.scales import POINTS
from ketaoutcomes.vocabulary import Role

UNITS = {
    "difference in means": "points",
    "difference in proportions": "percentage points",
    "difference in restricted mean time": "days",
    "natural indirect effect": "points",
    "mean change": "points",
    "proportion": "%",
    "restricted mean time": "days",
}
"""In what a summary measure is counted."""

MORE = {
    "difference in proportions": "more",
    "difference in restricted mean time": "longer",
    "time ratio": "longer",
}
"""What the arm has that lies on the side of its larger value; others are read as lower."""


def sensitivity_section(material: Material) -> Section | None:
    """A forest for each comparison, or outcome of one arm, that several analyses estimate."""
    compared: dict[tuple[str, ...], list[str]] = {}
    for name, analysis in material.plan.analyses.items():
        # a tipping point is no estimate of the estimand; it has a figure of its own
        # a model of courses has none
        if model_of(analysis).estimates and material.main_result(name) is not None:
            compared.setdefault(_comparison(material, name), []).append(name)
    figures = tuple(_forest(material, names) for names in compared.values() if len(names) > 1)
    return Section("sensitivity", "Sensitivity analyses", figures) if figures else None


def _comparison(material: Material, name: str) -> tuple[str, ...]:
    """What analyses share whose estimands differ only in population or intercurrent events."""
    target = material.estimand(name)
    treatment = target.treatment
    return (
        target.endpoint,
        target.visit or "",
        target.summary,
        treatment.active,
        treatment.reference,
        _through(material, name),
    )


def _through(material: Material, name: str) -> str:
    """The mediator that an indirect effect runs through."""
    analysis = material.plan.analyses[name]
    through = model_of(analysis).through
    return f" through {through(analysis)}" if through is not None else ""


def _forest(material: Material, names: list[str]) -> Figure:
    plan = material.plan
    first = plan.analyses[names[0]].estimand
    columns = columns_of(material, names)
    rows = tuple(
        replace(_row(material, name, first), beside=tuple(cell.text for cell in columns.of[name]))
        for name in names
    )
    target = plan.estimands[first]
    phase = plan.endpoints[target.endpoint].phase
    words = (arm_within(plan, phase, arm) for arm in target.treatment.arms)
    arms = comparison_label(plan, phase, target.treatment.arms)
    when = f" at {target.visit}" if target.visit else ""
    others = (
        (
            " Open symbols: analyses of a different estimand (different strategy for "
            "intercurrent events)."
        )
        if not all(row.same_estimand for row in rows)
        else ""
    )
    title = f"{endpoint_title(plan, target.endpoint)}{when}{_through(material, names[0])}"
    return Figure(
        id=f"forest-{first}",
        caption=f"{title}, {arms}: {_roles(plan, names)}.{others}{columns.note}",
        svg=forest_svg(
            f"forest-{first}",
            rows,
            _axis(plan, target),
            sides_in_words(target, *words) if target.treatment.compares else None,
            ratio=target.summary in RATIOS,
            per_cent=target.summary in PERCENTAGES,
            heads=columns.heads,
        ),
        alternative="; ".join(in_words(row) for row in rows),
        data=Table(
            id=f"forest-{first}-numbers",
            caption=f"{title}, {arms}",
            columns=(
                "Analysis",
                *(", ".join(head.splitlines()) for head in columns.heads),
                f"{_axis(plan, target)} ({material.interval_name})",
            ),
            rows=tuple(
                table_row(
                    row.label, [*columns.of[name], told_by(row.text, material.main_result(name))]
                )
                for row, name in zip(rows, names, strict=True)
            ),
        ),
    )


def _row(material: Material, name: str, first: str) -> ForestRow:
    row, analysis = material.main_result(name), material.plan.analyses[name]
    return ForestRow(
        label=analysis_title(material.plan, name),
        text=estimate_with_limits(row),
        estimate=row.estimate if row else None,
        low=row.conf_low if row else None,
        high=row.conf_high if row else None,
        primary=analysis.role == "primary",
        same_estimand=analysis.estimand == first,
    )


def _axis(plan: AnalysisPlan, target: Estimand) -> str:
    """The summary measure with its unit."""
    unit = UNITS.get(target.summary, "")
    unit = unit_of(plan, target.endpoint) if unit == POINTS else unit
    return target.summary.capitalize() + (f", {unit}" if unit else "")


def _roles(plan: AnalysisPlan, names: Sequence[str]) -> str:
    """The roles of the analyses that are drawn: `primary and sensitivity analyses`."""
    there = {plan.analyses[name].role for name in names}
    return f"{joined(role for role in get_args(Role) if role in there)} analyses"


def sides_in_words(target: Estimand, active: str, reference: str) -> tuple[str, str]:
    """What lies left and right of no difference."""
    more = MORE.get(target.summary, "lower")
    left, right = (active, reference) if more == "lower" else (reference, active)
    return f"{more} with {left}", f"{more} with {right}"
