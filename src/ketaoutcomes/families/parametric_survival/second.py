"""Parametric models of times by a second program: lifelines' accelerated failure times."""

import warnings
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from ketaoutcomes.clock import place_on_the_dosing_day
from ketaoutcomes.endpoints.data import TimeToEventData
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.estimand import Estimand
from ketaoutcomes.results import Result
from ketaoutcomes.second.cells import columns_of
from ketaoutcomes.second.check import LIBRARY_OPTIMUM, Check, Second, Tolerance, program_of
from ketaoutcomes.second.curves import lifelines
from ketaoutcomes.second.rows import asked_of, exponentiated, wald

if TYPE_CHECKING:
    from ketaoutcomes.families.parametric_survival.plan import (
        AftAnalysis,
        IntervalCensoredAnalysis,
    )

TABLE = "aftt01"
FITTERS = {
    "weibull": ("WeibullAFTFitter", "lambda_"),
    "log-logistic": ("LogLogisticAFTFitter", "alpha_"),
    "log-normal": ("LogNormalAFTFitter", "mu_"),
}
LOOSE = Tolerance(
    1e-3, "lifelines stops its iteration at a looser criterion, and its errors follow from there"
)


def check_parametric_survival(
    plan: AnalysisPlan,
    name: str,
    analysis: "AftAnalysis | IntervalCensoredAnalysis",
    estimand: Estimand,
    endpoint: TimeToEventData,
    results: tuple[Result, ...],
) -> tuple[Check, ...]:
    """The time ratio; no second program has the exponential distribution."""
    if analysis.distribution not in FITTERS:
        return ()
    frame = endpoint.frame[endpoint.frame["arm"].isin(estimand.treatment.arms)]
    frame = frame.reset_index(drop=True)

    def ratio(row: Result) -> Second:
        fitter, parameter = FITTERS[analysis.distribution]
        X = columns_of(frame, row.arm, analysis.covariates)
        X[:, 1:] -= X[:, 1:].mean(axis=0)
        columns = [f"x{k}" for k in range(X.shape[1])]
        data = pd.DataFrame(X, columns=columns)
        happened = frame["event"].to_numpy(dtype=bool)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model = getattr(lifelines(), fitter)(penalizer=0.0)
            if analysis.model == "interval_censored":
                low, high = _placed(frame["after"], frame["by"])
                data = data.assign(low=low, high=high)
                model.fit_interval_censoring(data, "low", "high")
            else:
                time, _ = _placed(frame["time"], frame["time"])
                data = data.assign(time=time, event=happened)
                model.fit(data, "time", "event")
        at = (parameter, "x0")
        second = Second(
            program=program_of("lifelines", fitter),
            tolerance=LIBRARY_OPTIMUM,
            error_tolerance=LOOSE,
            estimate=float(model.params_[at]),
            std_error=float(model.standard_errors_[at]),
        )
        return exponentiated(wald(second, row))

    return asked_of(plan, name, results).checked("time ratio", ratio, table=TABLE)


def _placed(low: pd.Series, high: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """Limits with events at time 0 placed within the dosing day."""
    low_days, high_days = low.to_numpy(dtype=float), high.to_numpy(dtype=float)
    at_start = high_days == 0
    if at_start.any():
        place = place_on_the_dosing_day(np.concatenate([low_days, high_days]))
        return np.where(at_start, place, low_days), np.where(at_start, place, high_days)
    return low_days, high_days
