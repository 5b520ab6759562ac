"""Do small studies find other effects: the funnel, and the regression test."""

from collections.abc import Iterator

import numpy as np

from ketaoutcomes.plan.synthesis import Measure
from ketaoutcomes.report.blocks import Block, Figure
from ketaoutcomes.report.numbers import number, p_value
from ketaoutcomes.results import Result
from ketaoutcomes.synthesis.page.figure_funnel import funnel_svg
from ketaoutcomes.synthesis.page.forest import effects_of
from ketaoutcomes.synthesis.page.material import SynthesisMaterial

LEAST_FOR_FUNNEL = 3


def small_studies(material: SynthesisMaterial, name: str) -> Iterator[Block]:
    """The funnel, and the regression test where there are studies enough."""
    rows = [row for row in effects_of(material, name).values() if row.estimate is not None]
    pooled = material.row(name, "pooled effect")
    if len(rows) < LEAST_FOR_FUNNEL or pooled is None or pooled.estimate is None:
        return
    ratio = material.outcome(name).is_ratio
    scale = np.log if ratio else np.asarray
    figure_id = f"syng02-{name}"
    test = material.row(name, "regression test", "synt05")
    words = _regression_words(test, material.outcome(name).measure)
    yield Figure(
        id=figure_id,
        caption="Effects by standard error. Dashed lines: expected to include 95% of studies if "
        f"the true effect equals the pooled effect. {words}Asymmetry may be due to "
        "unpublished small studies, poorer methods in small studies, true differences or "
        "chance.",
        svg=funnel_svg(
            figure_id,
            scale(np.array([row.estimate for row in rows], dtype=float)),
            np.array([row.std_error for row in rows], dtype=float),
            float(scale(np.array(pooled.estimate))),
            material.measure(name),
            ratio=ratio,
        ),
        alternative="; ".join(
            f"{row.group}: effect {number(row.estimate, 2)}, standard error "
            f"{number(row.std_error, 2)}"
            for row in rows
        ),
    )


def _regression_words(test: Result | None, measure: Measure) -> str:
    if test is None:
        return "The regression test was not performed: fewer than ten studies. "
    words = (
        f"Egger's regression test: intercept {number(test.estimate, 2)}, t = "
        f"{number(test.test_statistic, 2)} on {number(test.df, 0)} df, {p_value(test)}. "
    )
    if "by size alone" in test.method:
        words += (
            "Standard errors are based on sample sizes only, because the standard error "
            "of a standardised mean difference depends on the difference. "
        )
    elif measure in ("hedges_g", "risk_ratio", "odds_ratio"):
        words += (
            "The standard error of this effect measure depends on the effect, so that "
            "the test can indicate asymmetry where none exists. "
        )
    return words
