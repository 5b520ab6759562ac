"""All analyses of an estimand side by side."""

from ketaoutcomes.compose.figure_forest import ForestRow, forest_svg
from ketaoutcomes.compose.labels import arm_label, endpoint_title, model_title, plain, titled
from ketaoutcomes.compose.material import Material
from ketaoutcomes.compose.numbers import estimate_with_limits
from ketaoutcomes.plan.estimand import Estimand
from ketaoutcomes.report import Figure, Section


def sensitivity_section(material: Material) -> Section | None:
    """A forest for each estimand that more than one analysis estimates."""
    by_estimand: dict[str, list[str]] = {}
    for name, analysis in material.plan.analyses.items():
        # a tipping point is no estimate of the estimand; it has a figure of its own
        if analysis.model != "tipping_point":
            by_estimand.setdefault(analysis.estimand, []).append(name)
    figures = tuple(
        _forest(material, estimand, names)
        for estimand, names in by_estimand.items()
        if len(names) > 1
    )
    return Section("sensitivity", "Sensitivity analyses", figures) if figures else None


def _forest(material: Material, estimand: str, names: list[str]) -> Figure:
    rows = []
    for name in names:
        row = material.main_result(name)
        analysis = material.plan.analyses[name]
        rows.append(
            ForestRow(
                label=f"{titled(plain(name))}, {model_title(material.plan, name).lower()}"
                f" ({analysis.role})",
                text=estimate_with_limits(row),
                estimate=row.estimate if row else None,
                low=row.conf_low if row else None,
                high=row.conf_high if row else None,
                primary=analysis.role == "primary",
            )
        )
    target = material.plan.estimands[estimand]
    phase = material.plan.endpoints[target.endpoint].phase
    active = arm_label(material.plan, phase, target.treatment.active)
    reference = arm_label(material.plan, phase, target.treatment.reference)
    title = endpoint_title(material.plan, target.endpoint)
    when = f" at {target.visit}" if target.visit else ""
    return Figure(
        id=f"forest-{estimand}",
        caption=f"{title}{when}, {active} minus {reference}, by each analysis of the estimand.",
        svg=forest_svg(
            f"forest-{estimand}",
            tuple(rows),
            target.summary.capitalize(),
            _sides(target),
            ratio=target.summary == "hazard ratio",
        ),
        alternative="; ".join(f"{row.label}: {row.text}" for row in rows),
    )


def _sides(target: Estimand) -> tuple[str, str]:
    """What lies left and right of no difference."""
    active, reference = plain(target.treatment.active), plain(target.treatment.reference)
    if target.summary == "difference in restricted mean time":
        return f"longer: {reference}", f"longer: {active}"
    return f"lower: {active}", f"lower: {reference}"
