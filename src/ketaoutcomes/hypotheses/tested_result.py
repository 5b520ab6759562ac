"""The row of the results that a hypothesis of the plan is about."""

from ketaoutcomes.families.registry import main_results
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.multiplicity import Hypothesis
from ketaoutcomes.results import Result

SYMMETRIC = ("difference in LS means", "contrast", "difference in restricted means")
"""Statistics whose interval is the estimate and its standard error times a quantile."""


def tested_result(
    plan: AnalysisPlan, wanted: Hypothesis, rows: tuple[Result, ...]
) -> Result | None:
    """The result that tests a hypothesis."""
    estimand = plan.estimands[plan.analyses[wanted.analysis].estimand]
    mine = [row for row in rows if row.analysis == wanted.analysis]
    if wanted.contrast is not None:
        here = (r for r in mine if r.statistic == "contrast" and r.group == wanted.contrast)
        return next(here, None)
    _, statistic = main_results()[estimand.summary]
    treatment = estimand.treatment
    compared = (statistic, wanted.arm or treatment.active, treatment.reference)
    visit = wanted.visit or estimand.visit
    here = (
        row
        for row in mine
        if (row.statistic, row.arm, row.reference) == compared
        and (visit is None or row.visit in (visit, ""))
    )
    return next(here, None)
