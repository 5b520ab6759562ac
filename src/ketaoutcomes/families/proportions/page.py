"""Response and remission."""

from collections.abc import Iterator

from ketaoutcomes.families.proportions.plan import ProportionAnalysis
from ketaoutcomes.report.blocks import Block, Cell, Figure, Section, Table
from ketaoutcomes.report.cells import table_row, told_by
from ketaoutcomes.report.forest import ForestRow, forest_svg, in_words
from ketaoutcomes.report.forest_columns import events_of
from ketaoutcomes.report.labels import (
    arm_label,
    arms_of,
    endpoint_rule,
    endpoint_title,
    method_label,
    plain,
    titled,
)
from ketaoutcomes.report.material import Material
from ketaoutcomes.report.measures import measure_words
from ketaoutcomes.report.numbers import (
    SUPPRESSED,
    estimate_with_limits,
    is_hidden,
    level,
    number,
    p_cell,
)
from ketaoutcomes.results import Result

COMPARISONS = ("risk difference", "risk ratio", "odds ratio")
YES_OR_NO = "Binary outcomes at a visit"
HOMOGENEITY = "test of one odds ratio in all strata"


def responders_section(material: Material) -> Section | None:
    """A table of each analysis of proportions, below a figure of each that is primary."""
    names = material.analyses(ProportionAnalysis)
    blocks: list[Block] = []
    for name, analysis in names.items():
        if analysis.role == "primary":
            blocks += _figure(material, name)
        blocks.append(_table(material, name))
    kinds = {material.plan.endpoints[material.estimand(name).endpoint].kind for name in names}
    title = YES_OR_NO if "yes_or_no" in kinds else "Response and remission"
    return Section("responders", title, tuple(blocks)) if blocks else None


def _figure(material: Material, name: str) -> Iterator[Figure]:
    """The share of each arm with its interval; nothing where no share may be shown."""
    plan, target = material.plan, material.estimand(name)
    phase = plan.endpoints[target.endpoint].phase
    rows = []
    for arm in arms_of(plan, phase):
        responders = material.of_arm(name, "responders", arm)
        share = material.of_arm(name, "proportion", arm)
        if responders is not None and share is not None and share.estimate is not None:
            rows.append(
                ForestRow(
                    label=arm_label(plan, phase, arm),
                    text=estimate_with_limits(share),
                    estimate=share.estimate,
                    low=share.conf_low,
                    high=share.conf_high,
                    primary=False,
                    beside=(events_of(responders).text,),
                )
            )
    if not rows:
        return
    title = f"{endpoint_title(plan, target.endpoint)} at {target.visit}"
    figure_id = f"rspg01-{name}"
    yield Figure(
        id=figure_id,
        caption=f"{title}: % of participants in each arm, with {material.interval_name}.",
        svg=forest_svg(
            figure_id,
            tuple(rows),
            f"{title}, % ({material.interval_name})",
            None,
            ratio=False,
            per_cent=True,
            heads=("n/N",),
        ),
        alternative="; ".join(in_words(row) for row in rows),
    )


def _table(material: Material, name: str) -> Table:
    plan, target = material.plan, material.estimand(name)
    phase = plan.endpoints[target.endpoint].phase
    compares = target.treatment.compares
    blank = [""] if compares else []
    rows = []
    for arm in arms_of(plan, phase):
        responders = material.of_arm(name, "responders", arm)
        share = material.of_arm(name, "proportion", arm)
        if responders is not None:
            cells = [events_of(responders), told_by(estimate_with_limits(share), share)]
            rows.append(table_row(arm_label(plan, phase, arm), [*cells, *blank]))
    if compares:
        rows += _comparisons(material, name)
    intervals, against = _about_comparisons(material, name) if compares else ("", "")
    confidence = level(plan.report.confidence_level)
    return Table(
        id=f"rspt01-{name}",
        caption=f"{endpoint_title(plan, target.endpoint)} at {target.visit}: "
        f"{method_label(material.plan, name)}",
        columns=("", "n/N", f"Estimate ({confidence} CI)", *(["p"] if compares else [])),
        rows=tuple(rows),
        footnotes=(
            f"{endpoint_rule(plan, target.endpoint)}.{against}",
            f"CIs of proportions: Wilson.{intervals}",
        ),
    )


def _comparisons(material: Material, name: str) -> Iterator[tuple[Cell, ...]]:
    """Difference, ratios, number needed to treat, and whether strata agree."""
    for statistic in COMPARISONS:
        row = material.contrast(name, statistic)
        if row is not None:
            p = p_cell(row) if row.p_value is not None else ""
            found = (told_by(text, row) for text in (estimate_with_limits(row), p))
            yield table_row(_label(statistic), ["", *found])
    nnt = material.contrast(name, "number needed to treat")
    if nnt is not None:
        yield table_row(
            "Number needed to treat (NNTB: to benefit; NNTH: to harm)",
            ["", told_by(_number_needed(nnt), nnt), ""],
        )
    homogeneity = material.contrast(name, HOMOGENEITY)
    if homogeneity is not None:
        texts = (_chi_squared(homogeneity), p_cell(homogeneity))
        cells = (told_by(text, homogeneity) for text in texts)
        yield table_row(titled(measure_words(HOMOGENEITY)), ["", *cells])


def _about_comparisons(material: Material, name: str) -> tuple[str, str]:
    """The intervals of the comparisons, and which arm is compared with which."""
    difference = material.contrast(name, "risk difference")
    of_difference = titled(plain(difference.method)) if difference else "No difference"
    treatment, phase = material.estimand(name).treatment, material.plan.analysis_phase(name)
    arms = [arm_label(material.plan, phase, arm) for arm in (treatment.active, treatment.reference)]
    return (
        f" {of_difference}. CIs of ratios: calculated on the log scale.",
        f" Comparisons: {arms[0]} versus {arms[1]}.",
    )


def _label(statistic: str) -> str:
    unit = ", percentage points" if statistic == "risk difference" else ""
    return f"{statistic.capitalize()}{unit}"


def _number_needed(row: Result) -> str:
    """Altman's way of writing it: to benefit (NNTB) or harm (NNTH), through infinity if unsure."""
    if is_hidden(row):
        return SUPPRESSED
    if row.estimate is None:
        return "infinite: no difference"
    return f"{_benefit_or_harm(row.estimate)} ({_bounds(row.conf_low, row.conf_high)})"


def _benefit_or_harm(needed: float) -> str:
    return f"NNT{'B' if needed > 0 else 'H'} {number(abs(needed))}"


def _bounds(low: float | None, high: float | None) -> str:
    """The nearest to no effect last; limits of opposite signs have infinity between them."""
    if low is None or high is None:
        known = high if low is None else low
        return "∞" if known is None else f"{_benefit_or_harm(known)} to ∞"
    if low < 0 < high:
        return f"{_benefit_or_harm(high)} to ∞ to {_benefit_or_harm(low)}"
    return " to ".join(map(_benefit_or_harm, sorted((low, high), key=abs)))


def _chi_squared(row: Result) -> str:
    if row.test_statistic is None:
        return row.message
    return f"χ² {number(row.test_statistic, 2)}, df {number(row.df, 0)}"
