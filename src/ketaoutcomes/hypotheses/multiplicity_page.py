"""Families of hypotheses: what was tested together, and what was rejected."""

from ketaoutcomes.families.registry import model_of
from ketaoutcomes.plan.multiplicity import Hypothesis, HypothesisFamily
from ketaoutcomes.report.blocks import Block, Prose, Section, Table
from ketaoutcomes.report.cells import table_row, told_by
from ketaoutcomes.report.labels import analysis_title, arm_label, endpoint_title, plain, titled
from ketaoutcomes.report.material import Material
from ketaoutcomes.report.numbers import ABSENT, PERCENTAGES, estimate, limits, p_cell
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
            blocks.append(Prose((_graph_in_words(family),)))
        blocks.append(_table(material, name, family))
    title = "Several hypotheses together"
    return Section("multiplicity", title, tuple(blocks)) if blocks else None


def multiplicity_in_words(family: HypothesisFamily) -> str:
    """How the error of a family is controlled."""
    order = ", ".join(plain(key) for key in family.hypotheses)
    return (
        f"The two-sided family-wise error of {len(family.hypotheses)} hypotheses ({order}) "
        f"was held at {family.alpha:g} by {METHOD_WORDS[family.method]}."
    )


def _table(material: Material, name: str, family: HypothesisFamily) -> Table:
    rows = {(row.group, row.statistic): row for row in material.results.select(table="multt01")}
    body = []
    for key, hypothesis in family.hypotheses.items():
        adjusted = rows[f"{name} {key}", "adjusted p"]
        plain_row = rows.get((f"{name} {key}", "unadjusted p"))
        label = f"{titled(plain(key))}: {_hypothesis_in_words(material, hypothesis, adjusted)}"
        if plain_row is None:
            body.append(table_row(label, ["not estimated", ABSENT, ABSENT, ABSENT, "not rejected"]))
            continue
        bounds = ABSENT if adjusted.conf_low is None else limits(adjusted)
        verdict = "rejected" if (adjusted.p_value or 0) <= family.alpha else "not rejected"
        texts = [
            _estimate(material, adjusted),
            bounds,
            p_cell(plain_row.p_value),
            p_cell(adjusted.p_value),
        ]
        body.append(table_row(label, [*(told_by(text, adjusted) for text in texts), verdict]))
    intervals = (
        ""
        if family.method in ("bonferroni", "dunnett")
        else " The procedure has no informative simultaneous intervals."
    )
    return Table(
        id=f"multt01-{name}",
        caption=family.label or titled(plain(name)),
        columns=(
            "Hypothesis of no difference",
            "Estimate",
            "Simultaneous CI",
            "p",
            "Adjusted p",
            f"At {family.alpha:g}",
        ),
        rows=tuple(body),
        footnotes=(
            f"Family-wise error held by {METHOD_WORDS[family.method]}. An adjusted p is the least "
            f"level at which the procedure rejects the hypothesis.{intervals}",
        ),
    )


def _estimate(material: Material, row: Result) -> str:
    """The estimate as its own table writes it, differences of proportions with their unit."""
    keys = {key: getattr(row, key) for key in ("analysis", "visit", "arm", "reference")}
    same = (r for r in material.results.select(**keys) if r.estimate == row.estimate)
    original = next((r for r in same if r.table != row.table), row)
    return estimate(original) + (" percentage points" if original.statistic in PERCENTAGES else "")


def _hypothesis_in_words(material: Material, hypothesis: Hypothesis, row: Result) -> str:
    """Endpoint, comparison and visit."""
    plan, target = material.plan, material.estimand(hypothesis.analysis)
    what = endpoint_title(plan, target.endpoint)
    analysis = plan.analyses[hypothesis.analysis]
    contrasts = model_of(analysis).contrasts
    if hypothesis.contrast is not None and contrasts is not None:
        label = contrasts(analysis)[hypothesis.contrast]
        return f"{what}, {label or plain(hypothesis.contrast)}"
    arm = f", {arm_label(plan, row.phase, hypothesis.arm)}" if hypothesis.arm else ""
    visit = hypothesis.visit or target.visit
    when = f" at {visit}" if visit else ""
    role = (
        ""
        if analysis.role in ("primary", "secondary")
        else f" ({analysis_title(plan, hypothesis.analysis)})"
    )
    return f"{what}{when}{arm}{role}"


def _graph_in_words(family: HypothesisFamily) -> str:
    """Shares at the start, and where they go."""
    shares = ", ".join(
        f"{plain(key)} {family.alpha * family.weights.get(key, 0.0):g}" for key in family.hypotheses
    )
    moves = "; ".join(
        f"that of {plain(key)} goes to "
        + ", ".join(f"{plain(other)} ({100 * part:g}%)" for other, part in parts.items())
        for key, parts in family.transitions.items()
    )
    passed = f" When a hypothesis is rejected its share is passed on: {moves}." if moves else ""
    return f"At the start the level of {family.alpha:g} is shared out: {shares}.{passed}"
