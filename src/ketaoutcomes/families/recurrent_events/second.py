"""Events that come again by a second program: the score and the robust error in plain loops."""

from functools import partial
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ketaoutcomes.endpoints.data import RecurrentData
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.estimand import Estimand
from ketaoutcomes.results import Result
from ketaoutcomes.second.cells import columns_of
from ketaoutcomes.second.check import SAME_OPTIMUM, SAME_SUM, Check, Second, program_of
from ketaoutcomes.second.curves import AtRisk, codes_of, solve_by_loops
from ketaoutcomes.second.rows import asked_of, exponentiated, wald

if TYPE_CHECKING:
    from ketaoutcomes.families.recurrent_events.plan import RecurrentEventsAnalysis

FloatArray = NDArray[np.float64]
TABLE = "rect01"
DAYS_PER_YEAR = 365.25
STATISTICS = {
    "Andersen-Gill": "rate ratio",
    "PWP total time": "hazard ratio (PWP total time)",
    "PWP gap time": "hazard ratio (PWP gap time)",
}


def check_recurrent_events(
    plan: AnalysisPlan,
    name: str,
    analysis: "RecurrentEventsAnalysis",
    estimand: Estimand,
    endpoint: RecurrentData,
    results: tuple[Result, ...],
) -> tuple[Check, ...]:
    """The ratios of the plan's models, and the rates of each arm."""
    asked = asked_of(plan, name, results)
    arms = estimand.treatment.arms
    frame = endpoint.frame[endpoint.frame["arm"].isin(arms)].reset_index(drop=True)

    def rate(row: Result) -> Second:
        here = frame[frame["arm"] == row.arm]
        days = sum(stop - start for start, stop in zip(here["start"], here["stop"], strict=True))
        return Second(
            program=program_of("scipy", "plain sums"),
            tolerance=SAME_SUM,
            estimate=float(here["event"].sum() / (days / DAYS_PER_YEAR)),
        )

    checks = [*asked.checked("events a year", rate, table=TABLE, contrast=False)]
    for model in analysis.models:
        ratio = partial(_ratio, frame, analysis, model)
        checks += asked.checked(STATISTICS[model], ratio, table=TABLE)
    return tuple(checks)


def _ratio(
    frame: pd.DataFrame, analysis: "RecurrentEventsAnalysis", model: str, row: Result
) -> Second | None:
    if row.estimate is None:
        return None
    first = model == "Andersen-Gill"
    if not first and analysis.at_most_events is not None:
        frame = frame[frame["number"] <= analysis.at_most_events]
    start, stop = frame["start"].to_numpy(dtype=float), frame["stop"].to_numpy(dtype=float)
    entry, time = (
        (np.zeros_like(start), stop - start) if model.endswith("gap time") else (start, stop)
    )
    strata = codes_of(frame, tuple(analysis.strata) if first else (*analysis.strata, "number"))
    codes = np.zeros(len(frame)) if strata is None else strata
    X = columns_of(frame, row.arm, analysis.covariates)
    X = X - X.mean(axis=0)
    event = frame["event"].to_numpy(dtype=float)
    rows = AtRisk(time, entry, event > 0, X, codes)
    beta, inverse = solve_by_loops(rows, ties="efron")
    moved = rows.score_parts(beta, ties="efron") @ inverse
    together = pd.DataFrame(moved).groupby(frame["subject"].to_numpy()).sum().to_numpy()
    second = Second(
        program=program_of("scipy", "root of Efron's score, its sums in plain loops"),
        tolerance=SAME_OPTIMUM,
        estimate=float(beta[0]),
        std_error=float(np.sqrt((together[:, 0] ** 2).sum())),
    )
    return exponentiated(wald(second, row))
