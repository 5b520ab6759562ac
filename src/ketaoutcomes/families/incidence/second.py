"""Incidence by a second program: scipy's exact interval and chi-square, roots of the score."""

from typing import TYPE_CHECKING

import numpy as np

from ketaoutcomes.endpoints.data import BinaryData
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.estimand import Estimand
from ketaoutcomes.results import Result
from ketaoutcomes.second.check import SAME_LIMIT, SAME_SUM, Check, Second, program_of
from ketaoutcomes.second.rows import asked_of
from ketaoutcomes.second.two_by_two import Four, miettinen_nurminen

if TYPE_CHECKING:
    from numpy.typing import NDArray

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
    from scipy.stats import binomtest  # noqa: PLC0415 - slow to import

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
            program=program_of("scipy", "`brentq` and `chi2_contingency`"),
            tolerance=SAME_SUM,
            error_tolerance=SAME_LIMIT,
            estimate=four.a / four.n - four.c / four.m,
            conf_low=low,
            conf_high=high,
            p_value=score_p_value(table),
        )

    asked = asked_of(plan, name, results)
    return (
        *asked.checked("proportion", share, table=TABLE, contrast=False),
        *asked.checked("risk difference", difference, table=TABLE),
    )


def score_p_value(table: "NDArray[np.int64]") -> float:
    """Pearson's chi-square of a fourfold table times (N - 1) / N; 1 where a margin is empty."""
    from scipy.stats import chi2, chi2_contingency  # noqa: PLC0415 - slow to import

    if not (table.sum(axis=0) > 0).all():
        return 1.0
    statistic = chi2_contingency(table, correction=False).statistic
    return float(chi2.sf(statistic * (table.sum() - 1) / table.sum(), 1))
