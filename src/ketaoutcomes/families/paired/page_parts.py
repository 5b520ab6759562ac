"""What the pages of paired comparisons share: their order, and the figure of the differences."""

from collections.abc import Callable
from typing import Final

from ketaoutcomes.families.paired.plan import PairedAnalysis, PairedProportionsAnalysis
from ketaoutcomes.families.paired.words import WHAT_IT_HOLDS, arm_in_words
from ketaoutcomes.report.blocks import Block, Callout, Figure
from ketaoutcomes.report.failures import any_estimated, not_estimated
from ketaoutcomes.report.forest import ForestRow, forest_svg
from ketaoutcomes.report.labels import endpoint_title
from ketaoutcomes.report.material import Material
from ketaoutcomes.report.numbers import estimate_with_limits
from ketaoutcomes.results import Result

Rows = tuple[Result, ...]

PERCENTAGE_POINTS: Final = "percentage points"


def comparisons_of(
    material: Material,
    model: type[PairedAnalysis | PairedProportionsAnalysis],
    table: str,
    shown: Callable[[str, Rows], tuple[Block, ...]],
) -> tuple[Block, ...]:
    """What is shown of each analysis of a model; each warning about an order stands once."""
    blocks: list[Block] = []
    for name, analysis in material.analyses(model).items():
        rows = material.results.select(table=table, analysis=name)
        caution = Callout("Warning", (WHAT_IT_HOLDS[analysis.order],), "warning")
        blocks += [caution] if caution not in blocks else []
        if failure := not_estimated(rows):
            blocks.append(failure)
        if any_estimated(rows):
            blocks += shown(name, rows)
    return tuple(blocks)


def first_visit(material: Material, row: Result) -> str:
    """The visit that the others are compared with."""
    return material.plan.phases[row.phase].baseline_visit or ""


def figure_of_differences(
    material: Material, name: str, rows: Rows, figure_id: str, unit: str
) -> tuple[Figure, ...]:
    """The difference of each visit from the first, with its interval; none without a number.

    Parameters
    ----------
    rows : tuple of Result
        The differences.
    unit : str
        "percentage points" for proportions, which are drawn per cent.
    """
    target = material.estimand(name)
    shown = tuple(
        ForestRow(
            label=row.visit,
            text=estimate_with_limits(row),
            estimate=row.estimate,
            low=row.conf_low,
            high=row.conf_high,
            primary=row.visit == target.visit,
        )
        for row in rows
        if row.estimate is not None
    )
    if not shown:
        return ()
    first = first_visit(material, rows[0])
    title = endpoint_title(material.plan, target.endpoint)
    figure = Figure(
        id=f"{figure_id}-{name}",
        caption=f"{title}, {arm_in_words(material, rows[0])}: difference of each visit from "
        f"{first} within participants, {unit}, {material.interval_name}.",
        svg=forest_svg(
            f"{figure_id}-{name}",
            shown,
            f"Difference from {first}, {unit}",
            (f"lower than at {first}", f"higher than at {first}"),
            ratio=False,
            per_cent=unit == PERCENTAGE_POINTS,
        ),
        alternative="; ".join(f"{row.label}: {row.text}" for row in shown),
    )
    return (figure,)
