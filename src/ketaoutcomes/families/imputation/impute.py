"""An endpoint with missing outcomes becomes completed datasets."""

from dataclasses import dataclass, field, replace
from functools import lru_cache
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray

from ketaoutcomes.endpoints.data import BinaryData, ChangeData, EndpointData
from ketaoutcomes.families.imputation.data import ImputedData, NotImputed
from ketaoutcomes.families.imputation.plan import (
    ConditionalMeanAnalysis,
    DeltaPart,
    ImputationPart,
    MultipleImputationAnalysis,
    TippingPointAnalysis,
)
from ketaoutcomes.families.imputation.trial import Prepared, prepare_trial
from ketaoutcomes.numerics.imputation.complete import complete
from ketaoutcomes.numerics.imputation.posterior import draw_posterior
from ketaoutcomes.numerics.imputation.resample import (
    Refits,
    bootstrap_weights,
    jackknife_weights,
    refit,
)
from ketaoutcomes.numerics.imputation.trial import IncompleteTrial, Parameters, moved_outcomes
from ketaoutcomes.numerics.mmrm.fit import MmrmFit, fit_mmrm
from ketaoutcomes.numerics.mmrm.identify import NotIdentifiedError
from ketaoutcomes.plan import AnalysisPlan
from ketaoutcomes.plan.endpoints import EndpointOfCut, ResponseEndpoint

FloatArray = NDArray[np.float64]

MOST_FAILED = 0.1
"""Share of the bootstrap samples that may fail to converge: above it the rest is no fair sample."""


@dataclass(frozen=True)
class _Completed:
    """Changes of each dataset and how often each subject counts in it."""

    values: FloatArray
    resampled: FloatArray | None = None
    resampling: str = ""


def impute_endpoint(
    plan: AnalysisPlan, name: str, endpoint: EndpointData
) -> EndpointData | ImputedData | NotImputed:
    """Fill in the missing outcomes of an analysis that asks for it; others pass as they are."""
    analysis = plan.analyses[name]
    if not isinstance(analysis, ImputationPart):
        return endpoint
    assert isinstance(endpoint, ChangeData | BinaryData)
    reference = plan.estimands[analysis.estimand].treatment.reference
    found = impute_scores(endpoint, analysis, reference)
    if isinstance(endpoint, ChangeData) or isinstance(found, NotImputed):
        return found
    return replace(found, values=_outcomes(plan, endpoint, found))


def impute_scores(
    endpoint: ChangeData | BinaryData, analysis: ImputationPart, reference: str
) -> ImputedData | NotImputed:
    """Fill in the missing changes of an endpoint.

    Parameters
    ----------
    reference : str
        The arm from which the strategies borrow.
    """
    prepared = prepare_trial(endpoint, analysis, reference)
    try:
        completed = _completed(prepared, analysis)
    except (NotIdentifiedError, np.linalg.LinAlgError, ValueError) as error:
        return NotImputed(endpoint, f"the imputation model could not be fitted: {error}")
    values: FloatArray = completed.values + _delta(prepared, analysis)
    return ImputedData(
        endpoint=endpoint,
        arms=prepared.arms,
        visits=prepared.visits,
        trial=prepared.trial,
        covariates=prepared.covariates,
        values=values,
        events=prepared.events,
        baseline=prepared.baseline,
        resampled=completed.resampled,
        resampling=completed.resampling,
        filled_baselines=prepared.filled_baselines,
    )


def _completed(prepared: Prepared, analysis: ImputationPart) -> _Completed:
    """Changes with those missing filled in.

    Raises
    ------
    NotIdentifiedError
        If the imputation model has no fit, or too many of its versions have none.
    """
    trial = prepared.trial
    fit = fit_mmrm(trial.statistics, analysis.covariance, visits=prepared.visits)
    if not fit.convergence.converged:
        raise NotIdentifiedError("; ".join(fit.convergence.messages))
    match analysis:
        case MultipleImputationAnalysis():
            bayesian = analysis.draws == "bayesian"
            return _imputations(trial, fit, analysis.imputations, analysis.seed, bayesian=bayesian)
        case TippingPointAnalysis(imputed_by="multiple_imputation"):
            return _imputations(trial, fit, analysis.imputations, analysis.seed, bayesian=True)
        case ConditionalMeanAnalysis(resampling="bootstrap"):
            rng = np.random.default_rng(analysis.seed)
            weights = bootstrap_weights(trial.arm, analysis.resamples, rng)
            refits = refit(trial, fit, weights)
            return _conditional_means(trial, fit, weights, refits, "bootstrap")
    refits = _jackknifed(_Jackknife.of(trial, fit))
    if not refits.converged.all():
        raise NotIdentifiedError(
            f"{int((~refits.converged).sum())} fits without a participant did not converge"
        )
    return _conditional_means(trial, fit, jackknife_weights(trial.arm.size), refits, "jackknife")


def _imputations(
    trial: IncompleteTrial, fit: MmrmFit, n: int, seed: int, *, bayesian: bool
) -> _Completed:
    """Draws of the parameters and, given them, of the missing outcomes."""
    rng = np.random.default_rng(seed)
    draw = draw_posterior(fit, n, rng) if bayesian else _bootstrap_draws(trial, fit, n, rng)
    return _Completed(complete(trial, draw, rng))


def _bootstrap_draws(
    trial: IncompleteTrial, fit: MmrmFit, n: int, rng: np.random.Generator
) -> Parameters:
    """Estimates of bootstrap samples, in place of draws from a posterior; more where some fail.

    Little & Rubin 2002, Statistical Analysis with Missing Data, section 10.2.3.
    """
    spare = int(np.ceil(MOST_FAILED * n))
    refits = refit(trial, fit, bootstrap_weights(trial.arm, n + spare, rng))
    good = np.flatnonzero(refits.converged)[:n]
    _refuse_failures(n + spare - int(refits.converged.sum()), n + spare)
    return Parameters(refits.parameters.beta[good], refits.parameters.sigma[good])


@dataclass(frozen=True)
class _Jackknife:
    """The imputation model of a trial without each subject in turn, known by what is fitted.

    A plan asks several analyses of the same trial; where an event changes no row that the model
    sees, their jackknives are one.
    """

    key: str
    trial: IncompleteTrial = field(compare=False)
    fit: MmrmFit = field(compare=False)

    @classmethod
    def of(cls, trial: IncompleteTrial, fit: MmrmFit) -> "_Jackknife":
        """All that the fits depend on: the rows, the model and where they start."""
        rows = trial.rows
        seen = sha256(f"{fit.model.structure_name} {fit.model.reml}".encode())
        arrays = (rows.Z, rows.observed, rows.group, rows.coordinates, rows.root_weight)
        for array in (*arrays, fit.beta, fit.theta):
            seen.update(f"{array.dtype} {array.shape}".encode())
            seen.update(array.tobytes())
        return cls(seen.hexdigest(), trial, fit)


@lru_cache(maxsize=1)
def _jackknifed(asked: _Jackknife) -> Refits:
    return refit(asked.trial, asked.fit, jackknife_weights(asked.trial.arm.size))


def _conditional_means(
    trial: IncompleteTrial, fit: MmrmFit, weights: FloatArray, refits: Refits, resampling: str
) -> _Completed:
    """Means of the missing outcomes in the whole trial, then in each version of it."""
    good = refits.converged
    _refuse_failures(int((~good).sum()), good.size)
    parameters = Parameters(
        np.concatenate([fit.beta[None], refits.parameters.beta[good]]),
        np.concatenate([fit.covariance[None], refits.parameters.sigma[good]]),
    )
    counted = np.concatenate([np.ones((1, weights.shape[1])), weights[good]])
    return _Completed(complete(trial, parameters), counted, resampling)


def _refuse_failures(failed: int, of: int) -> None:
    if failed > MOST_FAILED * of:
        raise NotIdentifiedError(f"{failed} of {of} fits to resampled trials did not converge")


def _delta(prepared: Prepared, analysis: ImputationPart) -> FloatArray:
    """Points added to the imputed scores of each arm, shape (n_subjects, n_visits)."""
    trial = prepared.trial
    if not isinstance(analysis, DeltaPart):
        return np.zeros(trial.y.shape)
    by_arm = np.array([analysis.delta.get(arm, 0.0) for arm in prepared.arms])
    moved = moved_outcomes(trial, after_the_event_only=analysis.after_the_event_only)
    times = np.cumsum(~trial.before, axis=1) if analysis.delta_per_visit else 1
    return np.asarray(by_arm[trial.arm][:, None] * times * moved)


def _outcomes(plan: AnalysisPlan, endpoint: BinaryData, found: ImputedData) -> FloatArray:
    """Success or failure: as observed, else by the rule of the endpoint on the imputed score."""
    rule = plan.endpoints[endpoint.name]
    assert isinstance(rule, ResponseEndpoint | EndpointOfCut)
    values, baseline = found.values, found.baseline[:, None]
    met = rule.met(values + baseline, baseline, plan.scale(endpoint.scale))
    frame = endpoint.frame
    column = frame.loc[frame["visit"].isin(found.visits), "outcome"].to_numpy(dtype=float)
    known = column.reshape(-1, len(found.visits))
    # what could not be imputed is neither a success nor a failure
    imputed = np.where(np.isnan(values), np.nan, met.astype(float))
    return np.where(np.isnan(known), imputed, known)
