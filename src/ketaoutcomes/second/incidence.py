"""Incidence by a second program: scipy's exact interval and test, roots of the score."""

from typing import TYPE_CHECKING

import numpy as np

from ketaoutcomes.endpoints.data import BinaryData
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.estimand import Estimand
from ketaoutcomes.results import Result
from ketaoutcomes.second.check import SAME_LIMIT, SAME_SUM, Check, Second, program_of
from ketaoutcomes.second.proportions import Four, miettinen_nurminen
from ketaoutcomes.second.rows import asked_of

if TYPE_CHECKING:
    from ketaoutcomes.families.incidence.plan import IncidenceAnalysis

TABLE = "inct01"


def check_incidence(
    plan: AnalysisPlan,
    name: str,
    analysis: "IncidenceAnalysis",
    estimand: Estimand,
    endpoint: BinaryData,
    results: tuple[Result, ...],
) -> tuple[Check, ...]:
    """Shares with their exact intervals, and their difference."""
    from scipy.stats import binomtest, fisher_exact  # noqa: PLC0415 - slow to import

    here = endpoint.frame[endpoint.frame["visit"] == (estimand.visit or "")]
    if analysis.missing_as == "no event":
        here = here.assign(outcome=here["outcome"].fillna(0.0))
    here = here.dropna(subset=["outcome"])
    counts = {str(a): (int(h["outcome"].sum()), len(h)) for a, h in here.groupby("arm")}

    def share(row: Result) -> Second:
        x, n = counts[row.arm]
        limits = binomtest(x, n).proportion_ci(row.conf_level or 0.0, method="exact")
        return Second(
            program=program_of("scipy", "binomtest"),
            tolerance=SAME_SUM,
            error_tolerance=SAME_LIMIT,
            estimate=x / n,
            conf_low=float(limits.low),
            conf_high=float(limits.high),
        )

    def difference(row: Result) -> Second:
        four = Four(*counts[row.arm], *counts[row.reference])
        low, high = miettinen_nurminen(four, row.conf_level or 0.0)
        table = np.array([[four.a, four.n - four.a], [four.c, four.m - four.c]])
        return Second(
            program=program_of("scipy", "brentq and fisher_exact"),
            tolerance=SAME_SUM,
            error_tolerance=SAME_LIMIT,
            estimate=four.a / four.n - four.c / four.m,
            conf_low=low,
            conf_high=high,
            p_value=float(fisher_exact(table)[1]),
        )

    asked = asked_of(plan, name, results)
    return (
        *asked.checked("proportion", share, table=TABLE, contrast=False),
        *asked.checked("risk difference", difference, table=TABLE),
    )
