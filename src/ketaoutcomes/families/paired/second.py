"""Paired comparisons by a second program: scipy's t test, and a dense restricted likelihood."""

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ketaoutcomes.endpoints.data import ChangeData
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.estimand import Estimand
from ketaoutcomes.results import Result
from ketaoutcomes.second.cells import cells_of
from ketaoutcomes.second.check import SAME_SUM, Check, Second, checks_of, program_of
from ketaoutcomes.second.marginal_model import Rules, solve_marginal
from ketaoutcomes.second.rows import asked_of

if TYPE_CHECKING:
    from ketaoutcomes.families.paired.plan import PairedAnalysis

TABLE, DIFFERENCE = "pairt01", "paired difference"
FIRST, LATER = "first", "later"


def check_paired(
    plan: AnalysisPlan,
    name: str,
    analysis: "PairedAnalysis",
    estimand: Estimand,
    endpoint: ChangeData,
    results: tuple[Result, ...],
) -> tuple[Check, ...]:
    """The difference at each visit."""
    rows = asked_of(plan, name, results).of(DIFFERENCE, table=TABLE, contrast=False)
    frame = endpoint.frame[endpoint.frame["arm"] == estimand.treatment.active]
    route = _pairs if analysis.method == "t test" else _model
    return tuple(
        check
        for row in rows
        for check in checks_of(row, route(frame[frame["visit"] == row.visit], row))
    )


def _pairs(here: pd.DataFrame, row: Result) -> Second:
    """Both scores, not their difference."""
    from scipy.stats import ttest_rel  # noqa: PLC0415 - slow to import

    both = here.dropna(subset=["baseline", "score"])
    found = ttest_rel(both["score"], both["baseline"])
    limits = found.confidence_interval(row.conf_level or 0.0)
    mean = float(both["score"].mean() - both["baseline"].mean())
    return Second(
        program=program_of("scipy", "ttest_rel"),
        tolerance=SAME_SUM,
        estimate=mean,
        std_error=mean / float(found.statistic) if found.statistic else None,
        test_statistic=float(found.statistic),
        conf_low=float(limits.low),
        conf_high=float(limits.high),
        p_value=float(found.pvalue),
    )


def _model(here: pd.DataFrame, row: Result) -> Second:
    """Both scores below each other, with an unstructured covariance."""
    both = [
        here[["subject", "arm"]].assign(visit=side, value=here[column])
        for side, column in ((FIRST, "baseline"), (LATER, "score"))
    ]
    cells = cells_of(pd.concat(both, ignore_index=True), "value", (), ())
    fit = solve_marginal(cells, "us", Rules("satterthwaite"))
    before, after = (cells.combination(side, row.arm) for side in (FIRST, LATER))
    assert before is not None
    assert after is not None
    return fit.second(np.asarray(after - before), row)
