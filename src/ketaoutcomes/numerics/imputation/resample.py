"""The imputation model fitted to many versions of a trial: resampled, or without a subject each.

Everything is done on the sufficient statistics of the visit patterns, so that a version costs the
difference to the whole trial and a few Newton steps from its fit.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ketaoutcomes.numerics.imputation.trial import IncompleteTrial, Parameters
from ketaoutcomes.numerics.mmrm.batch import fit_batch
from ketaoutcomes.numerics.mmrm.covariance import STRUCTURES
from ketaoutcomes.numerics.mmrm.fit import MmrmFit, fit_mmrm
from ketaoutcomes.numerics.mmrm.identify import NotIdentifiedError
from ketaoutcomes.numerics.mmrm.patterns import PatternStatistics

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
IntArray = NDArray[np.int64]

VERSIONS_AT_A_TIME = 64
DEPENDENT = 1e-10


@dataclass(frozen=True)
class Refits:
    """Parameters of each version, and which of the fits converged.

    Attributes
    ----------
    parameters : Parameters
    converged : bool array, shape (M,)
    """

    parameters: Parameters
    converged: BoolArray


def bootstrap_weights(arm: IntArray, n_samples: int, rng: np.random.Generator) -> FloatArray:
    """How often each subject is drawn, with replacement within the arms, shape (n_samples, n)."""
    weights = np.zeros((n_samples, arm.size))
    for code in np.unique(arm):
        members = np.flatnonzero(arm == code)
        drawn = rng.multinomial(members.size, np.full(members.size, 1 / members.size), n_samples)
        weights[:, members] = drawn
    return weights


def jackknife_weights(n: int) -> FloatArray:
    """Each subject left out once, shape (n, n)."""
    return 1.0 - np.eye(n)


def refit(trial: IncompleteTrial, full: MmrmFit, weights: FloatArray) -> Refits:
    """Fit the imputation model to versions of the trial.

    Parameters
    ----------
    full : MmrmFit
        Of the whole trial; its covariance structure is used and its parameters start each fit.
    weights : array, shape (M, n_subjects)
        How often each subject counts.
    """
    blocks = [
        _refit_block(trial, full, weights[start : start + VERSIONS_AT_A_TIME])
        for start in range(0, len(weights), VERSIONS_AT_A_TIME)
    ]
    parameters = Parameters(
        np.concatenate([block.parameters.beta for block in blocks]),
        np.concatenate([block.parameters.sigma for block in blocks]),
    )
    return Refits(parameters, np.concatenate([block.converged for block in blocks]))


def _refit_block(trial: IncompleteTrial, full: MmrmFit, weights: FloatArray) -> Refits:
    statistics, model = full.model.statistics, full.model
    S, n_subjects = _versions(trial, statistics, weights)
    M, K = n_subjects.shape
    beta, theta = np.full((M, full.beta.size), np.nan), np.full((M, full.theta.size), np.nan)
    converged = np.zeros(M, dtype=bool)
    if statistics.n_groups == 1:
        together = PatternStatistics(
            S=S.reshape(M * K, *S.shape[2:]),
            observed=np.tile(statistics.observed, (M, 1)),
            group=np.repeat(np.arange(M), K),
            coordinates=np.tile(statistics.coordinates, (M, 1, 1)),
            n_subjects=n_subjects.reshape(-1),
            log_weight=0.0,
        )
        fits = fit_batch(together, model.structure_name, reml=model.reml, start=full.theta)
        beta, theta, converged = fits.beta, fits.theta, fits.converged
    # arms with covariances of their own, and versions that lack a level of a factor
    for m in np.flatnonzero(~converged):
        alone = _alone(full, S[m], n_subjects[m])
        if alone is not None:
            beta[m], theta[m] = alone
            converged[m] = True
    return Refits(Parameters(beta, _sigma(full, theta)), converged)


def _versions(
    trial: IncompleteTrial, statistics: PatternStatistics, weights: FloatArray
) -> tuple[FloatArray, IntArray]:
    """Statistics of each version, by pattern: sums over subjects and their numbers."""
    rows = trial.rows
    pattern = np.full(len(rows.observed), -1)
    for k in range(len(statistics.n_subjects)):
        same = (rows.observed == statistics.observed[k]).all(axis=1)
        pattern[same & (rows.group == statistics.group[k])] = k
    T, q = rows.Z.shape[1:]
    change = weights - 1
    S = np.broadcast_to(statistics.S, (len(weights), *statistics.S.shape)).copy()
    n_subjects = np.empty((len(weights), len(statistics.n_subjects)), dtype=np.int64)
    for k in range(n_subjects.shape[1]):
        members = np.flatnonzero(pattern == k)
        moved = members[(change[:, members] != 0).any(axis=0)]
        Z = rows.Z[moved].reshape(moved.size, T * q)
        outer = (Z[:, :, None] * Z[:, None, :]).reshape(moved.size, (T * q) ** 2)
        products = (change[:, moved] @ outer).reshape(-1, T, q, T, q)
        S[:, k] += products.transpose(0, 1, 3, 2, 4)
        n_subjects[:, k] = np.rint(weights[:, members].sum(axis=1))
    return S, n_subjects


def _alone(
    full: MmrmFit, S: FloatArray, n_subjects: IntArray
) -> tuple[FloatArray, FloatArray] | None:
    """Coefficients and theta of one version; None where it has no fit.

    A column that the version's subjects cannot tell from others has the coefficient zero.
    """
    model = full.model
    size = np.einsum("kttii->i", model.statistics.S)[:-1]
    present, columns = n_subjects > 0, _independent(S, size)
    kept = np.append(columns, model.statistics.p)
    version = replace(
        model.statistics,
        S=S[present][..., kept[:, None], kept],
        n_subjects=n_subjects[present],
        observed=model.statistics.observed[present],
        group=model.statistics.group[present],
        coordinates=model.statistics.coordinates[present],
    )
    try:
        fit = fit_mmrm(version, model.structure_name, reml=model.reml, start=full.theta)
    except NotIdentifiedError:
        return None
    if not fit.convergence.converged:
        return None
    beta = np.zeros(model.statistics.p)
    beta[columns] = fit.beta
    return beta, fit.theta


def _independent(S: FloatArray, size: FloatArray) -> IntArray:
    """Columns of X that earlier ones do not determine; `size` holds their squares in the trial."""
    total = np.einsum("kttij->ij", S)[:-1, :-1].copy()
    kept = []
    for column in range(len(total)):
        if total[column, column] > DEPENDENT * size[column]:
            kept.append(column)
            total -= np.outer(total[:, column], total[column]) / total[column, column]
    return np.array(kept, dtype=np.int64)


def _sigma(full: MmrmFit, theta: FloatArray) -> FloatArray:
    """Covariances of each group, shape (M, n_groups, n_visits, n_visits)."""
    T, groups = full.model.statistics.n_visits, full.model.statistics.n_groups
    structure = STRUCTURES[full.model.structure_name]
    return structure.matrix(theta.reshape(len(theta), groups, -1), np.zeros((T, T)))
