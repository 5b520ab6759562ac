"""The true value of an estimand, from the same subjects on either treatment."""

from dataclasses import replace

import numpy as np
import pandas as pd

from ketaoutcomes.endpoint import BinaryData, ChangeData, EndpointData, TimeToEventData
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.analyses import TimeToEventAnalysis
from ketaoutcomes.results import Result

TABLE = "trut01"


def truth_of_estimand(
    plan: AnalysisPlan, analysis_name: str, active: EndpointData, reference: EndpointData
) -> tuple[Result, ...]:
    """True mean difference between two counterfactual cohorts of the same subjects.

    Parameters
    ----------
    analysis_name : str
        An analysis of the estimand.
    active, reference : EndpointData
        The endpoint with everybody on the active and on the reference treatment.

    Returns
    -------
    tuple of Result
        Table "trut01", `std_error` being the Monte-Carlo error, paired by subject; one row a visit,
        or one row.
    """
    analysis = plan.analyses[analysis_name]
    estimand = plan.estimands[analysis.estimand]
    common = Result(
        table=TABLE,
        statistic="",
        estimand=analysis.estimand,
        endpoint=estimand.endpoint,
        phase=active.phase,
        arm=estimand.treatment.active,
        reference=estimand.treatment.reference,
        group=analysis.estimand,
        method="counterfactual simulation, paired by subject",
    )
    match active, reference:
        case ChangeData(), ChangeData():
            row = replace(common, statistic="difference in means", unit="points")
            return _by_visit(row, active.visits, active.frame, reference.frame, "change")
        case BinaryData(), BinaryData():
            row = replace(common, statistic="difference in proportions")
            return _by_visit(row, active.visits, active.frame, reference.frame, "outcome")
        case TimeToEventData(), TimeToEventData():
            assert isinstance(analysis, TimeToEventAnalysis)
            row = replace(common, statistic="difference in restricted mean time", unit="days")
            tau = analysis.restricted_mean_days
            return (_restricted_mean(row, active.frame, reference.frame, tau),)
    raise TypeError("the two cohorts differ in their kind of endpoint")


def _by_visit(
    row: Result,
    visits: tuple[str, ...],
    active: pd.DataFrame,
    reference: pd.DataFrame,
    column: str,
) -> tuple[Result, ...]:
    both = active.merge(reference, on=["subject", "visit"], suffixes=("_active", "_reference"))
    difference = both[f"{column}_active"] - both[f"{column}_reference"]
    return tuple(
        _mean(replace(row, visit=visit), difference[both["visit"] == visit]) for visit in visits
    )


def _restricted_mean(
    row: Result, active: pd.DataFrame, reference: pd.DataFrame, tau: float
) -> Result:
    """Difference of mean min(T, tau); nobody is censored before tau in a cohort fully observed."""
    both = active.merge(reference, on="subject", suffixes=("_active", "_reference"))
    times = {side: both[f"time_{side}"].clip(upper=tau) for side in ("active", "reference")}
    cut_short = sum(
        int(((times[side] < tau) & ~both[f"event_{side}"].astype(bool)).sum()) for side in times
    )
    result = _mean(row, times["active"] - times["reference"])
    if cut_short:
        return replace(
            result, status="warning", message=f"{cut_short} subjects were not followed to the limit"
        )
    return result


def _mean(row: Result, difference: pd.Series) -> Result:
    known = difference.dropna()
    return replace(
        row,
        estimate=float(known.mean()),
        std_error=float(known.std() / np.sqrt(len(known))),
        n=len(known),
    )
