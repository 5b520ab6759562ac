"""Crossover trials: treatments compared within subjects, and what could disturb it."""

from collections.abc import Iterator

from ketaoutcomes.families.crossover.plan import CrossoverAnalysis
from ketaoutcomes.families.shared.mixed_words import DF_WORDS, fit_in_words
from ketaoutcomes.families.shared.record import MmrmRecord
from ketaoutcomes.report.blocks import Block, Cell, Prose, Section, Table
from ketaoutcomes.report.cells import table_row, told_by
from ketaoutcomes.report.failures import not_estimated
from ketaoutcomes.report.labels import (
    arm_label,
    arms_of,
    endpoint_title,
    joined,
    method_label,
    plain,
    titled,
    unit_of,
    units_words,
)
from ketaoutcomes.report.material import Material
from ketaoutcomes.report.numbers import count_of, estimate, estimate_with_limits, number, p_cell
from ketaoutcomes.results import Result
from ketaoutcomes.vocabulary import COVARIANCE_LABELS

CHECKS = {
    "carry-over": "Carryover, {active} versus {reference}",
    "difference in the first period": "First period alone, {active} versus {reference}",
    "period effect": "{period} versus {first}",
}


def crossover_section(material: Material) -> Section | None:
    """All analyses of crossover trials."""
    blocks = [
        block
        for name, analysis in material.analyses(CrossoverAnalysis).items()
        for block in _analysis(material, name, analysis)
    ]
    return Section("crossover", "Crossover analysis", tuple(blocks)) if blocks else None


def _analysis(material: Material, name: str, analysis: CrossoverAnalysis) -> Iterator[Block]:
    rows = material.results.select(table="crot01", analysis=name)
    if failure := not_estimated(rows):
        yield failure
    record = material.record(name, MmrmRecord)
    if record is not None:
        yield Prose((fit_in_words(record),))
        yield _treatments(material, name, rows)
        yield _checks(material, name, analysis, rows)


def _treatments(material: Material, name: str, rows: tuple[Result, ...]) -> Table:
    plan, phase = material.plan, rows[0].phase
    arms = [arm for arm in arms_of(plan, phase) if any(row.arm == arm for row in rows)]
    body: list[tuple[Cell, ...]] = []
    for visit in dict.fromkeys(row.visit for row in rows if row.statistic == "LS mean"):
        here = {(r.statistic, r.arm): r for r in rows if r.visit == visit}
        means = [here["LS mean", arm] for arm in arms]
        cells = [told_by(f"{count_of(m)}; {estimate(m)} ({number(m.std_error)})", m) for m in means]
        for arm in arms[1:]:
            row = here["difference in LS means", arm]
            texts = (estimate_with_limits(row), number(row.df, 0), p_cell(row))
            cells += [told_by(text, row) for text in texts]
        body.append(table_row(visit, cells))
    reference = arm_label(plan, phase, arms[0])
    compared = [
        words for _ in arms[1:] for words in (f"Difference ({material.interval_name})", "df", "p")
    ]
    return Table(
        id=f"crot01-{name}",
        caption=f"{endpoint_title(plan, rows[0].endpoint)} by visit of a period: "
        f"{method_label(material.plan, name)}",
        columns=("Visit", *(arm_label(plan, phase, arm) for arm in arms), *compared),
        rows=tuple(body),
        footnotes=(
            f"{units_words(plan, rows[0].endpoint)} {titled(rows[0].method)} degrees of freedom.",
        ),
        spanners=(
            ("", 1),
            ("n; LS mean (SE)", len(arms)),
            *((f"{arm_label(plan, phase, arm)} versus {reference}", 3) for arm in arms[1:]),
        ),
    )


def _checks(
    material: Material, name: str, analysis: CrossoverAnalysis, rows: tuple[Result, ...]
) -> Table:
    plan, treatment = material.plan, material.estimand(name).treatment
    words = {
        "active": arm_label(plan, rows[0].phase, treatment.active),
        "reference": arm_label(plan, rows[0].phase, treatment.reference),
        "first": plan.phases[analysis.periods[0]].label,
    }
    body = []
    for statistic, label in CHECKS.items():
        for row in rows:
            if row.statistic == statistic:
                period = plan.phases[row.group].label if row.group else ""
                stub = f"{label.format(**words, period=period)}, {row.visit}"
                cells = [
                    told_by(text, row)
                    for text in (
                        estimate_with_limits(row),
                        number(row.df, 0),
                        p_cell(row),
                    )
                ]
                body.append(table_row(stub, cells))
    return Table(
        id=f"crot01-{name}-checks",
        caption="Carryover, first period alone and period effects, "
        f"{unit_of(plan, rows[0].endpoint)}",
        columns=("", f"Estimate ({material.interval_name})", "df", "p"),
        rows=tuple(body),
        footnotes=(
            "Carryover is compared between participants, with low power: a large p-value "
            "does not show that there is none. The first period alone is free of "
            "carryover.",
        ),
    )


def crossover_in_words(analysis: CrossoverAnalysis) -> str:
    """How the treatments were compared."""
    covariates = joined(map(plain, analysis.covariates)) if analysis.covariates else "no covariate"
    ladder = joined((COVARIANCE_LABELS[s] for s in analysis.covariance), "then")
    carry_over = (
        " Carryover was estimated from a model with the treatment of the preceding "
        "period in place of the sequence; the comparison does not depend on its test."
        if analysis.carryover
        else ""
    )
    return (
        f"Change in {len(analysis.periods)} periods was modelled by treatment, period and "
        f"sequence, each by visit, with {covariates}, by REML with "
        f"{DF_WORDS[analysis.df]}. Covariance structures of a participant's assessments "
        f"over all periods, in fallback order: {ladder}.{carry_over} The first period was "
        "analysed alone as a sensitivity analysis."
    )
