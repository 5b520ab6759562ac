"""Incidence: share of each arm with its exact interval, and the difference of two."""

from ketaoutcomes.families.incidence.plan import IncidenceAnalysis
from ketaoutcomes.report.blocks import Cell, Section, Table
from ketaoutcomes.report.cells import table_row, told_by
from ketaoutcomes.report.labels import (
    arm_label,
    arms_of,
    endpoint_rule,
    endpoint_title,
    method_label,
)
from ketaoutcomes.report.material import Material
from ketaoutcomes.report.numbers import count_of, estimate_with_limits, level, p_cell, share_of


def incidence_in_words(analysis: IncidenceAnalysis, *, compares: bool = True) -> str:
    """The method for the report."""
    compared = (
        "; their difference has the Miettinen-Nurminen score interval and the p-value of "
        "the same test"
        if compares
        else ""
    )
    missing = (
        "were counted as having no event" if analysis.missing_as == "no event" else "were excluded"
    )
    return (
        "Proportions have exact Clopper-Pearson CIs and exact one-sided upper "
        f"bounds{compared}. Participants without an outcome {missing}."
    )


def incidence_section(material: Material) -> Section | None:
    """One table an analysis."""
    tables = tuple(_table(material, name) for name in material.analyses(IncidenceAnalysis))
    return Section("incidence", "Incidence", tables) if tables else None


def _table(material: Material, name: str) -> Table:
    plan, target = material.plan, material.estimand(name)
    phase = plan.endpoints[target.endpoint].phase
    compares = target.treatment.compares
    blank = [""] if compares else []
    rows: list[tuple[Cell, ...]] = []
    for arm in arms_of(plan, phase):
        subjects = material.of_arm(name, "subjects", arm)
        bound = material.of_arm(name, "upper bound", arm)
        if subjects is not None and bound is not None:
            share = material.of_arm(name, "proportion", arm)
            cells: list[str | Cell] = [
                told_by(f"{count_of(subjects, 'estimate')}/{count_of(subjects)}", subjects),
                told_by(estimate_with_limits(share), share),
                told_by(share_of(bound), bound),
            ]
            rows.append(table_row(arm_label(plan, phase, arm), [*cells, *blank]))
    difference = material.contrast(name, "risk difference") if compares else None
    if difference is not None:
        texts = ("", estimate_with_limits(difference), "", p_cell(difference))
        cells = [told_by(text, difference) if text else "" for text in texts]
        rows.append(table_row("Risk difference, percentage points", cells))
    confidence = level(plan.report.confidence_level)
    when = f" at {target.visit}" if target.visit else " at any time"
    missing = getattr(plan.analyses[name], "missing_as", "")
    compared = (
        (
            ". CI of the risk difference: Miettinen-Nurminen score interval. P value: the "
            "same score test"
        )
        if compares
        else ""
    )
    return Table(
        id=f"inct01-{name}",
        caption=f"{endpoint_title(plan, target.endpoint)}{when}: {method_label(plan, name)}",
        columns=("", "n/N", f"% ({confidence} CI)", "Upper bound", *(["p"] if compares else [])),
        rows=tuple(rows),
        footnotes=(
            f"{endpoint_rule(plan, target.endpoint)}. CIs of proportions: "
            f"Clopper-Pearson, with exact one-sided {confidence} upper bounds{compared}. "
            "Participants without an outcome "
            + ("count as having no event." if missing == "no event" else "are excluded."),
        ),
    )
