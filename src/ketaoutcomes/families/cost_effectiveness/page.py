"""Costs and effects on the page: increments, acceptability, the sentence, words and calls."""

from collections.abc import Iterator

from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.ticker import FuncFormatter, MaxNLocator

from ketaoutcomes.families.cost_effectiveness.plan import CostEffectivenessAnalysis
from ketaoutcomes.families.cost_effectiveness.record import ValueRecord
from ketaoutcomes.families.shared.code import r_data, r_text, sas_data
from ketaoutcomes.report.blocks import Block, Cell, Figure, Section, Table
from ketaoutcomes.report.cells import table_row, told_by
from ketaoutcomes.report.failures import not_estimated
from ketaoutcomes.report.figures import (
    ARM_COLOURS,
    INK,
    PAPER,
    WIDTH,
    figure_svg,
    grid_lines,
    seaborn,
)
from ketaoutcomes.report.labels import analysis_label, arm_label, titled
from ketaoutcomes.report.material import Material
from ketaoutcomes.report.numbers import ABSENT, count_of, interval, number, percentage
from ketaoutcomes.results import Result


def value_in_words(analysis: CostEffectivenessAnalysis) -> str:
    """The method for the report."""
    return (
        "Costs were summed over the phase; effects are those of the endpoint of the "
        "estimand. Neither was discounted. Increments, net monetary benefit and "
        f"acceptability come from {analysis.resamples:,} bootstrap samples of "
        "participants within arms. In each sample, prices (gamma) and utilities (beta) "
        "with an error in the plan were drawn again. For a missed assessment, the last "
        "value before it was used. Costs after a participant discontinued the study are "
        "unknown and were set to zero."
    )


def value_calls(
    material: Material, name: str, analysis: CostEffectivenessAnalysis
) -> dict[str, str]:
    """The same in R and SAS."""
    worth = f"{analysis.willingness_to_pay[0]:g}"
    treatment = material.estimand(name).treatment
    r = (
        f"{r_data(material, name, 'ADHE')}\n"
        f'add_costs("cet01", d, arm = {r_text(treatment.active)}, '
        f"reference = {r_text(treatment.reference)})\n"
        'not_repeated("resamples of another generator of random numbers differ", "cet01")\n'
        "draws <- boot::boot(d, function(d, i) {\n"
        "  m <- aggregate(cbind(COST, EFFECT) ~ TRTP, d[i, ], mean)\n"
        "  unlist(m[2, -1] - m[1, -1])\n"
        f"}}, R = {analysis.resamples}, strata = d$TRTP)\n"
        f"print(quantile({worth} * draws$t[, 2] - draws$t[, 1], c(0.025, 0.975)))"
    )
    sas = (
        f"{sas_data(name, 'ADHE')}\n"
        f"proc surveyselect data=d method=urs samprate=1 reps={analysis.resamples} outhits out=b;\n"
        "  strata TRTP;\nrun;\n"
        "proc means data=b noprint nway;\n  class replicate TRTP;\n  var COST EFFECT;\n"
        "  output out=m mean=;\nrun;"
    )
    return {"R": r, "SAS": sas}


def value_sentence(material: Material, name: str, row: Result, active: str, reference: str) -> str:
    """The finding in a sentence."""
    chance = next(
        r
        for r in material.results.select(
            analysis=name, statistic="probability of being cost-effective", group=row.group
        )
    )
    sign = "gain" if (row.estimate or 0) >= 0 else "loss"
    return (
        f"Net monetary benefit of {active} versus {reference} {row.group}: a {sign} of "
        f"{number(abs(row.estimate or 0), 0)} {row.unit} per participant "
        f"({interval(row)}); probability of being cost-effective "
        f"{percentage(chance.estimate)}."
    )


def value_section(material: Material) -> Section | None:
    """All cost-effectiveness analyses."""
    blocks = tuple(
        block
        for name in material.analyses(CostEffectivenessAnalysis)
        for block in _analysis(material, name)
    )
    return Section("value", "Costs and effects", blocks) if blocks else None


def _analysis(material: Material, name: str) -> Iterator[Block]:
    rows = material.results.select(table="cet01", analysis=name)
    if failure := not_estimated(rows):
        yield failure
        return
    yield _by_arm(material, name, rows)
    yield _increments(material, name, rows)
    record = material.record(name, ValueRecord)
    if record is not None:
        yield _figure(material, name, record, rows)


def _by_arm(material: Material, name: str, rows: tuple[Result, ...]) -> Table:
    target = material.estimand(name)
    arms = (target.treatment.reference, target.treatment.active)
    found = {(row.statistic, row.group, row.arm): row for row in rows if not row.reference}
    items = dict.fromkeys(row.group for row in rows if row.statistic == "mean cost by item")
    currency = next(row.unit for row in rows if row.statistic == "mean cost")
    unit = next(row.unit for row in rows if row.statistic == "mean effect")

    def line(
        label: str, statistic: str, group: str, decimals: int, indent: int
    ) -> tuple[Cell, ...]:
        of_arms = [found.get((statistic, group, arm)) for arm in arms]
        return table_row(label, [told_by(_money(row, decimals), row) for row in of_arms], indent)

    sizes = [found["mean cost", "", arm] for arm in arms]
    return Table(
        id=f"cet01-arms-{name}",
        caption=f"{analysis_label(material.plan, name)}: mean cost and effect per participant "
        "over the phase",
        columns=("", *(arm_label(material.plan, rows[0].phase, arm) for arm in arms)),
        rows=(
            table_row("n", [told_by(count_of(row), row) for row in sizes]),
            *(line(titled(item), "mean cost by item", item, 0, 1) for item in items),
            line(f"Cost, {currency}", "mean cost", "", 0, 0),
            line(f"Effect, {unit}", "mean effect", "", 3, 0),
        ),
        footnotes=(f"Mean ({material.interval_name}).",),
    )


def _increments(material: Material, name: str, rows: tuple[Result, ...]) -> Table:
    between = [row for row in rows if row.reference]
    chances = {
        row.group: row for row in between if row.statistic == "probability of being cost-effective"
    }
    lines = []
    for row in between:
        if row.statistic in ("share of resamples", "probability of being cost-effective"):
            continue
        benefit = row.group in chances
        label = f"Net monetary benefit {row.group}" if benefit else titled(row.statistic)
        decimals = 4 if row.statistic == "incremental effect" else 0
        chance = chances.get(row.group)
        shown = told_by(percentage(chance.estimate), chance) if chance is not None else ""
        cells = [told_by(_money(row, decimals), row), shown]
        lines.append(table_row(f"{label}, {row.unit}", cells))
    target = material.estimand(name)
    arms = [
        arm_label(material.plan, rows[0].phase, arm)
        for arm in (target.treatment.active, target.treatment.reference)
    ]
    return Table(
        id=f"cet01-{name}",
        caption=f"{analysis_label(material.plan, name)}: incremental cost and effect, {arms[0]} "
        f"versus {arms[1]}",
        columns=("", f"Estimate ({material.interval_name})", "Probability of being cost-effective"),
        rows=tuple(lines),
        footnotes=(
            "Net monetary benefit: incremental effect valued at the willingness to pay, "
            "minus incremental cost; above 0 the active arm is cost-effective. An "
            "interval of the ratio is given only where nearly all resamples are more "
            "costly and more effective.",
        ),
    )


def _money(row: Result | None, decimals: int) -> str:
    if row is None:
        return ABSENT
    if row.estimate is None:
        return row.message
    text = number(row.estimate, decimals)
    if row.conf_low is None or row.conf_high is None:
        return f"{text}; {row.message}" if row.message else text
    return f"{text} ({number(row.conf_low, decimals)} to {number(row.conf_high, decimals)})"


def _of_quadrant(name: str) -> str:
    """A quadrant of the plane in a reader's words."""
    return name.replace("dearer", "more costly").replace("cheaper", "less costly")


def _figure(material: Material, name: str, record: ValueRecord, rows: tuple[Result, ...]) -> Figure:
    figure_id = f"ceg01-{name}"
    shares = {row.group: row.estimate for row in rows if row.statistic == "share of resamples"}
    chosen = range(0, len(record.worths), 6)
    return Figure(
        id=figure_id,
        caption=f"{analysis_label(material.plan, name)}. Left, the cost-effectiveness plane: each "
        "point is a bootstrap sample, the diamond the estimate. Right, the acceptability "
        "curve: probability that the active arm is cost-effective, by willingness to pay "
        "per unit of effect.",
        svg=plane_svg(figure_id, record),
        alternative="Resamples "
        + "; ".join(
            f"{_of_quadrant(words)} {percentage(share)}" for words, share in shares.items()
        ),
        data=Table(
            id=f"cet02-{name}",
            caption="Acceptability",
            columns=(f"Willingness to pay per {record.unit}, {record.currency}", "Probability"),
            rows=tuple(
                table_row(
                    number(float(record.worths[at]), 0),
                    [percentage(float(record.acceptability[at]))],
                )
                for at in chosen
            ),
        ),
    )


MONEY = FuncFormatter(lambda value, _: number(value, 0))


def plane_svg(figure_id: str, record: ValueRecord) -> str:
    """Increments of the resamples, and the probability of being worth the price."""
    return figure_svg(figure_id, lambda: _draw(record))


def _draw(record: ValueRecord) -> Canvas:
    canvas = Canvas(figsize=(WIDTH, 3.3))
    _plane(canvas.add_axes((0.11, 0.16, 0.38, 0.78)), record)
    _curve(canvas.add_axes((0.61, 0.16, 0.34, 0.78)), record)
    return canvas


def _plane(axes: Axes, record: ValueRecord) -> None:
    seaborn().scatterplot(
        x=record.effect,
        y=record.cost,
        ax=axes,
        s=5,
        color=ARM_COLOURS[1],
        alpha=0.3,
        linewidth=0,
        legend=False,
    )
    effect, cost = record.point
    axes.plot(effect, cost, marker="D", ms=8, color=INK, markeredgecolor=PAPER)
    axes.axhline(0, color=INK, linewidth=0.8)
    axes.axvline(0, color=INK, linewidth=0.8)
    axes.yaxis.set_major_formatter(MONEY)
    axes.xaxis.set_major_locator(MaxNLocator(5))
    axes.set_xlabel(f"Incremental effect, {record.unit}")
    axes.set_ylabel(f"Incremental cost, {record.currency}")
    grid_lines(axes)


def _curve(axes: Axes, record: ValueRecord) -> None:
    seaborn().lineplot(
        x=record.worths,
        y=100 * record.acceptability,
        ax=axes,
        errorbar=None,
        color=ARM_COLOURS[1],
        linewidth=1.8,
    )
    axes.set_ylim(0, 100)
    axes.set_xlim(0, float(record.worths[-1]))
    axes.xaxis.set_major_formatter(MONEY)
    axes.xaxis.set_major_locator(MaxNLocator(4))
    axes.set_xlabel(f"Willingness to pay per {record.unit}, {record.currency}")
    axes.set_ylabel("Probability, %")
    grid_lines(axes)
