"""Families of hypotheses: what was tested together, and what was rejected."""

from ketaoutcomes.families.registry import model_of
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.multiplicity import Hypothesis, HypothesisFamily
from ketaoutcomes.report.blocks import Block, Prose, Section, Table
from ketaoutcomes.report.cells import table_row, told_by
from ketaoutcomes.report.labels import (
    analysis_title,
    arm_label,
    endpoint_title,
    joined,
    lowered,
    plain,
)
from ketaoutcomes.report.material import Material
from ketaoutcomes.report.numbers import (
    ABSENT,
    PERCENTAGES,
    SUPPRESSED,
    estimate,
    interval_name,
    limits,
    p_cell,
)
from ketaoutcomes.results import Result

METHOD_WORDS = {
    "bonferroni": "Bonferroni's procedure",
    "holm": "Holm's step-down procedure",
    "hochberg": "Hochberg's step-up procedure",
    "fixed_sequence": "a fixed sequence, which ends at the first hypothesis not rejected",
    "dunnett": "the distribution of the largest of the correlated t statistics (Dunnett's test and "
    "its generalisation), integrated numerically",
    "dunnett_step_down": "the step-down form of Dunnett's test, by the distribution of the largest "
    "of the correlated t statistics not yet rejected",
    "graph": "a sequentially rejective graphical procedure",
}
MULTIPLICITY_REFERENCES = {
    "bonferroni": "Dunn OJ. Multiple comparisons among means. J Am Stat Assoc 1961;56:52-64.",
    "holm": "Holm S. A simple sequentially rejective multiple test procedure. Scand J Stat "
    "1979;6:65-70.",
    "hochberg": "Hochberg Y. A sharper Bonferroni procedure for multiple tests of significance. "
    "Biometrika 1988;75:800-802.",
    "fixed_sequence": "Maurer W, Hothorn LA, Lehmacher W. Multiple comparisons in drug clinical "
    "trials and preclinical assays: a-priori ordered hypotheses. Biometrie in der "
    "chemisch-pharmazeutischen Industrie 1995;6:3-18.",
    "dunnett": "Dunnett CW. A multiple comparison procedure for comparing several treatments with "
    "a control. J Am Stat Assoc 1955;50:1096-1121.",
    "dunnett_step_down": "Dunnett CW, Tamhane AC. Step-down multiple tests for comparing "
    "treatments with a control in unbalanced one-way layouts. Stat Med 1991;10:939-947.",
    "graph": "Bretz F, Maurer W, Brannath W, Posch M. A graphical approach to sequentially "
    "rejective multiple test procedures. Stat Med 2009;28:586-604.",
}


def multiplicity_section(material: Material) -> Section | None:
    """One table a family."""
    blocks: list[Block] = []
    for name, family in material.plan.multiplicity.items():
        if family.method == "graph":
            blocks.append(Prose((_graph_in_words(material.plan, family),)))
        blocks.append(_table(material, name, family))
    title = "Multiple testing"
    return Section("multiplicity", title, tuple(blocks)) if blocks else None


def multiplicity_in_words(family: HypothesisFamily) -> str:
    """How the error of a family is controlled."""
    return (
        f"The two-sided family-wise error rate of {len(family.hypotheses)} hypotheses was "
        f"controlled at {family.alpha:g} by {METHOD_WORDS[family.method]}."
    )


def family_label(family: HypothesisFamily) -> str:
    """What the report calls a family of hypotheses: the plan's label, or else its method."""
    return family.label or f"Multiple testing by {METHOD_WORDS[family.method]}"


def _verdict(adjusted: Result, alpha: float) -> str:
    """Whether a hypothesis is rejected, as far as the adjusted p-value is shown."""
    if adjusted.p_value is None:
        return SUPPRESSED
    if adjusted.p_value == alpha:
        return "rejected"
    return {True: "rejected", False: "not rejected", None: SUPPRESSED}[adjusted.p_is_under(alpha)]


def _table(material: Material, name: str, family: HypothesisFamily) -> Table:
    rows = {(row.group, row.statistic): row for row in material.results.select(table="multt01")}
    body = []
    for key, hypothesis in family.hypotheses.items():
        adjusted = rows[f"{name} {key}", "adjusted p"]
        plain_row = rows.get((f"{name} {key}", "unadjusted p"))
        label = hypothesis_in_words(material.plan, hypothesis)
        if plain_row is None:
            body.append(table_row(label, ["not estimated", ABSENT, ABSENT, ABSENT, "not rejected"]))
            continue
        bounds = ABSENT if adjusted.conf_low is None else limits(adjusted)
        verdict = _verdict(adjusted, family.alpha)
        texts = [
            _estimate(material, adjusted),
            bounds,
            p_cell(plain_row),
            p_cell(adjusted),
        ]
        body.append(table_row(label, [*(told_by(text, adjusted) for text in texts), verdict]))
    intervals = (
        ""
        if family.method in ("bonferroni", "dunnett")
        else " The procedure has no informative simultaneous intervals."
    )
    return Table(
        id=f"multt01-{name}",
        caption=family_label(family),
        columns=(
            "Null hypothesis: no difference in",
            "Estimate",
            f"Simultaneous {interval_name(1 - family.alpha)}",
            "p",
            "Adjusted p",
            f"Decision at two-sided alpha = {family.alpha:g}",
        ),
        rows=tuple(body),
        footnotes=(
            f"Family-wise error rate controlled by {METHOD_WORDS[family.method]}. Adjusted p: "
            f"smallest significance level at which the hypothesis would be rejected.{intervals}",
        ),
    )


def _estimate(material: Material, row: Result) -> str:
    """The estimate as its own table writes it, differences of proportions with their unit."""
    keys = {key: getattr(row, key) for key in ("analysis", "visit", "arm", "reference")}
    same = (r for r in material.results.select(**keys) if r.estimate == row.estimate)
    original = next((r for r in same if r.table != row.table), row)
    return estimate(original) + (" percentage points" if original.statistic in PERCENTAGES else "")


def hypothesis_in_words(plan: AnalysisPlan, hypothesis: Hypothesis) -> str:
    """Endpoint, comparison and visit."""
    analysis = plan.analyses[hypothesis.analysis]
    target = plan.estimands[analysis.estimand]
    what = endpoint_title(plan, target.endpoint)
    contrasts = model_of(analysis).contrasts
    if hypothesis.contrast is not None and contrasts is not None:
        label = contrasts(analysis)[hypothesis.contrast]
        return f"{what}, {label or plain(hypothesis.contrast)}"
    phase = plan.analysis_phase(hypothesis.analysis)
    arm = f", {arm_label(plan, phase, hypothesis.arm)}" if hypothesis.arm else ""
    visit = hypothesis.visit or target.visit
    when = f" at {visit}" if visit else ""
    role = (
        ""
        if analysis.role in ("primary", "secondary")
        else f" ({analysis_title(plan, hypothesis.analysis)})"
    )
    return f"{what}{when}{arm}{role}"


def _graph_in_words(plan: AnalysisPlan, family: HypothesisFamily) -> str:
    """The initial alpha of each hypothesis, and to which others it is passed on."""
    words = {
        key: lowered(hypothesis_in_words(plan, hypothesis))
        for key, hypothesis in family.hypotheses.items()
    }
    initial = "; ".join(
        f"{words[key]}, {family.alpha * family.weights.get(key, 0.0):g}" for key in words
    )
    moves = " ".join(
        f"From {words[key]} to "
        + joined(f"{words[other]} ({100 * part:g}%)" for other, part in parts.items())
        + "."
        for key, parts in family.transitions.items()
    )
    passed = f" On rejection, alpha is passed on. {moves}" if moves else ""
    return f"Initial alpha: {initial}.{passed}"
