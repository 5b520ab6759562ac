"""The tests over all arms by a second program: statsmodels' survdiff and PHReg."""

from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ketaoutcomes.results import Result
from ketaoutcomes.second.check import SAME_OPTIMUM, SAME_SUM, Check, Second, program_of
from ketaoutcomes.second.curves import codes_of, fitted, log_rank
from ketaoutcomes.second.rows import Asked

if TYPE_CHECKING:
    from ketaoutcomes.families.time_to_event.plan import TimeToEventAnalysis

FloatArray = NDArray[np.float64]
KINDS: Final = ("likelihood ratio", "Wald", "score")


def check_all_arms(
    everyone: pd.DataFrame, analysis: "TimeToEventAnalysis", asked: Asked
) -> tuple[Check, ...]:
    """The log-rank test of all arms, and those of a Cox model but for exact ties."""

    def of_curves(_row: Result) -> Second:
        statistic, p_value = log_rank(
            everyone["time"].to_numpy(dtype=float),
            everyone["event"].to_numpy(dtype=float),
            pd.factorize(everyone["arm"].astype(str), sort=True)[0].astype(float),
            codes_of(everyone, analysis.strata),
        )
        return Second(
            program=program_of("statsmodels", "survdiff"),
            tolerance=SAME_SUM,
            test_statistic=statistic,
            p_value=p_value,
        )

    def of_cox(row: Result) -> Second | None:
        if analysis.ties == "exact":
            return None
        return _of_cox(everyone, analysis, row.statistic.removesuffix(" test of all arms"))

    checks = list(asked.checked("log-rank test of all arms", of_curves, contrast=False))
    for kind in KINDS:
        checks += asked.checked(f"{kind} test of all arms", of_cox, contrast=False)
    return tuple(checks)


def _of_cox(everyone: pd.DataFrame, analysis: "TimeToEventAnalysis", kind: str) -> Second:
    """One of the three tests that all arms have one hazard."""
    from scipy.stats import chi2  # noqa: PLC0415 - slow to import

    arms = pd.get_dummies(everyone["arm"].astype(str), drop_first=True, dtype=float)
    others = _covariates(everyone, analysis.covariates)
    k = arms.shape[1]
    full = _model(everyone, analysis, np.column_stack([arms.to_numpy(dtype=float), others]))
    null = fitted(_model(everyone, analysis, others)) if others.shape[1] else None
    start = np.concatenate([np.zeros(k), [] if null is None else null.params])
    if kind == "score":
        score, information = full.score(start), -full.hessian(start)
        statistic = float(score @ np.linalg.solve(information, score))
    else:
        fit = fitted(full)
        beta, covariance = fit.params[:k], fit.cov_params()[:k, :k]
        statistic = (
            float(beta @ np.linalg.solve(covariance, beta))
            if kind == "Wald"
            else float(2 * (fit.llf - full.loglike(start)))
        )
    return Second(
        program=program_of("statsmodels", "PHReg"),
        tolerance=SAME_OPTIMUM,
        test_statistic=statistic,
        p_value=float(chi2.sf(statistic, k)),
    )


def _covariates(everyone: pd.DataFrame, names: tuple[str, ...]) -> FloatArray:
    if not names:
        return np.empty((len(everyone), 0))
    coded = pd.get_dummies(everyone[list(names)], drop_first=True, dtype=float)
    return coded.to_numpy(dtype=float)


def _model(everyone: pd.DataFrame, analysis: "TimeToEventAnalysis", X: FloatArray) -> Any:
    """A Cox model of statsmodels, which has no types."""
    from statsmodels.duration.hazard_regression import PHReg  # noqa: PLC0415 - slow to import

    return PHReg(
        everyone["time"].to_numpy(dtype=float),
        X,
        status=everyone["event"].to_numpy(dtype=float),
        strata=codes_of(everyone, analysis.strata),
        ties=analysis.ties,
    )
