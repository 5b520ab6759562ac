"""Change at every visit on the page: courses, LS means, contrasts and diagnostics."""

from collections.abc import Iterator, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas

from ketaoutcomes.families.fitted import FloatArray
from ketaoutcomes.families.repeated_measures.plan import MmrmAnalysis, NamedContrast
from ketaoutcomes.families.shared.mixed_words import fit_in_words, not_adjusted
from ketaoutcomes.families.shared.record import MmrmRecord
from ketaoutcomes.numerics import distributions
from ketaoutcomes.report.blocks import Block, Cell, Figure, Prose, Section, Table
from ketaoutcomes.report.cells import all_told_by, table_row, told_by
from ketaoutcomes.report.course import OBSERVED, WITH_DERIVED, CourseArm, course_svg
from ketaoutcomes.report.failures import any_estimated, not_estimated
from ketaoutcomes.report.figures import (
    ARM_COLOURS,
    INK,
    MUTED,
    WIDTH,
    figure_svg,
    grid_lines,
)
from ketaoutcomes.report.heatmap import draw_lower_triangle
from ketaoutcomes.report.labels import (
    analysis_label,
    arm_label,
    arms_of,
    comparison_label,
    endpoint_title,
    joined,
    lowered,
    method_label,
    plain,
    titled,
    unit_of,
    units_words,
)
from ketaoutcomes.report.material import Material
from ketaoutcomes.report.numbers import (
    apart,
    count_of,
    decimals_of,
    decimals_of_all,
    decimals_of_spread,
    estimate,
    estimate_with_limits,
    exact,
    interval,
    is_hidden,
    level,
    number,
    or_nan,
    p_cell,
    p_value,
)
from ketaoutcomes.results import Result

HOURS_PER_DAY = 24
FEWEST_VISITS = 2

Course = tuple[dict[str, float], tuple[CourseArm, ...], str, str]
"""Days of the visits, the courses of the arms, and what is measured."""


def repeated_measures_section(material: Material) -> Section | None:
    """All analyses by a mixed model for repeated measures; a model is drawn once."""
    blocks: list[Block] = []
    drawn: dict[tuple[object, ...], str] = {}
    for name in material.analyses(MmrmAnalysis):
        rows = material.results.select(table="mmrmt01", analysis=name)
        failure = not_estimated(rows)
        if failure:
            blocks.append(failure)
        if not any_estimated(rows):
            continue
        visits = tuple(dict.fromkeys(row.visit for row in rows if row.statistic == "LS mean"))
        course = _course(material, name, rows, visits)
        table = _table(material, name, rows, visits)
        written = tuple(cell.text for line in table.rows for cell in line)
        before = drawn.setdefault((*map(repr, course), *table.columns, *written), name)
        if before == name:
            blocks += (*_figures(material, name, rows, course), *_together(material, name), table)
        else:
            blocks.append(
                Prose(
                    (
                        f"{analysis_label(material.plan, name)}: the model, its figures "
                        "and its means are those of "
                        f"{lowered(analysis_label(material.plan, before))}; a different "
                        "comparison was estimated from it.",
                    )
                )
            )
            blocks += _together(material, name)
        blocks += _further(material, name)
    return Section("change", "Change from baseline by visit", tuple(blocks)) if blocks else None


def _figures(
    material: Material, name: str, rows: tuple[Result, ...], course: Course
) -> Iterator[Block]:
    """How the model was fitted, its LS means and its diagnostics."""
    record = material.record(name, MmrmRecord)
    if record is not None:
        yield Prose((fit_in_words(record),))
    confidence = level(material.plan.report.confidence_level)
    yield Figure(
        id=f"mmrmg01-{name}",
        caption=f"{_endpoint(material, name)}, {lowered(method_label(material.plan, name))}: LS "
        f"means with {confidence} CIs.",
        svg=course_svg(f"mmrmg01-{name}", *course),
        alternative=_alternative(material, name, rows),
    )
    if record is not None and len(record.visits) >= FEWEST_VISITS:
        yield Figure(
            id=f"mmrmg02-{name}",
            caption=f"{analysis_label(material.plan, name)}. Model diagnostics: normal Q-Q plot "
            "of standardised residuals (left); estimated within-participant SDs and "
            "correlations between visits (right).",
            svg=diagnostics_svg(f"mmrmg02-{name}", record),
            alternative="Left, a quantile-quantile plot of the residuals. Right, a heat map of the "
            "correlations, whose values are in the figure.",
            data=_correlation_table(name, record),
        )


def _together(material: Material, name: str) -> Iterator[Table]:
    """The tests of all arms, which stand before two of them are compared."""
    rows = material.results.select(table="mmrmt04", analysis=name)
    if rows:
        yield Table(
            id=f"mmrmt04-{name}",
            caption=f"{_endpoint(material, name)}, {lowered(method_label(material.plan, name))}: "
            "all arms together",
            columns=("", "F", "Degrees of freedom", "p"),
            rows=tuple(table_row(_test_label(row), _test_cells(row)) for row in rows),
            footnotes=(
                "The tests ask whether all arms have the same means and do not say which differ; "
                "the comparison of two arms is not adjusted for them.",
            ),
        )


def _together_in_words(material: Material, name: str) -> Iterator[str]:
    """The same tests under the table that compares two arms."""
    told = [
        f"{_test_label(row)}: F {number(row.test_statistic, 2)} with {row.group.partition(' ')[0]} "
        f"and {number(row.df, 0)} degrees of freedom, {p_value(row)}"
        for row in material.results.select(table="mmrmt04", analysis=name)
        if row.test_statistic is not None
    ]
    if told:
        yield f"All arms together. {'; '.join(told)}."


def _test_label(row: Result) -> str:
    return f"{row.statistic.removeprefix('F test of ').capitalize()}, {row.visit}".rstrip(", ")


def _test_cells(row: Result) -> list[Cell]:
    """The statistic, both degrees of freedom and the p-value; the reason where there is none."""
    if row.test_statistic is None:
        return [told_by(text, row) for text in (row.message or "–", "–", "–")]
    numerator = row.group.partition(" ")[0]
    texts = (
        number(row.test_statistic, 2),
        f"{numerator} and {number(row.df, 0)}",
        p_cell(row),
    )
    return [told_by(text, row) for text in texts]


def _further(material: Material, name: str) -> Iterator[Block]:
    """Contrasts of the plan, and the size of the effect."""
    named = contrasts_table(material, name)
    if named is not None:
        yield named
    effect = material.results.select(table="mmrmt02", analysis=name)
    if effect:
        yield Prose((_effect_in_words(material, effect),))


def _correlation_table(name: str, record: MmrmRecord) -> Table:
    """Standard deviations and correlations of the visits, group by group."""
    body: list[tuple[Cell, ...]] = []
    for group, covariance in zip(record.groups or ("",), record.covariance, strict=True):
        if group:
            body.append((Cell(titled(plain(group)), header=True),))
        deviations = np.sqrt(np.diag(covariance))
        decimals = decimals_of_spread(deviations)
        for place, (visit, among) in enumerate(
            zip(record.visits, correlation(covariance), strict=True)
        ):
            known = [number(float(r), 2) for r in among[: place + 1]]
            blank = [""] * (len(record.visits) - len(known))
            body.append(
                table_row(visit, [number(float(deviations[place]), decimals), *known, *blank])
            )
    return Table(
        id=f"mmrmg02-{name}-numbers",
        caption=(
            "Estimated within-participant standard deviations (SD) and correlations between visits"
        ),
        columns=("Visit", "SD", *record.visits),
        rows=tuple(body),
    )


def _endpoint(material: Material, name: str) -> str:
    return endpoint_title(material.plan, material.estimand(name).endpoint)


def _course(
    material: Material, name: str, rows: tuple[Result, ...], visits: tuple[str, ...]
) -> Course:
    """Days of the visits, the arms' courses, the label of the axis, and what is counted."""
    phase = rows[0].phase
    schedule = material.plan.phases[phase].schedule()
    days = {visit: schedule[visit].hours_after_first_dose / HOURS_PER_DAY for visit in visits}
    arms = []
    for arm in arms_of(material.plan, phase):
        means = {r.visit: r for r in rows if r.statistic == "LS mean" and r.arm == arm}
        if means:
            arms.append(
                CourseArm(
                    arm_label(material.plan, phase, arm),
                    tuple(or_nan(means[visit].estimate) for visit in visits),
                    tuple(or_nan(means[visit].conf_low) for visit in visits),
                    tuple(or_nan(means[visit].conf_high) for visit in visits),
                    tuple(_counted(material, means[visit]) for visit in visits),
                )
            )
    counted = WITH_DERIVED if _derived(material, rows[0].endpoint) else OBSERVED
    return days, tuple(arms), f"{_endpoint(material, name)}, {_unit(material, name)}", counted


def _derived(material: Material, endpoint: str) -> dict[tuple[str, str], Result]:
    """Scores of an endpoint that were derived, by visit and arm."""
    rows = material.results.select(table="mist01", endpoint=endpoint, statistic="derived")
    return {(row.visit, row.arm): row for row in rows}


def _counted(material: Material, mean: Result) -> str:
    """The subjects behind a mean, and how many of their scores were derived."""
    derived = _derived(material, mean.endpoint)
    if not derived:
        return count_of(mean)
    keys = {"table": "mist01", "endpoint": mean.endpoint, "visit": mean.visit, "arm": mean.arm}
    observed = material.results.select(**keys, statistic="observed")
    if not observed:
        return count_of(mean)
    return f"{count_of(observed[0], 'estimate')} / " + count_of(
        derived.get((mean.visit, mean.arm)), "estimate"
    )


def _alternative(material: Material, name: str, rows: tuple[Result, ...]) -> str:
    means = [row for row in rows if row.statistic == "LS mean"]
    last = [row for row in means if row.visit == means[-1].visit]
    words = "; ".join(
        f"{arm_label(material.plan, row.phase, row.arm)}, {estimate(row)}" for row in last
    )
    are = "means" if len(last) > 1 else "mean"
    return f"{_endpoint(material, name)} by visit. LS {are} at {last[-1].visit}: {words}."


def _table(
    material: Material, name: str, rows: tuple[Result, ...], visits: tuple[str, ...]
) -> Table:
    if not material.estimand(name).treatment.compares:
        return _table_of_one_arm(material, name, rows)
    plan, phase = material.plan, rows[0].phase
    against = material.estimand(name).treatment.reference
    means_of = {row.arm for row in rows if row.statistic == "LS mean"}
    seen = [arm for arm in arms_of(plan, phase) if arm in means_of]
    arms = sorted(seen, key=lambda arm: arm != against)
    of_means, of_differences = (
        decimals_of_all(row for row in rows if row.statistic == statistic)
        for statistic in ("LS mean", "difference in LS means")
    )
    body: list[tuple[Cell, ...]] = []
    for visit in visits:
        here = {(r.statistic, r.arm): r for r in rows if r.visit == visit}
        means = [here["LS mean", arm] for arm in arms]
        cells = [
            told_by(f"{count_of(m)}; {estimate(m, of_means)} ({number(m.std_error, of_means)})", m)
            for m in means
        ]
        for arm in arms[1:]:
            found = here["difference in LS means", arm]
            texts = (
                estimate_with_limits(found, of_differences),
                number(found.df, 0),
                p_cell(found),
            )
            cells += [told_by(text, found) for text in texts]
        body.append(table_row(visit, cells))
    compared = [
        words for _ in arms[1:] for words in (f"Difference ({material.interval_name})", "df", "p")
    ]
    reference = arm_label(plan, phase, arms[0])
    spanners = [("", 1), ("n; LS mean (SE)", len(arms))]
    spanners += [(f"{arm_label(plan, phase, arm)} versus {reference}", 3) for arm in arms[1:]]
    return Table(
        id=f"mmrmt01-{name}",
        caption=f"{_endpoint(material, name)} by visit: {method_label(material.plan, name)}",
        columns=("Visit", *(arm_label(plan, phase, arm) for arm in arms), *compared),
        rows=tuple(body),
        footnotes=(*_together_in_words(material, name), _footnote(material, rows)),
        spanners=tuple(spanners),
    )


def _table_of_one_arm(material: Material, name: str, rows: tuple[Result, ...]) -> Table:
    """LS means with their intervals; nothing is tested."""
    places = decimals_of_all(rows)
    body = []
    for row in rows:
        texts = (
            count_of(row),
            estimate_with_limits(row, places),
            number(row.std_error, places),
            number(row.df, 0),
        )
        body.append(table_row(row.visit, all_told_by(texts, row)))
    return Table(
        id=f"mmrmt01-{name}",
        caption=f"{_endpoint(material, name)} by visit, "
        f"{arm_label(material.plan, rows[0].phase, rows[0].arm)}: "
        f"{method_label(material.plan, name)}",
        columns=("Visit", "n", f"LS mean ({material.interval_name})", "SE", "df"),
        rows=tuple(body),
        footnotes=(
            _footnote(material, rows),
            "Uncontrolled: a change from baseline is not an effect of treatment.",
        ),
    )


def _footnote(material: Material, rows: Sequence[Result]) -> str:
    return (
        f"{units_words(material.plan, rows[0].endpoint)} {rows[0].method}. "
        f"{material.interval_name}s{not_adjusted(rows)}."
    )


def _effect_in_words(material: Material, rows: tuple[Result, ...]) -> str:
    """The difference of the estimand in standard deviations, and without any one subject."""
    found = {row.statistic: row for row in rows}
    size, phase = found["standardised mean difference"], rows[0].phase
    arms = comparison_label(material.plan, phase, (size.arm, size.reference))
    low, high = (found[f"{end} without one subject"] for end in ("lowest", "highest"))
    unit = unit_of(material.plan, size.endpoint)
    main = material.main_result(size.analysis)
    places = 1 if main is None else decimals_of(main)
    without = (
        ""
        if is_hidden(low)
        else (
            " Leave-one-out influence analysis: the difference "
            f"{_stays(low, high, places)} {unit} (covariance parameters fixed)."
        )
    )
    return (
        f"At {size.visit}, the standardised mean difference ({arms}) "
        f"was {estimate(size, 2)} ({interval(size, 2)}; model SD "
        f"{estimate(found['standard deviation'])} {unit}).{without}"
    )


def _stays(low: Result, high: Result, decimals: int) -> str:
    """`stays between -0.42 and -0.38`, with as many decimals as tell the ends apart."""
    if low.estimate is None or high.estimate is None:
        return "could not be estimated in"
    return "ranged from {} to {}".format(*apart(low.estimate, high.estimate, decimals))


def _unit(material: Material, name: str) -> str:
    return unit_of(material.plan, material.estimand(name).endpoint)


SLOPE_DECIMALS = 3
"""A change per day is small."""


def _decimals_of_contrast(row: Result) -> int:
    return SLOPE_DECIMALS if row.unit.endswith("per day") else decimals_of(row)


def contrasts_table(material: Material, name: str) -> Table | None:
    """One row a named contrast of an analysis; None without any."""
    rows = material.results.select(table="mmrmt03", analysis=name)
    analysis = material.plan.analyses[name]
    if not rows or not isinstance(analysis, MmrmAnalysis):
        return None
    return Table(
        id=f"mmrmt03-{name}",
        caption="Pre-specified contrasts of LS means",
        columns=("Contrast", "Definition", f"Estimate ({material.interval_name})", "SE", "df", "p"),
        rows=tuple(
            table_row(
                wanted.label or titled(plain(row.group)),
                [
                    contrast_in_words(material, row, wanted),
                    told_by(estimate_with_limits(row, _decimals_of_contrast(row)), row),
                    told_by(number(row.std_error, _decimals_of_contrast(row) + 1), row),
                    told_by(number(row.df, 0), row),
                    told_by(p_cell(row), row),
                ],
            )
            for row in rows
            for wanted in (analysis.contrasts[row.group],)
        ),
        footnotes=(
            (
                f"Units: {_unit(material, name)}. Slope: change in {_unit(material, name)} per "
                "scheduled day."
            ),
        ),
    )


def contrast_in_words(material: Material, row: Result, wanted: NamedContrast) -> str:
    """Arms and visits of a contrast with their weights."""
    if wanted.arms:
        weights = wanted.arms.items()
        arms = ", ".join(
            f"{exact(weight)} × {arm_label(material.plan, row.phase, arm)}"
            for arm, weight in weights
        )
    else:
        arms = comparison_label(material.plan, row.phase, (row.arm, row.reference))
    if wanted.average_over:
        return f"{arms}, mean of {joined(wanted.average_over)}"
    if wanted.slope_over:
        return f"{arms}, slope over {joined(wanted.slope_over)}"
    visits = ", ".join(f"{exact(weight)} × {visit}" for visit, weight in wanted.visits.items())
    return f"{arms}; visits {visits}"


ROW_HEIGHT = 3.1
MOST_LABELS = 12
"""Of more visits every second or third is named, whose labels do not touch."""
MOST_POINTS = 400
"""A plot of more quantiles looks the same and only weighs more."""


def diagnostics_svg(figure_id: str, record: MmrmRecord) -> str:
    """Q-Q plot of normalised residuals beside the heat map of correlations."""
    return figure_svg(figure_id, lambda: _draw(record))


def correlation(covariance: FloatArray) -> FloatArray:
    """The correlation matrix of a covariance matrix."""
    sd = np.sqrt(np.diag(covariance))
    return np.asarray(covariance / np.outer(sd, sd))


def _draw(record: MmrmRecord) -> Canvas:
    """The quantiles and the first heat map side by side, heat maps of further groups below."""
    names = record.groups or ("",)
    rows = 1 + len(names) // 2
    canvas = Canvas(figsize=(WIDTH, ROW_HEIGHT * rows))

    def place(slot: int, left: float, bottom: float, width: float, height: float) -> Axes:
        row, column = divmod(slot, 2)
        up = (rows - 1 - row + bottom) / rows
        return canvas.add_axes((left + 0.5 * column, up, width, height / rows))

    _draw_quantiles(place(0, 0.08, 0.16, 0.34, 0.8), record)
    for slot, (name, covariance) in enumerate(zip(names, record.covariance, strict=True), 1):
        axes = place(slot, 0.09, 0.22, 0.4, 0.67)
        _draw_correlation(axes, record.visits, covariance, name)
    return canvas


def _draw_quantiles(axes: Axes, record: MmrmRecord) -> None:
    # matplotlib: seaborn has no quantile-quantile plot
    residuals = record.residuals
    n = residuals.size
    if n == 0:
        few = (record.n_obs or 0) < MOST_POINTS
        why = (
            "Too few participants\nto be shown" if few else "Not kept where data\nare read in parts"
        )
        axes.text(0.5, 0.5, why, ha="center", transform=axes.transAxes)
        return
    place = np.unique(np.linspace(0, n - 1, min(n, MOST_POINTS)).round().astype(int))
    normal = distributions.norm.ppf((place + 0.5) / n)
    axes.plot(normal, residuals[place], linestyle="none", marker="o", ms=2.5, color=ARM_COLOURS[1])
    ends = (float(normal[0]), float(normal[-1]))
    axes.plot(ends, ends, color=INK, linewidth=0.9)
    axes.set_xlabel("Quantile of the standard normal")
    axes.set_ylabel("Standardised residual")
    grid_lines(axes)


def _draw_correlation(
    axes: Axes, visits: tuple[str, ...], covariance: FloatArray, group: str
) -> None:
    sd = np.sqrt(np.diag(covariance))
    decimals = decimals_of_spread(sd)
    matrix = correlation(covariance)
    draw_lower_triangle(axes, matrix, annotated=len(sd) <= 10)
    shown = range(0, len(visits), -(-len(visits) // MOST_LABELS))
    centres = [place + 0.5 for place in shown]
    axes.set_yticks(centres, [f"{visits[k]}  SD {sd[k]:.{decimals}f}" for k in shown], rotation=0)
    names = [visits[k] for k in shown]
    axes.set_xticks(centres, names, rotation=30, ha="right", rotation_mode="anchor")
    axes.tick_params(length=0, labelsize=8)
    axes.set_title(
        f"Correlation between visits{f', {plain(group)}' if group else ''}",
        loc="right",
        pad=4,
        fontsize=8.5,
        color=MUTED,
    )
