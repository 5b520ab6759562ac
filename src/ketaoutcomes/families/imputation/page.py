"""Imputation on the page: estimates, how many were imputed, tipping points and their figures."""

from collections.abc import Iterator

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure as Canvas
from matplotlib.patches import Patch

from ketaoutcomes.families.imputation.plan import ImputationPart, TippingPointAnalysis
from ketaoutcomes.families.imputation.record import TippingRecord
from ketaoutcomes.families.registry import main_results
from ketaoutcomes.plan.estimand import Estimand
from ketaoutcomes.report.blocks import Block, Callout, Cell, Figure, Prose, Section, Table
from ketaoutcomes.report.cells import all_told_by, table_row, told_by
from ketaoutcomes.report.figures import (
    ARM_COLOURS,
    GRID,
    INK,
    MUTED,
    PAPER,
    WIDTH,
    figure_svg,
    grid_lines,
)
from ketaoutcomes.report.labels import (
    analysis_label,
    arm_label,
    arm_within,
    arms_of,
    comparison_label,
    endpoint_title,
    estimand_label,
    lowered,
    model_title,
    plain,
    titled,
)
from ketaoutcomes.report.material import Material
from ketaoutcomes.report.numbers import (
    ABSENT,
    MINUS,
    PERCENTAGES,
    count_and_share,
    count_of,
    estimate_with_limits,
    number,
    p_cell,
    percentage,
    signed,
)
from ketaoutcomes.results import NOT_ESTIMATED, Result

COLUMNS = (
    *("SE", "df", "p"),
    "Monte Carlo error",
    "Monte Carlo error of SE",
    "Monte Carlo error of p",
    "Fraction of missing information",
)
"""Of a table of analyses, after the assumption and the estimate."""
OF_A_TEST = ("p", "Monte Carlo error of p")
"""Of these, what only a comparison has."""


def imputation_section(material: Material) -> Section | None:
    """Tables of the imputation analyses by estimand, and the tipping points."""
    names = list(material.analyses(ImputationPart))
    if not names:
        return None
    blocks: list[Block] = [*_failures(material, names)]
    tables = [
        name for name in names if not isinstance(material.plan.analyses[name], TippingPointAnalysis)
    ]
    for estimand in dict.fromkeys(material.plan.analyses[name].estimand for name in tables):
        of_estimand = [n for n in tables if material.plan.analyses[n].estimand == estimand]
        blocks.append(_table(material, estimand, of_estimand))
    blocks.extend(_counts(material, names))
    for name in names:
        blocks.extend(tipping_blocks(material, name))
    return Section("imputation", "Analyses with imputed outcomes", tuple(blocks))


def _failures(material: Material, names: list[str]) -> Iterator[Callout]:
    failed = tuple(
        f"{model_title(material.plan, row.analysis)}: {row.message}."
        for row in material.results.rows
        if row.analysis in names and row.status in NOT_ESTIMATED
    )
    if failed:
        yield Callout("Not estimated", failed, "warning")


def _table(material: Material, estimand: str, names: list[str]) -> Table:
    """One row an analysis."""
    target = material.plan.estimands[estimand]
    phase = material.plan.endpoints[target.endpoint].phase
    arms = comparison_label(material.plan, phase, target.treatment.arms)
    what = f"{endpoint_title(material.plan, target.endpoint)} at {target.visit}"
    rows: list[tuple[Cell, ...]] = []
    for name in names:
        main = material.main_result(name)
        rows.append(table_row(model_title(material.plan, name), _cells(material, name, main)))
        rows.extend(_further(material, name))
    percent = target.summary in PERCENTAGES
    estimate = _estimated(target)
    return Table(
        id=f"impt-{estimand}",
        caption=f"{what}, {arms}: analyses with imputed outcomes. "
        f"Estimand: {lowered(estimand_label(material.plan, estimand))}",
        columns=("Assumption", f"{estimate} ({material.interval_name})", *_columns(target)),
        rows=tuple(rows),
        footnotes=(
            "Monte Carlo error: due to the finite number of imputations; a conditional "
            "mean has none. Fraction of missing information: proportion of the variance "
            "due to missing scores." + (_in_percent(target) if percent else ""),
            *_about_borrowing(material, names),
        ),
    )


def _columns(target: Estimand) -> tuple[str, ...]:
    """What a table of an estimand shows after the assumption and the estimate."""
    compares = target.treatment.compares
    return tuple(column for column in COLUMNS if compares or column not in OF_A_TEST)


def _estimated(target: Estimand) -> str:
    """What an estimand asks for, in a word."""
    if target.treatment.compares:
        return "Difference"
    return "Proportion" if target.summary == "proportion" else "Mean"


def _in_percent(target: Estimand) -> str:
    """The unit of the estimates of a response."""
    if target.treatment.compares:
        return " Differences in percentage points."
    return " Proportions in %."


def _about_borrowing(material: Material, names: list[str]) -> Iterator[str]:
    """Why two standard errors of one assumption differ, where both are shown."""
    borrowing = {
        analysis.model
        for name in names
        if isinstance(analysis := material.plan.analyses[name], ImputationPart)
        and set(analysis.strategies.values()) - {"missing at random"}
    }
    if len(borrowing) > 1:
        yield (
            "With reference-based imputation, Rubin's rules give a standard error that "
            "does not decrease with the information borrowed from the reference arm. The "
            "standard error of the conditional mean describes the variation over "
            "repeated trials, and does decrease."
        )


def _cells(material: Material, name: str, row: Result | None) -> list[Cell]:
    """Estimate, inference and Monte-Carlo errors of the main result."""
    columns = _columns(material.estimand(name))
    if row is None or row.estimate is None:
        return [told_by(estimate_with_limits(row), row), *[Cell(ABSENT)] * len(columns)]
    factor = 100 if row.statistic in PERCENTAGES else 1

    def scaled(value: float | None, decimals: int) -> str:
        return number(None if value is None else factor * value, decimals)

    found = {r.statistic: r for r in material.results.select(analysis=name)}
    of = row.statistic
    error = found.get(f"Monte-Carlo error of the {of}")
    of_error = found.get(f"Monte-Carlo error of the standard error, {of}")
    of_p = found.get(f"Monte-Carlo error of the p-value, {of}")
    information = found.get(f"missing information, {of}")
    cells = {
        "SE": told_by(scaled(row.std_error, 2), row),
        "df": told_by(number(row.df, 0), row),
        "p": told_by(p_cell(row), row),
        "Monte Carlo error": told_by(scaled(_value(error), 3), error),
        "Monte Carlo error of SE": told_by(scaled(_value(of_error), 3), of_error),
        "Monte Carlo error of p": told_by(_error_of_p(_value(of_p)), of_p),
        "Fraction of missing information": told_by(percentage(_value(information), 0), information),
    }
    return [
        told_by(estimate_with_limits(row, 2), row),
        *(cells[column] for column in columns),
    ]


def _error_of_p(error: float | None) -> str:
    text = number(error, 4)
    return "<0.0001" if error and float(text) == 0 else text


def _value(row: Result | None) -> float | None:
    return None if row is None else row.estimate


def _further(material: Material, name: str) -> Iterator[tuple[Cell, ...]]:
    """Of a response, the odds ratio and the marginal risk difference."""
    target = material.estimand(name)
    main = main_results()[target.summary][1]
    if not target.treatment.compares:
        return
    for statistic in ("odds ratio", "marginal risk difference"):
        row = material.contrast(name, statistic)
        if row is None or statistic == main:
            continue
        rest = [ABSENT] * (len(COLUMNS) - 3)
        cells: list[str | Cell] = [
            told_by(estimate_with_limits(row, 2), row),
            ABSENT,
            *all_told_by([number(row.df, 0), p_cell(row)], row),
        ]
        yield table_row(titled(statistic), [*cells, *rest], indent=1)


def _counts(material: Material, names: list[str]) -> Iterator[Table]:
    """Why scores were missing, one table for all analyses with the same numbers."""
    tables: dict[tuple[str, ...], list[str]] = {}
    lines_of = {}
    for name in names:
        rows = material.results.select(table="impt03", analysis=name)
        if rows:
            lines_of[name] = tuple(_count_lines(material, rows))
            texts = (cell.text for line in lines_of[name] for cell in line)
            tables.setdefault((rows[0].phase, *texts), []).append(name)
    for number_of, ((phase, *_), alike) in enumerate(tables.items(), start=1):
        arms = arms_of(material.plan, phase)
        yield Table(
            id=f"impt03-{number_of}",
            caption="Participants with imputed scores: "
            + "; ".join(lowered(analysis_label(material.plan, name)) for name in alike),
            columns=("", *(arm_label(material.plan, phase, arm) for arm in arms)),
            rows=lines_of[alike[0]],
            footnotes=("n (%) of participants.",),
        )


def _count_lines(material: Material, rows: tuple[Result, ...]) -> Iterator[tuple[Cell, ...]]:
    """A line a reason, its cells by arm; a line a covariate, over all arms."""
    arms = arms_of(material.plan, rows[0].phase)
    for group in dict.fromkeys(row.group for row in rows):
        kind, _, name = group.partition(": ")
        found = {row.arm: row for row in rows if row.group == group}
        if kind == "scores":
            of_arms = [found.get(arm) for arm in arms]
            cells = [told_by(count_and_share(row, _of(row)), row) for row in of_arms]
            yield table_row(titled(name), cells)
        else:
            whole = told_by(f"{count_of(found[''], 'estimate')} in all", found[""])
            yield table_row(f"Baseline imputed: {plain(name)}", [whole, *[""] * (len(arms) - 1)])


def _of(row: Result | None) -> float | None:
    return None if row is None else row.n


def tipping_blocks(material: Material, name: str) -> Iterator[Block]:
    """The figure of a tipping-point analysis with its numbers, and the answer in a sentence."""
    record = material.record(name, TippingRecord)
    if record is None:
        return
    plan, target = material.plan, material.estimand(name)
    phase = plan.endpoints[target.endpoint].phase
    names = tuple(arm_label(plan, phase, arm) for arm in record.arms)
    labels = tuple(f"Delta added to imputed scores, {arm}" for arm in names)
    sentences = _in_words(material, name)
    yield Prose(sentences)
    marks = (
        (
            "Black line: confidence limit equal to zero (tipping boundary). Circle: no delta "
            "adjustment."
        )
        if len(names) > 1
        else "Dashed line: confidence limit equal to zero (tipping point)."
    )
    grid = material.results.select(analysis=name, statistic="shifted difference in LS means")
    if any(row.suppressed for row in grid):
        marks += " All values are rounded to protect small counts of imputed scores."
    yield Figure(
        id=f"tipg01-{name}",
        caption=f"{endpoint_title(plan, target.endpoint)} at {target.visit}: difference by delta "
        f"added to imputed scores (tipping-point analysis). {marks}",
        svg=tipping_svg(f"tipg01-{name}", record, labels, 1 - plan.report.confidence_level),
        alternative=" ".join(sentences),
        data=_numbers(material, record, names),
    )


def _in_words(material: Material, name: str) -> tuple[str, ...]:
    """Where the difference tips, arm by arm."""
    plan = material.plan
    sentences = []
    for row in material.results.select(analysis=name, statistic="tipping shift"):
        arm = arm_within(plan, row.phase, row.group.removesuffix(" shifted"))
        if "estimate" in row.suppressed.split():
            sentences.append(
                f"Delta with {arm}: the tipping point is suppressed, because it would "
                "reveal a small count."
            )
            continue
        if row.estimate is None:
            words = row.message.replace(" -", f" {MINUS}")
            sentences.append(f"Delta with {arm}: the difference is {words} points.")
            continue
        side = "worse" if _is_worse(material, name, row.estimate) else "better"
        then = "becomes" if row.message else "is no longer"
        level_of = f"{100 * (1 - plan.report.confidence_level):.3g}%"
        about = "about " if row.suppressed else ""
        sentences.append(
            f"Tipping point: if imputed scores with {arm} are at least "
            f"{about}{number(abs(row.estimate), 1)} points {side} than predicted, the difference "
            f"{then} significant at the {level_of} level."
        )
    return tuple(sentences)


def _is_worse(material: Material, name: str, shift: float) -> bool:
    endpoint = material.plan.endpoints[material.estimand(name).endpoint]
    better = material.plan.scale(getattr(endpoint, "scale", "")).better
    return (shift > 0) == (better == "lower")


def _numbers(material: Material, record: TippingRecord, names: tuple[str, ...]) -> Table:
    """The data of the figure; results have the points of the grid row by row."""
    shifted = material.results.select(
        analysis=record.analysis, statistic="shifted difference in LS means"
    )
    columns = record.shifts[0]
    rows = record.shifts[1] if len(record.arms) > 1 else np.zeros(1)
    lines = [
        table_row(
            signed(row) if len(record.arms) > 1 else f"Difference ({material.interval_name})",
            [
                told_by(estimate_with_limits(one), one)
                for one in shifted[i * columns.size : (i + 1) * columns.size]
            ],
        )
        for i, row in enumerate(rows)
    ]
    down = f"{names[1]} ↓, {names[0]} →" if len(names) > 1 else names[0]
    return Table(
        id=f"tipt01-{record.analysis}",
        caption=f"Difference ({material.interval_name}) by delta (points) added to imputed scores",
        columns=(down, *map(signed, columns)),
        rows=tuple(lines),
    )


MOST_WRITTEN = 9
"""Columns or rows of a map in which each number is written."""


def tipping_svg(
    figure_id: str, record: TippingRecord, labels: tuple[str, ...], alpha: float
) -> str:
    """The difference by shift; `labels` name the shifts of the record's arms."""
    if len(record.arms) == 1:
        return figure_svg(figure_id, lambda: _draw_line(record, labels[0]))
    return figure_svg(figure_id, lambda: _draw_map(record, labels, alpha))


def _draw_line(record: TippingRecord, label: str) -> Canvas:
    # matplotlib: the band is in the record, and `lineplot` would compute its own
    canvas = Canvas(figsize=(WIDTH, 3.0))
    axes = canvas.add_axes((0.1, 0.17, 0.87, 0.78))
    shift = record.shifts[0]
    axes.axhline(0, color=INK, linewidth=0.9)
    axes.fill_between(
        shift, record.conf_low[0], record.conf_high[0], color=ARM_COLOURS[1], alpha=0.18, lw=0
    )
    axes.plot(shift, record.estimate[0], color=ARM_COLOURS[1], marker="o", ms=4)
    tip = float(record.contour[0])
    if np.isfinite(tip):
        axes.axvline(tip, color=ARM_COLOURS[0], linewidth=1.4, linestyle=(0, (4, 2)))
        axes.annotate(
            f"tipping point {signed(tip)}",
            (tip, 1),
            xycoords=("data", "axes fraction"),
            xytext=(-5, -4),
            textcoords="offset points",
            ha="right",
            va="top",
            fontsize=8.5,
            color=ARM_COLOURS[0],
        )
    axes.set_xlabel(label)
    axes.set_ylabel("Difference, points")
    grid_lines(axes)
    return canvas


def _draw_map(record: TippingRecord, labels: tuple[str, ...], alpha: float) -> Canvas:
    # matplotlib: fields lie at their shifts, with a contour between them; `heatmap` counts places
    canvas = Canvas(figsize=(WIDTH, 4.3))
    axes = canvas.add_axes((0.1, 0.13, 0.87, 0.75))
    columns, rows = record.shifts
    kept = record.p_value < alpha
    # negative and positive differences that are significant, and those that are not
    kind = np.where(kept, np.where(record.estimate < 0, 0, 2), 1)
    colours = ListedColormap([ARM_COLOURS[1], GRID, ARM_COLOURS[0]])
    axes.pcolormesh(
        columns, rows, kind, cmap=colours, vmin=-0.5, vmax=2.5, alpha=0.45, edgecolors=PAPER, lw=1
    )
    _write_numbers(axes, record)
    finite = np.isfinite(record.contour)
    axes.plot(record.contour[finite], record.contour_rows[finite], color=INK, linewidth=2)
    axes.plot(0, 0, marker="o", ms=13, mfc="none", mec=INK, mew=1.4)
    axes.set_xticks(columns, [signed(value) for value in columns])
    axes.set_yticks(rows, [signed(value) for value in rows])
    axes.tick_params(length=0, labelsize=8)
    axes.set_xlabel(labels[0])
    axes.set_ylabel(labels[1])
    _legend(axes, kind, alpha)
    return canvas


def _write_numbers(axes: Axes, record: TippingRecord) -> None:
    """The estimate in each field, as long as they can be read."""
    columns, rows = record.shifts
    every = -(-max(columns.size, rows.size) // MOST_WRITTEN)
    for i in range(0, rows.size, every):
        for j in range(0, columns.size, every):
            axes.text(
                columns[j],
                rows[i],
                f"{record.estimate[i, j]:.1f}".replace("-", "−"),
                ha="center",
                va="center",
                fontsize=7.5,
                color=INK,
            )


def _legend(axes: Axes, kind: np.ndarray, alpha: float) -> None:
    names = (f"p < {alpha:g}, below zero", f"p ≥ {alpha:g}", f"p < {alpha:g}, above zero")
    colours = (ARM_COLOURS[1], GRID, ARM_COLOURS[0])
    handles = [
        Patch(facecolor=colour, alpha=0.45, label=name)
        for place, (name, colour) in enumerate(zip(names, colours, strict=True))
        if (kind == place).any()
    ]
    axes.legend(
        handles=handles,
        loc="lower left",
        bbox_to_anchor=(0, 1.01),
        ncols=3,
        frameon=False,
        fontsize=8.5,
        labelcolor=MUTED,
    )
