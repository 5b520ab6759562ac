"""Hazard ratio of two arms by Cox's model, with the check of proportional hazards.

Cox 1972, J R Stat Soc B 34:187-220; ties by Efron 1977, JASA 72:557-565; lifelines fits it.
"""

import warnings
from dataclasses import replace

import numpy as np
import pandas as pd
from lifelines import CoxPHFitter
from numpy.typing import NDArray

from ketaoutcomes.fit.two_arms import TwoArms, stratum_codes
from ketaoutcomes.numerics.survival.proportional_hazards import proportional_hazards_test
from ketaoutcomes.results import Result

FloatArray = NDArray[np.float64]
MONOTONE_LOG_HAZARD_RATIO = 10.0
"""A coefficient beyond this is a likelihood that rises without end, not an estimate."""


def hazard_ratio(arms: TwoArms) -> tuple[Result, ...]:
    """Hazard ratio by Cox's model with Efron's ties, and the check of proportional hazards."""
    row = replace(arms.between("hazard ratio"), method="Cox model, Efron ties")
    events = [int(arms.of(arm)[1].sum()) for arm in (arms.active, arms.reference)]
    if not all(events):
        return (
            replace(row, status="failed", message="an arm has no event: no finite hazard ratio"),
        )
    X = _cox_design(arms)
    strata = stratum_codes(arms)
    data = X.assign(
        time=arms.frame["time"].to_numpy(dtype=float),
        event=arms.frame["event"].to_numpy(dtype=bool),
        stratum=0 if strata is None else strata,
    )
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        model = CoxPHFitter(alpha=1 - arms.conf_level)
        model.fit(data, "time", "event", strata=["stratum"], fit_options={"precision": 1e-10})
    told = tuple(
        sorted({str(w.message).split(".")[0] for w in caught if "onverg" in str(w.message)})
    )
    summary = model.summary.loc["arm"]
    if abs(summary["coef"]) > MONOTONE_LOG_HAZARD_RATIO or told:
        message = "; ".join(told) or "the likelihood rises without end"
        return (replace(row, status="failed", message=message),)
    low, high = model.confidence_intervals_.loc["arm"]
    row = replace(
        row,
        estimate=float(np.exp(summary["coef"])),
        std_error=float(summary["se(coef)"]),
        test_statistic=float(summary["z"]),
        p_value=float(summary["p"]),
        conf_low=float(np.exp(low)),
        conf_high=float(np.exp(high)),
        conf_level=arms.conf_level,
    )
    return (row, *_proportional_hazards(arms, data, X, model.params_.to_numpy()))


def _cox_design(arms: TwoArms) -> pd.DataFrame:
    """The arm and the covariates, factors as indicators of all levels but the first."""
    arm = (arms.frame["arm"] == arms.active).astype(float)
    columns = arms.frame[list(arms.analysis.covariates)].assign(arm=arm)
    return pd.get_dummies(columns[["arm", *arms.analysis.covariates]], drop_first=True, dtype=float)


def _proportional_hazards(
    arms: TwoArms, data: pd.DataFrame, X: pd.DataFrame, beta: FloatArray
) -> tuple[Result, ...]:
    """One test for each column of the model, and the global one."""
    test = proportional_hazards_test(
        data["time"].to_numpy(),
        data["event"].to_numpy(),
        X.to_numpy(),
        beta,
        tuple((column,) for column in range(X.shape[1])),
        data["stratum"].to_numpy(),
    )
    row = replace(
        arms.between("proportional hazards test"), method="score test, Kaplan-Meier time scale"
    )
    named = [*zip(X.columns, test.terms, strict=True), ("global", test.together)]
    return tuple(
        replace(
            row,
            group=str(name),
            test_statistic=one.statistic,
            df=float(one.df),
            p_value=one.p_value,
        )
        for name, one in named
    )
