"""Whether the hazard is the same in all arms: the question before two of them are compared.

Log-rank test of several groups (Mantel 1966, Cancer Chemother Rep 50:163-170), and the likelihood
ratio, Wald and score tests that all hazard ratios of a Cox model are 1 beside its covariates
(Cox 1972, J R Stat Soc B 34:187-220).
"""

from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ketaoutcomes.families.shared.rows import design_of
from ketaoutcomes.families.time_to_event.hazard_ratio import TIES
from ketaoutcomes.families.time_to_event.two_arms import TwoArms, stratum_codes
from ketaoutcomes.numerics.survival.cox_fit import ChiSquared, CoxFit, chi_squared, fit_cox
from ketaoutcomes.numerics.survival.cox_likelihood import evaluate
from ketaoutcomes.numerics.survival.cox_risk_sets import CoxModel, cox_model
from ketaoutcomes.numerics.survival.log_rank import log_rank
from ketaoutcomes.results import Result

FloatArray = NDArray[np.float64]
TABLE: Final = "ttet04"
LOG_RANK: Final = "log-rank test of all arms"
LIKELIHOOD_RATIO: Final = "likelihood ratio test of all arms"
WALD: Final = "Wald test of all arms"
SCORE: Final = "score test of all arms"
OF_COX: Final = (LIKELIHOOD_RATIO, WALD, SCORE)


def all_arms_results(arms: TwoArms) -> tuple[Result, ...]:
    """The tests over all arms of the phase that have subjects; nothing where not asked.

    Parameters
    ----------
    arms : TwoArms
        With the subjects of all arms of the phase.
    """
    if not arms.analysis.all_arms:
        return ()
    labels = _labels(arms)
    words = f"{len(labels)} arms"
    row = replace(arms.common, table=TABLE, group=words)
    strata = "stratified log-rank" if arms.analysis.strata else "log-rank"
    return (
        _log_rank(arms, replace(row, statistic=LOG_RANK, method=f"{strata}, {words}"), labels),
        *_of_cox(arms, replace(row, method=f"Cox model, {TIES[arms.analysis.ties]}"), labels),
    )


def _labels(arms: TwoArms) -> tuple[str, ...]:
    """The arms with subjects, the reference first."""
    others = sorted(set(arms.frame["arm"].unique()) - {arms.reference})
    return (arms.reference, *map(str, others))


def _log_rank(arms: TwoArms, row: Result, labels: tuple[str, ...]) -> Result:
    test = log_rank(
        arms.time,
        arms.event,
        arms.rows["arm"],
        strata=stratum_codes(arms),
        entry=arms.entry,
        groups=labels,
    )
    if test.reason:
        return replace(row, status="failed", message=test.reason)
    return replace(row, test_statistic=test.statistic, df=float(test.df), p_value=test.p_value)


def _of_cox(arms: TwoArms, row: Result, labels: tuple[str, ...]) -> tuple[Result, ...]:
    """The three tests of the arms beside the covariates; each has its own reason to fail."""
    indicators = np.column_stack(
        [(arms.rows["arm"] == arm).to_numpy(dtype=float) for arm in labels[1:]]
    )
    covariates = design_of(arms.rows, arms.active, arms.analysis.covariates).X[:, 1:]
    model = _model(arms, np.column_stack([indicators, covariates]))
    full = fit_cox(model)
    without = fit_cox(_model(arms, covariates)) if covariates.shape[1] else None
    tests = (
        _likelihood_ratio(full, without, indicators.shape[1]),
        _wald(full, indicators.shape[1]),
        _score(model, without, indicators.shape[1]),
    )
    return tuple(
        _tested(replace(row, statistic=statistic), test, full)
        for statistic, test in zip(OF_COX, tests, strict=True)
    )


def _model(arms: TwoArms, X: FloatArray) -> CoxModel:
    return cox_model(
        arms.time,
        arms.event,
        X,
        entry=arms.entry,
        strata=stratum_codes(arms),
        ties=arms.analysis.ties,
    )


def _likelihood_ratio(full: CoxFit, without: CoxFit | None, df: int) -> ChiSquared | None:
    """Twice the gain in log likelihood; it holds where an arm has no event, too."""
    null = full.log_likelihood_null if without is None else without.log_likelihood
    gain = 2 * (full.log_likelihood - null)
    return chi_squared(gain, df) if np.isfinite(gain) else None


def _wald(full: CoxFit, df: int) -> ChiSquared | None:
    """The squared length of the arms' log hazard ratios; None where one has no estimate."""
    beta, covariance = full.beta[:df], full.covariance[:df, :df]
    if not (np.isfinite(beta).all() and np.isfinite(covariance).all()):
        return None
    return chi_squared(float(beta @ np.linalg.solve(covariance, beta)), df)


def _score(model: CoxModel, without: CoxFit | None, df: int) -> ChiSquared | None:
    """The score at equal hazards of all arms, with the covariates' own estimates (Rao 1948)."""
    others = np.zeros(0) if without is None else without.beta
    if model.sets.size == 0 or not np.isfinite(others).all():
        return None
    at = evaluate(model, np.concatenate([np.zeros(df), others]))
    if np.linalg.matrix_rank(at.information) < len(at.score):
        return None
    return chi_squared(float(at.score @ np.linalg.solve(at.information, at.score)), df)


def _tested(row: Result, test: ChiSquared | None, full: CoxFit) -> Result:
    if test is None:
        message = full.convergence.message or "an arm has no event: no finite hazard ratio"
        return replace(row, status="failed", message=message)
    return replace(row, test_statistic=test.statistic, df=float(test.df), p_value=test.p_value)
