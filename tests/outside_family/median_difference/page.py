"""A difference in medians on the page: its words, its table and its call in R."""

from ketaoutcomes.families.shared.code import r_data, r_text
from ketaoutcomes.report.blocks import Block, Section, Table
from ketaoutcomes.report.cells import all_told_by, table_row
from ketaoutcomes.report.failures import any_estimated, not_estimated
from ketaoutcomes.report.labels import arm_label, endpoint_title
from ketaoutcomes.report.material import Material
from ketaoutcomes.report.numbers import count_of, estimate_with_limits, p_cell
from median_difference.fit import TABLE
from median_difference.plan import MedianDifferenceAnalysis


def in_words(analysis: MedianDifferenceAnalysis) -> str:
    """The method for the report."""
    return (
        "The medians of the change at the visit were compared among participants with a score at "
        f"that visit. Intervals are percentiles of {analysis.resamples:,} bootstrap samples drawn "
        "within each arm; p is the smallest level whose interval leaves out zero."
    )


def calls(material: Material, name: str, analysis: MedianDifferenceAnalysis) -> dict[str, str]:
    """The same in R, on the exported rows; SAS has no procedure for it."""
    target = material.estimand(name)
    active, reference = map(r_text, target.treatment.arms)
    r = (
        f"{r_data(material, name, 'ADQS', visits=True)}\n"
        f"d1 <- subset(d, AVISIT == {r_text(target.visit or '')} & !is.na(CHG))\n"
        "difference <- function(d, rows) {\n"
        "  m <- tapply(d$CHG[rows], d$TRTP[rows], median)\n"
        f"  m[[{active}]] - m[[{reference}]]\n"
        "}\n"
        f"b <- boot::boot(d1, difference, R = {analysis.resamples}, strata = d1$TRTP)\n"
        f"print(boot::boot.ci(b, conf = {material.plan.report.confidence_level:g}, "
        'type = "perc"))\n'
        f'add("{TABLE}", "difference in medians", b$t0, visit = {r_text(target.visit or "")},\n'
        f"    arm = {active}, reference = {reference})"
    )
    sas = "/* no procedure gives this interval: resample with proc surveyselect, method=urs */"
    return {"R": r, "SAS": sas}


def medians_section(material: Material) -> Section | None:
    """One table an analysis."""
    plan = material.plan
    blocks: list[Block] = []
    for name, analysis in plan.analyses.items():
        if not isinstance(analysis, MedianDifferenceAnalysis):
            continue
        rows = material.results.select(table=TABLE, analysis=name)
        blocks += [box] if (box := not_estimated(rows)) else []
        blocks += [_table(material, name)] if any_estimated(rows) else []
    return Section("medians", "Differences in medians", tuple(blocks)) if blocks else None


def _table(material: Material, name: str) -> Table:
    target = material.estimand(name)
    lines = []
    for row in material.results.select(table=TABLE, analysis=name):
        label = arm_label(material.plan, row.phase, row.arm)
        stub = f"{label}, difference" if row.reference else label
        texts = [count_of(row), estimate_with_limits(row), p_cell(row)]
        lines.append(table_row(stub, all_told_by(texts, row)))
    return Table(
        id=f"{TABLE}-{name}",
        caption=f"{endpoint_title(material.plan, target.endpoint)} at {target.visit}: medians",
        columns=("", "n", "Median, points (95% CI)", "p"),
        rows=tuple(lines),
        footnotes=("Bootstrap percentile intervals. CI: confidence interval.",),
    )
