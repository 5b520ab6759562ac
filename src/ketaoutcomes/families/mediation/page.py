"""Mediation on the page: effects, a hidden confounder, the sentence, words and calls."""

from collections.abc import Iterator

from matplotlib.figure import Figure as Canvas

from ketaoutcomes.families.mediation.plan import MediationAnalysis
from ketaoutcomes.families.shared.code import (
    as_variables,
    r_data,
    r_text,
    r_texts,
    sas_data,
    sas_factors,
    sas_text,
)
from ketaoutcomes.report.blocks import Block, Figure, Prose, Section, Table
from ketaoutcomes.report.cells import all_told_by, table_row, told_by
from ketaoutcomes.report.failures import not_estimated
from ketaoutcomes.report.figures import ARM_COLOURS, INK, MUTED, WIDTH, figure_svg, grid_lines
from ketaoutcomes.report.labels import (
    arm_label,
    endpoint_title,
    joined,
    method_label,
    plain,
    scale_of,
    titled,
)
from ketaoutcomes.report.material import Material
from ketaoutcomes.report.numbers import (
    MINUS,
    PERCENTAGES,
    estimate,
    estimate_with_limits,
    interval,
    interval_name,
    level,
    number,
    p_cell,
    p_value,
)
from ketaoutcomes.results import Result


def mediation_in_words(analysis: MediationAnalysis) -> str:
    """The method for the report."""
    names = joined(
        dict.fromkeys(map(plain, (*analysis.covariates, "baseline", "baseline of the mediator")))
    )
    logarithm = " of its logarithm" if analysis.mediator.logarithm else ""
    return (
        f"The mediator is the change{logarithm} in {analysis.mediator.scale} from "
        f"baseline to {analysis.mediator.visit}. Mediator and outcome have linear models "
        f"with treatment and {names}. Natural direct and indirect effects follow from "
        f"their coefficients, with percentile intervals of {analysis.resamples:,} "
        "bootstrap samples within arms. They are causal only if nothing unmeasured "
        "affects both mediator and outcome. The indirect effect is therefore shown for a "
        "range of correlations between the errors of the two models."
    )


def mediation_calls(material: Material, name: str, analysis: MediationAnalysis) -> dict[str, str]:
    """The same in R and SAS."""
    names = (*as_variables(material, analysis.covariates), "BASE", "MEDBASE")
    terms, treatment = " + ".join(dict.fromkeys(names)), material.estimand(name).treatment
    arms = f"arm = {r_text(treatment.active)}, reference = {r_text(treatment.reference)}"
    sign = "*" if analysis.interaction else "+"
    r = (
        f"{r_data(material, name, 'ADMED')}\n"
        f"d <- droplevels(d[d$TRTP %in% {r_texts(treatment.arms)}, ])\n"
        f"m <- lm(MEDIATOR ~ TRTP + {terms}, data = d)\n"
        f"y <- lm(CHG ~ TRTP {sign} MEDIATOR + {terms}, data = d)\n"
        f'add_mediation("medt01", m, y, d, {arms})\n'
        'not_repeated("resamples of another generator of random numbers differ", "medt01")\n'
        'not_repeated("a hidden confounder needs the package mediation", "medt02")'
    )
    product = " MEDIATOR*TRTP" if analysis.interaction else ""
    pair = ", ".join(map(sas_text, treatment.arms))
    sas = (
        f"{sas_data(name, 'ADMED')}\n"
        f"proc causalmed data=d;\n  where TRTP in ({pair});\n"
        f"  class TRTP(ref={sas_text(treatment.reference)}){sas_factors(dict.fromkeys(names))};\n"
        f"  model CHG = TRTP MEDIATOR{product};\n"
        f"  mediator MEDIATOR = TRTP;\n  covar {terms.replace(' +', '')};\n"
        f"  bootstrap nboot={analysis.resamples};\nrun;"
    )
    return {"R": r, "SAS": sas}


def mediation_sentence(
    material: Material, name: str, row: Result, active: str, reference: str
) -> str:
    """The finding in a sentence."""
    analysis = material.plan.analyses[name]
    assert isinstance(analysis, MediationAnalysis)
    total = material.contrast(name, "total effect")
    of_total = f" The total effect was {estimate(total)} points." if total else ""
    p = f"; {p_value(row)}" if row.p_value is not None else ""
    scale = scale_of(material.plan, material.estimand(name).endpoint)
    effect = (
        f"indirect effect of {active} versus {reference} on the mean change in {scale} through "
        f"{analysis.mediator.scale}"
    )
    numbers = f"{interval(row)}{p}"
    found = (
        f"At {row.visit}, there was no clear {effect} ({estimate(row)} points, {numbers})."
        if row.includes_no_effect
        else f"At {row.visit}, the {effect} was {estimate(row)} points ({numbers})."
    )
    return (
        f"{found}{of_total} This holds only without unmeasured confounding of "
        f"{analysis.mediator.scale} and {scale}."
    )


def mediation_section(material: Material) -> Section | None:
    """All analyses by a mediation model."""
    blocks = tuple(
        block
        for name, analysis in material.analyses(MediationAnalysis).items()
        for block in _analysis(material, name, analysis)
    )
    return Section("mediation", "Mediation", blocks) if blocks else None


def _analysis(material: Material, name: str, analysis: MediationAnalysis) -> Iterator[Block]:
    rows = material.results.select(table="medt01", analysis=name)
    if failure := not_estimated(rows):
        yield failure
        return
    yield _table(material, name, analysis, rows)
    nil = material.results.select(
        table="medt02",
        analysis=name,
        statistic="correlation at which the indirect effect is nil",
    )
    curve = material.results.select(
        table="medt02", analysis=name, statistic="natural indirect effect"
    )
    if nil and curve:
        yield Prose((_nil_in_words(nil[0]),))
        yield _figure(name, analysis, curve)


def _table(
    material: Material, name: str, analysis: MediationAnalysis, rows: tuple[Result, ...]
) -> Table:
    target = material.estimand(name)
    phase = rows[0].phase
    arms = [arm_label(material.plan, phase, a) for a in (rows[0].arm, rows[0].reference)]
    return Table(
        id=f"medt01-{name}",
        caption=f"{endpoint_title(material.plan, target.endpoint)} at {target.visit}, through "
        f"{analysis.mediator.scale} at {analysis.mediator.visit}: "
        f"{method_label(material.plan, name)}",
        columns=(
            "",
            f"Estimate ({level(material.plan.report.confidence_level)} CI)",
            "SE",
            "p",
        ),
        rows=tuple(
            table_row(
                titled(row.statistic) + (", %" if row.statistic in PERCENTAGES else ""),
                all_told_by(
                    [
                        estimate_with_limits(row, 1 if row.statistic in PERCENTAGES else 2),
                        "" if row.statistic in PERCENTAGES else number(row.std_error, 2),
                        p_cell(row),
                    ],
                    row,
                ),
            )
            for row in rows
        ),
        footnotes=(
            f"{arms[0]} versus {arms[1]}; {rows[0].n} participants with outcome and "
            "mediator. Indirect effect: through the mediator; direct effect: through "
            "other pathways. Proportion mediated: indirect over total effect, imprecise "
            "where the total effect is near zero.",
        ),
    )


def _nil_in_words(nil: Result) -> str:
    r = nil.estimate or 0.0
    return (
        "The indirect effect would be zero if the errors of the two models had a "
        f"correlation of {number(r, 2)} ({number(nil.conf_low, 2)} to "
        f"{number(nil.conf_high, 2)}). An unmeasured confounder would cause this if the "
        "product of its shares of the residual variances of mediator and outcome were "
        f"{number(100 * r * r, 1)}%."
    )


def _figure(name: str, analysis: MediationAnalysis, curve: tuple[Result, ...]) -> Figure:
    figure_id = f"medg01-{name}"
    table = Table(
        id=f"medt02-{name}",
        caption="Indirect effect by correlation of the errors",
        columns=("Correlation", f"Indirect effect ({interval_name(curve[0].conf_level or 0.95)})"),
        rows=tuple(
            table_row(
                row.group.removeprefix("correlation ").replace("-", MINUS),
                [told_by(estimate_with_limits(row, 2), row)],
            )
            for row in curve
        ),
    )
    return Figure(
        id=figure_id,
        caption="Indirect effect if an unmeasured confounder caused this correlation between the "
        "errors of mediator and outcome; 0 is the usual assumption.",
        svg=confounding_svg(figure_id, analysis.correlations, curve),
        alternative="; ".join(
            f"{row.group.replace('-', MINUS)}: {estimate_with_limits(row, 2)}" for row in curve
        ),
        data=table,
    )


def confounding_svg(
    figure_id: str, correlations: tuple[float, ...], curve: tuple[Result, ...]
) -> str:
    """Effect with its interval by correlation of the errors."""
    return figure_svg(figure_id, lambda: _draw(correlations, curve))


def _draw(correlations: tuple[float, ...], curve: tuple[Result, ...]) -> Canvas:
    # matplotlib: the band is in the results, and `lineplot` would compute its own
    canvas = Canvas(figsize=(WIDTH, 3.0))
    axes = canvas.add_axes((0.11, 0.17, 0.84, 0.78))
    pairs = sorted(zip(correlations, curve, strict=True), key=lambda pair: pair[0])
    at = [rho for rho, _ in pairs]
    axes.fill_between(
        at,
        [row.conf_low or 0.0 for _, row in pairs],
        [row.conf_high or 0.0 for _, row in pairs],
        color=ARM_COLOURS[1],
        alpha=0.18,
        linewidth=0,
    )
    axes.plot(at, [row.estimate or 0.0 for _, row in pairs], color=ARM_COLOURS[1], marker="o", ms=4)
    axes.axhline(0, color=INK, linewidth=0.9)
    axes.axvline(0, color=MUTED, linewidth=0.8, linestyle=(0, (4, 3)))
    axes.set_xlabel("Correlation of the errors of mediator and outcome")
    axes.set_ylabel("Indirect effect, points")
    grid_lines(axes)
    return canvas
