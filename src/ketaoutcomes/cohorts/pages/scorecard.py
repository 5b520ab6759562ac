"""Estimates beside the truth of a synthetic cohort."""

from math import log

from ketaoutcomes.families.registry import model_of
from ketaoutcomes.report.blocks import Cell, Prose, Section, Table
from ketaoutcomes.report.cells import table_row, told_by
from ketaoutcomes.report.labels import estimand_label, result_title, scale_of
from ketaoutcomes.report.material import Material
from ketaoutcomes.report.numbers import (
    PERCENTAGES,
    decimals_of,
    estimate,
    estimate_with_limits,
    number,
)
from ketaoutcomes.results import RATIOS, Result
from ketaoutcomes.scales import POINTS


def scorecard_section(material: Material) -> Section | None:
    """One row an analysis; nothing for real data."""
    rows = []
    for name in material.plan.analyses:
        row, truth = material.main_result(name), truth_of(material, name)
        if row is None or truth is None:
            continue
        rows.append(
            table_row(
                result_title(material.plan, name),
                [
                    told_by(estimate_with_limits(row), row),
                    told_by(truth_with_error(truth), truth),
                    told_by(number(distance_from_truth(row, truth), 1), row, truth),
                    interval_holds(row, truth),
                ],
            )
        )
    if not rows:
        return None
    compares = material.plan.compares
    treatments = "either treatment" if compares else "the treatment"
    table = Table(
        id="trut01",
        caption="Estimates of this cohort and true values of its scenario",
        columns=(
            "Analysis",
            f"Estimate ({material.interval_name})",
            "True value (Monte Carlo error)",
            "Distance (SE)",
            f"{material.interval_name} includes true value",
        ),
        rows=tuple(rows),
        footnotes=(units_of_estimates(material), _DISTANCE),
    )
    words = (
        "The cohort is simulated, so that the true value of each estimand is known: the same "
        f"participants were simulated on {treatments}, all observed to the end. About "
        f"{100 * (1 - material.plan.report.confidence_level):.3g}% of {material.interval_name}s "
        "are expected to exclude the true value."
    )
    return Section(
        "scorecard",
        "Estimates compared with true values (simulated data)",
        (Prose((words,)), table, *_strategies_table(material)),
    )


_DISTANCE = (
    "Distance: estimate less true value in standard errors (SE) of the estimate; of ratios, on the "
    "logarithm. By chance it is beyond two for about one trial in twenty: another seed draws "
    "another trial."
)


def distance_from_truth(row: Result, truth: Result) -> float | None:
    """Estimate less true value in standard errors of the estimate; None where it has none."""
    if not row.std_error or row.estimate is None or truth.estimate is None:
        return None
    ends = (row.estimate, truth.estimate)
    if row.statistic in RATIOS:
        if min(ends) <= 0:
            return None
        ends = (log(row.estimate), log(truth.estimate))
    return (ends[0] - ends[1]) / row.std_error


def _strategies_table(material: Material) -> tuple[Table, ...]:
    """What each strategy for an event would ask for; nothing where no estimand has events."""
    rows = material.results.select(table="trut02")
    strategies = tuple(dict.fromkeys(row.method for row in rows))
    names = tuple(dict.fromkeys(row.estimand for row in rows))
    if not names:
        return ()
    here = {(row.estimand, row.method): row for row in rows}
    jump = (
        "Jump to reference: afterwards the participant follows the reference arm. "
        if material.plan.compares
        else ""
    )
    table = Table(
        id="trut02",
        caption="True values under each strategy for the intercurrent events",
        columns=("Estimand", *(way.capitalize() for way in strategies)),
        rows=tuple(
            table_row(
                estimand_label(material.plan, name),
                [_told(here.get((name, way))) for way in strategies],
            )
            for name in names
        ),
        footnotes=(
            units_of_estimates(material),
            "Hypothetical: the event does not occur. While on treatment: last value before the "
            f"event. Composite: no change and no response after the event. {jump}Blinding "
            "maintained: no functional unblinding.",
        ),
    )
    return (table,)


def units_of_estimates(material: Material) -> str:
    """The units of the estimates of several analyses, of each scale that has another than points.

    Under a table of several analyses.
    """
    plan = material.plan
    endpoints = dict.fromkeys(target.endpoint for target in plan.estimands.values())
    scales = dict.fromkeys(filter(None, (scale_of(plan, endpoint) for endpoint in endpoints)))
    others = [
        f"{scale} in {unit}" for scale in scales if (unit := plan.scale(scale).unit) != POINTS
    ]
    means = f"points ({', '.join(others)})" if others else "points"
    if plan.compares:
        return (
            f"Units: differences of means in {means}, of proportions in percentage points, of "
            "times in days."
        )
    return f"Units: means in {means}, proportions in %, times in days."


def _told(row: Result | None) -> Cell:
    return Cell(number(None, 2)) if row is None else told_by(truth_with_error(row), row)


def truth_of(material: Material, name: str) -> Result | None:
    """The true value at the estimand's visit, under the strategy that the analysis aims at.

    None where the truth under that strategy is not known.
    """
    target = material.estimand(name)
    analysis = material.plan.analyses[name]
    true_strategy = model_of(analysis).true_strategy
    strategy = true_strategy(analysis) if true_strategy is not None else None
    if strategy is not None:
        rows = material.results.select(table="trut02", estimand=analysis.estimand)
        return next((row for row in rows if row.method == strategy), None)
    rows = material.results.select(table="trut01", estimand=material.plan.analyses[name].estimand)
    here = (row for row in rows if row.statistic == target.summary)
    return next((row for row in here if row.visit in (target.visit or "", "")), None)


def truth_with_error(truth: Result) -> str:
    """A true value with its Monte Carlo error."""
    factor = 100 if truth.statistic in PERCENTAGES else 1
    error = None if truth.std_error is None else factor * truth.std_error
    return f"{estimate(truth)} ({number(error, decimals_of(truth) + 1)})"


def interval_holds(row: Result, truth: Result) -> str:
    """Whether the interval of an estimate includes the true value, in a word."""
    if row.conf_low is None or row.conf_high is None or truth.estimate is None:
        return "no interval"
    return "yes" if row.conf_low <= truth.estimate <= row.conf_high else "no"
