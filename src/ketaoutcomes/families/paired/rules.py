"""What a paired comparison may not claim, and what its reader is told."""

from collections.abc import Iterator

from ketaoutcomes.families.paired.plan import PairedAnalysis, PairedProportionsAnalysis
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.estimand_finding import EstimandFinding

Paired = PairedAnalysis | PairedProportionsAnalysis
BLAND_ALTMAN = "Bland & Altman 2011, Trials 12:264"
SENN = "Senn 2002, Cross-over Trials in Clinical Research, 2nd ed., section 1.3"
OF_ARMS = {"paired": "mmrm", "paired_proportions": "proportions"}
"""The model that compares arms in place of visits."""
CONFOUNDED = (
    "All participants had the conditions in the same order, so the paired difference is "
    "confounded with time. Natural course, regression to the mean and practice are part of it."
)
ORDER_NOT_KNOWN = (
    "The order of the conditions varied and is not in the data, so differences between periods "
    "are not adjusted for."
)


def within_one_arm(plan: AnalysisPlan, name: str, analysis: Paired) -> Iterator[EstimandFinding]:
    """Arms are compared with each other, not each with its own baseline."""
    if plan.estimands[analysis.estimand].treatment.compares:
        yield EstimandFinding(
            ("analyses", name, "model"),
            f"an estimand of one arm, as `{analysis.model}` compares visits within participants",
            "an estimand with a `reference`",
            f"compare the arms by `model: {OF_ARMS[analysis.model]}`; or leave `reference` out of "
            "the estimand's `treatment`",
            BLAND_ALTMAN,
        )


def confounded_with_time(
    _plan: AnalysisPlan, name: str, analysis: Paired
) -> Iterator[EstimandFinding]:
    """What one order, or an order that nobody wrote down, does to the difference."""
    fixed = analysis.order == "fixed"
    yield EstimandFinding(
        ("analyses", name, "order"),
        "a difference within participants is also one of time"
        if fixed
        else "periods are adjusted for where the order is known",
        "the same order for all participants" if fixed else "an order that the data do not hold",
        "Read it as a description"
        if fixed
        else "With a column of the period, use `model: crossover`",
        SENN,
        refused=False,
        for_reader=CONFOUNDED if fixed else ORDER_NOT_KNOWN,
    )
