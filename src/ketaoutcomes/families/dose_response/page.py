"""The dose response on the page: tests of shapes, doses, the curve, words and calls."""

from collections.abc import Iterator

import numpy as np
from matplotlib.figure import Figure as Canvas

from ketaoutcomes.families.dose_response.plan import DoseResponseAnalysis
from ketaoutcomes.families.dose_response.record import DoseResponseRecord
from ketaoutcomes.families.shared.code import (
    SAS_ORDER,
    as_variables,
    r_data,
    r_text,
    r_texts,
    sas_data,
    sas_factors,
    sas_text,
    visits_in_order,
)
from ketaoutcomes.families.shared.mixed_calls import BY_ARM, SAS_TYPE, sas_terms
from ketaoutcomes.families.shared.mixed_words import covariates_in_words
from ketaoutcomes.families.shared.record import MmrmRecord
from ketaoutcomes.report.blocks import Block, Figure, Section, Table
from ketaoutcomes.report.cells import all_told_by, table_row
from ketaoutcomes.report.failures import not_estimated
from ketaoutcomes.report.figures import ARM_COLOURS, INK, WIDTH, figure_svg, grid_lines
from ketaoutcomes.report.labels import (
    arm_label,
    arms_of,
    endpoint_title,
    joined,
    plain,
    titled,
    unit_of,
)
from ketaoutcomes.report.material import Material
from ketaoutcomes.report.numbers import estimate_with_limits, number, p_cell
from ketaoutcomes.results import Result


def dose_in_words(analysis: DoseResponseAnalysis) -> str:
    """The method for the report."""
    covariates = covariates_in_words(analysis.covariates, analysis.by_visit)
    return (
        f"LS means by dose come from a mixed model for repeated measures. {covariates} "
        "Every dose was compared with the reference; p-values were adjusted by Dunnett's "
        f"method. The shapes {joined(map(plain, analysis.shapes))} were tested by their "
        "optimal contrasts, with p-values adjusted by the joint t distribution "
        "(MCP-Mod). An Emax curve was fitted to the LS means by generalised least "
        "squares. Its band is pointwise and does not account for the choice of the shape."
    )


def dose_calls(material: Material, name: str, analysis: DoseResponseAnalysis) -> dict[str, str]:
    """The same in R and SAS."""
    doses = ", ".join(f"{dose:g}" for dose in sorted(set(analysis.doses.values())))
    shapes = ", ".join(_r_shape(s.shape, s.parameter, s.hill) for s in analysis.shapes.values())
    covariates = as_variables(material, analysis.covariates)
    crossed = [f"{v}:AVISIT" for v in as_variables(material, analysis.by_visit)]
    terms = " + ".join(["TRTP * AVISIT", *covariates, *crossed])
    given = sorted(analysis.doses, key=analysis.doses.__getitem__)
    reference = r_text(material.estimand(name).treatment.reference)
    visit = r_text(material.estimand(name).visit or visits_in_order(material, name)[-1])
    record = material.record(name, MmrmRecord)
    structure = record.structure if record else "us"
    r = (
        f"{r_data(material, name, 'ADQS', visits=True)}\n"
        f'fit <- fit_repeated(CHG ~ {terms}, d, covariance = "{structure}")\n'
        f'add_doses("drst01", fit, {visit}, {r_texts(given)}, {reference})\n'
        'not_repeated("shapes of doses need the package DoseFinding", "drst01")\n'
        'if (requireNamespace("DoseFinding", quietly = TRUE)) {\n'
        f"  means <- emmeans(as_grid(fit), ~ TRTP, at = list(AVISIT = {visit}))\n"
        "  mu <- confidence(means)$estimate\n"
        f"  models <- DoseFinding::Mods({shapes}, doses = c({doses}))\n"
        f"  print(DoseFinding::MCTtest(c({doses}), mu, S = vcov(means), models = models,\n"
        '                             type = "general", alternative = "two.sided"))\n'
        f'  print(DoseFinding::fitMod(c({doses}), mu, S = vcov(means), model = "emax",\n'
        '                            type = "general"))\n}'
    )
    by_visit = as_variables(material, analysis.by_visit)
    sas = (
        f"{sas_data(name, 'ADQS')}\n{SAS_ORDER}\n"
        f"proc mixed data=d order=data;\n  class USUBJID TRTP AVISIT{sas_factors(covariates)};\n"
        f"  model CHG = {sas_terms(BY_ARM, covariates, by_visit)} / ddfm=satterthwaite;\n"
        f"  repeated AVISIT / subject=USUBJID type={SAS_TYPE[structure]};\n"
        f"  lsmestimate TRTP*AVISIT\n{_sas_doses(material, name)}\n"
        "    / adjust=simulate(seed=1) cl;\nrun;"
    )
    return {"R": r, "SAS": sas}


def _sas_doses(material: Material, name: str) -> str:
    """Each other arm less the reference at one visit; simulated together, Dunnett's law."""
    target, visits = material.estimand(name), visits_in_order(material, name)
    arms = arms_of(material.plan, material.plan.analysis_phase(name))
    visit = visits.index(target.visit or visits[-1]) + 1
    reference = arms.index(target.treatment.reference) + 1
    return ",\n".join(
        f"    {sas_text(arm)} [1, {place} {visit}] [-1, {reference} {visit}]"
        for place, arm in enumerate(arms, start=1)
        if place != reference
    )


def _r_shape(name: str, parameter: float, hill: float) -> str:
    match name:
        case "linear":
            return "linear = NULL"
        case "log_linear":
            return "linlog = NULL"
        case "sigmoid_emax":
            return f"sigEmax = c({parameter:g}, {hill:g})"
        case _:
            return f"{name} = {parameter:g}"


def dose_section(material: Material) -> Section | None:
    """All dose-response analyses."""
    blocks = tuple(
        block
        for name, analysis in material.analyses(DoseResponseAnalysis).items()
        for block in _analysis(material, name, analysis)
    )
    return Section("dose", "Dose response", blocks) if blocks else None


def _analysis(material: Material, name: str, analysis: DoseResponseAnalysis) -> Iterator[Block]:
    rows = material.results.select(table="drst01", analysis=name)
    if failure := not_estimated(rows):
        yield failure
        return
    record = material.record(name, DoseResponseRecord)
    if record is not None:
        yield _figure(material, name, record)
    yield _doses(material, name, analysis, rows)
    yield _shapes(material, name, rows)


def _figure(material: Material, name: str, record: DoseResponseRecord) -> Figure:
    target = material.estimand(name)
    title = endpoint_title(material.plan, target.endpoint)
    figure_id = f"drsg01-{name}"
    return Figure(
        id=figure_id,
        caption=f"{title} at {target.visit} by dose: LS means with {material.interval_name}, and "
        f"the Emax curve with its pointwise {material.interval_name}.",
        svg=dose_svg(figure_id, record, f"{title}, {unit_of(material.plan, target.endpoint)}"),
        alternative="; ".join(
            f"{dose:g} {record.unit} {number(mean)}"
            for dose, mean in zip(record.doses.tolist(), record.means.tolist(), strict=True)
        ),
    )


def _doses(
    material: Material, name: str, analysis: DoseResponseAnalysis, rows: tuple[Result, ...]
) -> Table:
    target = material.estimand(name)
    differences = {row.arm: row for row in rows if row.statistic == "difference in LS means"}
    lines = []
    for row in (row for row in rows if row.statistic == "LS mean"):
        difference = differences.get(row.arm)
        lines.append(
            table_row(
                arm_label(material.plan, row.phase, row.arm),
                [
                    f"{analysis.doses[row.arm]:g}",
                    *all_told_by([f"{row.n}", estimate_with_limits(row)], row),
                    *all_told_by(
                        [estimate_with_limits(difference), p_cell(difference)]
                        if difference
                        else ["", ""],
                        difference,
                    ),
                ],
            )
        )
    return Table(
        id=f"drst01-{name}",
        caption=f"{endpoint_title(material.plan, target.endpoint)} at {target.visit} by dose",
        columns=(
            "",
            f"Dose, {analysis.unit}",
            "n",
            f"LS mean ({material.interval_name})",
            f"Difference from reference ({material.interval_name}), adjusted",
            "p, adjusted",
        ),
        rows=tuple(lines),
        footnotes=(
            "CIs and p-values of differences: adjusted for all doses (Dunnett). CIs of "
            "means: not adjusted.",
        ),
    )


def _shapes(material: Material, name: str, rows: tuple[Result, ...]) -> Table:
    lines = [
        table_row(
            titled(plain(row.group)),
            all_told_by([number(row.test_statistic, 2), number(row.df, 0), p_cell(row)], row),
        )
        for row in rows
        if row.statistic == "trend contrast"
    ]
    curve = {row.statistic: row for row in rows if row.statistic in ("E0", "Emax", "ED50")}
    ed50 = curve["ED50"]
    text = (
        f"{number(ed50.estimate, 2)}: {ed50.message}"
        if ed50.message
        else estimate_with_limits(ed50, 2)
    )
    return Table(
        id=f"drst02-{name}",
        caption="Dose-response shapes (MCP-Mod)",
        columns=("Shape", "t", "df", "p, adjusted"),
        rows=tuple(lines),
        footnotes=(
            "Optimal contrast of each shape; two-sided p-values adjusted for all shapes.",
            f"Emax curve: E0 {estimate_with_limits(curve['E0'])}, Emax "
            f"{estimate_with_limits(curve['Emax'])} "
            f"{unit_of(material.plan, curve['Emax'].endpoint)}, ED50 {text} {ed50.unit}.",
        ),
    )


def dose_svg(figure_id: str, record: DoseResponseRecord, y_label: str) -> str:
    """LS means with intervals, and the curve with its band."""
    return figure_svg(figure_id, lambda: _draw(record, y_label))


def _draw(record: DoseResponseRecord, y_label: str) -> Canvas:
    # matplotlib: the band is that of the fitted curve, and `lineplot` would compute its own
    canvas = Canvas(figsize=(WIDTH, 3.2))
    axes = canvas.add_axes((0.11, 0.16, 0.84, 0.79))
    colour = ARM_COLOURS[1]
    axes.fill_between(
        record.grid, record.curve_low, record.curve_high, color=colour, alpha=0.15, linewidth=0
    )
    axes.plot(record.grid, record.curve, color=colour, linewidth=1.6)
    axes.errorbar(
        record.doses,
        record.means,
        yerr=np.array([record.means - record.low, record.high - record.means]),
        fmt="o",
        color=INK,
        markersize=6,
        capsize=3,
        elinewidth=1.2,
    )
    axes.set_xlabel(f"Dose, {record.unit}")
    axes.set_ylabel(y_label)
    grid_lines(axes)
    return canvas
