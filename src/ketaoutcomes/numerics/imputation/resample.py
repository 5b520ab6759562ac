"""The imputation model fitted to many versions of a trial: resampled, or without a subject each.

Everything is done on the sufficient statistics of the visit patterns, so that a version costs the
difference to the whole trial and a few Newton steps from its fit.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ketaoutcomes.numerics.imputation.trial import IncompleteTrial, Parameters
from ketaoutcomes.numerics.mmrm.batch import fit_sample
from ketaoutcomes.numerics.mmrm.covariance import STRUCTURES
from ketaoutcomes.numerics.mmrm.fit import MmrmFit, fit_mmrm
from ketaoutcomes.numerics.mmrm.identify import NotIdentifiedError
from ketaoutcomes.numerics.mmrm.likelihood import Sample
from ketaoutcomes.numerics.mmrm.model import rough_slopes, slopes
from ketaoutcomes.numerics.mmrm.packed import PackedProducts, WithoutOne
from ketaoutcomes.numerics.mmrm.patterns import PatternStatistics, SubjectRows, pattern_statistics

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
IntArray = NDArray[np.int64]

VERSIONS_AT_A_TIME = 128
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
    pattern = _pattern_of(trial, full.model.statistics)
    blocks = [
        _refit_block(trial, full, pattern, weights[start : start + VERSIONS_AT_A_TIME])
        for start in range(0, len(weights), VERSIONS_AT_A_TIME)
    ]
    parameters = Parameters(
        np.concatenate([block.parameters.beta for block in blocks]),
        np.concatenate([block.parameters.sigma for block in blocks]),
    )
    return Refits(parameters, np.concatenate([block.converged for block in blocks]))


def _pattern_of(trial: IncompleteTrial, statistics: PatternStatistics) -> IntArray:
    """The pattern of each subject, -1 for those the model has not seen."""
    rows = trial.rows
    pattern = np.full(len(rows.observed), -1)
    for k in range(len(statistics.n_subjects)):
        same = (rows.observed == statistics.observed[k]).all(axis=1)
        pattern[same & (rows.group == statistics.group[k])] = k
    return pattern


def _refit_block(
    trial: IncompleteTrial, full: MmrmFit, pattern: IntArray, weights: FloatArray
) -> Refits:
    M, model = len(weights), full.model
    beta, theta = np.full((M, full.beta.size), np.nan), np.full((M, full.theta.size), np.nan)
    converged = np.zeros(M, dtype=bool)
    together = np.flatnonzero(_have_all_columns(trial, weights))
    if model.statistics.n_groups == 1 and together.size:
        alike = _lack_one_each(weights[together])
        sample = _versions(trial, full, pattern, weights[together], one_less=alike)
        excess = _excess_of_rough(full) if alike else None
        fits = fit_sample(sample, model.structure_name, full.theta, excess)
        beta[together], theta[together] = fits.beta, fits.theta
        converged[together] = fits.converged
    # arms with covariances of their own, and versions that lack a level of a factor
    for m in np.flatnonzero(~converged):
        alone = _alone(trial, full, weights[m])
        if alone is not None:
            beta[m], theta[m] = alone
            converged[m] = True
    return Refits(Parameters(beta, _sigma(full, theta)), converged)


def _have_all_columns(trial: IncompleteTrial, weights: FloatArray) -> BoolArray:
    """Which versions have something in each column: a difference of sums would hold rounding."""
    squares = (trial.rows.Z**2).sum(axis=1)
    return np.asarray((weights @ squares > DEPENDENT * squares.sum(axis=0)).all(axis=1))


def _lack_one_each(weights: FloatArray) -> bool:
    """Whether each version is the trial without one subject."""
    zeros, ones = (weights == 0).sum(axis=1), (weights == 1).sum(axis=1)
    return bool(((zeros == 1) & (ones == weights.shape[1] - 1)).all())


def _excess_of_rough(full: MmrmFit) -> FloatArray:
    """By how much the rough Hessian of the whole trial is larger than the exact one."""
    rough, exact = (by(full.own_model, full.theta, full.at) for by in (rough_slopes, slopes))
    return np.asarray(rough.hessian - exact.hessian)


def _versions(
    trial: IncompleteTrial,
    full: MmrmFit,
    pattern: IntArray,
    weights: FloatArray,
    *,
    one_less: bool,
) -> Sample:
    """Packed statistics of each version: those of the trial, and what its subjects change."""
    statistics, M = full.model.statistics, len(weights)
    n_subjects = weights @ (pattern[:, None] == np.arange(len(statistics.n_subjects)))
    products = full.model.sample.products
    if one_less:
        left_out = weights.argmin(axis=1)
        rows = trial.rows.Z[left_out]  # zero of a subject without outcomes
        products = WithoutOne(
            products.flat,
            products.n_patterns,
            products.n_visits,
            products.n_columns,
            rows=rows,
            pattern=np.maximum(pattern[left_out], 0),
            scale=np.ones((M, rows.shape[-1])),
        )
    else:
        products = _changed(trial, products, pattern, weights - 1)
    return Sample(
        products=products,
        observed=np.broadcast_to(statistics.observed, (M, *statistics.observed.shape)),
        n_subjects=np.rint(n_subjects).astype(np.int64),
        log_weight=np.zeros(M),
        reml=full.model.reml,
    )


def _changed(
    trial: IncompleteTrial, whole: PackedProducts, pattern: IntArray, change: FloatArray
) -> PackedProducts:
    """The products of each version, whose subjects count by so much more."""
    M, K = len(change), whole.n_patterns
    shape = (M, K, whole.flat.shape[0] // K, whole.flat.shape[1])
    flat = np.broadcast_to(whole.flat.reshape(shape[1:]), shape).copy()
    for k in range(K):
        members = np.flatnonzero(pattern == k)
        moved = members[(change[:, members] != 0).any(axis=0)]
        own = PackedProducts.of_subjects(trial.rows.Z[moved]).flat
        flat[:, k] += (change[:, moved] @ own.reshape(moved.size, shape[2] * shape[3])).reshape(
            M, *shape[2:]
        )
    return replace(whole, flat=flat.reshape(M, -1, shape[3]))


def _alone(
    trial: IncompleteTrial, full: MmrmFit, weights: FloatArray
) -> tuple[FloatArray, FloatArray] | None:
    """Coefficients and theta of one version; None where it has no fit.

    A column that the version's subjects cannot tell from others has the coefficient zero.
    """
    model, rows = full.model, trial.rows
    drawn = np.repeat(np.arange(weights.size), weights.astype(int))
    columns = _independent(pattern_statistics(_of(rows, drawn)), model.statistics)
    version = pattern_statistics(_of(rows, drawn, columns))
    try:
        fit = fit_mmrm(version, model.structure_name, reml=model.reml, start=full.theta)
    except NotIdentifiedError:
        return None
    if not fit.convergence.converged:
        return None
    beta = np.zeros(model.statistics.p)
    beta[columns] = fit.beta
    return beta, fit.theta


def _of(rows: SubjectRows, drawn: IntArray, columns: IntArray | None = None) -> SubjectRows:
    """Some of the subjects, one as often as it is drawn, and of the columns of X."""
    Z = rows.Z[drawn]
    if columns is not None:
        Z = np.concatenate([Z[..., columns], Z[..., -1:]], axis=-1)
    return SubjectRows(
        Z=Z,
        observed=rows.observed[drawn],
        group=rows.group[drawn],
        coordinates=rows.coordinates[drawn],
        root_weight=rows.root_weight[drawn],
    )


def _independent(version: PatternStatistics, whole: PatternStatistics) -> IntArray:
    """Columns of X that earlier ones do not determine in a version."""
    total = np.einsum("kttij->ij", version.S)[:-1, :-1].copy()
    size = np.einsum("kttii->i", whole.S)[:-1]
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
