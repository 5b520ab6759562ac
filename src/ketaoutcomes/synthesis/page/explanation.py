"""Where a number of a synthesis comes from, in words."""

from collections.abc import Iterator

from ketaoutcomes.report.blocks import Code, Definitions
from ketaoutcomes.report.explanation import to_full_precision, what_it_is
from ketaoutcomes.report.numbers import count
from ketaoutcomes.results import Result
from ketaoutcomes.second.page import both_routes
from ketaoutcomes.synthesis.page.calls import r_call
from ketaoutcomes.synthesis.page.material import SynthesisMaterial
from ketaoutcomes.synthesis.page.words import measure_in_words, pooling_in_words, rule_of

FORMULAS = {
    "effect": "the effect of the study from its own numbers, and its sampling variance v",
    "weight": "1 / (v + tau2), as a proportion of the sum over studies",
    "pooled effect": "sum of w y over the sum of w, with w = 1 / (v + tau2)",
    "without it": "the pooled effect of all studies but this one",
    "prediction": "pooled effect -+ t sqrt(tau2 + SE^2), t with {fewer} df fewer than studies",
    "variance between studies": "tau2; its limits by the Q profile: Q(tau2) = quantiles of chi2",
    "I2": "tau2 / (tau2 + s2), s2 the typical sampling variance (Higgins & Thompson 2002)",
    "heterogeneity test": "Q = sum of (y - mean)^2 / v with the common mean, chi2 on k - 1 df",
    "of end values alone": "the pooled effect of the studies that report final values",
    "test between groups": "b' V^-1 b / (G - 1), b the differences of groups from the first in a "
    "regression with one tau2, V their covariance",
    "slope": "b = (X'WX)^-1 X'W y, W = diag(1 / (v + tau2)), X of ones and the characteristic",
    "variance left between studies": "tau2 about the line of the regression",
    "variance explained": "1 - tau2 about the line / tau2 about the mean, at least 0",
    "regression test": "intercept of y / SE on 1 / SE, t on k - 2 df",
    "studies": "the number of studies",
}


def explain_synthesis(material: SynthesisMaterial, row: Result) -> Iterator[Definitions | Code]:
    """The number, of which studies, by which rule and formula; the same in R."""
    outcome = material.outcome(row.analysis)
    number = [*what_it_is(row), ("Outcome", outcome.label)]
    if row.group:
        number.append(("Group", row.group))
    yield Definitions((*number, *to_full_precision(row)), row.id)
    yield Definitions(tuple(_studies(material, row)), "Studies")
    how = [
        ("Measure", measure_in_words(outcome.measure)),
        ("Pooling", pooling_in_words(material.plan.pooling)),
        ("Formula", FORMULAS[row.statistic].format(fewer=material.plan.pooling.fewer_df)),
    ]
    yield Definitions(tuple(how), "How")
    yield from both_routes(material.checks, row.id)
    yield Code("R", r_call(material, outcome), "Equivalent code in R")


def _studies(material: SynthesisMaterial, row: Result) -> Iterator[tuple[str, str]]:
    data = material.studies_of(row.analysis)
    if row.n is not None:
        yield "Participants", count(row.n)
    yield "Studies", ", ".join(f"{study.study} (row {study.row})" for study in data.studies)
    yield "Rule", rule_of(material.outcome(row.analysis))
