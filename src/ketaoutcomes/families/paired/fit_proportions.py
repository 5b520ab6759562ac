"""Yes or no at each later visit against that at the first, within participants."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

import pandas as pd

from ketaoutcomes.endpoints.data import BinaryData
from ketaoutcomes.families.fitted import Fitted
from ketaoutcomes.families.paired.plan import PairedProportionsAnalysis
from ketaoutcomes.families.shared.rows import analysis_row, compared, with_limits
from ketaoutcomes.numerics.paired_proportions import (
    PairedTable,
    mcnemar_p_value,
    paired_risk_difference,
)
from ketaoutcomes.numerics.proportions import wilson
from ketaoutcomes.plan.estimand import Estimand
from ketaoutcomes.results import Result

TABLE: Final = "pairt02"
DIFFERENCE: Final = "paired risk difference"
FIRST, LATER = "proportion at the first visit", "proportion at the visit"
BOTH, LOST, GAINED, NEITHER = CELLS = (
    "yes at both visits",
    "yes at the first visit alone",
    "yes at the later visit alone",
    "no at both visits",
)
"""The participants by their two outcomes, each a count."""
NOBODY: Final = "no participant has both outcomes"
TESTS: Final = {"mid-P": "McNemar mid-P test", "exact": "McNemar exact conditional test"}


def fit_paired_proportions(
    name: str,
    analysis: PairedProportionsAnalysis,
    estimand: Estimand,
    endpoint: BinaryData,
    conf_level: float,
) -> Fitted:
    """The four counts, both shares and their difference, at each visit after the first."""
    frame = compared(endpoint.frame, estimand)
    common = analysis_row(TABLE, name, analysis, endpoint, arm=estimand.treatment.active)
    rows = (
        row
        for visit in endpoint.visits
        for row in _at_a_visit(
            frame[frame["visit"] == visit], replace(common, visit=visit), analysis, conf_level
        )
    )
    return Fitted(name, tuple(rows))


def table_of(here: pd.DataFrame) -> PairedTable | None:
    """The participants of one visit by both outcomes; None where nobody has both."""
    both = here.dropna(subset=["first", "outcome"])
    if both.empty:
        return None
    first, later = both["first"] > 0, both["outcome"] > 0
    return PairedTable(
        both=int((first & later).sum()),
        lost=int((first & ~later).sum()),
        gained=int((~first & later).sum()),
        neither=int((~first & ~later).sum()),
    )


def _at_a_visit(
    here: pd.DataFrame, common: Result, analysis: PairedProportionsAnalysis, conf_level: float
) -> Iterator[Result]:
    pairs = table_of(here)
    if pairs is None:
        yield replace(common, statistic=DIFFERENCE, status="failed", message=NOBODY)
        return
    common = replace(common, n=pairs.n)
    counts = (pairs.both, pairs.lost, pairs.gained, pairs.neither)
    for statistic, count in zip(CELLS, counts, strict=True):
        yield replace(common, statistic=statistic, estimate=float(count), unit="participants")
    level = replace(common, conf_level=conf_level, unit="")
    for statistic, count in ((FIRST, pairs.first), (LATER, pairs.later)):
        share = wilson(count, pairs.n, conf_level)
        yield with_limits(replace(level, statistic=statistic, method="Wilson interval"), share)
    difference = replace(
        level,
        statistic=DIFFERENCE,
        method=f"Newcombe interval for pairs (method 10); {TESTS[analysis.test]}",
        p_value=mcnemar_p_value(pairs, mid=analysis.test == "mid-P"),
    )
    yield with_limits(difference, paired_risk_difference(pairs, conf_level))
