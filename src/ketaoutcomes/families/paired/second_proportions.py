"""Pairs of yes or no by a second program: statsmodels, and Newcombe's squares by covariances."""

from math import sqrt
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ketaoutcomes.endpoints.data import BinaryData
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.estimand import Estimand
from ketaoutcomes.results import Result
from ketaoutcomes.second.check import SAME_SUM, Check, Second, checks_of, program_of
from ketaoutcomes.second.rows import asked_of

if TYPE_CHECKING:
    from ketaoutcomes.families.paired.plan import PairedProportionsAnalysis

TABLE, DIFFERENCE = "pairt02", "paired risk difference"
SHARES = {"proportion at the first visit": "first", "proportion at the visit": "outcome"}


def check_paired_proportions(
    plan: AnalysisPlan,
    name: str,
    analysis: "PairedProportionsAnalysis",
    estimand: Estimand,
    endpoint: BinaryData,
    results: tuple[Result, ...],
) -> tuple[Check, ...]:
    """Both shares and their difference at each visit."""
    asked = asked_of(plan, name, results)
    frame = endpoint.frame[endpoint.frame["arm"] == estimand.treatment.active]
    frame = frame.dropna(subset=["first", "outcome"])
    checks = [
        check
        for statistic, column in SHARES.items()
        for row in asked.of(statistic, table=TABLE, contrast=False)
        for check in checks_of(row, _share(frame.loc[frame["visit"] == row.visit, column], row))
    ]
    for row in asked.of(DIFFERENCE, table=TABLE, contrast=False):
        here = frame[frame["visit"] == row.visit]
        checks += checks_of(row, _difference(here, row, exact=analysis.test == "exact"))
    return tuple(checks)


def _limits(outcome: pd.Series, level: float) -> tuple[float, float, float]:
    """A share and its Wilson limits."""
    from statsmodels.stats.proportion import proportion_confint  # noqa: PLC0415 - slow to import

    low, high = proportion_confint(outcome.sum(), len(outcome), alpha=1 - level, method="wilson")
    return float(outcome.mean()), float(low), float(high)


def _share(outcome: pd.Series, row: Result) -> Second:
    share, low, high = _limits(outcome, row.conf_level or 0.0)
    return Second(
        program=program_of("statsmodels", "`proportion_confint`"),
        tolerance=SAME_SUM,
        estimate=share,
        conf_low=low,
        conf_high=high,
    )


def _difference(here: pd.DataFrame, row: Result, *, exact: bool) -> Second:
    """Newcombe's squares with the covariance of the two outcomes, and the binomial test."""
    from scipy.stats import binom  # noqa: PLC0415 - slow to import
    from statsmodels.stats.contingency_tables import mcnemar  # noqa: PLC0415

    n, level = len(here), row.conf_level or 0.0
    p, p_low, p_high = _limits(here["first"], level)
    q, q_low, q_high = _limits(here["outcome"], level)
    # n^2 times the covariance of the two outcomes is the product of the diagonal less the other
    product = n**2 * (float((here["first"] * here["outcome"]).mean()) - p * q)
    spread = n**2 * sqrt(p * (1 - p) * q * (1 - q))
    phi = 0.0 if spread == 0 else (max(product - n / 2, 0.0) if product > 0 else product) / spread
    low = (q - q_low) ** 2 + (p_high - p) ** 2 - 2 * phi * (q - q_low) * (p_high - p)
    high = (q_high - q) ** 2 + (p - p_low) ** 2 - 2 * phi * (q_high - q) * (p - p_low)
    lost = int((here["first"] > here["outcome"]).sum())
    gained = int((here["first"] < here["outcome"]).sum())
    p_value = 1.0
    if lost + gained:
        p_value = float(mcnemar(np.array([[0, gained], [lost, 0]]), exact=True).pvalue)
    if not exact and lost + gained:
        # two-sided: the probability of the observed table once, which half of each tail is
        seen = float(binom.pmf(gained, lost + gained, 0.5))
        p_value -= seen / 2 if gained == lost else seen
    return Second(
        program=program_of("statsmodels", "`mcnemar`; Newcombe's squares"),
        tolerance=SAME_SUM,
        estimate=q - p,
        conf_low=q - p - sqrt(low),
        conf_high=q - p + sqrt(high),
        p_value=p_value,
    )
