"""Proportions by a second program: plain formulas, roots of the score, survdiff for CMH."""

from dataclasses import replace
from math import log, sqrt
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ketaoutcomes.endpoints.data import BinaryData
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.estimand import Estimand
from ketaoutcomes.results import Result
from ketaoutcomes.second.check import SAME_LIMIT, SAME_SUM, Check, Second, program_of
from ketaoutcomes.second.curves import codes_of
from ketaoutcomes.second.rows import asked_of
from ketaoutcomes.second.two_by_two import Four, miettinen_nurminen

if TYPE_CHECKING:
    from ketaoutcomes.families.proportions.plan import ProportionAnalysis

TABLE = "rspt01"


def check_proportions(
    plan: AnalysisPlan,
    name: str,
    analysis: "ProportionAnalysis",
    estimand: Estimand,
    endpoint: BinaryData,
    results: tuple[Result, ...],
) -> tuple[Check, ...]:
    """Proportions with Wilson's interval, their difference and ratios."""
    from statsmodels.stats.proportion import proportion_confint  # noqa: PLC0415 - slow to import

    asked = asked_of(plan, name, results)
    failure = float(endpoint.unwanted)
    here = outcomes(endpoint.frame, estimand.visit or "", analysis.missing_as, failure)
    counts = {
        str(arm): (int(rows["outcome"].sum()), len(rows)) for arm, rows in here.groupby("arm")
    }

    def proportion(row: Result) -> Second:
        x, n = counts[row.arm]
        low, high = proportion_confint(x, n, alpha=1 - (row.conf_level or 0.0), method="wilson")
        return Second(
            program=program_of("statsmodels", "`proportion_confint`"),
            tolerance=SAME_SUM,
            estimate=x / n,
            conf_low=float(low),
            conf_high=float(high),
        )

    def difference(row: Result) -> Second:
        four = Four(*counts[row.arm], *counts[row.reference])
        if analysis.strata:
            return _stratified(here, analysis.strata, row)
        return _difference(four, row, analysis.interval)

    def ratio(row: Result) -> Second | None:
        if analysis.strata or row.estimate is None:
            return None
        four = Four(*counts[row.arm], *counts[row.reference])
        found = _ratio(four, row, odds=row.statistic == "odds ratio")
        if found is None or row.p_value is None:
            return found
        return replace(found, p_value=_difference(four, row, analysis.interval).p_value)

    return (
        *asked.checked("proportion", proportion, table=TABLE, contrast=False),
        *asked.checked("risk difference", difference, table=TABLE),
        *asked.checked("risk ratio", ratio, table=TABLE),
        *asked.checked("odds ratio", ratio, table=TABLE),
    )


def outcomes(
    frame: pd.DataFrame, visit: str, missing_as: str, failure: float = 0.0
) -> pd.DataFrame:
    """One outcome a subject: that of the visit, or what the plan puts in its place."""
    if missing_as == "last observation":
        seen = frame[frame["outcome"].notna()]
        order = {v: k for k, v in enumerate(dict.fromkeys(frame["visit"]))}
        seen = seen[seen["visit"].map(order) <= order[visit]]
        last = seen.groupby("subject")["outcome"].last()
        here = frame[frame["visit"] == visit]
        return here.assign(outcome=here["subject"].map(last).fillna(failure))
    here = frame[frame["visit"] == visit]
    if missing_as == "excluded":
        return here.dropna(subset=["outcome"])
    return here.assign(outcome=here["outcome"].fillna(failure))


def _difference(four: Four, row: Result, interval: str) -> Second:
    """Risk difference, the interval of the plan and the score test of no difference."""
    from scipy.stats import norm  # noqa: PLC0415 - slow to import

    level = row.conf_level or 0.0
    p1, p0 = four.a / four.n, four.c / four.m
    if interval == "newcombe":
        low, high = _newcombe(four, level)
    else:
        low, high = miettinen_nurminen(four, level)
    pooled = (four.a + four.c) / (four.n + four.m)
    variance = pooled * (1 - pooled) * (1 / four.n + 1 / four.m)
    if interval == "miettinen-nurminen":  # its score has N / (N - 1) in the variance
        variance *= (four.n + four.m) / (four.n + four.m - 1)
    p_value = float(2 * norm.sf(abs(p1 - p0) / sqrt(variance))) if variance > 0 else None
    return Second(
        program=program_of("scipy", "closed formulas and `brentq`"),
        tolerance=SAME_SUM,
        error_tolerance=SAME_LIMIT,
        estimate=p1 - p0,
        conf_low=low,
        conf_high=high,
        p_value=p_value,
    )


def _newcombe(four: Four, level: float) -> tuple[float, float]:
    """Newcombe 1998, Stat Med 17:873-890, method 10."""
    from statsmodels.stats.proportion import proportion_confint  # noqa: PLC0415 - slow to import

    p1, p0 = four.a / four.n, four.c / four.m
    l1, u1 = proportion_confint(four.a, four.n, alpha=1 - level, method="wilson")
    l0, u0 = proportion_confint(four.c, four.m, alpha=1 - level, method="wilson")
    d = p1 - p0
    return d - sqrt((p1 - l1) ** 2 + (u0 - p0) ** 2), d + sqrt((u1 - p1) ** 2 + (p0 - l0) ** 2)


def _ratio(four: Four, row: Result, *, odds: bool) -> Second | None:
    """Risk ratio (Katz et al. 1978, Biometrics 34:469) or odds ratio (Woolf 1955)."""
    b, d = four.n - four.a, four.m - four.c
    if min(four.a, four.c) == 0 or (odds and min(b, d) == 0):
        return None
    if odds:
        value, variance = log(four.a * d / (b * four.c)), sum(1 / x for x in (four.a, b, four.c, d))
    else:
        value = log(four.a / four.n / (four.c / four.m))
        variance = 1 / four.a - 1 / four.n + 1 / four.c - 1 / four.m
    from scipy.stats import norm  # noqa: PLC0415 - slow to import

    half = float(norm.isf((1 - (row.conf_level or 0.0)) / 2)) * sqrt(variance)
    low, estimate, high = np.exp([value - half, value, value + half]).tolist()
    return Second(
        program=program_of("scipy", "closed formulas"),
        tolerance=SAME_SUM,
        estimate=estimate,
        conf_low=low,
        conf_high=high,
    )


def _stratified(here: pd.DataFrame, strata: tuple[str, ...], row: Result) -> Second:
    """Mantel and Haenszel's difference with Sato's variance, and survdiff at one time for CMH.

    Sato 1989, Biometrics 45:1323-1324.
    """
    used = here[here["arm"].isin((row.arm, row.reference))]
    codes = codes_of(used, strata)
    assert codes is not None
    numerator = weights = slope = level = 0.0
    kept = np.zeros(len(used), dtype=bool)
    for code in np.unique(codes):
        part = used[codes == code]
        one = part.loc[part["arm"] == row.arm, "outcome"]
        none = part.loc[part["arm"] == row.reference, "outcome"]
        n, m = len(one), len(none)
        if not (n and m):
            continue
        kept |= codes == code
        x, y, total = one.sum(), none.sum(), n + m
        numerator += (x * m - y * n) / total
        weights += n * m / total
        # the two sums of Sato's estimator
        p = (n**2 * y - m**2 * x + n * m * (m - n) / 2) / total**2
        q = (x * (m - y) + y * (n - x)) / (2 * total)
        slope, level = slope + p, level + q
    difference = numerator / weights
    variance = (difference * slope + level) / weights**2
    from scipy.stats import norm  # noqa: PLC0415 - slow to import
    from statsmodels.duration.survfunc import survdiff  # noqa: PLC0415

    half = float(norm.isf((1 - (row.conf_level or 0.0)) / 2)) * sqrt(max(variance, 0.0))
    # an outcome is an event at time 1, anything else is censored at time 2
    time = np.where(used["outcome"] > 0, 1.0, 2.0)[kept]
    _, p_value = survdiff(
        time,
        used["outcome"].to_numpy(dtype=float)[kept],
        (used["arm"] == row.arm).to_numpy(dtype=float)[kept],
        strata=codes[kept],
    )
    return Second(
        program=program_of("statsmodels", "survdiff at one time; Sato's formula"),
        tolerance=SAME_SUM,
        estimate=float(difference),
        conf_low=float(difference - half),
        conf_high=float(difference + half),
        p_value=float(p_value),
    )
