"""Mediation by a second program: two regressions of statsmodels and products of coefficients."""

from typing import TYPE_CHECKING

import numpy as np

from ketaoutcomes.endpoints.data import MediationData
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.estimand import Estimand
from ketaoutcomes.results import Result
from ketaoutcomes.second.cells import columns_of
from ketaoutcomes.second.check import SAME_SUM, Check, Second, program_of
from ketaoutcomes.second.rows import asked_of

if TYPE_CHECKING:
    from ketaoutcomes.families.mediation.plan import MediationAnalysis

TABLE = "medt01"
MEAN_ARM = 0.5


def check_mediation(
    plan: AnalysisPlan,
    name: str,
    analysis: "MediationAnalysis",
    estimand: Estimand,
    endpoint: MediationData,
    results: tuple[Result, ...],
) -> tuple[Check, ...]:
    """Effects of the sample; their errors come of resamples, which no second program draws."""
    frame = endpoint.frame[endpoint.frame["arm"].isin(estimand.treatment.arms)]
    frame = frame.reset_index(drop=True)
    names = tuple(dict.fromkeys((*analysis.covariates, "baseline", "mediator_baseline")))
    X = columns_of(frame, estimand.treatment.active, names)
    X = np.column_stack([np.ones(len(X)), X])
    arm, mediator = X[:, 1], frame["mediator"].to_numpy(dtype=float)
    outcome = frame["outcome"].to_numpy(dtype=float)
    product = [arm * mediator] if analysis.interaction else []
    from statsmodels.regression.linear_model import OLS  # noqa: PLC0415 - slow to import

    of_mediator = OLS(mediator, X).fit().params
    of_outcome = OLS(outcome, np.column_stack([X, mediator, *product])).fit().params
    k = float(of_outcome[-1]) if analysis.interaction else 0.0
    b = float(of_outcome[X.shape[1]])
    # the mean mediator of everybody without treatment, and with it
    without = float((X @ of_mediator - arm * of_mediator[1]).mean())
    path = float(of_mediator[1])
    effects = {
        "effect of treatment on the mediator": path,
        "effect of the mediator on the outcome": b + k * MEAN_ARM,
        "natural indirect effect": path * (b + k * MEAN_ARM),
        "natural direct effect": float(of_outcome[1]) + k * (without + path * MEAN_ARM),
    }
    effects["total effect"] = effects["natural direct effect"] + effects["natural indirect effect"]
    effects["proportion mediated"] = effects["natural indirect effect"] / effects["total effect"]

    def effect(row: Result) -> Second:
        return Second(
            program=program_of("statsmodels", "`OLS`; products of coefficients"),
            tolerance=SAME_SUM,
            estimate=effects[row.statistic],
        )

    asked = asked_of(plan, name, results)
    return tuple(
        check for statistic in effects for check in asked.checked(statistic, effect, table=TABLE)
    )
