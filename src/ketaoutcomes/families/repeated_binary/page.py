"""Response and remission at every visit, by models of all visits."""

from collections.abc import Iterator, Sequence

from ketaoutcomes.families.repeated_binary.plan import BinaryRepeatedPart, LogisticMixedAnalysis
from ketaoutcomes.families.shared.mixed_words import not_adjusted
from ketaoutcomes.report.blocks import Block, Cell, Section, Table
from ketaoutcomes.report.cells import all_told_by, table_row, told_by
from ketaoutcomes.report.failures import any_estimated, not_estimated
from ketaoutcomes.report.labels import analysis_title, arm_label, arms_of, endpoint_title, titled
from ketaoutcomes.report.material import Material
from ketaoutcomes.report.numbers import (
    count_of,
    estimate,
    estimate_with_limits,
    number,
    p_cell,
)
from ketaoutcomes.report.penalised import penalised_table
from ketaoutcomes.results import Result

TABLES = ("geet01", "glmmt01")


def binary_repeated_section(material: Material) -> Section | None:
    """One table an analysis of response or remission by estimating equations or a mixed model."""
    blocks = [
        block
        for name in material.analyses(BinaryRepeatedPart)
        for block in _analysis(material, name)
    ]
    title = "Binary outcomes by visit"
    return Section("response-by-visit", title, tuple(blocks)) if blocks else None


def _analysis(material: Material, name: str) -> Iterator[Block]:
    rows = tuple(r for table in TABLES for r in material.results.select(table=table, analysis=name))
    if failure := not_estimated(rows):
        yield failure
    if not any_estimated(rows):
        return
    if not material.estimand(name).treatment.compares:
        yield _table_of_one_arm(material, name, rows)
    elif any(row.statistic == "risk difference" for row in rows):
        yield _table(material, name, rows)
    if (penalised := penalised_table(material, name, rows)) is not None:
        yield penalised


def _table_of_one_arm(material: Material, name: str, rows: tuple[Result, ...]) -> Table:
    shares = [row for row in rows if row.statistic == "proportion"]
    return Table(
        id=f"{rows[0].table}-{name}",
        caption=_caption(material, name),
        columns=("Visit", "n", f"% ({material.interval_name})"),
        rows=tuple(
            table_row(row.visit, all_told_by((count_of(row), estimate_with_limits(row)), row))
            for row in shares
        ),
        footnotes=(
            f"{titled(rows[0].method)}. Marginal (standardised) percentages: averaged "
            f"over the observed covariates. {_about_intervals(material, name, rows)}",
        ),
    )


def _caption(material: Material, name: str) -> str:
    title = f"{endpoint_title(material.plan, material.estimand(name).endpoint)} by visit"
    return f"{title}: {analysis_title(material.plan, name)}"


def _table(material: Material, name: str, rows: tuple[Result, ...]) -> Table:
    plan, phase = material.plan, rows[0].phase
    shares_of = [row for row in rows if row.statistic == "proportion"]
    arms = [arm for arm in arms_of(plan, phase) if any(row.arm == arm for row in shares_of)]
    visits = dict.fromkeys(row.visit for row in shares_of)
    body: list[tuple[Cell, ...]] = []
    for visit in visits:
        here = {(row.statistic, row.arm): row for row in rows if row.visit == visit}
        shares = [here["proportion", arm] for arm in arms]
        cells = [told_by(f"{count_of(share)}; {estimate(share)}", share) for share in shares]
        for arm in arms[1:]:
            difference, ratio = here["risk difference", arm], here["odds ratio", arm]
            cells += [
                told_by(estimate_with_limits(difference), difference),
                told_by(estimate_with_limits(ratio), ratio),
                told_by(p_cell(difference), difference),
            ]
        body.append(table_row(visit, cells))
    spanners = [("", 1), ("n; %", len(arms))]
    reference = arm_label(plan, phase, arms[0])
    spanners += [(f"{arm_label(plan, phase, arm)} versus {reference}", 3) for arm in arms[1:]]
    compared = [
        word
        for _ in arms[1:]
        for word in (
            f"Difference, percentage points ({material.interval_name})",
            f"Odds ratio ({material.interval_name})",
            "p",
        )
    ]
    return Table(
        id=f"{rows[0].table}-{name}",
        caption=_caption(material, name),
        columns=("Visit", *(arm_label(plan, phase, arm) for arm in arms), *compared),
        rows=tuple(body),
        footnotes=(_footnote(material, name, rows),),
        spanners=tuple(spanners),
    )


def _footnote(material: Material, name: str, rows: Sequence[Result]) -> str:
    whose = (
        (
            "Odds ratios are participant-specific (conditional on the random intercept); "
            "percentages are averages over participants."
        )
        if isinstance(material.plan.analyses[name], LogisticMixedAnalysis)
        else "Odds ratios are conditional on covariates."
    )
    return (
        f"{titled(rows[0].method)}. Marginal (standardised) percentages: averaged over the "
        "observed covariates, all participants on one arm; p-values are for their "
        f"difference. {whose} {_about_intervals(material, name, rows)}"
    )


def _about_intervals(material: Material, name: str, rows: Sequence[Result]) -> str:
    return (
        f"{material.interval_name}s{not_adjusted(rows)}. "
        f"Available-case analysis: missing outcomes excluded.{_criterion(material, name)}"
    )


def _criterion(material: Material, name: str) -> str:
    rows = material.results.select(table="geet01", analysis=name, statistic="QIC")
    return f" QIC {number(rows[0].estimate)}." if rows else ""
